"""What a condition asks of texts: read from the hits that one look at the door left, never from the text itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from everystone.findings.answer import EARLIER
from everystone.findings.asking import Asking, Test
from everystone.findings.told import Told, some
from everystone.ledger.entry import Entry
from everystone.standards.condition import Copied, Hits, Words
from everystone.standards.language import EMPTY, LIKENESS


def long(said: Words) -> Test:
    """Of at least so many words."""

    def test(asking: Asking, entry: Entry) -> Told:
        empty = sum(words_in(hit.words) for hit in entry.hits if (hit.list, hit.field) == (said.besides, said.within))
        return words_in(entry.data.get(said.within)) - empty >= said.at_least

    return test


def words_in(text: Any) -> int:
    """How many words a text has; a book that keeps narrative apart leaves their number in its place."""
    if isinstance(text, dict):
        return int(text.get("words", 0))
    return len(str(text or "").split())


def with_hits(said: Hits) -> Test:
    """With words of a list, asserted and not quoted."""

    def test(asking: Asking, entry: Entry) -> Told:
        return any(
            hit.list == said.list_
            and not hit.ground
            and (not said.within or hit.field in said.within)
            and not (hit.quoted and entry.quote_of)
            for hit in entry.hits
        )

    return test


def with_reasons(fields: str | list[str]) -> Test:
    """One of some texts gives reasons."""
    names = [fields] if isinstance(fields, str) else fields

    def test(asking: Asking, entry: Entry) -> Told:
        return some(_reasoned(entry, name) for name in names)

    return test


def _reasoned(entry: Entry, field: str) -> Told:
    """Whether a text gives reasons; none was looked at, so that it cannot be told, where it was taken without a look."""
    if not entry.data.get(field):
        return False
    left = [hit.list for hit in entry.hits if hit.field == field]
    return False if EMPTY in left else True if LIKENESS in left else None


def copied(said: Copied) -> Test:
    """One of some texts is nearly a copy of an earlier one."""
    names = [said.within] if isinstance(said.within, str) else said.within

    def test(asking: Asking, entry: Entry) -> Told:
        streams = [stream for stream, _ in _copies(asking, entry, names)]
        if said.of == "any case":
            return bool(streams)
        return any((stream == entry.stream) is (said.of == "this case") for stream in streams)

    return test


def _copies(asking: Asking, entry: Entry, fields: Sequence[str]) -> list[tuple[str, str]]:
    copies = asking.frame.facts.copies
    return [other for name in fields for other in copies.get((entry.key, name), ())] if copies else []


class Earlier(NamedTuple):
    """Earlier texts that the trigger nearly copies: those in the frame, and in words where each stands."""

    here: tuple[Entry, ...] = ()
    where: tuple[str, ...] = ()


def earlier_texts(asking: Asking, fields: Sequence[str]) -> Earlier:
    """The earlier texts that some texts of the trigger nearly copy; of another case no more than that it is one."""
    found = _copies(asking, asking.trigger, fields)
    keys = {key for _, key in found}
    ours = {stream == asking.trigger.stream for stream, _ in found}
    where = tuple(f"{EARLIER} {'this' if mine else 'another'} case" for mine in sorted(ours, reverse=True))
    return Earlier(
        tuple(entry for entry in asking.frame.of_kinds(frozenset({asking.trigger.kind})) if entry.key in keys), where
    )
