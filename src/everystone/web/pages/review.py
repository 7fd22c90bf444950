"""A supervisor's review: against what is open now, with directions that become actions; earlier reviews, near copies marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.findings.elsewhere import CASE
from everystone.findings.wording import roots_of
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.web.door import page, refused
from everystone.web.pages.acting import Form, ahead
from everystone.web.store import pack, reader_of, working
from everystone.web.words import fresh
from everystone.work.acts import Acts
from everystone.work.opened import Opened, open_stream
from everystone.work.readings import read_case
from everystone.work.worklists import Worklists
from everystone.work.writing import Writer, take_once, written

RULE = "review a case"
DIRECTIONS = 3
HERE, THERE = (
    "nearly the same words as an earlier one of this case",
    "nearly the same words as an earlier one of another case",
)


class Review(Form):
    """What was looked at, and up to three directions, each with a day."""

    level = forms.ChoiceField(label="Which review")
    text = forms.CharField(
        label="What you looked at, and what you think of it", max_length=5_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Written for this case: what is finished, what is not, what the child needs next.",
        error_messages={"required": "Write what you looked at."},
    )  # fmt: skip

    def __init__(self, levels: Sequence[str], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["level"].choices = [(each, each.capitalize()) for each in levels]  # type: ignore[attr-defined]
        for n in range(1, DIRECTIONS + 1):
            self.fields[f"direction{n}"] = forms.CharField(
                label=f"Direction {n}",
                max_length=500,
                required=False,
                help_text="What is to be done." if n == 1 else "",
            )
            self.fields[f"due{n}"] = forms.DateField(
                label=f"By when, direction {n}", required=False, help_text="For example 2026-03-11." if n == 1 else "",
                error_messages={"invalid": "Write the day as 2026-03-11."},
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A direction has a day, and a day a direction."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for n in range(1, DIRECTIONS + 1):
            text, due = said.get(f"direction{n}"), said.get(f"due{n}")
            if bool(text) != bool(due) and f"due{n}" not in self.errors:
                self.add_error(
                    f"due{n}" if text else f"direction{n}", "A direction has a day by which it is to be done."
                )
        return said


class Earlier(NamedTuple):
    """A review that was done: the entry, its words, whether they nearly copy others (of this case, of another)."""

    entry: Entry
    text: str
    marks: Sequence[str]


@page(RULE, "GET", "POST")
def review(request: Any, case: str) -> HttpResponse:
    """The form beside what is open and what was written before; with it each direction is an entry of its own."""
    with working(request, "Review") as (lists, book):
        acts = lists.asking.acts
        if acts.review is None or acts.direct is None:
            raise refused(request, RULE)
        lists.current([("frame", CASE + case)])
        opened = open_stream(lists.book, lists.asking, CASE + case, request.moment)
        levels = pack().words.kinds.by_name[acts.review.kind].fields["level"].values
        form = Review(levels, request.POST or None, initial={"once": fresh()})
        if form.is_valid() and ahead(form, request):
            try:
                _write(request, lists, case, acts, form.cleaned_data)
            except Fault as fault:
                form.add_error(None, str(fault))
            else:
                return HttpResponseRedirect(reverse("review", args=[case]))
        read_case(book, case, "review")
    standing = sorted(
        roots_of(opened.all_answers, pack()), key=lambda each: (each.tier or 9, each.due or 0, each.standard)
    )
    given = {
        "case": case,
        "form": form,
        "open_now": opened.in_words(standing, pack()),
        "earlier": _earlier(opened, acts),
    }
    return render(request, "pages/review.html", given)


def _earlier(opened: Opened, acts: Acts) -> list[Earlier]:
    """The reviews of a case, the newest first, each with what its words nearly copy."""
    assert acts.review  # noqa: S101 - looked at before
    found = []
    for entry in sorted(opened.frame.entries, key=lambda each: -each.lo):
        if entry.kind == acts.review.kind:
            copied = [each for (key, _), these in opened.whole.copies.items() if key == entry.key for each in these]
            marks = [HERE] if any(stream == entry.stream for stream, _ in copied) else []
            marks += [THERE] if any(stream != entry.stream for stream, _ in copied) else []
            found.append(Earlier(entry, str(entry.data.get("text", "")), marks))
    return found


def _write(request: Any, lists: Worklists, case: str, acts: Acts, said: Mapping[str, Any]) -> None:
    """The review and its directions, together or not at all."""
    assert acts.review and acts.direct  # noqa: S101 - looked at before
    reader, once = reader_of(request, ""), said["once"]
    writer, to = Writer(reader.by, reader.capacity), request.about.lead
    rank = {"reviewer_rank": reader.capacity.rank} if reader.capacity.rank else {}
    done = written(writer, once, case, acts.review.kind, (), {"level": said["level"], "text": said["text"], **rank}, pack(),
                   request.moment)  # fmt: skip
    directions = [
        written(writer, f"{once}/{n}", case, acts.direct.kind, (),
                {"text": said[f"direction{n}"], "due": str(said[f"due{n}"]), **({"to": to} if to else {})}, pack(), request.moment)
        for n in range(1, DIRECTIONS + 1) if said.get(f"direction{n}")
    ]  # fmt: skip
    with lists.book.transaction():
        if take_once(lists, done) and directions:
            lists.take(directions)
