"""Reading a list of another body (or a plain list of claims): which column gives which fact, and the rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from everystone.intake.csv import DELIMITERS
from everystone.intake.desk import laid_out
from everystone.intake.laid import Laid
from everystone.intake.mapping import How
from everystone.intake.reading import read
from everystone.intake.reconciliation.likeness import bare, parts
from everystone.intake.reconciliation.pairing import Told
from everystone.intake.rejects import Rejects
from everystone.ledger.fault import Fault
from everystone.standards.bodies import BodiesFile

FACTS = ("reference", "person", "date")  # what a list may be compared by
BESIDE = ("decision", "case")  # what it may say besides
_FORMATS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?![\d])", re.ASCII)


class Row(NamedTuple):
    """One row of a list as written, and as it is compared; `number` counts from 1, the header being row 1."""

    number: int
    reference: str
    person: str
    date: str
    decision: str
    told: Told


class Listed(NamedTuple):
    """A list: its rows, which column gave which fact, and how many of its dates could not be read."""

    rows: Sequence[Row]
    columns: Mapping[str, str]
    undated: int
    unusable: int


def asked_by(by: str) -> dict[str, str]:
    """The facts to compare by, as `reference,person,date` or with the head of the column, `reference=URN`.

    Raises Fault for a fact that is none of these, or said twice.
    """
    facts: dict[str, str] = {}
    for part in by.split(","):
        fact, _, head = part.strip().partition("=")
        if fact not in FACTS or fact in facts:
            raise Fault(
                f"--by {by!r}: {fact!r} is said twice or is none of {', '.join(FACTS)}. Write --by {','.join(FACTS)}."
            )
        facts[fact] = head.strip()
    return facts


LONGEST_LINE = 100_000  # characters of a first line that are looked at


def _delimiter(path: Path) -> str | None:
    """The delimiter that a text file's first line holds most of; no mapping says it."""
    if not path.is_file():
        raise Fault("There is no such file.", where=str(path))
    if path.suffix.lower() not in (".csv", ".txt"):
        return None
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = file.readline(LONGEST_LINE)
    return max(DELIMITERS, key=first.count) if any(each in first for each in DELIMITERS) else None


def read_list(path: Path, by: Mapping[str, str], file: BodiesFile, body: str) -> Listed:
    """The rows of a list. Raises Fault where it cannot be read, or lacks a column for a fact it is compared by."""
    with TemporaryDirectory(prefix="everystone-") as folder, laid_out(Path(folder)) as desk:
        rejects = Rejects()
        laid = read(desk, 0, path, path.name, How(_delimiter(path)), rejects)
        columns = {
            fact: _column(laid, fact, by.get(fact, ""), file, body, wanted=fact in by) for fact in (*FACTS, *BESIDE)
        }
        given = {fact: head for fact, head in columns.items() if head}
        cells = ", ".join(laid.column(head) for head in given.values())
        found = desk.each(f"SELECT row, {cells} FROM {laid.table} ORDER BY row")
        rows = [_row(number, dict(zip(given, row, strict=True))) for number, *row in found]
    undated = sum(1 for row in rows if row.date and row.told.day is None)
    return Listed(rows, given, undated, rejects.total)


def _column(laid: Laid, fact: str, head: str, file: BodiesFile, body: str, *, wanted: bool) -> str:
    """The column that gives a fact: the one named, else the first that bears a head the pack knows."""
    if head:
        laid.column(head)
        return head
    there = {_plain(name): name for name in laid.columns}
    found = next((there[_plain(each)] for each in [*file.heads(body, fact), fact] if _plain(each) in there), "")
    if not found and wanted:
        raise Fault(
            f"No column of this list is known to give the {fact}. It has: {', '.join(laid.columns)}. "
            f"Say which under --by, as {fact}=COLUMN, or leave {fact} out.",
            where=laid.name,
        )
    return found


def _row(number: int, cells: Mapping[str, str | None]) -> Row:
    said = {fact: " ".join((cells.get(fact) or "").split()) for fact in (*FACTS, *BESIDE)}
    told = Told(bare(said["reference"]), named(said["person"].split(";")), day_of(said["date"]), said["case"])
    return Row(number, said["reference"], said["person"], said["date"], said["decision"], told)


def named(people: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Names as they are compared, without those that say nothing."""
    return tuple(dict.fromkeys(found for each in people if (found := parts(each))))


@lru_cache(maxsize=1 << 16)
def day_of(text: str) -> int | None:
    """The number of the day that a text gives, in ISO form or as it is written here (day first); None for any other."""
    iso = _ISO.match(text)
    try:
        if iso:
            return date(*map(int, iso.groups())).toordinal()
    except ValueError:
        return None
    for each in _FORMATS:
        for written in (text, text.split(" ")[0]):
            try:
                return datetime.strptime(written, each).toordinal()  # noqa: DTZ007 - a day, no instant
            except ValueError:
                continue
    return None


def _plain(head: str) -> str:
    return " ".join(head.casefold().replace("_", " ").split())
