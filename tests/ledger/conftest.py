"""Ledgers for tests: on SQLite, and on a PostgreSQL server that is started once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.ledger.stores import Cluster, Place, founded, memory


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One server for all tests of a process; skipped, saying so, where none is installed."""
    started = Cluster()
    yield started
    started.stop()


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder, in memory where there is room."""
    with TemporaryDirectory(prefix="es-", dir=memory()) as made:
        yield Path(made)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, folder: Path) -> Place:
    """A new, empty ledger on each database; the key store of both is a file of its own."""
    if request.param == "sqlite":
        return founded(str(folder / "ledger"), str(folder / "keys"))
    return founded(request.getfixturevalue("cluster").new(), str(folder / "keys"))
