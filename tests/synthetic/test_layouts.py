"""Two forces with different exports of the same world, a change of systems half-way, and kinds that are in no table."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from everystone import library
from everystone.account.report import write_report
from everystone.findings.answer import NOT_MET
from everystone.intake.suggest import suggest
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.synthetic import synthesise
from everystone.synthetic.recipe import read_recipe, shipped
from tests.conftest import PROOF

CASES, SEED = (500, 3) if PROOF else (100, 3)
#: What is exported in an ordinary run: one kind of each form of file and some more, since each table takes its time.
KEPT = {
    "report.received", "child.seen", "crime.recorded", "case.allocated", "review.done", "case.closed", "social_care.decision",
    "exhibit.seized",
}  # fmt: skip
Answers = dict[str, list[str]]


def left_out() -> list[str]:
    """The kinds that are in no table of an ordinary run."""
    return [] if PROOF else sorted(set(read_recipe(shipped()).holds) - KEPT)


def answers(folder: Path, work: Path, mapping: Path | None = None) -> Answers:
    """Everything that a review of an extract says: findings, counts of all answers, who needs attention."""
    extract = library.read([folder], mapping or folder / "mapping.yaml", work / "ledger")
    assert extract.taken.rejected == 0, extract.taken.rejects[:3]
    library.review(extract, "2026-06-30", work / "out", processes=1)
    return {name: sorted(str(sorted(row.items())) for row in pq.read_table(work / "out" / f"{name}.parquet").to_pylist())
            for name in ("findings", "counts", "danger")}  # fmt: skip


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same world as one log, and as a table for each kind."""
    folder = tmp_path_factory.mktemp("exports")
    for name, layout in (("log", ""), ("tables", "file by kind")):
        synthesise(CASES, SEED, folder / name, ["silent-cases", "unseen-children"], layout=layout, without=left_out())
    return {name: folder / name for name in ("log", "tables")}


def test_two_exports_of_one_world_give_the_same_answers(exports: dict[str, Path], tmp_path: Path) -> None:
    forms = {path.suffix for path in exports["tables"].iterdir()}
    assert forms >= {".csv", ".xlsx", ".xml"} and not (exports["tables"] / "entries.csv").exists()
    log, tables = (answers(folder, tmp_path / name) for name, folder in exports.items())
    assert log == tables
    assert len(log["findings"]) > 50 and any(NOT_MET in row for row in log["findings"])


@pytest.mark.parametrize("name", ["log", "tables"])
def test_each_goes_from_a_proposed_mapping_to_a_finished_report(
    name: str, exports: dict[str, Path], tmp_path: Path, pack: Pack
) -> None:
    files = sorted(path for path in exports[name].iterdir() if path.suffix in (".csv", ".xlsx", ".xml"))
    (tmp_path / "mapping.yaml").write_text(suggest(files, pack), encoding="utf-8")
    extract = library.read([exports[name]], tmp_path / "mapping.yaml", tmp_path / "ledger")
    rows = Counter[str]()
    for counts in extract.taken.rows.values():
        rows.update(used=counts.used, read=counts.read)
    assert rows["used"] > 0.8 * rows["read"]
    library.review(extract, "2026-06-30", tmp_path / "out", processes=1)
    run = {"as_at": "2026-06-30", "packs": list(extract.pack.names)}
    page = write_report(tmp_path / "out", "force", extract.pack, extract.ledger, extract.instants("2026-06-30"), run)
    assert "cases were looked at" in page.read_text(encoding="utf-8")


@pytest.mark.proof
def test_a_change_of_systems_loses_rows_and_accuses_nobody_for_it(tmp_path: Path) -> None:
    synthesise(CASES, SEED, tmp_path / "whole", without=left_out())
    synthesise(CASES, SEED, tmp_path / "changed", layout="system changed", without=left_out())
    said = (tmp_path / "changed" / "mapping.yaml").read_text(encoding="utf-8")
    assert "to: '2022-12-14'" in said and "from: '2023-02-15'" in said
    assert (tmp_path / "changed" / "log.csv").exists() and (tmp_path / "changed" / "REPORT_RECEIVED.csv").exists()
    found = {}
    for name in ("whole", "changed"):
        answers(tmp_path / name, tmp_path / f"{name}-review")
        rows = pq.read_table(tmp_path / f"{name}-review" / "out" / "findings.parquet").to_pylist()
        found[name] = {_asked(row) for row in rows if row["answer"] == NOT_MET}
    assert found["changed"] and found["whole"] - found["changed"]
    assert not found["changed"] - found["whole"]


def _asked(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("standard", "frame", "asked_for", "trigger", "n"))


def test_kinds_in_no_table_are_said_not_to_be_held(exports: dict[str, Path], tmp_path: Path) -> None:
    synthesise(CASES, SEED, tmp_path, without=["review.done", "missing.found"])
    log = (tmp_path / "log.csv").read_text(encoding="utf-8")
    said = (tmp_path / "mapping.yaml").read_text(encoding="utf-8")
    assert ",review.done," not in log and ",missing.reported," in log
    assert "review.done" not in said and "missing.reported" in said


@pytest.mark.parametrize(
    ("layout", "without", "says"),
    [("on paper", [], r"layouts has nothing named 'on paper'.*file by kind"), ("", ["review.dunn"], "holds no 'review.dunn'")],
)  # fmt: skip
def test_an_unknown_layout_or_kind_is_refused(layout: str, without: list[str], says: str, tmp_path: Path) -> None:
    with pytest.raises(Fault, match=says):
        synthesise(100, SEED, tmp_path, layout=layout, without=without)
