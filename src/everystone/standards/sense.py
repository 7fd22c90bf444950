"""In which sense words stand in a text: asserted, told of somebody else, denied, rebutted, a title, an ordinary sense."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from pydantic import Field

from everystone.ledger.kind import Strict

NEGATED, REBUTTED, TITLE, LONGER = "denied", "rebutted", "a title", "part of a longer text"
ACCOUNT = "what the accused is said to say"
_NEVER = re.compile(r"(?!)")
_WORD = re.compile(r"[\w'-]+")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*’(?!\w)")
_ENDS = re.compile(r"[.!?;\n]+(?=\s|$)")
_CAPITAL = r"(?:\s+[A-Z][\w'-]*){0,3}"
_NAME = r"(?-i:(?<![\w-])[A-Z][\w'-]+)"  # somebody by name or reference
REACH = 10  # words before a term in which a denial may stand


class Grounds(Strict):
    """The words by which a pack tells a denial, a rebuttal, a title or another speaker from an assertion.

    `unseen` are verbs that turn a denial round ("does not see that she ..."); `breaks` end its reach. `names` stand
    after a name that is a title ("... Act"), `titles` before one. `small` words add nothing to a text that says
    nothing; `cared_for` are words for a child; `accused` those who are accused and who speaks for them. `groups` are
    words that terms refer to by "@name". `spellings` are other ways in which records write a word, or the beginning
    of one.
    """

    table: str = "grounds"
    negations: list[str] = Field(default_factory=list)
    unseen: list[str] = Field(default_factory=list)
    breaks: list[str] = Field(default_factory=list)
    rebuttals: list[str] = Field(default_factory=list)
    titles: list[str] = Field(default_factory=list)
    names: list[str] = Field(default_factory=list)
    speakers: list[str] = Field(default_factory=list)
    says: list[str] = Field(default_factory=list)
    accused: list[str] = Field(default_factory=list)
    small: list[str] = Field(default_factory=list)
    cared_for: list[str] = Field(default_factory=list)
    groups: dict[str, list[str]] = Field(default_factory=dict)
    spellings: dict[str, list[str]] = Field(default_factory=dict)

    def also_spelt(self, term: str) -> str:
        """A term with the other spellings of its words among their forms."""
        return " ".join(self._also(word) for word in term.split())

    def _also(self, word: str) -> str:
        bare = word.strip("()")
        also = [
            other + form.removeprefix(known)
            for form in bare.split("/")
            for known, others in self.spellings.items()
            if form == known or (len(known) > 6 and form.startswith(known))
            for other in others
        ]
        return word.replace(bare, "/".join([bare, *also]))

    def words(self, said: Iterable[str]) -> re.Pattern[str]:
        """One pattern for some words or groups of words; nothing said is found nowhere."""
        wanted = tuple(said)
        if wanted not in self._words:
            self._words[wanted] = any_of([word for each in wanted for word in
                                          (self.groups[each[1:]] if each.startswith("@") else [each])])  # fmt: skip
        return self._words[wanted]

    @cached_property
    def _words(self) -> dict[tuple[str, ...], re.Pattern[str]]:
        return {}

    @cached_property
    def _negation(self) -> re.Pattern[str]:
        return any_of(self.negations)

    @cached_property
    def _unseen(self) -> re.Pattern[str]:
        return re.compile(rf"\s*(?:[\w'-]+\s+)?{any_of(self.unseen).pattern}", re.IGNORECASE)

    @cached_property
    def _break(self) -> re.Pattern[str]:
        return re.compile(rf"[,:()–—]|{any_of(self.breaks).pattern}", re.IGNORECASE)

    @cached_property
    def _rebuttal(self) -> re.Pattern[str]:
        return any_of(self.rebuttals)

    @cached_property
    def _named(self) -> re.Pattern[str]:
        names = "|".join(re.escape(each) for each in self.names) or "(?!)"
        return re.compile(rf"{_CAPITAL}\s+(?:{names})(?![\w-])")

    @cached_property
    def _titled(self) -> re.Pattern[str]:
        return re.compile(
            rf"{any_of(self.titles).pattern}(?:\s+(?:was|is|of|as|the))*[\s:]*[\"“‘']?[^\"”’']*$", re.IGNORECASE
        )

    @cached_property
    def _speaks(self) -> re.Pattern[str]:
        speaker, says = rf"(?:{any_of(self.speakers).pattern}|{_NAME})", any_of(self.says).pattern
        return re.compile(rf"{speaker}[^.!?;\n]*?{says}|(?:{speaker}|{says})[\s\w]*:\s*$", re.IGNORECASE)

    @cached_property
    def _accused_says(self) -> re.Pattern[str]:
        accused, says = any_of(self.accused).pattern, any_of(self.says).pattern
        return re.compile(rf"{accused}(?:\s+[\w'-]+){{0,6}}?\s+{says}(?:[^.!?;,]*\band\s+{says})?", re.IGNORECASE)

    @cached_property
    def _child(self) -> re.Pattern[str]:
        return any_of(self.cared_for)

    # ---- what is asked of one place ----------------------------------------------------------------------------

    def of(self, text: str, start: int, end: int, quoted: bool) -> str:
        """Why words from `start` to `end` assert nothing ("" where they do)."""
        first, last = sentence_around(text, start, end)
        if self._a_title(text[first:start], text[start:end], text[end:last], quoted):
            return TITLE
        if self._rebuttal.search(text, first, last):
            return REBUTTED
        if self._denied(text[first:start]):
            return NEGATED
        return ACCOUNT if self._account(text[first:start]) else ""

    def of_another(self, before: str, others: re.Pattern[str]) -> bool:
        """Whether the last person named in what stands before is one of others, and no child."""
        last = max((each.start() for each in others.finditer(before)), default=-1)
        child = max((each.start() for each in self._child.finditer(before)), default=-1)
        return last > child

    def told(self, text: str, start: int, quotation: tuple[int, int]) -> bool:
        """Whether the sentence in which a quotation stands names who speaks."""
        first, last = sentence_around(text, *quotation)
        return bool(self._speaks.search(text[first : quotation[0]]) or self._speaks.search(text[quotation[1] : last]))

    def empty(self, text: str, terms: re.Pattern[str]) -> bool:
        """Whether a text is nothing but terms that say nothing, small words, dates and numbers."""
        rest = _WORD.findall(terms.sub(" ", text))
        small = frozenset(self.small)
        return not any(word.lower() not in small and not any(sign.isdigit() for sign in word) for word in rest)

    def _a_title(self, before: str, words: str, after: str, quoted: bool) -> bool:
        capital = words[:1].isupper()
        if capital and self._named.match(after):
            return True
        return (capital or quoted) and bool(self._titled.search(before))

    def _account(self, before: str) -> bool:
        """Whether the accused is said to say what follows, with no break between."""
        said = [*self._accused_says.finditer(before)]
        return bool(said) and not self._break.search(before, said[-1].end())

    def _denied(self, before: str) -> bool:
        """Whether a denial reaches as far as the end of what stands before, and is not turned round on its way."""
        reach = before
        for stop in self._break.finditer(before):
            reach = before[stop.end() :]
        reach = reach[[0, *(word.start() for word in _WORD.finditer(reach))][-REACH:][0] :]
        return any(not self._unseen.match(reach, denial.end()) for denial in self._negation.finditer(reach))


def quotations(text: str) -> list[tuple[int, int]]:
    """From and to which character each quotation of a text reaches."""
    return [match.span() for match in _QUOTED.finditer(text)]


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """From where to where the sentence runs in which something stands."""
    stops = _stops(text)
    before = [stop for _, stop in stops[: bisect_right(stops, (start, 0))] if stop <= start]
    after = bisect_left(stops, (end, 0))
    return before[-1] if before else 0, stops[after][0] if after < len(stops) else len(text)


@lru_cache(maxsize=2)
def _stops(text: str) -> list[tuple[int, int]]:
    """From and to which character each end of a sentence reaches, worked out once for all words of a text."""
    return [stop.span() for stop in _ENDS.finditer(text)]


def any_of(words: Sequence[str]) -> re.Pattern[str]:
    """One pattern for whole words or phrases, a star standing for any ending; none of them is found nowhere."""
    if not words:
        return _NEVER
    spelt = "|".join(re.escape(word.rstrip("*")) + (r"[\w'-]*" if word.endswith("*") else "")
                     for word in sorted(words, key=len, reverse=True))  # fmt: skip
    return re.compile(rf"(?<![\w-])(?:{spelt})(?![\w-])", re.IGNORECASE)


def grounds_from(table: Mapping[str, object]) -> Grounds:
    """The grounds that a pack's table says; none at all where it has no such table."""
    return Grounds.model_validate(dict(table))
