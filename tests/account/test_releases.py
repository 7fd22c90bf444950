"""Two releases laid side by side: attacks by subtraction, by totals, by month and by releases that overlap."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everystone.account.disclosure import ALL, THRESHOLD, TOLD, apart, protected, safe_counts
from everystone.account.figures import figures
from everystone.account.grain import OTHERS, near, split
from everystone.account.release import Release, read_releases, say_release
from everystone.account.whole import Looked
from everystone.findings.tally import COUNTS
from everystone.ledger.fault import Fault

DISCLOSURE = Path(__file__).resolve().parents[3] / "shared" / "data" / "disclosure"
Counts = Mapping[str, Mapping[str, int]]
Cell = tuple[int, str, str]  # which release, which name, which answer

number = st.one_of(st.just(0), st.integers(0, 14), st.integers(15, 300))
step = st.one_of(st.just(0), st.just(0), st.integers(-5, 15), st.integers(10, 80))
pairs = st.dictionaries(
    st.sampled_from("ABCDEFG"),
    st.fixed_dictionaries(dict.fromkeys(TOLD, st.tuples(number, step))), min_size=1, max_size=7,
)  # fmt: skip


def table(counts: Counts, team: str = "North") -> pa.Table:
    rows = [{"standard": name, "version": "v", "answer": answer, "reason": "", "team": team, "month": "2011-01", "n": n}
            for name, row in counts.items() for answer, n in row.items()]  # fmt: skip
    return pa.Table.from_pylist(rows, COUNTS)


def release(counts: pa.Table, figures: Mapping[str, int] | None = None) -> Release:
    return Release({"as_at": "then", "written_at": "1", "figures": figures or {}}, counts)


# ---- a reader who solves every equation ----------------------------------------------------------------------------


class Reader:
    """Somebody who has both releases, every total of both, and pencil and paper."""

    def __init__(self) -> None:
        self.basis: dict[Cell, dict[Cell, Fraction]] = {}

    def learn(self, cells: Sequence[Cell]) -> None:
        left = self._left(dict.fromkeys(cells, Fraction(1)))
        if left:
            first = min(left)
            self.basis[first] = {cell: n / left[first] for cell, n in left.items()}

    def learn_all(
        self, when: int, counts: Counts, told: Mapping[str, Mapping[tuple[str, ...], int]], totals: Any
    ) -> None:
        pool = [name for name in counts if name not in told]
        for name, row in told.items():
            for group in row:
                self.learn([(when, each, answer) for each in (pool if name == OTHERS else [name]) for answer in group])
        for group in totals:
            self.learn([(when, name, answer) for name in counts for answer in group])

    def knows(self, sum_: Mapping[Cell, int]) -> bool:
        return not self._left({cell: Fraction(n) for cell, n in sum_.items()})

    def _left(self, row: dict[Cell, Fraction]) -> dict[Cell, Fraction]:
        left: dict[Cell, Fraction] = {}
        while row := {cell: n for cell, n in row.items() if n}:
            first = min(row)
            if first in self.basis:
                factor = row[first]
                for cell, n in self.basis[first].items():
                    row[cell] = row.get(cell, Fraction(0)) - factor * n
            else:
                left[first] = row.pop(first)
        return left


def known_of(reader: Reader, then: Counts, now: Counts, names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Every number about some names together that follows: of each release, and what changed between them."""
    for size in range(1, len(TOLD) + 1):
        for answers in combinations(TOLD, size):
            cells = [(name, answer) for name in names for answer in answers]
            first = {(0, name, answer): 1 for name, answer in cells}
            second = {(1, name, answer): 1 for name, answer in cells}
            moved = {**second, **dict.fromkeys(first, -1)}
            sums = [sum(counts[name].get(answer, 0) for name, answer in cells) for counts in (then, now)]
            for what, n in ((first, sums[0]), (second, sums[1]), (moved, sums[1] - sums[0])):
                if reader.knows(what):
                    yield n, f"{names} {answers}"


