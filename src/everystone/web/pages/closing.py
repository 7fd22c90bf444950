"""Closing a case by two people: what is open at that moment, the gate and the way through it, the signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.findings.elsewhere import CASE
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.web import policy
from everystone.web.door import page, refused
from everystone.web.pages.acting import Form, Reason, ahead, sentences
from everystone.web.store import pack, reader_of, working
from everystone.web.words import fresh
from everystone.work.acts import Acts
from everystone.work.closing import Closing, closing
from everystone.work.foreseen import Ahead, Foreseen
from everystone.work.opened import Opened, open_stream
from everystone.work.readings import read_case
from everystone.work.worklists import Worklists
from everystone.work.writing import Writer, take_once, written


class Why(Form):
    """One reason."""

    text = sentences("Why", "Write why.", "Worded as if the family will read it.")


class Read(Form):
    """What the second person looked at."""

    text = sentences("What you looked at", "Write what you looked at before you sign.",
                     "Whether every line of enquiry is finished, and what of the open findings was weighed.")  # fmt: skip


class Through(Reason):
    """A reason why it may be closed all the same, until a day."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["until"].help_text = "After it nobody can sign by this reason. For example 2026-03-11."


class Step(NamedTuple):
    """One page of closing: its heading and button, what it asks, what it is about."""

    heading: str
    button: str
    asked: type[Form]
    what: str


STEPS = {
    "ask": Step("Ask for the case to be closed", "Ask for it", Why,
                "Nothing is closed yet: somebody else, of the rank it takes, signs it or does not."),
    "sign": Step("Sign the closing", "Sign: the case is closed", Read,
                 "You are the second person. With your signature the case is closed, as whoever asked for it wanted."),
    "refuse": Step("Do not agree to the closing", "Do not agree", Why, "The case stays open, and whoever asked reads why."),
    "gate": Step("Let it through", "Let it through until that day", Through,
                 "The record leaves a child’s safety open, and that stays so. Until the day you give, a second person may sign "
                 "all the same. Your reason is on the record, and the posts above you are told for as long as it holds."),
}  # fmt: skip


@page("read a case")
def show(request: Any, case: str) -> HttpResponse:
    """How far closing is, what is open now, and who does what next."""
    with working(request, "Closing") as (lists, book):
        _, opened, now = _state(request, lists, case)
        read_case(book, case, "closing")
    return render(request, "pages/closing.html", _given(request, case, opened, now))


@page("ask to close", "GET", "POST")
def ask(request: Any, case: str) -> HttpResponse:
    """The first person asks."""
    return _step(request, case, "ask")


@page("sign a closing", "GET", "POST")
def sign(request: Any, case: str) -> HttpResponse:
    """The second person signs; with it the case is closed."""
    return _step(request, case, "sign")


@page("sign a closing", "GET", "POST")
def refuse(request: Any, case: str) -> HttpResponse:
    """The second person does not agree."""
    return _step(request, case, "refuse")


@page("pass a gate", "GET", "POST")
def gate(request: Any, case: str) -> HttpResponse:
    """A duty inspector lets it through, with a reason and a day."""
    return _step(request, case, "gate")


# ---- the one way through -------------------------------------------------------------------------------------------------


def _step(request: Any, case: str, name: str) -> HttpResponse:
    step = STEPS[name]
    with working(request, "Closing") as (lists, book):
        acts, opened, now = _state(request, lists, case)
        if not _its_turn(name, now, request.about.running):
            return HttpResponseRedirect(reverse("closing", args=[case]))
        form = step.asked(request.POST or None, initial={"once": fresh()})
        me = request.who.reference
        bar = (
            "You asked for it; a second person signs."
            if name in ("sign", "refuse") and now.asked and now.asked.by == me
            else ""
        )
        cautions: Sequence[str] = ()
        if name == "sign" and not bar:
            bar, cautions = _foreseen(request, lists, case, acts, now)
        if form.is_valid() and ahead(form, request, acts.pass_gate) and not bar:
            try:
                _write(request, lists, case, name, acts, now, form.cleaned_data)
            except Fault as fault:
                form.add_error(None, str(fault))
            else:
                return HttpResponseRedirect(reverse("closing", args=[case]))
        read_case(book, case, "closing")
    given = {**_given(request, case, opened, now), "form": form, "step": step, "bar": bar, "cautions": cautions}
    return render(request, "pages/closing.html", given)


