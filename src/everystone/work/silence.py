"""No recorded progress: open cases in which the record shows nothing of substance for weeks."""

from __future__ import annotations

from typing import NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.database import Database
from everystone.ledger.case import Frame
from everystone.work.tables import insert

DAY = 86_400


class Silent(NamedTuple):
    """A case without recorded progress: since when (seconds UTC), whose team, who leads, and for how many whole days."""

    case: str
    since: int
    team: str
    lead: str
    days: int

    @property
    def weeks(self) -> int:
        """The whole weeks of it."""
        return self.days // 7


def keep_silence(database: Database, frame: Frame) -> None:
    """Since when a case has had no entry of substance: the latest that happened, else the first entry of any kind."""
    kinds = frame.words.kinds.substantive
    happened = [entry.hi for entry in frame.entries if entry.kind in kinds] or [each.lo for each in frame.entries[:1]]
    if happened:
        insert(database, "work_silence", ("frame", "since"), [(frame.whole_name, max(happened))])


def silent(database: Database, now: int, longest: int, team: str = "") -> list[Silent]:
    """The open cases of a team ("" for all) with nothing of substance for `longest` seconds, the longest silence first."""
    rows = database.run(
        "SELECT s.frame, s.since, f.team, f.lead FROM work_silence s JOIN work_frame f ON f.frame = s.frame "
        f"WHERE f.running = 1 AND s.since <= ?{' AND f.team = ?' if team else ''} ORDER BY s.since, s.frame",
        [now - longest, *([team] if team else [])],
    ).fetchall()
    return [Silent(frame.removeprefix(CASE), since, of, lead, (now - since) // DAY) for frame, since, of, lead in rows]
