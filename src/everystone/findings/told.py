"""Three-valued telling: true, false, cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ParamSpec

Told = bool | None
Given = ParamSpec("Given")


def all_of(tests: Sequence[Callable[Given, Told]]) -> Callable[Given, Told]:
    """One test that all of several make; written as a loop because it is asked millions of times."""
    if len(tests) == 1:
        return tests[0]

    def test(*given: Given.args, **_: Given.kwargs) -> Told:
        answer: Told = True
        for each in tests:
            told = each(*given, **_)
            if told is False:
                return False
            if told is None:
                answer = None
        return answer

    return test


def any_of(tests: Sequence[Callable[Given, Told]]) -> Callable[Given, Told]:
    """One test that any of several makes."""

    def test(*given: Given.args, **_: Given.kwargs) -> Told:
        answer: Told = False
        for each in tests:
            told = each(*given, **_)
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
