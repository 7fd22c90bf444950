"""Rhythm: a beat is expected again and again, from a beginning until an end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from everystone.findings.answer import NOT_MET, NOT_YET_DUE
from everystone.findings.asking import Asking, Fired
from everystone.findings.match import Matcher, first_after
from everystone.findings.partial import Excuses, Partial, met, untold
from everystone.findings.response import Limit
from everystone.findings.told import Told, some
from everystone.ledger.case import NOTHING
from everystone.ledger.duration import Duration
from everystone.ledger.entry import Entry
from everystone.ledger.state import NEVER
from everystone.standards.grammar import Rhythm
from everystone.standards.item import Item, several
from everystone.standards.limit import Within

LONGEST = 10_000  # dues of one run; none comes near it


class Run(NamedTuple):
    """One stretch of a rhythm: what began it and when it ends."""

    asking: Asking
    end: int


class RhythmPlan:
    """One body of a rhythm, made ready."""

    def __init__(self, body: Rhythm) -> None:
        self.body = body
        self.beats = [Matcher(item) for item in several(body.beat)]
        self.ends = [Matcher(item) for item in several(body.until)]
        self.excuses = Excuses(body)
        agreed = None if isinstance(body.every, Within) else body.every.agreed
        self._limits: dict[tuple[Duration, str | None, str | None], Limit] = {}
        self.agreements = Matcher(Item(kind=agreed.kind)) if agreed else None

    def runs(self, begun: Sequence[Asking]) -> Iterable[Run]:
        """The runs of one person: a beginning inside a run changes nothing, one after its end restarts it."""
        end = -NEVER
        for asking in begun:
            if asking.fired.lo < end:
                continue
            end = self._end(asking)
            yield Run(asking, end)

    def _end(self, asking: Asking) -> int:
        return first_after(self.ends, asking, asking.fired, but=asking.trigger)

    def answers(self, run: Run) -> list[Partial]:
        """One answer for each due of a run: met by the beats before it, missed, or not yet due."""
        asking, answers = run.asking, list[Partial]()
        since: Entry | Fired = asking.fired
        missed: int | None = None
        for n in range(1, LONGEST):
            start = asking.fired.lo if n == 1 else missed if missed is not None else since.lo
            due = self._due(asking, start, first=n == 1)
            if due is None:
                return [*answers, untold("not recorded", self._rests_on(), n=n)]
            sure, perhaps = self._beat(run, start, due[1], since)
            if sure is not None and sure.hi <= due[1]:
                answers.append(met(asking, (sure,), due[1], n))
                since, missed = sure, None
                continue
            if run.end <= due[1]:
                return answers
            if asking.frame.instant <= due[1]:
                return [*answers, Partial(NOT_YET_DUE, "", due[1], n=n)]
            answers.append(self._missed(run, due, perhaps, since, n))
            missed = due[1]
        return answers

    def _missed(self, run: Run, due: tuple[int, int], perhaps: Entry | None, since: Entry | Fired, n: int) -> Partial:
        asking = run.asking
        excused = self.excuses.excuse(asking, due[1], n)
        if excused is not None:
            return excused
        frame = asking.frame
        if perhaps is not None:
            return untold("not recorded", (perhaps.kind,), due[1], n)
        if due[0] != due[1]:
            return untold("not recorded", self._rests_on(), due[1], n)
        evidence = (since.entry if isinstance(since, Fired) else since,)
        kinds = frozenset(kind for matcher in (*self.beats, *self.ends) for kind in matcher.kinds if kind != "any")
        rests_on = kinds | self._state_kinds(asking) | self._any_kind(asking)
        missing = asking.covered(rests_on, frame.day(run.asking.fired.lo), due[1]) + self.excuses.uncovered(
            asking, due[1]
        )
        if missing:
            return untold("not carried", missing, due[1], n)
        beats_of = {kind for matcher in self.beats for kind in matcher.kinds}
        return Partial(NOT_MET, "gap of", due[1], evidence, about=tuple(sorted(beats_of)), n=n)

    def _state_kinds(self, asking: Asking) -> frozenset[str]:
        """The kinds of the states on which the length rests, or during which the clock stops."""
        every, states = self.body.every, asking.frame.words.states
        names = [
            *self.body.clock_stops_while,
            *([every.by] if not isinstance(every, Within) and every.by else []),
        ]
        return frozenset(kind for name in names for kind in states[name].kinds)

    def _any_kind(self, asking: Asking) -> frozenset[str]:
        """Where every substantive kind is a beat, all of them must be held."""
        if not any(matcher.any_kind for matcher in self.beats):
            return frozenset()
        kinds = asking.frame.words.kinds
        return kinds.substantive - kinds.officer_level - kinds.extensions

    def _beat(self, run: Run, start: int, due: int, since: Entry | Fired) -> tuple[Entry | None, Entry | None]:
        """The last entry by the due, and before the end, that surely is a beat of the run; the last that may be one."""
        place = run.asking.frame.place
        last: list[Entry | None] = [None, None]
        for matcher in self.beats:
            for entry, fits in self._beats(run.asking, matcher, start, min(due, run.end - 1), since):
                for n, may in enumerate((fits is True, True)):
                    if may and ((best := last[n]) is None or place[entry.source.key] > place[best.source.key]):
                        last[n] = entry
                if fits:
                    break
        return last[0], last[1]

    def _beats(
        self, asking: Asking, matcher: Matcher, start: int, last: int, since: Entry | Fired
    ) -> Iterable[tuple[Entry, Told]]:
        """The entries between two instants that are a beat, or may be one; the latest first."""
        place, kinds = asking.frame.place, asking.frame.words.kinds
        past = -1 if isinstance(since, Fired) else place[since.key]  # beats of one minute: none twice
        for entry in reversed(matcher.among(asking.frame).between(start, last)):
            if place[entry.source.key] <= past:
                return
            if entry is asking.trigger:
                continue
            if matcher.any_kind and (entry.kind not in kinds.substantive or entry.kind in kinds.officer_level):
                continue
            fits = matcher.fits(asking, entry)
            if fits is not False:
                yield entry, fits

    # ---- how long ----------------------------------------------------------------------------------------------

    def _due(self, asking: Asking, start: int, *, first: bool) -> tuple[int, int] | None:
        """The next due as a span; a state that changes a running limit brings the earlier of the old and the new."""
        if first and self.body.first is not None:
            return self._after(asking, start, [self.body.first])
        every = self.body.every
        if isinstance(every, Within):
            return self._after(asking, start, [every])
        due = self._after(asking, start, self._lengths(asking, start))
        if due is None:
            return None
        for change in self._changes(asking, start, due[1]):
            lengths = self._lengths(asking, change)
            if every.agreed is not None and (agreed := self._after(asking, start, lengths)) and agreed[1] > due[1]:
                due = agreed  # what was agreed stands in place of the default, also where it is longer
                continue
            sooner = self._after(asking, change, lengths)
            if sooner is not None:
                due = min(due[0], sooner[0]), min(due[1], sooner[1])
        return due

    def _after(self, asking: Asking, start: int, lengths: Sequence[Within]) -> tuple[int, int] | None:
        dues = []
        for within in lengths:
            due = self._limit(within).due(asking, Fired(asking.trigger, start, start))
            if due is None:
                return None
            dues.append(due.hi)
        return (min(dues), max(dues)) if dues else None

    def _limit(self, within: Within) -> Limit:
        """The limit of a length, made ready once."""
        length = within.duration, within.since, within.since_day_after
        limit = self._limits.get(length)
        if limit is None:
            limit = self._limits[length] = Limit(within, None, (), None, self.body.clock_stops_while)
        return limit

    def _lengths(self, asking: Asking, instant: int) -> list[Within]:
        """The length in force at an instant; every length it might be where the record does not say."""
        every = self.body.every
        assert not isinstance(every, Within)  # noqa: S101 - asked only then
        if every.agreed is not None:
            agreed = self._agreed(asking, instant)
            return [agreed] if agreed else [every.otherwise] if every.otherwise else []
        state, whose = str(every.by), self._of_whom(asking, str(every.by))
        if set(every.when) <= {"yes", "no"}:
            holds = some(asking.frame.holds(state, person, instant) for person in whose)
            return [every.when[word] for word, so in (("yes", True), ("no", False)) if holds in (so, None)]
        value = next(
            (said for person in whose if (said := asking.frame.value(state, person, instant)) is not None),
            None,
        )
        if value in every.when:
            return [every.when[value]]
        return [every.otherwise] if every.otherwise is not None else list(every.when.values())

    def _of_whom(self, asking: Asking, state: str) -> list[str]:
        of = asking.frame.words.states[state].of
        return [""] if of == "case" else asking.persons("suspect" if of == "suspect" else "victim")

    def _agreed(self, asking: Asking, instant: int) -> Within | None:
        every = self.body.every
        assert not isinstance(every, Within) and every.agreed is not None  # noqa: S101 - asked only then
        assert self.agreements is not None  # noqa: S101 - as something is agreed
        for entry in self.agreements.among(asking.frame).latest(instant):
            days = entry.data.get(every.agreed.field)
            if isinstance(days, int) and self.agreements.fits(asking, entry):
                return _days(days)
        return None

    def _changes(self, asking: Asking, start: int, due: int) -> list[int]:
        every = self.body.every
        assert not isinstance(every, Within)  # noqa: S101 - asked only then
        if every.agreed is not None:
            entries = asking.frame.by_kind.get(str(every.agreed.kind), NOTHING)
            return [entry.lo for entry in entries.between(start + 1, min(due, asking.frame.instant))]
        by_person = asking.frame.state(str(every.by))
        stretches = [each for person in self._of_whom(asking, str(every.by)) for each in by_person.get(person, ())]
        return sorted(each.lo for each in stretches if start < each.lo <= min(due, asking.frame.instant))

    def _rests_on(self) -> tuple[str, ...]:
        every = self.body.every
        if isinstance(every, Within):
            return ()
        return (str(every.by),) if every.by else (every.agreed.field,) if every.agreed else ()


@lru_cache(maxsize=1024)
def _days(days: int) -> Within:
    return Within.model_validate({"days": days})
