"""Stories told: is what was expected answered, and nothing that was not?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from everystone.findings.answer import NOT_MET, WORST, Answer
from everystone.findings.frames import Instants, frames_of, people_named
from everystone.findings.orders import otherwise_in
from everystone.findings.reference import Questions, ask
from everystone.findings.still import STATUSES, Still
from everystone.ledger.fault import Fault
from everystone.ledger.people import listed
from everystone.standards.pack import Pack
from everystone.standards.story import Order, Story, names

_REASONS = {"late": "late by", "no record": "no record shows", "gap": "gap of"}


@dataclass
class Verdict:
    """How a story came out: what was otherwise, in sentences (nothing: as told), and what was answered when."""

    otherwise: list[str] = field(default_factory=list)
    given: list[tuple[int, list[Answer]]] = field(default_factory=list)


class Given:
    """What was answered about a story, and whom each answer is about."""

    def __init__(self, story: Story, answers: Sequence[Answer], pack: Pack) -> None:
        self.answers = answers
        self._named = {entry.key: people_named(entry, pack.words) for entry in story.entries}
        self._people = {name for named in self._named.values() for name in named}
        self._written = {each for entry in story.entries for value in (entry.by, *entry.data.values())
                         for each in listed(value)}  # fmt: skip

    def of(self, name: str, person: str, *, through_others: bool = False) -> list[Answer]:
        """The answers of a standard about a person ("": about anybody).

        Where a standard is asked of the case, or of references, those are meant whose trigger names the person; and
        with `through_others` also those about somebody else, where none is about this person.
        """
        all_of_it = [answer for answer in self.answers if answer.standard == name]
        if not person:
            return all_of_it
        own = [each for each in all_of_it if each.asked_for == person or each.frame.endswith(f"/{person}")]
        return own or [
            answer
            for answer in all_of_it
            if person in self._named.get(answer.trigger, ())
            and (through_others or answer.asked_for not in self._people)
        ]

    def knows(self, name: str) -> bool:
        """Whether the story names somebody (or a reference) so."""
        return name in self._people or any(name == each.asked_for for each in self.answers) or name in self._written

    def failed(self, name: str, person: str, *, through_others: bool = False) -> bool:
        """Whether any of them is not met."""
        return any(each.answer == NOT_MET for each in self.of(name, person, through_others=through_others))


def judge(story: Story | Order, pack: Pack, ready: Questions | None = None) -> Verdict:
    """Ask a story's standards at its instants and compare, or an order's cases who needs attention first.

    A story that cannot be asked comes out otherwise, with what to write instead. `ready` is the one standard of a story
    over time, made ready once where many of its stories are told.
    """
    try:
        return Verdict(otherwise_in(story, pack)) if isinstance(story, Order) else _judged(story, pack, ready)
    except Fault as fault:
        return Verdict([str(fault)])


def _judged(story: Story, pack: Pack, ready: Questions | None) -> Verdict:
    verdict = Verdict()
    if story.over_time:
        _over_time(story, pack, verdict, ready or Questions(pack, [story.standard]))
    if story.putting_right:
        _putting_right(story, pack, verdict)
    named = list(names(story))
    if named:
        _worked_case(story, pack, named, verdict)
    elif not story.over_time:
        verdict.otherwise.append("nothing is asked of it: say expect, expect_none or answers")
    return verdict


def answers_at(story: Story, questions: Questions, as_at: int, known_on: int | None) -> list[Answer]:
    """Every answer of some standards about every frame of a story."""
    when = Instants(as_at, as_at if known_on is None else known_on, story.coverage)
    return [answer for frame in frames_of(story.streams, story.words, when) for answer in ask(frame, questions)]


def _over_time(story: Story, pack: Pack, verdict: Verdict, questions: Questions) -> None:
    standard = story.standard
    for text, instant, expected in story.over_time:
        answers = answers_at(story, questions, instant, story.known_on)
        verdict.given.append((instant, answers))
        given = Given(story, answers, pack)
        said = expected if isinstance(expected, dict) else {"": expected}
        for person, words in said.items():
            _compare(verdict, f"at {text}", standard, person, str(words), given)


def _putting_right(story: Story, pack: Pack, verdict: Verdict) -> None:
    """What is still possible of a story's standard at its instants; several findings are told in the one order."""
    still, questions = Still(pack), Questions(pack, [story.standard])
    for text, instant, expected in story.putting_right:
        when = Instants(instant, instant if story.known_on is None else story.known_on, story.coverage)
        steps = [
            step.status for frame in frames_of(story.streams, pack.words, when) for answer in ask(frame, questions)
            if (step := still.step(frame, answer)) is not None
        ]  # fmt: skip
        given = ", ".join(sorted(steps, key=STATUSES.index)) or "nothing to put right"
        if given != str(expected):
            verdict.otherwise.append(f"{story.standard} at {text}: expected {expected}; to put right: {given}")


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
    given = Given(story, answers_at(story, Questions(pack, asked), story.as_at, story.known_on), pack)
    for person in {*story.expect, *story.expect_none, *story.answers} - {""}:
        if not given.knows(person):
            raise Fault(f"Something is expected of {person}, whom the story does not name.", where=story.where)
    for person, ids in story.expect.items():
        for name in ids:
            if name in asked and not given.failed(name, person, through_others=True):
                verdict.otherwise.append(f"{name}{_of(person)}: expected not met; {_shown(given, name, person)}")
    for person, ids in story.expect_none.items():
        for name in ids:
            if name in asked and given.failed(name, person):
                verdict.otherwise.append(f"{name}{_of(person)}: expected no finding; {_shown(given, name, person)}")
    expected = {name for ids in story.expect.values() for name in ids}
    answered = {name for answers in story.answers.values() for name in answers}
    for name in sorted(set(asked) - expected - answered):
        if given.failed(name, "") and not any(name in ids for ids in story.expect_none.values()):
            verdict.otherwise.append(f"{name}: nothing was expected; {_shown(given, name, '')}")
    for person, answers in story.answers.items():
        for name, words in answers.items():
            if name in asked:
                _compare(verdict, "", name, person, words, given)


def _compare(verdict: Verdict, at: str, name: str, person: str, words: str, given: Given) -> None:
    """One expected answer: it is among those given and none of them is worse (met and not yet due sit side by side).

    `under 2013-06-01` at its end names the version that gives it.
    """
    spoken, _, version = words.partition(" under ")
    expected, _, reason = (part.strip().replace("_", " ") for part in spoken.partition(","))
    if expected not in WORST:
        raise Fault(f"{words!r} is no answer. There are five: {', '.join(WORST)}.", where=f"{name}{_of(person)}")
    mine = given.of(name, person)
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


def _shown(given: Given, name: str, person: str) -> str:
    mine = given.of(name, person)
    said = [f"{each.answer}{', ' + each.reason if each.reason else ''}{_about(each)}" for each in mine]
    return "answered " + ("; ".join(said) if said else "does not apply")


def _about(answer: Answer) -> str:
    return f" ({', '.join(answer.about)})" if answer.reason in ("not recorded", "not carried") and answer.about else ""


def tally(verdicts: Mapping[str, Verdict]) -> str:
    """The last line of a trial."""
    otherwise = sum(bool(verdict.otherwise) for verdict in verdicts.values())
    return f"{len(verdicts)} stories, {len(verdicts) - otherwise} as told, {otherwise} otherwise"
