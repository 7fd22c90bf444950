"""How much a name in an extract is like a kind or a field of the packs: by the words they share, rare ones counting more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from math import log

from everystone.intake.profile import BORN, Column, stem, tokens_of
from everystone.ledger.kind import LISTS, FieldOf, Kind, Kinds

LEAST = 0.4  # below this a likeness is chance
_NEAR = 0.1  # of two kinds that are about as like, the one that is named goes before the one that shares what was done
_SAID = frozenset({"true", "false", "yes", "no", "y", "n", "1", "0"})
_UNKNOWN = 0.25  # the weight of a word that no kind has
#: Words that every extract has, so that sharing one says nothing.
_EVERYWHERE = """
date dates time at on the a an of to was were is been has by and or day start started actual type case id detail details
identifiers initial number
"""
_PLAIN = frozenset(stem(word) for word in _EVERYWHERE.split())


class Likeness:
    """Compares names with the kinds of the packs."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self._words = {name: self._of(name, kind) for name, kind in kinds.by_name.items()}
        counts = Counter(word for words in self._words.values() for word in words)
        self._rare = {word: log(1 + len(self._words) / n) for word, n in counts.items()}

    @cached_property
    def with_birth(self) -> dict[str, str]:
        """The kinds that say who a person is: each with its field for the day of birth."""
        words = {stem(word) for word in BORN}
        found = ((name, field) for name, kind in self.kinds.by_name.items() for field, of in kind.fields.items()
                 if of.type == "date" and tokens_of(field) & words)  # fmt: skip
        return dict(found)

    def _of(self, name: str, kind: Kind) -> frozenset[str]:
        return (tokens_of(name) | tokens_of(kind.title)) - _PLAIN

    def kind(self, tokens: Iterable[str], beside: Iterable[str] = ()) -> tuple[str, float]:
        """The kind that a name is most like, and how much (0 to 1); what stands `beside` it counts half, and only where

        the name itself says nothing.
        """
        said, around = set(tokens) - _PLAIN, set(beside) - _PLAIN - set(tokens)
        scores = {name: self._likeness(said, around, words) for name, words in self._words.items()}
        best = max(
            sorted(scores), key=lambda name: scores[name] + _NEAR * (scores[name] >= LEAST and self._names(name, said))
        )
        return best, scores[best]

    def _names(self, kind: str, said: set[str]) -> bool:
        """Whether words name what a kind is of, the part of its name before the point, not only what was done."""
        return bool(said & tokens_of(kind.partition(".")[0]))

    def _likeness(self, said: set[str], around: set[str], words: frozenset[str]) -> float:
        if not said & words and said:
            return 0.0
        shared, whole = (said & words, said | words) if said else (around & words, words)
        total = sum(self._weight(word) for word in whole)
        return sum(self._weight(word) for word in shared) / total * (1.0 if said else 0.5) if total else 0.0

    def _weight(self, word: str) -> float:
        return self._rare.get(word, _UNKNOWN)

    def fields(self, kind: str, columns: Iterable[Column]) -> dict[str, tuple[Column, float]]:
        """The fields of a kind that columns fit by name and by values, each with the column most like it, and how much."""
        found: dict[str, tuple[Column, float]] = {}
        for column in columns:
            name, score = self._field(kind, column)
            if score >= LEAST and score > found.get(name, (column, 0.0))[1]:
                found[name] = column, score
        return found

    def _field(self, kind: str, column: Column) -> tuple[str, float]:
        scores = {name: _by_name(column.tokens, tokens_of(name)) * _by_values(column, of)
                  for name, of in self.kinds.by_name[kind].fields.items()}  # fmt: skip
        best = max(sorted(scores), key=lambda name: scores[name], default="")
        return best, scores.get(best, 0.0)


def _by_name(ours: frozenset[str], theirs: frozenset[str]) -> float:
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0


def _by_values(column: Column, of: FieldOf) -> float:
    """How well what stands in a column can stand in a field: 0 where some rows would be rejected."""
    said = {value.lower() for value in column.values}
    if of.type == "date":
        return 1.0 if column.is_time and not column.stand_ins and column.share == 1 else 0.0
    if of.type == "yes or no":
        return 1.0 if said and said <= _SAID else 0.0
    if of.type in ("number", "age"):
        return 1.0 if said and all(value.isascii() and value.isdigit() for value in said) else 0.0
    if of.type == "text":
        return 1.0 if column.length > 15 else 0.6
    if of.codes and said:
        known = {word for code, words in of.codes.items() for word in (code, *words)} | {
            each.lower() for each in of.values
        }
        return 0.6 + 0.4 * len(said & known) / len(said)
    if of.type in LISTS:
        return 0.9
    return 0.0 if column.split == "json" else 0.8 if column.split else 1.0
