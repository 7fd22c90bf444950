"""Recording in a case, what the force's own system cannot hold: pick the kind by typing, few fields, nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.findings.answer import NOT_MET
from everystone.findings.elsewhere import CASE
from everystone.ledger.fault import Fault
from everystone.ledger.kind import Kind
from everystone.standards.prompts import Prompt, prompts
from everystone.web.door import page, refused
from everystone.web.models import Draft
from everystone.web.store import asking, called, pack, reader_of, working
from everystone.web.words import fresh
from everystone.work.named import people_of
from everystone.work.opened import Opened, open_stream
from everystone.work.readings import read_case
from everystone.work.recording import asked_of, data_of, happened, offered, recordable
from everystone.work.worklists import Worklists
from everystone.work.writing import Writer, take_once, written

RULE = "record in a case"
WEEK = 7 * 86_400


def _elsewhere() -> frozenset[str]:
    """The kinds that have a page and a rule of their own."""
    duty = asking().duty
    return asking().acts.with_a_page | ({duty.handover.left.kind, duty.handover.accepted.kind} if duty else set())


@page(RULE)
def choose(request: Any, case: str) -> HttpResponse:
    """Which kind: by typing a word of it. What was begun and not finished is offered first."""
    typed = request.GET.get("find", "")[:80]
    drafts = request.user.drafts.filter(case=case, kept_at__gt=request.moment - WEEK).order_by("-kept_at")
    kinds = pack().words.kinds.by_name
    given = {"case": case, "typed": typed, "offers": offered(typed, pack().words, _elsewhere()),
             "drafts": [(each.kind, kinds[each.kind].title, each.kept_at) for each in drafts if each.kind in kinds]}  # fmt: skip
    return render(request, "pages/choose.html", given)


@page(RULE, "GET", "POST")
def record(request: Any, case: str, kind: str) -> HttpResponse:
    """The form of a kind; a draft is kept until it is recorded or given up."""
    described = pack().words.kinds.by_name.get(kind)
    if described is None or not recordable(kind, pack().words, _elsewhere()):
        raise refused(request, RULE)
    if request.method == "POST":
        return _sent(request, case, kind, described)
    draft = request.user.drafts.filter(case=case, kind=kind, kept_at__gt=request.moment - WEEK).first()
    return _form(request, case, kind, described, draft.said if draft else {"happened": "now"}, kept=draft is not None)


def _sent(request: Any, case: str, kind: str, described: Kind) -> HttpResponse:
    said = {name: request.POST.get(name, "")[:20_000] for name in ("happened", "quote_of", "looked", *described.fields)}
    subjects = request.POST.getlist("subjects")[:50]
    if request.POST.get("do") == "forget":
        request.user.drafts.filter(case=case, kind=kind).delete()
        return HttpResponseRedirect(reverse("case", args=[case]))
    Draft.objects.update_or_create(
        person=request.user, case=case, kind=kind,
        defaults={"said": {**said, "subjects": subjects}, "kept_at": request.moment},
    )  # fmt: skip
    if request.POST.get("do") == "keep":
        return HttpResponseRedirect(reverse("choose", args=[case]))
    hints = _hints(described, said)
    if hints and not said["looked"]:
        return _form(request, case, kind, described, {**said, "subjects": subjects}, hints=hints)
    try:
        settled, opened = _record(request, case, kind, described, said, subjects)
    except Fault as fault:
        return _form(request, case, kind, described, {**said, "subjects": subjects}, fault=str(fault))
    request.user.drafts.filter(case=case, kind=kind).delete()
    given = {"case": case, "title": described.title, "settled": settled, "opened": opened}
    return render(request, "pages/recorded.html", given)


def _record(
    request: Any, case: str, kind: str, described: Kind, said: dict[str, str], subjects: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Take the entry; the titles of what it settled and of what it opened. Raises Fault where nothing was taken."""
    once = request.POST.get("once", "")
    if len(once) != len(fresh()):
        raise Fault("This form has no key of its own. Open it anew and send it from there.")
    with working(request, "Recording") as (lists, book):
        before = _asked(lists, case, request.moment)
        unknown = set(subjects) - set(before.frame.people.by_name)
        if unknown:
            raise Fault("Somebody chosen is not in this case. Choose among the people of the case.")
        reader = reader_of(request, "")
        entry = written(Writer(reader.by, reader.capacity), once, case, kind, subjects, data_of(described, said), pack(),
                        request.moment, happened(said["happened"], request.moment, pack().words.calendar),
                        said["quote_of"].strip()[:120])  # fmt: skip
        take_once(lists, entry)
        read_case(book, case, "record")
        after = _asked(lists, case, request.moment)
    return _titles(before, after), _titles(after, before)


def _asked(lists: Worklists, case: str, moment: int) -> Opened:
    return open_stream(lists.book, lists.asking, CASE + case, moment)


def _titles(these: Opened, others: Opened) -> list[str]:
    """What is not on the record as it should be in one, and is not so in the other."""
    there = {each.key for each in others.all_answers if each.answer == NOT_MET}
    gone = [each for each in these.all_answers if each.answer == NOT_MET and each.key not in there]
    return sorted({pack().standards[each.standard].standard.title for each in gone})


def _hints(kind: Kind, said: dict[str, str]) -> list[tuple[str, Prompt]]:
    """What to ask about the words that were typed; never of kinds that hold somebody's own words."""
    if kind.verbatim:
        return []
    texts = [(name, said[name]) for name, of in kind.fields.items() if of.type == "text" and said.get(name)]
    return [(name, each) for name, text in texts for each in prompts(pack().lists, text, said["quote_of"]).prompts]


def _form(
    request: Any, case: str, kind: str, described: Kind, said: dict[str, Any], *, fault: str = "",
    hints: Sequence[tuple[str, Prompt]] = (), kept: bool = False,
) -> HttpResponse:  # fmt: skip
    with working(request, "Recording") as (lists, book):
        people = people_of(_asked(lists, case, request.moment).frame, called())
        read_case(book, case, "record")
    alone = [people[0].name] if len(people) == 1 else []
    given = {
        "case": case, "kind": kind, "title": described.title, "asked": asked_of(described, pack().words), "said": said,
        "people": people, "chosen": said.get("subjects") or alone, "fault": fault,
        "hints": hints, "kept": kept, "verbatim": described.verbatim,
        "once": request.POST.get("once") or fresh(),
    }  # fmt: skip
    return render(request, "pages/record.html", given, status=200)
