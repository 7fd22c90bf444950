"""One line of a mapping: the entries of one kind that one part of a table makes of one file, as one statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from everystone.intake import moment, quoting
from everystone.intake.laid import Bad, Laid
from everystone.intake.mapping import Capacity, FieldFrom, Time, Told, Value
from everystone.intake.moment import Reading, Times
from everystone.intake.value import Piece, as_name, cell, listed, piece
from everystone.intake.when import trimmed
from everystone.ledger.kind import Kind

LONGEST_NAME = 300  # characters of a reference or a name
HIDDEN = r"[\x00-\x1f\x7f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]"

#: The columns of the table of entries made, before they are sorted and numbered.
MADE = {
    "file": "SMALLINT", "row": "BIGINT", "line": "INTEGER", "stream": "VARCHAR", "kind": "VARCHAR",
    "subjects": "VARCHAR[]", "lo": "BIGINT", "hi": "BIGINT", "recorded": "BIGINT", "by": "VARCHAR", "role": "VARCHAR",
    "rank": "VARCHAR", "team": "VARCHAR", "data": "VARCHAR", "names": "VARCHAR[]", "channel": "VARCHAR",
    "key": "VARCHAR", "corrects": "VARCHAR", "withdraws": "VARCHAR", "late_reason": "VARCHAR", "quote_of": "VARCHAR",
    "digest": "BOOLEAN", "keyed": "BOOLEAN", "content": "VARCHAR", "fault": "SMALLINT",
}  # fmt: skip
_SINGLE = ("by", "role", "rank", "team", "channel", "corrects", "withdraws", "late_reason", "quote_of")


class Part(NamedTuple):
    """What a line is made of: its number, the kind and its name, what is said of the entries, the wanted rows.

    `tail` is added to keys, so that several entries of one row do not share theirs.
    """

    number: int
    name: str
    kind: Kind
    told: Told
    fields: Mapping[str, FieldFrom]
    where: str
    channel: Value
    tail: str = ""


class AtHand(NamedTuple):
    """A time that a line reads: the cell as SQL, how it is written, and the rows in which it stands."""

    written: str
    how: Reading
    source: str


class Line:
    """Works out the SQL of a line once; `tests` are those a row must pass, in order, `narrative` its texts by field."""

    def __init__(self, part: Part, laid: Laid, times: Times) -> None:
        self.part, self.laid, self.times = part, laid, times
        self.moments: list[AtHand] = []
        self.tests: list[Bad] = list(laid.bad)
        self.narrative: dict[str, str] = {}
        self._people: list[str] = []
        self._said = {**self._who(), **self._when()}
        self._data = self._payload()
        self.tests.append(self._hidden())

    @property
    def source(self) -> str:
        """The rows that make entries, as a source of SQL."""
        return f"(SELECT * FROM {self.laid.table} WHERE {self.part.where})"

    def statement(self) -> str:
        """The statement that makes the entries."""
        values = ", ".join(self._values()[name] for name in MADE)
        return f"INSERT INTO made SELECT {values} FROM (SELECT *, {self._named()} FROM {self._timed()})"

    # ---- what stands in the header of an entry -------------------------------------------------------------------

    def _who(self) -> dict[str, str]:
        told, number = self.part.told, str(self.part.number)
        subjects = "[]::VARCHAR[]"
        if told.subjects is not None:
            subjects, bad = listed(told.subjects, self.laid)
            self.tests.extend(bad)
        capacity = told.capacity or Capacity()
        single: dict[str, Value | None] = {
            "by": told.by, "role": capacity.role, "rank": capacity.rank,
            "team": capacity.team, "channel": told.channel or self.part.channel, "corrects": told.corrects,
            "withdraws": told.withdraws, "late_reason": told.late_reason, "quote_of": told.quote_of,
        }  # fmt: skip
        said = {name: self._one(single[name]) for name in _SINGLE}
        return {"line": number, "subjects": subjects, **said, **self._place()}

    def _one(self, said: Value | None) -> str:
        if said is None:
            return "''"
        one = cell(said, self.laid)
        self.tests.extend(one.bad)
        return f"coalesce({one.sql}, '')"

    def _place(self) -> dict[str, str]:
        """The stream and the key of an entry."""
        told, laid = self.part.told, self.laid
        columns = [trimmed(laid.column(name)) for name in (told.row_key.reads if told.row_key else ())]
        parts = [f"coalesce({column}, '')" for column in columns]
        digest = f"coalesce({', '.join(columns)}) IS NULL" if columns else "true"
        key = (
            f"CASE WHEN {digest} THEN {laid.digest()} ELSE concat_ws('/', {', '.join(parts)}) END"
            if columns
            else laid.digest()
        )
        if told.row_key is not None and told.row_key.prefix:
            key = f"{quoting.text(told.row_key.prefix)} || {key}"
        key = f"({key} || {quoting.text(self.part.tail)})" if self.part.tail else f"({key})"
        stream = told.stream
        assert stream is not None  # noqa: S101 - the mapping was checked
        if stream.key:
            named = f"{quoting.text(stream.prefix)} || {key}"
        else:
            one = cell(stream, laid)
            self.tests.extend(
                (
                    *one.bad,
                    Bad(f"{one.sql} IS NULL", one.column, "V01", ("which case or stream it belongs to",)),
                )
            )
            named = one.sql
        return {"key": key, "stream": named, "digest": digest, "keyed": "true" if stream.key else "false"}

    # ---- times ---------------------------------------------------------------------------------------------------

    def _when(self) -> dict[str, str]:
        told = self.part.told
        assert told.happened is not None  # noqa: S101 - the mapping was checked
        happened = self._time(told.happened, "when it happened")
        recorded = happened if told.recorded is None else self._time(told.recorded, "")
        spare = f"coalesce(hi{recorded}, hi{happened})"
        return {"lo": f"lo{happened}", "hi": f"hi{happened}", "recorded": spare}

    def _time(self, said: Time, needed: str) -> int:
        column = said.column or ""
        written = trimmed(self.laid.column(column)) if column else quoting.text(str(said.value))
        if said.empty:
            written = f"CASE WHEN {written} NOT IN ({quoting.texts(said.empty)}) THEN {written} END"
        number = self._read(written, column, self.times.reading(said), self.laid.base)
        if needed:
            self.tests.append(Bad(f"t{number} IS NULL", column, "V01", (needed,)))
        return number

    def _read(self, written: str, column: str, how: Reading, source: str) -> int:
        number = len(self.moments)
        self.moments.append(AtHand(written, how, source))
        self.tests.append(Bad(f"t{number} IS NOT NULL AND lo{number} IS NULL", column, "D01", time=number))
        return number

    def _timed(self) -> str:
        """The wanted rows with each time worked out: t as written, w on the wall, z the offset, lo and hi."""
        numbers = range(len(self.moments))
        texts = [f"{moment.normal(each.written, each.how)} AS t{n}" for n, each in enumerate(self.moments)]
        walls = [f"{moment.wall(f't{n}')} AS w{n}, {moment.offset(f't{n}')} AS z{n}, "
                 f"TRY_CAST(left(t{n}, 10) AS DATE) - DATE '1970-01-01' AS g{n}" for n in numbers]  # fmt: skip
        joins = [self._join(n) for n in numbers]
        spans = [self._span(n) for n in numbers]
        inner = f"(SELECT *, {', '.join(texts)} FROM {self.source})"
        inner = f"(SELECT *, {', '.join(walls)} FROM {inner})"
        return f"(SELECT r.*, {', '.join(spans)} FROM {inner} r {' '.join(joins)})"

    def _join(self, n: int) -> str:
        written, how, source = self.moments[n]
        resolved = self.times.resolved(source, moment.normal(written, how), how)
        return (f"LEFT JOIN {self.times.days(how.zone)} d{n} ON d{n}.day = r.g{n} "
                f"LEFT JOIN {resolved} o{n} ON o{n}.written = r.t{n}")  # fmt: skip

    def _span(self, n: int) -> str:
        how = self.moments[n].how
        swift = "NULL" if how.precision else (
            f"CASE WHEN r.z{n} IS NOT NULL AND d{n}.day IS NOT NULL THEN r.w{n} - r.z{n} "
            f"WHEN d{n}.plain THEN r.w{n} - d{n}.shift END"
        )  # fmt: skip
        said = f"coalesce(o{n}.said, r.t{n})"
        if how.zone != self.times.home:  # a time without offset would be read in another zone later on
            said = (f"CASE WHEN r.z{n} IS NULL AND r.w{n} IS NOT NULL AND o{n}.said IS NULL THEN "
                    f"strftime(make_timestamp(({swift}) * 1000000), '%Y-%m-%dT%H:%M:%SZ') ELSE {said} END")  # fmt: skip
        return f"coalesce(o{n}.lo, {swift}) AS lo{n}, coalesce(o{n}.hi, {swift}) AS hi{n}, {said} AS said{n}"

    # ---- the payload ---------------------------------------------------------------------------------------------

    def _payload(self) -> str:
        pieces = {}
        for name, said in sorted(self.part.fields.items()):
            made = self._piece(name, said)
            self.tests.extend(made.bad)
            pieces[name] = f"{as_name(name)} || {made.json}"
            if made.people:
                self._people.append(made.people)
            if made.narrative:
                self.narrative[name] = made.narrative
        return f"'{{' || concat_ws(',', {', '.join(pieces.values())}) || '}}'" if pieces else "'{}'"

    def _piece(self, name: str, said: FieldFrom) -> Piece:
        of = self.part.kind.fields[name]
        if of.type != "date" or said.column is None:
            return piece(name, of, said, self.laid)
        one = cell(said, self.laid)
        number = self._read(one.sql, said.column, self.times.reading(said), self.source)
        return Piece(f"CAST(to_json(said{number}) AS VARCHAR)", one.bad)

    def _named(self) -> str:
        """What several values rest on, given a name first."""
        named = {name: self._said[name] for name in ("stream", "key", "subjects", *_SINGLE)}
        given = [f"{value} AS {quoting.name('m_' + name)}" for name, value in named.items()]
        return ", ".join([*given, f"{self._data} AS m_data", f"{self._names()} AS m_names"])

    def _names(self) -> str:
        if not self._people:
            return f"list_sort(list_distinct({self._said['subjects']}))"
        everybody = f"list_concat({', '.join([self._said['subjects'], *self._people])})"
        return f"list_sort(list_distinct(list_filter({everybody}, lambda e: e IS NOT NULL)))"

    def _values(self) -> dict[str, str]:
        made = {name: f"m_{name}" for name in ("stream", "key", "subjects", "data", "names", *_SINGLE)}
        made["by"], made["rank"] = '"m_by"', '"m_rank"'
        plain = {name: self._said[name] for name in ("line", "lo", "hi", "recorded", "digest", "keyed")}
        kind = quoting.text(self.part.name)
        said = ", ".join([
            kind, "m_stream", "to_json(m_subjects)", plain["lo"], plain["hi"], plain["recorded"], "m_data",
            *(made[name] for name in _SINGLE), *(f"coalesce({text}, '')" for text in self.narrative.values()),
        ])  # fmt: skip
        return {
            "file": str(self.laid.number), "row": "row", "kind": kind, **plain, **made,
            "content": f"md5(concat_ws(chr(31), {said}))", "fault": self._fault(),
        }  # fmt: skip

    def _hidden(self) -> Bad:
        """The test of references and names for characters that nobody sees, and for length."""
        named = ("m_stream", "m_key", "m_by")
        whole = f"concat_ws(' ', {', '.join(named)}, array_to_string(m_names, ' '))"
        lengths = ", ".join(f"length({each})" for each in named)
        hidden = f"regexp_matches({whole}, {quoting.text(HIDDEN)}) OR greatest({lengths}) > {LONGEST_NAME}"
        return Bad(hidden, "", "E06", (LONGEST_NAME,))

    def _fault(self) -> str:
        """SQL for the number of the first test that a row fails."""
        lines = " ".join(f"WHEN {each.sql} THEN {place}" for place, each in enumerate(self.tests))
        return f"CASE {lines} END"
