"""Writing what was taken as a part of a ledger in Parquet: sorted, numbered, narrative apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from everystone.intake import narrative, quoting
from everystone.intake.desk import Desk
from everystone.intake.keys import taken
from everystone.intake.made import stored
from everystone.ledger.book.parquet import ENTRIES, NARRATIVE, ParquetBook
from everystone.ledger.book.rows import ROW_GROUP
from everystone.ledger.delivery import Delivery

#: Columns whose values come again and again, worth a dictionary; for the others it only costs time.
_REPEATED = (
    "stream", "kind", "by", "role", "rank", "team", "data", "source", "channel", "corrects", "withdraws",
    "late_reason", "quote_of", "hits", "field",
)  # fmt: skip
SLICE = 200_000  # entries whose texts are put in order at a time, so that memory is bounded
_PLACED = ("file", "row", "line")


class Part:
    """The next part of a book, written beside its place until all of it is there."""

    def __init__(self, desk: Desk, book: ParquetBook, source: str, accepted: int | None) -> None:
        self.desk, self.book, self.source, self.accepted = desk, book, source, accepted
        self.entries, self.texts = book.next_part()
        self._first = self._next = book.last + 1
        self._last = ""
        self.kinds: Counter[str] = Counter()

    def write(
        self, common: Mapping[str, str], hits: bool, delivery: Delivery, hold: Callable[[], None]
    ) -> None:  # fmt: skip
        """Write what is taken of `told` as the next part, numbered on from what is there; nothing where that is nothing.

        What the sources hold is stated just before the entries are in place: entries without it would count as all
        that there is.
        """
        types = "number BIGINT, stream VARCHAR, key VARCHAR, file SMALLINT, row BIGINT, line INTEGER"
        self.desk.do(f"CREATE TABLE numbered ({types})")
        try:
            entries = written(self.entries, delivery.in_schema(ENTRIES), self._entries(common, hits))
            texts = written(self.texts, NARRATIVE, self._texts())
            hold()
            if self.kinds:
                texts.replace(self.texts)
                entries.replace(self.entries)
        finally:
            for path in (self.entries, self.texts):
                _half(path).unlink(missing_ok=True)

    def _entries(self, common: Mapping[str, str], hits: bool) -> Iterator[pa.Table]:
        """The entries in order, some at a time; those with texts are noted in the table `numbered`."""
        for batch in self.desk.batches(self._sql(common, hits), ROW_GROUP):
            first = self._next
            self._next += len(batch)
            self._tally(table := pa.Table.from_batches([batch]))
            numbers = pa.array(range(first, self._next), pa.int64())
            table = table.append_column("number", numbers)
            self._note(table)
            yield table.select(ENTRIES.names)

    def _texts(self) -> Iterator[pa.RecordBatch]:
        """The texts of the entries in order, a slice of the entries after the other."""
        for first in range(self._first, self._next, SLICE):
            within = f"number BETWEEN {first} AND {first + SLICE - 1}"
            self.desk.do(f"CREATE OR REPLACE VIEW placed AS SELECT * FROM numbered WHERE {within}")
            yield from self.desk.batches(narrative.NARRATIVE, ROW_GROUP)

    def _tally(self, table: pa.Table) -> None:
        """Count the kinds, and make sure that the streams come in their order, on which all reading rests."""
        for each in pc.value_counts(table["kind"]).to_pylist():
            self.kinds[each["values"]] += each["counts"]
        streams = pa.concat_arrays([pa.array([self._last]), *table["stream"].chunks])
        if not pc.all(pc.less_equal(streams[:-1], streams[1:])).as_py():
            raise RuntimeError("the database gave the entries out of order")
        self._last = streams[-1].as_py()

    def _note(self, table: pa.Table) -> None:
        noted = table.filter(table["texted"]).select(["number", "stream", "key", *_PLACED])
        self.desk.connection.register("noted", noted)
        self.desk.do("INSERT INTO numbered BY NAME SELECT * FROM noted")
        self.desk.connection.unregister("noted")

    def _sql(self, common: Mapping[str, str], hits: bool) -> str:
        """SQL for the entries in the one order of a ledger; what all of them say is added after the sorting."""
        given = {
            **common, "accepted": "recorded" if self.accepted is None else str(int(self.accepted)),
            "source": quoting.text(self.source), "live": "false", "attachments": "[]::VARCHAR[]",
            **({} if hits else {"hits": "''"}),
        }  # fmt: skip
        given["names"] = f"list_sort(list_distinct({common.get('names', 'names')}))"
        names = [name for name in ENTRIES.names if name != "number"]
        columns = [f"{given.get(name, quoting.name(name))} AS {quoting.name(name)}" for name in names]
        found = ", coalesce(h.hits, '') AS hits" if hits else ""
        joined = "LEFT JOIN hits h ON h.file = m.file AND h.row = m.row AND h.line = m.line" if hits else ""
        places = ", ".join(f"m.{name}" for name in (*_PLACED, "texted"))
        return (
            f"SELECT {', '.join(columns)}, {', '.join(_PLACED)}, texted FROM (SELECT {stored(common)}, {places}{found} "
            f"FROM told m {joined} WHERE {taken(self.desk, 'm')} ORDER BY m.stream, m.lo, m.recorded, m.key)"
        )


def written(path: Path, schema: pa.Schema, tables: Iterable[pa.Table | pa.RecordBatch]) -> Path:
    """A half-written file beside its place, readable by its owner only."""
    half = _half(path)
    half.touch(mode=0o600)
    repeated = [name for name in _REPEATED if name in schema.names]
    with (
        pq.ParquetWriter(half, schema, compression="zstd", use_dictionary=repeated) as writer,
        ThreadPoolExecutor(1) as hand,  # writes while the next are fetched
    ):
        writing = None
        for table in tables:
            whole = pa.Table.from_batches([table]) if isinstance(table, pa.RecordBatch) else table
            if writing is not None:
                writing.result()
            writing = hand.submit(writer.write_table, whole.cast(schema), ROW_GROUP)
        if writing is not None:
            writing.result()
    half.chmod(0o600)
    return half


def _half(path: Path) -> Path:
    return path.with_suffix(".half")
