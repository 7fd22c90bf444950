"""Sealed matters: for professional standards alone, each page with the purpose for which it is opened."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.findings.answer import NOT_MET
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.ledger.kind import Kind
from everystone.web.door import page, refused
from everystone.web.store import pack, reader_of, worklists
from everystone.work.conduct import beside, matters, open_matter, told_first, write
from everystone.work.recording import asked_of, data_of, happened
from everystone.work.timeline import in_words
from everystone.work.writing import Writer, written

RULE = "see sealed matters"
SHORTEST = 10  # letters of a purpose that says anything


@page(RULE, "GET", "POST")
def sealed(request: Any) -> HttpResponse:
    """What professional standards are told first, and every sealed matter; first of all the purpose, for this session."""
    fault = ""
    if request.method == "POST":
        said = " ".join(request.POST.get("purpose", "").split())[:300]
        if len(said) >= SHORTEST:
            request.session["purpose"] = said
            return HttpResponseRedirect(reverse("sealed"))
        fault = "Say in a few words what you are looking for, and in which matter."
    purpose = request.session.get("purpose", "")
    if not purpose:
        return render(request, "pages/purpose.html", {"fault": fault})
    with worklists(reader_of(request, purpose), request.moment) as lists:
        first = [(each, pack().standards[each.standard].standard) for each in told_first(lists.database)]
        given = {"purpose": purpose, "first": first, "matters": matters(lists.book), "fault": ""}
        lists.book.shown({"page": "sealed matters", "cases": sorted({each.stream for each, _ in first})})
    return render(request, "pages/sealed.html", given)


@page(RULE, "POST")
def look(request: Any) -> HttpResponse:
    """To the matter beside a case or officer, opened or not yet."""
    try:
        stream = request.POST.get("sort", "") + "/" + request.POST.get("reference", "").strip()[:120]
        beside(stream)
    except Fault:
        return HttpResponseRedirect(reverse("sealed"))
    return HttpResponseRedirect(reverse("matter", args=[stream]))


@page(RULE, "GET", "POST")
def matter(request: Any, stream: str) -> HttpResponse:
    """One matter: what is sealed in it, what is told here first, and a form for what is to be recorded in it."""
    purpose = request.session.get("purpose", "")
    if not purpose:
        return HttpResponseRedirect(reverse("sealed"))
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    described, fault = pack().words.kinds.by_name.get(kind), ""
    with worklists(reader_of(request, purpose), request.moment) as lists:
        try:
            beside(stream)
            if request.method == "POST" and described is not None:
                write(lists.book, lists.asking, _entry(request, stream, kind, described), request.moment)
                return HttpResponseRedirect(reverse("matter", args=[stream]))
        except Fault as said:
            fault = said.public
            if not stream.startswith(("case/", "officer/")):
                raise refused(request, RULE) from said
        found = open_matter(lists.book, lists.asking, stream, request.moment)
        sealed_kinds = lists.asking.sealed_kinds
    given = {
        "stream": stream, "purpose": purpose, "fault": fault, "kind": kind if described else "", "once": uuid4().hex,
        "kinds": _kinds(sealed_kinds), "asked": asked_of(described, pack().words) if described else [],
        "title": described.title if described else "", "said": request.POST,
        "entries": [(each, in_words(each, pack().words)) for each in found.entries],
        "first": [(each, pack().standards[each.standard].standard) for each in found.answers if each.answer == NOT_MET],
    }  # fmt: skip
    return render(request, "pages/matter.html", given)


def _kinds(sealed_kinds: frozenset[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds to choose from by their titles: those that are always sealed, and every other, sealed only here."""
    named = sorted((kind.title, name) for name, kind in pack().words.kinds.by_name.items() if not kind.describes)
    groups = ("Always sealed", True), ("Anything else, sealed here", False)
    return [
        (called, [(name, title) for title, name in named if (name in sealed_kinds) is always])
        for called, always in groups
    ]


def _entry(request: Any, stream: str, kind: str, described: Kind) -> Entry:
    """The entry of the form. Raises Fault."""
    said, reader = request.POST, reader_of(request, "")
    sort, _, reference = stream.partition("/")
    subjects = [each.strip() for each in said.get("subjects", "").split(",") if each.strip()] or (
        [reference] if sort == "officer" else []
    )
    data = data_of(described, {name: said.get(name, "")[:20_000] for name in described.fields})
    calendar = pack().words.calendar
    entry = written(Writer(reader.by, reader.capacity), said.get("once", "")[:40], reference, kind, subjects, data, pack(),
                    request.moment, happened(said.get("happened", ""), request.moment, calendar))  # fmt: skip
    return entry._replace(stream=stream)
