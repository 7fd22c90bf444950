"""Power cuts: of the allowed settings of SQLite no image of the disk lacks what was acknowledged; of others some do."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everystone.ledger.book import sqlite as databases
from tests.conftest import PROOF
from tests.ledger.powercut import Setting, allow, losses

COUNT, IMAGES = (120, 5_000) if PROOF else (24, 72)


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    """What a test allows itself is taken back."""
    journal, full = databases.journal, databases.FULL
    yield
    databases.journal, databases.FULL = journal, full


@pytest.fixture(autouse=True)
def recorded() -> None:
    """Skipped, saying so, where calls cannot be recorded."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed here; `make postgresql` as root installs it")
    if subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode:
        pytest.skip("strace may not record here")


@pytest.mark.parametrize("setting", [Setting("persist", 2), Setting("wal", 2)])
def test_no_power_cut_loses_what_was_acknowledged(folder: Path, setting: Setting, figures: dict[str, Any]) -> None:
    found = list(losses(folder / "cut", setting, COUNT, IMAGES, 1))
    assert len(found) > IMAGES // COUNT * COUNT
    assert [each for each in found if each] == []
    figures[f"power cuts {setting.journal}"] = {"images": len(found), "lost": 0}


@pytest.mark.parametrize("setting", [Setting("wal", 1, True), Setting("delete", 2, True)])
def test_a_setting_that_the_gate_refuses_does_lose(folder: Path, setting: Setting) -> None:
    """The same harness finds losses where there are some."""
    allow(setting)
    found = list(losses(folder / "cut", setting, 8, 24, 1))
    assert any(found), "the harness finds no loss where there is one"
