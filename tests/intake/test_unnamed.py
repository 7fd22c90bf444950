"""A word of a kind's column that the mapping names nowhere is told with its rows; one that it names stays quiet."""

from __future__ import annotations

from pathlib import Path

from everystone.intake.unnamed import write_unnamed
from everystone.standards.pack import Pack
from tests.intake.taking import took

LOG = """\
case,at,what,also
R1,2024-01-05,made,
R2,2024-01-06,looked,
R3,2024-01-06,looked,x
R4,2024-01-07,print,
R5,2024-01-08,,
R6,2024-01-08,shut,
"""
MAPPING = """
tables:
  - file: log.csv
    stream: {column: case}
    happened: {column: at}
    %s
    entries:
      - {kind: {column: what, map: {made: report.made}}}
      - {kind: case.closed, when: {what: shut}}
"""


def words(pack: Pack, folder: Path, how: str = "", more: str = "") -> list[tuple[str, int]]:
    found = took(pack, folder, {"log.csv": LOG}, MAPPING % how + more).taken
    assert found.unnamed.words == len(found.unnamed.listed)
    write_unnamed(found.unnamed, folder / "unnamed.csv")
    assert len((folder / "unnamed.csv").read_text().splitlines()) == 1 + found.unnamed.words
    return [(each.word, each.rows) for each in found.unnamed.listed]


def test_each_word_that_is_not_named_is_listed_those_of_most_rows_first(kinds: Pack, tmp_path: Path) -> None:
    assert words(kinds, tmp_path) == [("looked", 2), ("print", 1), ("(empty)", 1)]


def test_a_word_that_is_left_out_on_purpose_stays_quiet(kinds: Pack, tmp_path: Path) -> None:
    assert words(kinds, tmp_path, "where: {what: {not: [print], present: true}}") == [("looked", 2)]


def test_a_word_that_another_table_names_is_named(kinds: Pack, tmp_path: Path) -> None:
    other = """
  - file: log.csv
    stream: {column: case}
    happened: {column: at}
    entries: [{kind: {column: what, map: {looked: child.seen}}, when: {also: {present: true}}}]
"""
    assert words(kinds, tmp_path, more=other) == [("print", 1), ("(empty)", 1)]


def test_an_empty_cell_of_a_row_that_makes_something_else_is_no_word(kinds: Pack, tmp_path: Path) -> None:
    other = "      - {kind: person.known, row_key: [case, at], fields: {sex: f}}\n"
    assert words(kinds, tmp_path, more=other) == [("looked", 2), ("print", 1)]
