"""The desk grows with what is laid on it: a statement that the database's memory is too small for is done with more of it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from everystone.intake import desk
from everystone.intake.desk import laid_out

LARGE = "CREATE TABLE one AS SELECT list(n) AS cell FROM range(1000000) r(n)"  # a single value, which no folder takes
MB = 10


def test_a_statement_that_needs_more_memory_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "MEMORY", MB)
    with laid_out(tmp_path) as made:
        made.do(LARGE)
        assert made.one("SELECT len(cell) FROM one") == 1_000_000
        assert made.memory > MB


def test_it_takes_no_more_than_half_of_what_the_machine_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "MEMORY", MB)
    monkeypatch.setattr(desk, "_machine", lambda: MB)
    with laid_out(tmp_path) as made, pytest.raises(duckdb.OutOfMemoryException):
        made.do(LARGE)
