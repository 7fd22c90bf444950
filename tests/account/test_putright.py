"""Putting right: per child, and the overseer's one figure."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everystone.account.putright import Line, figure, lines_of, people, read_figures, to_arrow, write_putright
from everystone.account.whole import moments
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from tests.account.conftest import World
from tests.account.invented import AS_AT


@pytest.fixture(scope="module")
def lines(world: World, pack: Pack) -> list[Line]:
    return lines_of(world.book, pack, world.when, world.out / "findings.parquet")


def test_every_child_of_whom_something_failed_has_its_steps(lines: list[Line], pack: Pack) -> None:
    named = people(lines)
    assert len(named) > 20 and all(name.startswith(("C", "K", "V")) for name in named)
    assert {line.status for line in lines} >= {"open"}
    for mine in named.values():
        assert len({(line.case, line.what) for line in mine}) == len(mine), "the same step twice"
    sealed = {each.id for each in pack.finished if each.standard.first_told == "professional standards"}
    assert sealed and not sealed & {line.standard for line in lines}
    assert to_arrow(lines).num_rows == len(lines)


def test_the_overseer_is_told_one_figure_and_no_case(
    world: World, pack: Pack, lines: list[Line], tmp_path: Path
) -> None:
    said = moments(pack, world.when, {"as_at": AS_AT})
    page = write_putright(lines, tmp_path / "over", said, detailed=False).read_text()
    assert {path.name for path in (tmp_path / "over").iterdir()} == {"putright.html", "run.json"}
    assert figure(lines).says in page
    for line in lines:
        assert line.case not in page and line.person not in page.replace("Content", "")
    full = write_putright(lines, tmp_path / "force", said, detailed=True).read_text()
    assert lines[0].person in full and "<script" not in full
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.rglob("*.*"))


def invented(left: int, closed: int) -> list[Line]:
    """So many people with something open, so many with nothing."""
    return [
        Line(f"P{n}", "C", "open" if n < left else "lost", "w", "b", "", "", "S", "t", "") for n in range(left + closed)
    ]


@given(st.integers(0, 120), st.integers(0, 120))
def test_no_small_number_is_told_or_can_be_worked_out(left: int, closed: int) -> None:
    said = figure(invented(left, closed)).says.replace("fewer than 10", "few")
    numbers = [int(word.strip(",.").replace(",", "")) for word in said.split() if word.strip(",.").isdigit()]
    told = {*numbers, *([numbers[0] - numbers[1]] if len(numbers) > 1 else [])}
    assert all(n == 0 or n >= 10 for n in told)


def test_the_figure_is_worded_as_it_will_be_read() -> None:
    assert figure(invented(18, 41)).says == "Of 59 people, 41 have nothing left open."
    assert figure(invented(57, 2)).says == "Of 59 people, fewer than 10 have nothing left open."
    assert figure(invented(2, 57)).says == "Of 59 people, all but fewer than 10 have nothing left open."


@given(*[st.integers(0, 60)] * 4)
def test_no_figure_changes_by_little(left: int, closed: int, later_left: int, later_closed: int) -> None:
    then = figure(invented(left, closed))
    now = figure(invented(later_left, later_closed), [then])
    for name in then.told.keys() & now.told.keys():
        assert now.told[name] == then.told[name] or abs(now.told[name] - then.told[name]) >= 10
    whole = sum(now.told.values()) - sum(then.told.values())
    assert not then.told or not now.told or whole == 0 or abs(whole) >= 10


def test_a_figure_that_hardly_changed_stands() -> None:
    then = figure(invented(18, 41))
    assert (
        figure(invented(18, 43), [then]).says
        == f"{then.says} (As told before; since then fewer than 10 people were added or taken away.)"
    )
    assert "some have nothing left open: too little has changed" in figure(invented(35, 44), [then]).says
    assert figure(invented(30, 60), [then]).says == "Of 90 people, 60 have nothing left open."


def test_a_folder_tells_of_the_figures_before_it(tmp_path: Path, pack: Pack, world: World) -> None:
    said = moments(pack, world.when, {"as_at": AS_AT})
    write_putright(invented(18, 41), tmp_path / "1", said, detailed=False)
    first = read_figures([tmp_path / "1"])
    write_putright(invented(30, 60), tmp_path / "2", said, detailed=False, earlier=first)
    assert [each.told["closed"] for each in read_figures([tmp_path / "2", tmp_path / "1"])] == [41, 60]
    with pytest.raises(Fault, match="holds no earlier figure"):
        read_figures([tmp_path])
