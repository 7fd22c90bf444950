"""An export as a records system would write it: a table for each kind, under its own heads, with its own codes.

Some tables are workbooks and some XML; the others are texts with another separator and another alphabet. Days are
written as 31/12/2020.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import xlsxwriter

from everystone.synthetic.recipe import Recipe

Row = dict[str, str]
FORMATS = ["%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M %z", "%d/%m/%Y", "%m/%Y", "%Y"]
_TIME = re.compile(r"\d{4}(-\d\d(-\d\d(T.+)?)?)?")


class Table(Protocol):
    """One file, written row by row."""

    def write(self, cells: list[str]) -> None:
        """Adds a row."""

    def close(self) -> None:
        """Ends the file."""


class Text:
    """A text with a separator and an alphabet of its own."""

    ending = "csv"

    def __init__(self, path: Path, heads: list[str], said: Mapping[str, Any]) -> None:
        self.file = path.open("w", encoding=said["encoding"], newline="")
        self.csv = csv.writer(self.file, delimiter=said["delimiter"], lineterminator="\r\n")
        self.write(heads)

    def write(self, cells: list[str]) -> None:
        """Adds a row."""
        self.csv.writerow(cells)

    def close(self) -> None:
        """Ends the file."""
        self.file.close()


class Sheet:
    """A workbook with one sheet; every cell is a text, and no row is held in memory."""

    ending = "xlsx"

    def __init__(self, path: Path, heads: list[str], said: Mapping[str, Any]) -> None:
        self.book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "in_memory": False})
        self.book.set_properties({"created": datetime(2020, 1, 1)})  # noqa: DTZ001 - the same bytes each time
        self.sheet, self.rows = self.book.add_worksheet(), 0
        self.write(heads)

    def write(self, cells: list[str]) -> None:
        """Adds a row."""
        for place, cell in enumerate(cells):
            if cell:
                self.sheet.write_string(self.rows, place, cell)
        self.rows += 1

    def close(self) -> None:
        """Ends the file."""
        self.book.close()


class Elements:
    """XML: an element for each row, and in it one for each cell that is filled."""

    ending = "xml"

    def __init__(self, path: Path, heads: list[str], said: Mapping[str, Any]) -> None:
        self.file, self.heads = path.open("w", encoding="utf-8"), heads
        self.file.write('<?xml version="1.0" encoding="UTF-8"?>\n<Export>\n')

    def write(self, cells: list[str]) -> None:
        """Adds a row."""
        inner = "".join(
            f"<{head}>{escape(cell)}</{head}>" for head, cell in zip(self.heads, cells, strict=True) if cell
        )
        self.file.write(f"<Entry>{inner}</Entry>\n")

    def close(self) -> None:
        """Ends the file."""
        self.file.write("</Export>\n")
        self.file.close()


class Tables:
    """A table for each kind that occurs, and the mapping by which they are read."""

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        self.folder, self.said, self.fields = folder, recipe.part("tables"), recipe.fields()
        self.heads: Mapping[str, str] = self.said["heads"]
        self.zone = ZoneInfo(recipe.calendar.zone)
        self.yes = {True: self.said["yes"][True], False: self.said["yes"][False]}
        self.open: dict[str, Table] = {}

    def write(self, row: Row) -> None:
        """Writes one row into the table of its kind."""
        kind = row["kind"]
        if kind not in self.open:
            self.open[kind] = self._sort(kind)(self.folder / self._file(kind), self._columns(kind), self.said)
        data = json.loads(row["data"])
        cells = [self._cell(name, row) for name in self.heads if name != "kind"]
        cells += [self._value(data.get(name), of) for name, of in self.fields[kind].items()]
        self.open[kind].write(cells)

    def tables(self) -> list[dict[str, Any]]:
        """Closes the files; the tables of the mapping."""
        for table in self.open.values():
            table.close()
        return [self._table(kind) for kind in sorted(self.open)]

    # ---- rows ----------------------------------------------------------------------------------------------

    def _sort(self, kind: str) -> type[Text | Sheet | Elements]:
        return Sheet if kind in self.said["workbooks"] else Elements if kind in self.said["xml"] else Text

    def _file(self, kind: str) -> str:
        return f"{kind.replace('.', '_').upper()}.{self._sort(kind).ending}"

    def _columns(self, kind: str) -> list[str]:
        heads = [head for name, head in self.heads.items() if name != "kind"]
        return [self._called(kind, head) for head in [*heads, *map(_head, self.fields[kind])]]

    def _called(self, kind: str, head: str) -> str:
        """A head; in XML a name without spaces."""
        return head.replace(" ", "") if self._sort(kind) is Elements else head

    def _cell(self, name: str, row: Row) -> str:
        if name in ("happened", "recorded"):
            return self._time(row[name])
        if name == "actor_rank":
            return str(self.said["ranks"].get(row[name], row[name]))
        return row[name]

    def _value(self, value: Any, of: Mapping[str, Any]) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(self.yes[value])
        if isinstance(value, list):
            return json.dumps(value, ensure_ascii=False)
        if of["type"] == "date":
            return self._time(str(value))
        return _code(str(value)) if str(value) in of["values"] else str(value)

    def _time(self, text: str) -> str:
        """An ISO time as the system writes it: local; with its offset only in the hour that the clocks showed twice."""
        if not _TIME.fullmatch(text):
            return text
        if len(text) <= 10:
            return "/".join(reversed(text.split("-")))
        instant = datetime.fromisoformat(text)
        local = instant.replace(tzinfo=self.zone)
        twice = local.utcoffset() != local.replace(fold=1).utcoffset()
        return instant.strftime("%d/%m/%Y %H:%M %z" if twice else "%d/%m/%Y %H:%M")

    # ---- the mapping ---------------------------------------------------------------------------------------

    def _table(self, kind: str) -> dict[str, Any]:
        column = {name: {"column": self._called(kind, head)} for name, head in self.heads.items()}
        ranks = {code: rank for rank, code in self.said["ranks"].items()}
        fields = {name: self._from(kind, name, of) for name, of in self.fields[kind].items()}
        table: dict[str, Any] = {
            "file": self._file(kind),
            "stream": {**column["stream"], "prefix": ""},
            "row_key": [column["key"]["column"]],
            "subjects": {**column["subjects"], "split": ";"},
            "happened": {**column["happened"], "format": FORMATS},
            "recorded": {**column["recorded"], "format": FORMATS},
            "by": column["actor"],
            "capacity": {
                "role": column["actor_role"],
                "rank": {**column["actor_rank"], "map": ranks, "otherwise": "keep"},
                "team": column["team"],
            },
            **{name: column[name] for name in ("channel", "corrects", "withdraws", "late_reason", "quote_of")},
            "entries": [{"kind": kind, "fields": fields}],
        }
        if self._sort(kind) is Elements:
            table["records"] = "Export/Entry"
        if self._sort(kind) is Text:
            table.update({name: self.said[name] for name in ("delimiter", "encoding")})
        return table

    def _from(self, kind: str, name: str, of: Mapping[str, Any]) -> dict[str, Any]:
        """How a field is read from its column."""
        column: dict[str, Any] = {"column": self._called(kind, _head(name))}
        if of["type"] == "date":
            return {**column, "format": FORMATS}
        if of["type"] == "yes or no":
            return {**column, "map": {self.yes[True]: "yes", self.yes[False]: "no"}}
        if of["type"] in ("people", "words", "references", "entries", "offences"):
            return {**column, "split": "json"}
        if of["values"]:
            return {**column, "map": {_code(word): word for word in of["values"]}}
        return column


def _head(name: str) -> str:
    return name.replace("_", " ").title()


def _code(word: str) -> str:
    """A word as the system's code."""
    return re.sub(r"\W+", "_", word).strip("_").upper()
