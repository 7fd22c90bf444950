"""Things that last: from an entry to an end that may be moved, cut short, or not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from everystone.findings.asking import Asking, Fired
from everystone.findings.match import Matcher, ordered
from everystone.findings.standing import Standing, persons_of
from everystone.findings.told import Told
from everystone.ledger.entry import Entry
from everystone.ledger.people import listed
from everystone.ledger.state import NEVER
from everystone.standards.danger import Ending, Lasting, Moving, Part
from everystone.standards.item import several

MONTH = 2_629_800  # seconds: a twelfth of 365.25 days, for parts of a term, which no calendar divides


class Stretch(NamedTuple):
    """One such thing of one person: from `lo` to `hi` (seconds, inclusive), unless it ended before.

    `sure`: it surely began, and its end is known; `ended`: an entry ended it.
    """

    entry: Entry
    lo: int
    hi: int
    sure: bool
    ended: Told

    def runs(self, instant: int) -> Told:
        """Whether it runs at an instant; None where that is not known."""
        if self.ended or instant < self.lo or instant > self.hi:
            return False
        return True if self.sure and self.ended is False else None


class Lasts:
    """One lasting thing of the file, made ready. What cannot be told of its beginning did not begin (`surely`)."""

    surely = True

    def __init__(self, said: Lasting, *, ever: bool = False) -> None:
        self.said, self.ever = said, ever
        self.begins = [Matcher(item) for item in several(said.after) if item.counted is None]
        self.moves = [(each, Matcher(each)) for each in said.moved_by]
        self.ends = [(each, Matcher(each)) for each in said.ends]
        self.fields = listed(said.whose)
        self.kinds = frozenset(kind for matcher in self.begins for kind in matcher.kinds)

    def named(self, entry: Entry) -> Sequence[str]:
        """The persons an entry is about in this thing."""
        return persons_of(entry, self.fields)

    def of(self, standing: Standing, role: str, person: str) -> Iterable[Stretch]:
        """Every stretch of one person."""
        for matcher in self.begins:
            if standing.has(matcher.kinds):
                for entry in matcher.among(standing.frame):
                    if person in self.named(entry):
                        stretch = self.stretch(standing, role, person, entry, matcher)
                        if stretch is not None:
                            yield stretch

    def stretch(self, standing: Standing, role: str, person: str, entry: Entry, matcher: Matcher) -> Stretch | None:
        """What one entry begins for one person, if anything that still may run."""
        asking = Asking(standing.frame, role, person, Fired(entry, entry.lo, entry.hi))
        fits = matcher.fits_as_trigger(asking, entry)
        if fits is False or (fits is None and self.surely):
            return None
        lo = self._instant(standing, entry, self.said.begins, first=True)
        lo = entry.lo if lo is None else lo
        hi = self._end(standing, entry, lo)
        if self.moves:
            hi = self._moved(standing, asking, entry, lo, hi)
        if hi is not None and self._is_past(standing, lo, hi):
            return None
        return Stretch(entry, lo, NEVER if hi is None else hi, bool(fits) and hi is not None,
                       self._ended(standing, asking, entry) if self.ends else False)  # fmt: skip

    def _is_past(self, standing: Standing, lo: int, hi: int) -> bool:
        return not lo <= standing.instant <= hi

    # ---- its end -----------------------------------------------------------------------------------------------

    def _instant(self, standing: Standing, entry: Entry, said: str | Part | None, *, first: bool) -> int | None:
        if isinstance(said, Part):
            months = entry.data.get(said.months_in)
            return entry.lo + int(months * said.part * MONTH) if isinstance(months, int | float) else None
        span = standing.dated(entry, said) if said else None
        return None if span is None else span[0 if first else 1]

    def _end(self, standing: Standing, entry: Entry, lo: int) -> int | None:
        """The planned end; None where there should be one and the record does not give it."""
        said = self.said
        if said.within is not None:
            start = self._instant(standing, entry, said.begins, first=False)
            calendar = standing.frame.words.calendar
            return calendar.due(lo if start is None else start, said.within.duration, standing.frame.known_day)
        if said.until is None:
            return NEVER
        end = self._instant(standing, entry, said.until, first=said.last_day == "does not count")
        return end if end is not None else NEVER if said.without_a_date == "no end" else None

    def _moved(self, standing: Standing, asking: Asking, entry: Entry, lo: int, hi: int | None) -> int | None:
        for said, matcher in self.moves:
            for found in matcher.among(standing.frame) if standing.has(matcher.kinds) else ():
                in_time = hi is None or found.lo <= hi
                if in_time and ordered(entry, found, same_day=True) and matcher.fits(asking, found):
                    to = self._new_end(standing, said, found, lo)
                    hi = hi if to is None else to
        return hi

    def _new_end(self, standing: Standing, said: Moving, found: Entry, lo: int) -> int | None:
        if said.until is not None:
            span = standing.dated(found, said.until)
            return span[1] if span else None
        hours = found.data.get(said.hours) if said.hours else None
        return lo + int(hours * 3600) if isinstance(hours, int | float) else None

    def _ended(self, standing: Standing, asking: Asking, entry: Entry) -> Told:
        """Whether an entry ended it, the latest asked first."""
        answer: Told = False
        for said, matcher in self.ends:
            for found, fits in self._endings(standing, asking, said, matcher) if standing.has(matcher.kinds) else ():
                if found is entry:
                    continue
                after: Told = True if self.ever else ordered(entry, found, same_day=True)
                if after and fits:
                    return True
                if after is not False:
                    answer = None
        return answer

    def _endings(
        self, standing: Standing, asking: Asking, said: Ending, matcher: Matcher
    ) -> Sequence[tuple[Entry, Told]]:
        """The entries that end such things for a person, the latest first; the same for each, unless it is paired."""
        place = matcher, asking.role, asking.person
        endings = standing.endings.get(place)
        if endings is None:
            found = [each for each in matcher.among(standing.frame) if self._in_force(standing, each, said)]
            endings = [(each, fits) for each in reversed(found) if (fits := matcher.fits(asking, each)) is not False]
            if said.same in (None, "case"):
                standing.endings[place] = endings
        return endings

    def _in_force(self, standing: Standing, found: Entry, said: Ending) -> bool:
        if said.at is not None:
            span = standing.dated(found, said.at)
            if span is None or span[0] > standing.instant:
                return False
        return standing.counts_here(found, said.same)
