"""One finding: what the record shows, what was said of it; to reply, accept a reason until a day, say that the check is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.findings.answer import NOT_MET, Answer
from everystone.findings.elsewhere import CASE
from everystone.findings.explain import sentence, strength, unconfirmed
from everystone.findings.placed import TONIGHT
from everystone.ledger.fault import Fault
from everystone.web import policy
from everystone.web.door import page, refused
from everystone.web.pages.acting import Form, Reason, ahead, inspects, sentences
from everystone.web.store import asking, pack, reader_of, working
from everystone.web.words import fresh
from everystone.work.acts import Act, OfFindings
from everystone.work.opened import Opened, open_stream
from everystone.work.readings import read_case
from everystone.work.said import Said, challenges, waiting
from everystone.work.worklists import Worklists
from everystone.work.writing import Writer, take_once, written


class Reply(Form):
    """A sentence or two about one finding."""

    text = sentences("What you want to say", "Write what you want to say.", "Worded as if the family will read it.")


class Accepted(Reason):
    """A reason why a finding stays open, until a day."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["until"].help_text = "It is back on the list the day after. For example 2026-03-11."


class Wrong(Form):
    """Why the check is wrong."""

    text = sentences("What is wrong with the check", "Write what is wrong with it, so that somebody can decide.",
                     "What the record shows that the check did not see, or why it should not be asked here.")  # fmt: skip


class Decision(Form):
    """Whether the check was wrong."""

    decided = forms.ChoiceField(
        label="The check was",
        choices=[("", "Choose"), ("uphold", "wrong here: it is taken off"), ("refuse", "right: it stays")],
        error_messages={"required": "Choose whether the check was wrong."},
    )  # fmt: skip
    text = sentences("Why", "Write why; whoever said it reads the answer.")


class About(NamedTuple):
    """A finding that a page is about: its key and standard, the answer (None: it is gone since), what was said of it."""

    key: str
    standard: str
    answer: Answer | None
    opened: Opened
    said: list[Said]

    @property
    def challenge(self) -> Said | None:
        """Who said that it is wrong, while nobody decided on that."""
        return waiting(self.said).get(self.key)

    @property
    def kept_up(self) -> bool:
        """Whether it keeps a child safe tonight, or cannot be missed: then a duty inspector alone accepts a reason."""
        duty = asking().duty
        never_missed = {name for each in duty.cannot_be_missed for name in each.standards} if duty else set()
        return self.answer is not None and (self.answer.tier == TONIGHT or self.standard in never_missed)


@page("read a finding")
def show(request: Any, case: str, finding: str) -> HttpResponse:
    """What the record shows, what was said of it, and what one can say."""
    with working(request, "Finding") as (lists, book):
        found = _find(request, lists, case, finding)
        read_case(book, case, "finding")
    return render(request, "pages/finding.html", _shown(request, case, found))


@page("reply to a finding", "GET", "POST")
def reply(request: Any, case: str, finding: str) -> HttpResponse:
    """A reply, which changes no answer."""
    return _say(request, case, finding, Reply, lambda acts, _: acts.reply, "Reply to a finding", "Reply")


@page("reply to a finding", "GET", "POST")
def wrong(request: Any, case: str, finding: str) -> HttpResponse:
    """This check is wrong: the policy lead decides."""
    return _say(
        request,
        case,
        finding,
        Wrong,
        lambda acts, _: acts.challenge,
        "This check is wrong",
        "Send it to the policy lead",
    )


@page("accept a reason", "GET", "POST")
def accept(request: Any, case: str, finding: str) -> HttpResponse:
    """A reason is accepted until a day, by somebody other than the lead and whoever gave it."""
    return _say(request, case, finding, Accepted, lambda acts, _: acts.accept, "Accept a reason", "Accept it")


@page("decide a challenge", "GET", "POST")
def decide(request: Any, case: str, finding: str) -> HttpResponse:
    """The policy lead decides whether the check was wrong."""
    return _say(request, case, finding, Decision, lambda acts, said: getattr(acts, str(said["decided"])),
                "Was the check wrong?", "Decide")  # fmt: skip


