"""The supervisor's board: every running case of a team by danger, by silence, by who leads it and how many they lead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.database import Database
from everystone.work.cards import Where, fitting

MOST = 200
ORDERS: Mapping[str, str] = {
    "danger": "tier IS NULL, tier, place, frame",
    "silence": "latest, frame",
    "lead": "lead = '' DESC, lead, tier IS NULL, tier, place, frame",
}


class Row(NamedTuple):
    """One running case: who leads it, in which tier its most urgent person stands (None: in none), why, since when silent.

    `latest` is the last step of substance on its record (seconds UTC): no note, acknowledgement or reading; `late` how many
    things are not on the record as they should be, what followed from others left out.
    """

    case: str
    team: str
    lead: str
    tier: int | None
    because: str
    latest: int
    late: int


class Board(NamedTuple):
    """The rows to show, how many running cases there are in all, how many each lead has."""

    rows: Sequence[Row]
    total: int
    load: Mapping[str, int]

    @property
    def unled(self) -> int:
        """How many running cases nobody leads."""
        return self.total - sum(self.load.values())


def board(database: Database, where: Where, order: str, kept_away: Collection[str] = ()) -> Board:
    """The running cases of a list, ordered by "danger", "silence" or "lead"."""
    condition, values = fitting(where, kept_away)
    running = f"FROM work_frame f WHERE f.home = f.frame AND f.running = 1 AND f.frame LIKE '{CASE}%' AND {condition}"
    rows = database.run(
        "SELECT frame, team, lead, tier, because, latest, late FROM (SELECT f.frame, f.team, f.lead, "
        "COALESCE((SELECT s.since FROM work_silence s WHERE s.frame = f.frame), f.latest) AS latest, "
        "(SELECT MIN(p.tier) FROM work_placed p WHERE p.frame = f.frame) AS tier, "
        "(SELECT MIN(p.place) FROM work_placed p WHERE p.frame = f.frame) AS place, "
        "(SELECT p.because FROM work_placed p WHERE p.frame = f.frame ORDER BY p.tier, p.place LIMIT 1) AS because, "
        "(SELECT COUNT(*) FROM work_finding g JOIN work_frame h ON h.frame = g.frame WHERE h.home = f.frame "
        "AND g.answer = 'not met' AND g.root = '') AS late "
        f"{running}) AS standing ORDER BY {ORDERS[order]} LIMIT {MOST}",
        values,
    ).fetchall()
    counted = database.run(f"SELECT f.lead, COUNT(*) {running} GROUP BY f.lead ORDER BY f.lead", values).fetchall()
    load = {str(lead): int(n) for lead, n in counted}
    shown = [Row(str(frame).removeprefix(CASE), team, lead, tier, because or "", latest, late)
             for frame, team, lead, tier, because, latest, late in rows]  # fmt: skip
    return Board(shown, sum(load.values()), {lead: n for lead, n in load.items() if lead})
