"""Acting on a card: seen; done in the other system; a reason accepted; a direction; another lead. Each is one entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.findings.elsewhere import CASE
from everystone.ledger.fault import Fault
from everystone.web.door import page, refused
from everystone.web.pages.choosing import Able, leads_of
from everystone.web.policy import INSPECTOR, WHO_CAN
from everystone.web.store import pack, reader_of, working
from everystone.web.words import fresh
from everystone.work.acts import Act, last_day
from everystone.work.cards import Card, of_case
from everystone.work.readings import read_case
from everystone.work.worklists import Worklists
from everystone.work.writing import Writer, take_once, written

Said = Mapping[str, Any]


class Form(forms.Form):
    """A form with its own key; what it asks is in the forms below."""

    once = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    card = forms.RegexField(r"^[0-9a-f]{12}$", required=False, widget=forms.HiddenInput)
    use_required_attribute = False


def sentences(label: str, missing: str, help_text: str = "", rows: int = 4) -> forms.CharField:
    """A field for what somebody writes in their own words; `missing` is said where nothing was."""
    return forms.CharField(label=label, max_length=2_000, widget=forms.Textarea(attrs={"rows": rows}), help_text=help_text,
                           error_messages={"required": missing})  # fmt: skip


class Done(Form):
    """Done, in the other system."""

    text = sentences("What was done", "Write in one sentence what was done.",
                     "One sentence. The full record stays in the other system.", rows=3)  # fmt: skip
    reference = forms.CharField(
        label="Its reference there",
        max_length=60,
        required=False,
        help_text="If it has one. It helps the feed to find it.",
    )


class Reason(Form):
    """A reason why something stays open, until a day."""

    text = sentences("The reason", "Write the reason; without one the card stays.",
                     "Worded as if the family will read it.", rows=3)  # fmt: skip
    until = forms.DateField(
        label="Until which day", help_text="The card returns after it. For example 2026-03-11.",
        error_messages={"required": "Give a day: no reason holds for ever.", "invalid": "Write the day as 2026-03-11."},
    )  # fmt: skip


class Direction(Form):
    """What is to be done, by whom, by when."""

    text = sentences("What is to be done", "Write what is to be done.", rows=3)
    due = forms.DateField(
        label="By when", help_text="For example 2026-03-11.",
        error_messages={"required": "Give a day by which it is to be done.", "invalid": "Write the day as 2026-03-11."},
    )  # fmt: skip


class Allocation(Form):
    """Who leads the case from now on."""

    lead = forms.ChoiceField(
        label="Who leads it from now on",
        help_text="The least laden first. Whoever is not available now is left out, and it is not said why.",
        error_messages={"required": "Choose who leads it.", "invalid_choice": "Choose somebody who is available."},
    )
    text = forms.CharField(
        label="Why this person, if the record does not show them as qualified", max_length=2_000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def choose_from(self, able: Sequence[Able]) -> None:
        """Offer officers, those on record as qualified apart from those who take a reason."""
        self.able = {each.officer: each for each in able}
        groups = ("Available", False), ("Not on record as qualified: with a reason only", True)
        offered = [
            (called, [(each.officer, each.called) for each in able if bool(each.lacks) is lacks])
            for called, lacks in groups
        ]
        self.fields["lead"].choices = [("", "Choose somebody"), *(each for each in offered if each[1])]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A reason for whoever the record does not show as qualified."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = self.able.get(said.get("lead", ""))
        if chosen and chosen.lacks and not said.get("text"):
            self.add_error("text", f"Write why: {chosen.lacks[0]}.")
        return said


@page("act on a card", "POST")
def seen(request: Any, case: str) -> HttpResponse:
    """I have seen it. It stays on every list: only an act, or a reason with an end, takes it down."""
    form = Form(request.POST)
    if form.is_valid():
        with working(request, "Acting on a card") as (lists, book):
            card = _card(request, lists, case, form.cleaned_data["card"])
            if lists.asking.acts.acknowledge is None:
                raise refused(request, "act on a card")
            _write(request, lists, case, lists.asking.acts.acknowledge, card, {}, form.cleaned_data["once"])
            read_case(book, case, "seen")
    return HttpResponseRedirect(reverse("today"))


@page("act on a card", "GET", "POST")
def done(request: Any, case: str) -> HttpResponse:
    """It was done, in the other system; the card waits for the feed that shows it."""
    return _act(
        request, case, "done_elsewhere", Done, lambda said: {"text": said["text"], "reference": said["reference"]}
    )


@page("accept a reason", "GET", "POST")
def reason(request: Any, case: str) -> HttpResponse:
    """A reason is accepted, by a supervisor who does not lead the case; of the first tier by a duty inspector alone."""
    return _act(
        request, case, "accept_reason", Reason, lambda said: {"text": said["text"], "until": str(said["until"])}
    )


@page("direct a case", "GET", "POST")
def direct(request: Any, case: str) -> HttpResponse:
    """A direction to whoever leads the case."""
    return _act(request, case, "direct", Direction,
                lambda said: {"text": said["text"], "due": str(said["due"]), "to": request.about.lead})  # fmt: skip


@page("allocate a case", "GET", "POST")
def allocate(request: Any, case: str) -> HttpResponse:
    """Another lead, among those who are available; the team stays."""
    return _act(request, case, "allocate", Allocation,
                lambda said: {"lead": said["lead"], "team": request.about.team, "reason": said["text"]})  # fmt: skip


# ---- the one way through -------------------------------------------------------------------------------------------------

TITLES = {
    "done_elsewhere": ("Done, in the other system", "Say so", "The card waits for the feed. If the feed does not show it "
                       "within a day, the card returns."),
    "accept_reason": ("Accept a reason", "Accept it", "The card is put away until the day you give, and then returns. "
                      "What keeps a child safe tonight stays up unless a duty inspector accepts the reason."),
    "direct": ("Give a direction", "Give it", "It goes to whoever leads the case, and stands with the case."),
    "allocate": ("Allocate the case", "Allocate it", "From now on this person leads it and has its cards."),
}  # fmt: skip


def _act(request: Any, case: str, name: str, asked: type[Form], data: Callable[[Said], dict[str, Any]]) -> HttpResponse:
    """Show the form of an act, or write what it says; a card's act is about the card it came from."""
    with working(request, "Acting on a card") as (lists, book):
        act: Act | None = getattr(lists.asking.acts, name)
        mark = request.POST.get("card", request.GET.get("card", ""))
        card = _card(request, lists, case, mark) if name in ("done_elsewhere", "accept_reason") else None
        if act is None or (name == "accept_reason" and card and card.pinned and not inspects(request)):
            raise refused(request, "accept a reason tonight" if act else "act on a card")
        form = asked(request.POST or None, initial={"once": fresh(), "card": mark})
        if isinstance(form, Allocation):
            form.choose_from(leads_of(lists, request, case, act.kind))
        if form.is_valid() and ahead(form, request, act):
            try:
                _write(request, lists, case, act, card, data(form.cleaned_data), form.cleaned_data["once"])
            except Fault as fault:
                form.add_error(None, str(fault))
            else:
                return HttpResponseRedirect(reverse("case", args=[case]))
        read_case(book, case, name)
    heading, button, what = TITLES[name]
    given = {"case": case, "form": form, "card": card, "heading": heading, "button": button, "what": what}
    return render(request, "pages/act.html", given)


