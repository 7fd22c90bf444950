"""Closed in the other system while the record leaves a child's safety open: the gate that cannot stand there, told here."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.database import Database
from everystone.work.cards import Where, fitting

#: The tiers of a child's safety: in reach tonight, about to be lost, never answered.
LAST_OF_SAFETY = 2
#: How long it stands on its own after it became known; the card of the child stays until the record answers.
FRESH = 7 * 86_400


class Closed(NamedTuple):
    """A case that was closed while a child's safety is open: the child ("" where none is named), since when it is known."""

    case: str
    child: str
    tier: int
    because: str
    team: str
    lead: str
    since: int

    @property
    def key(self) -> str:
        """The same for the same closing of the same case and child, so that it is told once."""
        return f"{self.case}/{self.child}/{self.since}"


def closed_open(database: Database, where: Where, now: int, kept_away: Collection[str] = ()) -> list[Closed]:
    """Those of some cases, newest first, of which it became known in the last week that they are closed all the same."""
    condition, values = fitting(where, kept_away)
    rows = database.run(
        "SELECT f.frame, p.person, p.tier, p.because, f.team, f.lead, f.closed FROM work_frame f JOIN work_placed p "
        f"ON p.frame = f.frame WHERE f.running = 0 AND f.closed > ? AND f.closed <= ? AND p.tier <= ? AND {condition} "
        "ORDER BY f.closed DESC, f.frame, p.person",
        [now - FRESH, now, LAST_OF_SAFETY, *values],
    ).fetchall()
    return [Closed(str(row[0]).removeprefix(CASE), *row[1:]) for row in rows]
