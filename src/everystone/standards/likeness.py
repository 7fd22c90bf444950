"""Texts that are nearly copies of one another, and reasons that give none: by content, never by a number of words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple, TypeVar
from zlib import crc32

Key = TypeVar("Key", bound=Hashable)
RUN = 4  # words of a shingle
FEWEST = 8  # shingles of a text below which likeness says nothing: short standing phrases are alike by nature
COMMON = 200  # texts in which a shingle may stand before it is a heading of a form and tells nothing
ALIKE = 0.8  # share of shingles in common from which a text is nearly a copy
TINY = 1e-9  # more than rounding makes of a share
LEAST = 48  # numbers of a fingerprint: a text of up to so many runs is kept whole
FEW = 5  # different words of its own with which a text begins to say something
_WORD = re.compile(r"[^\W\d_]+|\d+")


class Alike(NamedTuple):
    """Two texts, by their keys in order, and the share of what the shorter says that the longer says too (0 to 1)."""

    one: Hashable
    other: Hashable
    share: float


def shingles(text: str) -> frozenset[int]:
    """The runs of words of a text, each as a number; dates and numbers count as the same, and so does case.

    Broder's resemblance of documents (1997), with containment, so that a copy with a line added is still one.
    """
    words = ["0" if word[0].isdigit() else word for word in _WORD.findall(text.lower())]
    return frozenset(crc32(" ".join(words[place : place + RUN]).encode()) for place in range(len(words) - RUN + 1))


class Fingerprint(NamedTuple):
    """What is kept of a text in order to compare it: how many runs of words it has, and the least of their numbers.

    Broder's sketch: of two texts the share of the least numbers that both have is that of all that both have.
    """

    runs: int
    least: frozenset[int]

    def share(self, other: Fingerprint) -> float:
        """The share of what the shorter says that the longer says too (0 to 1); 0 where one is too short to tell."""
        shorter = min(self.runs, other.runs)
        if shorter < FEWEST:
            return 0.0
        if max(self.runs, other.runs) <= LEAST:  # both are kept whole
            return len(self.least & other.least) / shorter
        together = sorted(self.least | other.least)[:LEAST]
        both = sum(1 for each in together if each in self.least and each in other.least) / len(together)
        return min(1.0, both * (self.runs + other.runs) / (1 + both) / shorter)

    def alike(self, other: Fingerprint) -> bool:
        """Whether the share is that of a near copy; of two that have few of the least numbers in common, told sooner."""
        both = len(self.least & other.least)
        most = both / max(1, min(LEAST, len(self.least) + len(other.least) - both))  # of the numbers compared
        runs, shorter = self.runs + other.runs, min(self.runs, other.runs)
        if max(self.runs, other.runs) > LEAST and most * runs / (1 + most) < ALIKE * shorter - TINY:
            return False
        return self.share(other) >= ALIKE

    @property
    def said(self) -> str:
        """As a ledger keeps it: the number of its runs and the least of them, in hexadecimal."""
        return ":".join([str(self.runs), *(f"{each:08x}" for each in sorted(self.least))])


def fingerprint(text: str) -> str:
    """The fingerprint of a text as a ledger keeps it."""
    runs = shingles(text)
    return Fingerprint(len(runs), frozenset(sorted(runs)[:LEAST])).said


@lru_cache(maxsize=4096)
def read_fingerprint(said: str) -> Fingerprint:
    """A fingerprint as a ledger keeps it."""
    runs, *least = said.split(":")
    return Fingerprint(int(runs), frozenset(int(each, 16) for each in least))


def near_copies(texts: Mapping[Key, str], at_least: float = ALIKE) -> list[Alike]:
    """Every two texts that are nearly copies, the likest first.

    Texts of fewer than `FEWEST` runs are left out, and runs that stand in more than `COMMON` texts are not counted:
    they belong to a form. Work grows with the runs that texts share, not with the square of their number.
    """
    said = {key: runs for key, text in texts.items() if len(runs := shingles(text)) >= FEWEST}
    held = defaultdict(list)
    for key, runs in said.items():
        for run in runs:
            held[run].append(key)
    common = {run for run, keys in held.items() if len(keys) > COMMON}
    own = {key: len(runs - common) if common else len(runs) for key, runs in said.items()}
    shared: Counter[tuple[Key, Key]] = Counter()
    for run, keys in held.items():
        if run not in common:
            shared.update(combinations(keys, 2))
    found = [Alike(one, other, n / shorter) for (one, other), n in shared.items()
             if (shorter := min(own[one], own[other])) >= FEWEST and n / shorter >= at_least]  # fmt: skip
    return sorted(found, key=lambda each: (-each.share, str(each.one), str(each.other)))


def groups(alike: Iterable[Alike]) -> list[list[Hashable]]:
    """Texts that are nearly copies of one another, together; the largest group first."""
    group: dict[Hashable, set[Hashable]] = {}
    for each in alike:
        joined = group.get(each.one, {each.one}) | group.get(each.other, {each.other})
        for key in joined:
            group[key] = joined
    once = {id(members): members for members in group.values()}.values()
    return sorted((sorted(members, key=str) for members in once), key=lambda each: (-len(each), str(each)))


def own_words(text: str, known: Iterable[str]) -> set[str]:
    """The different words of a text, without their endings, but for those that stand in what is `known` already."""
    return {_stem(word) for word in _WORD.findall(text.lower())}.difference(*map(_stems, known))


def only_repeats(reason: str, outcome: Iterable[str], small: Iterable[str] = ()) -> bool:
    """Whether a reason says nothing but the outcome that it should give reasons for.

    `outcome` are the words that already stand for it (a title, a code, a ground); `small` are words that add nothing.
    An empty reason gives none, and repeats nothing.
    """
    return bool(_WORD.search(reason)) and all(word.isdigit() for word in own_words(reason, [*outcome, *small]))


@lru_cache(maxsize=4096)
def _stems(known: str) -> frozenset[str]:
    """The words of what is known already, which every text is held against."""
    return frozenset(map(_stem, _WORD.findall(known.lower())))


@lru_cache(maxsize=16_384)
def _stem(word: str) -> str:
    """A word without its usual endings, so that closed, closes and closing are one."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
