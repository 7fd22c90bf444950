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
from everystone.intake.keys import settle, taken
from everystone.intake.laid import Laid
from everystone.intake.line import Line
from everystone.intake.lines import Parts
from everystone.intake.made import make
from everystone.intake.mapping import Mapping as MappingFile
from everystone.intake.moment import Times
from everystone.intake.narrative import look
from everystone.intake.rejects import Reject, Rejects
from everystone.intake.write import Part
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
        rejects = Rejects()
        laid = files.lay_out(desk, rejects, lambda share: tell("Reading", 0.2 * share))
        lines = list(_lines(desk, said, files, laid, pack))
        common = make(desk, lines, lambda share: tell("Mapping", 0.2 + 0.4 * share))
        repeated = settle(desk, book.parts)
        report(desk, lines, {each.number: each.name for each in laid.values()}, rejects)
        hits = look(desk, lines, pack.lists, kinds)
        tell("Writing", 0.7)
        as_of = said.as_of.isoformat() if said.as_of else _latest(desk)
        new = [each for each in _holdings(said, files, pack, as_of) if each not in (book.coverage().holdings or ())]
        Part(desk, book, said.name, accepted).write(common, hits, lines, lambda: book.hold(new))
        rows, made = _rows(desk, laid, files, rejects), _kinds(desk, common)
    tell("Taken", 1.0)
    return Taken(book, rows, made, rejects.listed, rejects.total, repeated, as_of, files.passed_over)


def _lines(desk: Desk, said: MappingFile, files: Extracts, laid: Mapping[str, Laid], pack: Pack) -> Iterator[Line]:
    """The lines of every table for each of its files."""
    home = pack.words.calendar.zone
    times = Times(said.zone or home, said.twice, home)
    terms = pack.lists.terms(of_accounts=False)
    parts = Parts(desk, pack.words.kinds, said.channel, lambda join: [laid[file.name] for file in files.of(join.file)])
    for table in said.tables:
        for file in files.of(table.file):
            for rows, part in parts.of(table, laid[file.name]):
                yield Line(part, rows, times, terms)


def _kinds(desk: Desk, common: Mapping[str, str]) -> dict[str, int]:
    """How many entries of each kind were taken."""
    kind = common.get("kind", "kind")
    return dict(desk.rows(f"SELECT {kind}, count(*) FROM told WHERE {taken(desk)} GROUP BY ALL ORDER BY ALL"))


def _latest(desk: Desk) -> str:
    """The latest instant at which anything that is taken was recorded."""
    latest = desk.one(f"SELECT max(recorded) FROM told WHERE {taken(desk)}")
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
