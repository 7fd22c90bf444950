"""Paired worlds asked: every edit yields the finding it names, and nothing outside its reach is answered otherwise."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from everystone.findings.answer import NOT_MET, Answer
from everystone.findings.frames import Instants, frames_of
from everystone.findings.reference import Questions, ask
from everystone.ledger.coverage import Coverage
from everystone.standards.pack import Pack
from everystone.standards.story import end_of
from everystone.synthetic import failings_of, synthesise
from everystone.synthetic.recipe import read_recipe, shipped
from tests.conftest import PROOF
from tests.synthetic.made import streams

CASES, EACH = (12_000, 40) if PROOF else (4_000, 4)
Row = dict[str, Any]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A force without and with every failing."""
    folder = tmp_path_factory.mktemp("pairs")
    synthesise(CASES, 11, folder / "without")
    synthesise(CASES, 11, folder / "with", list(failings_of()))
    return folder / "without", folder / "with"


@pytest.fixture(scope="module")
def truth(worlds: tuple[Path, Path]) -> list[Row]:
    """What was edited in some cases of each failing."""
    chosen: dict[str, set[str]] = {}
    rows: list[Row] = pq.read_table(worlds[1] / "truth.parquet").to_pylist()
    for row in rows:
        cases = chosen.setdefault(row["failing"], set())
        if len(cases) < EACH:
            cases.add(row["case"])
    return [row for row in rows if row["case"] in chosen[row["failing"]]]


@pytest.fixture(scope="module")
def answers(worlds: tuple[Path, Path], truth: list[Row], pack: Pack) -> tuple[set[Any], set[Any]]:
    """The findings about those cases, without and with."""
    cases = {row["case"] for row in truth}
    without, with_failings = (_findings(folder, cases, pack) for folder in worlds)
    return without, with_failings


def _findings(folder: Path, cases: set[str], pack: Pack) -> set[Any]:
    as_at = end_of("2026-06-30", pack.words)
    questions = Questions(pack, [each.id for each in pack.finished])
    when = Instants(as_at, as_at, Coverage())
    given = [
        each for frame in frames_of(streams(folder, cases, pack), pack.words, when) for each in ask(frame, questions)
    ]
    return {_finding(each) for each in given if each.answer == NOT_MET}


def _finding(answer: Answer) -> tuple[str, str, str, str, int, str]:
    return answer.standard, answer.frame, answer.asked_for, answer.trigger, answer.n, answer.reason


def test_every_failing_found_cases(truth: list[Row]) -> None:
    assert {row["failing"] for row in truth} == set(failings_of())


def test_every_edit_yields_its_finding(truth: list[Row], answers: tuple[set[Any], set[Any]]) -> None:
    new = {(standard, frame) for standard, frame, *_ in answers[1] - answers[0]}
    silent = [row for row in truth if not any((row["standard"], frame) in new for frame in row["reach"])]
    assert not silent, Counter((row["failing"], row["standard"]) for row in silent)


def test_nothing_outside_the_reach_is_answered_otherwise(truth: list[Row], answers: tuple[set[Any], set[Any]]) -> None:
    reach = {frame for row in truth for frame in row["reach"]}
    assert not {finding for finding in answers[0] ^ answers[1] if finding[1] not in reach}


def test_every_area_of_the_pack_has_a_failing_that_is_found(
    truth: list[Row], answers: tuple[set[Any], set[Any]], pack: Pack
) -> None:
    new = {(standard, frame) for standard, frame, *_ in answers[1] - answers[0]}
    found = {row["standard"] for row in truth if any((row["standard"], frame) in new for frame in row["reach"])}
    assert {pack.standards[name].area for name in found} == {each.area for each in pack.finished}


def test_every_way_of_gaming_meets_the_check_that_answers_it(pack: Pack) -> None:
    games: dict[str, set[str]] = {}
    for name, said in read_recipe(shipped()).part("failings").items():
        for edit in said["edits"]:
            assert edit["standard"] in pack.standards, name
            if "games" in said:
                games.setdefault(said["games"], set()).add(edit["standard"])
    assert set(games) == {
        "bare notes as progress", "close and reopen", "seen by phone", "bulk entries before a review", "padding",
        "downgrading", "blanks",
    }  # fmt: skip
    for way, names in games.items():
        for name in names:
            assert pack.standards[name].standard.gamed_by, (way, name)
