"""What was said of findings: replies, reasons accepted until a day, checks said to be wrong and what was decided on that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.database import Database
from everystone.ledger.case import Frame
from everystone.work.acts import OfFindings, end_of
from everystone.work.cards import Where, fitting
from everystone.work.tables import insert

SAID = ("frame", "finding", "standard", "said", "by_whom", "at", "until", "entry", "waits")
ACCEPTED, CHALLENGED, UPHELD = "accept", "challenge", "uphold"
DECIDED = (UPHELD, "refuse")


class Said(NamedTuple):
    """One thing that was said of a finding (by its key): what, by whom, when, until when it holds (seconds UTC), in which words."""

    finding: str
    standard: str
    what: str
    by: str
    at: int
    until: int | None
    text: str
    entry: str


def said_in(frame: Frame, acts: OfFindings | None) -> list[Said]:
    """What the entries of a case say of findings, in the order in which it was said; nothing that was withdrawn or corrected."""
    if acts is None:
        return []
    by_kind, calendar = acts.by_kind(), frame.words.calendar
    found = []
    for entry in sorted(frame.entries, key=lambda each: (each.known, each.number)):
        if entry.kind in by_kind and entry.data.get("finding"):
            what, act = by_kind[entry.kind]
            until = end_of(entry, act, calendar, frame.known_day)
            found.append(Said(str(entry.data["finding"]), str(entry.data.get("standard", "")), what, entry.by, entry.lo, until,
                              str(entry.data.get("reason", "")), entry.key))  # fmt: skip
    return found


def settled(said: Iterable[Said], now: int) -> frozenset[str]:
    """The findings that stand on no list now: of which a reason holds, or the check was decided to be wrong."""
    return frozenset(
        each.finding for each in said
        if each.what == UPHELD or (each.what == ACCEPTED and each.until is not None and now <= each.until)
    )  # fmt: skip


def waiting(said: Iterable[Said]) -> dict[str, Said]:
    """By finding, that somebody said that it is wrong and nobody decided on it since."""
    last = {each.finding: each for each in said if each.what == CHALLENGED or each.what in DECIDED}
    return {key: each for key, each in last.items() if each.what == CHALLENGED}


def keep_said(database: Database, frame: Frame, said: Sequence[Said]) -> None:
    """Keep at hand what was said of findings, without its words: for shares by standard, and for who decides."""
    open_now = {each.entry for each in waiting(said).values()}
    rows = [(frame.whole_name, each.finding, each.standard, each.what, each.by, each.at, each.until, each.entry,
             int(each.entry in open_now)) for each in said]  # fmt: skip
    insert(database, "work_said", SAID, rows)


class Challenge(NamedTuple):
    """A check that somebody said to be wrong, and that waits to be decided: in which case, which finding, since when."""

    case: str
    finding: str
    standard: str
    by: str
    at: int


def challenges(database: Database, where: Where, kept_away: Sequence[str] = ()) -> list[Challenge]:
    """Every check that waits to be decided in some cases, the oldest first."""
    condition, values = fitting(where, kept_away)
    rows = database.run(
        "SELECT s.frame, s.finding, s.standard, s.by_whom, s.at FROM work_said s JOIN work_frame f ON f.frame = s.frame "
        f"WHERE s.waits = 1 AND {condition} ORDER BY s.at, s.entry", values,
    ).fetchall()  # fmt: skip
    return [Challenge(str(frame).removeprefix(CASE), *rest) for frame, *rest in rows]


def waits(database: Database, case: str) -> bool:
    """Whether a check of a case (a stream) waits to be decided."""
    return database.one("SELECT 1 FROM work_said WHERE frame = ? AND waits = 1", (case,)) is not None
