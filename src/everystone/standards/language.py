"""The words of records: lists with the day from which each counts; one look at a text leaves hits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, model_validator

from everystone.ledger.entry import Entry, Hit
from everystone.ledger.fault import Fault
from everystone.ledger.kind import Kind, Kinds, Strict
from everystone.standards import document
from everystone.standards.likeness import FEW, fingerprint, own_words
from everystone.standards.sense import LONGER, Grounds, grounds_from, quotations, sentence_around
from everystone.standards.spelling import forms_of, pattern_of

#: Names of hits that are of no list: the fingerprint of a text that is compared, and that it says nothing of its own.
LIKENESS, EMPTY = "likeness", "nothing of its own"


class Term(Strict):
    """One expression: how it is written, what to write instead, why it harms, and where it is rightly there.

    A word may have several forms (`puts/putting`), any ending (`abscond*`), be left out (`(very)`), and up to three
    words may stand in a gap (`...`); # is a number. The rest says in which sense it is meant: with one of
    `only_with` in its sentence; not with one of `plain_with`, nor right after `plain_after`, nor right before
    `plain_before`, nor where the last person named before it is one of `plain_of` (words of a group as "@group").
    """

    says: str
    better: str = ""
    why: str = ""
    right_when: str = ""
    only_with: list[str] = Field(default_factory=list)
    plain_with: list[str] = Field(default_factory=list)
    plain_after: list[str] = Field(default_factory=list)
    plain_before: list[str] = Field(default_factory=list)
    plain_of: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _begins_with_a_word(self) -> Term:
        if self.says.startswith(("(", "...")):
            raise ValueError("a term begins with a word that must stand there: not with (one) that may, nor with a gap")
        return self


class WordList(Strict):
    """One list: its letter, what it is for, from which day it counts, the kinds and people it looks at.

    A list `of_accounts` looks at other people's own words, where no other list does: it says how an account gives
    a thing (a time, say) and nothing of whoever gave it. The words of a list that counts only `alone` say nothing by
    themselves and are right as part of a longer text. `why` and `better` stand for terms that do not say their own.
    """

    name: str = Field(alias="list")
    title: str
    since: date | None = None
    of_accounts: bool = False
    alone: bool = False
    why: str = ""
    better: str = ""
    sources: list[str] = Field(default_factory=list)
    terms: list[Term]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """One pattern for all terms, longest first, whatever the sense in which they are meant."""
        terms = sorted((term.says for term in self.terms), key=len, reverse=True)
        return re.compile(
            r"(?<![\w-])(?:" + "|".join(pattern_of(term) for term in terms) + r")(?![\w-])", re.IGNORECASE
        )


class Place(NamedTuple):
    """One place in a text: the list, the words as they stand, from and to which character, quoted or asserted.

    `told` where the text itself names who is quoted; `ground` is why it asserts nothing ("" where it does).
    """

    list: str
    words: str
    start: int
    end: int
    quoted: bool
    told: bool = False
    ground: str = ""
    term: Term | None = None

    @property
    def raised(self) -> bool:
        """Whether it is asserted, so that somebody should look at it."""
        return not self.told and not self.ground


class _Ready:
    """A term made ready when it is first met: its list, its pattern, the words that decide in which sense it is meant."""

    def __init__(self, of: WordList, term: Term, grounds: Grounds) -> None:
        self.list, self.term, self.grounds = of, term, grounds

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The term itself."""
        return re.compile(rf"(?:{pattern_of(self.term.says)})(?![\w-])", re.IGNORECASE)

    def follows(self) -> tuple[str, ...]:
        """How what stands after its first word may begin, in small letters; with nothing where that may be anything."""
        first, *rest = self.term.says.lower().split()
        found: list[str] = []
        for word in rest if "-" not in first else ():
            forms = [re.split(r"[-'#*]", form)[0] for form in forms_of(word.strip("()"))]
            if word == "..." or not all(forms):
                return ("",)
            found += forms
            if not word.startswith("("):
                return tuple(found)
        return ("",)

    @cached_property
    def _senses(self) -> tuple[re.Pattern[str] | None, ...]:
        words, term = self.grounds.words, self.term
        after = rf"{words(term.plain_after).pattern}[\s\w'-]{{0,12}}\s?$" if term.plain_after else ""
        before = rf"[\s,]*(?:\w+\s+)??{words(term.plain_before).pattern}" if term.plain_before else ""
        return (
            re.compile(after, re.IGNORECASE) if after else None,
            re.compile(before, re.IGNORECASE) if before else None,
            *(words(said) if said else None for said in (term.plain_of, term.plain_with, term.only_with)),
        )

    def meant(self, text: str, start: int, end: int) -> bool:
        """Whether words that fit are meant in the sense of the list, and not in an ordinary one."""
        plain_after, plain_before, plain_of, plain_with, only_with = self._senses
        if plain_after is not None and plain_after.search(text, max(0, start - 40), start):
            return False
        if plain_before is not None and plain_before.match(text, end):
            return False
        if plain_of is plain_with is only_with is None:
            return True
        first, last = sentence_around(text, start, end)
        if plain_of is not None and self.grounds.of_another(text[first:start], plain_of):
            return False
        if plain_with is not None and plain_with.search(text, first, last):
            return False
        return only_with is None or bool(only_with.search(text, first, last))


