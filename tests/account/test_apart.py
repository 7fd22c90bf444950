"""The tables beside a force's report say nothing of what is told to professional standards alone, not even that it was asked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from everystone.account.apart import sealed_beside, tell
from everystone.findings.tally import FINDINGS
from everystone.standards.pack import Pack
from tests.account.conftest import World


def test_the_tables_are_those_of_a_review_that_never_asked_the_sealed_standards(
    world: World, pack: Pack, tmp_path: Path
) -> None:
    whole = pq.read_table(world.out / "findings.parquet").to_pylist()
    sealed = {min(row["standard"] for row in whole)}
    (under, *_) = [row for row in whole if row["standard"] not in sealed]
    above = next(row for row in whole if row["standard"] in sealed)
    under.update(root=above["key"], marks=["folded under", "late record"])
    for name in ("counts.parquet", "danger.parquet"):
        shutil.copy(world.out / name, tmp_path)
    pq.write_table(pa.Table.from_pylist(whole, FINDINGS), tmp_path / "findings.parquet")
    (tmp_path / "told").mkdir()
    tell(tmp_path, tmp_path / "told", sealed)
    told = pq.read_table(tmp_path / "told" / "findings.parquet")
    assert told.schema.equals(FINDINGS)
    under.update(root="", marks=["late record"])
    assert told.to_pylist() == [row for row in whole if row["standard"] not in sealed], "in their order"
    counts = pq.read_table(tmp_path / "told" / "counts.parquet").to_pylist()
    assert counts == [
        row for row in pq.read_table(world.out / "counts.parquet").to_pylist() if row["standard"] not in sealed
    ]


def test_the_sealed_folder_lies_beside_the_other_however_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sealed_beside(Path("review")) == Path("review-sealed")
    monkeypatch.chdir(tmp_path)
    assert sealed_beside(Path()) == tmp_path.parent / f"{tmp_path.name}-sealed"
    assert sealed_beside(Path("/")) == Path("/-sealed"), "and not a fault of its own before the folder is refused"