@given(pairs)
def test_no_small_number_and_no_small_change_follows_from_two_releases(given_pairs: Any) -> None:
    then = {name: {answer: n for answer, (n, _) in row.items()} for name, row in given_pairs.items()}
    now = {name: {answer: max(0, n + by) for answer, (n, by) in row.items()} for name, row in given_pairs.items()}
    first = release(safe_counts(table(then)))
    whole = first.earlier.by_standard.whole
    told_then, told_now = protected(then), protected(now, earlier=[first.earlier.by_standard])
    if not told_then or not told_now:
        return
    sums = [{answer: sum(row[answer] for row in counts.values()) for answer in TOLD} for counts in (then, now)]
    reader = Reader()
    reader.learn_all(0, then, told_then, apart(sums[0]))
    reader.learn_all(1, now, told_now, apart(sums[1], earlier=[whole]))
    alone = [[name] for name in then]
    told_both = [name for name in told_now if name in told_then and name != OTHERS]
    for names in (*alone, [*then], [name for name in then if name not in told_both]):
        for n, what in known_of(reader, then, now, names) if names else ():
            assert n == 0 or abs(n) >= THRESHOLD, f"{what}: {n}"


def test_subtraction_of_a_standard() -> None:
    """Two hundred, then two hundred and three: the three would be told."""
    then = {"A": {"met": 200, "not met": 40}, "B": {"met": 90, "not met": 20}, "C": {"met": 80, "not met": 30}}
    now = {"A": {"met": 203, "not met": 40}, "B": {"met": 150, "not met": 20}, "C": {"met": 80, "not met": 30}}
    earlier = release(safe_counts(table(then))).earlier.by_standard
    assert protected(now)["A"][("met",)] == 203
    told = protected(now, earlier=[earlier])
    assert "A" not in told and OTHERS in told
    assert sum(told[OTHERS].values()) - 240 >= THRESHOLD, "with so much beside it that its three do not follow"


def test_subtraction_of_totals_leaves_nothing_where_only_little_changed() -> None:
    then = {"A": {"met": 200, "not met": 40}}
    assert (
        protected({"A": {"met": 203, "not met": 40}}, earlier=[release(safe_counts(table(then))).earlier.by_standard])
        == {}
    )
    assert protected(then, earlier=[release(safe_counts(table(then))).earlier.by_standard])["A"][("not met",)] == 40


def test_a_total_by_team_is_no_way_round() -> None:
    """By standard met and cannot be told are joined; by team they were told apart. Both totals count as known."""
    then = {
        "A": {"met": 100, "not met": 50, "cannot be told": 3},
        "B": {"met": 90, "not met": 50, "cannot be told": 17},
    }
    first = release(safe_counts(pa.concat_tables([table(then, "North")])))
    assert frozenset({"met"}) in first.earlier.by_standard.whole
    now = {"A": {"met": 104, "not met": 70, "cannot be told": 3}, "B": {"met": 90, "not met": 50, "cannot be told": 17}}
    for row in protected(now, earlier=[first.earlier.by_standard]).values():
        assert ("met",) not in row, "a hundred and four less a hundred is four"


months = st.dictionaries(
    st.tuples(st.sampled_from(["v1", "v2"]), st.sampled_from(["", "late by"]), st.sampled_from(["01", "02", "03", "04"])),
    st.tuples(st.integers(0, 40), st.one_of(st.just(0), st.integers(0, 30))), min_size=1, max_size=12,
)  # fmt: skip


