"""Write the frozen ledger of this release's format, once, when the format is new: python -m tests.ledger.freeze"""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from everystone.ledger.book.log import newest
from everystone.ledger.book.verify import verify
from everystone.ledger.coverage import Holding
from tests.ledger.stores import NOW, founded, opened
from tests.ledger.test_books import entry


def main() -> None:
    """A ledger of forty entries with corrections, a sealed stream, a destroyed key, readings and holdings, as SQL."""
    with TemporaryDirectory() as folder:
        place = founded(f"{folder}/ledger", f"{folder}/keys")
        with opened(place) as book:
            format_ = newest(book.database)
            to = Path(__file__).parent / "frozen" / str(format_)
            if to.exists():
                sys.exit(f"{to} is there already: what is frozen is never written again.")
            book.append(
                [entry("k1"), entry("k2", corrects="k1", by="O2"), entry("k3", withdraws="k2")], request="form-1"
            )
            book.append([entry(f"n{each}", stream=f"case/{each % 4}", accepted=NOW + each) for each in range(36)])
            book.append([entry("s1", stream="conduct/1", accepted=NOW - 500)])
            book.hold([Holding(frozenset({"note.added"}))])
            book.keys.destroy([7], NOW)
            oak = book.read("case/Oak")
            verdict = verify(book)
            told = {
                "notes": verdict.notes,
                "checkpoints": {name: [size, root.hex()] for name, (size, root) in verdict.checkpoints.items()},
                "case/Oak": [[each.number, each.key, each.by, each.data] for each in oak],
                "proof of entry 5": [each.hex() for each in book.entries.tree().inclusion(4, 40)],
            }
        to.mkdir(parents=True)
        (to / "told.json").write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
        for name in ("ledger", "keys"):
            with sqlite3.connect(f"{folder}/{name}") as connection:
                (to / f"{name}.sql").write_text("\n".join(connection.iterdump()), encoding="utf-8")


if __name__ == "__main__":
    main()