_Candidate = tuple[tuple[str, ...], str, _Ready]  # how what follows its first word begins, of which list, the term


class Lists:
    """All lists of the packs in use, with the grounds on which words that fit assert nothing."""

    def __init__(self, lists: Sequence[WordList], grounds: Grounds | None = None) -> None:
        self.by_name = {each.name: each for each in lists}
        self.grounds = grounds or Grounds()
        self._by_word: dict[str, list[_Candidate]] = {}
        self._by_beginning: dict[str, list[_Candidate]] = {}
        for each in lists:
            for term in each.terms:
                self._index(_Ready(each, term, self.grounds), term.says.split()[0])

    def names(self, *, of_accounts: bool) -> list[str]:
        """The lists that look at other people's own words, or those that look at all others."""
        return [name for name, each in self.by_name.items() if each.of_accounts is of_accounts]

    def terms(self, *, of_accounts: bool) -> list[str]:
        """The terms of the lists that look at other people's own words, or of those that look at all others."""
        return [term.says for name in self.names(of_accounts=of_accounts) for term in self.by_name[name].terms]

    def look(self, text: str, names: Sequence[str] = ()) -> list[Place]:
        """Every hit of the lists (those named, else those not of accounts) in a text, in order.

        Inside quotation marks it is quoted; `ground` says where words that fit assert nothing.
        """
        if not text:
            return []
        wanted = frozenset(names or self.names(of_accounts=False))
        plain = text.replace("’", "'").replace("‑", "-")
        found = self._longest(self._found(plain, wanted))
        if not found:
            return []
        quoted_parts = quotations(text)
        return [self._placed(text, plain, quoted_parts, ready, start, end) for start, end, ready in found]

    def hits(self, fields: Iterable[tuple[str, str]], *, verbatim: bool = False) -> tuple[Hit, ...]:
        """The hits that one look at an entry's texts (field, text) leaves on it; `verbatim`: other people's own words."""
        names = self.names(of_accounts=verbatim)
        places = [(field, place) for field, text in fields for place in (self.look(text, names) if names else ())]
        return tuple(Hit(place.list, field, place.words, place.quoted, place.ground) for field, place in places)

    def seen(self, entry: Entry, kinds: Kinds) -> Entry:
        """The entry with the hits of its texts; other people's own words only by lists of accounts."""
        kind = kinds.by_name.get(entry.kind)
        if kind is None:
            return entry
        texts = [(name, str(entry.data[name])) for name in kinds.texts[entry.kind] if entry.data.get(name)]
        return entry._replace(hits=self.hits_of(kind, texts)) if texts else entry

    def hits_of(self, kind: Kind, fields: Sequence[tuple[str, str]]) -> tuple[Hit, ...]:
        """The hits that one look at the texts of an entry of a kind leaves on it; those of texts that are compared too."""
        compared = [(name, text) for name, text in fields if kind.fields[name].compared]
        return (
            *self.hits(fields, verbatim=kind.verbatim),
            *(hit for each in compared for hit in self._weighed(kind, *each)),
        )

    def _weighed(self, kind: Kind, field: str, text: str) -> Iterator[Hit]:
        """What is kept of a text that is compared: its fingerprint, and that it says nothing of its own.

        Words of its own are all but the small ones, those of lists of empty words, and those that the form itself
        offers for the outcome.
        """
        yield Hit(LIKENESS, field, fingerprint(text), quoted=False)
        rest = text
        for each in self.by_name.values():
            rest = each.pattern.sub(" ", rest) if each.alone else rest
        if len(own_words(rest, [*kind.offered, *self.grounds.small])) < FEW:
            yield Hit(EMPTY, field, "", quoted=False)

    # ---- finding -----------------------------------------------------------------------------------------------

    def _index(self, ready: _Ready, first: str) -> None:
        """Under each form of its first word, so that only words at which a term may begin are looked at."""
        candidate = (ready.follows(), ready.list.name, ready)
        for word in forms_of(first.lower()):
            if "#" in word:
                self._by_beginning.setdefault(word.split("#")[0][:2], []).append(candidate)
            elif word.endswith("*"):
                self._by_beginning.setdefault(word[:2], []).append(candidate)
            else:
                if "-" in word:
                    self._by_word.setdefault(word.split("-")[0], []).append(candidate)
                for whole in {word.replace("-", ""), word.replace("-", "").replace("'", "")}:
                    for ending in ("", "s", "es", "ed", "ing", "'s"):
                        self._by_word.setdefault(whole + ending, []).append(candidate)

    def _found(self, text: str, wanted: frozenset[str]) -> Iterator[tuple[int, int, _Ready]]:
        by_word, by_beginning = self._by_word, self._by_beginning
        numbers, lowered = by_beginning.get("", ()), text.lower() if text.isascii() else "".join(_lowered(text))
        for word in _TOKEN.finditer(lowered):
            said = word[0]
            ready = by_word.get(said) or by_word.get(said.removesuffix("'s")) or ()
            begun = by_beginning.get(said[:2], ())
            if said[0].isdigit():
                begun = (*begun, *numbers)
            if not ready and not begun:
                continue
            blank = _BLANK.match(lowered, word.end())
            after = blank.end() if blank else word.end()
            for follows, name, each in (*ready, *begun):
                if lowered.startswith(follows, after) and name in wanted:
                    match = each.pattern.match(text, word.start())
                    if match is not None and each.meant(text, match.start(), match.end()):
                        yield match.start(), match.end(), each

    def _longest(self, found: Iterable[tuple[int, int, _Ready]]) -> list[tuple[int, int, _Ready]]:
        """Of places of one list that overlap the first and longest."""
        kept: list[tuple[int, int, _Ready]] = []
        reached: dict[str, int] = {}
        for start, end, ready in sorted(found, key=lambda each: (each[0], -each[1], each[2].list.name)):
            if start >= reached.get(ready.list.name, 0):
                reached[ready.list.name] = end
                kept.append((start, end, ready))
        return kept

    def _placed(
        self, text: str, plain: str, quotations: Sequence[tuple[int, int]], ready: _Ready, start: int, end: int
    ) -> Place:
        inside = next((each for each in quotations if each[0] <= start and end <= each[1]), None)
        told = inside is not None and self.grounds.told(plain, start, inside)
        if ready.list.alone:
            ground = "" if self.grounds.empty(plain, ready.list.pattern) else LONGER
        else:
            ground = self.grounds.of(plain, start, end, inside is not None)
        return Place(ready.list.name, text[start:end], start, end, inside is not None, told, ground, ready.term)


