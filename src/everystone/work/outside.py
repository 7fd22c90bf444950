"""Cases that somebody opened outside their own duties, with a reason: by whom, until when. It ends by itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.database import Database

ACT = "open_outside"


class Opening(NamedTuple):
    """Somebody opened a case outside their duties: which, who, from when until when (seconds UTC), by which entry."""

    case: str
    by: str
    at: int
    until: int
    entry: str


def opened_to(database: Database, case: str, now: int) -> dict[str, int]:
    """To whom a case (a stream) is open by a reason at an instant, and until when (seconds UTC)."""
    rows = database.run(
        "SELECT by_whom, until FROM work_act WHERE frame = ? AND act = ? AND at <= ? AND until > ? ORDER BY until",
        (case, ACT, now, now),
    ).fetchall()
    return {by: int(until) for by, until in rows}


def openings(database: Database, since: int, kept_away: Collection[str] = ()) -> list[Opening]:
    """Every opening from an instant on, the newest first."""
    rows = database.run(
        "SELECT frame, by_whom, at, until, entry FROM work_act WHERE act = ? AND at >= ? ORDER BY at DESC, entry",
        (ACT, since),
    ).fetchall()
    found = [Opening(str(frame).removeprefix(CASE), *rest) for frame, *rest in rows]
    return [each for each in found if each.case not in kept_away]
