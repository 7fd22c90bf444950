"""Proof that duties are met: the duties of one plan at once, as the reference would find one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from everystone.findings.bulk.columns import NO, UNKNOWN, YES, Tellings, ends
from everystone.findings.bulk.dues import Dues
from everystone.findings.bulk.duties import Duties
from everystone.findings.bulk.resting import Part, parts_of
from everystone.findings.bulk.rows import FAR, Mask, Numbers
from everystone.findings.bulk.search import Sought, Stretches
from everystone.findings.check import CheckPlan
from everystone.findings.reference import Plan
from everystone.findings.response import LimbPlan, ResponsePlan
from everystone.ledger.state import NEVER
from everystone.standards.condition import Condition
from everystone.standards.item import several


class Proven(NamedTuple):
    """Which of some duties surely are met, and when each of those was due (NEVER: no instant)."""

    met: Mask
    due: Numbers


def told_of_triggers(said: list[Part], duties: Duties) -> Tellings:
    """What a condition gives for the triggers of duties."""
    told = np.full(len(duties), YES, np.int8)
    for part in said:
        todo = np.flatnonzero(told != NO)
        here = duties.once.of_triggers(part, duties.whose, duties.person[todo], duties.row[todo])
        told[todo] = np.minimum(told[todo], here)
    return told


class ProvenCheck:
    """A check, made ready."""

    def __init__(self, plan: CheckPlan) -> None:
        self.require, self.within = list(parts_of(plan.body.require, as_trigger=True)), plan.body.within

    def of(self, duties: Duties) -> Proven:
        """Those at whose trigger everything surely is together."""
        due = duties.hi
        if self.within is not None:
            due = ends(duties.once.rows, duties.frame, self.within.duration, duties.hi)
            due = np.where(due == UNKNOWN, duties.hi, due)
        return Proven(told_of_triggers(self.require, duties) == YES, due)


class ProvenLimb:
    """A second limb counted from the trigger, made ready."""

    def __init__(self, plan: LimbPlan) -> None:
        limb = plan.limb
        self.when = list(parts_of(limb.when, as_trigger=True)) if isinstance(limb.when, Condition) else None
        self.first_not_met = limb.when == "first not met"
        self.sought = Sought(limb.expect)
        self.dues = Dues(plan.limit, several(limb.before))
        self.by_the_day = plan.by_the_day
        self.then = ProvenLimb(plan.then) if plan.then else None

    def of(self, duties: Duties) -> Mask:
        """The duties, met in their first limb, of which this one asks nothing more or surely is met."""
        if self.first_not_met:
            return np.ones(len(duties), np.bool_)
        told = told_of_triggers(self.when, duties) if self.when is not None else np.full(len(duties), YES, np.int8)
        met: Mask = told == NO
        asked = np.flatnonzero(told == YES)
        those = duties.only(asked)
        lo, hi = self.dues.of(those)
        found = (lo != UNKNOWN) & self.sought.found(those, _stretches(those, lo, hi, self.by_the_day))
        if self.then is not None:
            further = np.flatnonzero(found)
            found[further] = self.then.of(those.only(further))
        met[asked] = found
        return met


class ProvenResponse:
    """A response (or count), made ready."""

    def __init__(self, plan: ResponsePlan) -> None:
        body = plan.body
        self.plan, self.already, self.same_day = plan, plan.already, plan.same_day
        self.sought = Sought(body.expect)
        before = [] if body.before is None or body.before == "trigger" else several(body.before)
        self.dues = Dues(plan.limit, before)
        self.grace = body.recorded_within
        self.then = ProvenLimb(plan.then) if plan.then else None

    def of(self, duties: Duties) -> Proven:
        """Those that surely find what is expected, in every limb."""
        lo, hi = (duties.lo, duties.hi) if self.already else self.dues.of(duties)
        grace = None if self.grace is None else ends(duties.once.rows, duties.frame, self.grace.duration, duties.hi)
        stretches = self._stretches(duties, lo, hi, grace)
        met = (lo != UNKNOWN) & self.sought.found(duties, stretches)
        if self.then is not None:
            first = np.flatnonzero(met)
            met[first] = self.then.of(duties.only(first))
        due = hi if grace is None else np.where(grace == UNKNOWN, hi, grace)
        return Proven(met, due)

    def _stretches(self, duties: Duties, lo: Numbers, hi: Numbers, grace: Numbers | None) -> Stretches:
        recorded_by = np.full(len(duties), NEVER)
        if grace is not None:
            recorded_by = np.where(grace == UNKNOWN, NEVER, grace)
        since = np.full(len(duties), -FAR)
        if self.plan.body.not_before is not None or self.plan.since:
            soonest = (self.plan.not_before(asking) for asking in duties.askings(np.arange(len(duties))))
            since = np.fromiter((-FAR if each is None else each for each in soonest), np.int64, len(duties))
        return Stretches(duties.lo, duties.hi, lo, hi, not self.already, self.same_day, since, recorded_by)


def _stretches(duties: Duties, lo: Numbers, hi: Numbers, by_the_day: bool) -> Stretches:
    """The stretches of a limb: after the trigger, however late written down."""
    anything, ever = np.full(len(duties), -FAR), np.full(len(duties), NEVER)
    return Stretches(duties.lo, duties.hi, lo, hi, True, by_the_day, anything, ever)


def proof_of(plan: Plan) -> ProvenCheck | ProvenResponse | None:
    """What proves the duties of a plan met; None where the reference is asked of every one."""
    if isinstance(plan, CheckPlan):
        return ProvenCheck(plan)
    if isinstance(plan, ResponsePlan) and not _from_the_first(plan.then):
        return ProvenResponse(plan)
    return None


def _from_the_first(limb: LimbPlan | None) -> bool:
    """Whether a limb is counted from what met the one before."""
    return limb is not None and (limb.limb.counted_from == "first" or _from_the_first(limb.then))
