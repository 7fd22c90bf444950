"""Texts of a file, one by one: the lines of a plain file, or one column of a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from everystone.ledger.fault import Fault

LONGEST = 100_000  # letters of one text; no note comes near it
USUAL = ("text", "narrative", "note", "notes", "reason", "reasons", "comment", "comments", "entry", "description")


class Text(NamedTuple):
    """One text: its line (or row) from 1, its kind of entry and who is quoted, "" where the file does not say."""

    line: int
    text: str
    kind: str = ""
    spoken_by: str = ""


def texts_of(path: Path, column: str | None = None) -> Iterator[Text]:
    """The texts of a file. A table (.csv) is read by a column: the one named, else the first of the usual names.

    Columns `kind` and `quote_of`, where there are any, say of which kind an entry is and who is quoted in it.
    Raises Fault for a file that cannot be read, that is not UTF-8, or that has no such column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.lower() == ".csv":
                yield from _rows(csv.DictReader(file), path, column)
            else:
                yield from (Text(number, line[:LONGEST]) for number, line in enumerate(file, 1) if line.strip())
    except UnicodeDecodeError as fault:
        raise Fault("This file is not UTF-8 text. Save it as UTF-8.", where=str(path)) from fault
    except (OSError, csv.Error) as fault:
        raise Fault("This file cannot be read. Check its name and its form.", where=str(path)) from fault


def _rows(table: csv.DictReader[str], path: Path, column: str | None) -> Iterator[Text]:
    name = _column(table.fieldnames or (), path, column)
    for row in table:
        text = (row.get(name) or "")[:LONGEST]
        if text.strip():
            yield Text(table.line_num, text, row.get("kind") or "", row.get("quote_of") or "")


def _column(names: Sequence[str], path: Path, column: str | None) -> str:
    folded = {name.strip().lower(): name for name in names}
    wanted = [column.strip().lower()] if column else [name for name in USUAL if name in folded]
    for name in wanted:
        if name in folded:
            return folded[name]
    asked = f"has no column {column!r}" if column else "has no column of a usual name"
    shown = ", ".join(names) or "none"
    raise Fault(f"This table {asked}. It has: {shown}. Name one with --column.", where=str(path))
