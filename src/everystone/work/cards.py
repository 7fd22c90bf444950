"""The cards of a post: which children need somebody first, at most ten, with the true total beside them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.findings.placed import TONIGHT
from everystone.findings.precedence import decided
from everystone.ledger.book.database import Database
from everystone.work.acts import Done
from everystone.work.tables import among

MOST_CARDS, MOST_WORDS = 10, 40
LATE = ("Not on the record as it should be:", "Late or missing:")
LEAD = re.compile(r"^(the )?lead\b")
DUE_BY = re.compile(r", due by [^;]*?(?=;|\.$)")  # a card says by when apart


class Brief(NamedTuple):
    """Why, what to do first, who, each in few words."""

    why: str
    step: str
    who: str


class Card(NamedTuple):
    """One child (or case, where the record names nobody): why, what clears it, who is to do it, who leads.

    `person` is "" where the record names nobody. `due` is the first limit that has run out about this child (seconds UTC),
    None where none has. `cases` is in how many cases this child stands; `acts` are what somebody did that still holds;
    `place` sorts cards by danger.
    """

    child: str
    person: str
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
    acts: Sequence[Done] = ()
    place: str = ""

    @property
    def mark(self) -> str:
        """What an address calls it by: twelve hexadecimal digits that name nobody."""
        return sha256(f"{self.case}\x1f{self.person}".encode()).hexdigest()[:12]

    @property
    def whose(self) -> str:
        """Who is to do it; where that is the lead and nobody leads, whoever supervises."""
        return self.done_by if self.lead else LEAD.sub("supervisor", self.done_by, count=1)

    @property
    def brief(self) -> Brief:
        """What the card says on a list, in forty words with the child; the case says all of it."""
        why, who = DUE_BY.sub("", self.because).replace(*LATE), _clauses(self.whose, 8)
        left = (
            MOST_WORDS
            - sum(len(each.split()) for each in (self.child, why, who))
            - len(("For", "Due", "since", "4", "March", "2026"))
        )
        return Brief(why, _clauses(self.step, max(left, 5)), who)

    @property
    def pinned(self) -> bool:
        """Whether it stands above everything until it is cleared."""
        return self.tier == TONIGHT


class Cards(NamedTuple):
    """The cards to show, how many children there are in each tier, and the cards that wait for the feed or a day."""

    shown: Sequence[Card]
    by_tier: dict[int, int]
    waiting: Sequence[Card] = ()

    @property
    def total(self) -> int:
        """How many children there are, shown or not; those who wait are not among them."""
        return sum(self.by_tier.values())

    def ahead(self, card: Card) -> str:
        """Why a card stands before the next of its tier, in a few words; "" where none follows, or its reference decides."""
        of_tier = [each for each in self.shown if each.tier == card.tier]
        at = of_tier.index(card) + 1
        return decided(card.place, of_tier[at].place) if at < len(of_tier) else ""

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
        by_column = {column: [value for of, value in pairs if of == column] for column, _ in pairs}
        said = " OR ".join(f"f.{column} IN {among(of)}" for column, of in by_column.items()) or "1 = 0"
        values = [value for of in by_column.values() for value in of]
    names = sorted(CASE + name for name in kept_away)
    return f"({said}) AND f.frame NOT IN {among(names)}" if names else f"({said})", [*values, *names]


#: Acts that take a card from the list for as long as they hold; of the first tier nothing but an accepted reason does.
AWAY = "(a.act = 'accept_reason' OR (a.act = 'done_elsewhere' AND s.tier > 0))"
CARD = "place, child, person, frame, tier, because, confidence, step, done_by, team, lead, running, cases"


def cards(
    database: Database,
    where: Where,
    now: int,
    kept_away: Collection[str] = (),
    last_tier: int = 5,
    most: int = MOST_CARDS,
) -> Cards:
    """The cards of some cases at an instant, the most urgent first: one a child, from the case where that child stands worst."""
    condition, values = fitting(where, kept_away)
    child = "CASE WHEN p.person = '' THEN p.frame ELSE p.person END"
    standing = (
        f"SELECT * FROM (SELECT {child} AS child, p.*, f.lead, f.running, ROW_NUMBER() OVER (PARTITION BY {child} ORDER BY "
        f"p.tier, p.place, p.frame) AS nth, COUNT(*) OVER (PARTITION BY {child}) AS cases "
        f"FROM work_placed p JOIN work_frame f ON f.frame = p.frame WHERE p.tier <= ? AND {condition}) AS one WHERE nth = 1"
    )
    away = (
        "EXISTS (SELECT 1 FROM work_act a WHERE a.frame = s.frame AND a.person = s.person AND a.because = s.because "
        f"AND (a.until IS NULL OR a.until > ?) AND {AWAY})"
    )
    given = [last_tier, *values, now]
    counted = database.run(
        f"SELECT tier, COUNT(*) FROM ({standing}) AS s WHERE NOT {away} GROUP BY tier ORDER BY tier", given
    ).fetchall()
    select = (
        f"SELECT {CARD}, (SELECT MIN(g.due) FROM work_finding g WHERE g.frame = s.frame AND g.answer = 'not met' "
        f"AND g.root = '' AND g.asked_for IN ('', s.person)) FROM ({standing}) AS s WHERE "
    )
    first = database.run(f"{select} NOT {away} ORDER BY tier, place, frame LIMIT ?", [*given, most]).fetchall()
    waiting = database.run(f"{select} {away} ORDER BY tier, place, frame LIMIT ?", [*given, most]).fetchall()
    return Cards(_with_acts(database, first, now), dict(counted), _with_acts(database, waiting, now))


def of_case(database: Database, case: str, now: int) -> list[Card]:
    """The cards of one case, every person of it who stands anywhere."""
    rows = database.run(
        "SELECT p.place, CASE WHEN p.person = '' THEN p.frame ELSE p.person END, p.person, p.frame, p.tier, p.because, "
        "p.confidence, p.step, p.done_by, p.team, f.lead, f.running, 1, NULL FROM work_placed p "
        "JOIN work_frame f ON f.frame = p.frame WHERE p.frame = ? ORDER BY p.tier, p.place, p.person",
        [CASE + case],
    ).fetchall()
    return _with_acts(database, rows, now)


def elsewhere_tonight(database: Database, case: str, people: Sequence[str]) -> list[tuple[str, str]]:
    """Those among some people who stand in the first tier in another case: who, and why. It says nothing of that case."""
    rows = database.run(
        f"SELECT DISTINCT person, because FROM work_placed WHERE tier = ? AND frame <> ? AND person IN {among(people)} "
        "ORDER BY person, because",
        [TONIGHT, CASE + case, *people],
    )
    return [(str(person), str(because)) for person, because in rows.fetchall()]


def _clauses(text: str, most: int) -> str:
    """The first clauses of a sentence that are no longer than so many words; at least so many words of the first."""
    if len(text.split()) <= most:
        return text
    ends = [found.start() for found in re.finditer(r"[,;:]? (?:and|then|with|or) |[,;:] ", text)]
    fit = [text[:end] for end in ends if len(text[:end].split()) <= most]
    return f"{max(fit, key=len)}." if fit else " ".join(text.split()[: most - 1]) + " …"


def _with_acts(database: Database, rows: Sequence[Sequence[object]], now: int) -> list[Card]:
    """Rows as cards, each with what somebody did about it that still holds, the last first."""
    frames = sorted({str(row[3]) for row in rows})
    done: dict[tuple[object, object, object], list[Done]] = {}
    for frame, person, act, because, by, at, until in database.run(
        f"SELECT frame, person, act, because, by_whom, at, until FROM work_act WHERE frame IN {among(frames)} "
        "AND (until IS NULL OR until > ?) ORDER BY at DESC, entry",
        [*frames, now],
    ).fetchall():
        done.setdefault((frame, person, because), []).append(Done(act, by, at, until))
    return [_card(row, done.get((row[3], row[2], row[5]), ())) for row in rows]


def _card(row: Sequence[object], acts: Sequence[Done]) -> Card:
    place, child, person, frame, tier, because, confidence, step, done_by, team, lead, running, cases, due = row
    return Card(str(child).removeprefix(CASE), str(person), str(frame).removeprefix(CASE), int(str(tier)), str(because),
                str(confidence), str(step), str(done_by), str(team), str(lead), bool(running), int(str(cases)),
                None if due is None else int(str(due)), acts, str(place))  # fmt: skip
