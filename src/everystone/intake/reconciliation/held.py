"""What another body's list could have held: from which day to which, and where it fell silent in between."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from math import log
from typing import NamedTuple

QUIET = 21  # days without an entry of which nothing is thought: a holiday, a slow month
DOUBT = 7.0  # a silence is one that entries at the list's own rate would leave in less than one such list in a thousand


class Held(NamedTuple):
    """From which day to which a list was kept (numbers of days, None: not known), and its silences in between."""

    first: int | None
    last: int | None
    silences: tuple[tuple[int, int], ...] = ()

    def surely(self, day: int | None, days: int) -> bool:
        """Whether an act of a day, give or take some, must stand on the list if it was done."""
        if day is None:
            return self.first is None and self.last is None
        inside = (self.first is None or self.first <= day - days) and (self.last is None or day + days <= self.last)
        return inside and self.silent(day, days) is None

    def silent(self, day: int, days: int) -> tuple[int, int] | None:
        """The silence in which an act of a day, give or take some, may lie."""
        return next(((since, until) for since, until in self.silences if since - days < day < until + days), None)

    def outside(self, day: int | None, days: int, title: str) -> str:
        """Why an act of a day cannot be told by the list of a body."""
        if day is None:
            return f"the claim gives no day, and the list of {title} was not kept for ever"
        silence = self.silent(day, days)
        if self.first is not None and day - days < self.first:
            return f"the list of {title} begins on {in_words(self.first)}: this claim cannot be told"
        if silence is not None:
            first, last = map(in_words, silence)
            return f"the list of {title} has no entry from {first} to {last}: this claim cannot be told"
        return f"the list of {title} ends on {in_words(self.last)}: this claim cannot be told"


def silences(days: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """The stretches in which a list with entries on these days held nothing, where that is no chance.

    Entries that come at an even rate leave n stretches between them, each longer than t mean stretches with a
    chance of exp(-t) (a Poisson process); a silence is longer than ln n + DOUBT of them. The rate is that of the
    days outside the silences found so far. Each is given by its first and last day without an entry.
    """
    known, found = sorted(set(days)), list[tuple[int, int]]()
    if len(known) < 3:
        return ()
    for _ in known:
        kept = known[-1] - known[0] - sum(until - since for since, until in found)
        least = max(QUIET, kept / (len(known) - 1) * (log(len(known)) + DOUBT))
        now = [(one + 1, other - 1) for one, other in pairwise(known) if other - one > least]
        if now == found:
            break
        found = now
    return tuple(found)


def in_words(day: int | None) -> str:
    """A day as a sentence gives it."""
    if day is None:
        return "a day not known"
    said = date.fromordinal(day)
    return f"{said.day} {said:%B %Y}"
