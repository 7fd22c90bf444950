"""Who has read a case, when and why: kept beside the case from the log of readings, which stays the proof."""

from __future__ import annotations

from typing import NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.database import Database
from everystone.ledger.book.sql import SqlBook
from everystone.work.tables import insert

READ = ("number", "frame", "by_whom", "at", "why")
AT_ONCE = 5_000


class Reading(NamedTuple):
    """Somebody read a case: who, when last (seconds UTC), why, how often for that reason."""

    by: str
    at: int
    why: str
    times: int


def read_case(book: SqlBook, case: str, what: str) -> None:
    """Write down, before it is shown, that the reader of this book reads a case; `what` says which page of it."""
    number = book.shown({"case": case, "page": what})
    insert(book.database, "work_read", READ, [(number, CASE + case, book.reader.by, book.clock(), book.reader.why)])


def readers_of(database: Database, case: str, most: int = 50) -> list[Reading]:
    """Who has read a case, the last first."""
    rows = database.run(
        "SELECT by_whom, MAX(at) AS last, why, COUNT(*) FROM work_read WHERE frame = ? GROUP BY by_whom, why "
        "ORDER BY last DESC, by_whom, why LIMIT ?",
        (CASE + case, most),
    ).fetchall()
    return [Reading(*row) for row in rows]


def readings_by(database: Database, case: str, by: str, since: int, until: int) -> list[Reading]:
    """What somebody read of a case between two instants (seconds UTC), by the reason given, the last first."""
    rows = database.run(
        "SELECT by_whom, MAX(at) AS last, why, COUNT(*) FROM work_read WHERE frame = ? AND by_whom = ? AND at >= ? AND at <= ? "
        "GROUP BY by_whom, why ORDER BY last DESC, why", (CASE + case, by, since, until),
    ).fetchall()  # fmt: skip
    return [Reading(*row) for row in rows]


def readings_anew(book: SqlBook) -> None:
    """Make the list of who read which case anew from the log of readings."""
    book.database.run("DELETE FROM work_read")
    upto = book.readings.head().size
    for after in range(0, upto, AT_ONCE):
        rows = book.readings.opened(book.readings.rows(after, min(after + AT_ONCE, upto)), checked=False)
        found = [(each.number, CASE + str(each.data["case"]), each.by, each.accepted, str(each.data.get("why", "")))
                 for each in rows if "case" in each.data]  # fmt: skip
        insert(book.database, "work_read", READ, found)
