"""Rosters as systems export them: CSV and calendars, all or nothing, every row that cannot be used by its number."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack, load
from everystone.work.posts import read_duty
from everystone.work.roster import Shift, read_roster

TODAY = date(2026, 3, 4)
CSV = "officer,post,from,to\nD1,Duty Inspector,2026-03-04 07:00,2026-03-04 19:00\nS1,duty sergeant,04/03/2026 07:00,04/03/2026 17:00\n"
TWO = [
    Shift("D1", "duty inspector", "2026-03-04 07:00", "2026-03-04 19:00"),
    Shift("S1", "duty sergeant", "2026-03-04 07:00", "2026-03-04 17:00"),
]


def read(content: str | bytes, pack: Pack, name: str = "roster") -> list[Shift]:
    said = read_duty(pack)
    assert said is not None
    return read_roster(
        name, content if isinstance(content, bytes) else content.encode(), said, pack.words.calendar, TODAY
    )


@pytest.mark.parametrize("content", [
    CSV, "\ufeff" + CSV, CSV.replace(",", ";"), CSV.replace(",", "\t").replace("\n", "\r\n"),
    CSV.replace("officer,post,from,to", "Reference,Role,Start,End"), CSV + "\n,,,\n", CSV + CSV.split("\n", 1)[1],
], ids=["plain", "marked", "semicolons", "tabs", "other heads", "empty rows", "twice"])  # fmt: skip
def test_the_same_roster_in_each_spelling(content: str, pack: Pack) -> None:
    assert read(content, pack) == TWO


def test_every_row_that_cannot_be_used_is_named_and_nothing_is_taken(pack: Pack) -> None:
    wrong = (
        CSV
        + "D2,caretaker,2026-03-05 07:00,2026-03-05 19:00\n,duty inspector,2026-03-05,2026-03-05\nD3,duty inspector,2026-03-05 19:00,2026-03-05 07:00\nD4,duty inspector,soon,later\n"
    )
    with pytest.raises(Fault) as fault:
        read(wrong, pack)
    said = str(fault.value)
    for part in (
        "row 4",
        "caretaker",
        "row 5: no officer",
        "row 6: it ends",
        "row 7: This is no date",
        "Nothing was taken",
    ):
        assert part in said, part


@pytest.mark.parametrize(("content", "said"), [
    ("who,when\na,b\n", "post is missing"), ("", "officer is missing"), ("officer,post,from,to\n", "no shift"), ("BEGIN:VCALENDAR\nnonsense", "calendar|no shift"),
    (b"x" * 2_000_001, "larger than"),
])  # fmt: skip
def test_what_is_no_roster_is_refused(content: str | bytes, said: str, pack: Pack) -> None:
    with pytest.raises(Fault, match=said):
        read(content, pack)


ICAL = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
SUMMARY:Duty inspector: D1
DTSTART;TZID=Europe/London:20260328T190000
DTEND;TZID=Europe/London:20260329T070000
RRULE:FREQ=DAILY;COUNT=3
EXDATE;TZID=Europe/London:20260329T190000
END:VEVENT
BEGIN:VEVENT
UID:1
RECURRENCE-ID;TZID=Europe/London:20260330T190000
SUMMARY:D2 - duty inspector
DTSTART;TZID=Europe/London:20260330T200000
DTEND;TZID=Europe/London:20260331T070000
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:S1
CATEGORIES:duty sergeant
DTSTART;VALUE=DATE:20260304
DTEND;VALUE=DATE:20260306
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:Superintendent: U1
STATUS:CANCELLED
DTSTART:20260304T070000Z
DTEND:20260304T190000Z
END:VEVENT
BEGIN:VEVENT
UID:4
SUMMARY:On-call DI (E1)
DTSTART:20260701T060000Z
DURATION:PT12H
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_with_repeats_exceptions_moves_whole_days_and_other_zones(pack: Pack) -> None:
    assert read(ICAL.replace("\n", "\r\n"), pack) == sorted([
        Shift("D1", "duty inspector", "2026-03-28 19:00", "2026-03-29 07:00"),
        Shift("D2", "duty inspector", "2026-03-30 20:00", "2026-03-31 07:00"),
        Shift("S1", "duty sergeant", "2026-03-04", "2026-03-05"),
        Shift("E1", "on-call detective inspector", "2026-07-01 07:00", "2026-07-01 19:00"),
    ])  # fmt: skip


def test_a_calendar_that_repeats_for_ever_ends(pack: Pack) -> None:
    found = read(ICAL.replace("RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=DAILY"), pack)
    assert 300 < len(found) < 400


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: ("BEGIN:VCALENDAR\n" + text).encode()),
                 st.text(max_size=200).map(lambda text: ("officer,post,from,to\n" + text).encode())))  # fmt: skip
def test_whatever_is_sent_is_taken_or_refused_in_words(content: bytes) -> None:
    try:
        read(content, _pack())
    except Fault as fault:
        assert fault.public.endswith(".") or fault.where


def _pack() -> Pack:
    if not _KEPT:
        _KEPT.append(load())
    return _KEPT[0]


_KEPT: list[Pack] = []
