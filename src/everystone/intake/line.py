"""One line of a mapping for one file: the entries that it makes of the rows, as one statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from everystone.intake import quoting
from everystone.intake.laid import Bad, Laid
from everystone.intake.mapping import Capacity, Time, Told, Value
from everystone.intake.moment import Times
from everystone.intake.packed import PAYLOAD
from everystone.intake.payload import NO_TEXTS, Moments, Payload, Possible, by_kind, payload
from everystone.intake.value import cell, listed
from everystone.intake.when import trimmed

LONGEST_NAME = 300  # characters of a reference or a name
HIDDEN = r"[\x00-\x1f\x7f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]"
#: A word of Latin letters with one of another alphabet in it that looks like one of them, or the reverse.
MIXED = r"\p{Latin}[^ /-]*[\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}][^ /-]*\p{Latin}"
_SINGLE = ("by", "role", "rank", "team", "channel", "corrects", "withdraws", "late_reason", "quote_of")

#: The columns of an entry made, before all are sorted and numbered, with their types.
MADE = {
    "stream": "VARCHAR", "kind": "VARCHAR", "subjects": "VARCHAR[]", "lo": "BIGINT", "hi": "BIGINT",
    "recorded": "BIGINT", **dict.fromkeys(_SINGLE, "VARCHAR"), "data": "VARCHAR", "names": "VARCHAR[]",
    "key": "VARCHAR", "digest": "BOOLEAN", "keyed": "BOOLEAN", "content": "VARCHAR", "texted": "BOOLEAN",
    "fault": "SMALLINT",
}  # fmt: skip


class Part(NamedTuple):
    """What a line is made of: its number, what is said of its entries, which rows it wants, which kinds they may be.

    `kind` is SQL for the kind of a row, and `tail` for what tells the keys of several entries of a row apart; `strict`
    names a column whose word rejects the row where it is none of the possible kinds. `packed` where the payload has
    been taken out of a column of JSON. `column` is that whose words a `map` turns into kinds, and `among` SQL for the rows
    that are wanted whatever their word is.
    """

    number: int
    told: Told
    where: str
    kind: str
    possible: Sequence[Possible]
    channel: Value
    tail: str = ""
    strict: str = ""
    packed: bool = False
    column: str = ""
    among: str = "true"


class Line:
    """Works out the SQL of a line once; `tests` are those that a row must pass, in order."""

    def __init__(self, part: Part, laid: Laid, times: Times) -> None:
        self.part, self.laid = part, laid
        self.moments = Moments(times)
        self.tests: list[Bad] = list(laid.bad)
        self._header = {**self._when(), **self._who(), **self._place()}
        self._payloads = [([], PAYLOAD)] if part.packed else self._by_payload()
        self.columns = self._columns()

    # ---- statements ----------------------------------------------------------------------------------------------

    def rows(self, of: str = "") -> str:
        """The rows that it wants (of a table of them, by default all), with their kinds."""
        source = f"(SELECT * FROM {of or self.laid.table} WHERE {self.part.where})"
        return source if self._kind != "m_kind" else f"(SELECT *, {self.part.kind} AS m_kind FROM {source})"

    def entries(self, leave_out: Collection[str], of: str = "", resolved: str = "") -> str:
        """SQL for the entries, with file, row and line; `resolved` is the table of the times that Python read."""
        tail = f" || {self.part.tail}" if self.part.tail else ""
        named = (f"{self._header['key']} AS m_row, m_row{tail} AS m_key, {self._header['subjects']} AS m_subjects, "
                 f"{self._by_kind('data')} AS m_data")  # fmt: skip
        source = f"(SELECT *, {named} FROM {self.moments.worked_out(self.rows(of), resolved)})"
        given = [f"{sql} AS {quoting.name(name)}" for name, sql in self.columns.items() if name not in leave_out]
        place = f"{self.laid.number} AS file, row, {self.part.number} AS line"
        return f"SELECT {place}, {', '.join(given)} FROM {source}"

    def untold(self) -> str:
        """The numbers of the tests that a time not yet read makes fail, for IN (...)."""
        return ", ".join(str(place) for place, test in enumerate(self.tests) if test.time is not None)

    def values(self) -> list[str]:
        """SQL for the cell that each test looks at."""
        return [f"CAST({self.laid.column(each.column)} AS VARCHAR)" if each.column else "NULL" for each in self.tests]

    @property
    def texts(self) -> str:
        """SQL for the texts of an entry: a list of field and text, in order of field."""
        return self._by_kind("texts")

    @property
    def has_texts(self) -> bool:
        """Whether any entry that it makes may have a text."""
        return any(each.texts != NO_TEXTS for _, each in self._payloads)

    # ---- what stands in the header of an entry -------------------------------------------------------------------

    def _when(self) -> dict[str, str]:
        told = self.part.told
        assert told.happened is not None  # noqa: S101 - the mapping was checked
        happened = self._time(told.happened, "when it happened")
        recorded = happened if told.recorded is None else self._time(told.recorded, "")
        latest = f"hi{happened}" if recorded == happened else f"coalesce(hi{recorded}, hi{happened})"
        return {"lo": f"lo{happened}", "hi": f"hi{happened}", "recorded": latest}

    def _time(self, said: Time, needed: str) -> int:
        column = said.column or ""
        written = trimmed(self.laid.column(column)) if column else quoting.text(str(said.value))
        if said.empty:
            written = f"CASE WHEN {written} NOT IN ({quoting.texts(said.empty)}) THEN {written} END"
        number, test = self.moments.read(written, column, self.moments.times.reading(said))
        if needed:
            self.tests.append(Bad(f"t{number} IS NULL", column, "V01", (needed,)))
        self.tests.append(test)
        return number

    def _who(self) -> dict[str, str]:
        told, subjects = self.part.told, "[]::VARCHAR[]"
        if told.subjects is not None:
            subjects, bad = listed(told.subjects, self.laid)
            self.tests.extend(bad)
        capacity = told.capacity or Capacity()
        single: dict[str, Value | None] = {
            "by": told.by, "role": capacity.role, "rank": capacity.rank, "team": capacity.team,
            "channel": told.channel or self.part.channel, "corrects": told.corrects, "withdraws": told.withdraws,
            "late_reason": told.late_reason, "quote_of": told.quote_of,
        }  # fmt: skip
        return {"subjects": subjects, **{name: self._one(single[name]) for name in _SINGLE}}

    def _one(self, said: Value | None) -> str:
        if said is None:
            return "''"
        one = cell(said, self.laid)
        self.tests.extend(one.bad)
        return f"coalesce({one.sql}, '')" if said.column is not None else one.sql

    def _place(self) -> dict[str, str]:
        """The stream and the key of an entry, the key without the tail that tells entries of one row apart."""
        told, laid, key = self.part.told, self.laid, self.laid.digest()
        columns = [trimmed(laid.column(name)) for name in (told.row_key.reads if told.row_key else ())]
        none = f"coalesce({', '.join(columns)}) IS NULL" if columns else "true"
        if told.row_key is not None and columns:
            parts = ", ".join(f"coalesce({column}, '')" for column in columns)
            own = f"{quoting.text(told.row_key.prefix)} || concat_ws('/', {parts})"
            key = f"CASE WHEN {none} THEN {key} ELSE {own} END"
        stream = told.stream
        assert stream is not None  # noqa: S101 - the mapping was completed
        if stream.key:
            return {"key": key, "stream": f"{quoting.text(stream.prefix)} || m_row", "digest": none, "keyed": "true"}
        one = cell(stream, laid)
        self.tests.extend((*one.bad, Bad(f"{one.sql} IS NULL", one.column, "V01", ("its case or stream",))))
        return {"key": key, "stream": one.sql, "digest": none, "keyed": "false"}

    # ---- what differs by kind ------------------------------------------------------------------------------------

    def _by_payload(self) -> list[tuple[list[str], Payload]]:
        """The payloads, each with the kinds that have it in common."""
        found: dict[Payload, list[str]] = {}
        for each in self.part.possible:
            found.setdefault(payload(each, self.laid, self.moments), []).append(each.name)
        return [(kinds, each) for each, kinds in found.items()]

    def _by_kind(self, part: str) -> str:
        return by_kind([(kinds, getattr(each, part)) for kinds, each in self._payloads])

    def _names(self) -> str:
        lists = [(kinds, ", ".join(["m_subjects", *each.people])) for kinds, each in self._payloads]
        return by_kind([(kinds, f"list_concat({said})" if "," in said else said) for kinds, said in lists])

    # ---- the whole -----------------------------------------------------------------------------------------------

    @property
    def _kind(self) -> str:
        several = self.part.strict or len(self.part.possible) != 1 or "m_kind" in self.part.tail
        return "m_kind" if several else self.part.kind

    def _columns(self) -> dict[str, str]:
        header = self._header
        said = ", ".join([
            self._kind, header["stream"], "array_to_string(m_subjects, chr(30))", header["lo"], header["hi"],
            header["recorded"], "m_data", *(header[name] for name in _SINGLE),
            *([self._by_kind("said")] if self.has_texts else []),
        ])  # fmt: skip
        names = self._names()
        made = {
            **header, "kind": self._kind, "subjects": "m_subjects", "key": "m_key", "data": "m_data", "names": names,
            "content": f"CAST(hash({said}) AS VARCHAR)", "texted": self._by_kind("texted"),
            "fault": self._fault(names),
        }  # fmt: skip
        return {name: made[name] for name in MADE}

    def _fault(self, names: str) -> str:
        """SQL for the number of the first test that a row fails."""
        if self.part.strict:
            self.tests.append(Bad("m_kind IS NULL", self.part.strict, "V03"))
        named = (self._header["stream"], "m_key", self._header["by"])
        whole = f"concat_ws(' ', {', '.join(named)}, array_to_string({names}, ' '))"
        lengths = ", ".join(f"length({each})" for each in named)
        hidden = f"regexp_matches({whole}, {quoting.text(HIDDEN)}) OR greatest({lengths}) > {LONGEST_NAME}"
        self.tests.append(Bad(hidden, "", "E06", (LONGEST_NAME,)))
        self.tests.append(Bad(f"regexp_matches({whole}, {quoting.text(MIXED)})", "", "E07"))
        ours = [f"WHEN {each.sql} THEN {place}" for place, each in enumerate(self.tests)]
        theirs = []
        for kinds, each in self._payloads:
            lines = [f"WHEN {test.sql} THEN {place}" for place, test in enumerate(each.tests, len(self.tests))]
            self.tests.extend(each.tests)
            theirs.append((kinds, f"CASE {' '.join(lines)} END" if lines else "NULL"))
        return f"CASE {' '.join(ours)} ELSE {by_kind(theirs)} END"
