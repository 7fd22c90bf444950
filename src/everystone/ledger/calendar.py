"""The calendar: which civil days are worked or kept by schools, and when a limit runs out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import accumulate, compress
from typing import Any, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator

from everystone.ledger.civil import DAYS, FIRST, CivilDays, Span, day_at, place_of_day
from everystone.ledger.duration import MONTHS_IN, SECONDS_IN, Duration, Unit, months_later
from everystone.ledger.fault import Fault
from everystone.ledger.kind import Strict

Stretch = tuple[date, date]  # a first and a last day
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Counted(NamedTuple):
    """The days that count, numbered: how many come before each place, their places, and the places known."""

    before: Sequence[int]
    places: Sequence[int]
    known: range


EVERY_DAY = Counted(range(DAYS + 1), range(DAYS), range(DAYS))


@dataclass(frozen=True)
class Calendar(CivilDays):
    """The civil days of a zone, which of them count, and when limits run out.

    `weekend` holds weekdays (0 is Monday); without it nothing is known of working days. A holiday comes with
    the day it was announced on (None: known throughout), and none is missing for the days `listed`; without
    that, none ever. `terms` are the school terms of each area.
    """

    weekend: frozenset[int] | None = None
    holidays: Sequence[tuple[date, date | None]] = ()
    listed: Stretch | None = None
    terms: Mapping[str, Sequence[Stretch]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        days = [day for day, _ in self.holidays]
        if len(set(days)) < len(days):
            raise Fault("A holiday stands in the calendar twice. Leave one of them out.")
        for stretch in (days, self.listed or (), *(term for terms in self.terms.values() for term in terms)):
            for day in stretch:
                place_of_day(day)

    def with_terms(self, said: Mapping[str, Any]) -> Calendar:
        """The same calendar with the school terms of each area, as a file says them. Raises Fault."""
        return replace(self, terms=read_calendar({"zone": self.zone, "terms": said}).terms)

    def is_working(self, day: date, known_on: date) -> bool:
        """Whether a day is worked, as known on a day. Where no holidays are listed only weekends are not."""
        if day.weekday() in (self.weekend or ()):
            return False
        announced = self._announced.get(day)
        return announced is None or announced > known_on

    def is_school_day(self, day: date, area: str) -> bool | None:
        """Whether the schools of an area are open; None before its first and after its last known term."""
        counted = self._counted("school days", date.max, area)
        place = place_of_day(day)
        if counted is None or place not in counted.known:
            return None
        return counted.before[place + 1] > counted.before[place]

    def due(
        self,
        start: int,
        duration: Duration,
        known_on: date,
        excluded: Sequence[Span] = (),
        area: str | None = None,
    ) -> int | None:
        """The last second at which a limit that began at `start` is kept, with the holidays known on a day.

        Minutes and hours elapse; a longer unit ends with the civil day it falls on. Nought days end with the
        first day, from the trigger's own on, that counts. During `excluded` spans the clock stands still: an
        elapsed limit grows by the time from `lo` to `hi`, and a day that a span touches does not count. A
        limit that waits for a span without end is due at the end of the calendar's years.

        None where the calendar cannot tell: it has no terms of that `area`, or does not list holidays so far.
        """
        seconds = SECONDS_IN.get(duration.unit)
        if seconds is not None:
            due = start + duration.n * seconds
            return min(_lengthened(start, due, excluded), self._starts[DAYS] - 1) if excluded else due
        day: int | None = self.place_of(start)
        beginning = duration.beginning_with or duration.after_working_day
        if duration.after_working_day:
            day = self._next_working(self.place_of(start), known_on)
        if day is None:
            return None
        opening = day if beginning or duration.n == 0 else day + 1
        months = MONTHS_IN.get(duration.unit)
        if months is None:
            wanted = duration.n or 1
        else:
            last = months_later(day_at(day), duration.n * months, beginning)
            wanted = (last - FIRST).days - opening + 1
        counted = self._counted(duration.unit, known_on, area)
        return None if counted is None else self._end_of_counted(counted, opening, wanted, excluded)

    def _next_working(self, place: int, known_on: date) -> int | None:
        """The place of the first working day after a day; None where the calendar cannot tell."""
        counted = self._counted("working days", known_on, None)
        if counted is None or place + 1 not in counted.known:
            return None
        return counted.places[counted.before[place + 1]]

    def _end_of_counted(self, counted: Counted, opening: int, n: int, excluded: Sequence[Span]) -> int | None:
        """The last second of the nth day that counts, from the place `opening`; None beyond what is known."""
        before, places, known = counted
        if opening not in known:
            return None
        nth = before[opening] + n - 1
        try:
            if excluded:
                for lo, hi in self._touched(excluded, opening):
                    if lo > places[nth]:
                        break
                    if hi >= DAYS - 1:
                        return self._starts[DAYS] - 1
                    nth += before[hi + 1] - before[lo]
            return self._starts[places[nth] + 1] - 1
        except IndexError:
            return None

    def _touched(self, excluded: Sequence[Span], opening: int) -> Iterator[tuple[int, int]]:
        """The places that spans touch, from `opening` on: closed ranges in order, each place once."""
        reached = opening - 1
        for lo, hi in sorted(excluded):
            first = max(bisect_right(self._starts, lo) - 1, reached + 1)
            last = min(bisect_right(self._starts, hi) - 1, DAYS - 1)
            if first <= last:
                yield first, last
                reached = last

    def _counted(self, unit: Unit, known_on: date, area: str | None) -> Counted | None:
        """The days that count for a unit, numbered once for each set of holidays that was ever known."""
        if unit == "working days":
            area = None
        elif unit != "school days":
            return EVERY_DAY
        elif area is None and len(self.terms) == 1:  # the only one there is
            (area,) = self.terms
        elif area not in self.terms:
            return None
        if self.weekend is None:
            return None
        found = self._numbered.get((known_on, area))
        if found is None:
            told = [day for day in self._announced.values() if day <= known_on]
            last_told = max(told, default=date.min)  # nothing differs between one announcement and the next
            found = self._numbered.get((last_told, area)) or self._number(last_told, area)
            self._numbered[known_on, area] = self._numbered[last_told, area] = found
        return found

    def _number(self, known_on: date, area: str | None) -> Counted:
        week = bytes((FIRST.weekday() + day) % 7 not in (self.weekend or ()) for day in range(7))
        flags = bytearray(week * (DAYS // 7 + 1))[:DAYS]
        for day, announced in self._announced.items():
            if announced <= known_on:
                flags[place_of_day(day)] = 0
        known = _places(self.listed) if self.listed else range(DAYS)
        if area is not None:
            terms = [_places(term) for term in self.terms[area]]
            in_term = {place for term in terms for place in term if place in known}
            known = range(min(in_term), max(in_term) + 1) if in_term else range(0)
            flags = bytearray(flag and place in in_term for place, flag in enumerate(flags))
        flags[: known.start] = bytes(known.start)
        flags[known.stop :] = bytes(DAYS - known.stop)
        return Counted(list(accumulate(flags, initial=0)), list(compress(range(DAYS), flags)), known)

    @cached_property
    def _announced(self) -> dict[date, date]:
        return {day: announced or date.min for day, announced in self.holidays}

    @cached_property
    def _numbered(self) -> dict[tuple[date, str | None], Counted]:
        return {}


def _places(days: Stretch) -> range:
    return range(place_of_day(days[0]), place_of_day(days[1]) + 1)


def _lengthened(start: int, due: int, excluded: Sequence[Span]) -> int:
    """An elapsed limit, longer by the time each span takes while it runs; where spans overlap, once."""
    reached = start
    for lo, hi in sorted(excluded):
        stopped = max(lo, reached)
        if stopped >= due:
            break
        if hi > stopped:
            due += hi - stopped
            reached = hi
    return due


# ---- the file of a pack ------------------------------------------------------------------------------------


class FromTo(Strict):
    """A first and a last day."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @property
    def days(self) -> Stretch:
        """Both days. Raises Fault where the last comes before the first."""
        if self.last < self.first:
            raise Fault(f"{self.last} comes before {self.first}. Change them round.")
        return self.first, self.last


