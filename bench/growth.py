"""One append with many entries stored against one with few, on each database: it must not grow with the ledger.

The stored rows are made, not sealed one by one: streams of twenty entries each, a key an entry, row tags spread evenly over
all there can be, so that every look-up falls into an index of full depth at a place of chance, as in life. Every row has
the size of a real one. `bench/store.py growth` calls this.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.ledger.stores import Cluster, Place, founded

from everystone.ledger.book.log import COLUMNS, place_of
from everystone.ledger.entry import Entry
from everystone.ledger.seal.header import leaf
from everystone.ledger.seal.tree import Edge

A_STREAM = 20
AT_ONCE = 100_000
ROUNDS, APPENDS = 15, 40
#: Sixteen bytes that rise with their number and are spread over the whole range.
SPREAD = 1 << 128
Rows = Iterable[Sequence[object]]


def grown(
    folder: Path, server: Cluster | None, few: int, many: int, entry: Callable[[int, str], Entry]
) -> dict[str, Any]:
    """Microseconds for an append among few and among many, taken in turns; the ratio is the median of the rounds' ratios."""
    places = []
    for name, count in (("few", few), ("many", many)):
        at = server.new() if server else str(folder / name)
        places.append(founded(at, str(folder / f"{'server' if server else 'file'}-{name}-keys")))
        fill(places[-1], count, entry)
    books = [place.open() for place in places]
    for book in books:
        book.append([entry(each, "/warm") for each in range(400)])
    rounds: list[list[float]] = []
    for turn in range(ROUNDS):
        times = []
        for book in books:
            fresh = [entry(each * 31, f"/grown{turn}-{each % 7}") for each in range(APPENDS)]
            began = time.perf_counter()
            for each in fresh:
                book.append([each])
            times.append((time.perf_counter() - began) / APPENDS * 1e6)
        rounds.append(times)
    return {"stored_few": few, "stored_many": many,
            "append_many_to_few": round(statistics.median(large / small for small, large in rounds), 2),
            "us_few": round(statistics.median(small for small, _ in rounds)),
            "us_many": round(statistics.median(large for _, large in rounds))}  # fmt: skip


def fill(place: Place, count: int, entry: Callable[[int, str], Entry]) -> None:
    """So many entries, with their streams, tiles and keys, as they are stored."""
    book = place.open()
    book.append([entry(7, "/model")])
    model = book.entries.rows(0, 1)[0]
    for each in (book.database, book.keys.database):
        each.connection.close()
    with _unguarded(place.raw()) as add:
        add("ledger_entry_stream", "id, chain, tag, name",
            ((each, tag(each, count // A_STREAM), tag(each, count // A_STREAM), os.urandom(40)) for each in range(2, count // A_STREAM + 1)))  # fmt: skip
        add("ledger_entry", COLUMNS,
            ((each, (each - 1) // A_STREAM + 1, (each - 1) % A_STREAM + 1, tag(each, count), each, model.header, model.payload)
             for each in range(2, count + 1)))  # fmt: skip
        edge = Edge()
        for first in range(0, count, AT_ONCE):
            full = edge.add([leaf(model.header)] * (min(first + AT_ONCE, count) - first))
            add("ledger_entry_tile", "place, hashes", ((place_of(at), hashes) for at, hashes in full))
        add("", "UPDATE ledger_entry_head SET size = ?, streams = ?, keys = ?, edge = ?",
            [(count, count // A_STREAM, count, edge.write())])  # fmt: skip
    keys = sqlite3.connect(place.keys)
    with keys:
        keys.executemany(
            "INSERT OR IGNORE INTO key_secret (id, secret) VALUES (?, ?)",
            ((each, os.urandom(32)) for each in range(1, count + 1)),
        )
    keys.close()


def tag(number: int, of: int) -> bytes:
    """A tag that no other number has, evenly spread."""
    return (number * (SPREAD // (of + 2))).to_bytes(16, "big")


@contextmanager
def _unguarded(raw: Any) -> Iterator[Callable[[str, str, Rows], None]]:
    """Adds rows to a table, past the triggers and in one transaction; the triggers are put back."""
    guarded = _unguarded_file if isinstance(raw, sqlite3.Connection) else _unguarded_server
    with guarded(raw) as add:
        yield add
    raw.close()


@contextmanager
def _unguarded_file(raw: sqlite3.Connection) -> Iterator[Callable[[str, str, Rows], None]]:
    for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-1000000"):
        raw.execute(f"PRAGMA {pragma}")
    triggers = raw.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'ledger_entry%'"
    )
    held = triggers.fetchall()

    def add(table: str, columns: str, rows: Rows) -> None:
        marks = ", ".join("?" * (columns.count(",") + 1))
        raw.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})" if table else columns, rows)

    raw.execute("BEGIN")
    for name, _ in held:
        raw.execute(f"DROP TRIGGER {name}")
    yield add
    for _, sql in held:
        raw.execute(sql)
    raw.execute("COMMIT")


@contextmanager
def _unguarded_server(raw: Any) -> Iterator[Callable[[str, str, Rows], None]]:
    def add(table: str, columns: str, rows: Rows) -> None:
        with raw.cursor() as cursor:
            if not table:
                cursor.executemany(columns.replace("?", "%s"), rows)
                return
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    raw.execute("SET session_replication_role = replica")
    with raw.transaction():
        yield add
    raw.execute("VACUUM ANALYZE")
    raw.execute("CHECKPOINT")
