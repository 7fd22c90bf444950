"""The files of an extract: which were given, which table of a mapping speaks of which, and each laid out once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from everystone.intake import archive
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid
from everystone.intake.mapping import How, Mapping, Source
from everystone.intake.reading import read
from everystone.intake.rejects import Rejects
from everystone.ledger.fault import Fault


class File(NamedTuple):
    """A file of an extract, or a `member` of an archive; `given` where it was named itself, not found in a folder."""

    path: Path
    name: str
    given: bool
    member: str = ""

    def fits(self, pattern: str) -> bool:
        """Whether a pattern of the mapping means it (upper and lower case are one)."""
        names = {self.name, (self.member or self.path.name).rpartition("/")[2]}
        return any(fnmatchcase(name.lower(), pattern.lower()) for name in names)


class Part(NamedTuple):
    """What is laid out of a file: all of it, or one sheet, or the records of one path."""

    file: File
    how: How

    @property
    def name(self) -> str:
        """The name by which rows are reported."""
        told = (
            [f"sheet {self.how.sheet}"]
            if self.how.sheet
            else [f"records {self.how.records}"]
            if self.how.records
            else []
        )
        return ", ".join([self.file.name, *told])


class Extracts:
    """The files that a mapping speaks of, in order of name, so that the order in which they were given changes nothing."""

    def __init__(self, given: Sequence[Path], mapping: Mapping) -> None:
        self.mapping = mapping
        self._sources: list[Source] = [*mapping.tables, *(join for table in mapping.tables for join in table.join)]
        files = files_of(given)
        self._only_new = mapping.brings == "what is new"
        patterns = [table.file for table in mapping.tables]
        self._meant = {each.file: [file for file in files if file.fits(each.file)] for each in self._sources}
        self._written = self._ways_of_writing()
        self.files = [file for file in files if file in self._written]
        self.passed_over = [file.name for file in files if file not in self.files]
        for file in files:
            if file.given and file not in self.files:
                raise Fault(
                    f"No table of the mapping speaks of this file. It speaks of: {', '.join(patterns)}.",
                    where=file.name,
                )
        if not any(self._meant[each] for each in patterns):
            raise Fault(f"There is no file that the mapping speaks of. It speaks of: {', '.join(patterns)}.")

    def of(self, source: Source) -> list[Part]:
        """The parts of files that a source of the mapping means."""
        return [Part(file, self._how(file, source)) for file in self._meant[source.file]]

    def lay_out(self, desk: Desk, rejects: Rejects, progress: Callable[[float], None]) -> dict[str, Laid]:
        """Every part that the mapping speaks of, by name, read once; the rows that cannot be read go to the rejects."""
        parts = dict.fromkeys(part for source in self._sources for part in self.of(source))
        laid: dict[str, Laid] = {}
        for number, part in enumerate(sorted(parts, key=lambda each: each.name)):
            progress(number / len(parts))
            if part.name in laid:
                raise _two_ways(part.file)
            path = local(part.file, desk.folder, number)
            laid[part.name] = read(desk, number, path, part.name, part.how, rejects, may_be_empty=self._only_new)
        return laid

    def _ways_of_writing(self) -> dict[File, set[tuple[str | None, str | None]]]:
        """Of every file that is meant how its text is written, as its sources say."""
        found: dict[File, set[tuple[str | None, str | None]]] = {}
        for each in self._sources:
            for file in self._meant[each.file]:
                found.setdefault(file, set()).add((each.delimiter, each.encoding))
        return found

    def _how(self, file: File, source: Source) -> How:
        """How a source says that a file is read; how its text is written may be said by another source of it."""
        written = self._written[file] - {(None, None)}
        if len(written) > 1:
            raise _two_ways(file)
        delimiter, encoding = next(iter(written), (None, None))
        return source.how._replace(delimiter=delimiter, encoding=encoding)


def _two_ways(file: File) -> Fault:
    return Fault("Two tables of the mapping state different ways in which this file is written.", where=file.name)


def files_of(given: Sequence[Path]) -> list[File]:
    """The files that were given, those of folders and archives one by one, in order of name. Raises Fault for two of one name."""
    found: list[File] = []
    for path in given:
        if path.is_dir():
            inside = [each for each in path.rglob("*") if each.is_file() and not each.name.startswith(".")]
            found.extend(File(each, each.relative_to(path).as_posix(), given=False) for each in inside)
        elif path.is_file():
            found.append(File(path, path.name, given=True))
        else:
            raise Fault("There is no such file or folder.", where=str(path))
    alike = Counter(file.path.name for file in found)
    named = [file._replace(name=file.path.name) if alike[file.path.name] == 1 else file for file in found]
    named = [member for file in named for member in _members(file)]
    names = Counter(file.name for file in named)
    for file in named:
        if names[file.name] > 1:
            raise Fault(
                "Two files of this name were given. Put them into one folder with a folder each.",
                where=file.name,
            )
    return sorted(named, key=lambda file: file.name)


def local(file: File, folder: Path, number: int) -> Path:
    """Where a file can be read: its own place, or that of the member of an archive, unpacked into a folder."""
    return archive.unpacked(file.path, file.member, folder / f"member_{number}") if file.member else file.path


def _members(file: File) -> list[File]:
    """The files in an archive; any other file itself."""
    if not archive.is_archive(file.path):
        return [file]
    return [File(file.path, f"{file.name}/{name}", given=False, member=name) for name in archive.names(file.path)]
