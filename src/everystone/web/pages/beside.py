"""The force's own systems: as of when each is known here, what its last deliveries said, what needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.findings.elsewhere import CASE
from everystone.ledger.entry import Entry
from everystone.web import policy
from everystone.web.door import page
from everystone.web.store import pack, reader_of, worklists
from everystone.work.closed import closed_open
from everystone.work.feeds import lasts
from everystone.work.fresh import late_since, sources
from everystone.work.same import Pair, decide, open_pairs
from everystone.work.worklists import Worklists


@page("see the other systems")
def beside(request: Any) -> HttpResponse:
    """Each feed; the cases that were closed while a child's safety is open; what may be one act noted twice."""
    where = policy.where(request.who, "act on a card")
    with worklists(reader_of(request, "The other systems"), request.moment) as lists:
        left = lists.current(where, request.who.kept_away)
        closed = closed_open(lists.database, where, request.moment, request.who.kept_away)
        pairs = _pairs(lists, open_pairs(lists.database, where, request.who.kept_away))
        known = {source.feed: source for source in sources(lists.database)}
        newest = {feed: source.at for feed, source in known.items()}
        feeds = [(feed, known.get(feed.name), late_since(feed.every, newest.get(feed.name), request.moment),
                  lasts(lists.database, feed.name)) for feed in settings.SITE.feeds]  # fmt: skip
        lists.book.shown({"page": "the other systems", "cases": sorted({*(each.case for each in closed), *pairs})})
    return render(request, "pages/beside.html", {"feeds": feeds, "closed": closed, "pairs": pairs, "left": left})


@page("act on a card", "POST")
def same(request: Any, case: str) -> HttpResponse:
    """Say whether two entries of a case tell of one act."""
    typed, fed, said = (str(request.POST.get(name, "")) for name in ("typed", "fed", "said"))
    with worklists(reader_of(request, "One act or two"), request.moment) as lists:
        if said in ("one", "two") and any(
            (each.typed, each.fed) == (typed, fed) for each in open_pairs(lists.database, [("frame", CASE + case)])
        ):
            decide(lists, typed, fed, said == "one")
    return HttpResponseRedirect(reverse("beside"))


def _pairs(lists: Worklists, pairs: Sequence[Pair]) -> dict[str, list[dict[str, Any]]]:
    """By case, the pairs that may be one act, in words."""
    found: dict[str, list[dict[str, Any]]] = {}
    for pair in pairs:
        entries = {entry.key: entry for entry in lists.book.read(pair.stream)}
        if pair.typed in entries and pair.fed in entries:
            told = {"typed": _told(entries[pair.typed]), "fed": _told(entries[pair.fed])}
            found.setdefault(pair.stream.removeprefix(CASE), []).append({**told, "pair": pair})
    return found


def _told(entry: Entry) -> dict[str, Any]:
    """What a person needs to say whether two entries are one."""
    kinds = pack().words.kinds
    of = kinds.by_name[entry.kind]
    more = [(name.replace("_", " "), value) for name, value in entry.data.items()
            if name in of.fields and of.fields[name].type != "text" and not of.fields[name].guarded]  # fmt: skip
    return {"title": of.title, "entry": entry, "more": more}
