"""No two standards contradict on the same facts, and every kind is used or says why it exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import combinations
from typing import NamedTuple

import pytest

from everystone.findings.reference import Questions
from everystone.findings.stories import answers_at
from everystone.standards.condition import Condition
from everystone.standards.grammar import Body, Forbidden, Response, Rhythm
from everystone.standards.item import Item, Items, several
from everystone.standards.pack import Loaded, load, shelf
from tests.stories.batch import told

#: Pairs that state two lengths for one thing after one trigger, and why both stand.
TWO_LENGTHS: dict[tuple[str, str], str] = {}
#: Pairs of which one demands a kind of entry that the other forbids after the same trigger, and why both stand.
DEMANDED_AND_FORBIDDEN = {
    (
        "INV-08",
        "KID-05",
    ): "an arrest or interview is one of several things that answer INV-08, a reasoned decision not to is "
    "another; for a child under ten, of whom alone KID-05 is asked, only that other one is left",
}


class Demand(NamedTuple):
    """One thing that a standard demands (or forbids): after which kinds, which kinds, on what condition, from when to when."""

    standard: str
    frame: str
    after: frozenset[str]
    when: tuple[str, ...]
    kinds: frozenset[str]
    where: str
    about: str
    basis: str
    length: str
    since: date
    until: date

    def overlaps(self, other: Demand) -> bool:
        """Whether both hold on some day of the same sort of frame after the same kind."""
        return (
            self.frame == other.frame
            and bool(self.after & other.after)
            and self.since <= other.until
            and other.since <= self.until
        )


def demands(loaded: Loaded, *, forbidden: bool) -> Iterator[Demand]:
    """What a standard demands within a length, or what it forbids, by version and line of its table."""
    for dated in loaded.versions:
        for when, body in dated.bodies:
            for item in _wanted(body, forbidden=forbidden):
                yield Demand(
                    loaded.id, loaded.standard.frame, _kinds(body.after), tuple(sorted(map(str, _conditions(body, when)))),
                    frozenset(item.kinds), str(item.where), f"{loaded.standard.asked_for} {item.same}",
                    dated.version.basis, _length(body), dated.version.since, dated.until or date.max,
                )  # fmt: skip


def _wanted(body: Body, *, forbidden: bool) -> list[Item]:
    if isinstance(body, Forbidden):
        return several(body.never) if forbidden else []
    if forbidden:
        return []
    if isinstance(body, Response):
        return [] if body.before == "trigger" else _leaves(body.expect)
    return _leaves(body.beat) if isinstance(body, Rhythm) else []


def _leaves(items: Items) -> list[Item]:
    return [leaf for item in several(items) for leaf in (_leaves([*(item.any or ()), *(item.all or ())]) or [item])]


def _kinds(items: Items) -> frozenset[str]:
    return frozenset(kind for item in _leaves(items) for kind in item.kinds)


def _conditions(body: Body, when: Condition | None) -> Iterator[object]:
    yield when
    yield from (item.where for item in _leaves(body.after))


def _length(body: Body) -> str:
    length = body.within.duration if body.within is not None else None
    return str(length if length is not None else getattr(body, "every", ""))


@cache
def of_all(*, forbidden: bool) -> list[Demand]:
    """What all standards of the shipped pack demand, or forbid."""
    return [each for loaded in load().finished for each in demands(loaded, forbidden=forbidden)]


def test_no_two_standards_state_two_lengths_for_one_thing() -> None:
    found = {
        (one.standard, other.standard)
        for one, other in combinations(of_all(forbidden=False), 2)
        if one.standard < other.standard and one.overlaps(other) and one.kinds & other.kinds
        and (one.when, one.where, one.about, one.basis) == (other.when, other.where, other.about, other.basis)
        and one.length != other.length
    }  # fmt: skip
    assert found == set(TWO_LENGTHS)


def test_what_one_standard_demands_no_other_forbids_after_the_same() -> None:
    found = {
        (one.standard, other.standard)
        for other in of_all(forbidden=True)
        for one in of_all(forbidden=False)
        if one.overlaps(other) and one.kinds & other.kinds and _may_be_one(one, other)
    }
    assert found == set(DEMANDED_AND_FORBIDDEN)


def _may_be_one(one: Demand, other: Demand) -> bool:
    """Whether an entry might answer the one and break the other; two conditions are taken to be of one entry only if alike."""
    return one.where == other.where or "None" in (one.where, other.where)


def test_no_entry_of_a_story_meets_one_standard_and_breaks_another() -> None:
    pack = load()
    breaking = [each.id for each in pack.finished if each.standard.evaluator == "forbidden"]
    ready = Questions(pack)
    found = set[tuple[str, str]]()
    for each in told():
        if not any(entry.kind in _forbidden_kinds() for entry in each.story.entries) or not each.story.over_time:
            continue
        answers = answers_at(each.story, ready, each.story.over_time[-1][1], each.story.known_on)
        broken = {
            key: one.standard
            for one in answers
            if one.standard in breaking and one.answer == "not met"
            for key in one.evidence
        }
        found |= {
            (one.standard, broken[key]) for one in answers if one.answer == "met" and one.standard not in breaking
            for key in one.evidence if key in broken and key != one.trigger
        }  # fmt: skip
    assert found == set(DEMANDED_AND_FORBIDDEN)


@cache
def _forbidden_kinds() -> frozenset[str]:
    return frozenset(kind for each in of_all(forbidden=True) for kind in each.kinds)


@pytest.mark.parametrize("pack", ["england_wales"])
def test_every_kind_is_used_or_says_why_it_exists(pack: str) -> None:
    folder = shelf() / pack
    files = [*folder.glob("standards/*/*.yaml"), folder / "states.yaml", folder / "danger.yaml", folder / "bodies.yaml"]
    rules = "\n".join(re.split(r"(?m)^stories:", path.read_text(encoding="utf-8"))[0] for path in files)
    used = set(re.findall(r"[a-z_]+\.[a-z_0-9]+", rules))
    silent = [
        name
        for name, kind in load().words.kinds.by_name.items()
        if name not in used and not kind.note and not kind.describes
    ]
    assert not silent, "no standard, state or rule of danger names these: say in their `note` why they are kept"
