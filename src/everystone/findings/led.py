"""Who led which case from when to when, over a whole ledger: what is asked of somebody's other cases looks there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from everystone.findings.asking import LED_BY
from everystone.findings.elsewhere import CASE
from everystone.findings.frames import Instants, led_in
from everystone.ledger.book.columns import entries_of
from everystone.ledger.book.parquet import ENTRIES, READ, ParquetBook
from everystone.ledger.book.rows import ROW_GROUP, write_all, write_batches, write_in_order
from everystone.ledger.state import Interval, Stretches
from everystone.ledger.vocabulary import Vocabulary

Rows = Iterator[tuple[str, Interval]]
TIMES = Interval._fields[:4]
#: One row for each stretch: the case's stream, who led it, and from when to when (seconds UTC), surely and possibly.
STRETCHES = pa.schema([("whose", pa.string()), ("lead", pa.string()), *((name, pa.int64()) for name in TIMES)])


def gather(book: ParquetBook, words: Vocabulary, when: Instants, path: Path) -> None:
    """Write every stretch for which the record says who led a case, by stream; some are held at a time."""
    _gather(_saying(book, words), words, when, path)


def gather_again(book: ParquetBook, words: Vocabulary, when: Instants, path: Path, *, before: Path, after: int) -> None:
    """The same, where `before` was written of it when the entry `after` was its last: only cases with something new."""
    anew, kinds = path.with_suffix(".anew"), _kinds(words)
    found = book.query("SELECT DISTINCT stream FROM entries WHERE number > $after AND list_contains($kinds, kind)",
                       {"after": after, "kinds": kinds}).fetchall()  # fmt: skip
    fresh = [stream for (stream,) in found]
    _gather(_saying(book, words, fresh), words, when, anew)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar=false; SET threads=1")
        write_all(connection.sql(
            "SELECT * FROM read_parquet($before, hive_partitioning=false) WHERE NOT list_contains($fresh, whose) "
            "UNION ALL SELECT * FROM read_parquet($anew, hive_partitioning=false) ORDER BY whose, lo, lo_sure, lead, hi",
            params={"before": str(before), "anew": str(anew), "fresh": fresh}), path)  # fmt: skip
    anew.unlink()


def gathered(path: Path) -> dict[str, Stretches]:
    """What was gathered, by who led."""
    found: dict[str, Stretches] = {}
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROW_GROUP, columns=["lead", *TIMES], use_threads=False):
            for lead, *times in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                found.setdefault(lead, Stretches(lead)).add(Interval(*times, lead, ""))  # type: ignore[call-arg]
    return found


def told(book: ParquetBook, words: Vocabulary, when: Instants) -> dict[str, Stretches]:
    """The same, read from a book at once."""
    found: dict[str, Stretches] = {}
    said = _saying(book, words).order("stream, number").to_arrow_reader(ROW_GROUP)
    for _, each in _stretches(said, words, when):
        found.setdefault(str(each.value), Stretches(str(each.value))).add(each)
    return found


def _kinds(words: Vocabulary) -> list[str]:
    return sorted(words.states[LED_BY].kinds) if LED_BY in words.states else []


def _saying(book: ParquetBook, words: Vocabulary, fresh: Iterable[str] | None = None) -> duckdb.DuckDBPyRelation:
    """The entries that say who leads a case (or one of some)."""
    columns = ", ".join(f'"{name}"' for name in READ)
    among = "" if fresh is None else "AND stream IN (SELECT unnest($fresh))"
    return book.query(
        f"SELECT {columns} FROM entries WHERE starts_with(stream, '{CASE}') AND list_contains($kinds, kind) {among}",  # noqa: S608 - names of columns
        {"kinds": _kinds(words), **({} if fresh is None else {"fresh": list(fresh)})},
    )


def _gather(saying: duckdb.DuckDBPyRelation, words: Vocabulary, when: Instants, path: Path) -> None:
    said = path.with_suffix(".said")
    write_in_order(saying, said, "stream", "number", pa.schema([ENTRIES.field(name) for name in READ]))
    with pq.ParquetFile(said) as file:
        batches = file.iter_batches(ROW_GROUP, use_threads=False)
        rows = ((stream, str(each.value), *each[:4]) for stream, each in _stretches(batches, words, when))
        some = iter(lambda: list(islice(rows, ROW_GROUP)), [])
        write_batches(STRETCHES, (
            pa.record_batch([pa.array(column) for column in zip(*each, strict=True)], schema=STRETCHES) for each in some
        ), path)  # fmt: skip
    said.unlink()


def _stretches(batches: Iterable[pa.RecordBatch], words: Vocabulary, when: Instants) -> Rows:
    """Every stretch with its stream, stream after stream: there are as many as cases."""
    entries = (entry for batch in batches for entry in entries_of(pa.Table.from_batches([batch])))
    for stream, each in groupby(entries, key=attrgetter("stream")):
        for interval in led_in(stream, list(each), words, when):
            yield stream, interval
