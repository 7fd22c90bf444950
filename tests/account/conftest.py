"""One reviewed invented ledger, and the report of it for each audience."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from everystone.account.report import write_report
from everystone.findings.frames import Instants
from everystone.ledger.book.parquet import ParquetBook
from everystone.standards.pack import Pack
from tests.account.invented import AS_AT, HOSTILE, reviewed, stories

COPIES = 13


class World(NamedTuple):
    """A ledger, its review in `out`, and when it was asked."""

    book: ParquetBook
    when: Instants
    out: Path
    said: list[dict[str, Any]]


@pytest.fixture(scope="session")
def world(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Four cases, thirteen times; one of them is named and told in a hostile way."""
    folder = tmp_path_factory.mktemp("account")
    hostile = stories()[0]
    hostile["case"] = f"Yew{HOSTILE.replace(' ', '-').replace('/', '|')}"
    hostile["timeline"] = hostile["timeline"].replace("a grey van with a broken lamp stood there", HOSTILE)
    said = [*stories(), hostile]
    book, when = reviewed(folder, pack, COPIES, said)
    return World(book, when, folder / "out", said)


@pytest.fixture(scope="session")
def report(world: World, pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The report for an audience, written once."""
    made: dict[str, Path] = {}

    def of(audience: str) -> Path:
        if audience not in made:
            folder = tmp_path_factory.mktemp(audience)
            for path in world.out.glob("*.parquet"):
                shutil.copy(path, folder)
            run = {
                "as_at": AS_AT,
                "known_on": AS_AT,
                "packs": list(pack.names),
                "version": "0",
                "written_at": "2026-11-20",
            }
            made[audience] = write_report(folder, audience, pack, world.book, world.when, run)
        return made[audience]

    return of
