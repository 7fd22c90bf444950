"""The cards of a post: which children need somebody first, at most ten, with the true total beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.findings.placed import TONIGHT
from everystone.ledger.book.database import Database
from everystone.work.tables import among

MOST_CARDS = 10
#: The tiers in words; the third is a lane of its own and never called danger.
LANES = (
    "Somebody can act tonight",
    "Something is about to be lost for good",
    "Find out first: the safety question was never answered",
    "Justice",
    "Rights",
    "The record",
)


class Card(NamedTuple):
    """One child (or case, where the record names nobody): why, what clears it, who is to do it, who leads.

    `due` is the first limit that has run out about this child (seconds UTC), None where none has; `cases` is in how many
    cases this child stands.
    """

    child: str
    case: str
    tier: int
    because: str
    confidence: str
    step: str
    done_by: str
    team: str
    lead: str
    running: bool
    cases: int
    due: int | None

    @property
    def lane(self) -> str:
        """The tier in words."""
        return LANES[self.tier]

    @property
    def pinned(self) -> bool:
        """Whether it stands above everything until it is cleared."""
        return self.tier == TONIGHT


class Cards(NamedTuple):
    """The cards to show, how many children there are in all, and how many in each tier."""

    shown: Sequence[Card]
    by_tier: dict[int, int]

    @property
    def total(self) -> int:
        """How many children there are, shown or not."""
        return sum(self.by_tier.values())

    def lanes_shown(self, lanes: Sequence[str]) -> list[tuple[int, str]]:
        """The tiers of which a card is shown, in words."""
        return [(tier, lanes[tier]) for tier in sorted({card.tier for card in self.shown})]


Where = Collection[tuple[str, str] | None]


def fitting(where: Where, kept_away: Collection[str] = ()) -> tuple[str, list[str]]:
    """A condition on cases (`f`) for a list: they fit one of `where` (a column and a value; None: any), and none of some."""
    if None in where:
        said, values = "1 = 1", []
    else:
        pairs = sorted(each for each in where if each is not None)
        said = " OR ".join(f"f.{column} = ?" for column, _ in pairs) or "1 = 0"
        values = [value for _, value in pairs]
    names = sorted(CASE + name for name in kept_away)
    return f"({said}) AND f.frame NOT IN {among(names)}" if names else f"({said})", [*values, *names]


def cases_of(database: Database, where: Where, kept_away: Collection[str] = ()) -> list[str]:
    """The cases of a list, by stream."""
    condition, values = fitting(where, kept_away)
    found = database.run(f"SELECT f.frame FROM work_frame f WHERE f.home = f.frame AND {condition}", values)
    return [frame for (frame,) in found.fetchall()]


def cards(
    database: Database, where: Where, kept_away: Collection[str] = (), last_tier: int = 5, most: int = MOST_CARDS
) -> Cards:
    """The cards of some cases, the most urgent first: one a child, from the case in which that child stands worst."""
    condition, values = fitting(where, kept_away)
    child = "CASE WHEN p.person = '' THEN p.frame ELSE p.person END"
    standing = (
        f"SELECT {child} AS child, p.*, f.lead, f.running, ROW_NUMBER() OVER (PARTITION BY {child} ORDER BY p.tier, p.place, "
        f"p.frame) AS nth, COUNT(*) OVER (PARTITION BY {child}) AS cases "
        f"FROM work_placed p JOIN work_frame f ON f.frame = p.frame WHERE p.tier <= ? AND {condition}"
    )
    counted = database.run(
        f"SELECT tier, COUNT(*) FROM ({standing}) AS s WHERE nth = 1 GROUP BY tier ORDER BY tier", [last_tier, *values]
    ).fetchall()
    rows = database.run(
        "SELECT child, frame, tier, because, confidence, step, done_by, team, lead, running, cases, (SELECT MIN(g.due) "
        "FROM work_finding g WHERE g.frame = s.frame AND g.answer = 'not met' AND g.root = '' AND g.asked_for IN ('', s.person)) "
        f"FROM ({standing}) AS s WHERE nth = 1 ORDER BY tier, place, frame LIMIT ?",
        [last_tier, *values, most],
    ).fetchall()
    return Cards([_card(row) for row in rows], dict(counted))


def _card(row: Sequence[object]) -> Card:
    child, frame, tier, because, confidence, step, done_by, team, lead, running, cases, due = row
    return Card(str(child).removeprefix(CASE), str(frame).removeprefix(CASE), int(str(tier)), str(because), str(confidence),
                str(step), str(done_by), str(team), str(lead), bool(running), int(str(cases)),
                None if due is None else int(str(due)))  # fmt: skip
