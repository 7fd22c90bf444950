"""The report as a workbook: the same numbers in sheets, every cell of text a text and never a formula."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import xlsxwriter

from everystone.account.folder import write_bytes
from everystone.account.totals import Tally, Totals
from everystone.account.untold import Untold
from everystone.findings.answer import CANNOT_BE_TOLD, NOT_MET
from everystone.findings.placed import LANES
from everystone.intake.rejects import visible
from everystone.ledger.calendar import Calendar
from everystone.standards.pack import Pack

if TYPE_CHECKING:
    from everystone.account.cards import Attention

MOST_FINDINGS = 10_000  # rows of the sheet; more are in findings.parquet, and nobody reads them in a sheet
LONGEST = 32_767  # characters that a cell holds
FEW = "too few to tell apart"
WIDE = ("Standard", "Why", "What was told", "What would tell it", "Standards it would open", "What to do")
Cell = str | int | float | datetime | None
Sheet = tuple[str, Sequence[str], Iterator[Sequence[Cell]]]  # its name, its heads, its rows


def write_workbook(
    path: Path, given: Mapping[str, Any], findings: Path | None, pack: Pack, sealed: Collection[str]
) -> None:
    """Write what a report is given as a workbook; with `findings` (findings.parquet) also those, one a row.

    Nothing in it is reckoned by the spreadsheet: there is no formula, no link, no macro. Each page of a print bears the
    mark. Cells keep what the record says, so that nothing is lost; what is hidden in it is made visible.
    """
    written = given["run"].get("written_at")
    held = BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        book.set_properties({
            "title": f"What the record shows, as at {given['moments'].as_at}", "comments": given["mark"],
            "created": datetime.fromisoformat(written) if written else datetime(2000, 1, 1),  # noqa: DTZ001
        })  # fmt: skip
        sheets = _Sheets(book, given["mark"])
        sheets.add("About", ("What this is", ""), _about(given))
        for name, heads, rows in _sheets(given, findings, pack, sealed):
            sheets.add(name, heads, rows)
    write_bytes(path, held.getvalue())


class _Sheets:
    """The sheets of one workbook, all alike: the mark on top, then the heads, which stay, then the rows."""

    def __init__(self, book: Any, mark: str) -> None:
        self.book, self.mark = book, mark
        text = {"num_format": 49, "quote_prefix": True, "valign": "top"}  # so that it stays a text when it is edited
        self.text, self.wide = book.add_format(text), book.add_format({**text, "text_wrap": True})
        self.head = book.add_format({**text, "bold": True, "bottom": 1, "text_wrap": True})
        self.bold = book.add_format({**text, "bold": True})
        self.number = book.add_format({"num_format": "#,##0", "valign": "top"})
        self.share = book.add_format({"num_format": "0.0%", "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})

    def add(self, name: str, heads: Sequence[str], rows: Iterator[Sequence[Cell]]) -> None:
        """One sheet."""
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&C&8{self.mark}")
        sheet.set_footer("&C&8&P of &N")
        sheet.repeat_rows(0, 2)
        sheet.write_string(0, 0, self.mark, self.bold)
        for place, head in enumerate(heads):
            wide = head in WIDE or name == "About"
            sheet.set_column(place, place, 60 if wide else max(12, min(len(head) + 2, 24)))
            sheet.write_string(2, place, head, self.head)
        last = 2
        for last, row in enumerate(rows, 3):
            for place, cell in enumerate(row):
                self._write(sheet, last, place, cell, heads[place])
        sheet.freeze_panes(3, 0)
        if name != "About":
            sheet.autofilter(2, 0, last, len(heads) - 1)

    def _write(self, sheet: Any, row: int, place: int, cell: Cell, head: str) -> None:
        if isinstance(cell, datetime):
            sheet.write_datetime(row, place, cell, self.day)
        elif isinstance(cell, str):
            sheet.write_string(
                row, place, visible(cell)[:LONGEST], self.wide if head in WIDE or not head else self.text
            )
        elif cell is not None:
            sheet.write_number(row, place, cell, self.share if isinstance(cell, float) else self.number)


# ---- what stands in them -----------------------------------------------------------------------------------------


def _about(given: Mapping[str, Any]) -> Iterator[Sequence[Cell]]:
    said = given["moments"]
    yield "As at", said.as_at
    yield "As known on", said.known_on
    for each in given["unused"]:
        yield "What could not be used", each
    yield (
        "How many standards can be asked",
        f"Of {given['standards']} standards, {given['askable']} can be asked of this extract.",
    )
    if "figures" in given:
        yield "Cases looked at", given["figures"].cases
        yield "Children and victims whom they name", given["figures"].children
    else:
        yield "Cases looked at", given["looked"].cases
        yield "Children and victims whom they name", given["looked"].children
    yield "What a finding is", given["limits"]
    yield (
        "How to read it",
        (
            "Each number is of the answers that were due: met, not met, cannot be told. What cannot be told weighs as much as what "
            "is not met. Not recorded here, recorded elsewhere and not done are three different things."
        ),
    )
    if given["sealed"]:
        yield (
            "What is left out",
            f"{given['sealed']} standards are told to professional standards only, whatever their answers are.",
        )


def _sheets(given: Mapping[str, Any], findings: Path | None, pack: Pack, sealed: Collection[str]) -> Iterator[Sheet]:
    totals: Totals = given["totals"]
    heads: Sequence[str]
    if findings is not None:
        heads = ("Place", "Tier", "Child", "Name", "Case", "Team", "Why", "How sure", "What to do", "Who")
        yield "Attention first", heads, _first(given["first"], given["names"])
    told = (
        "Due",
        "Not met",
        "Share not met",
        "Cannot be told",
        "Share cannot be told",
        "Met, found in the text",
        "Not yet due",
    )
    yield (
        "Standards",
        ("What it threatens", "Standard", "Reference", "Said as", *told),
        _standards(totals, given["threatened"]),
    )
    yield "Teams", ("Team", *told), ((team, *_told(tally)) for team, tally in totals.teams)
    yield (
        "Could not be told",
        ("Why", "What would tell it", "Answers", "Standards it would open"),
        _untold(given["untold"]),
    )
    if totals.before:
        heads = ("Told before", "As at", "Due", "Not met", "Cannot be told")
        yield "Told before", heads, ((each.name, each.as_at, each.tally.asked, _few(each.tally.not_met), _few(each.tally.untold))
                                     for each in totals.before)  # fmt: skip
    if findings is not None:
        heads = ("Tier", "Case", "Of whom", "Standard", "Reference", "Answer", "Reason", "Due on", "Team", "Marks")
        yield "Findings", heads, _findings(findings, pack, sealed)


def _first(first: Attention, names: Mapping[str, str]) -> Iterator[Sequence[Cell]]:
    for place, row in enumerate(first.rows, 1):
        placed = row.placed
        yield (place, row.tier, row.child, names.get(row.child, ""), row.case, placed.team, placed.because, placed.confidence,
               placed.step, placed.done_by)  # fmt: skip


def _standards(totals: Totals, threatened: Mapping[str, str]) -> Iterator[Sequence[Cell]]:
    for what, lines in totals.standards.items():
        for line in lines:
            yield threatened[what], line.title, line.id, ", ".join(line.strengths), *_told(line.tally)
    for line in totals.clean:
        yield "Met every time it was asked", line.title, line.id, ", ".join(line.strengths), *_told(line.tally)


def _told(tally: Tally) -> Iterator[Cell]:
    shares = tally.failing, tally.silent
    failing, silent = (float(share.value) if share and not tally.few else None for share in shares)
    yield from (tally.asked, _few(tally.not_met), failing, _few(tally.untold), silent, tally.found, tally.not_yet_due)


def _few(n: int | None) -> Cell:
    return FEW if n is None else n


def _untold(untold: Untold) -> Iterator[Sequence[Cell]]:
    groups = {
        "Not held by this extract": untold.kinds,
        "Held, but left empty": untold.fields,
        "For another reason": untold.reasons,
    }
    for why, rows in groups.items():
        for row in rows:
            yield why, row.data, row.answers, "; ".join(row.standards)


def _findings(path: Path, pack: Pack, sealed: Collection[str]) -> Iterator[Sequence[Cell]]:
    """What is not met and what cannot be told of cases and their people, in the order of danger; as many as a sheet should
    hold. What is asked of an officer is told to that officer and the supervisor, and stands in no list.
    """
    rows = duckdb.execute(
        "SELECT tier, frame, asked_for, standard, answer, reason, epoch(due)::BIGINT, team, marks FROM read_parquet(?) "
        "WHERE answer IN (?, ?) AND NOT list_contains(?, standard) AND NOT starts_with(frame, 'officer/') "
        "ORDER BY tier NULLS LAST, answer DESC, frame, standard, asked_for, due, n LIMIT ?",
        [str(path), NOT_MET, CANNOT_BE_TOLD, sorted(sealed) or [""], MOST_FINDINGS],
    ).fetchall()
    for tier, frame, asked_for, standard, answer, reason, due, team, marks in rows:
        if standard in pack.standards:
            lane, title = LANES[tier] if tier is not None else "", pack.standards[standard].standard.title
            yield (lane, *_whose(frame, asked_for), title, standard, answer, reason, _day(due, pack.words.calendar),
                   team, "; ".join(marks or ()))  # fmt: skip
    if len(rows) == MOST_FINDINGS:
        yield "", "", "", f"More than these {MOST_FINDINGS:,} stand in findings.parquet beside this workbook."


def _whose(frame: str, asked_for: str) -> tuple[str, str]:
    sort, _, name = frame.partition("/")
    return (name, asked_for) if sort == "case" else ("", asked_for or name)


def _day(due: int | None, calendar: Calendar) -> datetime | None:
    day = calendar.local(due).replace(tzinfo=None) if due is not None else None
    return day if day is None or day.year >= 1900 else None  # a spreadsheet knows no earlier day
