"""Response: after a trigger an entry is expected, by a due instant, or already before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from everystone.findings.answer import MET, NOT_MET, NOT_YET_DUE
from everystone.findings.asking import Asking, Fired, Test
from everystone.findings.expect import Expected, Found, Stretch
from everystone.findings.match import Matcher, first_after, test_of
from everystone.findings.partial import Excuses, Partial, met, untold, worst_of
from everystone.ledger.case import NOTHING
from everystone.ledger.entry import Entry
from everystone.ledger.state import NEVER
from everystone.standards.condition import Condition
from everystone.standards.grammar import Limb, Response
from everystone.standards.item import Item, several
from everystone.standards.limit import Field_, Within


class Due(NamedTuple):
    """The due instant, as a span where the trigger is one; NEVER where nothing has set it yet."""

    lo: int
    hi: int


class Limit:
    """How the due instant is found: within a duration, until a date in a field, before something that comes."""

    def __init__(
        self, within: Within | None, until: Field_ | None, before: Sequence[Matcher],
        moved_by: Matcher | None = None, stops: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.within, self.until, self.before, self.moved_by, self.stops = (
            within,
            until,
            before,
            moved_by,
            stops,
        )
        self.from_trigger = within is not None and not (within.since or within.since_day_after or within.since_field)
        self.plain = within is not None and until is None and not before
        self.dated = Matcher(Item(kind=until.kind, same=until.same)) if until and until.kind else None
        #: The fields of the trigger without which there is no due instant: a date, or the area whose schools count.
        self.rests_on = (
            (until.field,) if until else ("area",) if within and within.duration.unit == "school days" else ()
        )

    def due(self, asking: Asking, fired: Fired) -> Due | None:
        """The due instant of a fired trigger; None where the record does not give what it rests on."""
        if self.plain:
            return self._counted(asking, fired)
        dues = []
        written = self._written(asking) if self.until is not None else None
        if written is not None:
            dues.append(self._moved(asking, Due(written, written)))
        elif self.within is not None:
            counted = self._counted(asking, fired)
            if counted is None:
                return None
            dues.append(self._moved(asking, counted))
        if self.before:
            dues.append(self._before(asking, fired))
        if not dues:
            return None if self.until is not None else Due(NEVER, NEVER)
        return min(dues)

    def _counted(self, asking: Asking, fired: Fired) -> Due | None:
        assert self.within is not None  # noqa: S101 - asked only then
        lo, hi = (fired.lo, fired.hi) if self.from_trigger else self._start(asking, fired)
        stopped = [span for state in self.stops for span in _spans(asking, state)]
        first = self._ends(asking, lo, stopped)
        if first is None:
            return None
        last = first if hi == lo else self._ends(asking, hi, stopped)
        return Due(first, first if last is None else last)

    def _ends(self, asking: Asking, start: int, stopped: Sequence[tuple[int, int]]) -> int | None:
        """The last second of the limit; with a time of the day, of the days that count the nth such time to come."""
        assert self.within is not None  # noqa: S101 - asked only then
        calendar, known, duration = asking.frame.words.calendar, asking.frame.known_day, self.within.duration
        area = asking.trigger.data.get("area")
        if self.within.at is None:
            return calendar.due(start, duration, known, stopped, area)
        for n in (duration.n - 1, duration.n):
            day = calendar.due(start, replace(duration, n=n), known, stopped, area)
            due = None if day is None else calendar.span(f"{calendar.day_of(day)} {self.within.at}")[1]
            if due is None or due >= start:
                return due
        return None

    def _start(self, asking: Asking, fired: Fired) -> tuple[int, int]:
        """Where counting begins: at the trigger, or at the last entry of a named kind up to it."""
        assert self.within is not None  # noqa: S101 - asked only then
        text = asking.trigger.data.get(self.within.since_field) if self.within.since_field else None
        if text:
            return asking.frame.words.calendar.span(str(text))
        kind = self.within.since or self.within.since_day_after
        if kind is None:
            return fired.lo, fired.hi
        start: Entry | Fired = last_before(asking, kind) or fired
        if self.within.since is not None:
            return start.lo, start.hi
        calendar = asking.frame.words.calendar
        after = calendar.end_of(calendar.day_of(start.lo)) + 1
        return after, after

    def _written(self, asking: Asking) -> int | None:
        assert self.until is not None  # noqa: S101 - asked only then
        source: Entry | None = asking.trigger
        if (dated := self.dated) is not None:
            source = next((entry for entry in dated.among(asking.frame) if dated.fits(asking, entry)), None)
        text = source.data.get(self.until.field) if source is not None else None
        return asking.frame.words.calendar.span(str(text))[1] if text else None

    def _moved(self, asking: Asking, due: Due) -> Due:
        """The due instant as moved by later entries, each time before it had passed."""
        for entry in self.moved_by.among(asking.frame) if self.moved_by is not None and self.until is not None else ():
            text = entry.data.get(self.until.field)  # type: ignore[union-attr]
            if text and entry.lo <= due.hi and self.moved_by.fits(asking, entry):  # type: ignore[union-attr]
                moved = asking.frame.words.calendar.span(str(text))[1]
                due = Due(moved, moved)
        return due

    def _before(self, asking: Asking, fired: Fired) -> Due:
        first = first_after(self.before, asking, fired, but=fired.entry)
        return Due(first, first)


def last_before(asking: Asking, kind: str) -> Entry | None:
    """The last entry of a kind up to the trigger that is about the one asked for."""
    row = asking.frame.by_kind.get(kind, NOTHING)
    return next((entry for entry in row.latest(asking.fired.hi) if _reaches(asking, entry)), None)


def _reaches(asking: Asking, entry: Entry) -> bool:
    if not asking.person or asking.role == "reference":
        return True
    reached = asking.people.reached(entry, asking.role)
    return reached is None or asking.person in reached


def _last(asking: Asking, matcher: Matcher) -> Entry | None:
    """The last entry up to the trigger, and not the trigger itself, that surely is one of those meant."""
    for entry in matcher.among(asking.frame).latest(asking.fired.lo):
        if entry is not asking.trigger and matcher.fits(asking, entry):
            return entry
    return None


def _spans(asking: Asking, state: str) -> list[tuple[int, int]]:
    of = asking.frame.words.states[state].of
    people = [""] if of == "case" else asking.persons("suspect" if of == "suspect" else "victim")
    return [span for name in people for span in asking.frame.spans(state, name)]


class LimbPlan:
    """A second limb, made ready."""

    def __init__(self, limb: Limb, stops: Sequence[str]) -> None:
        self.limb = limb
        self.when: Test | None = test_of(limb.when) if isinstance(limb.when, Condition) else None
        self.expected = Expected(limb.expect)
        self.limit = Limit(limb.within, limb.until, [Matcher(item) for item in several(limb.before)], None, stops)
        self.by_the_day = limb.within is not None and limb.within.by_the_day
        self.then = LimbPlan(limb.then, stops) if limb.then else None


class ResponsePlan:
    """One body of a response (or count), made ready."""

    def __init__(self, body: Response) -> None:
        self.body = body
        self.already = body.before == "trigger"
        self.expected = Expected(body.expect)
        before = [] if body.before is None or body.before == "trigger" else several(body.before)
        moved_by = Matcher(body.moved_by) if body.moved_by else None
        self.limit = Limit(
            body.within, body.until, [Matcher(item) for item in before], moved_by, body.clock_stops_while
        )
        self.since = [Matcher(item) for item in several(body.since)] if body.since not in (None, "previous") else []  # type: ignore[arg-type]
        self.excuses = Excuses(body)
        by_the_day = body.within is not None and body.within.by_the_day
        self.same_day = body.same_day == "counts" or (body.same_day is None and by_the_day)
        self.then = LimbPlan(body.then, body.clock_stops_while) if body.then else None

    def answers(self, asking: Asking) -> list[Partial]:
        """The one answer of this duty: the worst of its limbs, or that it is excused."""
        first, found = self._first(asking)
        if first.answer == MET and self.then is None:
            return [first]
        if first.answer != MET:
            excused = self.excuses.excuse(asking, first.due if first.due is not None else asking.frame.instant)
            if excused is not None:
                return [excused]
        limbs = [first, *self._limbs(asking, self.then, first, found)]
        answer = worst_of(limbs)
        if answer.answer == MET:
            answer = first._replace(evidence=tuple(entry for limb in limbs for entry in limb.evidence))
        if answer.answer == NOT_MET:
            answer = self._unless_uncovered(asking, answer)
        return [answer]

    def _first(self, asking: Asking) -> tuple[Partial, Found]:
        fired, frame = asking.fired, asking.frame
        if self.already:
            due: Due | None = Due(fired.lo, fired.hi)
        else:
            due = self.limit.due(asking, fired)
        if due is None:
            return untold("not recorded", self.limit.rests_on), Found(None)
        grace = None
        if self.body.recorded_within is not None:
            grace = frame.words.calendar.due(fired.hi, self.body.recorded_within.duration, frame.known_day)
        stretch = Stretch(fired, due.lo, due.hi, not self.already, self.same_day, self.not_before(asking), grace)
        found = self.expected.find(asking, stretch)
        last = grace if grace is not None else due.hi
        return _judged(asking, found, last, self.body.fails_as, self.already and grace is None), found

    def not_before(self, asking: Asking) -> int | None:
        """What an expected entry may not come before (seconds UTC); None where nothing says."""
        if self.body.not_before is not None:
            return self._soonest(asking, self.body.not_before)
        if self.body.since == "previous":
            return asking.previous.lo if asking.previous else None
        return max((entry.lo for matcher in self.since if (entry := _last(asking, matcher)) is not None), default=None)

    def _soonest(self, asking: Asking, within: Within) -> int | None:
        calendar = asking.frame.words.calendar
        soonest = calendar.due(asking.fired.lo, within.duration, asking.frame.known_day)
        return calendar.start_of(calendar.day_of(soonest)) if soonest is not None and within.by_the_day else soonest

    def _limbs(self, asking: Asking, plan: LimbPlan | None, first: Partial, found: Found) -> list[Partial]:
        if plan is None:
            return []
        if plan.when is not None:
            told = plan.when(asking, asking.trigger)
            if told is None:
                return [untold("not recorded")]
            if not told:
                return []
        elif (plan.limb.when == "first met" and first.answer != MET) or (
            plan.limb.when == "first not met" and first.answer != NOT_MET
        ):
            return []
        fired = asking.fired
        if plan.limb.counted_from == "first":
            began = found.evidence[-1] if found.told else (found.late[-1] if found.late else None)
            if began is None:
                return []
            fired = Fired(began, began.lo, began.hi)
        return self._limb(asking, plan, fired)

    def _limb(self, asking: Asking, plan: LimbPlan, fired: Fired) -> list[Partial]:
        due = plan.limit.due(asking, fired)
        if due is None:
            return [untold("not recorded")]
        inner = Asking(asking.frame, asking.role, asking.person, fired, asking.previous)
        stretch = Stretch(fired, due.lo, due.hi, True, plan.by_the_day)
        found = plan.expected.find(inner, stretch)
        answer = _judged(inner, found, due.hi, "no record shows", False)
        return [answer, *self._limbs(inner, plan.then, answer, found)]

    def _unless_uncovered(self, asking: Asking, answer: Partial) -> Partial:
        """Not met only where the sources could have held what excuses."""
        if asking.frame.coverage.total:
            return answer
        states = asking.frame.words.states
        kinds = frozenset(kind for stop in self.limit.stops for kind in states[stop].starting_kinds)
        until = answer.due or asking.frame.instant
        missing = asking.covered(kinds, asking.frame.began, until) + self.excuses.uncovered(asking, until)
        return untold("not carried", missing, answer.due) if missing else answer


def _judged(asking: Asking, found: Found, due: int, fails_as: str, now: bool) -> Partial:
    """The answer that a search gives; `now` where it is due at the trigger itself."""
    shown = due if due < NEVER else None
    if found.told:
        return met(asking, found.evidence, shown)
    if not now and asking.frame.instant <= due:
        return Partial(NOT_YET_DUE, "", shown)
    if found.told is None:
        return untold(found.reason, found.about, shown)._replace(evidence=found.evidence)
    if found.late:
        return Partial(NOT_MET, "late by", shown, found.late, about=found.about)
    if found.wrong:
        return Partial(NOT_MET, "wrong person", shown, found.wrong, about=found.about)
    return Partial(NOT_MET, fails_as, shown, found.evidence, about=found.about)
