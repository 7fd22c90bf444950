"""Duty: who holds which post now and in the days to come, who is away and who covers; the roster from its own system."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.findings.elsewhere import OFFICER
from everystone.ledger.entry import Entry, Source
from everystone.ledger.fault import Fault
from everystone.web.door import page
from everystone.web.models import Person
from everystone.web.store import asking, pack, reader_of, working
from everystone.web.words import fresh
from everystone.work.posts import DutyFile, holders
from everystone.work.roster import Shift, read_roster
from everystone.work.worklists import Worklists

ROSTER, FORCE = "roster", "force"
AHEAD = 7  # days shown


@page("see duty")
def show(request: Any) -> HttpResponse:
    """Who holds each post now, the next of the order where nobody does, the week to come, and who is away."""
    said, today = asking().duty, pack().words.calendar.day_of(request.moment)
    with working(request, "Duty") as (lists, book):
        held, absent = holders(lists.database, request.moment)
        end = pack().words.calendar.end_of(today + timedelta(days=AHEAD - 1))
        week = lists.database.run(
            "SELECT lo, hi, post, team, officer FROM work_duty WHERE lo <= ? AND hi > ? ORDER BY lo, post, team, officer",
            (end, request.moment),
        ).fetchall()
        away = lists.database.run(
            "SELECT officer, hi, cover FROM work_leave WHERE lo <= ? AND hi > ? ORDER BY hi, officer",
            (request.moment, request.moment),
        ).fetchall()
        book.shown({"page": "duty"})
    named = {
        name: [each for each in held if each.post == name]
        for name, post in (said.posts if said else {}).items()
        if not post.sealed
    }
    others = [each for each in held if not said or each.post not in said.posts]
    given = {
        "posts": named,
        "said": said,
        "others": others,
        "absent": absent,
        "week": week,
        "away": away,
        "done": request.GET.get("done", ""),
    }
    return render(request, "pages/duty.html", given)


# ---- the roster -------------------------------------------------------------------------------------------------------


class RosterFile(forms.Form):
    """A roster as its own system exports it."""

    once = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    roster = forms.FileField(
        label="The roster", max_length=200,
        help_text="CSV with the columns officer, post, from and to, or a calendar file (.ics). At most 2 MB.",
        error_messages={"required": "Choose the file that your duty system exported.",
                        "empty": "This file is empty. Export it again."},
    )  # fmt: skip
    use_required_attribute = False


@page("keep duty", "GET", "POST")
def roster(request: Any) -> HttpResponse:
    """Take a roster, all of it or nothing. For the time that it covers it takes the place of the one before."""
    form = RosterFile(request.POST or None, request.FILES or None, initial={"once": fresh()})
    if form.is_valid():
        sent = form.cleaned_data["roster"]
        try:
            taken, ended = _take(request, sent.name, sent.read(), form.cleaned_data["once"])
        except Fault as fault:
            form.add_error("roster", str(fault))
        else:
            return HttpResponseRedirect(f"{reverse('duty')}?done={taken}+{ended}")
    return render(request, "pages/roster.html", {"form": form, "said": asking().duty})


def _take(request: Any, name: str, content: bytes, once: str) -> tuple[int, int]:
    """How many shifts were taken, and how many of the earlier roster no longer stand."""
    said = _said()
    shifts = read_roster(name, content, said, pack().words.calendar, pack().words.calendar.day_of(request.moment))
    with working(request, "Taking a roster") as (lists, _):
        _known(lists, shifts, name)
        standing = _standing(lists, shifts, said)
        new = [each for each in shifts if each not in standing]
        over = [key for shift, key in standing.items() if shift not in shifts]
        entries = [_entry(request, f"{once}-{n}", each, said) for n, each in enumerate(new)]
        entries += [
            _entry(request, f"{once}-end-{n}", shift, said, key)
            for n, (shift, key) in enumerate(standing.items())
            if key in over
        ]
        lists.book.append(entries)
        lists.follow()
        return len(new), len(over)


def _known(lists: Worklists, shifts: list[Shift], name: str) -> None:
    """Everybody on a roster is somebody the record or this site knows; a slip in a reference would put nobody on duty."""
    known = {row[0] for row in lists.database.run("SELECT DISTINCT person FROM work_named WHERE acted = 1 OR stream = ? || person",
                                                  (OFFICER,)).fetchall()}  # fmt: skip
    known |= set(Person.objects.values_list("reference", flat=True))
    unknown = sorted({each.officer for each in shifts} - known)
    if unknown:
        raise Fault(f"Neither the record nor this site knows {', '.join(unknown[:10])}. Nothing was taken. "
                    "Check the references, or ask the keeper of access.", where=name)  # fmt: skip


def _standing(lists: Worklists, shifts: list[Shift], said: DutyFile) -> dict[Shift, str]:
    """The shifts of the earlier roster in whose place this one comes, each with its key: of the same posts and, where a post
    is one of a team, of the same teams; those that begin within its time."""
    first, last = min(each.begins for each in shifts), max(each.begins for each in shifts)
    posts, named = {each.post for each in shifts}, {each.officer for each in shifts}
    rows = lists.database.run("SELECT DISTINCT officer, post, team FROM work_duty ORDER BY officer", ()).fetchall()
    teams = {team for officer, _, team in rows if officer in named}
    of = said.roster
    found: dict[Shift, str] = {}
    for officer in {
        officer for officer, post, team in rows if post in posts and (said.posts[post].of == "force" or team in teams)
    }:
        entries = lists.book.read_all([OFFICER + officer]).get(OFFICER + officer, [])
        gone = {entry.withdraws for entry in entries if entry.withdraws}
        for entry in entries:
            if entry.source.name == ROSTER and entry.key not in gone and not entry.withdraws:
                shift = Shift(officer, *(str(entry.data[each]) for each in (of.post, of.from_, of.to)))
                if first <= shift.begins <= last and shift.post in posts:
                    found[shift] = entry.key
    return found


def _entry(request: Any, key: str, shift: Shift, said: DutyFile, withdraws: str = "") -> Entry:
    of, reader = said.roster, reader_of(request, "")
    data = {of.post: shift.post, of.from_: shift.begins, of.to: shift.ends}
    now = request.moment
    return Entry(0, OFFICER + shift.officer, of.kind, (shift.officer,), now, now, now, now, reader.by, reader.capacity,
                 pack().words.kinds.admit(of.kind, data), Source(ROSTER, FORCE, f"{ROSTER}/{key}", live=True),
                 withdraws=withdraws)  # fmt: skip


# ---- leave and cover --------------------------------------------------------------------------------------------------


class Leave(forms.Form):
    """Somebody is away, and who covers."""

    once = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    officer = forms.RegexField(r"^[\w./-]{1,40}$", label="Who is away", help_text="The reference, for example O00012.",
                               error_messages={"required": "Write who is away.", "invalid": "Write one reference."})  # fmt: skip
    first = forms.DateField(label="From which day", help_text="For example 2026-03-11.", error_messages={
        "required": "Give the first day.", "invalid": "Write the day as 2026-03-11."})  # fmt: skip
    last = forms.DateField(label="To which day", help_text="The last day away.", error_messages={
        "required": "Give the last day; it can be changed.", "invalid": "Write the day as 2026-03-11."})  # fmt: skip
    cover = forms.RegexField(r"^[\w./-]{1,40}$", label="Who covers", required=False,
                             error_messages={"invalid": "Write one reference."},
                             help_text="For more than two days name somebody: without cover the next post is told.")  # fmt: skip
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        """The days in order, and nobody covers for themselves."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("first") and said.get("last") and said["last"] < said["first"]:
            self.add_error("last", "Give the first day or a later one.")
        if said.get("cover") and said.get("cover") == said.get("officer"):
            self.add_error("cover", "Name somebody else: nobody covers for themselves.")
        return said


@page("keep duty", "GET", "POST")
def leave(request: Any) -> HttpResponse:
    """Write down that somebody is away; why is never asked."""
    form = Leave(request.POST or None, initial={"once": fresh()})
    if form.is_valid():
        said, of, reader = form.cleaned_data, _said().leave, reader_of(request, "")
        data = {of.from_: str(said["first"]), of.to: str(said["last"]), of.cover: said["cover"]}
        now = request.moment
        with working(request, "Leave") as (lists, _):
            lists.book.append([Entry(
                0, OFFICER + said["officer"], of.kind, (said["officer"],), now, now, now, now, reader.by, reader.capacity,
                pack().words.kinds.admit(of.kind, data), Source("site", FORCE, f"site/{said['once']}", live=True),
            )])  # fmt: skip
            lists.follow()
        return HttpResponseRedirect(reverse("duty"))
    return render(request, "pages/leave.html", {"form": form})


def _said() -> DutyFile:
    said = asking().duty
    if said is None:
        raise Fault("No pack of this site says what a roster is. Add a duty.yaml (docs/duty.md).")
    return said
