"""Sealed matters: what stands beside a case or an officer for professional standards alone, and what they are told first.

Each ordinary stream may have a sealed one beside it (`conduct/case/…`). For everybody else it is not there: it is in no
list, count, order or search, and no page takes longer for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from everystone.findings.answer import NOT_MET, Answer
from everystone.findings.elsewhere import CASE, OFFICER
from everystone.findings.frames import Instants
from everystone.findings.reference import ask
from everystone.ledger.book.database import Database
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.entry import Entry, in_force
from everystone.ledger.fault import Fault
from everystone.work.fresh import coverage_at
from everystone.work.gathered import Asking, gather
from everystone.work.opened import Opened
from everystone.work.tables import insert

SEALED = "conduct/"
TOLD_FIRST = ("home", "frame", "key", "standard", "asked_for", "team", "due")


class First(NamedTuple):
    """What professional standards are told first: of which stream, which standard, about whom ("" for the case)."""

    stream: str
    standard: str
    asked_for: str
    team: str


class Matter(NamedTuple):
    """A stream with what is sealed beside it: its entries in force, and the answers that are told here alone."""

    stream: str
    entries: Sequence[Entry]
    answers: Sequence[Answer]


def beside(stream: str) -> str:
    """The sealed stream beside an ordinary one. Raises Fault for what is neither a case nor an officer."""
    if not stream.startswith((CASE, OFFICER)) or stream in (CASE, OFFICER):
        raise Fault("A sealed matter stands beside a case or an officer. Write case/… or officer/… and the reference.")
    return SEALED + stream


def matters(book: SqlBook) -> list[str]:
    """The ordinary streams beside which something is sealed, by name. The reading is recorded."""
    return [name.removeprefix(SEALED) for name in book.streams() if name.startswith((SEALED + CASE, SEALED + OFFICER))]


def told_first(database: Database) -> list[First]:
    """Everything that professional standards are told first and that is so now, by stream."""
    rows = database.run(
        "SELECT DISTINCT frame, standard, asked_for, team FROM work_sealed ORDER BY frame, standard, asked_for"
    ).fetchall()
    return [First(*row) for row in rows]


def keep_first(database: Database, home: str, answers: Sequence[Answer]) -> None:
    """Keep what is told first of a stream in the place of what was there; `home` is the stream it was asked of."""
    database.run("DELETE FROM work_sealed WHERE home = ?", (home,))
    rows = [(home, each.frame, each.key, each.standard, each.asked_for, each.team, None if each.due is None else int(each.due))
            for each in answers if each.answer == NOT_MET]  # fmt: skip
    insert(database, "work_sealed", TOLD_FIRST, rows)


def first_of(opened: Opened, asking: Asking) -> Sequence[Answer]:
    """What professional standards are told first of an opened stream. Only the program asks this, never a page of others."""
    if len(opened.whole.own) == len(opened.entries):
        return opened.first
    seen = opened.frame
    frame = opened.whole.frame(asking, Instants(seen.as_at, seen.known_on, seen.coverage))
    return [each for each in ask(frame, asking.questions) if each.standard in asking.sealed]


def first_anew(book: SqlBook, asking: Asking) -> None:
    """Make what is told first of the sealed streams anew."""
    for stream in matters(book):
        keep_first(book.database, beside(stream), open_matter(book, asking, stream, book.clock()).answers)


def open_matter(book: SqlBook, asking: Asking, stream: str, now: int) -> Matter:
    """A stream with its sealed one, as of now."""
    sealed = book.read(beside(stream))
    found = gather(book, stream)
    both = [*found.own, *(each._replace(stream=stream) for each in sealed)]
    frame = found._replace(own=both).frame(asking, Instants(now, now, coverage_at(book, now)))
    answers = [each for each in ask(frame, asking.questions) if each.standard in asking.sealed]
    keys = {each.key for each in sealed}
    shown = [each for each in in_force(both, now, now)[0] if asking.seals(each) or each.key in keys]
    return Matter(stream, shown, answers)


def write(book: SqlBook, asking: Asking, entry: Entry, now: int) -> None:
    """Write an entry into the sealed stream beside its own, and ask again what is told first. Raises Fault.

    Nothing that everybody is shown is asked again, since nothing of it can change.
    """
    with book.transaction():
        book.append([entry._replace(stream=beside(entry.stream))])
        keep_first(book.database, beside(entry.stream), open_matter(book, asking, entry.stream, now).answers)
