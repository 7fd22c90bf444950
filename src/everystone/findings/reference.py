"""The reference evaluator: standards asked of one frame in plain Python. What it answers is what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from everystone.findings.answer import CANNOT_BE_TOLD, NOT_MET, Answer, key_of
from everystone.findings.asking import Asking
from everystone.findings.check import CheckPlan, ForbiddenPlan
from everystone.findings.condition import Test
from everystone.findings.expect import Expected
from everystone.findings.found import settled
from everystone.findings.match import test_of
from everystone.findings.offence import alleged
from everystone.findings.partial import Partial, untold
from everystone.findings.response import ResponsePlan, last_before
from everystone.findings.rhythm import RhythmPlan
from everystone.findings.trigger import Begun, Triggers, asked_for
from everystone.ledger.case import Frame
from everystone.standards.grammar import Body, Check, Forbidden, Response, Rhythm
from everystone.standards.item import several
from everystone.standards.pack import Dated, Loaded, Pack

Plan = ResponsePlan | RhythmPlan | CheckPlan | ForbiddenPlan


class Spoken(NamedTuple):
    """One version's word on one duty; `wholly` where the day that decides surely lies inside the version."""

    version: str
    partial: Partial
    wholly: bool


class VersionPlan:
    """One version of a standard, made ready: its triggers and a plan for each line of its table."""

    def __init__(self, dated: Dated, asked: str) -> None:
        self.since, self.until = dated.version.since, dated.until or date.max
        self.name = dated.version.since.isoformat()
        body = dated.body
        expected = Expected(body.expect).matchers if isinstance(body, Response) else []
        self.triggers = Triggers(several(body.after), asked_for(asked), expected, body.which)
        self.lines: list[tuple[Test | None, Plan]] = [
            (test_of(when) if when is not None else None, _plan(each)) for when, each in dated.bodies
        ]

    def in_force(self, first: date, last: date) -> bool | None:
        """Whether it was in force for all of some days; None if for none of them."""
        if first > self.until or last < self.since:
            return None
        return self.since <= first and last <= self.until

    def plans(self, asking: Asking) -> list[Plan]:
        """The plans that may serve: one, or each that might where its condition cannot be told."""
        if len(self.lines) == 1 and self.lines[0][0] is None:
            return [self.lines[0][1]]
        plans = []
        for when, plan in self.lines:
            told = True if when is None else when(asking, asking.trigger)
            if told is not False:
                plans.append(plan)
            if told:
                break
        return plans


def _plan(body: Body) -> Plan:
    if isinstance(body, Response):
        return ResponsePlan(body)
    if isinstance(body, Rhythm):
        return RhythmPlan(body)
    if isinstance(body, Check):
        return CheckPlan(body)
    assert isinstance(body, Forbidden)  # noqa: S101 - there are five
    return ForbiddenPlan(body)


