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
    """One list: its letter, what it is for, from which day it counts, the kinds and people it looks at.

    A list `of_accounts` looks at other people's own words, where no other list does: it says how an account gives
    a thing (a time, say) and nothing of whoever gave it.
    """

    name: str = Field(alias="list")
    title: str
    since: date | None = None
    of_accounts: bool = False
    sources: list[str] = Field(default_factory=list)
    terms: list[Term]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """One pattern for all terms, longest first; a star stands for any ending of a word, # for a number."""
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

    def names(self, *, of_accounts: bool) -> list[str]:
        """The lists that look at other people's own words, or those that look at all others."""
        return [name for name, each in self.by_name.items() if each.of_accounts is of_accounts]

    def terms(self, *, of_accounts: bool) -> list[str]:
        """Every term of those lists, as it is written."""
        return [term.says for name in self.names(of_accounts=of_accounts) for term in self.by_name[name].terms]

    def look(self, text: str, names: Sequence[str] = ()) -> list[Place]:
        """Every hit of the lists (those named, else those not of accounts) in a text, in order.

        Inside quotation marks it is quoted.
        """
        if not text:
            return []
        found = []
        quotations = _quotations(text)
        for name in names or self.names(of_accounts=False):
            for match in self.by_name[name].pattern.finditer(text):
                quoted = any(start <= match.start() and match.end() <= end for start, end in quotations)
                found.append(Place(name, match.group(), match.start(), match.end(), quoted))
        return sorted(found, key=lambda place: place.start)

    def hits(self, fields: Iterable[tuple[str, str]], *, verbatim: bool = False) -> tuple[Hit, ...]:
        """The hits that one look at an entry's texts (field, text) leaves on it; `verbatim`: other people's own words."""
        names = self.names(of_accounts=verbatim)
        places = [(field, place) for field, text in fields for place in (self.look(text, names) if names else ())]
        return tuple(Hit(place.list, field, place.words, place.quoted) for field, place in places)

    def seen(self, entry: Entry, kinds: Kinds) -> Entry:
        """The entry with the hits of its texts; other people's own words only by lists of accounts."""
        kind = kinds.by_name.get(entry.kind)
        if kind is None:
            return entry
        texts = [(name, str(entry.data[name])) for name in kinds.texts[entry.kind] if entry.data.get(name)]
        return entry._replace(hits=self.hits(texts, verbatim=kind.verbatim)) if texts else entry


def read_lists(paths: Sequence[Path]) -> Lists:
    """The lists in a pack's language folder. Raises Fault with file and line."""
    return Lists([document.checked(WordList, document.read(path), str(path)) for path in paths])


_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*’(?!\w)")


_DATE = re.compile(r"#(?:/#)+")  # a number for each part, and no choice between them


def _quotations(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _QUOTED.finditer(text)]


def choices(word: str) -> str:
    """The pattern of a word of a term: the ways in which it may be written, with a number for each #."""
    ways = [word] if _DATE.fullmatch(word) else word.rstrip("*").split("/")
    return "|".join("[0-9]+".join(re.escape(part) for part in way.split("#")) for way in ways)


def _as_pattern(term: str) -> str:
    words = [
        f"(?:{choices(word)})" + (r"\w*" if word.endswith("*") else r"(?:s|es|ed|ing|'s)?") for word in term.split()
    ]
    return r"\s+".join(words)
