"""Recording an entry by hand: which kinds there are to choose from, what a kind asks, and when it happened as people write it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from everystone.findings import explain
from everystone.ledger.calendar import Calendar
from everystone.ledger.fault import Fault
from everystone.ledger.kind import LISTS, FieldOf, Kind
from everystone.ledger.vocabulary import Vocabulary

FEW = 8  # kinds that are offered for what was typed
_TIME = r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)"
_DAYS_AGO = {"today": 0, "yesterday": 1}


class Offer(NamedTuple):
    """A kind to choose: its name, its title, and what else it is called by its fields."""

    kind: str
    title: str


def recordable(name: str, words: Vocabulary, elsewhere: Collection[str]) -> bool:
    """Whether anybody who may record can record a kind: neither sealed nor of officers, and with no page of its own."""
    kind = words.kinds.by_name.get(name)
    return not (kind is None or kind.sealed or kind.describes or kind.level == "officer" or name in elsewhere)


def offered(typed: str, words: Vocabulary, elsewhere: Collection[str] = ()) -> list[Offer]:
    """The kinds whose title or fields hold every word that was typed, those whose title does first, the shortest of them.

    `elsewhere` are the kinds that have a page of their own.
    """
    wanted = re.findall(r"\w+", typed.lower())
    found: list[tuple[int, int, str, str]] = []
    for name, kind in words.kinds.by_name.items():
        if not wanted or not recordable(name, words, elsewhere):
            continue
        title, rest = kind.title.lower(), " ".join((name, kind.says, *kind.fields)).lower().replace("_", " ")
        missing = [word for word in wanted if word not in title]
        if not missing:
            found.append((0, len(title), kind.title, name))
        elif all(word in rest for word in missing):
            found.append((1, len(title), kind.title, name))
    return [Offer(name, title) for _, _, title, name in sorted(found)[:FEW]]


class Asked(NamedTuple):
    """One field of a form: its name, what it is called, how it is filled in, the words to choose from."""

    name: str
    called: str
    how: str
    choices: Sequence[str]
    note: str


def asked_of(kind: Kind, words: Vocabulary) -> list[Asked]:
    """What a kind asks, in the order of its file; nothing of it is required, since nothing is better than a guess."""
    return [
        Asked(name, (of.called or explain.called(name, words)).capitalize(), _how(of), of.values, of.note)
        for name, of in kind.fields.items()
    ]


def _how(of: FieldOf) -> str:
    if of.type == "text":
        return "long"
    if of.type == "yes or no":
        return "yes or no"
    if of.values and of.type not in LISTS:
        return "choose"
    return "date" if of.type == "date" else "line"


def data_of(kind: Kind, given: Mapping[str, str]) -> dict[str, Any]:
    """What was filled in, as the ledger takes it: lists parted at commas, what is empty left out."""
    data: dict[str, Any] = {}
    for name, of in kind.fields.items():
        said = given.get(name, "").strip()
        if said:
            data[name] = [part.strip() for part in said.split(",") if part.strip()] if of.type in LISTS else said
    return data


def happened(typed: str, now: int, calendar: Calendar) -> tuple[int, int]:
    """When something happened, as somebody writes it: now, 14:30, yesterday 14:30, 3 March 14:30, 2026-03-03, 2026-03.

    Raises Fault for what is none of these, or lies ahead.
    """
    said = " ".join(typed.lower().replace(" at ", " ").split())
    if said in ("", "now"):
        return now, now
    lo, hi = calendar.span(_as_written(said, calendar.day_of(now)))
    if lo > now:
        raise Fault("It cannot have happened later than now. Write when it happened.")
    return lo, min(hi, now) if hi != lo else hi


def _as_written(said: str, today: date) -> str:
    """The same as a date, with a time where one was given."""
    time = re.search(rf"\b{_TIME}$", said)
    day = said[: time.start()].strip(" ,") if time else said
    clock = f" {int(time['hour']):02d}:{time['minute']}" if time else ""
    return f"{_day_of(day, today)}{clock}"


def _day_of(day: str, today: date) -> str:
    if day in ("", *_DAYS_AGO):
        return (today - timedelta(days=_DAYS_AGO.get(day, 0))).isoformat()
    named = re.fullmatch(r"(\d{1,2}) ([a-z]+)(?: (\d{4}))?", day)
    if named:
        months = [f"{date(2000, n, 1):%B}".lower() for n in range(1, 13)]
        month = next((n for n, name in enumerate(months, 1) if len(named[2]) >= 3 and name.startswith(named[2])), 0)
        year = int(named[3]) if named[3] else today.year - ((month, int(named[1])) > (today.month, today.day))
        return f"{year}-{month:02d}-{int(named[1]):02d}"
    return day
