"""Who led which case from when to when, over a whole ledger: what is asked of somebody's other cases looks there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

import duckdb
import pyarrow as pa

from everystone.findings.asking import LED_BY
from everystone.findings.elsewhere import CASE
from everystone.findings.frames import Instants, led_in
from everystone.ledger.book.columns import entries_of
from everystone.ledger.book.parquet import READ, ROW_GROUP, ParquetBook, write_all, write_batches
from everystone.ledger.state import Interval, Stretches
from everystone.ledger.vocabulary import Vocabulary

Rows = Iterator[tuple[str, Interval]]
TIMES = Interval._fields[:4]
#: One row for each stretch: the case's stream, who led it, and from when to when (seconds UTC), surely and possibly.
STRETCHES = pa.schema([("whose", pa.string()), ("lead", pa.string()), *((name, pa.int64()) for name in TIMES)])


def gather(book: ParquetBook, words: Vocabulary, when: Instants, path: Path) -> None:
    """Write every stretch for which the record says who led a case, by stream; some are held at a time."""
    _write(_stretches(book, words, when), path)


def gather_again(book: ParquetBook, words: Vocabulary, when: Instants, path: Path, *, before: Path, after: int) -> None:
    """The same, where `before` was written of it when the entry `after` was its last: only cases with something new."""
    anew, kinds = path.with_suffix(".anew"), _kinds(words)
    found = book.query("SELECT DISTINCT stream FROM entries WHERE number > $after AND list_contains($kinds, kind)",
                       {"after": after, "kinds": kinds}).fetchall()  # fmt: skip
    fresh = [stream for (stream,) in found]
    _write(_stretches(book, words, when, fresh), anew)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar=false; SET threads=1")
        write_all(connection.sql(
            "SELECT * FROM read_parquet($before) WHERE NOT list_contains($fresh, whose) "
            "UNION ALL SELECT * FROM read_parquet($anew) ORDER BY whose, lo, lo_sure, lead, hi",
            params={"before": str(before), "anew": str(anew), "fresh": fresh}), path)  # fmt: skip
    anew.unlink()


def gathered(path: Path) -> dict[str, Stretches]:
    """What was gathered, by who led."""
    lists = ", ".join(f"list({name})" for name in TIMES)
    found = duckdb.read_parquet(str(path)).aggregate(f"lead, {lists}", "lead").to_arrow_reader(ROW_GROUP)
    return {
        lead.as_py(): Stretches(lead.as_py(), [each.values.to_numpy() for each in columns])
        for batch in found
        for lead, *columns in zip(*batch.columns, strict=True)
    }


def told(book: ParquetBook, words: Vocabulary, when: Instants) -> dict[str, Stretches]:
    """The same, read from a book at once."""
    found: dict[str, Stretches] = {}
    for _, each in _stretches(book, words, when):
        found.setdefault(str(each.value), Stretches(str(each.value))).add(each)
    return found


def _kinds(words: Vocabulary) -> list[str]:
    return sorted(words.states[LED_BY].kinds) if LED_BY in words.states else []


def _stretches(book: ParquetBook, words: Vocabulary, when: Instants, fresh: Iterable[str] | None = None) -> Rows:
    """Every stretch with its stream, stream after stream: there are as many as cases."""
    columns = ", ".join(f'"{name}"' for name in READ)
    among = "" if fresh is None else "AND stream IN (SELECT unnest($fresh))"
    said = book.query(
        f"SELECT {columns} FROM entries WHERE starts_with(stream, '{CASE}') AND list_contains($kinds, kind) {among} "  # noqa: S608 - names of columns
        "ORDER BY stream, number",
        {"kinds": _kinds(words), **({} if fresh is None else {"fresh": list(fresh)})},
    ).to_arrow_reader(ROW_GROUP)
    entries = (entry for batch in said for entry in entries_of(pa.Table.from_batches([batch])))
    for stream, each in groupby(entries, key=attrgetter("stream")):
        for interval in led_in(stream, list(each), words, when):
            yield stream, interval


def _write(stretches: Rows, path: Path) -> None:
    rows = ((stream, str(each.value), *each[:4]) for stream, each in stretches)
    some = iter(lambda: list(islice(rows, ROW_GROUP)), [])
    batches = (
        pa.record_batch([pa.array(column) for column in zip(*each, strict=True)], schema=STRETCHES) for each in some
    )
    write_batches(STRETCHES, batches, path)
