"""The store's figures as ratios, in one run: appends against bare inserts, proofs, verification against bare hashing, mirror.

python bench/store.py           a quick run (100,000 entries; 200,000 stored for the append that must not grow)
FULL=1 python bench/store.py    the sizes of the promises (1,000,000 and 10,000,000), on the disk of FOLDER (default /tmp);
                                the ten million take a quarter of an hour and 30 GB
python bench/store.py append    one part alone: append, large or growth
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from growth import grown
from tests.ledger.stores import NOW, Cluster, Place, founded

from everystone.ledger.book.log import COLUMNS, ENTRIES
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.book.verify import verify
from everystone.ledger.entry import Capacity, Entry, Source
from everystone.ledger.seal.disclosure import commitments, disclosures, lines_of
from everystone.ledger.seal.header import leaf
from everystone.ledger.seal.payload import seal, unseal

FULL = bool(os.environ.get("FULL"))
ENTRIES_STORED, MANY_STORED, FEW_STORED = (1_000_000, 10_000_000, 10_000) if FULL else (100_000, 200_000, 10_000)
WHO = Capacity("officer", "constable", "North Team")


def entry(number: int, name: str = "") -> Entry:
    """An entry as an extract brings them: a dozen lines, a short note."""
    at = NOW + number
    data = {"where": "at home", "with": ["C1"], "text": f"Visited and spoke with the child alone, note {number}."}
    return Entry(0, f"case/{number // 20}{name}", "note.added", (f"C{number % 7}",), at, at, at, NOW, f"O{number % 50}", WHO, data,
                 Source("extract", "force", f"row-{number}{name}", False))  # fmt: skip


def per(count: int, act: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Microseconds a piece."""
    began = clock()
    act()
    return (clock() - began) / count * 1e6


def bare_table(place: Place) -> tuple[Any, str]:
    """A connection with the same durability and a table of the same columns with nothing but its key."""
    raw, server = place.raw(), place.ledger.startswith("postgresql")
    whole, octets, mark = ("BIGINT", "BYTEA", "%s") if server else ("INTEGER", "BLOB", "?")
    if not server:
        raw.execute("PRAGMA journal_mode=persist")
        raw.execute("PRAGMA synchronous=FULL")
    raw.execute(f"CREATE TABLE bare (number {whole} PRIMARY KEY, stream {whole}, seq {whole}, tag {octets}, key {whole}, "
                f"header {octets}, payload {octets})")  # fmt: skip
    return raw, f"INSERT INTO bare ({COLUMNS}) VALUES ({', '.join([mark] * 7)})"


def single(place: Place, rounds: int = 12, count: int = 60) -> dict[str, float]:
    """Durable single appends against a bare insert of the same row, taken in turns; the medians of the rounds.

    The bare insert is as little as there can be: the row ready made, one prepared statement committed by itself with the
    same durability, into a table of the same columns with nothing but its primary key. An append also numbers, chains,
    seals and encrypts, refuses what is there already, and keeps two more indexes, a foreign key and two triggers. Entries
    come as an extract brings them, twenty to a case; stated apart: two writers taking turns on the same cases.
    """
    book, other, (raw, insert) = place.open(), place.open(), bare_table(place)
    for each in (book, other):
        each.append([entry(0, f"first{id(each)}")])
    found: list[tuple[float, float, float]] = []
    for at in range(rounds):
        entries, more = ([entry(each, f"/{at}{kind}") for each in range(count)] for kind in "ab")
        ours = per(count, lambda: [book.append([each]) for each in entries])  # noqa: B023 - called at once
        size = book.entries.head().size
        rows = [tuple(row) for row in book.entries.rows(size - count, size)]
        theirs = per(count, lambda: [raw.execute(insert, row) for row in rows])  # noqa: B023
        turns = per(count, lambda: [(book, other)[at % 2].append([each]) for at, each in enumerate(more)])  # noqa: B023
        found.append((ours, theirs, turns))
    return {
        "appends_to_inserts": round(statistics.median(theirs / ours for ours, theirs, _ in found), 2),
        "two_writers_in_turn_to_inserts": round(statistics.median(theirs / turns for _, theirs, turns in found), 2),
        "us_append": round(statistics.median(ours for ours, _, _ in found)),
        "us_bare_insert": round(statistics.median(theirs for _, theirs, _ in found)),
    }