@given(months)
def test_no_month_changes_by_little(given_months: Mapping[tuple[str, ...], tuple[int, int]]) -> None:
    def counted(place: int) -> list[dict[str, Any]]:
        return [{"standard": "A", "version": v, "answer": "not met", "reason": r, "team": "", "month": m,
                 "n": n if place == 0 else n + by} for (v, r, m), (n, by) in given_months.items()]  # fmt: skip

    then = release(safe_counts(pa.Table.from_pylist(counted(0), COUNTS)))
    now = safe_counts(pa.Table.from_pylist(counted(1), COUNTS), earlier=[then.earlier]).to_pylist()
    before = {tuple(row[name] for name in COUNTS.names if name != "n"): row["n"] for row in then.counts.to_pylist()}
    for row in now:
        n = before.get(tuple(row[name] for name in COUNTS.names if name != "n"), 0)
        alike = not {OTHERS, ALL} & {row["version"], row["reason"], row["month"]}
        if alike:
            assert row["n"] - n == 0 or abs(row["n"] - n) >= THRESHOLD


def test_a_month_that_got_three_more_is_told_with_others() -> None:
    leaves: Counter[tuple[str, ...]] = Counter({("v", "", "01"): 20, ("v", "", "02"): 15, ("v", "", "03"): 30})
    seen: Counter[tuple[str, ...]] = Counter({("v", "", "01"): 17, ("v", "", "02"): 15})
    then = split(seen, THRESHOLD)
    assert near(split(leaves, THRESHOLD), then, leaves, THRESHOLD)
    assert not near(split(leaves, THRESHOLD, 2), then, leaves, THRESHOLD)


# ---- releases that overlap -----------------------------------------------------------------------------------------


def write(folder: Path, counts: pa.Table, before: Sequence[Release], when: str, figures: Mapping[str, int]) -> Path:
    folder.mkdir()
    pq.write_table(safe_counts(counts, earlier=[each.earlier for each in before]), folder / "counts.parquet")
    say_release(folder, before, f"as at {when}", when, figures)
    return folder


def test_a_release_carries_those_before_it(tmp_path: Path) -> None:
    """So that what was told in January does not follow from March, although March is laid beside February alone."""
    counts = [{"A": {"met": 200 + n, "not met": 40}, "B": {"met": 90 + 3 * n, "not met": 60}} for n in (0, 12, 3)]
    first = write(tmp_path / "1", table(counts[0]), [], "1", {"cases": 100})
    second = write(tmp_path / "2", table(counts[1]), read_releases([first]), "2", {"cases": 130})
    both = read_releases([second])
    assert [each.said["as_at"] for each in both] == ["as at 1", "as at 2"]
    assert both[0].counts.equals(pq.read_table(first / "counts.parquet"))
    assert [each.figures["cases"] for each in read_releases([second, first])] == [100, 130], "each of them once"
    told = protected(counts[2], earlier=[each.earlier.by_standard for each in both])
    assert "A" not in told, "two hundred and three less two hundred"
    assert protected(counts[2], earlier=[both[1].earlier.by_standard]) != {} or told == {}


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '[{"as_at": 1}]', "[1]"])
def test_what_is_no_release_is_refused(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "release.json").write_text(content)
    with pytest.raises(Fault, match="holds no release"):
        read_releases([tmp_path])


def test_a_release_whose_table_is_gone_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "1", table({"A": {"met": 20}}), [], "1", {})
    pq.write_table(table({"A": {"met": 20}}), folder / "counts.parquet")
    with pytest.raises(Fault, match="not the table of an earlier release"):
        read_releases([folder])
    (folder / "counts.parquet").unlink()
    with pytest.raises(Fault, match="not the table of an earlier release"):
        read_releases([folder])


# ---- the numbers of sentences --------------------------------------------------------------------------------------


@given(
    st.integers(0, 60), st.tuples(*[st.integers(0, 20)] * 3), st.integers(0, 60), st.tuples(*[st.integers(0, 20)] * 3)
)
def test_no_sentence_tells_of_few(rest: int, tiers: tuple[int, ...], more: int, later: tuple[int, ...]) -> None:
    then = figures(Looked(500, sum(tiers) + rest, dict(enumerate(tiers))), {}, [])
    before = Release({"as_at": "then", "written_at": "1", "figures": dict(then.numbers)}, COUNTS.empty_table())
    now = figures(Looked(500, sum(tiers) + rest + more, dict(enumerate(later))), {}, [before])
    for each in (then, now):
        assert all(n == 0 or n >= THRESHOLD for n in each.numbers.values())
        assert [n for n, _ in each.places] == [
            n for name, n in reversed([*each.numbers.items()]) if name not in ("cases", "children")
        ]
    for name in then.numbers.keys() & now.numbers.keys():
        moved = now.numbers[name] - then.numbers[name]
        assert moved == 0 or abs(moved) >= THRESHOLD, name


