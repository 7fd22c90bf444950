"""The bulk evaluator says what the reference says, answer by answer."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from everystone.findings import review
from everystone.findings.answer import CANNOT_BE_TOLD, DOES_NOT_APPLY, MET, NOT_MET, NOT_YET_DUE
from everystone.findings.bulk.evaluator import Answered, Bulk
from everystone.findings.frames import Instants, frames_of
from everystone.findings.reference import Questions
from everystone.ledger.case import Frame
from everystone.library import read
from everystone.standards.grammar import EVALUATORS
from everystone.standards.pack import Pack
from everystone.standards.story import Story, read_stories
from everystone.synthetic import synthesise
from tests.conftest import PROOF
from tests.findings.bulk.drawn import Drawn
from tests.findings.bulk.equal import otherwise
from tests.stories.test_stories import CASES

EACH = 510 if PROOF else 26  # cases drawn for each standard: 100,000, or 5,000
FORCE = 2_000 if PROOF else 100


class Counting:
    """The bulk evaluator, and how it came by its answers."""

    def __init__(self, questions: Questions) -> None:
        self.bulk, self.told, self.given = Bulk(questions), Counter[str](), Counter[str]()

    def ask(self, frames: list[Frame]) -> Answered:
        answered = self.bulk.ask(frames)
        self.told.update(answered.told)
        self.given.update(each.answer for answers in answered.answers for each in answers)
        self.given[MET] += answered.told["proved"]
        return answered


def frames_told(pack: Pack) -> list[Frame]:
    """The frames of every story and worked case, each at its last instant."""
    stories = [story for loaded in pack.finished for story in read_stories(loaded.path, pack)]
    stories += [story for path in CASES.values() for story in read_stories(path, pack)]
    frames: list[Frame] = []
    for story in stories:
        if isinstance(story, Story):
            at = (
                story.as_at
                if story.as_at is not None
                else max((instant for _, instant, _ in story.over_time), default=None)
            )
            if at is not None:
                when = Instants(at, at if story.known_on is None else story.known_on, story.coverage)
                frames += frames_of(story.streams, pack.words, when)
    return frames


def test_all_stories_and_worked_cases_in_one_batch(pack: Pack) -> None:
    questions = Questions(pack)
    counting = Counting(questions)
    frames = frames_told(pack)
    assert len(frames) > 1_000
    assert otherwise(frames, questions, counting) == []
    assert counting.told["proved"] > counting.told["asked"] / 2, counting.told


ANSWERS = (MET, NOT_MET, NOT_YET_DUE, DOES_NOT_APPLY, CANNOT_BE_TOLD)
#: What no standard of the pack that forbids something can answer.
NEVER_ANSWERED = {("forbidden", DOES_NOT_APPLY), ("forbidden", NOT_YET_DUE)}
CONSTRUCTS = {
    "at once", "nobody named", "several named", "a bare date", "written down late", "nobody acted", "corrected", "withdrawn",
    "a correction of a correction", "a correction to another kind", "a day of 23 or 25 hours", "a relation",
    "a gap in what is held", "overlapping training", "versions that differ", "a second limb",
}  # fmt: skip


def test_cases_drawn_around_every_standard(pack: Pack, figures: dict[str, Any]) -> None:
    said, told, reached, given = [], Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for loaded in pack.finished:
        questions, drawn = Questions(pack, [loaded.id]), Drawn(loaded, pack, EACH)
        counting = Counting(questions)
        said += otherwise(drawn.frames(EACH), questions, counting)
        told.update(counting.told)
        reached.update(drawn.reached)
        several = {
            "versions that differ": len(loaded.versions) > 1,
            "a second limb": "then=Limb" in repr(loaded.versions),
        }
        reached.update({each: counting.given.total() for each, so in several.items() if so})
        given.update({(loaded.standard.evaluator, answer): n for answer, n in counting.given.items()})
    assert said == []
    every = {(evaluator, answer) for evaluator in EVALUATORS for answer in ANSWERS}
    assert {place for place, n in given.items() if n} == every - NEVER_ANSWERED
    assert {each for each in CONSTRUCTS if reached[each] < EACH} == set()
    figures["bulk: duties of drawn cases, proved and asked"] = dict(told)
    figures["bulk: answers of drawn cases"] = {
        f"{evaluator}, {answer}": n for (evaluator, answer), n in sorted(given.items())
    }


def test_every_standard_of_drawn_cases_at_once(pack: Pack) -> None:
    """What one standard rests on, and what it is folded under, is asked beside it."""
    questions = Questions(pack)
    frames = [frame for loaded in pack.finished[::3] for frame in Drawn(loaded, pack, 1).frames(4)]
    assert otherwise(frames, questions) == []


def test_a_review_writes_the_same_bytes_with_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "CHUNK", 900)
    synthesise(FORCE, 5, tmp_path / "world", ["unseen-children", "silent-cases"])
    extract = read([tmp_path / "world"], tmp_path / "world" / "mapping.yaml", tmp_path / "ledger")
    ledger, when = extract.ledger.folder, extract.instants("2026-06-30")
    asked = {
        engine: review.review(ledger, extract.pack, when, tmp_path / engine, processes=1, engine=engine)
        for engine in review.ENGINES
    }
    assert asked["bulk"][:2] == asked["reference"][:2]
    assert asked["bulk"].told["proved"] > 10 * asked["bulk"].told["asked"]
    for name in ("findings", "counts", "danger"):
        one, other = ((tmp_path / engine / f"{name}.parquet").read_bytes() for engine in review.ENGINES)
        assert one == other, name
