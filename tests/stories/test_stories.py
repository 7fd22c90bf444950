"""Every story of the pack comes out as told."""

from __future__ import annotations

from pathlib import Path

import pytest

from everystone.findings.stories import judge
from everystone.standards.pack import Pack, load, shelf
from everystone.standards.story import read_stories
from tests.conftest import SHARED

STANDARDS = {each.id: each.path for each in load().finished}
CASES = {path.stem: path for path in sorted((shelf() / "england_wales" / "stories" / "cases").glob("*.yaml"))}


@pytest.mark.parametrize("standard", sorted(STANDARDS))
def test_the_stories_of_a_standard(pack: Pack, standard: str) -> None:
    for story in read_stories(STANDARDS[standard], pack):
        assert not judge(story, pack).otherwise, story.title


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_worked_case(pack: Pack, case: str) -> None:
    for story in read_stories(CASES[case], pack):
        assert not judge(story, pack).otherwise


@pytest.mark.parametrize("case", ["alder", "birch", "damson", "fir"])
def test_the_shared_worked_cases_run_unchanged(pack: Pack, shared: Path, case: str) -> None:
    (story,) = read_stories(SHARED / "domain" / "stories" / f"{case}.yaml", pack)
    assert not judge(story, pack).otherwise
