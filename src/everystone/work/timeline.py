"""What was written down about a case, in order: when it happened, when it was recorded, what stood there before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from everystone.findings import explain
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry, order
from everystone.ledger.vocabulary import Vocabulary

LATE = 86_400  # seconds between what happened and its being written down from which it is marked


class Line(NamedTuple):
    """One entry: what stood in its place before (the oldest first), and when it was withdrawn (seconds UTC, else None)."""

    entry: Entry
    before: Sequence[Entry] = ()
    withdrawn: int | None = None

    @property
    def late(self) -> bool:
        """Whether it was written down more than a day after it happened."""
        return self.entry.recorded - self.entry.hi > LATE


def lines(entries: Sequence[Entry], frame: Frame) -> list[Line]:
    """The entries of a case as a frame sees them; kinds that are sealed or only describe people are left out."""
    words = frame.words
    mine = [entry for entry in entries if shows(entry, words) and entry.known <= frame.known_on]
    standing = {entry.key for entry in (*frame.entries, *frame.found)}
    withdrawn = {entry.withdraws: entry for entry in mine if entry.withdraws}
    before: dict[str, list[Entry]] = {}
    for entry in mine:
        if entry.key not in standing and entry.key not in withdrawn and not entry.withdraws:
            before.setdefault(frame.root(entry), []).append(entry)
    return list(_in_order(mine, standing, withdrawn, before, frame))


def _in_order(
    mine: Sequence[Entry], standing: set[str], withdrawn: dict[str, Entry], before: dict[str, list[Entry]], frame: Frame
) -> Iterable[Line]:
    for entry in sorted(mine, key=order):
        if entry.key in standing:
            yield Line(entry, sorted(before.get(frame.root(entry), ()), key=order))
        elif entry.key in withdrawn and entry.lo <= frame.as_at:
            yield Line(entry, (), withdrawn[entry.key].known)


def shows(entry: Entry, words: Vocabulary) -> bool:
    """Whether a timeline shows an entry."""
    kind = words.kinds.by_name.get(entry.kind)
    return kind is not None and not kind.describes and not kind.sealed


def without_texts(entry: Entry, words: Vocabulary) -> Entry:
    """The entry with every narrative, guarded or privileged field as "a text"."""
    fields = words.kinds.by_name[entry.kind].fields
    hidden = {name for name, of in fields.items() if of.type == "text" or of.guarded or of.privileged}
    return entry._replace(data={name: {} if name in hidden else value for name, value in entry.data.items()})


def in_words(entry: Entry, words: Vocabulary) -> str:
    """One entry as a sentence, without its narrative."""
    return explain.says(without_texts(entry, words), words)


def texts(entry: Entry, words: Vocabulary) -> Iterable[tuple[str, str]]:
    """The narrative of an entry: what each text is called, and what it says; "" for what is privileged and withheld."""
    fields = words.kinds.by_name[entry.kind].fields
    for name in words.kinds.texts.get(entry.kind, ()):
        if isinstance(entry.data.get(name), str):
            yield (
                fields[name].called or explain.called(name, words),
                "" if fields[name].privileged else str(entry.data[name]),
            )
