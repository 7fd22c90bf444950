"""A story drawn: its entries and the answers over time on one line, and the same as a list to read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from everystone.findings.explain import instant_in_words, says
from everystone.ledger.entry import Entry
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.story import Story

WIDE = 640  # of the drawing, in its own units
EDGE = 12
LEAST = 1.0  # room between two points, however near in time; more by the logarithm of the minutes between
MINUTE = 60
#: How each answer is marked, beside its words.
MARKS = {"met": "met", "not met": "gap", "not yet due": "ahead", "does not apply": "none", "cannot be told": "dim"}


class Row(NamedTuple):
    """One line of a story: when, what the record says or what is answered, and with which mark it is drawn."""

    at: int
    when: str
    says: str
    mark: str  # "entry", or that of an answer
    note: str = ""


class Drawn(NamedTuple):
    """A story ready for a page: its title, its lines in order of time, and where each stands in the drawing."""

    title: str
    people: str
    rows: list[Row]
    places: list[float]
    held: str


def drawn(story: Story) -> Drawn:
    """A story of a standard as it is shown; answers after entries of the same minute."""
    rows = sorted([*_entries(story), *_answers(story)], key=lambda row: (row.at, row.mark != "entry"))
    return Drawn(story.title, _people(story), rows, _places(rows), _held(story))


def _people(story: Story) -> str:
    """Who is in it, with what the story says of each before its first line."""
    described = [entry for entry in story.entries if entry.kind in story.words.kinds.describing]
    return "; ".join(f"{', '.join(each.subjects)}: {_described(each)}" for each in described)


def _described(entry: Entry) -> str:
    plain = {"role", "rank", "agency"}  # the value says what it is
    said = []
    for name, value in entry.data.items():
        spoken = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        said.append(spoken if name in plain else name if value is True else f"{name} {spoken}")
    return ", ".join(said).replace("_", " ")


def _entries(story: Story) -> Iterator[Row]:
    keys = {entry.key: entry for entry in story.entries}
    for entry in story.entries:
        if entry.kind in story.words.kinds.describing:
            continue
        yield Row(entry.lo, instant_in_words(entry.lo, entry.hi, story.words), says(entry, story.words), "entry",
                  "; ".join(_notes(entry, keys, story.words)))  # fmt: skip


def _notes(entry: Entry, keys: dict[str, Entry], words: Vocabulary) -> Iterator[str]:
    if entry.recorded - entry.hi >= MINUTE:
        yield f"written down on {instant_in_words(entry.recorded, entry.recorded, words)}"
    for target, what in ((entry.corrects, "corrects"), (entry.withdraws, "withdraws")):
        if target in keys:
            yield f"{what} what stands at {instant_in_words(keys[target].lo, keys[target].hi, words)}"


def _answers(story: Story) -> Iterator[Row]:
    for text, at, said in story.over_time:
        for person, words in said.items() if isinstance(said, dict) else [("", said)]:
            answer, _, reason = str(words).partition(" under ")[0].partition(",")
            why = f" ({reason.strip().replace('_', ' ')})" if reason else ""
            about = f"About {person}: " if person else ""
            when = instant_in_words(at, at, story.words) if len(text) > len("2011-06-10") else f"{text}, end of the day"
            yield Row(at, _day(when, at, story.words), f"{about}{answer}{why}", MARKS.get(answer, "none"))
    for _, at, said in story.putting_right:
        yield Row(at, instant_in_words(at, at, story.words), f"To put right: {said}", "none")


def _day(when: str, at: int, words: Vocabulary) -> str:
    """The instant of asking; the last minute of a day is said as its end."""
    spoken = instant_in_words(at, at, words)
    return f"end of {spoken.removesuffix(' at 23:59')}" if when.endswith("end of the day") else when


def _held(story: Story) -> str:
    """What the source holds, where it does not hold everything."""
    if story.coverage.total:
        return ""
    return "The source of this story does not hold every kind of entry; what it does not hold cannot be told."


def _places(rows: list[Row]) -> list[float]:
    """Where each line stands from left to right; longer gaps are wider, by their order of size and not to scale."""
    steps = [0.0]
    for before, after in pairwise(rows):
        gap = (after.at - before.at) / MINUTE
        steps.append(steps[-1] + (LEAST + math.log1p(gap) if gap else 0.0))
    room = (WIDE - 2 * EDGE) / (steps[-1] or 1)
    return [round(EDGE + step * room, 1) for step in steps]
