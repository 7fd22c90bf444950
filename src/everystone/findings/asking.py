"""What is being asked at this moment: the frame, the one asked for, the trigger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from everystone.findings.told import Told
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.ledger.people import People

LED_BY = "led by"  # the state every pack with leads declares; exclusions and attribution look it up
TEAM = "team"


class Fired(NamedTuple):
    """A trigger that fired: its entry, when (a span of seconds), whether surely, and for whom (None: look it up).

    `n` is the number of the due that was missed, where a missed duty of a rhythm fired it.
    """

    entry: Entry
    lo: int
    hi: int
    certain: bool = True
    person: str | None = None
    n: int = 0


class Asking:
    """One frame asked for one person or reference ("" for the frame itself) on account of one trigger.

    All standards that ask the same person on account of the same entry share one, so it is never changed. `about`
    keeps which entries are about the one asked for (None: all of them are), `days` the civil days of the trigger.
    """

    __slots__ = ("_days", "about", "fired", "frame", "people", "person", "place", "previous", "role", "root", "trigger")

    def __init__(self, frame: Frame, role: str, person: str, fired: Fired, previous: Fired | None = None) -> None:
        self.frame, self.role, self.person, self.fired, self.previous = frame, role, person, fired, previous
        self.people: People = frame.people
        self.trigger: Entry = fired.entry
        key = fired.entry.source.key
        self.place = person, key, fired.lo
        self.root = frame.root_of.get(key, key) if frame.root_of else key
        self._days: tuple[date, date] | None = None
        self.about: dict[str, Told] | None = None
        if person and role not in ("case", "reference"):
            self.about = frame.memo.setdefault(("about", role, person), {})

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last civil day of the trigger, worked out once."""
        days = self._days
        if days is None:
            fired, first = self.fired, self.frame.day(self.fired.lo)
            days = self._days = first, first if fired.hi == fired.lo else self.frame.day(fired.hi)
        return days

    def lead(self, instant: int) -> str:
        """Who leads the case at an instant, "" where the record does not say."""
        leads = self.frame.memo.setdefault(LED_BY, {})
        if instant not in leads:
            known = LED_BY in self.frame.words.states
            leads[instant] = str(self.frame.value(LED_BY, "", instant) or "") if known else ""
        lead: str = leads[instant]
        return lead

    def led(self, instant: int) -> frozenset[str]:
        """Everybody who led the case at an instant or before it."""
        if LED_BY not in self.frame.words.states:
            return frozenset()
        held = self.frame.state(LED_BY).get("", ())
        return frozenset(str(each.value) for each in held if each.value and each.lo <= instant)

    def persons(self, role: str) -> list[str]:
        """The victims or suspects that matter to the one asked for: those linked, else all."""
        if self.role == role or (self.role == "child" and role == "victim"):
            return [self.person]
        people = self.people
        links = people.victims_of if role == "victim" else people.suspects_of
        linked = links.get(self.person)
        if linked:
            return sorted(linked)
        return people.candidates(role)

    def covered(self, kinds: Sequence[str] | frozenset[str], first: date | None, until: int) -> tuple[str, ...]:
        """The kinds among these that the sources do not fully hold up to an instant (empty: all are held).

        Of a feed nobody can say what it has not brought by a due instant that is later than what it brought last.
        """
        coverage = self.frame.coverage
        if coverage.total:
            return ()
        day = self.frame.words.calendar.day_of(int(min(until, self.frame.instant)))
        missing = tuple(coverage.least(kinds, first, day, self.frame.team_at(self.fired.lo))[1])
        if missing or not coverage.upto or not self.fired.hi < int(until) < int(self.frame.instant):
            return missing
        return tuple(coverage.not_come(kinds, int(until)))


Test = Callable[[Asking, Entry], Told]  # a condition, made ready: what an asking is told of an entry