class Holiday(Strict):
    """A holiday that was not known throughout; `unconfirmed` stands for a day nobody could show us."""

    title: str
    announced: date | Literal["unconfirmed"]


class CalendarFile(Strict):
    """A pack's calendar as its file says it."""

    zone: str
    weekend: list[Weekday] | None = None
    listed: FromTo | None = None
    holidays: dict[date, str | Holiday] = Field(default_factory=dict)
    terms: dict[str, list[FromTo]] = Field(default_factory=dict)

    @field_validator("zone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key
        except (KeyError, ValueError, OSError) as fault:
            raise ValueError(f"{zone!r} is not in the time zone database, as Area/City") from fault

    def calendar(self) -> Calendar:
        """The calendar it describes; an unconfirmed announcement is taken as known throughout."""
        numbers = {name: number for number, name in enumerate(get_args(Weekday))}
        return Calendar(
            zone=self.zone,
            weekend=None if self.weekend is None else frozenset(numbers[day] for day in self.weekend),
            holidays=tuple((day, _announced(said)) for day, said in self.holidays.items()),
            listed=self.listed.days if self.listed else None,
            terms={area: tuple(term.days for term in terms) for area, terms in self.terms.items()},
        )


def _announced(said: str | Holiday) -> date | None:
    return None if isinstance(said, str) or said.announced == "unconfirmed" else said.announced


def read_calendar(said: Mapping[str, Any]) -> Calendar:
    """The calendar a pack's file describes. Raises Fault naming the key that cannot be used."""
    try:
        return CalendarFile.model_validate(said).calendar()
    except ValidationError as fault:
        first = fault.errors()[0]
        key = " > ".join(str(step) for step in first["loc"])
        raise Fault(f"The calendar's {key}: {first['msg']}.") from fault
