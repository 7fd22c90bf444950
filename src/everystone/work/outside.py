"""Cases that somebody opened outside their own duties, with a reason: by whom, until when, and what a second person found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.database import Database

ACT, REVIEW = "open_outside", "review_opening"
#: A review counts where somebody else made it than who opened the case; it names the entry of the opening.
REVIEWS = (
    f"SELECT 1 FROM work_act r WHERE r.frame = a.frame AND r.act = '{REVIEW}' AND r.because = a.entry "
    "AND r.by_whom <> a.by_whom"
)
OPENED = f"SELECT a.frame, a.by_whom, a.at, a.until, a.entry FROM work_act a WHERE a.act = '{ACT}'"


class Opening(NamedTuple):
    """Somebody opened a case outside their duties: which, who, from when until when (seconds UTC), by which entry.

    `review` is the entry of the review by a second person, "" while there is none.
    """

    case: str
    by: str
    at: int
    until: int
    entry: str
    review: str = ""


def opened_to(database: Database, case: str, now: int) -> dict[str, int]:
    """To whom a case (a stream) is open by a reason at an instant, and until when (seconds UTC)."""
    rows = database.run(
        "SELECT by_whom, until FROM work_act WHERE frame = ? AND act = ? AND at <= ? AND until > ? ORDER BY until",
        (case, ACT, now, now),
    ).fetchall()
    return {by: int(until) for by, until in rows}


def opened_by(database: Database, case: str) -> frozenset[str]:
    """Who opened a case (a stream) in this way and waits for a second person to review it."""
    rows = database.run(f"{OPENED} AND a.frame = ? AND NOT EXISTS ({REVIEWS})", (case,)).fetchall()
    return frozenset(by for _, by, *_ in rows)


def next_to_review(database: Database, case: str, by: str, now: int) -> Opening | None:
    """The first opening of a case that somebody (`by`) can review, as a second person; None where none waits."""
    waiting = [each for each in unreviewed(database, now + 1) if each.case == case and each.by != by]
    return waiting[0] if waiting else None


def openings(database: Database, since: int, kept_away: Collection[str] = ()) -> list[Opening]:
    """Every opening from an instant on, and every earlier one that nobody reviewed: those first, then the newest first."""
    found = _read(database, f"{OPENED} AND (a.at >= ? OR NOT EXISTS ({REVIEWS})) ORDER BY a.at DESC, a.entry", [since])
    reviews = database.run("SELECT because, by_whom, entry FROM work_act WHERE act = ?", (REVIEW,)).fetchall()
    of = {because: (by, entry) for because, by, entry in reviews}
    found = [each._replace(review=of[each.entry][1]) if of.get(each.entry, (each.by,))[0] != each.by else each
             for each in found if each.case not in kept_away]  # fmt: skip
    return sorted(found, key=lambda each: each.review != "")


def unreviewed(database: Database, before: int) -> list[Opening]:
    """The openings made before an instant that no second person reviewed."""
    return _read(database, f"{OPENED} AND a.at < ? AND NOT EXISTS ({REVIEWS}) ORDER BY a.at, a.entry", [before])


def repeated(database: Database, times: int, length: int, now: int) -> list[Opening]:
    """For everybody with so many openings within a length (seconds) up to now, the last of them; until all are reviewed."""
    recent = _read(database, f"{OPENED} AND a.at > ? AND a.at <= ? ORDER BY a.at, a.entry", [now - length, now])
    open_still = {each.entry for each in unreviewed(database, now + 1)}
    by_whom: dict[str, list[Opening]] = {}
    for each in recent:
        by_whom.setdefault(each.by, []).append(each)
    return [made[-1] for made in by_whom.values()
            if len(made) >= times and any(each.entry in open_still for each in made)]  # fmt: skip


def _read(database: Database, sql: str, values: Sequence[object]) -> list[Opening]:
    return [Opening(str(frame).removeprefix(CASE), *rest) for frame, *rest in database.run(sql, values).fetchall()]
