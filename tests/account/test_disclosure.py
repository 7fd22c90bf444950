"""No number under ten is told, and none can be worked out from what is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from everystone.account.between import Row
from everystone.account.disclosure import ALL, THRESHOLD, TOLD, protected, safe_counts, shown
from everystone.account.grain import OTHERS
from everystone.findings.tally import COUNTS

Counted = Mapping[str, Mapping[str, int]]
Cell = tuple[str, str]  # a name and an answer

few = st.integers(0, 14)
number = st.one_of(few, few, st.integers(15, 400))
tables = st.dictionaries(
    st.sampled_from("ABCDEFGHIJ"), st.fixed_dictionaries(dict.fromkeys(TOLD, number)), min_size=1, max_size=10
)
rows = st.lists(
    st.fixed_dictionaries({
        "standard": st.sampled_from(["A", "B", "C"]),
        "version": st.sampled_from(["2004-05-01", "2014-01-01"]),
        "answer": st.sampled_from([*TOLD, "not yet due", "does not apply"]),
        "reason": st.sampled_from(["", "late by"]),
        "team": st.sampled_from(["North", "South", ""]),
        "month": st.sampled_from(["2011-01", "2011-02", "2012-07"]),
        "n": number,
    }),
    max_size=40,
)  # fmt: skip


def where(told: Mapping[str, Row], name: str, answer: str) -> tuple[str, tuple[str, ...]]:
    """The row and the group in which one true number went."""
    row = name if name in told else OTHERS
    return row, next(group for group in told[row] if answer in group)


def knowable(counts: Counted, told: Mapping[str, Row]) -> tuple[list[list[int]], list[Cell]]:
    """Each number that a reader has, as the places of the true numbers it is the sum of, and those true numbers.

    The reader has all that is told here, and from the other view the total of every answer (or of those joined).
    """
    cells: list[Cell] = [(name, answer) for name, answer in product(counts, TOLD) if sum(counts[name].values())]
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for place, (name, answer) in enumerate(cells):
        groups.setdefault(where(told, name, answer), []).append(place)
    totals = protected({"": sums(counts)})[""]
    return [
        *groups.values(),
        *([place for place, cell in enumerate(cells) if cell[1] in group] for group in totals),
    ], cells


def sums(counts: Counted) -> dict[str, int]:
    return {answer: sum(row.get(answer, 0) for row in counts.values()) for answer in TOLD}


def worked_out(sums: Sequence[Sequence[int]], size: int) -> set[int]:
    """The true numbers that follow from such sums by adding and taking away alone (elimination over fractions)."""
    matrix = [[Fraction(int(place in each)) for place in range(size)] for each in sums]
    lead = 0
    for column in range(size):
        pivot = next((line for line in range(lead, len(matrix)) if matrix[line][column]), None)
        if pivot is None:
            continue
        matrix[lead], matrix[pivot] = matrix[pivot], matrix[lead]
        matrix[lead] = [each / matrix[lead][column] for each in matrix[lead]]
        for line in range(len(matrix)):
            if line != lead and matrix[line][column]:
                factor = matrix[line][column]
                matrix[line] = [a - factor * b for a, b in zip(matrix[line], matrix[lead], strict=True)]
        lead += 1
    alone = [[place for place, each in enumerate(row) if each] for row in matrix]
    return {places[0] for places in alone if len(places) == 1}


@given(tables)
def test_no_small_number_is_told(counts: Counted) -> None:
    for row in protected(counts).values():
        assert all(n == 0 or n >= THRESHOLD for n in row.values())


@given(tables)
def test_everything_is_told_once_and_the_totals_are_true(counts: Counted) -> None:
    told = protected(counts)
    whole = sum(sum(row.values()) for row in counts.values())
    if whole < THRESHOLD:
        assert told == {}
        return
    assert sum(n for row in told.values() for n in row.values()) == whole
    for name, row in told.items():
        assert sorted(answer for group in row for answer in group) == sorted(TOLD)
        if name != OTHERS:
            assert sum(row.values()) == sum(counts[name].values())


@given(tables)
def test_no_small_number_follows_from_the_totals(counts: Counted) -> None:
    told = protected(counts)
    if not told:
        return
    known, cells = knowable(counts, told)
    for place in worked_out(known, len(cells)):
        name, answer = cells[place]
        assert counts[name][answer] == 0 or counts[name][answer] >= THRESHOLD, (name, answer)


@given(tables)
def test_a_small_number_that_is_hidden_might_be_large(counts: Counted) -> None:
    """For each hidden small number there is another table with the same totals in which it reaches the threshold."""
    told = protected(counts)
    apart = {group[0] for group in protected({"": sums(counts)}).get("", {}) if len(group) == 1}
    by_set: dict[tuple[str, ...], list[str]] = {}
    for name, row in told.items():
        for group in row:
            if len(group) > 1:
                by_set.setdefault(group, []).append(name)
    for group, names in by_set.items():
        truth = {name: {answer: counted_of(counts, told, name, answer) for answer in group} for name in names}
        columns = {answer: sum(truth[name][answer] for name in names) for answer in group}
        for name, answer in product(names, sorted(apart & {*group})):
            if 0 < truth[name][answer] < THRESHOLD:
                assert min(sum(truth[name].values()), columns[answer]) >= THRESHOLD


def counted_of(counts: Counted, told: Mapping[str, Row], name: str, answer: str) -> int:
    names = [each for each in counts if each not in told] if name == OTHERS else [name]
    return sum(counts[each][answer] for each in names)


def test_a_gap_stays_visible_longest() -> None:
    told = protected(
        {"A": {"met": 290, "not met": 40, "cannot be told": 3}, "B": {"met": 90, "not met": 40, "cannot be told": 12}}
    )
    assert told["A"] == {("met", "cannot be told"): 293, ("not met",): 40}
    assert told["B"] == {("met", "cannot be told"): 102, ("not met",): 40}, (
        "so that A's three do not follow from the total"
    )


def test_a_failing_of_everybody_is_told() -> None:
    assert protected({"A": {"met": 0, "not met": 59, "cannot be told": 0}})["A"][("not met",)] == 59


def test_small_rows_stand_together_with_the_smallest_other() -> None:
    told = protected({"A": {"met": 3}, "B": {"met": 12}, "C": {"met": 80}})
    assert set(told) == {"C", OTHERS}
    assert sum(told[OTHERS].values()) == 15


def test_a_number_in_a_sentence() -> None:
    assert [shown(n) for n in (0, 3, 10, 1200)] == ["0", "fewer than 10", "10", "1,200"]


# ---- the table -----------------------------------------------------------------------------------------------------


def as_table(given: Sequence[Mapping[str, Any]]) -> pa.Table:
    whole: Counter[tuple[Any, ...]] = Counter()
    for row in given:
        whole[tuple(row[name] for name in COUNTS.names if name != "n")] += row["n"]
    names = [name for name in COUNTS.names if name != "n"]
    return pa.Table.from_pylist(
        [{**dict(zip(names, place, strict=True)), "n": n} for place, n in whole.items()], COUNTS
    )


@given(rows)
def test_the_table_keeps_its_columns_and_tells_no_small_number(given_rows: list[dict[str, Any]]) -> None:
    safe = safe_counts(as_table(given_rows))
    assert safe.schema == COUNTS
    assert all(n >= THRESHOLD for n in safe["n"].to_pylist())


@given(rows)
def test_both_views_add_up_to_all_that_was_due(given_rows: list[dict[str, Any]]) -> None:
    safe = safe_counts(as_table(given_rows)).to_pylist()
    whole = sum(row["n"] for row in given_rows if row["answer"] in TOLD)
    for view in ("team", "standard"):
        assert sum(row["n"] for row in safe if row[view] == ALL) == (whole if whole >= THRESHOLD else 0)


@given(rows)
def test_the_parts_of_a_standard_add_up_to_what_is_told_of_it(given_rows: list[dict[str, Any]]) -> None:
    counts: dict[str, Counter[str]] = {}
    for row in given_rows:
        if row["answer"] in TOLD:
            counts.setdefault(row["standard"], Counter())[row["answer"]] += row["n"]
    told = {(name, " or ".join(group)): n for name, row in protected(counts).items() for group, n in row.items() if n}
    parts: Counter[tuple[str, str]] = Counter()
    for row in safe_counts(as_table(given_rows)).to_pylist():
        if row["team"] == ALL:
            parts[row["standard"], row["answer"]] += row["n"]
    assert dict(parts) == told


@given(rows)
def test_a_sealed_standard_leaves_no_trace(given_rows: list[dict[str, Any]]) -> None:
    without = [row for row in given_rows if row["standard"] != "B"]
    assert safe_counts(as_table(given_rows), sealed={"B"}) == safe_counts(as_table(without))
