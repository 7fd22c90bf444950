"""Possibly on page 112: places in texts where what a finding misses seems to be written. The answer is unchanged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from everystone.findings.answer import CANNOT_BE_TOLD, NOT_MET, Answer
from everystone.findings.explain import title
from everystone.findings.found import asks_for_proof, expected
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.pack import Pack

MOST = 3  # places told of one answer


class Passage(NamedTuple):
    """A text to be read: the document and page it stands on ("" where the document has none), when it was written."""

    document: str
    page: str
    written: str
    text: str


class Proposal(NamedTuple):
    """An entry that a text may hold, for one finding: what kind, about whom, where it stands, in which words."""

    case: str
    kind: str
    subjects: str
    happened: str
    document: str
    page: str
    quotation: str
    standard: str
    finding: str

    def says(self, words: Vocabulary, *, quoted: bool) -> str:
        """Where to look, in words, with or without those that stand there."""
        where = f"on page {self.page} of {self.document}" if self.page else f"in {self.document}"
        on = f", written {self.happened}" if self.happened else ""
        said = f", “{self.quotation}”" if quoted else ""
        return f"Possibly {where}{on}: {title(self.kind, words).lower()}{said or '.'}"


class Possibly:
    """The reader of a pack's texts, and what each standard looks for, made ready once."""

    def __init__(self, pack: Pack) -> None:
        self.pack, self.reader = pack, pack.reader
        able = set(pack.reader.said.kinds) if pack.reader else set[str]()
        self.wanted: Mapping[str, frozenset[str]] = {
            each.id: expected(each) & able for each in pack.finished if not asks_for_proof(each)
        }

    def asked(self, answers: Iterable[Answer]) -> list[Answer]:
        """The answers that a text might settle: not met or not to be told, and of a standard that a text can answer."""
        return [each for each in answers if each.answer in (NOT_MET, CANNOT_BE_TOLD) and self.wanted.get(each.standard)]

    def proposals(
        self, frame: Frame, entries: Sequence[Entry], answers: Sequence[Answer], pages: Iterable[Passage] = ()
    ) -> list[Proposal]:
        """What the texts of a case may hold of what its answers miss, at most three places for each.

        `entries` are those of the case with their narrative, `pages` those of its documents.
        """
        asked = self.asked(answers)
        if not asked or self.reader is None:
            return []
        kinds = frozenset().union(*(self.wanted[each.standard] for each in asked))
        children = _called(frame, entries)
        passages = [*_passages(entries, self.pack.words), *pages]
        read = [(passage, place) for passage in passages for place in self.reader.places(passage.text, kinds, children)]
        return [
            Proposal(frame.name, place.kind, answer.asked_for or ";".join(frame.people.children), passage.written,
                     passage.document, passage.page, place.quotation, answer.standard, answer.key)
            for answer in asked
            for passage, place in [each for each in read if each[1].kind in self.wanted[answer.standard]][:MOST]
        ]  # fmt: skip


def _passages(entries: Iterable[Entry], words: Vocabulary) -> list[Passage]:
    """The narrative of entries that the force wrote; other people's own words, and what is sealed, are not read."""
    found = []
    for entry in entries:
        kind = words.kinds.by_name.get(entry.kind)
        if kind is None or kind.verbatim or kind.sealed or kind.describes or entry.quote_of or entry.found:
            continue
        if entry.source.channel not in ("", "force"):
            continue
        local = words.calendar.local(entry.lo)
        when = f"{local:%Y-%m-%d %H:%M}" if entry.lo == entry.hi else f"{local:%Y-%m-%d}"
        texts = (entry.data.get(name) for name in words.kinds.texts.get(entry.kind, ()))
        found += [Passage(f"entry {entry.key}", "", when, text) for text in texts if isinstance(text, str)]
    return found


def _called(frame: Frame, entries: Iterable[Entry]) -> list[str]:
    """The names by which a text may call the children of a frame: references, whole names, first names."""
    called = list(frame.people.children)
    for entry in entries:
        name = entry.data.get("name") if entry.kind in frame.words.kinds.describing else None
        if isinstance(name, str) and name.split() and not _of_others(entry, frame):
            called += [name, name.split()[0]]
    return called


def _of_others(entry: Entry, frame: Frame) -> bool:
    """Whether what describes somebody describes none of the children of a frame."""
    return set(entry.subjects).isdisjoint(frame.people.children)
