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

    def worked_out(self, source: str, resolved: Mapping[int, str] | None = None) -> str:
        """The rows with each time: t as written, w what the wall clock shows, z the offset, g the day, s its shift,

        lo and hi its first and last second, said as the ledger keeps it. `resolved` names the tables of what Python
        had to read.
        """
        if not self.all:
            return source
        numbers = range(len(self.all))
        layers = [
            [f"{moment.normal(each.written, each.how)} AS t{n}" for n, each in enumerate(self.all)],
            [f"{moment.wall(f't{n}')} AS w{n}, {moment.offset(f't{n}')} AS z{n}" for n in numbers],
            [f"{moment.day(f'w{n}')} AS g{n}" for n in numbers],
            [f"{moment.shift(f'g{n}', each.how.zone)} AS s{n}" for n, each in enumerate(self.all)],
        ]
        for layer in layers:
            source = f"(SELECT *, {', '.join(layer)} FROM {source})"
        joins = [f"LEFT JOIN {table} o{n} ON o{n}.written = r.t{n}" for n, table in (resolved or {}).items()]
        spans = [self._span(n, resolved) for n in numbers]
        return f"(SELECT r.*, {', '.join(spans)} FROM {source} r {' '.join(joins)})"

    def _span(self, n: int, resolved: Mapping[int, str] | None) -> str:
        how = self.all[n].how
        swift, said = self._swift(n), f"r.t{n}"
        if how.zone != self.times.home:  # a time without offset would be read in another zone later on
            local = f"r.z{n} IS NULL AND length(r.t{n}) > 10 AND ({swift}) IS NOT NULL"
            instant = f"strftime(make_timestamp(({swift}) * 1000000), '%Y-%m-%dT%H:%M:%SZ')"
            said = f"CASE WHEN {local} THEN {instant} ELSE {said} END"
        whole_day = f"CASE WHEN length(r.t{n}) = 10 THEN 86399 ELSE 0 END"
        lo, hi = swift, f"({swift}) + {whole_day}"
        if resolved is not None:
            lo, hi, said = f"coalesce(o{n}.lo, {lo})", f"coalesce(o{n}.hi, {hi})", f"coalesce(o{n}.said, {said})"
        return f"{lo} AS lo{n}, {hi} AS hi{n}, {said} AS said{n}"

    def _swift(self, n: int) -> str:
        """SQL for the first second of a time on a day without a clock change."""
        if self.all[n].how.precision is not None:
            return "NULL::BIGINT"
        return f"CASE WHEN r.z{n} IS NULL THEN r.w{n} - r.s{n} WHEN r.g{n} IS NOT NULL THEN r.w{n} - r.z{n} END"


class Possible(NamedTuple):
    """A kind that the entries of a line may be, the fields that are given, the tail of their keys.

    `unpack` is SQL for the list of cells taken out of JSON, "" where there is none.
    """

    name: str
    kind: Kind
    fields: Mapping[str, FieldFrom]
    laid: Laid
    tail: str = ""
    unpack: str = ""


class Payload(NamedTuple):
    """The payload of a kind as SQL, its persons (lists), its narrative by field, and the tests that it must pass."""

    data: str
    people: tuple[str, ...]
    narrative: tuple[tuple[str, str], ...]
    tests: tuple[Bad, ...]
    verbatim: bool
    tail: str
    unpack: str


def payload(of: Possible, moments: Moments) -> Payload:
    """The payload of one kind."""
    pieces: dict[str, Piece] = {name: _piece(name, of, moments) for name in sorted(of.fields)}
    named = [f"{as_name(name)} || {each.json}" for name, each in pieces.items()]
    return Payload(
        data=f"'{{' || concat_ws(',', {', '.join(named)}) || '}}'" if named else "'{}'",
        people=tuple(each.people for each in pieces.values() if each.people),
        narrative=tuple((name, each.narrative) for name, each in pieces.items() if each.narrative),
        tests=(*of.laid.bad, *(bad for each in pieces.values() for bad in each.bad)),
        verbatim=of.kind.verbatim,
        tail=of.tail,
        unpack=of.unpack,
    )


def _piece(name: str, of: Possible, moments: Moments) -> Piece:
    field, said = of.kind.fields[name], of.fields[name]
    if field.type != "date" or said.column is None:
        return piece(name, field, said, of.laid)
    one = cell(said, of.laid)
    n, test = moments.read(one.sql, said.column, moments.times.reading(said))
    return Piece(f"CAST(to_json(said{n}) AS VARCHAR)", (*one.bad, test))


def by_kind(values: Sequence[tuple[Sequence[str], str]]) -> str:
    """SQL for what differs by kind: one value where it does not."""
    if len({value for _, value in values}) == 1:
        return values[0][1]
    lines = [f"WHEN m_kind IN ({quoting.texts(kinds)}) THEN {value}" for kinds, value in values]
    return f"CASE {' '.join(lines)} END"
