"""Reading notes with care: places where an act seems to be written down, by the words and patterns of a pack.

It proposes and never decides. What is negated, planned, asked, quoted, told by others or of long ago does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from everystone.ledger.fault import Fault
from everystone.ledger.kind import Kinds, Strict
from everystone.standards import document
from everystone.standards.sense import quotations

GAP = 8  # words that `...` may stand for
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“\"‘])|\n+|;\s*")
_CLAUSE = re.compile(r",|:| - |\bbut\b|\bthen\b|\bso\b", re.IGNORECASE)
_BETWEEN = r"[\s,:()\"“”/-]+"
_END = r"(?=\s*(?:[.,;:)]|$))"


class Place(NamedTuple):
    """A sentence in which an act of a kind seems to be written, and from which character of the text it stands."""

    kind: str
    start: int
    quotation: str


class Undone(Strict):
    """Words that undo a place where they stand before it, after it or anywhere, in its clause or its sentence."""

    stands: Literal["before", "after", "anywhere"]
    within: Literal["clause", "sentence"]
    words: list[str]

    def found(self, sentence: str, match: re.Match[str], around: tuple[int, int]) -> bool:
        """Whether such a word stands there; one that stands before may stand between the words of the act as well."""
        first, last = around
        span = {"before": (first, match.start()), "after": (match.end(), last), "anywhere": around}[self.stands]
        if self.stands == "before" and any(gap and self.pattern.search(gap) for gap in match.groups()):
            return True
        return bool(self.pattern.search(sentence, *span))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the words."""
        return re.compile(rf"(?<!\w)(?:{_any(self.words)})(?!\w)", re.IGNORECASE)


Rule = tuple[
    str, re.Pattern[str], bool, Sequence[Undone]
]  # kind, pattern, whether it is what we did, what else undoes it


class Acts(Strict):
    """How one kind of act is written: as done, or as what the writer did; what else undoes it."""

    done: list[str] = Field(default_factory=list)
    we: list[str] = Field(default_factory=list)
    also_undone: list[str] = Field(default_factory=list)


class ReadingFile(Strict):
    """A pack's `reading.yaml`; `child` is the word that the name of a child is read as."""

    child: str
    words: dict[str, list[str]] = Field(default_factory=dict)
    others: list[str] = Field(default_factory=list)
    also_others: list[str] = Field(default_factory=list)
    undone: dict[str, Undone] = Field(default_factory=dict)
    kinds: dict[str, Acts]


