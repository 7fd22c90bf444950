"""Questions that columns answer, of many entries at once: of what kind one is, how long it was from one instant to another."""

from __future__ import annotations

from collections.abc import Callable
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
    calendar, (known, days_known) = rows.frames[0].words.calendar, rows.known_days
    found = np.empty(len(starts), np.int64)
    for n, day in enumerate(days_known):
        here = known[frame] == n
        found[here] = ends_known(calendar, duration, starts[here], day)
    return found


def ends_known(calendar: Calendar, duration: Duration, starts: Numbers, known_on: date) -> Numbers:
    """The last second of a limit from each of some instants (seconds UTC), as known on a day; the calendar is asked once a day."""
    seconds = SECONDS_IN.get(duration.unit)
    if seconds is not None:
        return starts + duration.n * seconds
    days = np.searchsorted(np.array(calendar.starts, np.int64), starts, "right") - 1
    places, at = np.unique(days, return_inverse=True)
    dues = (calendar.due(calendar.starts[day], duration, known_on) for day in places.tolist())
    return np.array([UNKNOWN if due is None else due for due in dues], np.int64)[at]
