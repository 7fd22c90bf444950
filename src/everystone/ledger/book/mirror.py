"""A mirror: the live ledger as case-sorted Parquet for the evaluators, followed by position, never behind by accident.

It is private to its owner and holds no sealed stream. Its state says which position it has reached and the root of the
ledger's tree there, so that it never goes on from another ledger, or from one that was set back.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from everystone.ledger.book.parquet import FOLLOWS, ParquetBook
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.fault import Fault

AT_ONCE = 50_000


class Mirror:
    """A folder that follows a ledger; `texts` and `people` are a pack's, as ParquetBook takes them."""

    name = "mirror"

    def __init__(self, place: Path, texts: Mapping[str, Sequence[str]], people: Mapping[str, Sequence[str]]) -> None:
        self.place, self.texts, self.people = place, texts, people

    @property
    def book(self) -> ParquetBook:
        """The mirror as the evaluators read it."""
        return ParquetBook(self.place, self.texts, self.people)

    def here(self) -> bool:
        """Whether the folder is still there."""
        return (self.place / FOLLOWS).exists()

    def position(self) -> int:
        """The number of the last entry of the ledger that it has."""
        return int(self._state()["position"])

    def follow(self, ledger: SqlBook, progress: Callable[[float], None] | None = None) -> int:
        """Add what the ledger has and it has not; gives back the position reached. May be stopped at any instant.

        Raises Fault where the folder holds something else, or the ledger is not the one followed so far.
        """
        book = self.book
        state = self._state()
        self._same_ledger(ledger, state)
        if not state["log"]:
            self._write_state(ledger, 0, 0)
        self._drop_half_written(book, state)
        upto = ledger.entries.head().size
        for after in range(state["position"], upto, AT_ONCE):
            reached = min(after + AT_ONCE, upto)
            entries = ledger.entries_after(after, reached)
            if entries:
                book.carry(entries)
            self._write_state(ledger, reached, len(book.parts))
            if progress:
                progress(reached / upto)
        self._carry_coverage(ledger, book)
        return upto

    def rebuild(self, ledger: SqlBook, progress: Callable[[float], None] | None = None) -> bool:
        """Make it anew from the first entry and put it in the place of the live one; whether both were equal.

        An entry whose key was destroyed in between is in the old one and not in the new: then they are not equal.
        """
        beside = self.place.with_name(self.place.name + ".new")
        shutil.rmtree(beside, ignore_errors=True)
        made = Mirror(beside, self.texts, self.people)
        made.follow(ledger, progress)
        equal = made.digest(self.position()) == self.digest(self.position())
        old = self.place.with_name(self.place.name + ".old")
        self.place.rename(old)
        beside.rename(self.place)
        shutil.rmtree(old)
        return equal

    def digest(self, upto: int) -> str:
        """One digest over every row up to a position, whatever parts it lies in."""
        book, found = self.book, sha256()
        for table, order in (("entries", "number"), ("narrative", "number, field")):
            rows = book.query(f"SELECT * FROM {table} WHERE number <= ? ORDER BY {order}", [upto])
            for part in rows.to_arrow_reader(10_000):
                for row in part.to_pylist():
                    found.update(repr(row).encode())
        return found.hexdigest()

    # ---- its state -------------------------------------------------------------------------------------------------

    def _state(self) -> dict[str, Any]:
        path = self.place / FOLLOWS
        if path.exists():
            return dict(json.loads(path.read_text(encoding="utf-8")))
        if self.place.exists() and any(path.suffix != ".half" for path in self.place.iterdir()):
            raise Fault(f"{self.place} holds files that are no mirror. Nothing was written. Give an empty folder.")
        return {"written_by": "everystone", "log": "", "position": 0, "root": "", "parts": 0}

    def _write_state(self, ledger: SqlBook, position: int, parts: int) -> None:
        said = {"written_by": "everystone", "log": ledger.keys.log.hex(), "position": position,
                "root": ledger.entries.tree().root(position).hex(), "parts": parts}  # fmt: skip
        half = self.place / (FOLLOWS + ".half")
        half.write_text(json.dumps(said, indent=1), encoding="utf-8")
        half.chmod(0o600)
        half.replace(self.place / FOLLOWS)

    @staticmethod
    def _same_ledger(ledger: SqlBook, state: Mapping[str, Any]) -> None:
        if state["log"] not in ("", ledger.keys.log.hex()):
            raise Fault("This mirror follows another ledger. Nothing was written. Give it a folder of its own.")
        position, tree = state["position"], ledger.entries.tree()
        if position > tree.edge.size or (position and tree.root(position).hex() != state["root"]):
            raise Fault(
                f"The ledger is no longer the one that was mirrored up to entry {position:,}: it was set back or rewritten. "
                "Nothing was written. Run `everystone verify --all`."
            )

    @staticmethod
    def _drop_half_written(book: ParquetBook, state: Mapping[str, Any]) -> None:
        for pattern in ("part-*.entries.parquet", "part-*.narrative.parquet"):
            for path in book.folder.glob(pattern):
                if int(path.name[5:10]) > state["parts"]:
                    path.unlink()
        for path in book.folder.glob("*.half"):
            path.unlink()

    @staticmethod
    def _carry_coverage(ledger: SqlBook, book: ParquetBook) -> None:
        holdings = ledger.coverage().holdings
        if holdings is not None:
            book.state(holdings)
