"""Every story of the pack comes out as told; those of the standards are told in one batch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from everystone.findings.stories import judge
from everystone.standards.pack import Pack, load, shelf
from everystone.standards.story import read_stories
from tests.conftest import SHARED
from tests.stories.batch import told

CASES = {path.stem: path for path in sorted((shelf() / "england_wales" / "stories" / "cases").glob("*.yaml"))}


def test_the_stories_of_the_standards_come_out_as_told() -> None:
    otherwise = {f"{each.standard.id}: {each.story.title}": each.verdict.otherwise for each in told()}
    assert not {title: found for title, found in otherwise.items() if found}


def test_every_finished_standard_tells_stories() -> None:
    assert {each.standard.id for each in told()} == {each.id for each in load().finished}


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_worked_case(pack: Pack, case: str) -> None:
    for story in read_stories(CASES[case], pack):
        assert not judge(story, pack).otherwise


@pytest.mark.parametrize("case", ["alder", "birch", "damson", "fir"])
def test_the_shared_worked_cases_run_unchanged(pack: Pack, shared: Path, case: str) -> None:
    (story,) = read_stories(SHARED / "domain" / "stories" / f"{case}.yaml", pack)
    assert not judge(story, pack).otherwise


def test_a_story_may_name_the_version_that_answers(pack: Pack) -> None:
    loaded = next(each for each in pack.finished if len(each.versions) > 1)
    (day,) = {each.version.since for each in loaded.versions[:1]}
    said = next(each for each in told() if each.standard.id == loaded.id and each.story.over_time)
    instants = [
        (text, at, f"{words} under {day}-") for text, at, words in said.story.over_time if isinstance(words, str)
    ]
    assert instants
    assert judge(replace(said.story, over_time=instants), pack).otherwise
