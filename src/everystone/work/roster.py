"""A roster from the system that plans duty: CSV or iCalendar, all of it or nothing, the same roster twice is one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # has no types
from icalendar import Calendar as ICalendar

from everystone.ledger.calendar import Calendar
from everystone.ledger.fault import Fault
from everystone.work.posts import DutyFile

LONGEST, MOST = 2_000_000, 20_000  # bytes of a file, shifts in it
BACK, AHEAD = timedelta(days=31), timedelta(days=366)  # of what repeats, so much is taken
SHOWN = 10  # faults said at once
HEADS = {
    "officer": ("officer", "reference", "collar number", "warrant number", "who"), "post": ("post", "duty", "role"),
    "from": ("from", "start", "begins", "on"), "to": ("to", "end", "until", "finish", "off"),
}  # fmt: skip
WRITTEN = (
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
)
DAYS = ("%Y-%m-%d", "%d/%m/%Y")


class Shift(NamedTuple):
    """Somebody in a post, from one local time to another, as they are written in an entry (to the minute)."""

    officer: str
    post: str
    begins: str
    ends: str


def read_roster(name: str, content: bytes, said: DutyFile, calendar: Calendar, today: date) -> list[Shift]:
    """The shifts of a file. Raises Fault with every row that cannot be used, ten at most; then nothing is to be taken."""
    if len(content) > LONGEST:
        raise Fault(f"This file is larger than {LONGEST // 1_000_000} MB. Export a shorter time.", where=name)
    rows = (
        _events(name, content, today, calendar)
        if b"BEGIN:VCALENDAR" in content[:4_000].upper()
        else _rows(name, content)
    )
    shifts, faults = [], []
    for where, officer, post, begins, ends in rows:
        try:
            shifts.append(_shift(officer, post, begins, ends, said, calendar))
        except Fault as fault:
            faults.append(f"{where}: {fault.public}")
        if len(shifts) > MOST:
            raise Fault(f"This file holds more than {MOST:,} shifts. Export a shorter time.", where=name)
    if faults:
        more = f" And {len(faults) - SHOWN} more." if len(faults) > SHOWN else ""
        raise Fault(
            " ".join(faults[:SHOWN]) + more + " Nothing was taken. Mend the file and send it again.", where=name
        )
    if not shifts:
        raise Fault(
            "There is no shift in this file. It should have one row, or one calendar entry, for each.", where=name
        )
    return sorted(set(shifts))


def _shift(officer: str, post: str, begins: str, ends: str, said: DutyFile, calendar: Calendar) -> Shift:
    known = said.post_written(post)
    if not known:
        raise Fault(f"the post {post[:40]!r} is none that is known here ({', '.join(said.posts)}).")
    if not re.fullmatch(r"[\w./-]{1,40}", officer):
        raise Fault(f"{officer[:40]!r} is no reference of an officer." if officer else "no officer is named.")
    lo, hi = calendar.span(begins)[0], calendar.span(ends)[1]
    if hi <= lo:
        raise Fault(f"it ends ({ends}) before it begins ({begins}).")
    return Shift(officer, known, begins, ends)


# ---- CSV --------------------------------------------------------------------------------------------------------------

Row = tuple[str, str, str, str, str]  # where, officer, post, begins, ends


def _rows(name: str, content: bytes) -> Iterator[Row]:
    table = csv.reader(io.StringIO(_text(content)), delimiter=_delimiter(content))
    try:
        head = [cell.strip().lower() for cell in next(table, [])]
        column = {key: next((head.index(each) for each in names if each in head), -1) for key, names in HEADS.items()}
        missing = [key for key, place in column.items() if place < 0]
        if missing:
            raise Fault(
                f"The first row should name the columns officer, post, from and to; {missing[0]} is missing.",
                where=name,
            )
        for number, cells in enumerate(table, 2):
            if any(cell.strip() for cell in cells):
                cell = {key: cells[place].strip() if place < len(cells) else "" for key, place in column.items()}
                yield f"row {number}", cell["officer"], cell["post"], _written(cell["from"]), _written(cell["to"])
    except csv.Error as fault:
        raise Fault(f"This file cannot be read as CSV ({fault}). Export it again.", where=name) from fault


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _delimiter(content: bytes) -> str:
    head = content.split(b"\n", 1)[0]
    return max(",;\t", key=lambda each: head.count(each.encode()))


def _written(text: str) -> str:
    """A time as entries write it; what is none is handed on as it is, and refused with its row."""
    for form in WRITTEN:
        try:
            return f"{datetime.strptime(text, form):%Y-%m-%d %H:%M}"  # noqa: DTZ007 - local, as the roster has it
        except ValueError:
            continue
    for form in DAYS:
        try:
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    return text


# ---- iCalendar --------------------------------------------------------------------------------------------------------


def _events(name: str, content: bytes, today: date, calendar: Calendar) -> Iterator[Row]:
    try:
        events: list[Any] = list(ICalendar.from_ical(_text(content)).walk("VEVENT"))
    except (ValueError, KeyError, IndexError, RecursionError) as fault:
        raise Fault("This file cannot be read as a calendar. Export it again.", where=name) from fault
    moved = {
        (str(each.get("UID")), _local(each["RECURRENCE-ID"].dt, calendar)) for each in events if "RECURRENCE-ID" in each
    }
    for number, event in enumerate(events, 1):
        where = f"entry {number}"
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        category = event.get("CATEGORIES")
        officer, post = _who(str(event.get("SUMMARY", "")), bytes(category.to_ical()).decode() if category else "")
        if "DTSTART" not in event:
            yield where, officer, post, "no beginning", "no end"
            continue
        uid = "" if "RECURRENCE-ID" in event else str(event.get("UID"))
        for begins, ends in _times(event, today, calendar):
            if (uid, begins) not in moved:
                yield where, officer, post, _stamp(begins), _stamp(ends, end=True)


def _who(summary: str, category: str) -> tuple[str, str]:
    """Officer and post from "Duty inspector: D1", "D1 - duty inspector", or "D1" with the post as its category."""
    parts = [each.strip() for each in re.split(r":| [-–] |,|\(", summary.rstrip(")"), maxsplit=1)]
    if len(parts) == 1:
        return parts[0], category
    first, second = parts
    return (first, second) if re.search(r"\d", first) and not re.search(r"\d", second) else (second, first)


def _times(event: Any, today: date, calendar: Calendar) -> Iterable[tuple[Any, Any]]:
    """When an event is: once, or each time it repeats within a month back and a year ahead."""
    start = event["DTSTART"].dt
    end = (
        event["DTEND"].dt
        if "DTEND" in event
        else start + (event["DURATION"].dt if "DURATION" in event else _whole(start))
    )
    begins, length = _local(start, calendar), _local(end, calendar) - _local(start, calendar)
    if "RRULE" not in event:
        return [(begins, begins + length)]
    at_midnight = begins if isinstance(begins, datetime) else datetime.combine(begins, time())
    rule = rrulestr(
        re.sub(r"(UNTIL=\d{8})(T\d{6})?Z?", r"\1T235959", event["RRULE"].to_ical().decode()), dtstart=at_midnight
    )
    left_out = {_local(each.dt, calendar) for listed in _several(event.get("EXDATE")) for each in listed.dts}
    around = datetime.combine(today, time())
    found = (
        each if isinstance(begins, datetime) else each.date()
        for each in rule.between(around - BACK, around + AHEAD, inc=True)
    )
    return [(each, each + length) for each in found if each not in left_out]


def _several(found: Any) -> Sequence[Any]:
    return [] if found is None else found if isinstance(found, list) else [found]


def _whole(start: Any) -> timedelta:
    return timedelta(0) if isinstance(start, datetime) else timedelta(days=1)


def _local(at: Any, calendar: Calendar) -> Any:
    """A local time without an offset, or a day."""
    if isinstance(at, datetime) and at.tzinfo is not None:
        return calendar.local(int(at.astimezone(UTC).timestamp())).replace(tzinfo=None)
    return at


def _stamp(at: Any, *, end: bool = False) -> str:
    """As entries write it; the end of whole days is the last of them."""
    if isinstance(at, datetime):
        return f"{at:%Y-%m-%d %H:%M}"
    return str((at - timedelta(days=int(end))).isoformat())
