"""Writing an entry from a form: in the words of its kind, as of now, and once however often the form is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.entry import Capacity, Entry, Source
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.work.worklists import Worklists

SITE = "site"  # the source of what is typed here; its keys are those of the forms
FORCE = "force"


class Writer(NamedTuple):
    """Who writes, as what."""

    by: str
    capacity: Capacity


def written(writer: Writer, once: str, case: str, kind: str, subjects: Sequence[str], data: Mapping[str, Any], pack: Pack,
            now: int, happened: tuple[int, int] | None = None, quote_of: str = "") -> Entry:  # fmt: skip
    """An entry of a form, as the ledger takes it; `once` is the form's own key. Raises Fault for what a kind does not hold."""
    lo, hi = happened or (now, now)
    made = Entry(0, CASE + case, kind, tuple(subjects), lo, hi, now, now, writer.by, writer.capacity,
                 pack.words.kinds.admit(kind, data), Source(SITE, FORCE, f"{SITE}/{once}", live=True),
                 quote_of=quote_of)  # fmt: skip
    return pack.lists.seen(made, pack.words.kinds)


def take_once(lists: Worklists, entry: Entry) -> bool:
    """Take the entry of a form, once however often it is sent; whether it was taken now.

    Raises Fault where the same form was sent before with other words: then nothing is taken.
    """
    with lists.book.transaction():
        lists.book.in_line()  # whoever sends the same at the same time waits here
        before = _sent_before(lists.book, entry)
        if before is None:
            lists.take([entry])
            return True
        if _said(before) != _said(entry):
            raise Fault(
                "This form was sent before with other words, and those stand. Open it anew to write something else."
            )
        return False


def _sent_before(book: SqlBook, entry: Entry) -> Entry | None:
    return next(iter(book.named([entry.key])), None)


def _said(entry: Entry) -> tuple[object, ...]:
    """What an entry says, but for the instants at which it was sent."""
    return entry.stream, entry.kind, entry.subjects, entry.by, entry.quote_of, dict(entry.data)
