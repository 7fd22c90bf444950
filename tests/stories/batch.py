"""All stories of the standards told once, for every test that looks at them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from everystone.findings.stories import Verdict, judge
from everystone.standards.pack import Loaded, Pack, load
from everystone.standards.story import Story, read_stories


class Told(NamedTuple):
    """One story of a standard, and how it came out."""

    standard: Loaded
    story: Story
    verdict: Verdict


@cache
def told() -> list[Told]:
    """Every story of every finished standard of the shipped pack."""
    pack: Pack = load()
    return [
        Told(loaded, story, judge(story, pack))
        for loaded in pack.finished
        for story in read_stories(loaded.path, pack)
        if isinstance(story, Story)
    ]
