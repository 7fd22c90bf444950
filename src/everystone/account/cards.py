"""Which children need attention first: at most ten cards, the true total beside them, the rest in one line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow.parquet as pq

from everystone.account.opened import CASE
from everystone.findings.placed import FIND_OUT, LANES, Placed

MOST_CARDS = 10
MOST_CASES = 200
MOST_LINES = 500
LAST_TIER = FIND_OUT  # the last tier whose children have a card and whose cases are opened


class Row(NamedTuple):
    """One child (or the person who may harm, where the child is not known), placed by the worst of their cases."""

    child: str
    placed: Placed
    cases: int

    @property
    def case(self) -> str:
        """The case in which this child stands worst."""
        return self.placed.frame.removeprefix(CASE)

    @property
    def tier(self) -> str:
        """The tier in words."""
        return LANES[self.placed.tier]


class Attention(NamedTuple):
    """How many stand in each tier, those first in the order, and the cases in the order of their worst."""

    by_tier: Mapping[int, int]
    rows: Sequence[Row]
    cases: Mapping[str, Sequence[Placed]]
    cases_in_all: int

    @property
    def total(self) -> int:
        """How many children (or, where none is known, others) there are in the tiers that are shown."""
        return sum(self.by_tier.values())

    def beside(self, children: Mapping[int, int]) -> Mapping[int, int]:
        """How many stand in each tier who are not among these `children`: who may harm, and cases that name no child."""
        return {tier: n - children.get(tier, 0) for tier, n in self.by_tier.items() if n > children.get(tier, 0)}

    @property
    def first(self) -> Sequence[Row]:
        """Those who have a card."""
        return self.rows[:MOST_CARDS]

    @property
    def rest(self) -> Sequence[Row]:
        """Those who have a line."""
        return self.rows[MOST_CARDS:]


_CHILD = "coalesce(nullif(person, ''), frame)"


def attention(danger: Path) -> Attention:
    """What danger.parquet says of the first three tiers: one row a child, in order; cases by their worst child."""
    source = [str(danger), LAST_TIER]
    counted = duckdb.execute(
        f"SELECT tier, count(*) FROM (SELECT {_CHILD} AS child, min(tier) AS tier FROM read_parquet(?) "  # noqa: S608
        "WHERE tier <= ? GROUP BY child) GROUP BY tier ORDER BY tier", source
    ).fetchall()  # fmt: skip
    names = [name for name in Placed._fields if name in pq.read_schema(danger).names]
    columns = ", ".join(f'"{name}"' for name in names)
    rows = duckdb.execute(
        f"SELECT {_CHILD} AS child, count(*) OVER (PARTITION BY child), "  # noqa: S608 - names of columns, and numbers
        f"{columns} FROM read_parquet(?) WHERE tier <= ? "
        'QUALIFY row_number() OVER (PARTITION BY child ORDER BY tier, "order", frame) = 1 '
        f'ORDER BY tier, "order", frame, child LIMIT {MOST_CARDS + MOST_LINES}', source
    ).fetchall()  # fmt: skip
    cases = duckdb.execute(
        f"SELECT number_of, {columns} FROM (SELECT *, dense_rank() OVER (ORDER BY worst, frame) AS place, "  # noqa: S608
        "count(DISTINCT frame) OVER () AS number_of FROM (SELECT *, "
        'min((tier, "order")) OVER (PARTITION BY frame) AS worst FROM read_parquet(?) WHERE tier <= ?)) '
        f'WHERE place <= {MOST_CASES} ORDER BY place, tier, "order", person', source
    ).fetchall()  # fmt: skip
    by_case: dict[str, list[Placed]] = {}
    for _, *placed in cases:
        each = Placed(**dict(zip(names, placed, strict=True)))
        by_case.setdefault(each.frame.removeprefix(CASE), []).append(each)
    return Attention(
        dict(counted),
        [Row(child, Placed(**dict(zip(names, placed, strict=True))), n) for child, n, *placed in rows],
        by_case,
        cases[0][0] if cases else 0,
    )
