"""The files of an extract: which were given, which table of a mapping speaks of which, and each laid out once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from everystone.intake.csv import DELIMITERS, Written, read_csv
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid
from everystone.intake.mapping import Join, Mapping, Table
from everystone.intake.rejects import Rejects
from everystone.intake.xes import read_xes
from everystone.ledger.fault import Fault

_CSV = (".csv", ".tsv", ".txt")
_XES = (".xes",)
LONGEST_LINE = 100_000  # characters of a first line that are looked at


class File(NamedTuple):
    """A file of an extract; `given` where it was named itself, not found in a folder."""

    path: Path
    name: str
    given: bool

    def fits(self, pattern: str) -> bool:
        """Whether a pattern of the mapping means it (upper and lower case are one)."""
        return any(fnmatchcase(name.lower(), pattern.lower()) for name in {self.name, self.path.name})


class Extracts:
    """The files that a mapping speaks of, in order of name, so that the order in which they were given changes nothing."""

    def __init__(self, given: Sequence[Path], mapping: Mapping) -> None:
        self.mapping = mapping
        files = _files(given)
        patterns = [table.file for table in mapping.tables]
        looked_up = [join.file for table in mapping.tables for join in table.join]
        self.files = [file for file in files if any(file.fits(each) for each in (*patterns, *looked_up))]
        self.passed_over = [file.name for file in files if file not in self.files]
        for file in files:
            if file.given and file not in self.files:
                raise Fault(
                    f"No table of the mapping speaks of this file. It speaks of: {', '.join(patterns)}.",
                    where=file.name,
                )
        if not any(file.fits(each) for file in files for each in patterns):
            raise Fault(f"There is no file that the mapping speaks of. It speaks of: {', '.join(patterns)}.")

    def of(self, pattern: str) -> list[File]:
        """The files that a pattern means."""
        return [file for file in self.files if file.fits(pattern)]

    def lay_out(self, desk: Desk, rejects: Rejects, progress: Callable[[float], None]) -> dict[str, Laid]:
        """Every file, by name, read once; the rows that cannot be read go to the rejects."""
        laid = {}
        for number, file in enumerate(self.files):
            progress(number / len(self.files))
            laid[file.name] = _read(desk, number, file, self._written(file), rejects)
        return laid

    def _written(self, file: File) -> Written:
        tables: list[Table | Join] = [
            *self.mapping.tables,
            *(join for table in self.mapping.tables for join in table.join),
        ]
        ways = {Written(each.delimiter, each.encoding) for each in tables if file.fits(each.file)}
        stated = ways - {Written()}
        if len(stated) > 1:
            raise Fault(
                "Two tables of the mapping state different ways in which this file is written.",
                where=file.name,
            )
        return next(iter(stated), Written())


def _files(given: Sequence[Path]) -> list[File]:
    found: list[tuple[Path, str, bool]] = []
    for path in given:
        if path.is_dir():
            inside = [each for each in path.rglob("*") if each.is_file() and not each.name.startswith(".")]
            found.extend((each, each.relative_to(path).as_posix(), False) for each in inside)
        elif path.is_file():
            found.append((path, path.name, True))
        else:
            raise Fault("There is no such file or folder.", where=str(path))
    alike = Counter(path.name for path, _, _ in found)
    named = [File(path, path.name if alike[path.name] == 1 else name, own) for path, name, own in found]
    names = Counter(file.name for file in named)
    for file in named:
        if names[file.name] > 1:
            raise Fault(
                "Two files of this name were given. Put them into one folder with a folder each.",
                where=file.name,
            )
    return sorted(named, key=lambda file: file.name)


def _read(desk: Desk, number: int, file: File, how: Written, rejects: Rejects) -> Laid:
    plain = file.path.name.lower().removesuffix(".gz")
    if plain.endswith(_XES):
        return read_xes(desk, number, file.path, file.name, rejects)
    if plain.endswith(_CSV):
        return read_csv(desk, number, file.path, file.name, how, rejects)
    raise Fault(
        f"Files of this sort cannot be read. These can: {', '.join((*_CSV, *_XES))}, also with .gz.",
        where=file.name,
    )


def read_alone(desk: Desk, path: Path, rejects: Rejects) -> Laid:
    """One file of which no mapping speaks, as its name says it is written. Raises Fault where it cannot be used."""
    if not path.is_file():
        raise Fault("There is no such file.", where=str(path))
    return _read(desk, 0, File(path, path.name, given=True), Written(_delimiter(path)), rejects)


def _delimiter(path: Path) -> str | None:
    """The delimiter that a text file's first line holds most of, where that is not the one its name stands for."""
    if path.suffix.lower() not in (".csv", ".txt"):
        return None
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = file.readline(LONGEST_LINE)
    return max(DELIMITERS, key=first.count) if any(each in first for each in DELIMITERS) else None
