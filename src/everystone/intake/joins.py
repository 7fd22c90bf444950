"""Which tables of an extract belong together: a column whose every value stands once in a column of another table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from everystone.intake.desk import Desk
from everystone.intake.laid import Laid
from everystone.intake.profile import SAMPLE, Column
from everystone.intake.when import trimmed

MOST = 200_000  # different values up to which a column is looked at as a key of its table
LEAST = 3  # different values without which a column that fits says nothing
SHARE = 0.95  # of the values of a column that must stand in the other table


@dataclass(frozen=True)
class Reference:
    """A column that may refer to another table, or be referred to: its values (all of them where it is a `key`)."""

    column: Column
    values: frozenset[str]
    key: bool


@dataclass(frozen=True, eq=False)
class Looked:
    """A part of a file as it was looked at: its columns, and those that may join it to others."""

    name: str
    file: str
    columns: Sequence[Column]
    references: Sequence[Reference] = field(default_factory=tuple)

    @property
    def has_times(self) -> bool:
        """Whether anything in it happened at a time."""
        return any(each.is_time and each.filled for each in self.columns)


class Found(NamedTuple):
    """A join that is proposed: the other table, our column and its key, how many of our values stand there."""

    other: Looked
    ours: str
    theirs: str
    share: float

    def called(self, column: Column, taken: set[str]) -> str:
        """What a column of the other table is called here: by its own name where none of ours has it."""
        return column.name if column.name not in taken else f"{self.other.file.partition('.')[0]} {column.name}"

    def columns(self, mine: Looked) -> Iterator[tuple[str, Column]]:
        """What can be looked up there, by what it is called here; times only where this table has none of its own."""
        taken = {each.name for each in mine.columns}
        for each in self.other.columns:
            if each.name != self.theirs and each.filled and not (each.is_time and mine.has_times and not each.is_birth):
                called = self.called(each, taken)
                yield each.name, replace(each, name=called, unique=False)


def references(desk: Desk, laid: Laid, columns: Sequence[Column]) -> Iterator[Reference]:
    """The columns of a file that may join it to another: short, no times, with enough different values."""
    rows = desk.one(f"SELECT count(*) FROM {laid.table}")
    for each in columns:
        if each.is_time or each.packed or not each.filled or each.length > 80 or each.distinct < LEAST:
            continue
        cell = trimmed(laid.columns[each.name])
        different = desk.one(f"SELECT count(DISTINCT {cell}) FROM {laid.table}")
        key = different == rows and different <= MOST
        of = laid.table if key else f"(SELECT * FROM {laid.table} ORDER BY row LIMIT {SAMPLE})"
        found = desk.rows(f"SELECT DISTINCT {cell} AS v FROM {of} WHERE v IS NOT NULL")
        yield Reference(each, frozenset(value for (value,) in found), key)


def joins(mine: Looked, others: Sequence[Looked]) -> list[Found]:
    """The tables that can be looked up from this one: the best for each of its columns, by names alike and values found."""
    best: dict[str, Found] = {}
    for other in others:
        for found in _between(mine, other):
            if found.ours not in best or _alike(mine, found) > _alike(mine, best[found.ours]):
                best[found.ours] = found
    return list({found.other.name: found for found in best.values()}.values())


def _between(mine: Looked, other: Looked) -> Iterator[Found]:
    for theirs in (each for each in other.references if each.key and other.name != mine.name):
        for ours in mine.references:
            share = len(ours.values & theirs.values) / len(ours.values)
            named = bool(ours.column.tokens & theirs.column.tokens)
            if share >= SHARE and len(ours.values) >= LEAST and (named or not _are_figures(ours.values)):
                yield Found(other, ours.column.name, theirs.column.name, share)


def _alike(mine: Looked, found: Found) -> tuple[int, float]:
    ours = next(each.tokens for each in mine.columns if each.name == found.ours)
    theirs = next(each.tokens for each in found.other.columns if each.name == found.theirs)
    return len(ours & theirs), found.share


def _are_figures(values: frozenset[str]) -> bool:
    """Whether they are all small figures, which stand in any table: only names alike can tell that they belong together."""
    return all(value.isascii() and value.isdigit() and len(value) < 5 for value in values)
