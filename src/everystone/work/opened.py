"""One stream opened: its frame as at and as known on, the answers about it and its people, where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from everystone.findings.answer import Answer
from everystone.findings.explain import sentence
from everystone.findings.frames import Instants
from everystone.findings.placed import Placed
from everystone.findings.reference import ask
from everystone.findings.sealed import told
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack
from everystone.work.fresh import coverage_at
from everystone.work.gathered import Asking, Gathered, gather
from everystone.work.said import Said, said_in, settled


class Opened(NamedTuple):
    """What everybody who may read a case may be told of it; `first` and `whole` are for professional standards.

    `said` is what was said of its findings: one for which a reason holds is an answer still, and places nobody.
    """

    entries: Sequence[Entry]
    frame: Frame
    answers: Sequence[Answer]
    people: Sequence[tuple[Frame, Sequence[Answer]]]
    placed: Sequence[Placed]
    first: Sequence[Answer]
    whole: Gathered
    said: Sequence[Said]

    @property
    def all_answers(self) -> list[Answer]:
        """The answers about the case and about its people."""
        return [*self.answers, *(answer for _, given in self.people for answer in given)]

    def frame_of(self, answer: Answer) -> Frame:
        """The frame in which an answer was given."""
        return next((frame for frame, _ in self.people if frame.whole_name == answer.frame), self.frame)

    def in_words(self, answers: Iterable[Answer], pack: Pack) -> list[tuple[Answer, str, str]]:
        """Answers, each with what its standard is called and what it says in full."""
        return [
            (each, pack.standards[each.standard].standard.title, sentence(each, pack, self.frame_of(each)))
            for each in answers
        ]


def open_stream(book: SqlBook, asking: Asking, stream: str, as_at: int) -> Opened:
    """Open a stream as at an instant and as known at it (seconds UTC), as if nothing sealed had ever been written."""
    when = Instants(as_at, as_at, coverage_at(book, as_at))
    whole = gather(book, stream)
    found = whole.without(asking.seals)
    frame = found.frame(asking, when)
    asked = ask(frame, asking.questions)
    answers = told(asked, asking.sealed)
    said = said_in(frame, asking.acts.findings)
    off = settled(said, as_at)
    up = [each for each in answers if each.key not in off] if off else answers
    placed = asking.danger.places(frame, up, found.heard(asking)) if frame.sort == "case" else []
    people = [(each, asking.danger.tiered(told(ask(each, asking.questions), asking.sealed), []))
              for each in found.person_frames(asking, when)]  # fmt: skip
    first = [each for each in asked if each.standard in asking.sealed]
    return Opened(found.own, frame, asking.danger.tiered(answers, placed), people, placed, first, whole, said)
