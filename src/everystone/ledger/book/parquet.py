"""A book in Parquet files: entries sorted by case, narrative apart. What bulk evaluation and review read."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import merge
from itertools import groupby
from operator import itemgetter, sub
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from everystone.ledger.book import Receipt, as_json, content_of, other_content
from everystone.ledger.book.columns import entries_of
from everystone.ledger.book.rows import ROW_GROUP, write
from everystone.ledger.coverage import Coverage, Holding
from everystone.ledger.delivery import Change, Delivery
from everystone.ledger.entry import Entry

#: One row an entry. `data` is the payload as JSON without narrative, in whose place stands {"words": n}; `names` are
#: all persons it names; `hits` JSON rows (list, field, words, quoted); instants are seconds UTC.
ENTRIES = pa.schema([
    ("number", pa.int64()), ("stream", pa.string()), ("kind", pa.string()), ("subjects", pa.list_(pa.string())),
    ("lo", pa.int64()), ("hi", pa.int64()), ("recorded", pa.int64()), ("accepted", pa.int64()), ("by", pa.string()),
    ("role", pa.string()), ("rank", pa.string()), ("team", pa.string()), ("data", pa.string()),
    ("names", pa.list_(pa.string())), ("source", pa.string()), ("channel", pa.string()), ("key", pa.string()),
    ("live", pa.bool_()), ("corrects", pa.string()), ("withdraws", pa.string()), ("late_reason", pa.string()),
    ("quote_of", pa.string()), ("attachments", pa.list_(pa.string())), ("hits", pa.string()), ("content", pa.string()),
])  # fmt: skip
#: One row an entry for whoever or whatever it is read for.
WHOSE = pa.schema([("whose", pa.string()), *ENTRIES])
#: One row a text: which entry, which field, the words themselves.
NARRATIVE = pa.schema([
    ("number", pa.int64()), ("stream", pa.string()), ("key", pa.string()), ("field", pa.string()), ("text", pa.string()),
])  # fmt: skip
#: One row for what became of an earlier entry on account of a delivery.
CHANGES = pa.schema([(name, pa.string()) for name in Change._fields])
READ = [name for name in ENTRIES.names if name not in ("names", "content")]
FOLLOWS = "mirror.json"  # stands in a folder that follows a ledger, and says which and up to where

duckdb.execute("SET enable_progress_bar=false")  # of the connection all share: it would be drawn into what is printed


class ParquetBook:
    """A folder of parts, each an entries file and a narrative file sorted by stream; private to its owner (0700).

    `texts` maps a kind to its narrative fields and `people` to its person fields, so that both can stand apart. With
    `upto` it is read as it stood when that entry was its last.
    """

    def __init__(
        self,
        folder: Path,
        texts: Mapping[str, Sequence[str]],
        people: Mapping[str, Sequence[str]] | None = None,
        upto: int | None = None,
    ) -> None:
        self.folder, self.texts, self.people, self.upto = folder, texts, people or {}, upto
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    # ---- the contract ------------------------------------------------------------------------------------------

    def append(self, entries: Iterable[Entry]) -> Receipt:
        """Take entries as one new part, all or none."""
        given: dict[str, tuple[Entry, str]] = {}
        repeated = 0
        for entry in entries:
            content = content_of(entry)
            if entry.key not in given:
                given[entry.key] = entry, content
            elif given[entry.key][1] == content:
                repeated += 1
            else:
                raise other_content(entry.key)
        held = self._contents(list(given))
        for key, content in held.items():
            if given[key][1] != content:
                raise other_content(key)
        fresh = [pair for key, pair in given.items() if key not in held]
        return Receipt(self._write(fresh), repeated + len(held))

    def streams(self) -> Sequence[str]:
        """The names of all streams, in order of name."""
        return [name for name, _ in self.sizes()]

    def read(self, stream: str) -> list[Entry]:
        """The entries of a stream with their narrative, in the order they were taken."""
        entries = sorted(self.between(stream, stream), key=lambda entry: entry.number)
        texts = self.narrative(stream, stream)
        return [entry._replace(data={**entry.data, **texts.get(entry.key, {})}) for entry in entries]

    def hold(self, holdings: Sequence[Holding]) -> None:
        """State what the sources hold; said again it is added to."""
        self.state([*(self.coverage().holdings or ()), *holdings])

    def state(self, holdings: Sequence[Holding]) -> None:
        """State all that the sources hold, in the place of what was stated before."""
        _replace_text(self.folder / "coverage.json", json.dumps([each.as_data for each in holdings], indent=1))

    def coverage(self) -> Coverage:
        """All that is stated of what the sources hold; nothing stated is everything held."""
        if not (self.folder / "coverage.json").exists():
            return Coverage()
        return Coverage([Holding.of(each) for each in self._holdings()])

    # ---- for bulk reading --------------------------------------------------------------------------------------

    @property
    def parts(self) -> list[Path]:
        """The entries files, oldest first."""
        return self._files("entries")

    @property
    def narratives(self) -> list[Path]:
        """The narrative files, oldest first."""
        return self._files("narrative")

    @property
    def last(self) -> int:
        """The highest number that an entry has."""
        return int(self.query("SELECT coalesce(max(number), 0) FROM entries").fetchall()[0][0])

    def _files(self, what: str) -> list[Path]:
        return sorted(self.folder.glob(f"part-*.{what}.parquet"))

    def next_part(self) -> tuple[Path, Path]:
        """Where the next part's entries and narrative go."""
        number = len(self.parts) + 1
        return (
            self.folder / f"part-{number:05d}.entries.parquet",
            self.folder / f"part-{number:05d}.narrative.parquet",
        )

    @staticmethod
    def changes_beside(entries: Path) -> Path:
        """Where the list of changes stands that belongs to an entries file."""
        return entries.with_name(entries.name.replace(".entries.", ".changes."))

    def deliveries(self, source: str = "") -> list[tuple[Delivery, list[Change]]]:
        """The deliveries (of a source), in the order they were taken, each with what it changed."""
        found = [(part, Delivery.in_file(part)) for part in self.parts]
        return [(each, self._changes(part)) for part, each in found if each is not None and source in ("", each.source)]

    def deliver(self, delivery: Delivery, changes: Sequence[Change]) -> None:
        """Write down that a delivery was taken, with what it changed, as a part without entries."""
        entries, _ = self.next_part()
        write(pa.Table.from_pylist([each._asdict() for each in changes], CHANGES), self.changes_beside(entries))
        write(delivery.in_schema(ENTRIES).empty_table(), entries)

    def _changes(self, part: Path) -> list[Change]:
        path = self.changes_beside(part)
        return [Change(**row) for row in pq.read_table(path).to_pylist()] if path.exists() else []

    def named(self, keys: Sequence[str]) -> list[Entry]:
        """The entries that bear these keys, with their narrative."""
        found = self.query("SELECT * FROM entries WHERE key IN (SELECT unnest(?))", [list(keys)]).to_arrow_table()
        said = self.query("SELECT key, field, text FROM narrative WHERE key IN (SELECT unnest(?))", [list(keys)])
        texts: dict[str, dict[str, str]] = {}
        for key, field, text in said.fetchall():
            texts.setdefault(key, {})[field] = text
        return [entry._replace(data={**entry.data, **texts.get(entry.key, {})}) for entry in entries_of(found)]

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Every stream and its number of entries, in order of name; read as they stand, and never all held."""
        runs = merge(*(_runs(part, self.upto) for part in self.parts))
        for stream, those in groupby(runs, key=itemgetter(0)):
            yield stream, sum(size for _, size in those)

    def contents(self) -> str:
        """Its entries as a short text: the same entries give the same, in whatever parts."""
        return self.contents_since(0)[1]

    def contents_since(self, after: int) -> tuple[str, str]:
        """The same of when the entry `after` was its last, and of now."""
        ((stood, before, stands, now),) = self.query(
            "SELECT count(*) FILTER (number <= $after), bit_xor(content) FILTER (number <= $after), count(*), bit_xor(content) "
            "FROM (SELECT number, hash(stream, key, content, recorded, accepted) AS content FROM entries)",
            {"after": after},
        ).fetchall()
        return f"{stood}/{before}", f"{stands}/{now}"

    def digest(self) -> str:
        """What stands in the book, as a short text: its entries, and what the sources are said to hold."""
        return f"{self.contents()}/{sorted(json.dumps(each) for each in self._holdings())}"

    def query(
        self, sql: str, values: Sequence[Any] | Mapping[str, Any] = (), threads: int = 1
    ) -> duckdb.DuckDBPyRelation:
        """A question in SQL over the views `entries` and `narrative` of all parts (read only)."""
        connection = duckdb.connect()
        connection.execute(f"SET threads={threads:d}; SET enable_progress_bar=false")
        stood = "" if self.upto is None else f"WHERE number <= {self.upto:d}"
        for name, schema in (("entries", ENTRIES), ("narrative", NARRATIVE)):
            files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in self._files(name))
            if files:
                connection.execute(
                    f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{files}], hive_partitioning=false) {stood}"
                )
            else:
                connection.register(name, schema.empty_table())
        return connection.sql(sql, params=dict(values) if isinstance(values, Mapping) else list(values))

    def between(self, first: str, last: str, having: Collection[str] = ()) -> list[Entry]:
        """The entries of all streams from one name to another, by stream and number; narrative left apart.

        With `having` only those of streams that hold an entry of one of these kinds.
        """
        tables = [_between(part, first, last) for part in self.parts]
        if self.upto is not None:
            tables = [table.filter(pc.less_equal(table["number"], self.upto)) for table in tables]
        if not tables:
            return []
        table = pa.concat_tables(tables)
        if having:
            streams = table.filter(pc.is_in(table["kind"], pa.array(sorted(having))))["stream"].unique()
            table = table.filter(pc.is_in(table["stream"], streams))
        found = list(entries_of(table))
        if len(tables) > 1:
            found.sort(key=lambda entry: (entry.stream, entry.number))
        return found

    def naming(self, names: Sequence[str]) -> list[Entry]:
        """The entries of any stream that name one of these persons, in order; narrative left apart.

        With all that is corrected or withdrawn in those streams, as a correction may name somebody no more.
        """
        found = self.query(
            "SELECT * FROM entries WHERE list_has_any(names, $names) OR ((corrects <> '' OR withdraws <> '') AND stream IN "
            "(SELECT stream FROM entries WHERE list_has_any(names, $names))) ORDER BY number",
            {"names": list(names)},
        )
        return list(entries_of(found.to_arrow_table()))

    def narrative(self, first: str, last: str) -> dict[str, dict[str, str]]:
        """The texts of a range of streams: by row key and field."""
        texts: dict[str, dict[str, str]] = {}
        for part in self._files("narrative"):
            table = pq.read_table(part, filters=[("stream", ">=", first), ("stream", "<=", last)], use_threads=False)
            for key, field, text in zip(*(table[name].to_pylist() for name in ("key", "field", "text")), strict=True):
                texts.setdefault(key, {})[field] = text
        return texts

    # ---- writing -----------------------------------------------------------------------------------------------

    def _contents(self, keys: list[str]) -> dict[str, str]:
        if not self.parts or not keys:
            return {}
        found = self.query("SELECT key, content FROM entries WHERE key IN (SELECT unnest(?))", [keys]).fetchall()
        return dict(found)

    def _write(self, fresh: Sequence[tuple[Entry, str]]) -> tuple[int, ...]:
        if not fresh:
            return ()
        last = self.last
        numbers = tuple(range(last + 1, last + 1 + len(fresh)))
        self._write_part([
            (entry._replace(number=number), content) for number, (entry, content) in zip(numbers, fresh, strict=True)
        ])  # fmt: skip
        return numbers

    def carry(self, entries: Iterable[Entry]) -> None:
        """Write entries that bear the numbers of another book, and are not here yet, as one new part."""
        self._write_part([(entry, content_of(entry)) for entry in entries])

    def _write_part(self, numbered: list[tuple[Entry, str]]) -> None:
        numbered.sort(key=lambda pair: (pair[0].stream, pair[0].number))
        entries_file, narrative_file = self.next_part()
        texts = [row for entry, _ in numbered for row in self._texts(entry)]
        write(pa.Table.from_pylist(texts, NARRATIVE), narrative_file)
        write(
            pa.Table.from_pylist([self._row(entry, content) for entry, content in numbered], ENTRIES),
            entries_file,
        )

    def _texts(self, entry: Entry) -> Iterator[dict[str, Any]]:
        for field in self.texts.get(entry.kind, ()):
            if isinstance(entry.data.get(field), str):
                yield {"number": entry.number, "stream": entry.stream, "key": entry.key, "field": field,
                       "text": entry.data[field]}  # fmt: skip

    def _row(self, entry: Entry, content: str) -> dict[str, Any]:
        apart = self.texts.get(entry.kind, ())
        data = {
            name: {"words": len(value.split())} if name in apart and isinstance(value, str) else value
            for name, value in entry.data.items()
        }
        names = set(entry.subjects)
        for field in self.people.get(entry.kind, ()):
            value = entry.data.get(field)
            names.update(value if isinstance(value, list) else [value] if value else [])
        return {
            "number": entry.number, "stream": entry.stream, "kind": entry.kind, "subjects": list(entry.subjects),
            "lo": entry.lo, "hi": entry.hi, "recorded": entry.recorded, "accepted": entry.accepted, "by": entry.by,
            "role": entry.capacity.role, "rank": entry.capacity.rank, "team": entry.capacity.team,
            "data": as_json(data), "names": sorted(names), "source": entry.source.name,
            "channel": entry.source.channel, "key": entry.source.key, "live": entry.source.live,
            "corrects": entry.corrects, "withdraws": entry.withdraws, "late_reason": entry.late_reason,
            "quote_of": entry.quote_of, "attachments": list(entry.attachments),
            "hits": json.dumps(entry.hits) if entry.hits else "", "content": content,
        }  # fmt: skip

    def _holdings(self) -> list[dict[str, Any]]:
        path = self.folder / "coverage.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def _between(part: Path, first: str, last: str) -> pa.Table:
    """The rows of the streams from one name to another; only groups of rows that may hold one are read."""
    said, held = groups_of(part)
    with pq.ParquetFile(part, metadata=said) as file:
        here = [n for n, (least, most) in enumerate(held) if least <= last and first <= most]
        table = file.read_row_groups(here, columns=READ, use_threads=False)
    return table.filter(pc.and_(pc.greater_equal(table["stream"], first), pc.less_equal(table["stream"], last)))


def _runs(part: Path, upto: int | None) -> Iterator[tuple[str, int]]:
    """The streams of a part in order, and how many entries of each stand together."""
    with pq.ParquetFile(part) as file:
        for batch in file.iter_batches(ROW_GROUP, columns=["stream", "number"], use_threads=False):
            seen = batch if upto is None else batch.filter(pc.less_equal(batch["number"], upto))
            runs = pc.run_end_encode(seen["stream"])
            ends = runs.run_ends.to_pylist()
            yield from zip(runs.values.to_pylist(), map(sub, ends, [0, *ends]), strict=True)


def groups_of(part: Path) -> tuple[pq.FileMetaData, list[tuple[str, str]]]:
    """What an entries file says of itself, and the first and last stream that each group of its rows may hold."""
    written = part.stat()
    return _groups_of(part, (written.st_ino, written.st_size, written.st_mtime_ns))


@lru_cache(maxsize=8)
def _groups_of(part: Path, _written: tuple[int, int, int]) -> tuple[pq.FileMetaData, list[tuple[str, str]]]:
    """The same, kept: of millions of entries it takes longer to read than the groups that are wanted."""
    said, place = pq.read_metadata(part), ENTRIES.get_field_index("stream")
    columns = (said.row_group(n).column(place).statistics for n in range(said.num_row_groups))
    return said, [
        (each.min, each.max) if each is not None and each.has_min_max else ("", chr(sys.maxunicode)) for each in columns
    ]


def _replace_text(path: Path, text: str) -> None:
    half = path.with_suffix(".half")
    half.write_text(text, encoding="utf-8")
    half.chmod(0o600)
    half.replace(path)