class Reader:
    """A pack's words and patterns, made ready once."""

    def __init__(self, said: ReadingFile) -> None:
        self.said = said
        only_some = {name for acts in said.kinds.values() for name in acts.also_undone}
        self.always = [undone for name, undone in said.undone.items() if name not in only_some]
        between = rf"(?:\s+(?:{_any(said.also_others)}))*" if said.also_others else ""
        self.others = re.compile(rf"(?<!\w)(?:{_any(said.others)}){between}\s*$", re.IGNORECASE)
        self.rules: list[Rule] = [
            (kind, _compiled(patterns, said.words), ours, [said.undone[name] for name in acts.also_undone])
            for kind, acts in said.kinds.items() for patterns, ours in ((acts.done, False), (acts.we, True)) if patterns
        ]  # fmt: skip

    def places(self, text: str, kinds: Iterable[str] | None = None, children: Sequence[str] = ()) -> list[Place]:
        """The sentences of a text in which acts (of some kinds) seem to be written.

        `children` are the names by which the text may call the children that it is about.
        """
        wanted = None if kinds is None else set(kinds)
        rules = [rule for rule in self.rules if wanted is None or rule[0] in wanted]
        called = re.compile(rf"(?<!\w)(?:{_any(children)})(?!\w)") if children else None
        return [
            Place(kind, start, sentence)
            for start, sentence in _sentences(text)
            if not sentence.endswith("?")
            for kind in self._kinds(called.sub(self.said.child, sentence) if called else sentence, rules)
        ]

    def _kinds(self, sentence: str, rules: Iterable[Rule]) -> list[str]:
        """The kinds of the acts that a sentence seems to say were done, each once."""
        found = (
            kind for kind, pattern, ours, undone in rules
            if any(self._counts(sentence, each, ours, undone) for each in pattern.finditer(sentence))
        )  # fmt: skip
        return list(dict.fromkeys(found))

    def _counts(self, sentence: str, match: re.Match[str], ours: bool, undone: Sequence[Undone]) -> bool:
        """Whether a match says that it was done: by us, not quoted, and nothing about it undoes it."""
        if any(match.start() < last and first < match.end() for first, last in quotations(sentence)):
            return False
        head = sentence[: match.start()]
        opening = max((each.end() for each in _CLAUSE.finditer(head)), default=0)
        if ours and self.others.search(head, opening):
            return False
        closing = _CLAUSE.search(sentence, match.end())
        clause = (opening, closing.start() if closing else len(sentence))
        return not any(
            each.found(sentence, match, clause if each.within == "clause" else (0, len(sentence)))
            for each in (*self.always, *undone)
        )


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text, without the spaces around them, and where each begins."""
    start = 0
    for end, after in [*((each.start(), each.end()) for each in _SENTENCE.finditer(text)), (len(text), len(text))]:
        sentence = text[start:end].strip()
        if sentence:
            yield text.index(sentence, start), sentence
        start = after


# ---- patterns ----------------------------------------------------------------------------------------------------


def _compiled(patterns: Sequence[str], words: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w-])(?:{'|'.join(_pattern(each, words) for each in patterns)})(?![\w'’-])", re.IGNORECASE
    )


def _pattern(said: str, words: Mapping[str, Sequence[str]]) -> str:
    """One pattern as a regular expression; see a pack's reading.yaml for how it is written."""
    parts: list[str] = []
    for word in re.findall(r"\{[^}]+\}|\([^)]+\)|\S+", said):
        if word == "$":
            return "".join(parts).removesuffix(_BETWEEN) + _END
        if word == "...":
            parts.append(rf"((?:[^\s]+{_BETWEEN}){{0,{GAP}}}?)")
        elif word.startswith("(") and word.endswith(")"):
            inner = word[1:-1]
            any_of = _any(words[inner[1:-1]]) if inner.startswith("{") else _alternatives(inner)
            parts.append(f"(?:(?:{any_of}){_BETWEEN})?")
        elif word.startswith("{"):
            parts.append(f"(?:{_any(words[word[1:-1]])}){_BETWEEN}")
        else:
            parts.append(f"(?:{_alternatives(word)}){_BETWEEN}")
    return "".join(parts).removesuffix(_BETWEEN)


def _alternatives(word: str) -> str:
    return _any(each.replace("_", " ") for each in word.split("/"))


def _any(words: Iterable[str]) -> str:
    """Any of some words, longest first; a star stands for any ending, and what is not plain is taken as it stands."""
    return "|".join(_word(each) for each in sorted(words, key=len, reverse=True))


def _word(word: str) -> str:
    if "\\" in word:
        return word
    return r"\s+".join(re.escape(part).replace(r"\*", r"\w*") for part in word.split())


# ---- loading -----------------------------------------------------------------------------------------------------


def read_reading(folders: Sequence[Path], kinds: Kinds) -> Reader | None:
    """The reader of the packs (the last that has one); None where none does. Raises Fault with file and line."""
    files = [folder / "reading.yaml" for folder in folders if (folder / "reading.yaml").is_file()]
    if not files:
        return None
    path = files[-1]
    said = document.checked(ReadingFile, document.read(path), str(path))
    for kind, acts in said.kinds.items():
        wrong = _misfit(kind, acts, said, kinds)
        if wrong:
            raise Fault(wrong, where=f"{path}:{document.line_of(path.read_text(encoding='utf-8'), ['kinds', kind])}")
    return Reader(said)


def _misfit(kind: str, acts: Acts, said: ReadingFile, kinds: Kinds) -> str:
    if kind not in kinds:
        return f"The kind {kind!r} is not known."
    if kind in kinds.of_another_body:
        return f"{kind} is the act of another body, which no text of ours proves. Leave it out."
    unknown = [name for name in acts.also_undone if name not in said.undone]
    unknown += [
        name for each in (*acts.done, *acts.we) for name in re.findall(r"\{([^}]+)\}", each) if name not in said.words
    ]
    return f"{kind} names {unknown[0]!r}, which stands nowhere in this file." if unknown else ""
