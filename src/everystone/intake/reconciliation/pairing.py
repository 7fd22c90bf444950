"""Pairing two lists one to one by reference, person and date, each as it may have been typed. It knows no case and no body.

Whoever could be meant is found by blocks (the same reference, references or names a typing step apart, the same days),
so that no list is compared with all of another. Of those the likeliest pairs are taken first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from everystone.intake.reconciliation.likeness import (
    LEAST,
    Alike,
    Degree,
    dates,
    folded,
    joined,
    one_less,
    people,
    references,
)

SAME, NEAR, FAR, UNLIKE, NOT_GIVEN = Degree
LARGEST = 400  # rows of one block; a larger one says too little to be looked through
SURE = 2  # the likelihood up to which a pair that has no rival is taken at once

#: What each degree of each fact takes from the likelihood of a pair: nought is likeliest.
_REFERENCE = {SAME: 0, NEAR: 2, FAR: 4, NOT_GIVEN: 5, UNLIKE: 8}
_PERSON = {SAME: 0, NEAR: 1, NOT_GIVEN: 2, UNLIKE: 6}
_DATE = {SAME: 0, NEAR: 1, FAR: 2, NOT_GIVEN: 2, UNLIKE: 5}

Block = dict[Hashable, list[int]]


class Told(NamedTuple):
    """One row of a list: its bare reference ("" where it has none), who it names (each by parts), its day, its case."""

    reference: str = ""
    people: tuple[tuple[str, ...], ...] = ()
    day: int | None = None
    case: str = ""


class Pair(NamedTuple):
    """Two rows that belong together, by their places, and how alike they are in each fact."""

    ours: int
    theirs: int
    reference: Alike
    person: Alike
    date: Alike

    @property
    def unlikely(self) -> int:
        """How much speaks against it; nought is likeliest."""
        return _REFERENCE[self.reference.degree] + _PERSON[self.person.degree] + _DATE[self.date.degree]

    @property
    def order(self) -> tuple[int, int, int, int]:
        """The likeliest first; of equals the closer date, then the order of the lists."""
        return self.unlikely, self.date.apart, self.ours, self.theirs

    @property
    def stands(self) -> bool:
        """Whether so much likeness is enough to take the two for one.

        The same reference always is; whatever else it says is then a difference between two records. A reference
        typed differently needs the person, or where nobody is named the day. Without a reference person and day must
        agree, or where there is no day the person; with another reference, to the day.
        """
        named, dated = self.person.degree <= NEAR, self.date.degree <= FAR
        reference = self.reference.degree
        if reference == SAME:
            return True
        if reference == NEAR:
            return named or (self.person.degree == NOT_GIVEN and (dated or self.date.degree == NOT_GIVEN))
        if reference == UNLIKE:
            return named and self.date.degree == SAME
        return named and (dated or self.date.degree == NOT_GIVEN)


def compare(ours: Told, theirs: Told, days: int) -> tuple[Alike, Alike, Alike]:
    """How alike two rows are in reference, person and date."""
    return (
        references(ours.reference, theirs.reference),
        people(ours.people, theirs.people),
        dates(ours.day, theirs.day, days),
    )


def pair(ours: Sequence[Told], theirs: Sequence[Told], days: int) -> list[Pair]:
    """The pairs of two lists, each row in one at most, in the order of `ours`. `days` apart is no difference."""
    return _Pairing(ours, theirs, days).made()


class _Pairing:
    def __init__(self, ours: Sequence[Told], theirs: Sequence[Told], days: int) -> None:
        self.ours, self.theirs, self.days = ours, theirs, days
        self.pairs: dict[int, Pair] = {}
        self.taken: set[int] = set()

    def made(self) -> list[Pair]:
        self._at_once()
        self._take(self._candidates(self._by_reference, self._by_name))
        self._take(self._candidates(self._by_days))
        return [self.pairs[place] for place in sorted(self.pairs)]

    def _pair(self, place: int, other: int) -> Pair:
        return Pair(place, other, *compare(self.ours[place], self.theirs[other], self.days))

    def _at_once(self) -> None:
        """Where a reference stands once in both lists and nothing speaks against it, there is no rival."""
        once = _blocks(self.theirs, lambda told: (told.reference,) if told.reference else ())
        mine = _blocks(self.ours, lambda told: (told.reference,) if told.reference else ())
        for reference, places in mine.items():
            others = once.get(reference, ())
            if len(places) == len(others) == 1:
                found = self._pair(places[0], others[0])
                if found.unlikely <= SURE:
                    self._keep(found)

    def _take(self, candidates: Iterable[Pair]) -> None:
        for found in sorted(candidates, key=lambda each: each.order):
            if found.ours not in self.pairs and found.theirs not in self.taken:
                self._keep(found)

    def _keep(self, found: Pair) -> None:
        self.pairs[found.ours] = found
        self.taken.add(found.theirs)

    # ---- who could be meant --------------------------------------------------------------------------------------

    def _candidates(self, *ways: Callable[[], Iterator[tuple[int, int]]]) -> Iterator[Pair]:
        seen: set[tuple[int, int]] = set()
        for way in ways:
            for place, other in way():
                if (place, other) not in seen:
                    seen.add((place, other))
                    found = self._pair(place, other)
                    if found.stands:
                        yield found

    def _left(self) -> tuple[list[int], list[int]]:
        mine = [place for place in range(len(self.ours)) if place not in self.pairs]
        other = [place for place in range(len(self.theirs)) if place not in self.taken]
        return mine, other

    def _by_reference(self) -> Iterator[tuple[int, int]]:
        """References that are the same, or a typing step apart (those with a character less have a text in common)."""
        yield from self._meeting(_reference_keys)

    def _by_name(self) -> Iterator[tuple[int, int]]:
        """Names that are the same, or a typing step apart."""
        yield from self._meeting(_name_keys)

    def _by_days(self) -> Iterator[tuple[int, int]]:
        """The same days, and a part of the name the same or two typing steps apart: for rows typed wrong throughout."""
        mine, other = self._left()
        by_day: dict[int, list[tuple[str, int]]] = defaultdict(list)
        by_part = _blocks(self.theirs, lambda told: ((told.day, max(name, key=len)) for name in told.people), other)
        for each in other:
            day = self.theirs[each].day
            if day is not None:
                by_day[day].extend((joined(name), each) for name in self.theirs[each].people)
        for place in mine:
            day, named = self.ours[place].day, self.ours[place].people
            if day is None or not named:
                continue
            days = range(day - self.days, day + self.days + 1)
            near = [row for each in days for row in by_day.get(each, ())]
            whole = [name for name, _ in near]
            for name in named:
                for _, _, found in extract(joined(name), whole, scorer=OSA.distance, score_cutoff=2, limit=LARGEST):
                    yield place, near[found][1]
                for each in days:
                    yield from ((place, found) for found in by_part.get((each, max(name, key=len)), ()))

    def _meeting(self, keys: Callable[[Told], Iterable[str]]) -> Iterator[tuple[int, int]]:
        mine, other = self._left()
        blocks = _blocks(self.theirs, keys, other)
        for place in mine:
            for key in keys(self.ours[place]):
                for each in self._nearest(place, blocks.get(key, ())):
                    yield place, each

    def _nearest(self, place: int, block: Sequence[int]) -> Sequence[int]:
        """The rows of a block; of a large one those of the nearest days."""
        day = self.ours[place].day
        if len(block) <= LARGEST or day is None:
            return block[:LARGEST]
        return sorted(block, key=lambda each: abs((self.theirs[each].day or 0) - day))[:LARGEST]


def _blocks(
    rows: Sequence[Told], keys: Callable[[Told], Iterable[Hashable]], places: Iterable[int] | None = None
) -> Block:
    """The places of rows by each of their keys."""
    blocks: Block = defaultdict(list)
    for place in range(len(rows)) if places is None else places:
        for key in keys(rows[place]):
            blocks[key].append(place)
    return blocks


def _reference_keys(told: Told) -> Iterable[str]:
    if not told.reference:
        return ()
    plain = folded(told.reference)
    return one_less(plain) if len(plain) >= LEAST - 1 else (plain,)


def _name_keys(told: Told) -> Iterable[str]:
    for name in told.people:
        whole = joined(name)
        ordered = joined(tuple(sorted(name)))
        for text in (whole, ordered) if ordered != whole else (whole,):
            yield from one_less(text) if len(text) >= LEAST else (text,)
