"""Times as written, turned into instants: at once where nothing is doubtful, one by one where something is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.mapping import Moment, Twice
from everystone.ledger.civil import FIRST, LAST, CivilDays, Span, day_at
from everystone.ledger.fault import Fault

_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
WHOLE = rf"{_DAY}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?"
PARTIAL = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
STAND_INS = (
    "1900-01-01",
    "2099-12-31",
)  # days inside the calendar's years that systems write for "not known"
_DIRECTIVES = frozenset("YymdHMSfzbBjIp%")
_EPOCH_DAY = "DATE '1970-01-01'"


class Reading(NamedTuple):
    """How the times of a column are to be read: format, precision, zone, what a local time that came twice means."""

    formats: tuple[str, ...]
    precision: str | None
    zone: str
    twice: Twice


class Doubtful(Exception):
    """A time that cannot be used: the code of the reject, and what fills its sentence."""

    def __init__(self, code: str, says: str = "") -> None:
        super().__init__(says)
        self.code, self.says = code, says


class Times:
    """Makes SQL for times, and resolves once what the database cannot decide.

    Civil days come from the same calendar as everywhere in the house: a table of the days of a zone gives the
    offset of each day without a clock change; partial dates and days with one are read in Python.
    """

    def __init__(self, desk: Desk, zone: str, twice: Twice, home: str) -> None:
        self.desk, self.zone, self.twice, self.home = desk, zone, twice, home
        self._days: dict[str, str] = {}
        self._resolved: dict[tuple[str, str, Reading], str] = {}

    def reading(self, said: Moment) -> Reading:
        """How a time of the mapping is to be read. Raises Fault for a format that cannot be used."""
        for each in said.formats:
            unknown = set(re.findall(r"%-?(.)", each)) - _DIRECTIVES
            if unknown or "%" not in each:
                raise Fault(f"The format {each!r} cannot be used. Write it with {', '.join(sorted(_DIRECTIVES))}.")
        return Reading(tuple(said.formats), said.precision, said.zone or self.zone, said.twice or self.twice)

    def days(self, zone: str) -> str:
        """The table of the days of a zone: day, shift (offset in seconds), plain (no clock change that day)."""
        if zone not in self._days:
            table = self._days[zone] = f"days_{len(self._days)}"
            self.desk.do(f"CREATE TABLE {table} (day INTEGER, shift BIGINT, plain BOOLEAN)")
            self.desk.put(table, ("day", "shift", "plain"), _day_rows(zone), (pa.int32(), pa.int64(), pa.bool_()))
        return self._days[zone]

    def resolved(self, source: str, written: str, how: Reading) -> str:
        """The table of what only Python can read among the values of a column: written, said, lo, hi."""
        place = (source, written, how)
        if place not in self._resolved:
            table = self._resolved[place] = f"read_{len(self._resolved)}"
            self.desk.do(f"CREATE TABLE {table} (written VARCHAR, said VARCHAR, lo BIGINT, hi BIGINT)")
            found = self.desk.rows(self._doubtful(source, written, how))
            rows = list(_read_all([text for (text,) in found], how))
            self.desk.put(
                table,
                ("written", "said", "lo", "hi"),
                rows,
                (pa.string(), pa.string(), pa.int64(), pa.int64()),
            )
        return self._resolved[place]

    def _doubtful(self, source: str, written: str, how: Reading) -> str:
        whole = f"regexp_full_match(t, {quoting.text(WHOLE)})"
        partial = f"(length(t) <= 10 AND regexp_full_match(t, {quoting.text(PARTIAL)}))"
        if how.precision is not None:
            wanted = f"{partial} OR {whole}"
        else:
            changing = f"SELECT {_EPOCH_DAY} + day FROM {self.days(how.zone)} WHERE NOT plain"
            wanted = f"{partial} OR (TRY_CAST(left(t, 10) AS DATE) IN ({changing}) AND {whole})"
        return f"SELECT DISTINCT t FROM (SELECT {written} AS t FROM {source}) WHERE {wanted}"


def normal(cell: str, how: Reading) -> str:
    """SQL for a time as ISO 8601 writes it, without parts of a second; what is no time at all stays as it is."""
    if not how.formats:
        fraction = r"(:[0-9]{2}:[0-9]{2})[.,][0-9]{1,9}(Z|[+-]|$)"
        return f"CASE WHEN length({cell}) > 19 THEN regexp_replace({cell}, '{fraction}', '\\1\\2') ELSE {cell} END"
    tried = [_by_format(cell, each) for each in how.formats]
    return f"coalesce({', '.join(tried)}, '?' || {cell})"


def _by_format(cell: str, how: str) -> str:
    found = f"try_strptime({cell}, {quoting.text(how)})"
    letters = set(re.findall(r"%-?(.)", how))
    if letters & set("HI"):
        shape = "%Y-%m-%d %H:%M:%S" if "S" in letters else "%Y-%m-%d %H:%M"
    else:
        shape = "%Y-%m-%d" if letters & set("dj") else "%Y-%m" if letters & set("mbB") else "%Y"
    if "z" in letters:
        return f"strftime({found} AT TIME ZONE 'UTC', {quoting.text(shape)}) || 'Z'"
    return f"strftime({found}, {quoting.text(shape)})"


def wall(t: str) -> str:
    """SQL for the seconds that a whole time shows as if in UTC, NULL for anything else and for stand-ins."""
    cut = f"CASE WHEN substr({t}, 17, 1) = ':' THEN left({t}, 19) ELSE left({t}, 16) END"
    whole = f"regexp_full_match({t}, {quoting.text(WHOLE)}) AND left({t}, 10) NOT IN ({quoting.texts(STAND_INS)})"
    return f"CASE WHEN {whole} THEN CAST(epoch(TRY_CAST({cut} AS TIMESTAMP)) AS BIGINT) END"


def offset(t: str) -> str:
    """SQL for the offset in seconds that a time carries, NULL where it carries none."""
    tail = f"regexp_extract(substr({t}, 17), '[+-][0-9:]+$')"
    seconds = f"TRY_CAST(substr({tail}, 2, 2) AS BIGINT) * 3600 + TRY_CAST(right({tail}, 2) AS BIGINT) * 60"
    signed = f"CASE WHEN right({t}, 1) = 'Z' THEN 0 WHEN left({tail}, 1) = '-' THEN -({seconds}) ELSE {seconds} END"
    return f"CASE WHEN length({t}) > 16 THEN {signed} END"


# ---- one by one --------------------------------------------------------------------------------------------------


def read_one(text: str, how: Reading) -> tuple[str, Span]:
    """What a normal time says, as the ledger keeps it, and its first and last second. Raises Doubtful."""
    if not (re.fullmatch(PARTIAL, text, re.ASCII) or re.fullmatch(WHOLE, text, re.ASCII)):
        raise Doubtful("D01")
    if text[:10] in STAND_INS or not FIRST.year <= int(text[:4]) <= LAST.year:
        raise Doubtful("D03")
    days = CivilDays(how.zone)
    try:
        lo, hi = days.span(text)
    except Fault as fault:
        raise Doubtful("D06" if "never was in" in fault.public else "D01", fault.public) from fault
    said = text
    if len(text) > 10 and lo != hi:
        lo, hi = _meant(text, (lo, hi), how)
        said = f"{CivilDays('UTC').local(lo):%Y-%m-%dT%H:%M:%SZ}" if lo == hi else text
    return (said, (lo, hi)) if how.precision is None else _coarser(said, lo, how)


def _meant(text: str, span: Span, how: Reading) -> Span:
    if how.twice == "refuse":
        raise Doubtful("D06", f"{text} came twice in {how.zone}, as the clocks went back.")
    return span if how.twice == "either" else (span[0], span[0]) if how.twice == "first" else (span[1], span[1])


def _coarser(said: str, lo: int, how: Reading) -> tuple[str, Span]:
    """The day, month or year of an instant: the source knows less than it writes."""
    days = CivilDays(how.zone)
    longest = {"day": 10, "month": 7, "year": 4}[str(how.precision)]
    text = said[:longest] if len(said) <= 10 else days.day_of(lo).isoformat()[:longest]
    return text, days.span(text)


def _read_all(texts: list[str], how: Reading) -> Iterator[tuple[str, str, int, int]]:
    for text in texts:
        try:
            said, (lo, hi) = read_one(text, how)
        except Doubtful:
            continue
        yield text, said, lo, hi


def _day_rows(zone: str) -> Iterator[tuple[int, int, bool]]:
    days, epoch = CivilDays(zone), date(1970, 1, 1).toordinal()
    for place in range((LAST - FIRST).days + 1):
        day = day_at(place)
        number, start = day.toordinal() - epoch, days.start_of(day)
        yield number, number * 86_400 - start, days.end_of(day) - start == 86_399
