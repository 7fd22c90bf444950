"""What standards that are not switched on would have shown: rows a week, and the share that somebody acted on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from everystone.findings.answer import NOT_MET

LATE = "late by"  # the reason of what was done after its day: somebody acted on it


class Shadow(NamedTuple):
    """One standard over a time: rows a week, and the share of them that was done after all (None: no rows)."""

    standard: str
    rows_a_week: float
    acted_on: float | None


def shadow(findings: Path, standards: Collection[str], first: date, last: date) -> list[Shadow]:
    """What some standards showed from one civil day to another, by findings.parquet of a review with them.

    A row is a duty not met whose due day lies inside; it was acted on where it was done late. What was excused or
    is not told is no row. Raises ValueError where the time is no time.
    """
    if last < first:
        raise ValueError(f"the time ends on {last}, before it begins on {first}")
    weeks = ((last - first).days + 1) / 7
    rows = duckdb.execute(
        "SELECT standard, count(*), avg((reason = ?)::INT) FROM read_parquet(?) WHERE answer = ? "
        "AND list_contains(?, standard) AND due::DATE BETWEEN ? AND ? GROUP BY standard",
        [LATE, str(findings), NOT_MET, sorted(standards), first, last],
    ).fetchall()
    found = {standard: (n, share) for standard, n, share in rows}
    return [
        Shadow(each, found.get(each, (0, None))[0] / weeks, found.get(each, (0, None))[1]) for each in sorted(standards)
    ]
