"""The lines of a mapping for one file: several kinds told apart, look-ups joined, payloads in JSON unpacked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.fitting import kinds_of
from everystone.intake.laid import Bad, Laid
from everystone.intake.line import Part
from everystone.intake.mapping import EntryFrom, FieldFrom, Join, KindFrom, Stream, Table, Told, Value
from everystone.intake.when import fits, trimmed
from everystone.ledger.kind import Kinds

CASE_OF_A_LOG = "case:concept:name"
CLUSTERED = 4  # kinds in one column from which on it pays to lay the rows of each kind together


class Parts:
    """Makes the parts of a table for each file that it speaks of; parts are numbered over all files."""

    def __init__(self, desk: Desk, kinds: Kinds, channel: Value, found: Callable[[Join], Sequence[Laid]]) -> None:
        self.desk, self.kinds, self.channel, self.found = desk, kinds, channel, found
        self._count = 0
        self._standing: dict[tuple[str, str], set[str]] = {}

    def of(self, table: Table, laid: Laid) -> Iterator[tuple[Laid, Part]]:
        """Every part of a table for one file, with the rows it reads."""
        for place, join in enumerate(table.join):
            laid = self._joined(laid, join, place)
        laid = self._clustered(table, laid)
        names = Counter(kind for entry in table.entries for kind in kinds_of(entry, self.kinds))
        for place, entry in enumerate(table.entries):
            told = _with_stream(table.told(entry), laid)
            own_key = entry.row_key is not None or len(table.entries) == 1
            for kind, test in self._tests(entry, laid):
                where = " AND ".join((fits(table.where, laid), fits(entry.when, laid), test))
                tail = "" if own_key else f"/{kind}" if names[kind] == 1 else f"/{kind}/{place + 1}"
                yield self._part(entry, kind, told, laid, where, tail)

    def _part(self, entry: EntryFrom, name: str, told: Told, laid: Laid, where: str, tail: str) -> tuple[Laid, Part]:
        kind, self._count = self.kinds.by_name[name], self._count + 1
        fields: Mapping[str, FieldFrom] = {field: said for field, said in entry.fields.items() if field in kind.fields}
        spare = {field: said for field, said in entry.fields.items() if field not in kind.fields}
        bad = tuple(
            Bad(f"{trimmed(laid.column(column))} IS NOT NULL", column, "V04", (name, field))
            for field, said in spare.items() for column in said.reads
        )  # fmt: skip
        laid = replace(laid, bad=(*laid.bad, *bad))
        if entry.data is not None:
            laid = _unpacked(laid, entry.data, name, list(kind.fields))
            fields = {field: FieldFrom.model_construct(column=f"{entry.data}.{field}") for field in kind.fields}
        return laid, Part(self._count, name, kind, told, fields, where, self.channel, tail)

    # ---- kinds ---------------------------------------------------------------------------------------------------

    def _tests(self, entry: EntryFrom, laid: Laid) -> Iterator[tuple[str, str]]:
        """The kinds that an entry may be, each with the test of the rows that are of it."""
        if isinstance(entry.kind, str):
            yield entry.kind, "true"
            return
        column = trimmed(laid.column(entry.kind.column))
        for kind in kinds_of(entry, self.kinds):
            words = [kind] if entry.kind.map is None else [word for word, of in entry.kind.map.items() if of == kind]
            if entry.kind.map is not None or self._stands(laid, column, kind):
                yield kind, f"coalesce({column} IN ({quoting.texts(words)}), false)"

    def _stands(self, laid: Laid, column: str, kind: str) -> bool:
        place = (laid.table, column)
        if place not in self._standing:
            found = self.desk.rows(f"SELECT DISTINCT {column} FROM {laid.table}")
            self._standing[place] = {word for (word,) in found if word}
        return kind in self._standing[place]

    def unknown(self, table: Table, laid: Laid) -> Iterator[tuple[str, str]]:
        """The columns that name kinds as the packs do, with the test of the rows whose kind no pack knows."""
        for entry in table.entries:
            if isinstance(entry.kind, KindFrom) and entry.kind.map is None:
                column = trimmed(laid.column(entry.kind.column))
                wanted = " AND ".join((fits(table.where, laid), fits(entry.when, laid)))
                yield (
                    entry.kind.column,
                    f"{wanted} AND coalesce({column} NOT IN ({quoting.texts(self.kinds.by_name)}), true)",
                )

    def _clustered(self, table: Table, laid: Laid) -> Laid:
        """The rows of each kind laid together, so that the entries of one kind need not read all the others."""
        for entry in table.entries:
            if isinstance(entry.kind, KindFrom) and len(kinds_of(entry, self.kinds)) > CLUSTERED:
                name = f"{laid.table}_by_kind"
                column = laid.column(entry.kind.column)
                self.desk.do(f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM {laid.table} ORDER BY {column}, row")
                return replace(laid, table=name, base=name)
        return laid

    # ---- look-ups ------------------------------------------------------------------------------------------------

    def _joined(self, laid: Laid, join: Join, place: int) -> Laid:
        """The rows with the columns of another file; a row for which that file says different things is rejected."""
        others = [self._looked_up(each, join) for each in self.found(join)]
        keys = [f"k{n}" for n in range(len(join.on))]
        values = [f"v{n}" for n in range(len(join.names))]
        taken = ", ".join(f"any_value({value}) AS {value}" for value in values)
        once = f"SELECT {', '.join(keys)}, {taken}, count(*) AS found FROM ({' UNION '.join(others)}) GROUP BY ALL"
        on = " AND ".join(f"{trimmed(laid.column(ours))} = j.{key}" for ours, key in zip(join.on, keys, strict=True))
        given = [f"j.{value} AS j{place}_{n}" for n, value in enumerate(values)]
        name = f"{laid.table}_{self._count}_j{place}"
        self.desk.do(
            f"CREATE VIEW {name} AS SELECT l.*, {', '.join(given)}, coalesce(j.found > 1, false) AS j{place} "
            f"FROM {laid.table} l LEFT JOIN ({once}) j ON {on}"
        )
        columns = {called: f"j{place}_{n}" for n, called in enumerate(join.names.values())}
        bad = Bad(f"j{place}", next(iter(join.on)), "K06")
        return replace(laid, table=name, base=name, columns={**laid.columns, **columns}, bad=(*laid.bad, bad))

    def _looked_up(self, other: Laid, join: Join) -> str:
        keys = [f"{trimmed(other.column(theirs))} AS k{n}" for n, theirs in enumerate(join.on.values())]
        values = [f"{other.column(column)} AS v{n}" for n, column in enumerate(join.names)]
        return f"SELECT DISTINCT {', '.join([*keys, *values])} FROM {other.table} WHERE {fits(join.where, other)}"


def _with_stream(told: Told, laid: Laid) -> Told:
    """What is said, with the stream of a log's case where nothing else is said."""
    if told.stream is not None:
        return told
    return told.model_copy(update={"stream": Stream(column=CASE_OF_A_LOG)})


