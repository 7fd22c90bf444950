"""Who can be chosen to lead a case: the officers of its team, those who cannot take one now shown without a reason."""

from __future__ import annotations

from everystone.ledger.state import NEVER
from everystone.web.models import Post
from everystone.web.policy import OFFICER
from everystone.work.availability import unavailable
from everystone.work.worklists import Worklists


def leads_of(lists: Worklists, team: str, now: int) -> list[tuple[str, str]]:
    """The officers of a team as choices, the least laden first; whoever is not available is left out of what can be chosen."""
    people = [post.person.reference for post in Post.objects.filter(role=OFFICER, team=team).select_related("person")]
    known = {row[0] for row in lists.database.run(
        "SELECT DISTINCT l.officer FROM work_led l JOIN work_frame f ON f.frame = l.frame WHERE f.team = ?", (team,)
    ).fetchall()}  # fmt: skip
    load = dict(lists.database.run(
        "SELECT officer, COUNT(DISTINCT frame) FROM work_led WHERE lo <= ? AND hi >= ? GROUP BY officer", (now, min(now, NEVER))
    ).fetchall())  # fmt: skip
    away = unavailable(lists.book, lists.asking, sorted({*people, *known}), now)
    able = sorted({*people, *known} - away, key=lambda name: (load.get(name, 0), name))
    return [("", "Choose somebody"), *((name, f"{name} (leads {load.get(name, 0)})") for name in able)]
