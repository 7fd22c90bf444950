"""Times as written, turned into instants: at once where nothing is doubtful, one by one where something is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.mapping import Moment, Twice
from everystone.ledger.civil import DAYS, FIRST, LAST, CivilDays, Span
from everystone.ledger.fault import Fault

_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = "[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?"
WHOLE = f"{_DAY}({_TIME})?"  # a day, or a time to the minute or second
PARTIAL = "[0-9]{4}(-(0[1-9]|1[0-2]))?"  # a year or a month
STAND_INS = ("1900-01-01", "2099-12-31")  # days inside the calendar's years that systems write for "not known"
_DIRECTIVES = frozenset("YymdHMSfzbBjIp%")
SERIAL = "serial"  # the format of a day as a spreadsheet counts it, from 1900
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST, _LAST = FIRST.toordinal() - _EPOCH, LAST.toordinal() - _EPOCH


#: The columns of a table of times that Python read: the number of the time, then what `read_all` says.
READ = {
    "n": ("INTEGER", pa.int32()), "written": ("VARCHAR", pa.string()), "said": ("VARCHAR", pa.string()),
    "lo": ("BIGINT", pa.int64()), "hi": ("BIGINT", pa.int64()), "code": ("VARCHAR", pa.string()),
    "says": ("VARCHAR", pa.string()),
}  # fmt: skip


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
    """How times are to be read unless a mapping says otherwise of one of them.

    The database reads a whole day, minute or second where no clock was changed that day, by offsets taken from the
    calendar that the whole house uses. What is left - months, years, days with a clock change - Python reads.
    """

    def __init__(self, desk: Desk, zone: str, twice: Twice, home: str) -> None:
        self.desk, self.zone, self.twice, self.home = desk, zone, twice, home
        self._days: dict[str, str] = {}

    def reading(self, said: Moment) -> Reading:
        """How a time of the mapping is to be read. Raises Fault for a format that cannot be used."""
        for each in (each for each in said.formats if each != SERIAL):
            unknown = set(re.findall(r"%-?(.)", each)) - _DIRECTIVES
            if unknown or "%" not in each:
                known = ", ".join(sorted(_DIRECTIVES))
                raise Fault(f"The format {each!r} cannot be used. Write it with %, followed by one of: {known}.")
        return Reading(tuple(said.formats), said.precision, said.zone or self.zone, said.twice or self.twice)

    def days(self, zone: str) -> str:
        """The table of the days of a zone without a clock change: day (from 1970), shift (its offset in seconds)."""
        if zone not in self._days:
            table = self._days[zone] = f"days_{len(self._days)}"
            self.desk.show("starts", _starts(zone))
            self.desk.do(f"""
                CREATE TABLE {table} AS SELECT CAST(place + {_FIRST} AS INTEGER) AS day, day::BIGINT * 86400 - start AS shift
                FROM starts WHERE next - start = 86400""")
        return self._days[zone]


@lru_cache(maxsize=8)
def _starts(zone: str) -> pa.Table:
    starts = pa.array(CivilDays(zone).starts, pa.int64())
    return pa.table({"place": pa.array(range(DAYS), pa.int32()), "start": starts[:-1], "next": starts[1:]})


def normal(cell: str, how: Reading) -> str:
    """SQL for a time as ISO 8601 writes it, without parts of a second; what is no time at all stays as it is."""
    if not how.formats:
        fraction = r"(:[0-9]{2}:[0-9]{2})[.,][0-9]{1,9}(Z|[+-]|$)"
        has_one = f"contains({cell}, '.') OR contains({cell}, ',')"
        return f"CASE WHEN {has_one} THEN regexp_replace({cell}, '{fraction}', '\\1\\2') ELSE {cell} END"
    tried = [_by_format(cell, each) for each in how.formats]
    return f"coalesce({', '.join(tried)}, '?' || {cell})"


def _by_format(cell: str, how: str) -> str:
    if how == SERIAL:
        return _by_number(cell)
    found = f"try_strptime({cell}, {quoting.text(how)})"
    letters = set(re.findall(r"%-?(.)", how))
    if letters & set("HI"):
        shape = "%Y-%m-%d %H:%M:%S" if "S" in letters else "%Y-%m-%d %H:%M"
    else:
        shape = "%Y-%m-%d" if letters & set("dj") else "%Y-%m" if letters & set("mbB") else "%Y"
    if "z" in letters:
        return f"strftime({found} AT TIME ZONE 'UTC', {quoting.text(shape)}) || 'Z'"
    return f"strftime({found}, {quoting.text(shape)})"


def _by_number(cell: str) -> str:
    """SQL for a day that a spreadsheet counts; days 1 to 60 fall before or on one that never was, and mean nothing."""
    seconds = f"CAST(round(CAST({cell} AS DOUBLE) * 86400) AS BIGINT)"
    found = f"make_timestamp(({seconds} - 2209161600) * 1000000)"
    said = f"CASE WHEN {seconds} % 86400 = 0 THEN strftime({found}, '%Y-%m-%d') ELSE strftime({found}, '%Y-%m-%d %H:%M:%S') END"
    plain = f"regexp_full_match({cell}, '[0-9]{{1,6}}(\\.[0-9]{{1,15}})?')"
    return f"CASE WHEN {plain} THEN CASE WHEN CAST({cell} AS DOUBLE) BETWEEN 61 AND 80000 THEN {said} END END"


def wall(t: str) -> str:
    """SQL for the seconds that a day or a time shows as if in UTC, NULL for anything else and for stand-ins."""
    seconds = f"CASE WHEN substr({t}, 17, 1) = ':' THEN left({t}, 19) ELSE left({t}, 16) END"
    whole = f"regexp_full_match({t}, {quoting.text(WHOLE)}) AND left({t}, 10) NOT IN ({quoting.texts(STAND_INS)})"
    return f"CASE WHEN {whole} THEN CAST(epoch(TRY_CAST({seconds} AS TIMESTAMP)) AS BIGINT) END"


def offset(t: str) -> str:
    """SQL for the offset in seconds that a time carries (after its minutes or its seconds), NULL where it carries none."""
    tail = f"CASE WHEN substr({t}, 17, 1) IN ('+', '-') THEN substr({t}, 17) ELSE substr({t}, 20) END"
    seconds = f"TRY_CAST(substr(({tail}), 2, 2) AS BIGINT) * 3600 + TRY_CAST(right(({tail}), 2) AS BIGINT) * 60"
    signed = f"CASE WHEN right({t}, 1) = 'Z' THEN 0 WHEN left(({tail}), 1) = '-' THEN -({seconds}) ELSE {seconds} END"
    return f"CASE WHEN length({t}) > 16 THEN {signed} END"


def day(w: str) -> str:
    """SQL for the number of the day (from 1970) on which a clock shows so many seconds, NULL outside the calendar."""
    number = f"CAST(floor({w} / 86400.0) AS INTEGER)"
    return f"CASE WHEN {number} BETWEEN {_FIRST} AND {_LAST} THEN {number} END"


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


def read_all(texts: Iterable[str], how: Reading) -> Iterator[tuple[str, str | None, int | None, int | None, str, str]]:
    """Each normal time: as written, as the ledger keeps it, first and last second; else the code and why it is doubtful."""
    for text in texts:
        try:
            said, (lo, hi) = read_one(text, how)
        except Doubtful as doubt:
            yield text, None, None, None, doubt.code, doubt.says
        else:
            yield text, said, lo, hi, "", ""
