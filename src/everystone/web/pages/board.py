"""The board of a supervisor: the running cases of the team, and who leads how many."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from everystone.findings.placed import LANES
from everystone.web import policy
from everystone.web.door import page
from everystone.web.store import working
from everystone.work.board import MOST, ORDERS, board
from everystone.work.closing import waiting


@page("see the board")
def show(request: Any) -> HttpResponse:
    """Every running case, in one of three orders; an order that is not known is that of danger."""
    order = request.GET.get("by", "danger")
    order = order if order in ORDERS else "danger"
    where = policy.where(request.who, "direct a case")
    with working(request, "Board") as (lists, book):
        left = lists.current(where, request.who.kept_away)
        found = board(lists.database, where, order, request.who.kept_away)
        to_sign = waiting(lists.database, where, request.who.kept_away)
        book.shown(
            {"page": "board", "cases": sorted({*(row.case for row in found.rows), *(each.case for each in to_sign)})}
        )
    given = {"to_sign": to_sign, "board": found, "order": order, "orders": list(ORDERS), "lanes": LANES, "most": MOST,
             "left": left}  # fmt: skip
    return render(request, "pages/board.html", given)
