"""What another figure of a standard would have shown: answers gained and lost, by team and month."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from everystone.cli.options import AsAt, Extracts, KnownOn, Mapping, Packs, bar, out
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED


def whatif(
    extracts: Extracts, as_at: AsAt,
    standard: Annotated[str, typer.Option(help="The reference of the standard, as `everystone standards list` gives it.")],
    figures: Annotated[list[str], typer.Option("--set", help="A figure and its length, for instance within=5wd.")],
    first: Annotated[str, typer.Option("--from", help="The first day on which a duty is due.")],
    last: Annotated[str, typer.Option("--to", help="The last one.")],
    mapping: Mapping = None, known_on: KnownOn = None, pack: Packs = None,
    processes: Annotated[int, typer.Option(help="How many processes work at once.", min=1)] = 2,
    csv: Annotated[Path | None, typer.Option(help="A file for the same as a table (.csv).")] = None,
) -> None:  # fmt: skip
    """Say what a standard would have shown with another figure, beside what today's version shows.

    `everystone whatif extract/ --standard ID --set within=10wd --from 2025-01-01 --to 2025-12-31 --as-at 2026-06-30`

    Every duty due in that time is asked with today's figures and with yours, whatever version was in force then. Lengths
    are in min, h, d, wd (working days), sd (school days), m or y. Nothing is kept but the table you ask for.
    """
    from tempfile import TemporaryDirectory

    from everystone import library
    from everystone.findings.whatif import figure
    from everystone.findings.whatif import whatif as asked
    from everystone.intake.rejects import write_cells

    said, days = dict(figure(each) for each in figures), (_day(first), _day(last))
    packs = pack or [SHIPPED]
    library.look_over(packs, as_at, known_on)
    with TemporaryDirectory(prefix="everystone-") as folder, bar("Reading the extract") as tell:
        if library.is_mirror(extracts):
            extract = library.opened(extracts[0], packs)
        else:
            beside = mapping or library.mapping_beside(extracts)
            extract = library.read(extracts, beside, Path(folder) / "ledger", packs, tell)
        rows = asked(extract.ledger.folder, extract.pack, extract.instants(as_at, known_on), standard, said, *days,
                     Path(folder) / "asked", processes=processes, progress=lambda share: tell("Asking", share))  # fmt: skip
    if csv is not None:
        write_cells(csv, rows[0]._fields if rows else ("team", "month", "today", "gained", "lost"), rows)
    title = extract.pack.standards[standard].standard.title
    out.print(f"\n[bold]{title}[/bold] {standard}, due from {first} to {last}: {', '.join(figures)}")
    table = Table(
        "Team",
        "Month",
        "Not met by today's version",
        "Gained: not met only by yours",
        "Lost: no longer not met",
        box=None,
    )
    for row in rows:
        numbers = (row.today, row.gained, row.lost)
        table.add_row(row.team or "(team not recorded)", row.month, *(f"{each:,}" for each in numbers))
    table.add_section()
    table.add_row("All", "", f"{sum(row.today for row in rows):,}", f"{sum(row.gained for row in rows):,}",
                  f"{sum(row.lost for row in rows):,}")  # fmt: skip
    out.print(table)


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError as fault:
        raise Fault(f"{said!r} is no day. Write it as 2026-06-30.") from fault
