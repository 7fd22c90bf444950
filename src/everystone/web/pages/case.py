"""A case: three sentences first, then what stands open, what was written down and when, and who has read it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from everystone.findings.elsewhere import CASE
from everystone.findings.explain import instant_in_words
from everystone.findings.placed import LANES
from everystone.findings.today import Today
from everystone.findings.wording import three_sentences
from everystone.ledger.entry import Entry
from everystone.web import policy, words
from everystone.web.door import page
from everystone.web.store import asking, called, pack, working
from everystone.work.cards import elsewhere_tonight, of_case
from everystone.work.named import people_of
from everystone.work.opened import Opened, open_stream
from everystone.work.outside import opened_to
from everystone.work.questions import HEADINGS, questions
from everystone.work.readings import read_case, readers_of
from everystone.work.timeline import in_words, lines, texts

EARLIEST = date(1990, 1, 1)


@cache
def todays() -> Today:
    """Every standard in its latest version, made ready once a process."""
    return Today(pack())


@page("read a case")
def case(request: Any, case: str) -> HttpResponse:
    """The case now, or as it was known at the end of a chosen day."""
    day, fault = _chosen(request)
    at = request.moment if day is None else pack().words.calendar.span(day.isoformat())[1]
    with working(request, "Case") as (lists, book):
        lists.current([("frame", CASE + case)])
        opened = open_stream(lists.book, lists.asking, CASE + case, at)
        read_case(book, case, "case" if day is None else f"case as known on {day}")
        cards = of_case(lists.database, case, request.moment) if day is None else []
        people = sorted(opened.frame.people.by_name)
        others = elsewhere_tonight(lists.database, case, people)
        readers = readers_of(lists.database, case)
        acts = lists.asking.acts
        outside = opened_to(lists.database, CASE + case, request.moment).get(request.who.reference)
    given = {
        "outside": outside, "case": case, "day": day, "fault": fault, "at": at, "cards": cards, "lanes": LANES, "acts": acts,
        "three": three_sentences(pack(), opened.frame, opened.all_answers, opened.placed),
        "asked": questions(opened, todays()), "headings": HEADINGS, "timeline": _timeline(opened),
        "marks": _marks(opened), "said": _said(opened), "span": span, "readers": readers,
        "people": people_of(opened.frame, called()), "others": others, "about": request.about, "sources": _sources(opened),
        "directs": policy.may(request.who, "direct a case", request.about),
        "inspects": any(post.role == policy.INSPECTOR for post in request.who.posts),
        "may": {rule: policy.may(request.who, rule, request.about) for rule in policy.RULES},
    }  # fmt: skip
    return render(request, "pages/case.html", given)


def _chosen(request: Any) -> tuple[date | None, str]:
    """The day that was chosen, and what cannot be used about it; today and no day are now."""
    said = request.GET.get("known_on", "").strip()
    today = pack().words.calendar.day_of(request.moment)
    if not said:
        return None, ""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None, "Choose a day, for example 2026-03-04."
    if day > today or day < EARLIEST:
        return None, "Choose a day up to today: nothing is known yet on a later one."
    return (None if day == today else day), ""


def _timeline(opened: Opened) -> list[dict[str, Any]]:
    """Each line with what a template shows of it."""
    frame, words = opened.frame, pack().words

    def told(entry: Entry) -> tuple[str, list[tuple[str, str]]]:
        return in_words(entry, words), list(texts(entry, words))

    return [
        {"line": line, "anchor": frame.root(line.entry), "told": told(line.entry),
         "before": [(each, *told(each)) for each in line.before]}
        for line in lines(opened.entries, frame)
    ]  # fmt: skip


def _marks(opened: Opened) -> dict[str, int]:
    """The number of each entry on the page, by the root of its corrections: evidence is pointed to by it."""
    return {opened.frame.root(line.entry): n for n, line in enumerate(lines(opened.entries, opened.frame), 1)}


def _said(opened: Opened) -> dict[str, list[str]]:
    """By finding, what was said of it, a line each."""
    found: dict[str, list[str]] = {}
    for each in opened.said:
        until = f", until {words.day(each.until)}" if each.until else ""
        found.setdefault(each.finding, []).append(
            f"{getattr(asking().acts.findings, each.what).says}: {each.by}, {words.instant(each.at)}{until}."
        )
    return found


def span(lo: int, hi: int) -> str:
    """When something happened, as near as it is known."""
    return instant_in_words(lo, hi, pack().words)


def _sources(opened: Opened) -> list[tuple[str, int]]:
    """By source, the instant of the newest that this page shows of it."""
    newest: dict[str, int] = {}
    for line in lines(opened.entries, opened.frame):
        source = line.entry.source.name
        newest[source] = max(newest.get(source, 0), line.entry.known)
    return sorted(newest.items())
