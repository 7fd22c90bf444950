"""What one evaluator says of one asking, before it is made a whole answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from everystone.findings.answer import CANNOT_BE_TOLD, DOES_NOT_APPLY, MET, WORST, Said
from everystone.findings.asking import Asking, Fired
from everystone.findings.match import Matcher, ordered
from everystone.ledger.entry import Entry
from everystone.standards.grammar import Body
from everystone.standards.item import Item

MARKS = ("recorded late", "recorded after a review or complaint began", "as the force recorded it")
UNDER_REVIEW = "under review"  # the state in which what is written down may answer a question already asked


class Partial(NamedTuple):
    """One answer without its names: see `Answer` for the columns."""

    answer: Said
    reason: str = ""
    due: int | None = None
    evidence: tuple[Entry, ...] = ()
    marks: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    n: int = 0

    @property
    def spoken(self) -> tuple[Said, str]:
        """What must be equal for two readings of one duty to stand as one."""
        return self.answer, self.reason


def worst_of(partials: Sequence[Partial]) -> Partial:
    """The worst limb's answer."""
    return min(partials, key=lambda each: WORST.index(each.answer))


def untold(reason: str, about: Sequence[str] = (), due: int | None = None, n: int = 0) -> Partial:
    """An answer that cannot be told, and why."""
    return Partial(CANNOT_BE_TOLD, reason, due, about=tuple(about), n=n)


def met(asking: Asking, evidence: Sequence[Entry], due: int | None, n: int = 0) -> Partial:
    """A duty that is met, marked where what met it was written down late, under review, or by the force for another."""
    words = asking.frame.words
    reviews = asking.frame.state(UNDER_REVIEW).get("", ()) if UNDER_REVIEW in words.states else ()
    late = under_review = by_force = False
    for entry in evidence:
        late = late or (due is not None and entry.recorded > due >= entry.lo)
        under_review = under_review or any(entry.lo < each.lo <= entry.recorded for each in reviews)
        by_force = by_force or (entry.kind in words.kinds.of_another_body and entry.source.channel in ("", "force"))
    marks: tuple[str, ...] = ()
    if late or under_review or by_force:
        told = zip((late, under_review, by_force), MARKS, strict=True)
        marks = tuple(mark for so, mark in told if so)
    return Partial(MET, "", due, tuple(evidence), marks, (), n)


class Excuses:
    """What excuses from a duty: an entry, a state, or the duty done not long before."""

    def __init__(self, body: Body) -> None:
        self.entries = [Matcher(item) for item in body.unless if item.kind]
        self.states = [item for item in body.unless if item.state]
        self.recent = [(Matcher(recent.item), recent.within) for recent in body.unless_recent]

    def uncovered(self, asking: Asking, until: int) -> tuple[str, ...]:
        """The kinds that might have excused but are not held for all of the time in which they count."""
        frame = asking.frame
        if frame.coverage.total:
            return ()
        states = frame.words.states
        kinds = {kind for matcher in self.entries for kind in matcher.kinds}
        kinds |= {kind for item in self.states for kind in states[str(item.state)].starting_kinds}
        missing = asking.covered(frozenset(kinds), frame.began, until)
        for matcher, within in self.recent:
            window = frame.words.calendar.due(0, within.duration, frame.known_day) or 0
            missing += asking.covered(matcher.kinds, frame.day(asking.fired.lo - window), asking.fired.hi)
        return missing

    def excuse(self, asking: Asking, due: int, n: int = 0) -> Partial | None:
        """The answer *does not apply* with what excuses, if anything surely does by the due instant."""
        for matcher in self.entries:
            for entry in matcher.among(asking.frame):
                if entry is not asking.trigger and entry.lo <= due and matcher.fits(asking, entry):
                    return _excused(asking, entry, due, n)
        for matcher, within in self.recent:
            for entry in matcher.among(asking.frame):
                if (
                    entry is not asking.trigger
                    and self._not_long_before(asking, entry, within.duration)
                    and (matcher.fits(asking, entry))
                ):
                    return _excused(asking, entry, due, n)
        instants = (due,) if n else (asking.fired.lo, due)  # a rhythm is excused due by due
        if any(self._in_state(asking, item, instants) for item in self.states):
            return Partial(DOES_NOT_APPLY, "excused", due, marks=("excused by",),
                           about=tuple(str(item.state) for item in self.states), n=n)  # fmt: skip
        return None

    def _not_long_before(self, asking: Asking, entry: Entry, duration: object) -> bool:
        calendar, frame = asking.frame.words.calendar, asking.frame
        until = calendar.due(entry.lo, duration, frame.known_day)  # type: ignore[arg-type]
        fired: Fired = asking.fired
        return until is not None and ordered(entry, fired, same_day=False) is True and fired.lo <= until

    def _in_state(self, asking: Asking, item: Item, instants: Sequence[int]) -> bool:
        state = str(item.state)
        of = asking.frame.words.states[state].of
        if of in ("officer", "anyone") and asking.person and asking.role != "reference":
            people = [asking.person]
        else:
            people = [""] if of == "case" else asking.persons("suspect" if of == "suspect" else "victim")
        now = asking.frame.instant
        return any(asking.frame.holds(state, name, min(instant, now)) for name in people for instant in instants)


def _excused(asking: Asking, entry: Entry, due: int, n: int) -> Partial:
    return Partial(DOES_NOT_APPLY, "excused", due, (entry,), ("excused by",), (entry.kind,), n)
