"""The words of records: lists with the day from which each counts; one look at a text leaves hits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from everystone.ledger.entry import Entry, Hit
from everystone.ledger.kind import Kinds, Strict
from everystone.standards import document


class Term(Strict):
    """One expression: how it is written, with endings marked by a star, and what to write instead."""

    says: str
    better: str = ""
    why: str = ""
    right_when: str = ""


class WordList(Strict):
    """One list: its letter, what it is for, from which day it counts, the kinds and people it looks at."""

    name: str = Field(alias="list")
    title: str
    since: date | None = None
    sources: list[str] = Field(default_factory=list)
    terms: list[Term]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """One pattern for all terms, longest first; a star stands for any ending of a word."""
        terms = sorted((term.says for term in self.terms), key=len, reverse=True)
        return re.compile(
            r"(?<![\w-])(?:" + "|".join(_as_pattern(term) for term in terms) + r")(?![\w-])", re.IGNORECASE
        )


class Place(NamedTuple):
    """One place in a text: the list, the words as they stand, from and to which character, quoted or asserted."""

    list: str
    words: str
    start: int
    end: int
    quoted: bool


class Lists:
    """All lists of the packs in use."""

    def __init__(self, lists: Sequence[WordList]) -> None:
        self.by_name = {each.name: each for each in lists}

    def look(self, text: str, names: Sequence[str] = ()) -> list[Place]:
        """Every hit of the lists (all, or those named) in a text, in order; inside quotation marks it is quoted."""
        if not text:
            return []
        found = []
        quoted_parts = quotations(text)
        for name in names or self.by_name:
            for match in self.by_name[name].pattern.finditer(text):
                quoted = any(start <= match.start() and match.end() <= end for start, end in quoted_parts)
                found.append(Place(name, match.group(), match.start(), match.end(), quoted))
        return sorted(found, key=lambda place: place.start)

    def hits(self, fields: Iterable[tuple[str, str]]) -> tuple[Hit, ...]:
        """The hits that one look at an entry's texts (field, text) leaves on it."""
        return tuple(
            Hit(place.list, field, place.words, place.quoted) for field, text in fields for place in self.look(text)
        )

    def seen(self, entry: Entry, kinds: Kinds) -> Entry:
        """The entry with the hits of its texts; a kind of other people's own words is never looked at."""
        kind = kinds.by_name.get(entry.kind)
        if kind is None or kind.verbatim:
            return entry
        texts = [(name, str(entry.data[name])) for name in kinds.texts[entry.kind] if entry.data.get(name)]
        return entry._replace(hits=self.hits(texts)) if texts else entry


def read_lists(paths: Sequence[Path]) -> Lists:
    """The lists in a pack's language folder. Raises Fault with file and line."""
    return Lists([document.checked(WordList, document.read(path), str(path)) for path in paths])


_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*’(?!\w)")


def quotations(text: str) -> list[tuple[int, int]]:
    """From and to which character each quotation of a text reaches."""
    return [match.span() for match in _QUOTED.finditer(text)]


def _as_pattern(term: str) -> str:
    words = []
    for word in term.split():
        starred = word.endswith("*")
        choices = "|".join(re.escape(choice) for choice in word.rstrip("*").split("/"))
        words.append(f"(?:{choices})" + (r"\w*" if starred else r"(?:s|es|ed|ing|'s)?"))
    return r"\s+".join(words)
