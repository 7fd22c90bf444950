"""Today: which children need whoever opens this page, why, and the one step that clears each."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from everystone.findings.placed import LANES
from everystone.web import policy
from everystone.web.door import page
from everystone.web.store import working
from everystone.work.cards import cards
from everystone.work.duty import on_duty

#: Whoever answers for more than their own cases sees the tiers of safety; the lead sees everything of their own.
LAST_FOR_ALL, LAST_FOR_OWN = 2, 5


@page("see today")
def today(request: Any) -> HttpResponse:
    """The ten first, with the true total; all of it as of this instant, whenever it was last looked through."""
    who = request.who
    where = policy.where(who, "act on a card")
    own_only = all(each is not None and each[0] == "lead" for each in where)
    last = LAST_FOR_OWN if own_only else LAST_FOR_ALL
    with working(request, "Today") as (lists, book):
        left = lists.current(where, who.kept_away)
        found = cards(lists.database, where, request.moment, who.kept_away, last)
        here = on_duty(lists.database, request.moment, sorted({post.team for post in who.posts if post.team}))
        book.shown({"page": "today", "cases": [each.case for each in (*found.shown, *found.waiting)]})
        acts = lists.asking.acts
    request.on_cards = {(each.case, each.person) for each in found.shown}
    given = {"cards": found, "lanes": LANES, "on_duty": here, "own_only": own_only, "acts": acts, "left": left,
             "directs": not own_only, "inspects": None in where}  # fmt: skip
    return render(request, "pages/today.html", given)
