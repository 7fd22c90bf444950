"""Check: things that must be together at the trigger. Forbidden: something that must never follow it."""

from __future__ import annotations

from collections.abc import Iterator

from everystone.findings.answer import MET, NOT_MET, NOT_YET_DUE
from everystone.findings.asking import Asking
from everystone.findings.match import MINUTE, Matcher, first_after, ordered, test_of
from everystone.findings.partial import Excuses, Partial, untold
from everystone.findings.texts import earlier_texts
from everystone.standards.condition import Condition
from everystone.standards.grammar import Check, Forbidden
from everystone.standards.item import several


class CheckPlan:
    """One body of a check, made ready."""

    def __init__(self, body: Check) -> None:
        self.body = body
        self.require = test_of(body.require)
        self.fields = tuple(sorted(fields_read(body.require)))
        self.compared = tuple(_compared(body.require))
        self.excuses = Excuses(body)

    def answers(self, asking: Asking) -> list[Partial]:
        """The one answer of this trigger."""
        told = self.require(asking, asking.trigger)
        due = self._due(asking)
        evidence = (asking.trigger,)
        if told:
            return [Partial(MET, "", due, evidence)]
        excused = self.excuses.excuse(asking, due)
        if excused is not None:
            return [excused]
        if self.body.within is not None and asking.frame.instant <= due:
            return [Partial(NOT_YET_DUE, "", due, evidence)]
        if told is None:
            return [untold("not recorded", self.fields, due)._replace(evidence=evidence)]
        missing = self.excuses.uncovered(asking, due)
        if missing:
            return [untold("not carried", missing, due)]
        copied = earlier_texts(asking, self.compared)
        return [
            Partial(NOT_MET, self.body.fails_as, due, (*evidence, *copied.here), about=(*self.fields, *copied.where))
        ]

    def _due(self, asking: Asking) -> int:
        if self.body.within is None:
            return asking.fired.hi
        due = asking.frame.words.calendar.due(asking.fired.hi, self.body.within.duration, asking.frame.known_day)
        return asking.fired.hi if due is None else due


def fields_read(said: Condition) -> set[str]:
    """The fields that a condition reads, for saying what was not recorded."""
    found = set(said.fields)
    if said.present is not None:
        found |= {said.present} if isinstance(said.present, str) else set(said.present)
    for part in (*(said.all or ()), *(said.any or ()), *((said.not_,) if said.not_ else ())):
        found |= fields_read(part)
    if said.age is not None:
        found.add("born")
    if said.number is not None:
        found.add(said.number.of)
    if said.adds_up is not None:
        found |= {*said.adds_up.parts, said.adds_up.to}
    if said.rank_of is not None:
        found.add(said.rank_of.of)
    if said.list_ is not None:
        found.add(said.list_.of)
    for texts in (said.reasons, said.copied.within if said.copied else None):
        found |= {texts} if isinstance(texts, str) else set(texts or ())
    if said.offence is not None:
        found.add("offence_code")
    if said.offence_in_force is not None:
        found |= {"alleged_from", "alleged_to", "offence_code"}
    if said.qualified is not None:
        found.add(said.qualified.fact)
    return found


def _compared(said: Condition) -> Iterator[str]:
    """The texts that a condition compares with earlier ones."""
    if said.copied is not None:
        yield from [said.copied.within] if isinstance(said.copied.within, str) else said.copied.within
    for part in (*(said.all or ()), *(said.any or ()), *((said.not_,) if said.not_ else ())):
        yield from _compared(part)


class ForbiddenPlan:
    """One body of a forbidden thing, made ready."""

    def __init__(self, body: Forbidden) -> None:
        self.body = body
        self.never = [Matcher(item) for item in several(body.never)]
        self.ends = [Matcher(item) for item in several(body.until)]
        self.excuses = Excuses(body)

    def answers(self, asking: Asking) -> list[Partial]:
        """The one answer of this trigger: met so long as none has come."""
        end = self._end(asking)
        doubtful: str | None = None
        for matcher in self.never:
            for entry in matcher.among(asking.frame).reaching(asking.fired.lo - MINUTE):
                if entry.lo > end:
                    break
                if entry is asking.trigger:
                    continue
                after = ordered(asking.fired, entry, same_day=False)
                fits = after is not False and matcher.fits(asking, entry)
                if after and fits:
                    excused = self.excuses.excuse(asking, entry.hi)
                    return [excused or Partial(NOT_MET, "forbidden", entry.lo, (entry,), about=(entry.kind,))]
                if fits is not False:
                    doubtful = entry.kind
        if doubtful is not None:
            return [untold("not recorded", (doubtful,))]
        kinds = frozenset(kind for matcher in self.never for kind in matcher.kinds)
        missing = asking.covered(
            kinds, asking.frame.words.calendar.day_of(asking.fired.lo), min(end, asking.frame.instant)
        )
        return [untold("not carried", missing) if missing else Partial(MET, "", None, (asking.trigger,))]

    def _end(self, asking: Asking) -> int:
        return first_after(self.ends, asking, asking.fired)
