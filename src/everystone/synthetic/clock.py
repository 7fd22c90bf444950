"""Written time and working time by look-up, so that millions of entries can be dated in seconds.

Instants are whole seconds since 1970 UTC, always full minutes. A day is its number since 1970-01-01, local.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from everystone.ledger.calendar import Calendar

Clock = Callable[[int, int], int]  # (an instant, minutes on this clock) -> the instant they are over

_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_OLDEST = date(1920, 1, 1).toordinal() - _EPOCH  # births
_MINUTES = [f"T{minute // 60:02}:{minute % 60:02}" for minute in range(1440)]


class Times:
    """The local times of one calendar between two days: how they are written, how clocks with hours run."""

    def __init__(self, calendar: Calendar, first: date, last: date) -> None:
        self.calendar = calendar
        self.first = first.toordinal() - _EPOCH
        self.last = last.toordinal() - _EPOCH
        self.dates = [date.fromordinal(day + _EPOCH).isoformat() for day in range(_OLDEST, self.last + 3700)]
        self.offsets = self._offsets()
        self.hour = self.first * 24 - 24
        self.suffix = {offset: _suffix(offset) for offset in set(self.offsets)}

    def _offsets(self) -> list[int]:
        """The offset of local time in seconds, for every hour from the day before the first."""
        found: list[int] = []
        for day in range(self.first - 1, self.last + 2):
            midnight = day * _DAY
            begins, ends = self._offset(midnight), self._offset(midnight + _DAY)
            if begins == ends:
                found.extend([begins] * 24)
            else:
                found.extend(self._offset(midnight + hour * 3600) for hour in range(24))
        return found

    def _offset(self, instant: int) -> int:
        offset = self.calendar.local(instant).utcoffset() or timedelta()
        return int(offset.total_seconds())

    def written(self, instant: int) -> str:
        """An instant as local time with its offset, to the minute."""
        offset = self.offsets[instant // 3600 - self.hour]
        day, second = divmod(instant + offset, _DAY)
        return self.dates[day - _OLDEST] + _MINUTES[second // 60] + self.suffix[offset]

    def day(self, instant: int) -> int:
        """The local day of an instant."""
        return (instant + self.offsets[instant // 3600 - self.hour]) // _DAY

    def date(self, day: int) -> str:
        """A day as it is written."""
        return self.dates[day - _OLDEST]

    def instant(self, day: int, minute: int) -> int:
        """The instant of a local minute of a day, by the offset of that day's noon."""
        return day * _DAY + minute * 60 - self.offsets[day * 24 + 12 - self.hour]

    def clock(self, said: Mapping[str, Any]) -> Clock:
        """A clock that runs between two local times, every day or on working days; without them, always."""
        if "from" not in said:
            return _always
        opens, closes = _minute(said["from"]), _minute(said["to"])
        return self._with_hours(opens, closes - opens, working=said.get("days") == "working")

    def _with_hours(self, opens: int, span: int, *, working: bool) -> Clock:
        works = [not working or self._works(day) for day in range(self.first, self.last + 1)]
        before, nth = [0], []
        for place, open_day in enumerate(works):
            before.append(before[-1] + open_day)
            if open_day:
                nth.append(place + self.first)
        first, hour, offsets, most = self.first, self.hour, self.offsets, len(nth) - 1

        def clock(instant: int, minutes: int) -> int:
            if not minutes:
                return instant
            day, second = divmod(instant + offsets[instant // 3600 - hour], _DAY)
            place = day - first
            gone = before[place] * span + minutes
            if works[place]:
                gone += min(max(second // 60 - opens, 0), span)
            number, minute = divmod(gone, span)
            reached = nth[number] if number < most else nth[most]
            return reached * _DAY + (opens + minute) * 60 - offsets[reached * 24 + 12 - hour]

        return clock

    def _works(self, day: int) -> bool:
        civil = date.fromordinal(day + _EPOCH)
        return self.calendar.is_working(civil, civil)


def number_of(day: str) -> int:
    """The number of a written day."""
    return date.fromisoformat(day).toordinal() - _EPOCH


def _always(instant: int, minutes: int) -> int:
    return instant + minutes * 60


def _minute(said: str) -> int:
    hour, minute = str(said).split(":")
    return int(hour) * 60 + int(minute)


def _suffix(offset: int) -> str:
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset) // 60
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"
