"""The lines of a mapping for one file: kinds told apart by a column, look-ups joined, payloads in JSON unpacked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.fitting import kinds_of
from everystone.intake.laid import Bad, Laid
from everystone.intake.line import Part
from everystone.intake.mapping import EntryFrom, Join, KindFrom, Stream, Table, Told, Value
from everystone.intake.packed import Packed, Unpacking
from everystone.intake.payload import Possible
from everystone.intake.when import fits, trimmed
from everystone.ledger.kind import Kind, Kinds

CASE_OF_A_LOG = "case:concept:name"


class Parts:
    """Makes the parts of a table for each file that it speaks of; parts are numbered over all files."""

    def __init__(
        self, desk: Desk, kinds: Kinds, unpacking: Unpacking, channel: Value, found: Callable[[Join], Sequence[Laid]]
    ) -> None:
        self.desk, self.kinds, self.unpacking, self.channel, self.found = desk, kinds, unpacking, channel, found
        self._count = 0

    def of(self, table: Table, laid: Laid) -> Iterator[tuple[Laid, Part]]:
        """Every part of a table for one file, with the rows it reads."""
        for join in table.join:
            laid = self._joined(laid, join)
        shared = Counter(kind for entry in table.entries for kind in kinds_of(entry, self.kinds))
        several = {kind for kind, n in shared.items() if n > 1}
        for place, entry in enumerate(table.entries, 1):
            self._count += 1
            part = self._part(table, entry, laid, _tail(table, entry, several, place))
            yield (self._unpacked(laid, part, entry.data), part._replace(packed=True)) if entry.data else (laid, part)

    def _part(self, table: Table, entry: EntryFrom, laid: Laid, tail: str) -> Part:
        told = _with_stream(table.told(entry))
        among = where = " AND ".join((fits(table.where, laid), fits(entry.when, laid)))
        mapped = ""
        kinds, strict = [entry.kind] if isinstance(entry.kind, str) else kinds_of(entry, self.kinds), ""
        kind = quoting.text(kinds[0])
        if isinstance(entry.kind, KindFrom):
            column = trimmed(laid.column(entry.kind.column))
            if entry.kind.map is None:
                kinds, unknown = self._standing(laid, column, where)
                strict = entry.kind.column if unknown else ""
                kind = f"CASE WHEN {column} IN ({quoting.texts(kinds)}) THEN {column} END" if unknown else column
            else:
                kind, mapped = _mapped(column, entry.kind.map), entry.kind.column
                where = f"{where} AND coalesce({column} IN ({quoting.texts(entry.kind.map)}), false)"
        possible = [_possible(entry, name, self.kinds.by_name[name], laid) for name in kinds]
        return Part(self._count, told, where, kind, possible, self.channel, tail, strict, column=mapped, among=among)

    def _unpacked(self, laid: Laid, part: Part, column: str) -> Laid:
        """The rows with what their payloads say; a row whose payload is flawed is not among them."""
        known = f"{part.kind} IS NOT NULL" if part.strict else "true"
        rows = f"(SELECT *, {part.kind} AS m_kind FROM {laid.table} WHERE {part.where} AND {known})"
        payloads = self.unpacking.table(Packed(part.number, laid, rows, column))
        whole = replace(laid, table=f"{laid.table}_u{part.number}", payloads=(laid.table, payloads))
        missing = f"SELECT row FROM flawed WHERE file = {laid.number}"
        self.desk.do(f"CREATE VIEW {whole.table} AS {whole.with_payloads()} WHERE l.row NOT IN ({missing})")
        return whole

    def _standing(self, laid: Laid, column: str, where: str) -> tuple[list[str], bool]:
        """The kinds of the packs that a column names (one of them, where it names none), and whether it names others."""
        found = {word for (word,) in self.desk.rows(f"SELECT DISTINCT {column} FROM {laid.table} WHERE {where}")}
        known = sorted(found & set(self.kinds.by_name))
        return known or sorted(self.kinds.by_name)[:1], len(known) < len(found)

    # ---- look-ups ------------------------------------------------------------------------------------------------

    def _joined(self, laid: Laid, join: Join) -> Laid:
        """The rows with the columns of another file; a row for which that file says different things is rejected."""
        others = [_looked_up(each, join) for each in self.found(join)]
        keys = [f"k{n}" for n in range(len(join.on))]
        values = [f"v{n}" for n in range(len(join.names))]
        self._count += 1
        mark, name = f"j{self._count}", f"{laid.table}_j{self._count}"
        taken = ", ".join(f"any_value({value}) AS {value}" for value in values)
        union = " UNION ".join(others)
        once = f"SELECT {', '.join(keys)}, {taken}, count(*) AS found FROM ({union}) GROUP BY {', '.join(keys)}"
        on = " AND ".join(f"{trimmed(laid.column(ours))} = j.{key}" for ours, key in zip(join.on, keys, strict=True))
        given = [f"j.{value} AS {mark}_{n}" for n, value in enumerate(values)]
        self.desk.do(
            f"CREATE TABLE {name} AS SELECT l.*, {', '.join(given)}, coalesce(j.found > 1, false) AS {mark} "
            f"FROM {laid.table} l LEFT JOIN ({once}) j ON {on}"
        )
        columns = {called: f"{mark}_{n}" for n, called in enumerate(join.names.values())}
        bad = Bad(mark, next(iter(join.on)), "K06")
        return replace(laid, table=name, columns={**laid.columns, **columns}, bad=(*laid.bad, bad))


def _looked_up(other: Laid, join: Join) -> str:
    keys = [f"{trimmed(other.column(theirs))} AS k{n}" for n, theirs in enumerate(join.on.values())]
    values = [f"{other.column(column)} AS v{n}" for n, column in enumerate(join.names)]
    return f"SELECT DISTINCT {', '.join([*keys, *values])} FROM {other.table} WHERE {fits(join.where, other)}"


def _mapped(column: str, said: Mapping[str, str]) -> str:
    lines = [f"WHEN {quoting.text(word)} THEN {quoting.text(kind)}" for word, kind in said.items()]
    return f"CASE {column} {' '.join(lines)} END"


def _tail(table: Table, entry: EntryFrom, several: set[str], place: int) -> str:
    """SQL for what is added to the key of an entry so that several entries of one row do not share it."""
    if entry.row_key is not None or len(table.entries) == 1:
        return ""
    kind = "m_kind" if isinstance(entry.kind, KindFrom) else quoting.text(entry.kind)
    if not several:
        return f"'/' || {kind}"
    return f"'/' || {kind} || CASE WHEN {kind} IN ({quoting.texts(sorted(several))}) THEN '/{place}' ELSE '' END"


def _with_stream(told: Told) -> Told:
    """What is said, with the stream of a log's case where nothing else is said."""
    return told if told.stream is not None else told.model_copy(update={"stream": Stream(column=CASE_OF_A_LOG)})


def _possible(entry: EntryFrom, name: str, kind: Kind, laid: Laid) -> Possible:
    """One kind that an entry may be; a field that it does not have must be empty."""
    fields = {field: said for field, said in entry.fields.items() if field in kind.fields}
    bad = tuple(
        Bad(f"{trimmed(laid.column(column))} IS NOT NULL", column, "V04", (field,))
        for field, said in entry.fields.items() if field not in kind.fields for column in said.reads
    )  # fmt: skip
    return Possible(name, kind, fields, bad)