def bulk(place: Place, count: int) -> dict[str, float]:
    """Appends of many entries against inserting the same rows, and what each step costs an entry (user CPU)."""
    book, (raw, insert) = place.open(), bare_table(place)
    entries = [entry(each, "/bulk") for each in range(count)]
    ours = per(count, lambda: book.append(entries))
    ours_cpu = per(count, lambda: book.append([entry(each, "/cpu") for each in range(count)]), time.process_time)
    rows: list[Any] = [tuple(row) for row in book.entries.rows(0, count)]

    def insert_all() -> None:
        raw.execute("BEGIN")
        raw.cursor().executemany(insert, rows)
        raw.execute("COMMIT")

    theirs = per(count, insert_all)
    lines = [lines_of(each) for each in entries[:5_000]]
    some, secret = 5_000, bytes(32)
    sealed = [seal(each, secret).stored for each in lines]
    return {
        "bulk_to_inserts": round(theirs / ours, 3), "us_entry": round(ours, 1), "us_entry_cpu": round(ours_cpu, 1),
        "us_bare_insert": round(theirs, 1),
        "us_lines": round(per(some, lambda: [lines_of(each) for each in entries[:some]]), 1),
        "us_commitments": round(per(some, lambda: [commitments(disclosures(each, bytes(18 * len(each)))) for each in lines]), 1),
        "us_seal_whole": round(per(some, lambda: [seal(each, secret) for each in lines]), 1),
        "us_open": round(per(some, lambda: [unseal(each, secret) for each in sealed]), 1),
        "us_hash_of_header": round(per(some, lambda: [leaf(row[5]) for row in rows[:some]]), 2),
    }  # fmt: skip


def proofs(book: SqlBook) -> dict[str, float]:
    """Milliseconds for an inclusion and a consistency proof, each from a fresh look at the head."""
    size = book.entries.head().size
    found: dict[str, float] = {"leaves": size}
    for name, make in (
        ("inclusion", lambda at: book.entries.tree().inclusion(at, size)),
        ("consistency", lambda at: book.entries.tree().consistency(at + 1, size)),
    ):
        times = sorted(per(1, lambda at=at, make=make: make(at)) for at in range(7, size - 1, size // 400))  # type: ignore[misc]
        found[f"ms_{name}_median"] = round(times[len(times) // 2] / 1000, 3)
        found[f"ms_{name}_95th"] = round(times[int(len(times) * 0.95)] / 1000, 3)
    return found


def verification(book: SqlBook) -> dict[str, float]:
    """Verification without payloads against a loop of as many SHA-256 calls over the same lengths, in turns; CPU time."""
    size = book.entries.head().size
    length = len(bytes(book.entries.rows(0, 1)[0].header)) + 1
    header, node = bytes(length), bytes(65)

    def bare() -> None:
        for _ in range(size):
            hashlib.sha256(header).digest()
        for _ in range(size):
            hashlib.sha256(node).digest()

    def whole(payloads: bool) -> None:
        assert verify(book, payloads).sound

    rounds = [
        (per(size, lambda: whole(False), time.process_time), per(size, bare, time.process_time)) for _ in range(3)
    ]
    return {
        "verify_to_bare_hashing": round(statistics.median(ours / theirs for ours, theirs in rounds), 2),
        "us_entry": round(min(ours for ours, _ in rounds), 2), "us_bare": round(min(theirs for _, theirs in rounds), 2),
        "us_entry_with_payloads": round(per(size, lambda: whole(True), time.process_time), 1),
    }  # fmt: skip


def mirrored(place: Place, folder: Path) -> dict[str, float]:
    """A whole mirror, in a process of its own."""
    script = (
        "import sys, resource; from pathlib import Path; from tests.ledger.stores import Place; "
        "from everystone.ledger.book.mirror import Mirror; book = Place(sys.argv[1], sys.argv[2]).open(); "
        "Mirror(Path(sys.argv[3]), {'note.added': ['text']}, {}).follow(book); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script, place.ledger, place.keys, str(folder / "mirror")], check=True,
                          capture_output=True, text=True, cwd=Path(__file__).parents[1])  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": round(time.perf_counter() - began, 1), "seconds_cpu": round(cpu, 1), "peak_mb": int(done.stdout)}


def main() -> None:
    """Print the figures as JSON."""
    folder = Path(tempfile.mkdtemp(prefix="everystone-bench-", dir=os.environ.get("FOLDER")))
    figures: dict[str, Any] = {}
    only = set(sys.argv[1:])
    try:
        if not only or "append" in only:
            for name in ("sqlite", "postgresql"):
                cluster = Cluster(folder) if name == "postgresql" else None
                at = [cluster.new() if cluster else str(folder / f"single{each}") for each in range(2)]
                one, other = (founded(ledger, str(folder / f"{name}-keys{each}")) for each, ledger in enumerate(at))
                figures[name] = {"single": single(one), "bulk": bulk(other, 20_000)}
                if cluster:
                    cluster.stop()
        if not only or "large" in only:
            place = founded(str(folder / "large"), str(folder / "large-keys"))
            book = place.open()
            for first in range(0, ENTRIES_STORED, 50_000):
                book.append([entry(each) for each in range(first, first + 50_000)])
            figures["stored"] = {
                "entries": ENTRIES_STORED,
                "bytes_an_entry": round((folder / "large").stat().st_size / ENTRIES_STORED),
            }
            figures["proofs"], figures["verify"] = proofs(book), verification(book)
            figures["mirror"] = mirrored(place, folder)
            assert book.entries.name == ENTRIES
        if not only or "growth" in only:
            for server in (None, Cluster(folder)):
                name = "postgresql" if server else "sqlite"
                figures[f"growth_{name}"] = grown(folder, server, FEW_STORED, MANY_STORED, entry)
                if server:
                    server.stop()
        print(json.dumps(figures, indent=1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
