"""The commands for those who write a mapping: a first one proposed, and a look at what it makes of twenty rows."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from everystone.cli.options import Extracts, Packs, out
from everystone.cli.places import file_to_write
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED

if TYPE_CHECKING:
    from everystone.ledger.calendar import Calendar
    from everystone.ledger.entry import Entry

app = typer.Typer(help="Write a mapping: suggest a first one, preview what it makes.", no_args_is_help=True)

ROWS = 20


@app.command()
def suggest(
    extracts: Extracts, pack: Packs = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="The mapping file to write; without it, it is printed.",
                                                  callback=file_to_write)] = None,
) -> None:  # fmt: skip
    """Propose a first mapping, with how sure each line is (0 to 1), and at its end what could not be placed.

    Nothing in it is certain, and it holds nothing as complete: read every line before it is used.
    """
    from everystone.intake.suggest import suggest as proposed
    from everystone.standards.pack import load

    if out_file is not None and out_file.exists():
        raise Fault(f"{out_file} is there already. Give the name of a new file.")
    text = proposed(extracts, load(pack or [SHIPPED]))
    if out_file is None:
        print(text, end="")  # noqa: T201 - plain output, to be sent into a file
        return
    out_file.write_text(text, encoding="utf-8")
    out.print(f"The proposal is in {out_file}. Read it, then look at what it makes: everystone intake preview")


@app.command()
def preview(
    extracts: Extracts,
    mapping: Annotated[Path, typer.Option(help="The mapping file: which columns become which kinds of entry.")],
    pack: Packs = None,
) -> None:
    """Show what a mapping makes of the first twenty rows of each file, and what it would reject; nothing is kept."""
    from everystone.intake.take import take
    from everystone.standards.pack import load

    read = load(pack or [SHIPPED])
    with TemporaryDirectory(prefix="everystone-") as folder:
        taken = take(extracts, mapping, read, Path(folder), first=ROWS)
        for stream in taken.book.streams():
            for entry in taken.book.read(stream):
                out.print(_line(entry, read.words.calendar))
    for name, rows in taken.rows.items():
        out.print(f"{name}: {rows.used} used, {rows.not_wanted} not wanted, {rows.rejected} rejected")
    for word in taken.unnamed.listed[:ROWS]:
        out.print(f"  {word.column} names no kind: {word.word} (rows: {word.rows})")
    for each in taken.rejects[:ROWS]:
        out.print(f"  row {each.row} {each.column} {each.code}: {each.says} {each.do}")


def _line(entry: Entry, calendar: Calendar) -> str:
    """An entry on one line: when, what, in which stream, about whom, by whom, and what it says."""
    first, last = calendar.local(entry.lo), calendar.local(entry.hi)
    when = f"{first:%Y-%m-%d %H:%M}" if entry.lo == entry.hi else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    about = f"  about {', '.join(entry.subjects)}" if entry.subjects else ""
    by = f"  by {entry.by}" if entry.by else ""
    said = ", ".join(f"{name}: {value}" for name, value in entry.data.items())
    return f"{when}  {entry.kind}  {entry.stream}{about}{by}  {{{said}}}"