class Question:
    """One standard, made ready to be asked of frames."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.id = loaded.id
        self.standard = loaded.standard
        self.versions = [VersionPlan(dated, self.standard.asked_for) for dated in loaded.versions]
        self.frame = self.standard.frame
        self.rhythmic = self.standard.evaluator == "rhythm"
        self.same_triggers = len({str(dated.body.after) + dated.body.which for dated in loaded.versions}) == 1
        kinds = [plan.triggers.kinds for plan in self.versions]
        self.trigger_kinds = frozenset().union(*kinds) if all(kinds) else frozenset[str]()
        self.roots = self.standard.roots
        self.needs = {name for plan in self.versions for name in plan.triggers.after_not_met}


class Questions:
    """All standards of a pack made ready once, in an order in which each comes after those it rests on."""

    def __init__(self, pack: Pack, only: Iterable[str] | None = None) -> None:
        self.pack = pack
        wanted = set(pack.standards) if only is None else set(only)
        ready = {each.id: Question(each) for each in pack.finished}
        needed = set(wanted)
        for name in wanted & set(ready):
            needed |= ready[name].needs
        self.unfinished = sorted(name for name in wanted if name in pack.standards and name not in ready)
        self.wanted = frozenset(wanted)
        chosen = [ready[name] for name in sorted(needed & set(ready))]
        self.ordered = sorted(chosen, key=lambda each: (_depth(each, ready), each.id))
        self.folding = [question for question in self.ordered if question.roots]
        self._by_sort: dict[str, list[Question]] = {
            sort: [question for question in self.ordered if question.frame == sort]
            for sort in {question.frame for question in self.ordered}
        }

    def of(self, frame: Frame) -> Iterable[Question]:
        """The standards that have a trigger in a frame, in the order in which they are to be asked."""
        for question in self._by_sort.get(frame.sort, ()):
            if not question.trigger_kinds or not question.trigger_kinds.isdisjoint(frame.by_kind):
                yield question


def _depth(question: Question, ready: Mapping[str, Question], walked: int = 0) -> int:
    if walked > len(ready):
        raise ValueError(f"{question.id} rests on itself through `not_met`")
    return max((1 + _depth(ready[name], ready, walked + 1) for name in question.needs if name in ready), default=0)


def ask(frame: Frame, questions: Questions) -> list[Answer]:
    """Every answer of every wanted standard about a frame, but for those that simply do not apply.

    A standard with no trigger in the frame gives no row (*does not apply*, one per frame, not stored).
    """
    given = _given(frame, questions)
    if frame.found:
        keys = {entry.key for entry in frame.found}
        given = settled(given, _given(frame.with_found(), questions), keys, questions.pack.standards)
    _fold(questions, given)
    return [answer for name in sorted(given) if name in questions.wanted for answer in given[name]]


def _given(frame: Frame, questions: Questions) -> dict[str, list[Answer]]:
    given: dict[str, list[Answer]] = {}
    for question in questions.of(frame):
        given[question.id] = _ask(frame, question, given)
    return given


def unfinished(frame: Frame, questions: Questions) -> list[Answer]:
    """The one answer that a standard not yet finished gives: it cannot be told."""
    whose = f"{frame.sort}/{frame.name}"
    return [
        Answer(name, "", whose, "", "", 0, CANNOT_BE_TOLD, "not yet finished", key=key_of(name, whose, "", "", 0))
        for name in questions.unfinished
    ]


def _ask(frame: Frame, question: Question, given: Mapping[str, Sequence[Answer]]) -> list[Answer]:
    spoken: dict[tuple[str, str, int], list[Spoken]] = {}
    askings: dict[tuple[str, str, int], Asking] = {}
    for asking, version, partials, wholly in _speaking(frame, question, given):
        for partial in partials:
            place = asking.person, frame.root(asking.trigger), partial.n
            said = Spoken(version, partial, wholly)
            if place in spoken:
                spoken[place].append(said)
            else:
                spoken[place] = [said]
            askings[place] = asking
    return [_answer(question, askings[place], place, said) for place, said in spoken.items()]


def _speaking(
    frame: Frame, question: Question, given: Mapping[str, Sequence[Answer]]
) -> Iterable[tuple[Asking, str, list[Partial], bool]]:
    """What each version in force says of each duty begun."""
    if question.rhythmic or not question.same_triggers:
        for version in question.versions:
            begun = version.triggers.begun(frame, given)
            inside = [(each, wholly) for each in begun if (wholly := version.in_force(*_in_force_at(question, each.asking)))
                      is not None]  # fmt: skip
            said = (
                _rhythms(version, inside)
                if question.rhythmic
                else ((each.asking, _begun(version, each), wholly) for each, wholly in inside)
            )
            for asking, partials, wholly in said:
                yield asking, version.name, partials, wholly
        return
    for each in question.versions[0].triggers.begun(frame, given):
        days = _in_force_at(question, each.asking)
        for version in question.versions:
            wholly = version.in_force(*days)
            if wholly is not None:
                yield each.asking, version.name, _begun(version, each), wholly


def _begun(version: VersionPlan, begun: Begun) -> list[Partial]:
    return _one(version, begun.asking) if begun.certain else [untold(begun.reason, begun.about)]


def _one(version: VersionPlan, asking: Asking) -> list[Partial]:
    """The answers of one duty; where a table's key cannot be told, only equal ones stand."""
    plans = version.plans(asking)
    spoken = [plan.answers(asking) for plan in plans if not isinstance(plan, RhythmPlan)]
    if len(spoken) < 2:
        return spoken[0] if spoken else []
    if all([each.spoken for each in said] == [each.spoken for each in spoken[0]] for said in spoken):
        return spoken[-1]
    due = max((each.due for said in spoken for each in said if each.due is not None), default=None)
    return [untold("table", (), due)]


