"""Looking for what is expected: one entry, any of several, or all of them, inside a stretch of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from everystone.findings.asking import Asking, Fired
from everystone.findings.match import MINUTE, Matcher, ordered
from everystone.findings.told import Told, every, some
from everystone.ledger.case import Row
from everystone.ledger.entry import Entry
from everystone.standards.item import Item, Items, several


class Stretch(NamedTuple):
    """Where an expected entry must stand: after a fired trigger (or before it) and by an instant.

    `due_lo` and `due_hi` differ where the trigger is not known to the minute; `since` is what it may not precede;
    `recorded_by` the instant by which it must have been written down.
    """

    fired: Fired
    due_lo: int
    due_hi: int
    forward: bool = True
    same_day: bool = False
    since: int | None = None
    recorded_by: int | None = None

    def after(self, entry: Entry) -> Told:
        """Whether it stands on the right side of the trigger."""
        if self.since is not None and entry.lo < self.since:
            return False
        if self.forward:
            return ordered(self.fired, entry, same_day=self.same_day)
        return ordered(entry, self.fired, same_day=self.same_day)

    def among(self, row: Row) -> Sequence[Entry]:
        """The entries that may stand in it or come late: all but those that surely come too early."""
        if self.forward:
            return row.reaching(min(self.fired.lo, self.fired.entry.lo) - MINUTE)
        return row if self.since is None else row.since(min(self.since, self.fired.entry.lo))

    def past(self, entry: Entry) -> bool:
        """Whether an entry and all that come after it surely are too late."""
        return entry.lo > (self.due_hi if self.forward else self.fired.hi + MINUTE)

    def in_time(self, entry: Entry) -> Told:
        """Whether it came by the due instant."""
        if self.recorded_by is not None and entry.known > self.recorded_by:
            return False
        if not self.forward or entry.hi <= self.due_lo:
            return True
        return False if entry.lo > self.due_hi else None


class Found(NamedTuple):
    """What was found: told or not, by which entries; and if not, what came late, or by the wrong person."""

    told: Told
    evidence: tuple[Entry, ...] = ()
    late: tuple[Entry, ...] = ()
    wrong: tuple[Entry, ...] = ()
    reason: str = ""
    about: tuple[str, ...] = ()


class Expected:
    """A tree of items: each leaf one item, each node any or all of its parts."""

    def __init__(self, items: Items) -> None:
        alternatives = several(items)
        whole = alternatives[0] if len(alternatives) == 1 else Item(any=alternatives)
        self.sort = "any" if whole.any else "all" if whole.all else "leaf"
        self.parts = [Expected(part) for part in (whole.any or whole.all or ())]
        self.matcher = Matcher(whole) if self.sort == "leaf" else None

    @property
    def matchers(self) -> list[Matcher]:
        """Every leaf."""
        if self.matcher is not None:
            return [self.matcher]
        return [matcher for part in self.parts for matcher in part.matchers]

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind that is looked for."""
        return frozenset(kind for matcher in self.matchers for kind in matcher.kinds)

    def find(self, asking: Asking, stretch: Stretch) -> Found:
        """The first that fits, in the stretch; absent only where the sources could have held it."""
        if self.matcher is not None:
            return _leaf(asking, self.matcher, stretch)
        found = [part.find(asking, stretch) for part in self.parts]
        return _any(found) if self.sort == "any" else _all(found)


def _leaf(asking: Asking, matcher: Matcher, stretch: Stretch) -> Found:
    doubtful: tuple[Entry, ...] = ()
    late: tuple[Entry, ...] = ()
    wrong: tuple[Entry, ...] = ()
    no_order = False
    for entry in stretch.among(matcher.among(asking.frame)):
        if late and stretch.past(entry):
            break
        after = True if entry is stretch.fired.entry else stretch.after(entry)
        if after is False and (stretch.forward or late or ordered(stretch.fired, entry, same_day=False) is not True):
            continue
        in_time = True if entry is stretch.fired.entry else stretch.in_time(entry)
        fits = matcher.fits(asking, entry)
        if fits is False:
            if after and in_time and matcher.fits_but_for_the_actor(asking, entry):
                wrong = wrong or (entry,)
            continue
        if after is False or in_time is False:
            late = late or ((entry,) if fits and not _before_since(stretch, entry) else ())
            continue
        told = every((after, in_time, fits))
        if told:
            return Found(True, (entry,))
        doubtful = doubtful or (entry,)
        no_order = no_order or fits is True
    if doubtful:
        return Found(None, doubtful, reason="no order" if no_order else "not recorded", about=(doubtful[0].kind,))
    return _absent(asking, matcher, stretch, late, wrong)


def _before_since(stretch: Stretch, entry: Entry) -> bool:
    return stretch.since is not None and entry.lo < stretch.since


def _absent(
    asking: Asking, matcher: Matcher, stretch: Stretch, late: tuple[Entry, ...], wrong: tuple[Entry, ...]
) -> Found:
    if asking.frame.coverage.total:
        return Found(False, late=late, wrong=wrong, about=matcher.sorted_kinds)
    first = asking.frame.day(stretch.fired.lo) if stretch.forward else asking.frame.began
    if stretch.since is not None and first is not None:
        first = max(first, asking.frame.day(stretch.since))
    missing = asking.covered(matcher.kinds, first, stretch.due_hi)
    if missing:
        return Found(None, reason="not carried", about=missing)
    return Found(False, late=late, wrong=wrong, about=matcher.sorted_kinds)


def _any(found: Sequence[Found]) -> Found:
    told = some(each.told for each in found)
    if told:
        met = [each for each in found if each.told]
        return min(met, key=lambda each: (each.evidence[-1].lo, each.evidence[-1].key))
    if told is None:
        return next(each for each in found if each.told is None)
    late = min((each.late for each in found if each.late), key=lambda each: each[-1].lo, default=())
    wrong = next((each.wrong for each in found if each.wrong), ())
    return Found(False, late=late, wrong=wrong, about=_once(found))


def _all(found: Sequence[Found]) -> Found:
    told = every(each.told for each in found)
    evidence = tuple(entry for each in found if each.told for entry in each.evidence)
    if told:
        return Found(True, tuple(sorted(evidence, key=lambda entry: (entry.lo, entry.key))))
    if told is None:
        doubt = next(each for each in found if each.told is None)
        return doubt._replace(evidence=evidence + doubt.evidence)
    failed = [each for each in found if each.told is False]
    late = tuple(entry for each in failed for entry in each.late)
    all_late = late if all(each.late for each in failed) else ()
    wrong = tuple(entry for each in failed for entry in each.wrong)
    return Found(False, evidence, all_late, wrong, about=_once(failed))


def _once(found: Sequence[Found]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for each in found for kind in each.about))
