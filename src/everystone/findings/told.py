"""Three-valued telling: true, false, cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Told = bool | None
About = TypeVar("About")  # what is asked
Thing = TypeVar("Thing")  # of what it is asked


def all_of(tests: Sequence[Callable[[About, Thing], Told]]) -> Callable[[About, Thing], Told]:
    """One test that all of several make; written as a loop because it is asked millions of times."""
    if len(tests) == 1:
        return tests[0]

    def test(about: About, thing: Thing) -> Told:
        answer: Told = True
        for each in tests:
            told = each(about, thing)
            if told is False:
                return False
            if told is None:
                answer = None
        return answer

    return test


def any_of(tests: Sequence[Callable[[About, Thing], Told]]) -> Callable[[About, Thing], Told]:
    """One test that any of several makes."""

    def test(about: About, thing: Thing) -> Told:
        answer: Told = False
        for each in tests:
            told = each(about, thing)
            if told:
                return True
            if told is None:
                answer = None
        return answer

    return test


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