def test_a_rest_of_two_does_not_follow() -> None:
    """Fifty-nine children, of whom fifty-seven stand in a tier: the two others would follow."""
    said = figures(Looked(100, 59, {0: 30, 2: 27}), {}, [])
    assert 30 in said.numbers.values() and 27 not in said.numbers.values()
    assert "none of these three" in said.places[-1][1]


def test_numbers_that_hardly_changed_stand_as_they_were() -> None:
    before = Release(
        {"as_at": "30 June", "written_at": "1", "figures": {"cases": 500, "children": 540}}, COUNTS.empty_table()
    )
    said = figures(Looked(503, 600, {}), {}, [before])
    assert (said.cases, said.children, said.as_before) == ("500", "540", "30 June")


# ---- tables that others published ----------------------------------------------------------------------------------


@pytest.mark.skipif(not DISCLOSURE.is_dir(), reason="the folder shared/data/disclosure is not there")
def test_the_small_cell_of_a_published_table_is_hidden_with_others() -> None:
    """sdcTable's worked example: region by gender, of which one cell is primary; every method hides at least three more."""
    answers = json.loads((DISCLOSURE / "known_answers.json").read_text())["microdata1"]
    rows = [line.split(",") for line in (DISCLOSURE / "sdcTable_microdata1.csv").read_text().splitlines()[1:]]
    counts: dict[str, Counter[str]] = {}
    for region, gender, _ in rows:
        counts.setdefault(region, Counter())[{"male": "met", "female": "not met"}[gender]] += 1
    assert counts["A"]["not met"] <= 2, f"cell {answers['primary_freq_maxN_2'][0]} of the published order"
    told = protected(counts, threshold=3)
    assert ("not met",) not in told["A"]
    hidden = [
        name for name, row in told.items() for group in row if len(group) > 1 and "not met" in group and "met" in group
    ]
    assert len(hidden) >= 2, "so that it does not follow from the total"
    assert 2 * len(hidden) >= 1 + answers["protect_cell_A_female"]["secondary"]
    assert sum(n for row in told.values() for n in row.values()) == len(rows)
    published = release(safe_counts(table(counts), threshold=3))
    more = {name: Counter(row) for name, row in counts.items()}
    more["B"]["met"] += 2
    later = protected(more, threshold=3, earlier=[published.earlier.by_standard])
    assert later == {}, "two more in all: nothing can be told anew"


@pytest.mark.skipif(not DISCLOSURE.is_dir(), reason="the folder shared/data/disclosure is not there")
def test_households_of_a_published_sample_released_twice() -> None:
    """sdcMicro's test sample by roof and sex, released after sixty and after all ninety-three households."""
    lines = [line.split(",") for line in (DISCLOSURE / "sdcMicro_testdata2.csv").read_text().splitlines()[1:]]

    def counted(of: Sequence[Sequence[str]]) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for line in of:
            row = found.setdefault(line[1], dict.fromkeys(TOLD, 0))
            row["met" if line[6] == "1" else "not met"] += 1
        return found

    then, now = counted(lines[:60]), counted(lines)
    first = release(safe_counts(table(then), threshold=5))
    told_then, told_now = protected(then, 5), protected(now, 5, [first.earlier.by_standard])
    assert told_then and all(
        n == 0 or n >= 5 for told in (told_then, told_now) for row in told.values() for n in row.values()
    )
    for name in told_now.keys() & told_then.keys() - {OTHERS}:
        moved = sum(told_now[name].values()) - sum(told_then[name].values())
        assert moved == 0 or abs(moved) >= 5
