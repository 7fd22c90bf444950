"""Three-valued telling: true, false, cannot be told."""

from __future__ import annotations

from collections.abc import Iterable

Told = bool | None


def every(tellings: Iterable[Told]) -> Told:
    """All of them: false if any is false, else untold if any is."""
    answer: Told = True
    for told in tellings:
        if told is False:
            return False
        if told is None:
            answer = None
    return answer


def some(tellings: Iterable[Told]) -> Told:
    """Any of them: true if any is true, else untold if any is."""
    answer: Told = False
    for told in tellings:
        if told:
            return True
        if told is None:
            answer = None
    return answer


def other(told: Told) -> Told:
    """The opposite; what cannot be told stays so."""
    return None if told is None else not told
