"""The rows of one file as a source of SQL, all cells as text: what every reader hands over."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from everystone.intake import quoting
from everystone.ledger.fault import Fault

FIRST_ROW = 2  # as a spreadsheet counts: the header of a CSV is row 1


class Bad(NamedTuple):
    """A test: SQL that is true where a row cannot be used, the column to blame, and the reject it makes.

    `time` is the number of the time it tests, whose own fault says more than the code.
    """

    sql: str
    column: str
    code: str
    fills: tuple[object, ...] = ()
    time: int | None = None


@dataclass
class Laid:
    """A file: its columns by name, each standing for a column of a table, and how many rows were read.

    `table` has the columns `row` and c0, c1, ...; the names that the source gives its columns never reach SQL. `loose`
    where a column that no row has is merely not recorded (an attribute of a log), not a mistake. `bad` are tests
    that every row must pass. `payloads`: of which table the rows are, and where their payloads stand that were taken apart.
    """

    number: int
    name: str
    table: str
    columns: dict[str, str]
    read: int
    loose: bool = False
    bad: tuple[Bad, ...] = ()
    payloads: tuple[str, str] | None = None

    def column(self, name: str) -> str:
        """The column of the table that stands for a column of the file. Raises Fault where there is none."""
        if name in self.columns:
            return self.columns[name]
        if self.loose:
            return "NULL::VARCHAR"
        near = get_close_matches(name, self.columns, 1)
        raise Fault(
            f"The file has no column {name!r}. It has: {', '.join(self.columns)}."
            + (f" Was {near[0]!r} meant?" if near else ""),
            where=self.name,
        )

    def only(self, rows: str) -> str:
        """SQL for those rows whose numbers stand in a table; their payloads are looked up for them alone."""
        some = f"SEMI JOIN {rows} USING (row)"
        return self.with_payloads(some) if self.payloads else f"SELECT * FROM {self.table} {some}"

    def with_payloads(self, some: str = "") -> str:
        """SQL for the rows (`some`: for those that a join leaves) beside the payloads that were taken apart."""
        assert self.payloads is not None  # noqa: S101 - asked only of rows that have them
        table, unpacked = self.payloads
        of = f"(SELECT * FROM {unpacked}_of {some})"
        cells = f"(SELECT * FROM {unpacked} SEMI JOIN {of} USING (cell))" if some else unpacked
        return (
            f"SELECT l.*, u.* EXCLUDE (cell) FROM (SELECT * FROM {table} {some}) l "
            f"LEFT JOIN {of} o ON o.row = l.row LEFT JOIN {cells} u ON u.cell = o.cell"
        )

    def digest(self) -> str:
        """SQL for a digest of a whole row, the same in whatever order the columns stand."""
        cells = [f"{quoting.text(name + '=')} || {column}" for name, column in sorted(self.columns.items())]
        return f"md5(concat_ws(chr(31), {', '.join(cells)}))" if cells else "md5('')"


def checked_header(names: Sequence[str], where: str) -> list[str]:
    """The names of the columns, blank ones numbered. Raises Fault where two differ only in case and spaces."""
    cleaned = [unicodedata.normalize("NFC", name).strip() or f"column {place}" for place, name in enumerate(names, 1)]
    seen: dict[str, int] = {}
    for place, name in enumerate(cleaned, 1):
        plain = " ".join(name.casefold().split())
        if plain in seen:
            raise Fault(
                f"Columns {seen[plain]} and {place} are both {name!r}. Give each a name of its own.", where=where
            )
        if any(unicodedata.category(char) == "Cc" for char in name):
            raise Fault(f"The name of column {place} holds a hidden control character. Take it out.", where=where)
        seen[plain] = place
    return cleaned


def cells(columns: Sequence[str]) -> dict[str, str]:
    """The columns of the table that stand for the columns of a file."""
    return {name: f"c{place}" for place, name in enumerate(columns)}
