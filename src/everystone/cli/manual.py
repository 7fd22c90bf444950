"""The command that writes the manual of the standards."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from everystone.cli.options import Packs, out
from everystone.cli.places import folder_to_write
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED


def manual(
    out_dir: Annotated[Path, typer.Option("--out", help="The folder to write; its earlier pages are replaced.",
                                          callback=folder_to_write)],
    on: Annotated[list[str] | None, typer.Option(help="Add a page of what was in force on this day.")] = None,
    between: Annotated[tuple[str, str] | None, typer.Option(help="Add a page of what differs between two days.")] = None,
    review: Annotated[Path | None, typer.Option(help="Add what people said of the findings of the review in this folder.")] = None,
    pack: Packs = None,
) -> None:  # fmt: skip
    """Write the standards as pages to read and print: questions, sources, versions, stories, what changed when.

    `everystone manual --out manual --on 2011-09-12 --between 2011-09-12 2026-11-01`

    With `--review review/` each page says how good its standard has been in use; such a manual is the force's own.

    The pages are made from the files that run, stand on their own and need no script and no network. Begin at index.html.
    """
    from everystone.account.manual.site import write_manual
    from everystone.account.precision import precision_of_review
    from everystone.standards.pack import load

    days = (_day(between[0]), _day(between[1])) if between else None
    read = load(pack or [SHIPPED])
    used = precision_of_review(review, read) if review is not None else ()
    pages = write_manual(read, out_dir, [_day(each) for each in on or ()], days, used)
    out.print(f"{len(pages):,} pages are in {out_dir}. Begin at {out_dir / 'index.html'}.")


def _day(text: str) -> date:
    """A day as it was typed. Raises Fault."""
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise Fault(f"{text!r} is no day. Write it as 2011-09-12.") from fault