def _unpacked(laid: Laid, column: str, kind: str, fields: list[str]) -> Laid:
    """The rows with the fields of a JSON object as columns; one that is no such object, or has others, is rejected."""
    cell = laid.column(column)
    keys = f"json_keys({cell})"
    sound = f"json_valid({cell}) AND json_type({cell}) = 'OBJECT'"
    paths = ", ".join(quoting.text('$."' + field + '"') for field in fields)
    unpacked = f"CASE WHEN {sound} THEN json_extract_string({cell}, [{paths}]::VARCHAR[]) END AS j"
    known = f"[{quoting.texts(fields)}]::VARCHAR[]"
    bad = (
        Bad(f"{cell} IS NOT NULL AND NOT CASE WHEN {sound} THEN len(list_distinct({keys})) = len({keys}) ELSE false END",
            column, "J01"),
        Bad(f"{cell} IS NOT NULL AND NOT list_has_all({known}, {keys})", column, "V04", (kind, "that stands here")),
    )  # fmt: skip
    columns = {f"{column}.{field}": f"j[{place}]" for place, field in enumerate(fields, 1)}
    table = f"(SELECT *, {unpacked} FROM {laid.table})"
    return replace(laid, table=table, columns={**laid.columns, **columns}, packed=True, bad=(*laid.bad, *bad))
