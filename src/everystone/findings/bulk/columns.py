"""Questions that columns answer, of many entries at once: of what kind one is, how long it was from one instant to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everystone.findings.bulk.rows import FAR, Numbers, Rows
from everystone.ledger.calendar import Calendar
from everystone.ledger.duration import SECONDS_IN, Duration
from everystone.standards.condition import Gap

NO, UNTOLD, YES, NOT_ASKED = range(4)  # in this order "all of them" is the least and "any of them" the greatest
Tellings = NDArray[np.int8]
Column = Callable[[Rows, Numbers], Tellings]
UNKNOWN = -FAR  # stands for a due instant that the record or the calendar does not give


def column_of(name: str, value: Any) -> Column | None:
    """What answers one key of a condition for many rows at once; None where each entry is asked by itself."""
    if name == "is_":
        return _of_kinds(frozenset([value] if isinstance(value, str) else value))
    if name == "gap" and {value.since, value.to} <= {"happened", "recorded"}:
        return _gap(value)
    return None


def _of_kinds(kinds: frozenset[str]) -> Column:
    return lambda rows, these: np.where(rows.is_of(kinds, these), YES, NO).astype(np.int8)


def _gap(said: Gap) -> Column:
    def column(rows: Rows, these: Numbers) -> Tellings:
        (lo, hi), (first, last) = (_instants(rows, these, name) for name in (said.since, said.to))
        least, most = (ends(rows, rows.frame[these], said.at_most.duration, start) for start in (lo, hi))
        told = np.where(last <= least, YES, np.where(first > most, NO, UNTOLD))
        return np.where((least == UNKNOWN) | (most == UNKNOWN), UNTOLD, told).astype(np.int8)

    return column


def _instants(rows: Rows, these: Numbers, name: str) -> tuple[Numbers, Numbers]:
    if name == "recorded":
        return rows.recorded[these], rows.recorded[these]
    return rows.lo[these], rows.hi[these]


def ends(rows: Rows, frame: Numbers, duration: Duration, starts: Numbers) -> Numbers:
    """The last second of a limit that begins at each of some instants in some frames."""
    if duration.unit in SECONDS_IN:
        return starts + duration.n * SECONDS_IN[duration.unit]
    known, days_known = rows.known_days
    return _by_day(rows.frames[0].words.calendar, duration, rows.days(starts), known[frame], days_known)


def ends_known(calendar: Calendar, duration: Duration, starts: Numbers, known_on: date) -> Numbers:
    """The last second of a limit from each of some instants (seconds UTC), as known on a day."""
    if duration.unit in SECONDS_IN:
        return starts + duration.n * SECONDS_IN[duration.unit]
    days = np.searchsorted(np.array(calendar.starts, np.int64), starts, "right") - 1
    return _by_day(calendar, duration, days, np.zeros(len(days), np.int64), [known_on])


def _by_day(
    calendar: Calendar, duration: Duration, days: Numbers, known: Numbers, days_known: Sequence[date]
) -> Numbers:
    """The calendar is asked once for each civil day on which a limit begins and each on which it was known."""
    places, at = np.unique(days * len(days_known) + known, return_inverse=True)
    found = []
    for place in places.tolist():
        day, known_on = divmod(place, len(days_known))
        due = calendar.due(calendar.starts[day], duration, days_known[known_on])
        found.append(UNKNOWN if due is None else due)
    return np.array(found, np.int64)[at]