def _write(request: Any, lists: Worklists, case: str, act: Act, card: Card | None, data: Said, once: str) -> None:
    about = {"because": card.because} if card else {}
    subjects: Sequence[str] = [card.person] if card and card.person else []
    reader = reader_of(request, "")
    entry = written(
        Writer(reader.by, reader.capacity), once, case, act.kind, subjects, {**about, **data}, pack(), request.moment
    )
    take_once(lists, entry)


def _card(request: Any, lists: Worklists, case: str, mark: str) -> Card:
    """The card of a case that somebody acts on; not there where it has been cleared meanwhile."""
    lists.current([("frame", CASE + case)])
    found = [each for each in of_case(lists.database, case, request.moment) if each.mark == mark]
    if not found:
        raise refused(request, "act on a card")
    return found[0]


def inspects(request: Any) -> bool:
    """Whether somebody is a duty inspector now."""
    return any(post.role == INSPECTOR for post in request.who.posts)


def ahead(form: Form, request: Any, act: Act | None = None) -> bool:
    """Whether every day that was given is today or later, and none beyond the longest of an act; says so where it is not."""
    calendar = pack().words.calendar
    today, last = calendar.day_of(request.moment), last_day(act, calendar, request.moment) if act else None
    for name in [name for name, field in form.fields.items() if isinstance(field, forms.DateField)]:
        day = form.cleaned_data.get(name)
        if day is not None and day < today:
            form.add_error(name, "Give today or a later day.")
        elif day is not None and last is not None and day > last:
            form.add_error(name, f"It holds until {last:%Y-%m-%d} at the longest. Give that day or an earlier one; after it "
                                 f"somebody looks again. {WHO_CAN.get(request.rule, '')}".strip())  # fmt: skip
    return not form.errors
