"""What the standards would say of entries if they were written now: asked before somebody is chosen, or a closure is signed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

from everystone.findings.answer import NOT_MET, Answer
from everystone.findings.elsewhere import OFFICER
from everystone.findings.explain import outcome
from everystone.findings.frames import Instants
from everystone.findings.reference import Questions, ask
from everystone.findings.sealed import told
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack
from everystone.work.gathered import Asking, Gathered, gather, led_by

ALWAYS = "wrong person"  # the reason of an answer: done by somebody who may not do this step


class Foreseen(NamedTuple):
    """The answers that entries would bring, all of them "not met", and the frame in which they would stand."""

    answers: Sequence[Answer]
    frame: Frame

    def said(self, pack: Pack) -> list[str]:
        """Each in words: what the standard is called, and what it would come to."""
        found = [
            f"“{pack.standards[each.standard].standard.title}”: {outcome(each, pack, self.frame)}"
            for each in self.answers
        ]
        return sorted(set(found))

    @property
    def barred(self) -> list[Answer]:
        """Those that say that this person may not do this step."""
        return [each for each in self.answers if each.reason == ALWAYS]


class Ahead:
    """One case, read once, of which entries are tried that nobody wrote; nothing of it is kept."""

    def __init__(
        self, book: SqlBook, asking: Asking, stream: str, kinds: Iterable[str], people: Sequence[str] = ()
    ) -> None:
        """Read a case for trying entries of some kinds; `people` are officers who may not be named in it yet."""
        self.asking, self.when = asking, Instants(book.clock(), book.clock(), book.coverage())
        self.questions = _of_kinds(asking, frozenset(kinds))
        whole = gather(book, stream)
        missing = [name for name in people if OFFICER + name not in whole.officers]
        more = book.read_all([OFFICER + name for name in missing]) if missing else {}
        led = {**whole.led, **led_by(book.database, set(missing))}
        self.whole: Gathered = whole._replace(officers={**whole.officers, **more}, led=led).without(asking.seals)
        self.next = max((each.number for each in self.whole.own), default=0) + 1

    def of(self, entries: Sequence[Entry]) -> Foreseen:
        """What the standards would say of these entries, as of now; what is told to professional standards alone is left out."""
        tried = [each._replace(number=self.next + n) for n, each in enumerate(entries)]
        frame = self.whole._replace(own=[*self.whole.own, *tried]).frame(self.asking, self.when)
        keys = {each.key for each in tried}
        given = told(ask(frame, self.questions), self.asking.sealed)
        return Foreseen([each for each in given if each.answer == NOT_MET and each.trigger in keys], frame)


_READY: WeakKeyDictionary[Questions, dict[frozenset[str], Questions]] = WeakKeyDictionary()


def _of_kinds(asking: Asking, kinds: frozenset[str]) -> Questions:
    """The standards that begin with some kinds, made ready once a process."""
    ready = _READY.setdefault(asking.questions, {})
    if kinds not in ready:
        ready[kinds] = Questions(
            asking.pack, [each.id for each in asking.questions.ordered if each.trigger_kinds & kinds]
        )
    return ready[kinds]
