"""The reference evaluator: standards asked of one frame in plain Python. What it answers is what they mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from everystone.findings.answer import CANNOT_BE_TOLD, NOT_MET, Answer
from everystone.findings.asking import Asking, Test
from everystone.findings.check import CheckPlan, ForbiddenPlan, fields_read
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

    asking: Asking
    version: str
    partial: Partial
    wholly: bool


class VersionPlan:
    """One version of a standard, made ready: its triggers and a plan for each line of its table."""

    def __init__(self, dated: Dated, asked: str, *, previous: bool) -> None:
        self.since, self.until = dated.version.since, dated.until or date.max
        self.name = dated.version.since.isoformat()
        body = dated.body
        expected = Expected(body.expect).matchers if isinstance(body, Response) else []
        self.triggers = Triggers(several(body.after), asked_for(asked), expected, body.which, previous)
        self.lines: list[tuple[Test | None, Plan]] = [
            (test_of(when) if when is not None else None, _plan(each)) for when, each in dated.bodies
        ]
        read = (fields_read(when) for when, _ in dated.bodies if when is not None)
        self.rests_on = tuple(sorted(set[str]().union(*read)))
        when, plan = self.lines[0]  # without a table
        self.only = plan if len(self.lines) == 1 and when is None and not isinstance(plan, RhythmPlan) else None

    def in_force(self, first: date, last: date) -> bool | None:
        """Whether it was in force for all of some days; None if for none of them."""
        if first > self.until or last < self.since:
            return None
        return self.since <= first and last <= self.until

    def plans(self, asking: Asking) -> list[Plan]:
        """The plans that may serve: one, or each that might where its condition cannot be told."""
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
        bodies = [body for dated in loaded.versions for _, body in dated.bodies]
        previous = any(isinstance(body, Response) and body.since == "previous" for body in bodies)
        self.versions = [VersionPlan(dated, self.standard.asked_for, previous=previous) for dated in loaded.versions]
        self._in_force: dict[date, list[tuple[VersionPlan, bool]]] = {}
        self.frame = self.standard.frame
        self.rhythmic = self.standard.evaluator == "rhythm"
        self.same_triggers = len({str(dated.body.after) + dated.body.which for dated in loaded.versions}) == 1
        self.by_trigger = self.standard.in_force_at == "trigger"
        self.one_by_one = self.same_triggers and not self.rhythmic and not self.versions[0].triggers.special
        kinds = [plan.triggers.kinds for plan in self.versions]
        self.trigger_kinds = frozenset().union(*kinds) if all(kinds) else frozenset[str]()
        self.roots = self.standard.roots
        self.needs = {name for plan in self.versions for name in plan.triggers.after_not_met}

    def in_force(self, asking: Asking) -> list[tuple[VersionPlan, bool]]:
        """The versions in force when it was begun, each with whether it surely was; kept for single days."""
        first, last = asking.days if self.by_trigger else _in_force_at(self, asking)
        if first != last:
            return list(self._held(first, last))
        found = self._in_force.get(first)
        if found is None:
            found = self._in_force[first] = list(self._held(first, last))
        return found

    def _held(self, first: date, last: date) -> Iterable[tuple[VersionPlan, bool]]:
        for version in self.versions:
            wholly = version.in_force(first, last)
            if wholly is not None:
                yield version, wholly


class Questions:
    """All standards of a pack made ready once, in an order in which each comes after those it rests on."""

    def __init__(self, pack: Pack, only: Iterable[str] | None = None) -> None:
        self.pack = pack
        wanted = set(pack.standards) if only is None else set(only)
        ready = _ready({each.id: each for each in pack.finished}, wanted)
        self.unfinished = sorted(name for name in wanted if name in pack.standards and name not in ready)
        self.wanted = frozenset(wanted)
        self.ordered = sorted(ready.values(), key=lambda each: (_depth(each, ready), each.id))
        self.folding = [question for question in self.ordered if question.roots]
        self._waking: dict[str, frozenset[str]] = {}
        self._places: dict[str, dict[str, list[int]]] = {}  # by sort of frame and kind without which nothing fires
        for place, question in enumerate(self.ordered):
            kinds = self._waking[question.id] = self._wakes(question)
            for kind in kinds:
                self._places.setdefault(question.frame, {}).setdefault(kind, []).append(place)

    def _wakes(self, question: Question) -> frozenset[str]:
        """The kinds of which a frame holds one wherever anything fires: its own, and those of what it rests on."""
        own = (plan.triggers.waking(self.pack.words.states) for plan in question.versions)
        return frozenset[str]().union(*own, *(self._waking[name] for name in question.needs if name in self._waking))

    def waking_of(self, question: Question) -> frozenset[str]:
        """The kinds of which a frame holds one wherever a standard has anything to say of it ("any": any kind)."""
        return self._waking[question.id]

    def waking(self, sorts: Collection[str]) -> frozenset[str]:
        """The kinds of which a frame of some sorts holds one wherever a standard has anything to say of it."""
        return frozenset(kind for sort in sorts for kind in self._places.get(sort, ()))

    def of(self, frame: Frame) -> Iterable[Question]:
        """The standards that have a trigger in a frame, in the order in which they are to be asked."""
        places = self._places.get(frame.sort, {})
        here = set(places.get("any", ()))
        for kind in frame.by_kind:
            if kind in places:
                here.update(places[kind])
        return [self.ordered[place] for place in sorted(here)]


def _ready(finished: Mapping[str, Loaded], wanted: Iterable[str]) -> dict[str, Question]:
    """The wanted standards and those on whose missed dues they rest, and no others, made ready."""
    ready, ahead = dict[str, Question](), list(wanted)
    while ahead:
        name = ahead.pop()
        if name in finished and name not in ready:
            ready[name] = Question(finished[name])
            ahead += ready[name].needs
    return ready


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
    fold(questions, given)
    return [answer for name in sorted(given) if name in questions.wanted for answer in given[name]]


def _given(frame: Frame, questions: Questions) -> dict[str, list[Answer]]:
    given: dict[str, list[Answer]] = {}
    for question in questions.of(frame):
        given[question.id] = ask_one(frame, question, given)
    frame.askings.clear()
    return given


def unfinished(frame: Frame, questions: Questions) -> list[Answer]:
    """The one answer that a standard not yet finished gives: it cannot be told."""
    whose = f"{frame.sort}/{frame.name}"
    return [Answer(name, "", whose, "", "", 0, CANNOT_BE_TOLD, "not yet finished") for name in questions.unfinished]


def ask_one(frame: Frame, question: Question, given: Mapping[str, Sequence[Answer]]) -> list[Answer]:
    """The answers of one standard about a frame; `given` are those of the standards on which it rests."""
    if question.one_by_one:
        duties = (of_one(question, begun) for begun in question.versions[0].triggers.begun(frame, given))
        return [answer for answers in duties for answer in answers]
    return _together(question, _speaking(frame, question, given))


def of_one(question: Question, begun: Begun) -> list[Answer]:
    """The answer of one duty, where nothing else can speak of the same."""
    versions = question.in_force(begun.asking)
    if len(versions) == 1 and versions[0][1]:
        return by_version(question, versions[0][0], begun)
    return _together(question, _by_versions(versions, begun))


def by_version(question: Question, version: VersionPlan, begun: Begun) -> list[Answer]:
    """The answer of one duty under the one version that surely is in force."""
    return [_answer(question, version.name, begun.asking, partial) for partial in _begun(version, begun)]


def _together(question: Question, speaking: Iterable[Spoken]) -> list[Answer]:
    """One answer for each duty of which several may have spoken."""
    spoken: dict[tuple[str, str, int], list[Spoken]] = {}
    for said in speaking:
        place = said.asking.person, said.asking.root, said.partial.n or said.asking.fired.n
        spoken.setdefault(place, []).append(said)
    return [_standing(question, said) for said in spoken.values()]


def _speaking(frame: Frame, question: Question, given: Mapping[str, Sequence[Answer]]) -> Iterable[Spoken]:
    """What each version in force says of each duty begun."""
    if question.same_triggers and not question.rhythmic:
        for each in question.versions[0].triggers.begun(frame, given):
            yield from _by_versions(question.in_force(each.asking), each)
        return
    for version in question.versions:
        begun = version.triggers.begun(frame, given)
        inside = [(each, wholly) for each in begun if (wholly := version.in_force(*_in_force_at(question, each.asking)))
                  is not None]  # fmt: skip
        if question.rhythmic:
            yield from _rhythms(version, inside)
        else:
            for each, wholly in inside:
                yield from _by_versions([(version, wholly)], each)


def _by_versions(versions: Sequence[tuple[VersionPlan, bool]], begun: Begun) -> Iterable[Spoken]:
    for version, wholly in versions:
        for partial in _begun(version, begun):
            yield Spoken(begun.asking, version.name, partial, wholly)


def _begun(version: VersionPlan, begun: Begun) -> list[Partial]:
    return _one(version, begun.asking) if begun.certain else [untold(begun.reason, begun.about)]


def _one(version: VersionPlan, asking: Asking) -> list[Partial]:
    """The answers of one duty; where a table's key cannot be told, only equal ones stand."""
    if version.only is not None:
        return version.only.answers(asking)
    plans = version.plans(asking)
    spoken = [plan.answers(asking) for plan in plans if not isinstance(plan, RhythmPlan)]
    if len(spoken) < 2:
        return spoken[0] if spoken else []
    if all([each.spoken for each in said] == [each.spoken for each in spoken[0]] for said in spoken):
        return spoken[-1]
    due = max((each.due for said in spoken for each in said if each.due is not None), default=None)
    return [untold("table", version.rests_on, due)]