def read_lists(paths: Sequence[Path], grounds: Mapping[str, Any] | None = None) -> Lists:
    """The lists in a pack's language folder, with its table of grounds. Raises Fault with file and line."""
    known = grounds_from(document.plain(grounds or {}))
    lists = []
    for path in paths:
        read = document.checked(WordList, document.read(path), str(path))
        spelt = [term.model_copy(update={"says": known.also_spelt(term.says)}) for term in read.terms]
        lists.append(read.model_copy(update={"terms": spelt}))
        _groups_are_known(lists[-1], known, path)
    return Lists(lists, known)


def _groups_are_known(of: WordList, grounds: Grounds, path: Path) -> None:
    for number, term in enumerate(of.terms):
        for said in (*term.only_with, *term.plain_with, *term.plain_after, *term.plain_before, *term.plain_of):
            if said.startswith("@") and said[1:] not in grounds.groups:
                line = document.line_of(path.read_text(encoding="utf-8"), ["terms", number])
                raise Fault(
                    f"There is no group of words {said!r}. tables/grounds.yaml has: {', '.join(grounds.groups) or 'none'}.",
                    where=f"{path}:{line}",
                )


_TOKEN = re.compile(r"(?<![\w-])[\w']+")
_BLANK = re.compile(r"[\s\-]*")


def _lowered(text: str) -> Iterator[str]:
    """A text in small letters, each in its own place (some letters become two when made small)."""
    for sign in text:
        small = sign.lower()
        yield small if len(small) == 1 else sign