@page("see challenges")
def challenged(request: Any) -> HttpResponse:
    """The checks that are said to be wrong and wait to be decided, the oldest first."""
    who = request.who
    with working(request, "Challenges") as (lists, book):
        found = challenges(lists.database, [None], sorted(who.kept_away))
        book.shown({"page": "challenges", "cases": sorted({each.case for each in found})})
    rows = [(each, _title(each.standard)) for each in found]
    return render(request, "pages/challenges.html", {"rows": rows})


# ---- the one way through -------------------------------------------------------------------------------------------------

Choose = Callable[[OfFindings, Mapping[str, Any]], Act]


def _say(
    request: Any, case: str, finding: str, asked: type[Form], act: Choose, heading: str, button: str
) -> HttpResponse:
    """Show the form of something that is said of a finding, or write it."""
    with working(request, "Finding") as (lists, book):
        found = _find(request, lists, case, finding)
        acts = lists.asking.acts.findings
        assert acts is not None  # noqa: S101 - without them no finding is found
        if asked is Accepted and found.kept_up and not inspects(request):
            raise refused(request, "accept a reason tonight")
        if asked is Decision and found.challenge is None:
            raise refused(request, "decide a challenge")
        form = asked(request.POST or None, initial={"once": fresh()})
        if form.is_valid() and ahead(form, request, acts.accept) and _second(form, request, found):
            try:
                _write(request, lists, case, found, act(acts, form.cleaned_data), form.cleaned_data)
            except Fault as fault:
                form.add_error(None, str(fault))
            else:
                back = reverse("challenges") if asked is Decision else reverse("finding", args=[case, finding])
                return HttpResponseRedirect(back)
        read_case(book, case, "finding")
    given = {**_shown(request, case, found), "form": form, "heading": heading, "button": button}
    return render(request, "pages/say.html", given)


def _find(request: Any, lists: Worklists, case: str, key: str) -> About:
    """The finding of a case; not there where it is none, unless something was said of it."""
    lists.current([("frame", CASE + case)])
    opened = open_stream(lists.book, lists.asking, CASE + case, request.moment)
    answer = next((each for each in opened.all_answers if each.key == key and each.answer == NOT_MET), None)
    said = [each for each in opened.said if each.finding == key]
    if lists.asking.acts.findings is None or (answer is None and not said):
        raise refused(request, "read a finding")
    return About(key, answer.standard if answer else said[0].standard, answer, opened, said)


def _second(form: Form, request: Any, found: About) -> bool:
    """Whether somebody else decides than whoever gave the reason, or said that the check is wrong."""
    me = request.who.reference
    if isinstance(form, Decision) and found.challenge and found.challenge.by == me:
        form.add_error(None, "You said that the check is wrong; somebody else decides on it.")
    elif isinstance(form, Accepted) and any(each.what == "reply" and each.by == me for each in found.said[-1:]):
        form.add_error(None, "You gave the reason; somebody else accepts it.")
    return not form.errors


def _write(request: Any, lists: Worklists, case: str, found: About, act: Act, said: Mapping[str, Any]) -> None:
    reader = reader_of(request, "")
    subjects = [found.answer.asked_for] if found.answer and found.answer.asked_for else []
    data = {"finding": found.key, "standard": found.standard, "reason": said["text"]}
    if act.until:
        data[act.until] = str(said["until"])
    writer = Writer(reader.by, reader.capacity)
    take_once(lists, written(writer, said["once"], case, act.kind, subjects, data, pack(), request.moment))


def _title(standard: str) -> str:
    loaded = pack().standards.get(standard)
    return loaded.standard.title if loaded else standard


def _shown(request: Any, case: str, found: About) -> dict[str, Any]:
    """What every page about one finding shows of it."""
    answer, acts = found.answer, asking().acts.findings
    loaded = pack().standards.get(found.standard)
    return {
        "case": case, "found": found, "title": _title(found.standard), "standard": loaded and loaded.standard,
        "sentence": sentence(answer, pack(), found.opened.frame_of(answer)) if answer else "",
        "strength": strength(answer, pack()) if answer else "", "unconfirmed": unconfirmed(answer, pack()) if answer else "",
        "said": [(each, getattr(acts, each.what).says) for each in found.said], "acts": acts,
        "may": {rule: policy.may(request.who, rule, request.about)
                for rule in ("read a case", "reply to a finding", "accept a reason", "decide a challenge")},
        "inspects": inspects(request),
    }  # fmt: skip
