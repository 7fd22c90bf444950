"""Writing what was taken as a part of a ledger in Parquet: sorted, numbered, narrative apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.keys import taken
from everystone.intake.line import MADE, Line
from everystone.intake.narrative import narrative
from everystone.ledger.book.parquet import ENTRIES, NARRATIVE, ROW_GROUP, ParquetBook

_WORKING = ("digest", "keyed", "fault")  # columns that only the making of entries needs
#: Columns whose values come again and again, worth a dictionary; for the others it only costs time.
_REPEATED = [
    "stream", "kind", "by", "role", "rank", "team", "data", "source", "channel", "corrects", "withdraws", "late_reason",
    "quote_of", "hits", "field",
]  # fmt: skip


def sort(desk: Desk) -> None:
    """Put the entries that are taken into the table `sorted`: by stream, then happened, recorded, key."""
    columns = ", ".join(f'm."{name}"' for name in MADE if name not in _WORKING)
    desk.do(f"""
        CREATE TABLE sorted AS SELECT {columns}, coalesce(h.hits, '') AS hits
        FROM made m LEFT JOIN hits h USING (file, row, line)
        WHERE {taken("m")} ORDER BY m.stream, m.lo, m.recorded, m.key""")


def write_part(
    desk: Desk,
    book: ParquetBook,
    source: str,
    lines: Sequence[Line],
    accepted: int | None,
    hold: Callable[[], None],
) -> None:
    """Write the table `sorted` as the next part of a book, numbered on from what is there; nothing where it is empty.

    What the sources hold is stated just before the entries are in place: entries without it would count as all that
    there is.
    """
    ((last,),) = book.query("SELECT coalesce(max(number), 0) FROM entries").fetchall()
    first = int(last) + 1
    entries, texts = book.next_part()
    if not desk.one("SELECT count(*) FROM sorted"):
        hold()
        return
    written = _written(texts, NARRATIVE, _narrative(desk, lines, first))
    half = _written(entries, ENTRIES, desk.batches(_entries(source, first, accepted), ROW_GROUP))
    hold()
    written.replace(texts)
    half.replace(entries)


def _entries(source: str, first: int, accepted: int | None) -> str:
    """SQL for the columns of an entries file, in their order."""
    given = {
        "number": f"rowid + {first}", "accepted": "recorded" if accepted is None else str(int(accepted)),
        "source": quoting.text(source), "live": "false", "attachments": "[]::VARCHAR[]",
    }  # fmt: skip
    columns = [f"{given.get(name, quoting.name(name))} AS {quoting.name(name)}" for name in ENTRIES.names]
    return f"SELECT {', '.join(columns)} FROM sorted"


def _narrative(desk: Desk, lines: Sequence[Line], first: int) -> Iterable[pa.RecordBatch]:
    sql = narrative(lines, first)
    return desk.batches(sql, ROW_GROUP) if sql else ()


def _written(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Path:
    """A half-written file beside its place, readable by its owner only."""
    half = path.with_suffix(".half")
    half.touch(mode=0o600)
    repeated = [name for name in _REPEATED if name in schema.names]
    with pq.ParquetWriter(half, schema, compression="zstd", use_dictionary=repeated) as writer:
        for batch in batches:
            writer.write_table(pa.Table.from_batches([batch]).cast(schema), row_group_size=ROW_GROUP)
    half.chmod(0o600)
    return half
