"""Reading a workbook (.xlsx): one sheet, its header in one row or several, dates as they are meant, merged cells filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import ZipFile

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from everystone.intake import archive
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid, cells, checked_header
from everystone.intake.mapping import How
from everystone.intake.plain import BLOCK
from everystone.intake.rejects import Rejects, reject
from everystone.ledger.fault import Fault

LARGEST = 200 << 20  # bytes that a workbook may unpack to, as it is held in memory
ROUNDED = 1e15  # from here on a spreadsheet no longer keeps every figure of a number
_FORMULA = re.compile(rb'<(?:\w+:)?f[ >/]|<(?:\w+:)?c [^>]*?\bt="e"')  # or an error, which is what is left of one
_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]+[0-9]+)"')
_1904 = re.compile(rb'\bdate1904="(?:1|true)"')
_ATTRIBUTE = r'\b{}="([^"]*)"'


def read_workbook(desk: Desk, number: int, path: Path, name: str, how: How, rejects: Rejects) -> Laid:
    """Lay out one sheet; rows are numbered as the sheet numbers them.

    Raises Fault where the workbook is protected, damaged or too large, holds macros, links or formulas (whose values
    nobody recorded), or where it has several sheets and none is named.
    """
    sheet = _Sheet(path, name, how)
    header = checked_header(sheet.header(), name)
    table = f"laid_{number}"
    places = [f"c{place}" for place in range(len(header))]
    desk.do(f"CREATE TABLE {table} (row BIGINT, {', '.join(f'{each} VARCHAR' for each in places)})")
    types = [pa.int64(), *(pa.string() for _ in header)]
    read = desk.put(table, ["row", *places], _sound(sheet, header, rejects), types)
    return Laid(number, name, table, cells(header), read + rejects.by_file.get(name, 0))


def _sound(sheet: _Sheet, header: Sequence[str], rejects: Rejects) -> Iterator[Sequence[int | str | None]]:
    for place, row in sheet.rows():
        try:
            yield place, *(_written(each) for each in row)
        except OverflowError:
            column = next(name for name, each in zip(header, row, strict=True) if _is_rounded(each))
            rejects.add(reject(sheet.name, place, column, "N02"))


def _is_rounded(value: object) -> bool:
    return isinstance(value, float) and abs(value) >= ROUNDED


def _written(value: object) -> str | None:
    """A cell as text. Raises OverflowError for a number that the spreadsheet has rounded."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        if _is_rounded(value):
            raise OverflowError
        return str(int(value)) if float(value).is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds" if value.second else "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    if isinstance(value, timedelta):
        return str(value)
    return str(value) or None


class _Sheet:
    """One sheet: its header, and its rows with the places they have in it; every merged cell says what the first says."""

    def __init__(self, path: Path, name: str, how: How) -> None:
        self.name, self.how = name, how
        _check(path, name, how.sheet)
        try:
            book = CalamineWorkbook.from_path(path)
            sheet = book.get_sheet_by_name(_chosen(book, how.sheet, name))
            top, left = sheet.start or (0, 0)
            self._rows: list[list[object]] = [[""] * left + list(row) for row in sheet.iter_rows()]
            merged = sheet.merged_cell_ranges or []
        except CalamineError as fault:
            raise Fault("The file is cut off or damaged. Export it again.", where=name) from fault
        self._top = top
        for (first, start), (last, end) in merged:
            self._fill(first - top, start, last - top, end)

    def _fill(self, first: int, start: int, last: int, end: int) -> None:
        for row in range(max(first, 0), min(last, len(self._rows) - 1) + 1):
            for column in range(start, min(end, len(self._rows[row]) - 1) + 1):
                self._rows[row][column] = self._rows[max(first, 0)][start]

    def header(self) -> list[str]:
        """The names of the columns; of a header in several rows, joined, where they differ."""
        found = [self._rows[place - 1 - self._top] for place in self.how.header
                 if 0 <= place - 1 - self._top < len(self._rows)]  # fmt: skip
        if not found:
            raise Fault(f"There is no row {self.how.header[0]} in which a header could stand.", where=self.name)
        parts = [[(_written(each) or "").strip() for each in column] for column in zip(*found, strict=True)]
        return [" / ".join(dict.fromkeys(each for each in column if each)) for column in parts]

    def rows(self) -> Iterator[tuple[int, list[object]]]:
        """The rows below the header that are not blank."""
        for place, row in enumerate(self._rows, self._top + 1):
            if place > max(self.how.header) and any(each != "" for each in row):
                yield place, row


