"""The places that a command is told to write to, looked at before any work is done. The look leaves nothing behind."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated

import typer

from everystone.ledger.fault import Fault, unwritable


def folder_to_write(place: Path | None) -> Path | None:
    """A folder as it was named, there or not yet. Raises Fault where it cannot be made, or written to."""
    if place is not None:
        _try(next(each for each in (place, *place.parents) if os.path.lexists(each)), place)
    return place


def file_to_write(place: Path | None) -> Path | None:
    """A file as it was named, in a folder that is there. Raises Fault where it cannot be written."""
    if place is not None:
        if place.is_dir():
            raise Fault(f"{place} is a folder. Name a file in it.")
        if not place.parent.is_dir():
            raise Fault(
                f"There is no folder {place.parent} to write {place.name} to. Make it first, or name another place."
            )
        _try(place.parent, place)
    return place


def database_to_write(place: str) -> str:
    """A file for a database, or the address of a server, as it was named. Raises Fault where the file cannot be written."""
    if "://" not in place:
        file_to_write(Path(place))
    return place


def _try(folder: Path, asked: Path) -> None:
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as fault:
        raise unwritable(asked, fault) from fault


OutFolder = Annotated[
    Path, typer.Option("--out", help="The folder to write; private to you (0700).", callback=folder_to_write)
]
