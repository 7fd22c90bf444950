"""Taking an extract: read, mapped, checked to the row, and written as a new part of a ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from everystone.intake.desk import Desk, laid_out
from everystone.intake.extracts import Extracts
from everystone.intake.faults import report
from everystone.intake.fitting import kinds_of, read_mapping
from everystone.intake.keys import BAD, refuse_unknown, settle, taken
from everystone.intake.laid import Laid
from everystone.intake.line import MADE, Line
from everystone.intake.lines import Parts
from everystone.intake.mapping import Mapping as MappingFile
from everystone.intake.moment import Times
from everystone.intake.narrative import HITS, look
from everystone.intake.rejects import Reject, Rejects
from everystone.intake.write import sort, write_part
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.civil import CivilDays
from everystone.ledger.coverage import Holding
from everystone.ledger.kind import Kinds
from everystone.standards.pack import Pack

Progress = Callable[[str, float], None]


class Rows(NamedTuple):
    """The rows of a file: read = used + not wanted + rejected, to the row."""

    read: int
    used: int
    not_wanted: int
    rejected: int


@dataclass(frozen=True)
class Taken:
    """What was taken: the ledger, the rows of each file, the entries of each kind, and what could not be used.

    `rejects` lists the first 100,000 of the `rejected`; `repeated` counts entries that were there already, unchanged.
    `as_of` is the end of the extract (a date, or an instant; "" where it has no entries); `passed_over` are files of a
    folder of which the mapping does not speak.
    """

    book: ParquetBook
    rows: Mapping[str, Rows]
    kinds: Mapping[str, int]
    rejects: Sequence[Reject]
    rejected: int
    repeated: int
    as_of: str
    passed_over: Sequence[str]

    @property
    def files(self) -> dict[str, dict[str, int]]:
        """The rows of each file, for a run's own record."""
        return {
            name: {
                "read": rows.read,
                "used": rows.used,
                "not wanted": rows.not_wanted,
                "rejected": rows.rejected,
            }
            for name, rows in self.rows.items()
        }


def take(
    extracts: Sequence[Path], mapping: Path, pack: Pack, folder: Path, progress: Progress | None = None, *,
    accepted: int | None = None,
) -> Taken:  # fmt: skip
    """Take extracts (files, or folders of them) through a mapping into the ledger in `folder`, as one new part.

    An entry is accepted at `accepted` (seconds UTC), by default when the source says it was recorded. The same extract
    taken again adds nothing. Raises Fault, and takes nothing, where a file or the mapping as a whole cannot be used.
    """
    kinds, tell = pack.words.kinds, progress or (lambda _what, _share: None)
    said = read_mapping(mapping, kinds)
    files = Extracts(extracts, said)
    people = {name: [field for field, _ in fields] for name, fields in kinds.people.items()}
    book = ParquetBook(folder, kinds.texts, people)
    with laid_out(folder) as desk:
        _tables(desk)
        rejects = Rejects()
        laid = files.lay_out(desk, rejects, lambda share: tell("Reading", 0.4 * share))
        lines = _map(desk, said, files, laid, pack, lambda share: tell("Mapping", 0.4 + 0.3 * share))
        repeated = settle(desk, book.parts)
        report(desk, lines, {each.number: each.name for each in laid.values()}, rejects)
        look(desk, lines, pack.lists, kinds)
        tell("Sorting", 0.75)
        as_of = said.as_of.isoformat() if said.as_of else _latest(desk)
        sort(desk)
        tell("Writing", 0.85)
        new = [each for each in _holdings(said, files, pack, as_of) if each not in (book.coverage().holdings or ())]
        write_part(desk, book, said.name, lines, accepted, lambda: book.hold(new))
        rows = _rows(desk, laid, files, rejects)
        made = dict(desk.rows("SELECT kind, count(*) FROM sorted GROUP BY kind ORDER BY kind"))
    tell("Taken", 1.0)
    return Taken(book, rows, made, rejects.listed, rejects.total, repeated, as_of, files.passed_over)


def _tables(desk: Desk) -> None:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in MADE.items())
    desk.do(f"CREATE TABLE made ({columns})")
    desk.do(f"CREATE TABLE bad ({BAD})")
    desk.do(f"CREATE TABLE hits ({HITS})")
    desk.do("CREATE TABLE skipped (file SMALLINT, row BIGINT, line INTEGER)")


def _map(
    desk: Desk,
    said: MappingFile,
    files: Extracts,
    laid: Mapping[str, Laid],
    pack: Pack,
    tell: Callable[[float], None],
) -> list[Line]:
    """Make the entries of every table from each of its files; the lines that made them."""
    home = pack.words.calendar.zone
    times = Times(desk, said.zone or home, said.twice, home)
    parts = Parts(desk, pack.words.kinds, said.channel, lambda join: [laid[file.name] for file in files.of(join.file)])
    pairs = [(table, laid[file.name]) for table in said.tables for file in files.of(table.file)]
    lines = []
    for number, (table, rows) in enumerate(pairs):
        for column, test in parts.unknown(table, rows):
            refuse_unknown(desk, rows, column, test)
        for source, part in parts.of(table, rows):
            tell(number / len(pairs))
            line = Line(part, source, times)
            desk.do(line.statement())
            lines.append(line)
    return lines


def _latest(desk: Desk) -> str:
    """The latest instant at which anything that is taken was recorded."""
    latest = desk.one(f"SELECT max(recorded) FROM made WHERE {taken()}")
    return "" if latest is None else f"{CivilDays('UTC').local(latest):%Y-%m-%dT%H:%M:%SZ}"


def _holdings(said: MappingFile, files: Extracts, pack: Pack, as_of: str) -> Iterator[Holding]:
    """What is held: as the mapping states, up to the end of the extract, but for kinds whose every file is missing."""
    calendar = pack.words.calendar
    end = calendar.day_of(calendar.span(as_of)[1]) if as_of else None
    there, missing = _kinds_by_presence(said, files, pack.words.kinds)
    for holds in said.holds:
        kinds = frozenset(holds.kinds) - (missing - there)
        if kinds:
            yield holds.holding(kinds, end)


def _kinds_by_presence(said: MappingFile, files: Extracts, kinds: Kinds) -> tuple[set[str], set[str]]:
    there: set[str] = set()
    missing: set[str] = set()
    for table in said.tables:
        made = {kind for entry in table.entries for kind in kinds_of(entry, kinds)}
        (there if files.of(table.file) else missing).update(made)
    return there, missing


def _rows(desk: Desk, laid: Mapping[str, Laid], files: Extracts, rejects: Rejects) -> dict[str, Rows]:
    found = desk.rows("""
        SELECT file, count(DISTINCT row) FROM made WHERE fault IS NULL
        AND NOT EXISTS (FROM bad WHERE bad.file = made.file AND bad.row = made.row) GROUP BY file""")
    used = dict(found)
    rows = {}
    for name, each in laid.items():
        rejected = rejects.by_file.get(name, 0)
        looked_up = not any(name == file.name for table in files.mapping.tables for file in files.of(table.file))
        taken_up = each.read - rejected if looked_up else used.get(each.number, 0)
        rows[name] = Rows(each.read, taken_up, each.read - taken_up - rejected, rejected)
    return rows
