"""Reading CSV: what is sound is read by the database at once, what is not is read again row by row to name each fault."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.laid import FIRST_ROW, Laid, cells, checked_header
from everystone.intake.mapping import How
from everystone.intake.plain import PlainFile, as_plain
from everystone.intake.rejects import Reject, Rejects, reject
from everystone.ledger.fault import Fault

LONGEST_CELL = 2_000_000  # characters
LONGEST_READ = 20_000_000  # characters to which a cell that is too long is read again, to say how long it is
DELIMITERS = ",;\t|"


def read_csv(desk: Desk, number: int, path: Path, name: str, how: How, rejects: Rejects) -> Laid:
    """The rows of a CSV (or .csv.gz, .tsv, .txt); its bad rows go to `rejects`.

    Raises Fault where the file as a whole cannot be used: empty, another format, columns of the same name, a
    quotation mark that is never closed, a cell over several lines that is too long to be one.
    """
    plain = as_plain(path, how.encoding, desk.folder / f"plain_{number}.csv")
    delimiter = how.delimiter or ("\t" if ".tsv" in path.name.lower() else ",")
    header = _header(plain, delimiter, name)
    if plain.has_nul or not _read_at_once(desk, number, plain.path, delimiter, len(header)):
        _read_row_by_row(desk, number, _Records(plain.path, delimiter, name, header, rejects))
    read = desk.one(f"SELECT count(*) FROM laid_{number}") + rejects.by_file.get(name, 0)
    return Laid(number, name, f"laid_{number}", cells(header), read)


def _header(plain: PlainFile, delimiter: str, where: str) -> list[str]:
    with plain.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            names = next(csv.reader(file, delimiter=delimiter, strict=True), [])
        except csv.Error as fault:
            raise Fault("The header cannot be read: a quotation mark in it is not closed.", where=where) from fault
    if len(names) == 1:
        other = next((each for each in DELIMITERS if each != delimiter and each in names[0]), None)
        if other is not None:
            raise Fault(f"Only one column was found; the delimiter looks like {other!r}. State it.", where=where)
    if not any(name.strip() for name in names):
        raise Fault("The file has no rows with a header above them. Nothing was taken.", where=where)
    return checked_header(names, where)


def _read_at_once(desk: Desk, number: int, path: Path, delimiter: str, width: int) -> bool:
    """Whether the database could read the whole file by the strict rules; if not, nothing is left of it."""
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    try:
        desk.do(
            f"CREATE TABLE rows_{number} AS SELECT * FROM read_csv({quoting.text(str(path))}, auto_detect = false, "
            f"header = true, delim = {quoting.text(delimiter)}, quote = '\"', escape = '\"', strict_mode = true, "
            f"null_padding = false, ignore_errors = false, comment = '', max_line_size = {LONGEST_CELL}, "
            f"columns = {{{columns}}})"
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        desk.do(f"DROP TABLE IF EXISTS rows_{number}")
        return False
    # Rows are put down in the order of the file, so that the place of each is known without counting.
    desk.do(f"CREATE VIEW laid_{number} AS SELECT rowid + {FIRST_ROW} AS row, * FROM rows_{number}")
    return True


# ---- row by row --------------------------------------------------------------------------------------------------


def _read_row_by_row(desk: Desk, number: int, records: _Records) -> None:
    names = ["row", *(f"c{place}" for place in range(len(records.header)))]
    kinds = [pa.int64(), *(pa.string() for _ in records.header)]
    desk.do(f"CREATE TABLE laid_{number} (row BIGINT, {', '.join(f'{name} VARCHAR' for name in names[1:])})")
    limit = csv.field_size_limit(LONGEST_CELL)
    try:
        desk.put(f"laid_{number}", names, records, kinds)
    finally:
        csv.field_size_limit(limit)


class _Records:
    """The good rows of a CSV, each with its place; the bad ones go to the rejects."""

    def __init__(self, path: Path, delimiter: str, name: str, header: list[str], rejects: Rejects) -> None:
        self.path, self.delimiter, self.name, self.header, self.rejects = (
            path,
            delimiter,
            name,
            header,
            rejects,
        )

    def __iter__(self) -> Iterator[tuple[int | str | None, ...]]:
        with self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            next(reader)
            place = 1
            while True:
                lines = reader.line_num
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error as fault:
                    place += 1
                    self._broken(place, fault, lines)
                    continue
                if not row:
                    continue  # a blank line is no row
                place += 1
                bad = self._fault(place, row)
                if bad is not None:
                    self.rejects.add(bad)
                else:
                    yield (place, *(cell or None for cell in row[: len(self.header)]))

    def _broken(self, place: int, fault: csv.Error, lines: int) -> None:
        """What is wrong with a row that begins after so many lines."""
        said = str(fault)
        if "larger than field limit" in said:
            self.rejects.add(self._too_long(place, lines))
        elif "unexpected end" in said:
            raise self._never_closed(place) from fault
        else:
            self.rejects.add(reject(self.name, place, "", "C05"))

    def _never_closed(self, place: int) -> Fault:
        return Fault(
            f"A quotation mark opened at row {place} is never closed, so that nobody can tell where rows end. "
            "Nothing was taken.",
            where=f"{self.name}, row {place}",
        )

    def _too_long(self, place: int, lines: int) -> Reject:
        """The reject of a row of one line with a cell that is too long. Raises Fault where a cell goes on over many lines."""
        most = csv.field_size_limit(LONGEST_READ)
        try:
            row, n = self._again(lines)
        except csv.Error as fault:
            if "unexpected end" in str(fault):
                raise self._never_closed(place) from fault
            raise Fault(
                f"A cell of row {place} has more than {most:,} characters, the most that a cell may have, and it cannot be "
                "told where it ends. Look whether a quotation mark in it is not closed. Nothing was taken.",
                where=f"{self.name}, row {place}",
            ) from fault
        finally:
            csv.field_size_limit(most)
        at, cell = max(enumerate(row), key=lambda each: len(each[1]))
        column = self.header[at] if at < len(self.header) else ""
        if n == 1:
            return reject(self.name, place, column, "C08", cell, (f"{len(cell):,}", f"{most:,}"))
        raise Fault(
            f"The cell has {len(cell):,} characters on {n:,} lines, and the most is {most:,}. Look whether a quotation mark "
            "in it is not closed where the cell ends. Nothing was taken.",
            where=f"{self.name}, row {place}" + (f", column {column}" if column else ""),
        )

    def _again(self, lines: int) -> tuple[list[str], int]:
        """The row after so many lines, and how many lines it has."""
        with self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            reader = csv.reader(islice(file, lines, None), delimiter=self.delimiter, strict=True)
            return next(reader), reader.line_num

    def _fault(self, place: int, row: list[str]) -> Reject | None:
        width = len(self.header)
        if len(row) != width and not (len(row) == width + 1 and row[-1] == ""):
            return reject(self.name, place, "", "C04", fills=(len(row), width))
        for name, cell in zip(self.header, row, strict=False):
            if "\0" in cell:
                return reject(self.name, place, name, "E04", cell)
            if not cell.isascii() and any("\udc80" <= char <= "\udcff" for char in cell):
                return reject(self.name, place, name, "E01", cell)
        return None
