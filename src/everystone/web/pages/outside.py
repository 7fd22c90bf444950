"""Opening a case outside one's own duties: with a reason, on the record before anything is shown, told at once, for hours.

Afterwards a second person reviews it: that it was reviewed is on the record of the case, what was found is sealed.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.ledger.fault import Fault
from everystone.web import policy
from everystone.web.door import page, refusals, refused
from everystone.web.pages.acting import Form, sentences
from everystone.web.store import about_case, asking, pack, reader_of, working
from everystone.web.words import fresh
from everystone.work.acts import Act
from everystone.work.conduct import write
from everystone.work.outside import Opening, next_to_review, openings
from everystone.work.readings import read_case, readings_by
from everystone.work.worklists import Worklists
from everystone.work.writing import Writer, take_once, written

SHORTEST = 20  # characters of a reason
RULE = "open a case outside one’s duties"
QUARTER = 92 * 86_400


class Asked(Form):
    """Which case, which emergency, why."""

    case = forms.CharField(
        label="The reference of the case",
        max_length=120,
        error_messages={"required": "Write the reference of the case."},
    )
    emergency = forms.ChoiceField(label="What it is about", error_messages={"required": "Choose what it is about."})
    text = forms.CharField(
        label="Why you need to see it now", min_length=SHORTEST, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The supervisor of the case and professional standards read it.",
        error_messages={"required": "Write why you need to see it now.", "min_length": "Write why in a sentence."},
    )  # fmt: skip


@page(RULE, "GET", "POST")
def open_outside(request: Any) -> HttpResponse:
    """Ask again who it is, take the reason, write it down, and only then show the case."""
    act = asking().acts.open_outside
    if act is None:
        raise refused(request, RULE)
    if is_reauthentication_required(request, app="everystone"):
        return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?next={request.path}")
    form = Asked(request.POST or None, initial={"once": fresh()})
    words = pack().words.kinds.by_name[act.kind].fields["emergency"].values
    form.fields["emergency"].choices = [("", "Choose"), *((each, each.capitalize()) for each in words)]  # type: ignore[attr-defined]
    if form.is_valid():
        case = form.cleaned_data["case"].strip()
        about = about_case(case, request.moment)
        if about is not None and policy.may(request.who, "read a case", about):
            return HttpResponseRedirect(reverse("case", args=[case]))
        if about is None or case in request.who.kept_away:
            refusals.warning("refused %s to %s", RULE, request.user.pk)
            form.add_error("case", "There is no case of that reference that can be opened in this way.")
        elif _written(request, case, act, form):
            return HttpResponseRedirect(reverse("case", args=[case]))
    hours = sum((act.holds or {}).values())
    return render(request, "pages/outside.html", {"form": form, "hours": hours})


def _written(request: Any, case: str, act: Act, form: Asked) -> bool:
    reader, said = reader_of(request, "Outside own duties"), form.cleaned_data
    data = {"emergency": said["emergency"], "reason": said["text"]}
    capacity = reader.capacity._replace(
        team=""
    )  # without a word of who has it, a case is with the team of who acted last
    entry = written(Writer(reader.by, capacity), said["once"], case, act.kind, (), data, pack(), request.moment)
    with working(request, "Outside own duties") as (lists, book):
        try:
            take_once(lists, entry)
        except Fault as fault:
            form.add_error(None, str(fault))
            return False
        read_case(book, case, "opened outside own duties")
    return True


@page("see openings")
def shown(request: Any) -> HttpResponse:
    """For professional standards: who opened which case outside their duties in the last quarter, and why."""
    with working(request, "Openings") as (lists, book):
        found = openings(lists.database, request.moment - QUARTER, request.who.kept_away)
        why = {each.key: each.data for each in lists.book.named([each.entry for each in found])}
        book.shown({"page": "openings", "cases": sorted({each.case for each in found})})
    return render(request, "pages/openings.html", {"rows": [(each, why.get(each.entry, {})) for each in found]})


# ---- the review afterwards ----------------------------------------------------------------------------------------------


class Review(Form):
    """What a second person found of an opening."""

    opening = forms.CharField(max_length=200, widget=forms.HiddenInput)
    found = forms.ChoiceField(label="What you found", error_messages={"required": "Choose what you found."})
    text = sentences("Why", "Write on what you rest it.", "It is sealed, whatever you found.")


@page("review an opening", "GET", "POST")
def review(request: Any, case: str) -> HttpResponse:
    """The first opening of a case that waits for a second person: who, why, what was read; and what was found of it."""
    acts, me = asking().acts, request.who.reference
    with working(request, "Review of an opening") as (lists, book):
        opened = next_to_review(lists.database, case, me, request.moment)
        if opened is None or acts.review_opening is None or acts.judge_opening is None:
            raise refused(request, "review an opening")
        form = Review(request.POST or None, initial={"once": fresh(), "opening": opened.entry})
        words = pack().words.kinds.by_name[acts.judge_opening.kind].fields["found"].values
        form.fields["found"].choices = [("", "Choose"), *((each, each.capitalize()) for each in words)]  # type: ignore[attr-defined]
        if form.is_valid() and form.cleaned_data["opening"] == opened.entry:
            _reviewed(request, lists, opened, acts.review_opening, acts.judge_opening, form)
            return HttpResponseRedirect(reverse("openings"))
        said = next((each.data for each in book.named([opened.entry])), {})
        read = readings_by(lists.database, case, opened.by, opened.at, opened.until)
        book.shown({"page": "review of an opening", "cases": [case]})
    return render(request, "pages/opening.html", {"each": opened, "said": said, "read": read, "form": form})


def _reviewed(request: Any, lists: Worklists, opened: Opening, seen: Act, judged: Act, form: Review) -> None:
    """That it was reviewed, for everybody who reads the case; what was found, for professional standards alone."""
    reader, said = reader_of(request, ""), form.cleaned_data
    by, about = Writer(reader.by, reader.capacity), {"opening": opened.entry}
    with lists.book.transaction():
        if take_once(lists, written(by, said["once"], opened.case, seen.kind, (), about, pack(), request.moment)):
            found = {**about, "found": said["found"], "reason": said["text"]}
            write(lists.book, lists.asking, written(by, f"{said['once']}/found", opened.case, judged.kind, (opened.by,), found,
                                                    pack(), request.moment), request.moment)  # fmt: skip
