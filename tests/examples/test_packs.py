"""Further packs: another subject that needed no code, and one force's published limits."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from everystone import library
from everystone.findings.stories import judge
from everystone.standards.pack import SHIPPED, load
from everystone.standards.story import read_stories
from tests.conftest import ROOT

ABUSE = str(ROOT / "examples" / "domestic_abuse")
DASHBOARD = "west_midlands_dashboard"


@pytest.mark.parametrize(("packs", "begin"), [([ABUSE], "DA-"), ([SHIPPED, DASHBOARD], "WMD-")])
def test_their_stories_come_out_as_told(packs: list[str], begin: str) -> None:
    pack = load(packs)
    own = [each for each in pack.finished if each.id.startswith(begin)]
    assert own
    for each in own:
        for story in read_stories(each.path, pack):
            assert not judge(story, pack).otherwise, story.title


def test_the_limits_of_one_force_are_asked_only_where_they_are_named() -> None:
    assert not [name for name in load().standards if name.startswith("WMD-")]
    assert {each.versions[-1].version.basis for name, each in load([SHIPPED, DASHBOARD]).standards.items()
            if name.startswith("WMD-")} == {"local"}  # fmt: skip


def test_another_subject_goes_from_a_table_to_findings_without_any_code(tmp_path: Path) -> None:
    with (tmp_path / "notifications.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([
            ["incident", "child", "officer", "attended", "told"],
            ["I-1", "C1", "O1", "2024-03-04 22:10", "2024-03-05 08:20"],
            ["I-1", "C2", "O1", "2024-03-04 22:10", ""],
            ["I-2", "C3", "O2", "2024-03-08 23:40", "2024-03-13 09:00"],
        ])  # fmt: skip
    extract = library.read([tmp_path], Path(ABUSE) / "mapping.yaml", tmp_path / "ledger", [ABUSE])
    library.review(extract, "2024-12-31", tmp_path / "out", processes=1)
    rows = pq.read_table(tmp_path / "out" / "findings.parquet").to_pylist()
    found = {(row["frame"], row["asked_for"], row["reason"]) for row in rows if row["standard"] == "DA-01"}
    assert found == {("case/I-1", "C2", "no record shows"), ("case/I-2", "C3", "late by")}
