"""The instant at which an answer would change although nobody writes anything: whatever "now" was compared with, next.

A limit runs out, a protective measure ends, a window opens. All of it comes to a comparison of the instant of asking
with another. So a frame is asked with an instant that notes what it is compared with; the next of these is the first at
which any answer can turn. It is never later than the true one; where it is earlier, the same answers are given again.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from everystone.ledger.calendar import Calendar
from everystone.ledger.case import Frame
from everystone.ledger.state import NEVER

HOUR = 3600


class Now(int):
    """An instant (seconds UTC) that notes with what it is compared; a length added to it gives one that does the same."""

    begun: int
    ahead: set[int]

    def __new__(cls, instant: int, begun: int | None = None, ahead: set[int] | None = None) -> Now:
        """The instant of asking; the others are what it was at first, and where it notes."""
        made = int.__new__(cls, instant)
        made.begun = instant if begun is None else begun
        made.ahead = set() if ahead is None else ahead
        return made

    @property
    def turns_at(self) -> int:
        """The next instant with which it was compared, NEVER where there is none."""
        return min(self.ahead, default=NEVER)

    def note(self, instant: int) -> None:
        """Keep an instant at which something turns, if it is still to come."""
        turns = int(instant) - (int(self) - self.begun)
        if self.begun < turns < NEVER:
            self.ahead.add(turns)

    def __lt__(self, other: int) -> bool:
        self.note(other)
        return int(self) < int(other)

    def __ge__(self, other: int) -> bool:
        self.note(other)
        return int(self) >= int(other)

    def __le__(self, other: int) -> bool:
        self.note(other + 1)
        return int(self) <= int(other)

    def __gt__(self, other: int) -> bool:
        self.note(other + 1)
        return int(self) > int(other)

    def __add__(self, length: int) -> Now:
        return Now(int(self) + int(length), self.begun, self.ahead)

    def __sub__(self, length: int) -> Now:
        return Now(int(self) - int(length), self.begun, self.ahead)

    def __rsub__(self, other: int) -> int:
        """The time left until an instant, which is told in whole hours: it turns with the next of them."""
        left = int(other) - int(self)
        self.note(other - left // HOUR * HOUR + 1)
        return left

    def __reduce__(self) -> Any:
        return int, (int(self),)


def birthdays(frame: Frame, now: int) -> Iterable[int]:
    """The instants at which somebody of a frame is a year older, the next of each; by month or year where no day is known."""
    calendar = frame.words.calendar
    today = calendar.day_of(int(now))
    for person in frame.people.by_name.values():
        born = str(person.details.get("born", "")) if person.details else ""
        yield from (calendar.span(day.isoformat())[0] for day in _next_of(born, today))


def _next_of(born: str, today: date) -> Iterable[date]:
    """The next days from which an age may be another: the birthday; where only a month or year is known, its ends."""
    written = [int(part) for part in born.split("T")[0].split("-") if part.isdigit()]
    if not written:
        return
    first = [1, 1] if len(written) == 1 else [written[1], 1] if len(written) == 2 else written[1:3]
    last = {1: (12, 31), 2: (first[0], 31)}.get(len(written), tuple(first))
    for year in (today.year, today.year + 1):
        for month, day in {tuple(first), last}:
            turned = _day(year, month, day)
            yield from (each for each in (turned, turned + timedelta(days=1)) if each > today)


def _day(year: int, month: int, day: int) -> date:
    """A day of a year; where the month has no such day its last."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def next_turn(frames: Sequence[Frame], now: Now, calendar: Calendar) -> int:
    """The next instant at which an answer about these frames may turn, all of them asked at `now`; NEVER for none."""
    for frame in frames:
        for instant in birthdays(frame, now):
            now.note(instant)
    ends = {each.last for frame in frames for each in frame.coverage.holdings or () if each.last is not None}
    for day in ends:
        now.note(calendar.span(day.isoformat())[1] + 1)
    for announced in {day for _, day in calendar.holidays if day is not None}:
        now.note(calendar.span(announced.isoformat())[0])
    return now.turns_at
