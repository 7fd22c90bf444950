"""Shift handover, line by line: what one post leaves the next, on which child, by when; not accepted, it stays with the giver."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.database import Database
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.work.cards import Where, fitting
from everystone.work.posts import DutyFile
from everystone.work.tables import insert

LINE = ("frame", "person", "entry", "by_whom", "from_post", "to_post", "at", "due", "accepted_by", "accepted_at")


class Line(NamedTuple):
    """One line: what is left to do about whom, by when (seconds UTC); `accepted_by` "" while nobody has."""

    case: str
    person: str
    key: str
    by: str
    from_post: str
    to_post: str
    at: int
    due: int
    accepted_by: str
    accepted_at: int | None
    text: str

    @property
    def child(self) -> str:
        """Whom it is about, else the case."""
        return self.person or self.case


def keep_lines(database: Database, frame: Frame, said: DutyFile | None) -> None:
    """The lines that stand in one case, each with who accepted it."""
    if said is None:
        return
    left, accepted = said.handover.left, said.handover.accepted
    taken: dict[str, Entry] = {}
    for entry in frame.entries:
        if entry.kind == accepted.kind:
            taken.setdefault(str(entry.data.get(accepted.line, "")), entry)
    insert(database, "work_line", LINE, [
        _row(frame, entry, left.post, left.to, left.due, taken.get(entry.key))
        for entry in frame.entries if entry.kind == left.kind
    ])  # fmt: skip


def _row(frame: Frame, entry: Entry, post: str, to: str, due: str, taken: Entry | None) -> tuple[Any, ...]:
    by_when = frame.words.calendar.span(str(entry.data[due]))[1] if entry.data.get(due) else entry.hi
    return (frame.whole_name, (entry.subjects or ("",))[0], entry.key, entry.by, str(entry.data.get(post, "")),
            str(entry.data.get(to, "")), entry.lo, by_when, taken.by if taken else "", taken.lo if taken else None)  # fmt: skip


def lines(book: SqlBook, said: DutyFile, where: Where, kept_away: Collection[str], since: int) -> list[Line]:
    """The lines of some cases that nobody has accepted, and those accepted since an instant; with their words. It is read."""
    condition, values = fitting(where, kept_away)
    rows = book.database.run(
        f"SELECT {', '.join('l.' + name for name in LINE)} FROM work_line l JOIN work_frame f ON f.frame = l.frame "
        f"WHERE (l.accepted_by = '' OR l.accepted_at >= ?) AND {condition} ORDER BY l.due, l.frame, l.entry", [since, *values],
    ).fetchall()  # fmt: skip
    said_of = {
        entry.key: str(entry.data.get(said.handover.left.text, "")) for entry in book.named([row[2] for row in rows])
    }
    return [Line(*(row[0].removeprefix(CASE), *row[1:], said_of.get(row[2], ""))) for row in rows]