def _state(request: Any, lists: Worklists, case: str) -> tuple[Acts, Opened, Closing]:
    acts = lists.asking.acts
    if not all((acts.ask_closing, acts.refuse_closing, acts.sign_closing, acts.close, acts.pass_gate)):
        raise refused(request, "ask to close")
    lists.current([("frame", CASE + case)])
    opened = open_stream(lists.book, lists.asking, CASE + case, request.moment)
    return acts, opened, closing(opened, lists.asking, request.moment)


def _its_turn(name: str, now: Closing, running: bool) -> bool:
    """Whether this step is the one to take now."""
    if not running:
        return False
    asked = now.asked is not None
    return {"ask": not asked, "refuse": asked, "sign": asked and not now.barred, "gate": now.barred}[name]


def _foreseen(request: Any, lists: Worklists, case: str, acts: Acts, now: Closing) -> tuple[str, Sequence[str]]:
    """Why this person may not sign ("" where they may), and what the standards would say of it all the same."""
    entries = _closed_by(request, case, acts, now, fresh(), "")
    found: Foreseen = Ahead(lists.book, lists.asking, CASE + case, {each.kind for each in entries}).of(entries)
    bar = ""
    if found.barred:
        who = pack().standards[found.barred[0].standard].standard.who_acts
        bar = f"The record does not show the rank that this takes. It can be signed by: {who}."
    return bar, found.said(pack())


def _closed_by(request: Any, case: str, acts: Acts, now: Closing, once: str, text: str) -> list[Entry]:
    """The signature of the second person, and the closing of whoever asked for it, in the capacity in which they asked."""
    reader = reader_of(request, "")
    assert acts.sign_closing and acts.close and now.asked  # noqa: S101 - looked at before
    rank = {"rank": reader.capacity.rank} if reader.capacity.rank else {}
    signed = written(Writer(reader.by, reader.capacity), once, case, acts.sign_closing.kind, (), {"text": text, **rank},
                     pack(), request.moment)  # fmt: skip
    asked = Writer(now.asked.by, now.asked.capacity)
    data = {"reason": now.asked.data.get("reason", "")}
    return [signed, written(asked, f"{once}/closed", case, acts.close.kind, (), data, pack(), request.moment)]


def _write(
    request: Any, lists: Worklists, case: str, name: str, acts: Acts, now: Closing, said: Mapping[str, Any]
) -> None:
    reader, once = reader_of(request, ""), said["once"]
    if name == "sign":
        signed, closed = _closed_by(request, case, acts, now, once, said["text"])
        with lists.book.transaction():
            if take_once(lists, signed):
                lists.take([closed])
        return
    act = {"ask": acts.ask_closing, "refuse": acts.refuse_closing, "gate": acts.pass_gate}[name]
    assert act  # noqa: S101 - looked at before
    data: dict[str, Any] = {"reason": said["text"]}
    if name != "refuse":
        data["open"] = sorted(each.key for each in (now.gates if name == "gate" else now.open))
    if act.until:
        data[act.until] = str(said["until"])
    writer = Writer(reader.by, reader.capacity)
    take_once(lists, written(writer, once, case, act.kind, (), data, pack(), request.moment))


def _given(request: Any, case: str, opened: Opened, now: Closing) -> dict[str, Any]:
    """What every page of closing shows: how far it is, and what is open, gates first."""
    gates = {each.key for each in now.gates}
    order = sorted(now.open, key=lambda each: (each.key not in gates, each.due or 0, each.standard))
    rules = ("ask to close", "sign a closing", "pass a gate")
    return {
        "case": case, "closing": now, "gates": gates, "open_now": opened.in_words(order, pack()), "about": request.about,
        "form": None, "may": {rule: policy.may(request.who, rule, request.about) for rule in rules},
    }  # fmt: skip