def _rhythms(
    version: VersionPlan, inside: Sequence[tuple[Begun, bool]]
) -> Iterable[tuple[Asking, list[Partial], bool]]:
    by_person: dict[str, list[tuple[Begun, bool]]] = {}
    for each, wholly in inside:
        by_person.setdefault(each.asking.person, []).append((each, wholly))
    for those in by_person.values():
        sure = [each.asking for each, _ in those if each.certain]
        whole = {id(each.asking): wholly for each, wholly in those}
        for each, wholly in those:
            if not each.certain and not sure:
                yield each.asking, [untold(each.reason, each.about, n=1)], wholly
        for asking in sure[:1]:
            plan = version.plans(asking)[-1]
            assert isinstance(plan, RhythmPlan)  # noqa: S101 - all lines of a table are of one evaluator
            for run in plan.runs(sure):
                yield run.asking, plan.answers(run), whole[id(run.asking)]


def _in_force_at(question: Question, asking: Asking) -> tuple[date, date]:
    """The day (or span of days) whose law applies: of the trigger, of a named kind before it, or alleged."""
    at, frame = question.standard.in_force_at, asking.frame
    if at == "alleged date":
        span = alleged(asking, asking.trigger)
        if span is not None:
            return span
    elif at != "trigger":
        named = last_before(asking, at)
        if named is not None:
            return frame.day(named.lo), frame.day(named.hi)
        if asking.covered([at], frame.began, asking.fired.hi):
            return date.min, date.max
    return frame.day(asking.fired.lo), frame.day(asking.fired.hi)


def _answer(question: Question, asking: Asking, place: tuple[str, str, int], said: Sequence[Spoken]) -> Answer:
    whose = f"{asking.frame.sort}/{asking.frame.name}"
    person, trigger, n = place
    stands = said[-1]
    partial = stands.partial
    if not stands.wholly and (len(said) < 2 or any(each.partial.spoken != partial.spoken for each in said)):
        partial = untold("versions differ", (), n=n)
    return Answer(
        standard=question.id,
        version=stands.version,
        frame=whose,
        asked_for=person,
        trigger=trigger,
        n=n,
        answer=partial.answer,
        reason=partial.reason,
        due=partial.due,
        evidence=tuple([asking.frame.root(entry) for entry in partial.evidence]),
        marks=partial.marks,
        team=asking.frame.team_at(partial.due if partial.due is not None else asking.fired.lo),
        key=key_of(question.id, whose, person, trigger, n),
        about=partial.about,
    )


def _fold(questions: Questions, given: dict[str, list[Answer]]) -> None:
    """Mark what another finding made inevitable as folded under it."""
    for question in questions.folding:
        for root in question.roots:
            failed = [answer for answer in given.get(root, ()) if answer.answer == NOT_MET]
            if failed and question.id in given:
                given[question.id] = [_under(answer, failed) for answer in given[question.id]]


def _under(answer: Answer, failed: Sequence[Answer]) -> Answer:
    if answer.answer != NOT_MET or answer.root:
        return answer
    for root in failed:
        if root.asked_for in ("", answer.asked_for) or answer.asked_for == "":
            return answer._replace(root=root.key, marks=(*answer.marks, "folded under"))
    return answer