def _rhythms(version: VersionPlan, inside: Sequence[tuple[Begun, bool]]) -> Iterable[Spoken]:
    by_person: dict[str, list[tuple[Begun, bool]]] = {}
    for each, wholly in inside:
        by_person.setdefault(each.asking.person, []).append((each, wholly))
    for those in by_person.values():
        sure = [each.asking for each, _ in those if each.certain]
        whole = {id(each.asking): wholly for each, wholly in those}
        for each, wholly in those:
            if not each.certain and not sure:
                yield Spoken(each.asking, version.name, untold(each.reason, each.about, n=1), wholly)
        for asking in sure[:1]:
            plan = version.plans(asking)[-1]
            assert isinstance(plan, RhythmPlan)  # noqa: S101 - all lines of a table are of one evaluator
            for run in plan.runs(sure):
                for partial in plan.answers(run):
                    yield Spoken(run.asking, version.name, partial, whole[id(run.asking)])


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
    return asking.days


def _standing(question: Question, said: Sequence[Spoken]) -> Answer:
    """What stands of all that was said of one duty: the last word, if it surely applies or all say the same."""
    asking, version, partial, wholly = said[-1]
    spoken = {each.partial.spoken for each in said}
    if not wholly and (len(said) < _perhaps_in_force(question, asking) or len(spoken) > 1):
        partial = untold("versions differ", (), n=partial.n)
    return _answer(question, version, asking, partial)


def _answer(question: Question, version: str, asking: Asking, partial: Partial) -> Answer:
    frame, due = asking.frame, partial.due
    evidence = [entry.source.key for entry in partial.evidence]
    if frame.root_of:
        evidence = [frame.root_of.get(key, key) for key in evidence]
    return Answer(  # in the order of its columns, which is quicker than by name
        question.id, version, frame.whole_name, asking.person, asking.root, partial.n or asking.fired.n, partial.answer,
        partial.reason, due, tuple(evidence), partial.marks, None, "",
        frame.team_at(asking.fired.lo if due is None else due), partial.about,
    )  # fmt: skip


def _perhaps_in_force(question: Question, asking: Asking) -> int:
    """How many versions may apply to a duty: two at least where it is not known, since none may.

    One that has nothing to say of the duty says that it does not apply.
    """
    days = _in_force_at(question, asking)
    return max(2, 0 if question.rhythmic else sum(each.in_force(*days) is not None for each in question.versions))


def fold(questions: Questions, given: dict[str, list[Answer]]) -> None:
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
