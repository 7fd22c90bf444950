"""Names stand in a report only where somebody asked for them and said why."""

from __future__ import annotations

import json
import shutil
from html import unescape
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from everystone.account.folder import say_run
from everystone.account.names import asked_before, names_of, reason_for_names
from everystone.account.report import DETAILED, write_report
from everystone.cli import run
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from tests.account.conftest import World

NAMES = ("Rowan Thistlewood", "Ellis Varden", "Sorrel Mackintosh-Pye")


@pytest.mark.parametrize("because", ["", "  ", "x", "---", "1234567890", "\n\t"])
def test_no_reason_no_names(because: str) -> None:
    with pytest.raises(Fault, match="only for a reason"):
        reason_for_names(because, "force", DETAILED)


@pytest.mark.parametrize("audience", ["oversight", "public"])
def test_those_who_oversee_never_see_names(audience: str) -> None:
    with pytest.raises(Fault, match="never holds names"):
        reason_for_names("strategy meeting on Monday", audience, DETAILED)


def test_not_asked_is_not_asked() -> None:
    assert reason_for_names(None, "public", DETAILED) == ""


def test_names_stand_beside_references_everywhere_and_nowhere_else(world: World, pack: Pack, tmp_path: Path) -> None:
    said = {}
    for asked in (False, True):
        folder = tmp_path / str(asked)
        folder.mkdir()
        for path in world.out.glob("*.parquet"):
            shutil.copy(path, folder)
        page = write_report(folder, "force", pack, world.book, world.when, {}, names=asked)
        rows = CalamineWorkbook.from_path(str(folder / "report.xlsx")).get_sheet_by_name("Attention first").to_python()
        said[asked] = unescape(page.read_text()), str(rows)
    assert not any(name in text for name in NAMES for text in said[False])
    assert all(name in said[True][0] for name in NAMES)
    assert any(name in said[True][1] for name in NAMES)
    assert "run.json keeps who and when" in said[True][0]


def test_officers_have_no_names_here(world: World, pack: Pack) -> None:
    everybody = {
        name
        for stream in world.book.streams()
        for entry in world.book.read(stream)
        for name in (*entry.subjects, entry.by)
    }
    named = names_of(world.book, pack, everybody, world.when.known_on)
    assert {*named.values()} >= set(NAMES)
    assert not any(person.startswith(("O", "S")) for person in named)


def test_who_asked_is_kept_when_the_review_is_run_again(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert asked_before(folder) == []
    say_run(folder, {"names_asked": [{"because": "one", "asked_by": "a", "at": "1"}]})
    assert [each["because"] for each in asked_before(folder)] == ["one"]
    (folder / "run.json").write_text(json.dumps({"names_asked": [{"because": "forged"}]}))
    assert asked_before(folder) == [], "a folder that is not ours says nothing"


def test_the_command_refuses_before_anything_is_read_or_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in (["--names-because", ""], ["--audience", "force", "--names-because", " "], ["--names-because", "meeting on Monday"],
                 ["--previous", str(tmp_path)]):  # fmt: skip
        assert (
            run(["review", str(tmp_path / "none"), "--as-at", "2012-01-01", "--out", str(tmp_path / "out"), *more]) == 2
        )
        assert not (tmp_path / "out").exists()
    assert "names" in capsys.readouterr().err
