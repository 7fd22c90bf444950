"""Every sentence that somebody will read: of every standard, answer and reason that the stories give, read for seams."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from everystone.findings import explain
from everystone.findings.answer import CANNOT_BE_TOLD, DOES_NOT_APPLY, MET, NOT_MET, NOT_YET_DUE, Answer
from everystone.findings.danger import Danger
from everystone.findings.frames import Instants, frames_of
from everystone.findings.reference import Questions, ask
from everystone.findings.today import Today
from everystone.ledger.case import Frame
from everystone.standards import document
from everystone.standards.pack import Pack
from everystone.standards.story import Order, Story, read_stories, tell
from tests.conftest import ROOT

PACK = ROOT / "packs" / "england_wales"
FILES = sorted([*(PACK / "stories").rglob("*.yaml"), *(PACK / "standards").rglob("*.yaml"),
                *(ROOT.parent / "shared" / "domain" / "stories").glob("*.yaml")])  # fmt: skip
#: What no sentence may hold, and what it would be a sign of.
SEAMS = {
    r"  |\s[,.;:]|\(\)|“”|\n": "a blank where something is missing",
    r"[;:,] *[;:,.]|\.\.": "points that follow on one another",
    r"\b(\w+) \1\b": "a doubled word",
    r"\bon some\b|\bon on\b|\bby by\b|a regular time|\bwith no date\b": "two halves that do not fit",
    r"\b[a-z]+_[a-z_]+\b": "the raw name of a field",
    r"\b[a-z]+\.[a-z_]+\b": "the raw name of a kind",
    r"\b[A-Z]{2,4}-\d\d\b": "a bare number of a standard",
    r"\bNone\b|\bTrue\b|\bFalse\b|[{}\[\]<>]": "a value of the program",
    r"\b0 (minutes|hours|days|working days)\b": "a length that is none",
    r"\boffender (?!manager)|\bfail(ed|ure)|\bvictim withdrew\b|\bgenuine\b|\bat risk now\b": "a word this project does not use",
}  # fmt: skip


def seams_in(sentence: str) -> list[str]:
    """What is wrong with a sentence."""
    found = [f"{what}: {match.group()!r}" for seam, what in SEAMS.items() if (match := re.search(seam, sentence))]
    if not re.fullmatch(r"[A-Z0-9“].*\.", sentence):
        found.append("no full sentence")
    return found


def frames(pack: Pack, story: Story) -> Iterator[Frame]:
    """The frames of a story at every instant at which it is asked."""
    instants = [story.as_at] if story.as_at is not None else [at for _, at, _ in story.over_time]
    for at in sorted(set(instants)):
        known = at if story.known_on is None else story.known_on
        yield from frames_of(story.streams, pack.words, Instants(at, known, story.coverage))


@pytest.fixture(scope="module")
def read(pack: Pack) -> list[Story | Order]:
    """Every story and order of danger there is."""
    untold = {each.path for each in pack.standards.values() if not each.standard.stories}
    return [each for path in FILES if path not in untold for each in read_stories(path, pack)]


@pytest.fixture(scope="module")
def stories(read: list[Story | Order]) -> list[Story]:
    """Every story, those in an order of danger one by one."""
    return [story for each in read for story in (each.cases if isinstance(each, Order) else [each])]


@pytest.fixture(scope="module")
def answered(pack: Pack, stories: list[Story]) -> list[tuple[Frame, Answer]]:
    """One answer of each shape: of each standard, answer, reason, and what that is about."""
    questions, shapes = Questions(pack), dict[object, tuple[Frame, Answer]]()
    for story in stories:
        for frame in frames(pack, story):
            for each in ask(frame, questions):
                shape = each.standard, each.version, each.answer, each.reason, each.about, each.due is None
                shapes.setdefault(shape, (frame, each))
    return list(shapes.values())


def test_every_answer_is_said_in_whole_sentences(pack: Pack, answered: list[tuple[Frame, Answer]]) -> None:
    assert {each.answer for _, each in answered} == {MET, NOT_MET, NOT_YET_DUE, DOES_NOT_APPLY, CANNOT_BE_TOLD}
    assert {each.standard for _, each in answered} == {each.id for each in pack.finished}
    said = {explain.sentence(each, pack, frame): each for frame, each in answered}
    wrong = {sentence: seams for sentence in said if (seams := seams_in(sentence))}
    assert not wrong


def test_what_todays_version_would_have_said_is_a_sentence_too(
    pack: Pack, answered: list[tuple[Frame, Answer]]
) -> None:
    today = Today(pack)
    said = {today.would_have_said(each, frame) for frame, each in answered} - {""}
    assert len(said) > 20
    assert not {sentence: seams for sentence in said if (seams := seams_in(sentence))}


def test_why_somebody_stands_first_is_said_in_whole_sentences(pack: Pack, read: list[Story | Order]) -> None:
    danger, questions, wrong = Danger(pack), Questions(pack), dict[str, list[str]]()
    for story in (story for each in read if isinstance(each, Order) for story in each.cases):
        said = set[str]()
        for frame in (frame for frame in frames(pack, story) if frame.sort == "case"):
            answers = ask(frame, questions)
            placed = danger.places(frame, answers)
            said.update(danger.three_sentences(frame, answers, placed))
            said.update(text for row in placed for text in (row.because, row.step) if text)
        wrong.update({text: seams for text in said if (seams := seams_in(re.sub(r"^[A-Z]\d+: ", "", text)))})
    assert not wrong


def test_every_entry_is_said_in_words(pack: Pack, stories: list[Story]) -> None:
    entries = {entry.kind + str(entry.data): entry for story in stories for entry in story.entries}
    written = [str(value) for entry in entries.values() for value in entry.data.values() if isinstance(value, str)]
    own = {text for text in written if seams_in(f"A {text}.")}  # what somebody wrote is told as it was written
    said = {explain.says(entry, pack.words) for entry in entries.values()}
    wrong = {
        each: seams for each in said if (seams := seams_in(f"A {each}.")) and not any(text in each for text in own)
    }
    assert not wrong


# ---- the shape that is wanted --------------------------------------------------------------------------------------

PEOPLE = {"C1": {"role": "victim", "born": 2002}, "K1": {"role": "suspect", "born": 1970}, "O1": {"role": "officer"}}


def said_of(pack: Pack, standard: str, lines: str, as_at: str) -> list[str]:
    """What is said of a case that is told here, and beside it what today's version would have said."""
    case = {"case": "Oak", "as_at": as_at, "people": PEOPLE, "timeline": lines}
    story, today = tell(document.plain(case), pack, "a test"), Today(pack)
    return [f"{explain.sentence(each, pack, frame)} {today.would_have_said(each, frame)}".strip()
            for frame in frames(pack, story) for each in ask(frame, Questions(pack, [standard]))]  # fmt: skip


def test_a_duty_that_was_not_done_names_the_length_the_beginning_and_the_due_instant(pack: Pack) -> None:
    lines = "2011-06-10 17:30  report.received  C1  by O1  {allegation: crime}"
    (said,) = said_of(pack, "REC-01", lines, "2011-08-31")
    assert said == (
        "72 hours after “Report received” on Friday 10 June 2011 at 17:30; no record shows “Crime recorded” or “Report "
        "recorded as not a crime”, due by Monday 13 June 2011 at 17:30. Today's version (since Wednesday 1 April 2015) "
        "would have said: no record shows “Crime recorded” or “Report recorded as not a crime”, due by Saturday "
        "11 June 2011 at 17:30."
    )
