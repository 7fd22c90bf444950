"""Handover: what one shift leaves the next, child by child, by when; each line is accepted by somebody, or stays where it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.ledger.fault import Fault
from everystone.web import policy
from everystone.web.door import page
from everystone.web.store import asking, pack, reader_of, working
from everystone.work.cards import Card, cards
from everystone.work.handover import Line, lines
from everystone.work.posts import DutyFile
from everystone.work.worklists import Worklists
from everystone.work.writing import Writer, take_once, written

RULE = "hand over"
DAY, MOST = 86_400, 20
LAST_TIER = 2  # whoever answers for others leaves what is about safety


@page(RULE)
def show(request: Any) -> HttpResponse:
    """What waits to be accepted, what is still one's own, and what was accepted in the last day."""
    said = asking().duty
    with working(request, "Handover") as (_, book):
        found = lines(book, said, _where(request), request.who.kept_away, request.moment - DAY) if said else []
        book.shown({"page": "handover", "cases": sorted({each.case for each in found})})
    me = request.who.reference
    given = {
        "waiting": [each for each in found if not each.accepted_by and each.by != me],
        "mine": [each for each in found if not each.accepted_by and each.by == me],
        "accepted": [each for each in found if each.accepted_by],
    }
    return render(request, "pages/handover.html", given)


@page(RULE, "POST")
def accept(request: Any) -> HttpResponse:
    """Accept one line: from now on it is with whoever accepted it. Nobody accepts what they left themselves."""
    said = asking().duty
    with working(request, "Handover") as (lists, book):
        found = lines(book, said, _where(request), request.who.kept_away, request.moment) if said else []
        for line in found:
            if (
                said
                and line.key == request.POST.get("line")
                and not line.accepted_by
                and line.by != request.who.reference
            ):
                take_once(lists, _taken(request, line, said))
    return HttpResponseRedirect(reverse("handover"))


def _taken(request: Any, line: Line, said: DutyFile) -> Any:
    reader, of = reader_of(request, ""), said.handover.accepted
    once = f"{line.key.removeprefix('site/')}/accepted"
    return written(Writer(reader.by, reader.capacity), once, line.case, of.kind, [line.person] if line.person else [],
                   {of.line: line.key}, pack(), request.moment)  # fmt: skip


@page(RULE, "GET", "POST")
def leave(request: Any) -> HttpResponse:
    """Write the lines: the children who stand first, each with what is left to do, and by when. An empty line is not left."""
    said, faults = asking().duty, dict[str, str]()
    with working(request, "Handing over") as (lists, book):
        left = lists.current(_where(request), request.who.kept_away)
        found = cards(lists.database, _where(request), request.moment, request.who.kept_away, LAST_TIER, MOST)
        book.shown({"page": "handing over", "cases": sorted({each.case for each in found.shown})})
        to_posts = [name for name, post in said.posts.items() if not post.sealed] if said else []
        if request.method == "POST" and said:
            faults = _leave(request, lists, found.shown, to_posts, said)
            if not faults:
                return HttpResponseRedirect(reverse("handover"))
    day = pack().words.calendar.day_of(request.moment + DAY)
    given = {
        "cards": found.shown,
        "left": left,
        "to_posts": to_posts,
        "faults": faults,
        "typed": request.POST,
        "tomorrow": f"{day} 08:00",
    }
    return render(request, "pages/hand_over.html", given)


def _leave(
    request: Any, lists: Worklists, shown: Sequence[Card], to_posts: Sequence[str], said: DutyFile
) -> dict[str, str]:
    """Take the lines that were written; what cannot be used, by field. Then nothing is taken."""
    typed: Mapping[str, str] = request.POST
    lines_of = {card: typed.get(f"text-{card.mark}", "").strip()[:2_000] for card in shown}
    faults: dict[str, str] = {}
    if typed.get("to") not in to_posts:
        faults["to"] = "Choose the post that takes it."
    if not any(lines_of.values()):
        faults["text"] = "Write at least one line, or go back: an empty handover leaves nothing."
    entries = []
    for card, text in lines_of.items():
        if text:
            try:
                entries.append(_line(request, card, text, said))
            except Fault as fault:
                faults[f"due-{card.mark}"] = fault.public
    if not faults:
        for entry in entries:
            try:
                take_once(lists, entry)
            except Fault as fault:
                faults["text"] = str(fault)
    return faults


def _line(request: Any, card: Card, text: str, said: DutyFile) -> Any:
    reader, of = reader_of(request, ""), said.handover.left
    due = request.POST.get(f"due-{card.mark}", "").strip().replace("T", " ")
    if pack().words.calendar.span(due)[1] <= request.moment:
        raise Fault("Give a time that is still to come.")
    once = "".join(each for each in request.POST.get("once", "") if each in "0123456789abcdef")[:32]
    data = (
        {of.post: _post(request), of.to: request.POST["to"], of.text: text, of.due: due}
        if request.POST.get("to")
        else {}
    )
    return written(Writer(reader.by, reader.capacity), f"{once}-{card.mark}", card.case, of.kind,
                   [card.person] if card.person else [], data, pack(), request.moment)  # fmt: skip


def _post(request: Any) -> str:
    return next((post.role for post in sorted(request.who.posts)), "")


def _where(request: Any) -> Any:
    return policy.where(request.who, "direct a case")
