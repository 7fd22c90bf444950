"""Who is on duty, in which post: from the roster as officers' own streams hold it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from everystone.findings.elsewhere import OFFICER
from everystone.findings.frames import Instants, facts_of
from everystone.ledger.book.database import Database
from everystone.ledger.entry import Entry, in_force
from everystone.ledger.state import NEVER
from everystone.ledger.vocabulary import Vocabulary
from everystone.work.posts import DutyFile

ON_DUTY = "on duty"  # the state in which a pack says who is on duty; without it nobody is known to be
DUTY, LEAVE = ("officer", "post", "team", "lo", "hi"), ("officer", "cover", "lo", "hi")


class OnDuty(NamedTuple):
    """Somebody on duty now: in which post, of which team, until when (seconds UTC)."""

    officer: str
    post: str
    team: str
    until: int


def duty_rows(stream: str, entries: Sequence[Entry], words: Vocabulary, when: Instants) -> Iterable[tuple[object, ...]]:
    """The stretches on duty that one officer's stream holds."""
    if ON_DUTY in words.states:
        facts = facts_of({stream: entries}, words, when)
        for officer, stretches in facts.states.get(ON_DUTY, {}).items():
            team = str(facts.details.get(officer, {}).get("team", ""))
            yield from ((officer, str(each.value), team, each.lo, each.hi_sure) for each in stretches)


def leave_rows(stream: str, entries: Sequence[Entry], words: Vocabulary, when: Instants, said: DutyFile | None
               ) -> Iterable[tuple[object, ...]]:  # fmt: skip
    """The stretches in which one officer is away, with who covers."""
    standing, _ = in_force(list(entries), int(when.as_at), int(when.known_on))
    for entry in standing:
        if said is not None and entry.kind == said.leave.kind and entry.data.get(said.leave.from_):
            lo = words.calendar.span(str(entry.data[said.leave.from_]))[0]
            until = entry.data.get(said.leave.to)
            yield (stream.removeprefix(OFFICER), str(entry.data.get(said.leave.cover, "")), lo,
                   words.calendar.span(str(until))[1] if until else NEVER)  # fmt: skip


def on_duty(database: Database, now: int, teams: Sequence[str] = ()) -> list[OnDuty]:
    """Who is on duty at an instant: for the whole force, and in some teams (all, where none is given)."""
    rows = database.run(
        "SELECT officer, post, team, hi FROM work_duty WHERE lo <= ? AND hi > ? ORDER BY post, team, officer",
        (now, now),
    ).fetchall()
    posts_of_teams = {post for _, post, team, _ in rows if team in teams}
    return [OnDuty(*row) for row in rows if not teams or row[2] in teams or row[1] not in posts_of_teams]
