"""Told: what cannot be missed, which posts were told of it and what came of it; saying that it was seen clears nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.web import policy
from everystone.web.door import page
from everystone.web.pinned import in_scope
from everystone.web.store import asking, working
from everystone.work.posts import DutyFile
from everystone.work.telling import SEEN, note, steps

MOST = 50


@page("see what was told")
def show(request: Any) -> HttpResponse:
    """Everything that cannot be missed in one's own cases, with each step of telling it."""
    said = asking().duty
    with working(request, "Told") as (lists, book):
        now_up = in_scope(request.who, said, lists.database, request.moment) if said else []
        shown = now_up[:MOST]
        done = steps(lists.database, sorted({each.frame for each in shown})) if shown else {}
        if not _seals(request):
            book.shown({"page": "told", "cases": sorted({each.case for each in shown})})
    rows = [(each, said.by_key()[each.item].called, done.get(each.key, [])) for each in shown] if said else []
    given = {
        "rows": rows,
        "total": len(now_up),
        "next_after": said.next_after if said else {},
        "reads": not _seals(request),
    }
    return render(request, "pages/told.html", given)


@page("see what was told", "POST")
def seen(request: Any) -> HttpResponse:
    """I have seen it. It stays up and pinned; the hour until the next post is told begins anew."""
    said: DutyFile | None = asking().duty
    key = tuple(request.POST.get(name, "") for name in ("frame", "person", "item"))
    with working(request, "Told") as (lists, book):
        about = (
            [each for each in in_scope(request.who, said, lists.database, request.moment) if each.key == key]
            if said
            else []
        )
        if about:
            note(lists.database, about, ("", ""), SEEN, request.moment, request.who.reference)
            book.shown({"seen": about[0].item, "cases": [] if _seals(request) else [about[0].case]})
    return HttpResponseRedirect(reverse("told"))


def _seals(request: Any) -> bool:
    """Whether what is shown here is told to professional standards alone, so that no log names its case."""
    return any(post.role == policy.STANDARDS for post in request.who.posts)
