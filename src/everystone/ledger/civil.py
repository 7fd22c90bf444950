"""Civil days: when each begins and ends in its zone, and what instant a written time means.

Instants are whole seconds since 1970-01-01T00:00Z. A day's place is its number: 0 is the first day of 1850.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from everystone.ledger.duration import months_later
from everystone.ledger.fault import Fault

Span = tuple[int, int]
Twice = Literal["refuse", "first", "second"]

FIRST, LAST = date(1850, 1, 1), date(2100, 12, 31)  # nothing outside these years is taken
DAYS = (LAST - FIRST).days + 1
_NUMBER = FIRST.toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHIFT = (FIRST - _EPOCH.date()).days
_DAY = 86_400
KEPT = 1 << 15  # times as written that are kept read: the same dates come again and again
_SECOND = timedelta(seconds=1)
_OUTSIDE = f"This lies outside {FIRST.year} to {LAST.year}, the years the calendar knows. Check the year."
_WRITTEN = re.compile(
    r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])"
    r"(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?)?)?",
    re.ASCII,
)


def place_of_day(day: date) -> int:
    """The place of a day. Raises Fault outside the calendar's years."""
    place = day.toordinal() - _NUMBER
    if 0 <= place < DAYS:
        return place
    raise Fault(_OUTSIDE)


def day_at(place: int) -> date:
    """The day at a place."""
    return date.fromordinal(place + _NUMBER)


@dataclass(frozen=True)
class CivilDays:
    """The civil days of a zone, named as the time zone database names it. Exact over clock changes.

    Everything here raises Fault for a day or an instant outside the calendar's years.
    """

    zone: str

    def day_of(self, instant: int) -> date:
        """The civil day of an instant."""
        return date.fromordinal(self.place_of(instant) + _NUMBER)

    def start_of(self, day: date) -> int:
        """The first second of a civil day."""
        return self._starts[place_of_day(day)]

    def end_of(self, day: date) -> int:
        """The last second of a civil day."""
        return self._starts[place_of_day(day) + 1] - 1

    @property
    def starts(self) -> Sequence[int]:
        """The first second of every civil day, in order, and that of the day after the last."""
        return self._starts

    def place_of(self, instant: int) -> int:
        """The place of the civil day of an instant."""
        starts = self._starts
        # Counting days of 24 hours is fast, and right but for an hour near midnight in summer.
        place = (instant - starts[0]) // _DAY
        if 0 <= place < DAYS and starts[place] <= instant < starts[place + 1]:
            return place
        place = bisect_right(starts, instant) - 1
        if 0 <= place < DAYS:
            return place
        raise Fault(_OUTSIDE)

    def local(self, instant: int) -> datetime:
        """What the clocks showed at an instant, with their offset."""
        return (_EPOCH + instant * _SECOND).astimezone(self._tz)

    def instant(self, local: datetime, twice: Twice = "refuse") -> int:
        """The instant at which the clocks showed a local time; parts of a second are left out.

        Raises Fault for a time that never was, as the clocks jumped over it, and for one that came twice,
        unless `twice` says which is meant. Raises ValueError where `local` carries an offset.
        """
        if local.tzinfo is not None:
            raise ValueError("A local time has no offset of its own.")
        first, second = self._readings(local.replace(tzinfo=self._tz))
        if first == second or twice == "first":
            return first
        if twice == "second":
            return second
        raise Fault(f"{local:%Y-%m-%d %H:%M} came twice in {self.zone}, as the clocks went back. Say which.")

    def span(self, text: str) -> Span:
        """The first and last second of a time as written: a year, month, day, minute or second.

        Takes 2011, 2011-09, 2011-09-14, 2011-09-14 16:20 and 2011-09-14T16:20:05, the last two also with an
        offset (Z or +01:00). A minute or second has equal ends, unless the clocks showed it twice: then it
        spans from one to the other. Raises Fault where the text is none of these, or no such time ever was.
        """
        span = self._read.get(text)
        if span is None:
            if len(self._read) >= KEPT:
                self._read.clear()
            span = self._read[text] = self._span(text)
        return span

    def _span(self, text: str) -> Span:
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise Fault(
                "This is no date or time. Write it as 2011, 2011-09, 2011-09-14 or 2011-09-14 16:20.",
                private=text[:80],
            )
        year, month, day, hour, minute, second, offset = found.groups()
        try:
            first = date(int(year), int(month or 1), int(day or 1))
        except ValueError as fault:
            raise Fault("There never was such a day. Check it against the source.", private=text) from fault
        if hour is None:
            last = first if day else months_later(first, 1 if month else 12, beginning_with=True)
            return self.start_of(first), self.end_of(last)
        return self._moment(first, int(hour), int(minute), int(second or 0), offset)

    def _moment(self, day: date, hour: int, minute: int, second: int, offset: str | None) -> Span:
        start = self.start_of(day)
        if offset is None and self.end_of(day) - start == _DAY - 1:
            # No clock change that day: true of nearly every time written, and much faster.
            instant = start + hour * 3600 + minute * 60 + second
            return instant, instant
        tz = time.fromisoformat(f"00:00{offset}").tzinfo if offset else self._tz
        return self._readings(datetime.combine(day, time(hour, minute, second), tz))

    def _readings(self, wall: datetime) -> Span:
        """The two instants at which clocks showed this; they differ only where the clocks went back."""
        first = (wall - _EPOCH) // _SECOND
        second = (wall.replace(fold=1) - _EPOCH) // _SECOND
        if first > second:
            raise Fault(
                f"{wall:%Y-%m-%d %H:%M} never was in {self.zone}: the clocks were put forward over it. "
                "Check which zone the source writes in."
            )
        self.place_of(first)
        return first, second

    @cached_property
    def _read(self) -> dict[str, Span]:
        return {}

    @cached_property
    def _tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _starts(self) -> list[int]:
        return _day_starts(self.zone)


@lru_cache(maxsize=8)
def _day_starts(zone: str) -> list[int]:
    """The first second of every civil day of a zone, in order, and that of the day after the last."""
    starts: list[int] = []
    for since, before, offset in _stretches(ZoneInfo(zone)):
        # Where the clocks jump over a midnight, the day begins where they land.
        reached = (since + offset) // _DAY - _SHIFT
        starts.extend([since] * (reached + 1 - len(starts)))
        starts.extend(range((len(starts) + _SHIFT) * _DAY - offset, before, _DAY))
    return starts[: DAYS + 1]


def _stretches(zone: ZoneInfo) -> Iterator[tuple[int, int, int]]:
    """Stretches (since, before, offset in seconds) without a clock change, from before the first day on.

    Looks every six days: no zone has changed its clocks twice within less since 1850.
    """
    step = 6 * _DAY
    since = (_SHIFT - 1) * _DAY
    end = (_SHIFT + DAYS + 2) * _DAY
    offset = _offset(zone, since)
    for look in range(since + step, end + step, step):
        found = _offset(zone, look)
        if found != offset:
            change = _change(zone, look - step, look, found)
            yield since, change, offset
            since, offset = change, found
    yield since, end, offset


def _change(zone: ZoneInfo, before: int, after: int, offset: int) -> int:
    """The first second after `before` at which the clocks of a zone have this offset."""
    seconds = range(before, after + 1)
    return seconds[bisect_left(seconds, True, key=lambda instant: _offset(zone, instant) == offset)]


def _offset(zone: ZoneInfo, instant: int) -> int:
    local = (_EPOCH + instant * _SECOND).astimezone(zone)
    return (local.utcoffset() or timedelta()) // _SECOND
