"""What is told to professional standards alone: nobody else learns that it was asked, whatever the answer is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from everystone.findings.answer import Answer
from everystone.standards.pack import Pack


def sealed_in(pack: Pack) -> frozenset[str]:
    """The standards whose answers are told to professional standards only; pages and reports are silent about each of them
    whatever its answers are, so that nobody learns from one that there is something to learn.
    """
    return frozenset(
        each.id for each in pack.standards.values() if each.standard.first_told == "professional standards"
    )


def told(answers: Sequence[Answer], sealed: Collection[str]) -> list[Answer]:
    """The answers that everybody may be told, as if there were no others."""
    return list(unsealed([each for each in answers if each.standard not in sealed]))


def unsealed(answers: Sequence[Answer]) -> Iterable[Answer]:
    """An answer folded under one that is not told here stands on its own, without a word of it."""
    keys = {answer.key for answer in answers}
    for answer in answers:
        if answer.root and answer.root not in keys:
            yield answer._replace(root="", marks=tuple(mark for mark in answer.marks if mark != "folded under"))
        else:
            yield answer
