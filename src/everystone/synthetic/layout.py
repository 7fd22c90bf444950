"""The same force exported otherwise: as tables under other heads, through a change of systems, without some kinds.

What was written is read row by row and laid out anew, so the rows of the ledger stay the same ones under the same
keys, and a mapping is written beside them that says so.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from everystone.ledger.fault import Fault
from everystone.synthetic.entries import HEADER
from everystone.synthetic.mapping import entries_table, mapping
from everystone.synthetic.recipe import Recipe
from everystone.synthetic.tables import Row, Tables

SOURCES = {"entries.csv": ("case", "case/"), "records.csv": ("officer", "officer/"), "matters.csv": ("stream", "")}


class Writer(Protocol):
    """Lays out rows in files of a folder."""

    def write(self, row: Row) -> None:
        """Takes one row, under the columns of the invented force's own files, with the whole stream."""

    def tables(self) -> list[dict[str, Any]]:
        """Closes the files; the tables of the mapping by which they are read."""


class Spell(NamedTuple):
    """Rows written down between two days (both belong to it, "" where it is open), and what lays them out.

    `held` is the day up to which everything that happened had been written down by the last of them.
    """

    first: str
    last: str
    held: str
    writer: Writer

    def holds(self, row: Row) -> bool:
        """Whether a row was written down in it."""
        return (not self.first or self.first <= row["recorded"][:10]) and (
            not self.last or row["recorded"][:10] <= self.last
        )


class Log:
    """All rows in one file, as they are."""

    def __init__(self, folder: Path) -> None:
        columns = HEADER.format(whose="stream").strip().split(",")
        self.file = (folder / "log.csv").open("w", encoding="utf-8", newline="")
        self.csv = csv.DictWriter(self.file, columns, lineterminator="\n")
        self.csv.writeheader()

    def write(self, row: Row) -> None:
        """Writes one row."""
        self.csv.writerow(row)

    def tables(self) -> list[dict[str, Any]]:
        """The one table."""
        self.file.close()
        return [entries_table("log.csv", "", "stream")]


def lay_out(folder: Path, recipe: Recipe, layout: str, without: Collection[str] = ()) -> None:
    """Lays out anew what lies in a folder, by a layout of the pack ("" for one log), without some kinds.

    Raises Fault for a layout or a kind that the pack does not name.
    """
    known = set(recipe.holds)
    for kind in sorted(set(without) - known):
        raise Fault(f"The invented force holds no {kind!r}. Name a kind such as {recipe.holds[0]}.")
    said = recipe.named("layouts", layout) if layout else {"as": "log"}
    spells = [_spell(each, folder, recipe) for each in said.get("spells", [said])]
    for row in _rows(folder, spells, frozenset(without)):
        next(spell for spell in spells if spell.holds(row)).writer.write(row)
    tables = [table for spell in spells for table in spell.writer.tables()]
    for name in SOURCES:
        (folder / name).unlink()
    holds = [_held(spell, spells, recipe, without) for spell in spells]
    (folder / "mapping.yaml").write_text(mapping(recipe, tables, holds), encoding="utf-8")


def _spell(said: Mapping[str, Any], folder: Path, recipe: Recipe) -> Spell:
    writer: Writer = Tables(folder, recipe) if said["as"] == "tables" else Log(folder)
    last = str(said.get("to", ""))
    return Spell(str(said.get("from", "")), last, str(said.get("held to", last)), writer)


def _held(spell: Spell, spells: Sequence[Spell], recipe: Recipe, without: Collection[str]) -> dict[str, Any]:
    """What the mapping says is held of a spell; the last ends with the extract."""
    held: dict[str, Any] = {"kinds": sorted(set(recipe.holds) - set(without))}
    if spell.first:
        held["from"] = spell.first
    held["to"] = spell.held or str(recipe.said["as_at"])
    return held


def _rows(folder: Path, spells: Sequence[Spell], without: frozenset[str]) -> Iterator[Row]:
    """The rows that are exported: of kinds that are, written down in a spell, and no amendment of one that is not."""
    for name, (column, prefix) in SOURCES.items():
        left_out, whose = set[str](), ""
        for row in _read(folder / name):
            stream = prefix + row.pop(column)
            if stream != whose:
                left_out, whose = set(), stream
            named = row["corrects"] or row["withdraws"]
            if row["kind"] in without or named in left_out or not any(spell.holds(row) for spell in spells):
                left_out.add(row["key"])
                continue
            yield {**row, "stream": stream}


def _read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
