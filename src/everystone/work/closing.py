"""Closing a case: asked for by one, signed by a second person; what is open then, and the gate with a way through it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from everystone.findings.answer import Answer
from everystone.findings.elsewhere import CASE
from everystone.findings.wording import roots_of
from everystone.ledger.book.database import Database
from everystone.ledger.entry import Entry
from everystone.work.acts import Acts, end_of
from everystone.work.cards import Where, fitting
from everystone.work.gathered import Asking
from everystone.work.opened import Opened
from everystone.work.said import settled


class Passed(NamedTuple):
    """Somebody let a case through a gate: the entry, and until when it holds (seconds UTC)."""

    entry: Entry
    until: int


class Closing(NamedTuple):
    """How far closing a case is: who asked (None: nobody), what is open, what of it is a gate, who let it through."""

    asked: Entry | None
    open: Sequence[Answer]
    gates: Sequence[Answer]
    passed: Passed | None

    @property
    def barred(self) -> bool:
        """Whether a gate stands that nobody let it through."""
        return bool(self.gates) and self.passed is None


def closing(opened: Opened, asking: Asking, now: int) -> Closing:
    """How far closing a case is, as its frame says at an instant. What has an accepted reason is no gate while it holds."""
    acts, frame = asking.acts, opened.frame
    off = settled(opened.said, now)
    standing = roots_of(opened.all_answers, asking.pack)
    threatens = {each.id: each.standard.threatens for each in asking.pack.standards.values()}
    gates = [each for each in standing if threatens[each.standard] in acts.gates and each.key not in off]
    passed = None
    for entry in frame.entries:
        if acts.pass_gate and entry.kind == acts.pass_gate.kind:
            until = end_of(entry, acts.pass_gate, frame.words.calendar, frame.known_day)
            if until is not None and now <= until:
                passed = Passed(entry, until)
    return Closing(_asked(frame.entries, acts), standing, gates, passed)


def _asked(entries: Sequence[Entry], acts: Acts) -> Entry | None:
    """Who asked last, unless it was refused, signed or closed since."""
    ends = {act.kind for act in (acts.refuse_closing, acts.sign_closing, acts.close) if act}
    asked = None
    for entry in sorted(entries, key=lambda each: (each.known, each.number)):
        if acts.ask_closing and entry.kind == acts.ask_closing.kind:
            asked = entry
        elif entry.kind in ends:
            asked = None
    return asked


class Waiting(NamedTuple):
    """A case of which somebody asked that it be closed, and that nobody signed or refused yet."""

    case: str
    by: str
    at: int
    lead: str


def waiting(database: Database, where: Where, kept_away: Collection[str] = ()) -> list[Waiting]:
    """The closings of some cases that wait for a second person, the oldest first."""
    condition, values = fitting(where, kept_away)
    rows = database.run(
        "SELECT a.frame, a.by_whom, a.at, f.lead FROM work_act a JOIN work_frame f ON f.frame = a.frame "
        "WHERE a.act = 'ask_closing' AND f.running = 1 AND NOT EXISTS (SELECT 1 FROM work_act b WHERE b.frame = a.frame "
        "AND ((b.act IN ('refuse_closing', 'sign_closing', 'close') AND b.at >= a.at) OR (b.act = 'ask_closing' AND b.at > a.at))) "
        f"AND {condition} ORDER BY a.at, a.frame", values,
    ).fetchall()  # fmt: skip
    return [Waiting(str(frame).removeprefix(CASE), *rest) for frame, *rest in rows]