def _chosen(book: CalamineWorkbook, wanted: str | None, name: str) -> str:
    """The sheet that is named, or the only one that is visible."""
    visible = [
        each.name
        for each in book.sheets_metadata
        if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
    ]
    if wanted in book.sheet_names:
        return str(wanted)
    if wanted is None and len(visible) == 1:
        return visible[0]
    says = "It has several sheets" if wanted is None else f"There is no sheet {wanted!r}. It has these"
    raise Fault(f"{says}: {', '.join(book.sheet_names)}. Say which under `sheet`.", where=name)


# ---- what may not be in it ---------------------------------------------------------------------------------------


def _check(path: Path, name: str, sheet: str | None) -> None:
    with path.open("rb") as file:
        first = file.read(8)
    if first.startswith(b"\xd0\xcf\x11\xe0"):
        raise Fault("The workbook has a password or is of an old sort. Save it as .xlsx without one.", where=name)
    if not first.startswith(b"PK"):
        raise Fault("This is no workbook, whatever its name says. Save it as .xlsx or as CSV, UTF-8.", where=name)
    with archive.opened(path) as parts:
        inside = {each.filename: each.file_size for each in parts.infolist()}
        if sum(inside.values()) > LARGEST:
            raise Fault(f"The workbook unpacks to more than {LARGEST >> 20} MB. Export it as CSV.", where=name)
        if "xl/workbook.xml" not in inside:
            raise Fault("This is no workbook, whatever its name says. Save it as .xlsx or as CSV, UTF-8.", where=name)
        if any(each.endswith("vbaProject.bin") or "/externalLinks/" in each for each in inside):
            raise Fault("The workbook holds macros or links to others. Save it as a plain .xlsx.", where=name)
        outline = parts.read("xl/workbook.xml")
        if _1904.search(outline):
            raise Fault("The workbook counts its days from 1904. Save it with the 1900 date system.", where=name)
        for part in _parts_of(parts, outline.decode("utf-8", "replace"), sheet):
            with parts.open(part) as content:
                cell = _first_not_a_value(iter(lambda: content.read(BLOCK), b""))
            if cell:
                raise Fault(
                    "A cell holds a formula or an error, not a value. Paste values only.", where=f"{name}, cell {cell}"
                )


def _parts_of(parts: ZipFile, outline: str, sheet: str | None) -> list[str]:
    """The files in which the named sheet stands; those of all sheets where none is named or it is not found."""
    inside = [each for each in parts.namelist() if each.startswith("xl/worksheets/") and each.endswith(".xml")]
    rels = parts.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {
        _said(each, "Id"): _said(each, "Target").lstrip("/").removeprefix("xl/")
        for each in re.findall(r"<[^>]*Relationship [^>]*>", rels)
    }
    named = {
        _said(each, "name"): targets.get(_said(each, "r:id"), "") for each in re.findall(r"<[^>]*sheet [^>]*>", outline)
    }
    wanted = f"xl/{named.get(sheet or '', '')}"
    return [wanted] if wanted in inside else inside


def _said(tag: str, attribute: str) -> str:
    found = re.search(_ATTRIBUTE.format(re.escape(attribute)), tag)
    return found.group(1) if found else ""


def _first_not_a_value(blocks: Iterator[bytes]) -> str:
    """The cell of the first formula or error in a sheet, "" where there is none."""
    before = b""
    for block in blocks:
        text = before + block
        found = _FORMULA.search(text)
        if found:
            named = _CELL.findall(text[: found.end()])
            return named[-1].decode() if named else "?"
        before = text[-1_000:]
    return ""
