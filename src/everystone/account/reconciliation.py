"""A reconciliation as it is handed over: a page and a table for everybody, and apart from them a sealed table."""

from __future__ import annotations

from pathlib import Path

from everystone.account.apart import sealed_beside
from everystone.account.folder import private, say_run, write_text
from everystone.account.page import render
from everystone.intake.reconciliation.outcomes import (
    BOTH,
    NOT_OURS,
    NOT_THEIRS,
    OUTCOMES,
    UNTOLD,
    Difference,
    Line,
    Reconciled,
)
from everystone.intake.rejects import write_cells
from everystone.ledger.fault import Fault

SHOWN = 500  # lines of one outcome on the page; the table has them all
MARK = "Sensitive: names cases and people. For this force only. Keep it as you keep the record itself."
LIMITS = (
    "This compares two records. What stands on one of them only is a question to be asked, and no finding about "
    "anybody's guilt, honesty or credibility."
)
#: What each outcome means and what to do with it.
MEANS = {
    NOT_THEIRS: "Ask the other body under reference, person and day, and write down its answer.",
    NOT_OURS: "Look for it in the record under another reference; if it is not there, write it down and say when it was found.",
    UNTOLD: "One of the two could not have held it. Ask for a list that reaches the day, or a wider extract.",
    BOTH: "Nothing needs doing. References that were typed differently can be put right in the record.",
}


def summary(done: Reconciled) -> str:
    """How many of each outcome, a line each."""
    return "\n".join(
        [*(f"{n:>9,}  {outcome}" for outcome, n in done.counts.items()), *([done.unread] if done.unread else [])]
    )


def write_reconciliation(done: Reconciled, folder: Path) -> Path:
    """Write what everybody may read; returns the page. Raises Fault where somebody else's files stand in the folder."""
    private(folder)
    write_cells(folder / "reconciled.csv", Line._fields, done.lines)
    groups = [(outcome, MEANS[outcome], done.counts[outcome],
               [line for line in done.lines if line.outcome == outcome][:SHOWN]) for outcome in OUTCOMES]  # fmt: skip
    page = folder / "reconciliation.html"
    write_text(
        page,
        render(
            "reconciliation.html",
            mark=MARK,
            limits=LIMITS,
            of=done.of,
            unread=done.unread,
            groups=groups,
            shown_at_most=SHOWN,
        ),
    )
    say_run(folder, {"outcomes": done.counts})
    return page


def place_apart(named: Path | None, ordinary: Path) -> Path:
    """The folder for professional standards only: as it is named, or beside everybody else's.

    Raises Fault for a folder inside that of everybody else's.
    """
    if named is not None and named.resolve().is_relative_to(ordinary.resolve()):
        raise Fault("The sealed folder lies inside the other one. Give --sealed a place that others do not open.")
    return named or sealed_beside(ordinary)


def write_sealed(done: Reconciled, folder: Path, ordinary: Path) -> None:
    """Write what professional standards alone may read, in a folder of its own, whether there is anything or not.

    Raises Fault for a folder inside that of everybody else's.
    """
    private(place_apart(folder, ordinary))
    write_cells(folder / "differences.csv", Difference._fields, done.differences)
    say_run(folder, {})
