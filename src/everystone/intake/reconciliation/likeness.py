"""How alike two references, names or dates are, allowing for typing, and why in words. It knows no case and no body."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

#: Characters that are read or typed for one another, each with the one it is kept as.
LOOK_ALIKE = str.maketrans("OQDILSZBG", "000115286")
LEAST = 4  # characters below which one typing step may make any reference into any other
READ_AS = str.maketrans("01258", "olzsb")
UNLIKE = 99  # steps between names that have not as many parts


class Degree(IntEnum):
    """How alike two values are; NOT_GIVEN where one of them does not stand there."""

    SAME = 0
    NEAR = 1
    FAR = 2
    UNLIKE = 3
    NOT_GIVEN = 4


class Alike(NamedTuple):
    """A degree and the words for it; `apart` is the number of days between two dates."""

    degree: Degree
    why: str = ""
    apart: int = 0


NOT_GIVEN = Alike(Degree.NOT_GIVEN)


# ---- references --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 18)
def bare(reference: str) -> str:
    """A reference without spaces, marks, accents and difference of case."""
    plain = unicodedata.normalize("NFKD", reference).upper()
    return "".join(char for char in plain if char.isalnum())


def folded(plain: str) -> str:
    """A bare reference in which characters that look alike are one."""
    return plain.translate(LOOK_ALIKE)


def one_less(text: str) -> Iterable[str]:
    """The text and each text with one character less: two texts a typing step apart have one of these in common."""
    yield text
    for place in range(len(text)):
        if not place or text[place] != text[place - 1]:
            yield text[:place] + text[place + 1 :]


def references(ours: str, theirs: str) -> Alike:
    """How alike two bare references are. NEAR is one typing step, FAR two in a reference of some length."""
    if not ours or not theirs:
        return NOT_GIVEN
    if ours == theirs:
        return Alike(Degree.SAME, "the same reference")
    mine, other = folded(ours), folded(theirs)
    if mine == other:
        return Alike(Degree.NEAR, "the reference with a look-alike character")
    longer = max(len(mine), len(other))
    distance = OSA.distance(mine, other, score_cutoff=2)
    if distance == 1 and longer >= LEAST:
        return Alike(Degree.NEAR, f"the reference with {_step(mine, other)}")
    if distance == 2 and longer >= LEAST + 3:
        return Alike(Degree.FAR, "the reference with two typing errors")
    return Alike(Degree.UNLIKE, "another reference")


def _step(mine: str, other: str) -> str:
    """The one typing step that leads from a reference to another."""
    if len(mine) == len(other):
        turned = sorted(mine) == sorted(other)
        return "two characters transposed" if turned else "one character different"
    longer, shorter = (mine, other) if len(mine) > len(other) else (other, mine)
    place = next((n for n, char in enumerate(shorter) if longer[n] != char), len(shorter))
    if place and longer[place] == longer[place - 1]:
        return "one character doubled"
    return "one character missing on one side"


# ---- names -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 18)
def parts(name: str) -> tuple[str, ...]:
    """The parts of a name as written (what follows a comma comes first), without accents, marks, difference of case.

    In a name digits are read as the letters they look like; a reference of a person, which is mostly digits, keeps them.
    """
    last, _, first = unicodedata.normalize("NFKD", name).casefold().partition(",")
    plain = "".join(char for char in f"{first} {last}" if not unicodedata.combining(char) and char not in "'’")
    if sum(map(str.isalpha, plain)) > 3 * sum(map(str.isdigit, plain)):
        plain = plain.translate(READ_AS)
    return tuple(re.findall(r"\w+", plain))


def joined(name: tuple[str, ...]) -> str:
    """The parts of a name as one word."""
    return "".join(name)


@lru_cache(maxsize=1 << 18)
def names(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Alike:
    """How alike two names (or references of persons) are, by their parts in any order."""
    if not ours or not theirs:
        return NOT_GIVEN
    mine, other = joined(ours), joined(theirs)
    if mine == other or sorted(ours) == sorted(theirs):
        return Alike(Degree.SAME, "the same person")
    shorter = min(len(mine), len(other))
    allowed = 2 if shorter >= 2 * LEAST else int(shorter >= LEAST)
    if allowed and (OSA.distance(mine, other, score_cutoff=allowed) <= allowed or _parted(ours, theirs) <= allowed):
        return Alike(Degree.NEAR, "the name typed differently")
    if not any(char.isdigit() for char in mine + other) and _shortened(ours, theirs):
        return Alike(Degree.NEAR, "a part of the name, or an initial")
    return Alike(Degree.UNLIKE, "another person")


def _parted(ours: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    """The typing steps between two names part by part, in whatever order the parts stand."""
    if len(ours) != len(theirs):
        return UNLIKE
    left, steps = list(theirs), 0
    for part in sorted(ours, key=len, reverse=True):
        nearest = min(left, key=lambda each: OSA.distance(part, each))
        steps += OSA.distance(part, nearest)
        left.remove(nearest)
    return steps


def _shortened(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether the shorter name is the longer one with parts left out or cut to an initial."""
    few, many = sorted((ours, theirs), key=lambda name: (len(name), len(joined(name))))
    left, whole = list(many), 0
    for part in sorted(few, key=len, reverse=True):
        fits = [each for each in left if each == part or (len(part) == 1 and each[0] == part)]
        if not fits:
            return False
        left.remove(fits[0])
        whole += len(part) > 2
    return whole > 0


def people(ours: tuple[tuple[str, ...], ...], theirs: tuple[tuple[str, ...], ...]) -> Alike:
    """The best likeness between any of ours and any of theirs."""
    return min((names(one, each) for one in ours for each in theirs), default=NOT_GIVEN, key=lambda alike: alike.degree)


# ---- dates -------------------------------------------------------------------------------------------------------


def dates(ours: int | None, theirs: int | None, days: int) -> Alike:
    """How alike two days (numbers of days) are. NEAR is up to `days` apart, FAR is explained by typing."""
    if ours is None or theirs is None:
        return NOT_GIVEN
    apart = abs(ours - theirs)
    if not apart:
        return Alike(Degree.SAME, "the same day")
    if apart <= days:
        return Alike(Degree.NEAR, f"{apart} day{'' if apart == 1 else 's'} apart", apart)
    typed = _typed(ours, theirs, days)
    return Alike(Degree.FAR, typed, apart) if typed else Alike(Degree.UNLIKE, f"{apart} days apart", apart)


def _turned(day: date) -> int:
    """The day with day and month changed round."""
    return day.replace(month=day.day, day=day.month).toordinal()


@lru_cache(maxsize=1 << 16)
def _typed(ours: int, theirs: int, days: int) -> str:
    """What typing error makes one day into the other, or ""."""
    one, other = date.fromordinal(ours), date.fromordinal(theirs)
    if any(abs(_turned(each) - ordinal) <= days for each, ordinal in ((one, theirs), (other, ours)) if each.day <= 12):
        return "day and month of the date changed places"
    mine, another = f"{one:%Y%m%d}", f"{other:%Y%m%d}"
    different = [place for place in range(8) if mine[place] != another[place]]
    if len(different) == 1:
        return "one digit of the date different"
    turned = len(different) == 2 and different[1] == different[0] + 1
    if turned and mine[different[0]] == another[different[1]] and mine[different[1]] == another[different[0]]:
        return "two digits of the date transposed"
    return ""
