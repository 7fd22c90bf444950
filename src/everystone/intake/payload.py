"""What an entry says beside its header: the fields of one kind as JSON, the persons they name, their narrative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from everystone.intake import moment, quoting
from everystone.intake.laid import Bad, Laid
from everystone.intake.mapping import FieldFrom
from everystone.intake.moment import Reading, Times
from everystone.intake.value import Piece, as_name, cell, piece
from everystone.ledger.kind import Kind


class AtHand(NamedTuple):
    """A time that a line reads: the cell as SQL, and how it is written."""

    written: str
    how: Reading


class Moments:
    """The times of one line, numbered; a time that is read twice is read once."""

    def __init__(self, times: Times) -> None:
        self.times = times
        self.all: list[AtHand] = []

    def read(self, written: str, column: str, how: Reading) -> tuple[int, Bad]:
        """The number of a time, and the test that it could be read."""
        each = AtHand(written, how)
        if each not in self.all:
            self.all.append(each)
        n = self.all.index(each)
        return n, Bad(f"t{n} IS NOT NULL AND lo{n} IS NULL", column, "D01", time=n)

    def worked_out(self, source: str, resolved: str = "") -> str:
        """The rows with each time: t as written, w what the wall clock shows, z the offset, g the day, lo and hi its

        first and last second, said as the ledger keeps it. `resolved` is the table of what Python had to read.
        """
        if not self.all:
            return source
        numbers = range(len(self.all))
        layers = [
            [f"{moment.normal(each.written, each.how)} AS t{n}" for n, each in enumerate(self.all)],
            [f"{moment.wall(f't{n}')} AS w{n}, {moment.offset(f't{n}')} AS z{n}" for n in numbers],
            [f"{moment.day(f'w{n}')} AS g{n}" for n in numbers],
        ]
        for layer in layers:
            source = f"(SELECT *, {', '.join(layer)} FROM {source})"
        days = [self.times.days(each.how.zone) for each in self.all]
        joins = [f"LEFT JOIN {table} d{n} ON d{n}.day = r.g{n}" for n, table in enumerate(days)]
        if resolved:
            joins += [f"LEFT JOIN {resolved} o{n} ON o{n}.n = {n} AND o{n}.written = r.t{n}" for n in numbers]
        spans = [self._span(n, resolved) for n in numbers]
        return f"(SELECT r.*, {', '.join(spans)} FROM {source} r {' '.join(joins)})"

    def unread(self, source: str) -> str:
        """SQL for the texts (n, t) that stand for a time in some rows and that the database could not read."""
        each = [f"{{'n': {n}, 't': t{n}, 'lo': lo{n}}}" for n in range(len(self.all))]
        unnested = f"SELECT unnest([{', '.join(each)}]) AS u FROM {self.worked_out(source)}"
        return f"SELECT DISTINCT u.n, u.t FROM ({unnested}) WHERE u.t IS NOT NULL AND u.lo IS NULL"

    def _span(self, n: int, resolved: str) -> str:
        how = self.all[n].how
        swift, said = self._swift(n), f"r.t{n}"
        if how.zone != self.times.home:  # a time without offset would be read in another zone later on
            local = f"r.z{n} IS NULL AND length(r.t{n}) > 10 AND ({swift}) IS NOT NULL"
            instant = f"strftime(make_timestamp(({swift}) * 1000000), '%Y-%m-%dT%H:%M:%SZ')"
            said = f"CASE WHEN {local} THEN {instant} ELSE {said} END"
        whole_day = f"CASE WHEN length(r.t{n}) = 10 THEN 86399 ELSE 0 END"
        lo, hi = swift, f"({swift}) + {whole_day}"
        if resolved:
            lo, hi, said = f"coalesce(o{n}.lo, {lo})", f"coalesce(o{n}.hi, {hi})", f"coalesce(o{n}.said, {said})"
        return f"{lo} AS lo{n}, {hi} AS hi{n}, {said} AS said{n}"

    def _swift(self, n: int) -> str:
        """SQL for the first second of a time on a day without a clock change."""
        if self.all[n].how.precision is not None:
            return "NULL::BIGINT"
        return f"CASE WHEN r.z{n} IS NULL THEN r.w{n} - d{n}.shift WHEN r.g{n} IS NOT NULL THEN r.w{n} - r.z{n} END"


class Possible(NamedTuple):
    """A kind that the entries of a line may be, the fields that are given, the tests that every row must pass."""

    name: str
    kind: Kind
    fields: Mapping[str, FieldFrom]
    bad: tuple[Bad, ...] = ()


class Payload(NamedTuple):
    """A payload as SQL, the persons it names (lists), its texts (a list of field and text), the tests that it must pass.

    `said` is SQL for all texts in one, `texted` of whether there is any.
    """

    data: str
    people: tuple[str, ...]
    texts: str
    said: str
    texted: str
    tests: tuple[Bad, ...] = ()


NO_TEXTS = "[]::STRUCT(field VARCHAR, text VARCHAR)[]"


def payload(of: Possible, laid: Laid, moments: Moments) -> Payload:
    """The payload of one kind, its fields taken from columns."""
    pieces: dict[str, Piece] = {name: _piece(name, of, laid, moments) for name in sorted(of.fields)}
    named = [f"{as_name(name)} || {each.json}" for name, each in pieces.items()]
    texts = {name: each.narrative for name, each in pieces.items() if each.narrative}
    listed = ", ".join(f"{{'field': {quoting.text(name)}, 'text': {text}}}" for name, text in texts.items())
    return Payload(
        data=f"'{{' || concat_ws(',', {', '.join(named)}) || '}}'" if named else "'{}'",
        people=tuple(each.people for each in pieces.values() if each.people),
        texts=f"list_filter([{listed}], lambda e: e.text IS NOT NULL)" if texts else NO_TEXTS,
        said=" || chr(29) || ".join(f"coalesce({text}, '')" for text in texts.values()) or "''",
        texted=" OR ".join(f"{text} IS NOT NULL" for text in texts.values()) or "false",
        tests=(*of.bad, *(bad for each in pieces.values() for bad in each.bad)),
    )


def _piece(name: str, of: Possible, laid: Laid, moments: Moments) -> Piece:
    field, said = of.kind.fields[name], of.fields[name]
    if field.type != "date" or said.column is None:
        return piece(name, field, said, laid)
    one = cell(said, laid)
    n, test = moments.read(one.sql, said.column, moments.times.reading(said))
    return Piece(f"CAST(to_json(said{n}) AS VARCHAR)", (*one.bad, test))


def by_kind(values: Sequence[tuple[Sequence[str], str]]) -> str:
    """SQL for what differs by kind: one value where it does not."""
    if len({value for _, value in values}) == 1:
        return values[0][1]
    lines = [f"WHEN m_kind IN ({quoting.texts(kinds)}) THEN {value}" for kinds, value in values]
    return f"CASE {' '.join(lines)} END"
