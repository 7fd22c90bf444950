"""What standards that are not switched on would have shown: rows a week, and the share that somebody acted on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb

from everystone.findings.answer import NOT_MET
from everystone.findings.frames import Instants
from everystone.findings.review import review
from everystone.intake.take import take
from everystone.ledger.fault import Fault
from everystone.standards.force import LEAST_DAYS
from everystone.standards.pack import load

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


def shadow_run(
    extracts: Sequence[Path], mapping: Path, packs: Sequence[str], days: tuple[date, date], as_at: str | None = None,
    only: Collection[str] = (),
) -> list[Shadow]:  # fmt: skip
    """What the standards that are off (or `only` some of them) would have shown of an extract between two days.

    Nothing of it is kept: the ledger and the findings stand in a private folder until they are counted. `as_at` is the
    day up to which acting late is counted, by default the extract's own. Raises Fault for unusable input, a time that is
    too short, one that reaches past the extract, and a standard that is not off.
    """
    pack = load(packs, shadow=True)
    first, last = days
    if (last - first).days < LEAST_DAYS:
        raise Fault(f"A shadow run lasts four weeks or longer; from {first} to {last} is shorter.")
    for name in only:
        if name not in pack.off:
            raise Fault(
                f"{name} is not off. Off are: {', '.join(sorted(pack.off)) or 'none; no pack has a force.yaml'}."
            )
    with TemporaryDirectory() as folder:
        taken = take(list(extracts), mapping, pack, Path(folder) / "ledger")
        end = pack.words.calendar.span(as_at or taken.as_of or last.isoformat())[1]
        if pack.words.calendar.day_of(end) < last:
            raise Fault(f"The extract ends before {last}. End the shadow run by its last day.")
        when = Instants(end, end, taken.book.coverage())
        review(Path(folder) / "ledger", pack, when, Path(folder), processes=1)
        return shadow(Path(folder) / "findings.parquet", only or pack.off, first, last)


def switch(of: Shadow, first: date, last: date) -> str:
    """The lines that switch a standard on in a force.yaml, but for whose decision it is and why."""
    run = f"{{from: {first}, to: {last}, rows_a_week: {of.rows_a_week:.1f}, acted_on: {of.acted_on:.2f}}}"
    return f"  - {{standard: {of.standard}, since: , owner: , reason: ,\n     shadow_run: {run}}}"
