"""What the commands share: their options, where they print, the bar that shows how far they are."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from everystone.standards.pack import SHIPPED

#: What is printed comes from outside, from packs and faults: no bracket in it is a mark, and no word between colons a picture.
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)

Extracts = Annotated[list[Path], typer.Argument(help="Files or folders that the force exported.", show_default=False)]
Mapping = Annotated[Path | None, typer.Option(help="The mapping file: which columns become which kinds of entry. "
                                              "Without it, the mapping.yaml that lies with the extract.")]  # fmt: skip
AsAt = Annotated[str, typer.Option(help="The day (or local instant) in the world; a bare date is its end.")]
KnownOn = Annotated[str | None, typer.Option(help="As known on this day; without it, the same as --as-at.")]
Packs = Annotated[list[str] | None, typer.Option("--pack", help=f"A pack by name or folder; default {SHIPPED}.")]
Accepted = Annotated[
    Path | None, typer.Option(help="A file of acceptances: what a named person found in a text and answers for.")
]
Previous = Annotated[
    list[Path] | None,
    typer.Option(help="The folder of an earlier release that readers have; may be given several times."),
]
NamesBecause = Annotated[
    str | None,
    typer.Option(help="Show people's names, for this reason; it is kept in run.json with who asked and when."),
]
Engine = Annotated[
    Literal["bulk", "spark", "reference"],
    typer.Option(help="Who asks: in bulk, the same on Spark, or the reference to compare with. All write the same."),
]
Documents = Annotated[
    Path | None, typer.Option(help="A folder of documents as text: CASE/NAME.txt, a form feed between pages.")
]


def bold(first: str, rest: str = "") -> Text:
    """A line that begins in bold."""
    return Text.assemble((first, "bold"), rest)


class Audience(StrEnum):
    """For whom it is written."""

    force = "force"
    reviewer = "reviewer"
    oversight = "oversight"
    public = "public"


class bar:
    """A progress bar on the error stream; says nothing where nobody looks."""

    def __init__(self, label: str) -> None:
        self.progress = Progress(
            TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=err, transient=True, disable=not err.is_terminal,
        )  # fmt: skip
        self.task = self.progress.add_task(label, total=1.0)

    def __enter__(self) -> Callable[[str, float], None]:
        self.progress.start()
        return lambda label, share: self.progress.update(self.task, description=label, completed=share)

    def __exit__(self, *_: object) -> None:
        self.progress.stop()
