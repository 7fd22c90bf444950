"""A review that is stopped goes on where it was, and only where nothing it rests on has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from everystone.findings import review, tally
from everystone.findings.frames import Instants
from everystone.findings.tally import Asked
from everystone.library import Extract, read
from everystone.standards.pack import Pack
from everystone.synthetic import synthesise

AS_AT, EARLIER = "2026-06-30", "2025-06-30"


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Extract:
    """A small invented force, taken into a ledger."""
    folder = tmp_path_factory.mktemp("force")
    synthesise(100, 3, folder / "world", ["unseen-children", "silent-cases"])
    return read([folder / "world"], folder / "world" / "mapping.yaml", folder / "ledger")


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "CHUNK", 400)


@pytest.fixture(scope="module")
def whole(extract: Extract, tmp_path_factory: pytest.TempPathFactory) -> list[list[object]]:
    """What a review writes that nobody stopped."""
    out = tmp_path_factory.mktemp("whole")
    run(extract, out, AS_AT)
    return written(out)


def run(extract: Extract, out: Path, as_at: str, stop_at: float = 2.0) -> list[float]:
    """The shares of the work that were told; stopped like a person would once so much is done."""
    told: list[float] = []

    def progress(share: float) -> None:
        told.append(share)
        if share >= stop_at:
            raise KeyboardInterrupt

    ledger, when = extract.ledger.folder, extract.instants(as_at)
    try:
        review.review(ledger, extract.pack, when, out, processes=1, progress=progress)
    except KeyboardInterrupt:
        assert stop_at < 1
    return told


def written(out: Path) -> list[list[object]]:
    return [pq.read_table(out / name).to_pylist() for name in ("findings.parquet", "counts.parquet", "danger.parquet")]


def test_a_run_that_was_stopped_goes_on_and_gives_the_same(
    extract: Extract, whole: list[list[object]], tmp_path: Path
) -> None:
    first = run(extract, tmp_path / "stopped", AS_AT, stop_at=0.4)
    rest = run(extract, tmp_path / "stopped", AS_AT)
    assert rest[0] > first[-1], "what was done before the stop is done again"
    assert written(tmp_path / "stopped") == whole
    assert not (tmp_path / "stopped" / "parts").exists()


@pytest.mark.parametrize("left", [1, 3, 7])
def test_a_run_that_was_killed_while_it_tidied_up_gives_the_same(
    extract: Extract, whole: list[list[object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    def killed(folder: Path) -> None:
        for path in sorted(folder.iterdir())[:left]:
            path.unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(shutil, "rmtree", killed)
        review.review(extract.ledger.folder, extract.pack, extract.instants(AS_AT), tmp_path / "killed", processes=1)
    run(extract, tmp_path / "killed", AS_AT)
    assert written(tmp_path / "killed") == whole


def test_a_run_that_was_killed_while_it_said_that_a_range_is_done_asks_it_again(
    extract: Extract, whole: list[list[object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, text: str, encoding: str) -> int:
        with path.open("w") as file:
            file.write(text[:3])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "write_text", killed)
        (tmp_path / "killed" / "parts").mkdir(parents=True)
        tally.Tally().write(tmp_path / "killed" / "parts", 0)
    assert not tally.part(tmp_path / "killed" / "parts", 0, "done").exists()
    run(extract, tmp_path / "killed", AS_AT)
    assert written(tmp_path / "killed") == whole


def test_a_run_about_another_day_begins_anew(extract: Extract, whole: list[list[object]], tmp_path: Path) -> None:
    run(extract, tmp_path / "stopped", EARLIER, stop_at=0.4)
    run(extract, tmp_path / "stopped", AS_AT)
    assert written(tmp_path / "stopped") == whole


def test_a_run_over_other_entries_begins_anew(extract: Extract, tmp_path: Path) -> None:
    run(extract, tmp_path / "stopped", AS_AT, stop_at=0.4)
    synthesise(100, 3, tmp_path / "world", ["slow-referrals"])
    changed = read([tmp_path / "world"], tmp_path / "world" / "mapping.yaml", tmp_path / "ledger")
    assert run(changed, tmp_path / "stopped", AS_AT)[0] < 0.4
    run(changed, tmp_path / "whole", AS_AT)
    assert written(tmp_path / "stopped") == written(tmp_path / "whole")


def test_of_nothing_a_review_finds_nothing(pack: Pack, tmp_path: Path) -> None:
    book = review.open_book(tmp_path / "ledger", pack)
    when = Instants(0, 0, book.coverage())
    assert review.review(book.folder, pack, when, tmp_path, processes=1) == Asked(0, 0)
    assert written(tmp_path) == [[], [], []]
