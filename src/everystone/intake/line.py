"""One line of a mapping for one file: the entries that it makes of the rows, as one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from everystone.intake import quoting
from everystone.intake.laid import Bad, Laid
from everystone.intake.mapping import Capacity, Time, Told, Value
from everystone.intake.moment import Times
from everystone.intake.payload import Moments, Payload, Possible, by_kind, payload
from everystone.intake.value import cell, listed, perhaps
from everystone.intake.when import trimmed

LONGEST_NAME = 300  # characters of a reference or a name
HIDDEN = r"[\x00-\x1f\x7f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]"
_SINGLE = ("by", "role", "rank", "team", "channel", "corrects", "withdraws", "late_reason", "quote_of")

#: The columns of an entry made, before all are sorted and numbered.
MADE = (
    "stream", "kind", "subjects", "lo", "hi", "recorded", *_SINGLE, "data", "names", "key",
    "digest", "keyed", "content", "texted", "look", "fault",
)  # fmt: skip


class Part(NamedTuple):
    """What a line is made of: its number, what is said of its entries, which rows it wants, which kinds they may be.

    `kind` is SQL for the kind of a row; `strict` where a kind that is none of the possible rejects the row.
    """

    number: int
    told: Told
    where: str
    kind: str
    possible: Sequence[Possible]
    channel: Value
    strict: str = ""


class Line:
    """Works out the SQL of a line once; `tests` are those that a row must pass, in order."""

    def __init__(self, part: Part, laid: Laid, times: Times, terms: Sequence[list[str]]) -> None:
        self.part, self.laid = part, laid
        self.moments = Moments(times)
        self.tests: list[Bad] = list(laid.bad)
        self._rows_of: list[Laid] = []  # of the tests of payloads, where their columns are found
        self._header = {**self._when(), **self._who(), **self._place()}
        self.payloads = self._payloads()
        self._terms = terms
        self.columns = self._columns()

    # ---- statements ----------------------------------------------------------------------------------------------

    def rows(self) -> str:
        """The rows that it wants, with their places, their kinds and what is unpacked of them."""
        return self._read(f"(SELECT * FROM {self.laid.table} WHERE {self.part.where})")

    def made(self, leave_out: Sequence[str]) -> str:
        """SQL for the entries that the database can make alone."""
        return self._made(leave_out, self.moments.worked_out(self.rows()))

    def made_of(self, rows: str, leave_out: Sequence[str], resolved: Mapping[int, str]) -> str:
        """SQL for the entries that some rows make, with the tables of what Python read of their times."""
        return self._made(leave_out, self.moments.worked_out(self._read(rows), resolved))

    def _made(self, leave_out: Sequence[str], source: str) -> str:
        named = f"(SELECT *, {self._named()} FROM {source})"
        given = [f"{sql} AS {quoting.name(name)}" for name, sql in self.columns.items() if name not in leave_out]
        return f"SELECT row, {', '.join(given)} FROM {named}"

    def times(self, rows: str, n: int) -> str:
        """SQL for the different texts of a time in some rows that the database could not read."""
        worked_out = self.moments.worked_out(self._read(rows))
        return f"SELECT DISTINCT t{n} FROM {worked_out} WHERE t{n} IS NOT NULL AND lo{n} IS NULL"

    def untold(self) -> str:
        """The numbers of the tests that a time not yet read makes fail, for IN (...)."""
        return ", ".join(str(place) for place, test in enumerate(self.tests) if test.time is not None)

    def values(self) -> list[str]:
        """SQL for the cell that each test looks at."""
        ours = len(self.tests) - len(self._rows_of)
        rows_of = [*([self.laid] * ours), *self._rows_of]
        return [
            f"CAST({laid.column(test.column)} AS VARCHAR)" if test.column else "NULL"
            for laid, test in zip(rows_of, self.tests, strict=True)
        ]

    def _read(self, source: str) -> str:
        source = f"(SELECT *, {self.part.kind} AS m_kind FROM {source})"
        if any(each.unpack for _, each in self.payloads):
            source = f"(SELECT *, {self._by_kind('unpack')} AS j FROM {source})"
        return source

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
            return {"key": key, "stream": f"{quoting.text(stream.prefix)} || m_key", "digest": none, "keyed": "true"}
        one = cell(stream, laid)
        self.tests.extend((*one.bad, Bad(f"{one.sql} IS NULL", one.column, "V01", ("its case or stream",))))
        return {"key": key, "stream": one.sql, "digest": none, "keyed": "false"}

    # ---- what differs by kind ------------------------------------------------------------------------------------

    def _payloads(self) -> list[tuple[list[str], Payload]]:
        """The payloads, each with the kinds that have it in common."""
        found: list[tuple[list[str], Payload]] = []
        for each in self.part.possible:
            made = payload(each, self.moments)
            for kinds, other in found:
                if other == made:
                    kinds.append(each.name)
                    break
            else:
                found.append(([each.name], made))
        return found

    def _by_kind(self, part: str) -> str:
        return by_kind([(kinds, quoting.text(each.tail) if part == "tail" else getattr(each, part) or "NULL")
                        for kinds, each in self.payloads])  # fmt: skip

    def _names(self) -> str:
        subjects = "m_subjects"
        named = []
        for kinds, each in self.payloads:
            everybody = f"list_concat({', '.join([subjects, *each.people])})" if each.people else subjects
            whole = f"list_filter({everybody}, lambda e: e IS NOT NULL)" if each.people else everybody
            named.append((kinds, f"list_sort(list_distinct({whole}))"))
        return by_kind(named)

    def _texts(self, shape: str) -> str:
        """SQL of whether any text stands in an entry, or one in which a word of a list might."""
        found = []
        for kinds, each in self.payloads:
            terms = self._terms[each.verbatim]
            texts = [text for _, text in each.narrative] if shape == "texted" or terms else []
            tests = [f"{text} IS NOT NULL" if shape == "texted" else f"coalesce({perhaps(text, terms)}, false)"
                     for text in texts]  # fmt: skip
            found.append((kinds, " OR ".join(tests) or "false"))
        return by_kind(found)

    # ---- the whole -----------------------------------------------------------------------------------------------

    def _named(self) -> str:
        """What several columns rest on, given a name first."""
        tail = self._by_kind("tail")
        key = self._header["key"] if tail == "''" else f"({self._header['key']}) || {tail}"
        return f"{key} AS m_key, {self._header['subjects']} AS m_subjects, {self._by_kind('data')} AS m_data"

    def _columns(self) -> dict[str, str]:
        header = self._header
        kind = quoting.text(self.part.possible[0].name) if self._one_kind else "m_kind"
        texts = {text for _, each in self.payloads for _, text in each.narrative}
        said = ", ".join([
            kind, header["stream"], "to_json(m_subjects)", header["lo"], header["hi"], header["recorded"], "m_data",
            *(header[name] for name in _SINGLE), *(f"coalesce({text}, '')" for text in sorted(texts)),
        ])  # fmt: skip
        look = self._texts("look") if any(self._terms) else "false"
        made = {
            **header, "kind": kind, "subjects": "m_subjects", "key": "m_key", "data": "m_data", "names": self._names(),
            "content": f"md5(concat_ws(chr(31), {said}))", "texted": self._texts("texted"), "look": look,
        }  # fmt: skip
        return {name: made[name] if name != "fault" else self._fault(made) for name in MADE}

    @property
    def _one_kind(self) -> bool:
        return len(self.part.possible) == 1 and not self.part.strict

    def _fault(self, made: Mapping[str, str]) -> str:
        """SQL for the number of the first test that a row fails."""
        if self.part.strict:
            self.tests.append(Bad("m_kind IS NULL", self.part.strict, "V03"))
        named = (made["stream"], "m_key", made["by"])
        whole = f"concat_ws(' ', {', '.join(named)}, array_to_string({made['names']}, ' '))"
        lengths = ", ".join(f"length({each})" for each in named)
        hidden = f"regexp_matches({whole}, {quoting.text(HIDDEN)}) OR greatest({lengths}) > {LONGEST_NAME}"
        self.tests.append(Bad(hidden, "", "E06", (LONGEST_NAME,)))
        ours = [f"WHEN {each.sql} THEN {place}" for place, each in enumerate(self.tests)]
        theirs, laid_of = [], {each.name: each.laid for each in self.part.possible}
        for kinds, each in self.payloads:
            places = range(len(self.tests), len(self.tests) + len(each.tests))
            self.tests.extend(each.tests)
            self._rows_of.extend([laid_of[kinds[0]]] * len(each.tests))
            lines = [f"WHEN {test.sql} THEN {place}" for place, test in zip(places, each.tests, strict=True)]
            theirs.append((kinds, f"CASE {' '.join(lines)} END" if lines else "NULL"))
        return f"CASE {' '.join(ours)} ELSE {by_kind(theirs)} END"
