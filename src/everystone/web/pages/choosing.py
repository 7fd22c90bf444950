"""Who can be chosen to lead a case: the officers of its team who are available, and what the record lacks of their training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.state import NEVER
from everystone.web.models import Post
from everystone.web.policy import OFFICER
from everystone.web.store import pack, reader_of
from everystone.web.words import fresh
from everystone.work.availability import unavailable
from everystone.work.foreseen import Ahead
from everystone.work.worklists import Worklists
from everystone.work.writing import Writer, written


class Able(NamedTuple):
    """An officer who can take a case now: how many cases they lead, and what the standards would say of their leading it."""

    officer: str
    leads: int
    lacks: Sequence[str]

    @property
    def called(self) -> str:
        """As a choice: who, how laden, what the record does not show."""
        return f"{self.officer} (leads {self.leads})" + "".join(f"; {each}" for each in self.lacks)


def leads_of(lists: Worklists, request: Any, case: str, kind: str) -> list[Able]:
    """The officers of a case's team who are available at this moment, the least laden first.

    `kind` allocates: each officer is tried with it, and what the standards would say of that is what the record lacks.
    """
    team, now = request.about.team, request.moment
    people = [post.person.reference for post in Post.objects.filter(role=OFFICER, team=team).select_related("person")]
    known = {row[0] for row in lists.database.run(
        "SELECT DISTINCT l.officer FROM work_led l JOIN work_frame f ON f.frame = l.frame WHERE f.team = ?", (team,)
    ).fetchall()}  # fmt: skip
    load = dict(lists.database.run(
        "SELECT officer, COUNT(DISTINCT frame) FROM work_led WHERE lo <= ? AND hi >= ? GROUP BY officer", (now, min(now, NEVER))
    ).fetchall())  # fmt: skip
    names = sorted({*people, *known})
    away = unavailable(lists.book, lists.asking, names, now)
    able = sorted(set(names) - away, key=lambda name: (load.get(name, 0), name))
    ahead, reader = Ahead(lists.book, lists.asking, CASE + case, {kind}, able), reader_of(request, "")

    def lacks(name: str) -> Sequence[str]:
        data = {"lead": name, "team": team}
        entry = written(Writer(reader.by, reader.capacity), fresh(), case, kind, (), data, pack(), now)
        return ahead.of([entry]).said(pack())

    return [Able(name, load.get(name, 0), lacks(name)) for name in able]
