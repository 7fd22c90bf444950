"""Stories told: is what was expected answered, and nothing that was not?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from everystone.findings.answer import NOT_MET, WORST, Answer
from everystone.findings.frames import Instants, frames_of
from everystone.findings.orders import otherwise_in
from everystone.findings.reference import Questions, ask
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.standards.story import Order, Story, names

_REASONS = {"late": "late by", "no record": "no record shows", "gap": "gap of"}


@dataclass
class Verdict:
    """How a story came out: what was otherwise, in sentences (nothing: as told), and what was answered when."""

    otherwise: list[str] = field(default_factory=list)
    given: list[tuple[int, list[Answer]]] = field(default_factory=list)


def judge(story: Story | Order, pack: Pack) -> Verdict:
    """Ask a story's standards at its instants and compare, or an order's cases who needs attention first."""
    if isinstance(story, Order):
        return Verdict(otherwise_in(story, pack))
    verdict = Verdict()
    if story.over_time:
        _over_time(story, pack, verdict)
    named = list(names(story))
    if named:
        _worked_case(story, pack, named, verdict)
    return verdict


def answers_at(story: Story, pack: Pack, ids: Iterable[str], as_at: int, known_on: int | None) -> list[Answer]:
    """Every answer of some standards about every frame of a story."""
    questions = Questions(pack, ids)
    when = Instants(as_at, as_at if known_on is None else known_on, story.coverage)
    return [answer for frame in frames_of(story.streams, story.words, when) for answer in ask(frame, questions)]


def _over_time(story: Story, pack: Pack, verdict: Verdict) -> None:
    standard = story.standard
    for text, instant, expected in story.over_time:
        given = answers_at(story, pack, [standard], instant, story.known_on)
        verdict.given.append((instant, given))
        said = expected if isinstance(expected, dict) else {"": expected}
        for person, words in said.items():
            _compare(verdict, f"at {text}", standard, person, str(words), given)


def _worked_case(story: Story, pack: Pack, named: Sequence[str], verdict: Verdict) -> None:
    unknown = [name for name in named if name not in pack.standards]
    if unknown:
        raise Fault(f"No standard bears the reference {unknown[0]}.", where=story.where)
    for name in named:
        if not pack.standards[name].standard.finished:
            verdict.otherwise.append(f"not asked: {name} is not finished")
    asked = [name for name in named if pack.standards[name].standard.finished]
    if story.as_at is None:
        raise Fault("A worked case says as_at: the instant at which it is asked.", where=story.where)
    given = answers_at(story, pack, asked, story.as_at, story.known_on)
    for person, ids in story.expect.items():
        for name in ids:
            if name in asked and not _failed(given, name, person):
                verdict.otherwise.append(f"{name}{_of(person)}: expected not met; {_shown(given, name, person)}")
    for person, ids in story.expect_none.items():
        for name in ids:
            if name in asked and _failed(given, name, person):
                verdict.otherwise.append(f"{name}{_of(person)}: expected no finding; {_shown(given, name, person)}")
    expected = {name for ids in story.expect.values() for name in ids}
    answered = {name for answers in story.answers.values() for name in answers}
    for name in sorted(set(asked) - expected - answered):
        if _failed(given, name, "") and not any(name in ids for ids in story.expect_none.values()):
            verdict.otherwise.append(f"{name}: nothing was expected; {_shown(given, name, '')}")
    for person, answers in story.answers.items():
        for name, words in answers.items():
            if name in asked:
                _compare(verdict, "", name, person, words, given)


def _mine(given: Sequence[Answer], name: str, person: str) -> list[Answer]:
    return [
        answer
        for answer in given
        if answer.standard == name and (person in ("", answer.asked_for) or answer.frame.endswith(f"/{person}"))
    ]


def _failed(given: Sequence[Answer], name: str, person: str) -> bool:
    return any(answer.answer == NOT_MET for answer in _mine(given, name, person))


def _compare(verdict: Verdict, at: str, name: str, person: str, words: str, given: Sequence[Answer]) -> None:
    """One expected answer: it is among those given and none of them is worse (met and not yet due sit side by side).

    `under 2013-06-01` at its end names the version that gives it.
    """
    spoken, _, version = words.partition(" under ")
    expected, _, reason = (part.strip().replace("_", " ") for part in spoken.partition(","))
    if expected not in WORST:
        raise Fault(f"{words!r} is no answer. There are five: {', '.join(WORST)}.", where=f"{name}{_of(person)}")
    mine = _mine(given, name, person)
    answers = {answer.answer for answer in mine} or {"does not apply"}
    tolerated = {"met", "not yet due"} if expected in ("met", "not yet due") else set()
    worse = {said for said in WORST[: WORST.index(expected)] if said in answers} - tolerated
    if version:
        mine = [answer for answer in mine if answer.version == version]
        answers &= {answer.answer for answer in mine}
    reasons = {answer.reason for answer in mine if answer.answer == expected}
    wanted = next((spelt for start, spelt in _REASONS.items() if reason.startswith(start)), reason)
    if expected not in answers or worse or (wanted and wanted not in reasons):
        verdict.otherwise.append(f"{name}{_of(person)} {at}: expected {words}; {_shown(given, name, person)}")


def _of(person: str) -> str:
    return f" for {person}" if person else ""


def _shown(given: Sequence[Answer], name: str, person: str) -> str:
    mine = _mine(given, name, person)
    said = [f"{each.answer}{', ' + each.reason if each.reason else ''}{_about(each)}" for each in mine]
    return "answered " + ("; ".join(said) if said else "does not apply")


def _about(answer: Answer) -> str:
    return f" ({', '.join(answer.about)})" if answer.reason in ("not recorded", "not carried") and answer.about else ""


def tally(verdicts: Mapping[str, Verdict]) -> str:
    """The last line of a trial."""
    otherwise = sum(bool(verdict.otherwise) for verdict in verdicts.values())
    return f"{len(verdicts)} stories, {len(verdicts) - otherwise} as told, {otherwise} otherwise"
