"""When a day begins, which days count, and when a limit runs out."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from everystone.ledger.calendar import Calendar, read_calendar
from everystone.ledger.duration import Duration, Unit, months_later
from everystone.ledger.fault import Fault

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 20)
SUNDAY = 6
HOUR = 3600


def calendar_file() -> dict[str, Any]:
    said = YAML(typ="safe", pure=True).load(ROOT / "packs/england_wales/tables/calendar.yaml")
    assert isinstance(said, dict)
    return said


CALENDAR = read_calendar(calendar_file())


@pytest.mark.parametrize(
    ("start", "last"),
    [
        ("2021-03-05", "2021-04-04"),  # a Friday: four weeks beginning with the Monday
        ("2021-03-02", "2021-03-30"),  # a Tuesday: with the Wednesday
        ("2021-04-01", "2021-05-03"),  # the Thursday before Easter: with the Tuesday after it
    ],
)
def test_four_weeks_beginning_with_the_next_working_day(start: str, last: str) -> None:
    begun = CALENDAR.span(f"{start} 16:00")[0]
    due = CALENDAR.due(begun, Duration(28, "days", after_working_day=True), TODAY)
    assert due == CALENDAR.span(last)[1]
    assert str(Duration(28, "days", after_working_day=True)) == "28 days, beginning with the next working day"
    month = CALENDAR.due(begun, Duration(1, "months", after_working_day=True), TODAY)
    assert month is not None and month > begun


@pytest.fixture(scope="module")
def published() -> Path:
    """Calendars published by others."""
    folder = ROOT.parent / "shared" / "data" / "calendars"
    if not folder.is_dir():
        pytest.skip("the calendars published by others are not beside this repository")
    return folder


def at(text: str) -> int:
    """An instant, from a local time that came once."""
    lo, hi = CALENDAR.span(text)
    assert lo == hi
    return lo


def shown(instant: int | None) -> str | None:
    return None if instant is None else f"{CALENDAR.local(instant):%Y-%m-%d %H:%M:%S}"


def due(
    start: str,
    n: int,
    unit: Unit,
    *,
    beginning_with: bool = False,
    known_on: date = TODAY,
    excluded: list[tuple[str, str]] | None = None,
) -> str | None:
    """When a limit runs out, as a local time; a due at the end of a day as that day."""
    spans = [(CALENDAR.span(lo)[0], CALENDAR.span(hi)[1]) for lo, hi in excluded or []]
    found = shown(CALENDAR.due(at(start), Duration(n, unit, beginning_with), known_on, spans))
    return found.removesuffix(" 23:59:59").removesuffix(":00") if found else None


# ---- civil days --------------------------------------------------------------------------------------------


def test_a_summer_day_begins_an_hour_before_midnight_utc() -> None:
    start = CALENDAR.start_of(date(2011, 9, 12))
    assert datetime.fromtimestamp(start, UTC) == datetime(2011, 9, 11, 23, 0, tzinfo=UTC)
    assert CALENDAR.day_of(start) == date(2011, 9, 12)
    assert CALENDAR.day_of(start - 1) == date(2011, 9, 11)


@pytest.mark.parametrize(("day", "hours"), [(date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 6, 1), 24)])
def test_a_civil_day_has_as_many_hours_as_its_clocks_show(day: date, hours: int) -> None:
    assert CALENDAR.end_of(day) + 1 - CALENDAR.start_of(day) == hours * HOUR


def test_the_winters_without_winter_time_are_known() -> None:
    assert shown(CALENDAR.start_of(date(1970, 1, 15))) == "1970-01-15 00:00:00"
    assert CALENDAR.start_of(date(1970, 1, 15)) % 86_400 == 23 * HOUR


@given(st.dates(date(1850, 1, 2), date(2100, 12, 31)))
def test_days_follow_one_another_without_gap_or_overlap(day: date) -> None:
    assert CALENDAR.end_of(day - timedelta(days=1)) + 1 == CALENDAR.start_of(day)
    assert CALENDAR.day_of(CALENDAR.start_of(day)) == CALENDAR.day_of(CALENDAR.end_of(day)) == day


@given(st.integers(-3_700_000_000, 4_130_000_000), st.sampled_from(["Europe/London", "UTC", "Pacific/Apia"]))
def test_the_civil_day_is_the_day_the_clocks_show(instant: int, zone: str) -> None:
    calendar = Calendar(zone)
    assert calendar.day_of(instant) == calendar.local(instant).date()


def test_a_day_whose_midnight_was_jumped_over_begins_where_the_clocks_landed() -> None:
    calendar = Calendar("America/Sao_Paulo")
    assert calendar.local(calendar.start_of(date(2018, 11, 4))).hour == 1


def test_a_day_that_a_zone_left_out_is_empty() -> None:
    calendar = Calendar("Pacific/Apia")
    assert calendar.end_of(date(2011, 12, 30)) < calendar.start_of(date(2011, 12, 30))
    assert calendar.day_of(calendar.end_of(date(2011, 12, 29)) + 1) == date(2011, 12, 31)


def test_years_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(Fault, match="1850 to 2100"):
        CALENDAR.start_of(date(1849, 12, 31))
    with pytest.raises(Fault, match="1850 to 2100"):
        CALENDAR.day_of(CALENDAR.end_of(date(2100, 12, 31)) + 1)


def test_it_agrees_with_every_published_clock_change(published: Path) -> None:
    with (published / "europe_london_transitions_2010_2028.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        change = int(datetime.fromisoformat(row["utc_instant"]).timestamp())
        day = date.fromisoformat(row["local_date"])
        starts = row["event"] == "BST starts"
        assert CALENDAR.day_of(change) == day
        assert CALENDAR.local(change).utcoffset() == timedelta(hours=1 if starts else 0)
        assert CALENDAR.local(change - 1).utcoffset() == timedelta(hours=0 if starts else 1)
        assert CALENDAR.end_of(day) + 1 - CALENDAR.start_of(day) == (23 if starts else 25) * HOUR


# ---- local times -------------------------------------------------------------------------------------------


def test_a_local_time_that_never_was_is_refused() -> None:
    with pytest.raises(Fault, match="never was in Europe/London"):
        CALENDAR.instant(datetime(2024, 3, 31, 1, 30))
    with pytest.raises(Fault, match="never was"):
        CALENDAR.span("2024-03-31 01:30")


def test_a_local_time_that_came_twice_is_refused_unless_told_which() -> None:
    twice = datetime(2024, 10, 27, 1, 30)
    with pytest.raises(Fault, match="came twice"):
        CALENDAR.instant(twice)
    assert CALENDAR.instant(twice, "second") - CALENDAR.instant(twice, "first") == HOUR


def test_a_written_time_that_came_twice_spans_both() -> None:
    lo, hi = CALENDAR.span("2024-10-27 01:30")
    assert hi - lo == HOUR
    assert CALENDAR.span("2024-10-27 01:30+01:00") == (lo, lo)
    assert CALENDAR.span("2024-10-27T01:30Z") == (hi, hi)


def test_a_local_time_carries_no_offset() -> None:
    with pytest.raises(ValueError, match="no offset"):
        CALENDAR.instant(datetime(2024, 6, 1, 12, tzinfo=UTC))


@given(st.integers(-3_700_000_000, 4_130_000_000))
def test_what_the_clocks_showed_leads_back_to_the_instant(instant: int) -> None:
    local = CALENDAR.local(instant)
    assert CALENDAR.instant(local.replace(tzinfo=None), "second" if local.fold else "first") == instant


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2011", "2011-01-01 00:00:00", "2011-12-31 23:59:59"),
        ("2012-02", "2012-02-01 00:00:00", "2012-02-29 23:59:59"),
        ("2100-12", "2100-12-01 00:00:00", "2100-12-31 23:59:59"),
        ("2011-09-14", "2011-09-14 00:00:00", "2011-09-14 23:59:59"),
        ("2024-10-27", "2024-10-27 00:00:00", "2024-10-27 23:59:59"),
        ("2011-09-14 16:20", "2011-09-14 16:20:00", "2011-09-14 16:20:00"),
        ("2024-03-31 16:20", "2024-03-31 16:20:00", "2024-03-31 16:20:00"),
        ("2011-09-14T16:20:05", "2011-09-14 16:20:05", "2011-09-14 16:20:05"),
        ("2011-09-14T15:20:05Z", "2011-09-14 16:20:05", "2011-09-14 16:20:05"),
        ("2011-09-14 16:20+0100", "2011-09-14 16:20:00", "2011-09-14 16:20:00"),
        ("2011-09-14 23:20-05:00", "2011-09-15 05:20:00", "2011-09-15 05:20:00"),
    ],
)
def test_a_written_time_spans_what_it_says(text: str, first: str, last: str) -> None:
    lo, hi = CALENDAR.span(text)
    assert (shown(lo), shown(hi)) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "14/09/2011", "11-09-14", "2011-9-14", "2011-00", "2011-13", "2011-02-29",
        "2011-04-31", "2011-09-14 24:00", "2011-09-14 12:60", "2011-09-14 1:20", "2011-09-14 12:30:60",
        "2011-09-14 12", "2011-09-14  12:30", "2011-09-14t12:30", " 2011", "2011\n",
        "2011-09-14 12:30+25:00", "2011-09-14Z",
        "٢٠١١", "1849-12-31", "2101", "0000", "1850-01-01 00:30+14:00",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Fault):
        CALENDAR.span(text)


def test_what_was_written_stays_out_of_the_public_message() -> None:
    with pytest.raises(Fault) as refused:
        CALENDAR.span("a name by mistake")
    assert "name" not in refused.value.public
    assert refused.value.private == "a name by mistake"


# ---- working days ------------------------------------------------------------------------------------------


def test_bank_holidays_are_those_published(published: Path) -> None:
    said = json.loads((published / "govuk_frontend_bank-holidays.json").read_text(encoding="utf-8"))
    years = said["divisions"]["common.nations.england-and-wales_slug"]
    theirs = {
        datetime.strptime(holiday["date"], "%d/%m/%Y").date()
        for year, holidays in years.items()
        if year.isdecimal()
        for holiday in holidays
    }
    ours = {day for day, _ in CALENDAR.holidays if day.year >= 2019}
    assert ours == theirs


def test_no_bank_holiday_is_on_a_weekend_and_every_year_has_at_least_eight() -> None:
    days = [day for day, _ in CALENDAR.holidays]
    assert all(day.weekday() < 5 for day in days)
    assert all(sum(day.year == year for day in days) >= 8 for year in range(1990, 2029))


def test_an_announcement_comes_before_its_holiday() -> None:
    announced = [(day, known) for day, known in CALENDAR.holidays if known]
    assert len(announced) >= 10
    assert all(timedelta(0) < day - known < timedelta(days=3 * 365) for day, known in announced)


def test_a_holiday_does_not_count_before_it_was_announced() -> None:
    funeral = date(2022, 9, 19)
    assert CALENDAR.is_working(funeral, known_on=date(2022, 9, 9))
    assert not CALENDAR.is_working(funeral, known_on=date(2022, 9, 10))
    assert due("2022-09-08 18:00", 10, "working days", known_on=date(2022, 9, 9)) == "2022-09-22"
    assert due("2022-09-08 18:00", 10, "working days", known_on=date(2022, 9, 10)) == "2022-09-23"


def test_an_unconfirmed_announcement_is_known_throughout() -> None:
    assert not CALENDAR.is_working(date(1999, 12, 31), known_on=date(1990, 1, 1))


def test_adding_working_days_agrees_with_the_published_examples(published: Path) -> None:
    with (published / "add_working_days_examples.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 100
    for row in rows:
        assert due(f"{row['start_date']} 09:30", int(row["working_days_added"]), "working days") == row["end_date"]


@pytest.mark.parametrize(
    ("start", "n", "ends"),
    [
        ("2013-03-28 21:00", 1, "2013-04-02"),  # over Easter
        ("2013-03-28 21:00", 15, "2013-04-22"),
        ("2011-09-12 11:00", 0, "2011-09-12"),  # a Monday that works
        ("2011-09-10 11:00", 0, "2011-09-12"),  # a Saturday
        ("2011-09-10 11:00", 1, "2011-09-12"),
        ("2011-09-09 23:59", 1, "2011-09-12"),
    ],
)
def test_working_days_count_from_the_day_after(start: str, n: int, ends: str) -> None:
    assert due(start, n, "working days") == ends


@pytest.mark.parametrize(
    ("start", "n", "ends"),
    [
        ("2011-09-12 11:00", 1, "2011-09-12"),
        ("2011-09-12 11:00", 3, "2011-09-14"),
        ("2011-09-10 11:00", 1, "2011-09-12"),  # from a Saturday counting starts on Monday
        ("2011-09-10 11:00", 3, "2011-09-14"),
    ],
)
def test_working_days_beginning_with_a_day_count_it_if_it_works(start: str, n: int, ends: str) -> None:
    assert due(start, n, "working days", beginning_with=True) == ends


def test_working_days_beyond_the_holidays_listed_cannot_be_told() -> None:
    assert due("2028-12-20 12:00", 5, "working days") == "2028-12-29"
    assert due("2028-12-20 12:00", 6, "working days") is None
    assert due("2028-12-31 12:00", 0, "working days") is None
    assert due("1989-12-31 12:00", 1, "working days") == "1990-01-02"
    assert due("1989-12-30 12:00", 1, "working days") is None


def test_a_calendar_that_names_no_weekend_knows_nothing_of_working_days() -> None:
    calendar = read_calendar({"zone": "UTC"})
    assert calendar.due(0, Duration(1, "working days"), TODAY) is None
    assert calendar.due(0, Duration(1, "days"), TODAY) == 2 * 86_400 - 1


def test_a_calendar_without_listed_days_holds_for_all() -> None:
    calendar = Calendar("UTC", weekend=frozenset({SUNDAY}))
    start = calendar.start_of(date(2099, 12, 31))
    assert calendar.due(start, Duration(2, "working days"), TODAY) == calendar.end_of(date(2100, 1, 2))


# ---- school days -------------------------------------------------------------------------------------------

TERMS = Calendar(
    zone="Europe/London",
    weekend=frozenset({5, SUNDAY}),
    holidays=((date(2026, 5, 4), None), (date(2026, 5, 8), date(2026, 5, 1))),
    terms={
        "north": ((date(2026, 6, 1), date(2026, 7, 17)), (date(2026, 4, 13), date(2026, 5, 22))),
        "empty": (),
    },
)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 4, 12), None),  # before the first term that is known
        (date(2026, 4, 13), True),
        (date(2026, 4, 18), False),  # a Saturday
        (date(2026, 5, 4), False),  # a holiday in term
        (date(2026, 5, 27), False),  # half-term
        (date(2026, 7, 17), True),
        (date(2026, 7, 18), None),  # after the last
    ],
)
def test_schools_are_open_on_the_working_days_of_a_term(day: date, is_open: bool | None) -> None:
    assert TERMS.is_school_day(day, "north") is is_open


def test_without_a_term_calendar_school_days_cannot_be_told() -> None:
    start = TERMS.start_of(date(2026, 5, 20))
    assert TERMS.is_school_day(date(2026, 5, 20), "south") is None
    assert TERMS.is_school_day(date(2026, 5, 20), "empty") is None
    assert TERMS.due(start, Duration(1, "school days"), TODAY) is None
    assert TERMS.due(start, Duration(1, "school days"), TODAY, area="south") is None


def test_a_limit_in_school_days_runs_over_the_half_term() -> None:
    friday = TERMS.start_of(date(2026, 5, 22))
    assert TERMS.due(friday, Duration(1, "school days"), TODAY, area="north") == TERMS.end_of(date(2026, 6, 1))
    assert TERMS.due(friday, Duration(60, "school days"), TODAY, area="north") is None


def test_a_school_day_lost_late_is_lost_only_once_it_is_known() -> None:
    thursday, next_day = TERMS.start_of(date(2026, 5, 7)), Duration(1, "school days")
    assert TERMS.due(thursday, next_day, date(2026, 4, 30), area="north") == TERMS.end_of(date(2026, 5, 8))
    assert TERMS.due(thursday, next_day, date(2026, 5, 1), area="north") == TERMS.end_of(date(2026, 5, 11))


# ---- limits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "n", "unit", "ends"),
    [
        ("2024-03-30 12:00", 24, "hours", "2024-03-31 13:00"),  # the clocks go forward
        ("2024-10-26 12:00", 24, "hours", "2024-10-27 11:00"),  # the clocks go back
        ("2024-03-31 00:45", 30, "minutes", "2024-03-31 02:15"),
        ("2024-03-30 12:00", 1, "days", "2024-03-31"),
        ("2024-10-27 00:30", 0, "days", "2024-10-27"),
        ("2011-09-12 11:00", 3, "days", "2011-09-15"),
        ("2024-01-31 11:00", 1, "months", "2024-02-29"),
        ("2023-01-31 11:00", 1, "months", "2023-02-28"),
        ("2024-01-31 11:00", 0, "months", "2024-01-31"),
        ("2024-11-30 11:00", 3, "months", "2025-02-28"),
        ("2024-02-29 11:00", 1, "years", "2025-02-28"),
        ("2024-02-29 11:00", 4, "years", "2028-02-29"),
    ],
)
def test_a_limit_counts_the_first_day_as_nought(start: str, n: int, unit: Unit, ends: str) -> None:
    assert due(start, n, unit) == ends


@pytest.mark.parametrize(
    ("start", "n", "unit", "ends"),
    [
        ("2011-09-12 11:00", 3, "days", "2011-09-14"),  # a Monday: the third day is Wednesday
        ("2024-03-01 11:00", 3, "months", "2024-05-31"),
        ("2024-02-29 11:00", 12, "months", "2025-02-28"),
        ("2023-03-01 11:00", 12, "months", "2024-02-29"),
        ("2023-02-28 11:00", 12, "months", "2024-02-27"),
        ("2023-01-31 11:00", 1, "months", "2023-02-28"),
        ("2023-01-28 11:00", 1, "months", "2023-02-27"),
        ("2024-02-29 11:00", 1, "years", "2025-02-28"),
    ],
)
def test_a_limit_beginning_with_a_day_counts_it_as_the_first(start: str, n: int, unit: Unit, ends: str) -> None:
    assert due(start, n, unit, beginning_with=True) == ends


def test_a_limit_past_the_calendar_cannot_be_told() -> None:
    assert due("2099-01-01 12:00", 1, "years") == "2100-01-01"
    assert due("2099-01-01 12:00", 2, "years") is None
    assert due("2099-01-01 12:00", 1_000_000, "months") is None
    assert due("2099-01-01 12:00", 1_000_000, "days") is None


# ---- excluded time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("excluded", "ends"),
    [
        ([("2024-06-03 12:00", "2024-06-03 14:00")], "2024-06-03 18:00"),
        ([("2024-06-03 08:00", "2024-06-03 09:00")], "2024-06-03 16:00"),  # over before it began
        ([("2024-06-03 08:00", "2024-06-03 11:30")], "2024-06-03 17:30"),  # only the overlap counts
        ([("2024-06-03 16:00", "2024-06-03 17:00")], "2024-06-03 16:00"),  # begins as the limit ends
        ([("2024-06-03 15:59", "2024-06-03 17:00")], "2024-06-03 17:01"),
        (
            [("2024-06-03 12:00", "2024-06-03 14:00"), ("2024-06-03 13:00", "2024-06-03 15:00")],
            "2024-06-03 19:00",
        ),
        (
            [("2024-06-03 17:00", "2024-06-03 18:00"), ("2024-06-03 12:00", "2024-06-03 14:00")],
            "2024-06-03 19:00",
        ),
    ],
)
def test_an_elapsed_limit_grows_by_the_time_it_stood_still(excluded: list[tuple[str, str]], ends: str) -> None:
    assert due("2024-06-03 10:00", 6, "hours", excluded=excluded) == ends


@pytest.mark.parametrize(
    ("n", "unit", "beginning_with", "excluded", "ends"),
    [
        (3, "days", True, [("2011-09-13 22:00", "2011-09-14 08:00")], "2011-09-16"),
        (3, "days", True, [("2011-09-12 09:00", "2011-09-12 12:00")], "2011-09-15"),
        (3, "days", True, [("2011-09-20", "2011-09-30")], "2011-09-14"),
        (3, "days", True, [("2011-09-14", "2011-09-14"), ("2011-09-15", "2011-09-16")], "2011-09-17"),
        (3, "days", False, [("2011-09-12 09:00", "2011-09-12 12:00")], "2011-09-15"),
        (0, "days", False, [("2011-09-12 09:00", "2011-09-13 12:00")], "2011-09-14"),
        (1, "months", False, [("2011-09-20", "2011-09-21"), ("2011-10-13", "2011-10-13")], "2011-10-15"),
        (2, "working days", False, [("2011-09-14", "2011-09-17")], "2011-09-19"),
        (0, "working days", False, [("2011-09-12", "2011-09-12")], "2011-09-13"),
    ],
)
def test_a_day_that_excluded_time_touches_does_not_count(
    n: int, unit: Unit, beginning_with: bool, excluded: list[tuple[str, str]], ends: str
) -> None:
    monday = "2011-09-12 11:00"
    assert due(monday, n, unit, beginning_with=beginning_with, excluded=excluded) == ends


@pytest.mark.parametrize("unit", ["hours", "days", "working days", "months"])
def test_a_limit_that_waits_for_ever_is_due_at_the_end_of_all_days(unit: Unit) -> None:
    start, for_ever = at("2011-09-12 11:00"), [(at("2011-09-12 11:30"), 1 << 40)]
    assert CALENDAR.due(start, Duration(1, unit), TODAY, for_ever) == CALENDAR.end_of(date(2100, 12, 31))


# ---- what holds of every limit -----------------------------------------------------------------------------

UNITS: list[Unit] = ["minutes", "hours", "days", "working days", "months", "years"]
instants = st.integers(at("1990-01-01 00:00"), at("2027-06-01 00:00"))
spans = st.lists(st.tuples(instants, st.integers(0, 40 * 86_400)).map(lambda s: (s[0], s[0] + s[1])), max_size=4)


@st.composite
def durations(draw: st.DrawFn) -> Duration:
    unit = draw(st.sampled_from(UNITS))
    n = draw(st.integers(0, 1 if unit == "years" else 12))
    return Duration(n, unit, n > 0 and unit not in ("minutes", "hours") and draw(st.booleans()))


def kept(start: int, duration: Duration, excluded: list[tuple[int, int]]) -> int:
    found = CALENDAR.due(start, duration, TODAY, excluded)
    assert found is not None
    return found


@given(instants, durations(), spans)
def test_a_limit_never_ends_before_it_begins(start: int, duration: Duration, excluded: list[tuple[int, int]]) -> None:
    assert kept(start, duration, excluded) >= start


@given(instants, st.integers(0, 40 * 86_400), durations(), spans)
def test_what_begins_later_is_never_due_earlier(
    start: int, later: int, duration: Duration, excluded: list[tuple[int, int]]
) -> None:
    assert kept(start + later, duration, excluded) >= kept(start, duration, excluded)


@given(instants, durations(), spans)
def test_a_longer_limit_is_never_due_earlier(start: int, duration: Duration, excluded: list[tuple[int, int]]) -> None:
    longer = Duration(duration.n + 1, duration.unit, duration.beginning_with)
    assert kept(start, longer, excluded) >= kept(start, duration, excluded)


@given(instants, durations(), spans)
def test_excluded_time_never_shortens_a_limit(start: int, duration: Duration, excluded: list[tuple[int, int]]) -> None:
    assert kept(start, duration, excluded) >= kept(start, duration, [])


@given(instants, durations())
def test_a_limit_of_days_ends_with_the_last_second_of_a_day(start: int, duration: Duration) -> None:
    found = kept(start, duration, [])
    if duration.unit not in ("minutes", "hours"):
        assert found == CALENDAR.end_of(CALENDAR.day_of(found))


@given(instants, st.integers(0, 60), st.booleans(), st.dates(date(1990, 1, 1), date(2026, 1, 1)), spans)
def test_working_days_are_those_that_counting_one_by_one_gives(
    start: int, n: int, first_counts: bool, known_on: date, excluded: list[tuple[int, int]]
) -> None:
    beginning_with = first_counts and n > 0
    touched = [(CALENDAR.day_of(lo), CALENDAR.day_of(hi)) for lo, hi in excluded]
    day = CALENDAR.day_of(start)
    if not beginning_with and n > 0:
        day += timedelta(days=1)
    left = max(n, 1)
    while True:
        free = not any(lo <= day <= hi for lo, hi in touched)
        left -= free and CALENDAR.is_working(day, known_on)
        if left == 0:
            break
        day += timedelta(days=1)
    found = CALENDAR.due(start, Duration(n, "working days", beginning_with), known_on, excluded)
    assert found == CALENDAR.end_of(day)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 60))
def test_a_period_of_months_beginning_with_a_day_is_followed_by_the_next(day: date, months: int) -> None:
    last = months_later(day, months, beginning_with=True)
    assert months_later(day, months) - last <= timedelta(days=1)
    assert day < last


# ---- what cannot be a duration or a calendar ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "unit", "beginning_with"),
    [(-1, "days", False), (3, "hours", True), (30, "minutes", True), (0, "days", True), (1, "moons", False)],
)
def test_a_duration_that_means_nothing_is_refused(n: int, unit: Any, beginning_with: bool) -> None:
    with pytest.raises(ValueError, match=r"Use|Leave out"):
        Duration(n, unit, beginning_with)


def test_a_duration_says_itself() -> None:
    assert str(Duration(1, "working days")) == "1 working day"
    assert str(Duration(3, "days", beginning_with=True)) == "3 days, beginning with that day"


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"zone": "Nowhere/Town"}, "zone"),
        ({"zone": "../etc"}, "zone"),
        ({"zone": "UTC", "weekend": ["restday"]}, "weekend > 0"),
        ({"zone": "UTC", "holiday": {}}, "holiday"),
        ({"zone": "UTC", "holidays": {"soon": "A feast"}}, "holidays"),
        ({"zone": "UTC", "holidays": {date(1700, 1, 1): "A feast"}}, "1850 to 2100"),
        ({"zone": "UTC", "listed": {"from": date(2020, 1, 2), "to": date(2020, 1, 1)}}, "comes before"),
        ({"zone": "UTC", "listed": {"from": date(2020, 1, 2)}}, "listed > to"),
    ],
)
def test_a_calendar_that_cannot_be_read_names_the_key(said: dict[str, Any], names: str) -> None:
    with pytest.raises(Fault, match=names):
        read_calendar(said)


def test_a_holiday_given_twice_is_refused() -> None:
    with pytest.raises(Fault, match="twice"):
        Calendar("UTC", holidays=((date(2020, 1, 1), None), (date(2020, 1, 1), TODAY)))
