"""What another figure of a standard would have shown: answers gained and lost, by team and month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from everystone.cli.options import AsAt, Extracts, KnownOn, Mapping, Packs, bar, bold, out
from everystone.cli.places import file_to_write
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED

if TYPE_CHECKING:
    from everystone.findings.whatif import Gained
    from everystone.library import Extract


def whatif(
    extracts: Extracts, as_at: AsAt,
    standard: Annotated[str, typer.Option(help="The reference of the standard, as `everystone standards list` gives it.")],
    figures: Annotated[list[str], typer.Option("--set", help="A figure and its length, for instance within=5wd.")],
    first: Annotated[str, typer.Option("--from", help="The first day on which a duty is due.")],
    last: Annotated[str, typer.Option("--to", help="The last one.")],
    mapping: Mapping = None, known_on: KnownOn = None, pack: Packs = None,
    processes: Annotated[int, typer.Option(help="How many processes work at once.", min=1)] = 2,
    csv: Annotated[Path | None, typer.Option(help="A file for the same as a table (.csv).", callback=file_to_write)] = None,
) -> None:  # fmt: skip
    """Say what a standard would have shown with another figure, beside what today's version shows.

    `everystone whatif extract/ --standard ID --set within=10wd --from 2025-01-01 --to 2025-12-31 --as-at 2026-06-30`

    Every duty due in that time is asked with today's figures and with yours, whatever version was in force then. Lengths
    are in min, h, d, wd (working days), sd (school days), m or y. Nothing is kept but the table you ask for.
    """
    from tempfile import TemporaryDirectory

    from everystone import library
    from everystone.account.manual.conditions import length
    from everystone.findings.whatif import Gained, figures_of, look_over, today
    from everystone.findings.whatif import whatif as asked
    from everystone.intake.rejects import write_cells

    said, days = figures_of(figures), (_day(first), _day(last))
    packs = pack or [SHIPPED]
    loaded = look_over(library.look_over(packs, as_at, known_on), standard, said, *days)
    with TemporaryDirectory(prefix="everystone-") as folder, bar("Reading the extract") as tell:
        if library.is_mirror(extracts):
            extract = library.opened(extracts[0], packs)
        else:
            beside = mapping or library.mapping_beside(extracts)
            extract = library.read(extracts, beside, Path(folder) / "ledger", packs, tell)
        when = extract.instants(as_at, known_on)
        rows = asked(extract.ledger.folder, extract.pack, when, loaded.id, said, *days,
                     Path(folder) / "asked", processes=processes, progress=lambda share: tell("Asking", share))  # fmt: skip
        beyond = list(_beyond(extract, loaded.id, when.as_at, days, nought=not rows))
    if csv is not None:
        write_cells(csv, Gained._fields, rows)
    words = extract.pack.words
    both = (
        f"{key}: {length(today(loaded, key), words)} today, {within.duration} asked" for key, within in said.items()
    )
    out.print(bold(f"\n{loaded.standard.title}", f" {loaded.id}, due from {first} to {last}; {'; '.join(both)}"))
    if rows:
        _print_table(rows)
    for line in beyond:
        out.print(line)


def _beyond(extract: Extract, standard: str, as_at: int, days: tuple[date, date], *, nought: bool) -> Iterator[str]:
    """What the numbers cannot say, as far as it is certain; where all are `nought`, which nought it is."""
    from everystone.account.carried import askable
    from everystone.findings.explain import day_in_words

    calendar, first, last = extract.pack.words.calendar, *days
    until = day_in_words(calendar.day_of(as_at))
    if nought and standard not in askable(extract.pack, extract.ledger.coverage()):
        yield ("This standard cannot be asked of this source, which does not hold what begins its duty or what would answer "
               "it: nothing can be told, by either figure. See coverage.csv of a review.")  # fmt: skip
    elif calendar.start_of(first) > as_at:
        yield f"All of that time lies after {until}, up to which it is asked: nothing was due yet."
    elif nought:
        yield ("No duty due in that time was found not met, by either figure. Whether any was due, was met or cannot be told "
               "is not said here: a review tells it of today's version.")  # fmt: skip
    if calendar.start_of(first) <= as_at < calendar.end_of(last):
        yield f"What is due after {until}, up to which it is asked, is not among it."


def _print_table(rows: Sequence[Gained]) -> None:
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
