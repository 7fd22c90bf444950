"""A book with some streams of another and nothing else."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from everystone.ledger.book.parquet import ENTRIES, ParquetBook, groups_of
from everystone.ledger.book.rows import ROW_GROUP

#: Columns of few different texts, which are read as numbers of them.
OFTEN = ["stream", "kind", "by", "role", "rank", "team", "source", "channel", "corrects", "withdraws", "late_reason",
         "quote_of"]  # fmt: skip
AHEAD = 16  # groups of rows that are read before those read first are written


def apart(book: ParquetBook, streams: Iterable[str], folder: Path, *, threads: int = 1) -> Path:
    """Write the entries of some streams, without their narrative, into a folder; what is there already stays.

    Only groups of rows that may hold one of them are read, `threads` at once, and no more of them are held.
    """
    wanted = sorted(streams)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for part in book.parts:
        path = ParquetBook(folder, {}).next_part()[0]
        with pq.ParquetWriter(path, ENTRIES, compression="lz4") as writer:
            for table in _some_together(_rows(part, wanted, threads)):
                writer.write_table(table if book.upto is None else table.filter(pc.field("number") <= book.upto))
        path.chmod(0o600)
    return folder


def _rows(part: Path, wanted: Sequence[str], threads: int) -> Iterator[pa.Table]:
    said, streams = groups_of(part)
    held = [(n, some) for n, (first, last) in enumerate(streams)
            if (some := wanted[bisect_left(wanted, first) : bisect_right(wanted, last)])]  # fmt: skip

    def read(group: tuple[int, Sequence[str]]) -> pa.Table:
        number, some = group
        with pq.ParquetFile(part, metadata=said, read_dictionary=OFTEN) as file:
            table = file.read_row_group(number, use_threads=False)
        return table.filter(pc.is_in(table["stream"], pa.array(some))).cast(ENTRIES)

    with ThreadPoolExecutor(threads) as pool:
        for n in range(0, len(held), AHEAD):
            yield from pool.map(read, held[n : n + AHEAD])


def _some_together(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in as many tables as rows are read together."""
    held, rows = list[pa.Table](), 0
    for table in tables:
        held, rows = [*held, table], rows + len(table)
        if rows >= ROW_GROUP:
            yield pa.concat_tables(held)
            held, rows = [], 0
    if held:
        yield pa.concat_tables(held)
