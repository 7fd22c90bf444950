"""Words for which no kind is named: their rows make nothing, so that each word is told with its number of rows.

A real log has hundreds of words that are rightly not mapped, so none of them rejects a row. But a word that nobody
thought of (`viewed`, where the mapping says `seen`) looks the same, and what it says is then missing from every answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.extracts import Extracts
from everystone.intake.line import Line
from everystone.intake.mapping import KindFrom, Table, When
from everystone.intake.mapping import Mapping as MappingFile
from everystone.intake.rejects import shown, write_cells
from everystone.intake.when import trimmed

LISTED = 10_000  # words of one column; all are counted
EMPTY = "(empty)"
Place = tuple[int, str, str]  # the number and the name of a file, and a column of it


class Word(NamedTuple):
    """A word as it may be shown, or `(empty)` where the cell is and the row makes nothing, and in how many rows it stands."""

    file: str
    column: str
    word: str
    rows: int


@dataclass
class Unnamed:
    """The words, those of most rows first; how many there are; and of each file in how many rows, by column."""

    listed: list[Word] = field(default_factory=list)
    words: int = 0
    by_file: dict[str, int] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, object]:
        """How many words, and in how many rows of which file, for a run's own record."""
        return {"words": self.words, "rows": self.by_file}


def unnamed(desk: Desk, said: MappingFile, files: Extracts, lines: Sequence[Line]) -> Unnamed:
    """The words of columns of kinds that the mapping names nowhere for that column: in no `map` and no condition.

    Asked once the entries are made, while the rows are laid out.
    """
    found, named = Unnamed(), _named(said, files)
    for (number, file, column), places in _by_place(lines).items():
        words = _words(desk, number, places, named[file, column])
        rows = desk.rows(f"SELECT word, n, count(*) OVER (), sum(n) OVER () FROM ({words}) "
                         f"ORDER BY n DESC, word LIMIT {LISTED}")  # fmt: skip
        if rows:
            found.words += rows[0][2]
            found.by_file[file] = found.by_file.get(file, 0) + int(rows[0][3])
            found.listed += [Word(file, column, EMPTY if word is None else shown(word), n) for word, n, _, _ in rows]
    found.listed.sort(key=lambda each: -each.rows)
    return found


def write_unnamed(found: Unnamed, path: Path) -> None:
    """unnamed.csv: the words that are listed, and one line that counts the rest."""
    rows: list[Sequence[object]] = list(found.listed)
    if found.words > len(rows):
        rows.append(("", "", f"{found.words - len(rows):,} more words are not listed.", ""))
    write_cells(path, Word._fields, rows)


def _by_place(lines: Sequence[Line]) -> dict[Place, list[Line]]:
    """The lines whose kind a `map` tells, by the file and the column that it reads."""
    found: dict[Place, list[Line]] = {}
    for line in lines:
        if line.part.column:
            found.setdefault((line.laid.number, line.laid.name, line.part.column), []).append(line)
    return found


def _words(desk: Desk, file: int, lines: Sequence[Line], named: set[str]) -> str:
    """SQL for each word that is not named, and its number of rows; an empty cell where its row makes nothing."""
    rows = " UNION ".join(_rows(line) for line in lines)
    others = f"SELECT word, count(*) AS n FROM ({rows}) WHERE word NOT IN ({quoting.texts(named)}) GROUP BY word"
    empty = f"SELECT row FROM ({rows}) WHERE word IS NULL"
    if not desk.one(f"SELECT count(*) FROM ({empty})"):
        return others
    made = f"(SELECT row FROM made WHERE file = {file})"
    return f"{others} UNION ALL SELECT NULL, count(*) FROM ({empty}) ANTI JOIN {made} USING (row) HAVING count(*) > 0"


def _rows(line: Line) -> str:
    """SQL for the rows that a line would take whatever their word is, each with its word."""
    table = line.laid.payloads[0] if line.laid.payloads else line.laid.table
    return f"SELECT row, {trimmed(line.laid.column(line.part.column))} AS word FROM {table} WHERE {line.part.among}"


def _named(said: MappingFile, files: Extracts) -> Mapping[tuple[str, str], set[str]]:
    """Every word that the mapping names, by file and column."""
    found: dict[tuple[str, str], set[str]] = {}
    for table in said.tables:
        for part in files.of(table):
            for column, words in _of_table(table):
                found.setdefault((part.name, column), set()).update(words)
    return found


def _of_table(table: Table) -> Iterator[tuple[str, Sequence[str]]]:
    yield from _of_conditions(table.where)
    for entry in table.entries:
        yield from _of_conditions(entry.when)
        if isinstance(entry.kind, KindFrom):
            yield entry.kind.column, list(entry.kind.map or ())


def _of_conditions(when: When) -> Iterator[tuple[str, Sequence[str]]]:
    for column, said in when.items():
        words = said if isinstance(said, list) else said.not_ or []
        yield column, [words] if isinstance(words, str) else words
