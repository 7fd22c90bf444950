"""Where a command is told to write: looked at before any work, and kept from other runs. What is said of it, and how."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from everystone.account.folder import written
from everystone.ledger.book.parquet import FOLLOWS
from everystone.ledger.fault import Fault
from tests.cli.test_cli import force as force
from tests.cli.test_refusals import AS_AT, refused, tree
from tests.docs.console import everystone

EXTRACT = ("{force}", "--mapping", "{force}/mapping.yaml")
ASKED = ("--standard", "INV-01", "--set", "within=9wd", "--from", "2024-01-01", "--to", "2024-12-31", *AS_AT)
STORE = ("ledger", "--keys", "keys", "--by", "S1")

#: Every command that writes to a place which is named, with a place (`{0}`) in which nothing can be written.
FOLDERS = {
    "review": ("review", *EXTRACT, *AS_AT, "--out", "{0}"),
    "putright": ("putright", *EXTRACT, *AS_AT, "--out", "{0}"),
    "reconcile": ("reconcile", "--claims", "c.csv", "--list", "l.csv", "--body", "cps", "--out", "{0}"),
    "its sealed folder": (
        "reconcile",
        "--claims",
        "c.csv",
        "--list",
        "l.csv",
        "--body",
        "cps",
        "--out",
        "x",
        "--sealed",
        "{0}",
    ),
    "synthesise": ("synthesise", "--cases", "100", "--out", "{0}"),
    "demo": ("demo", "--folder", "{0}"),
    "manual": ("manual", "--out", "{0}"),
    "mirror": ("mirror", *STORE, "--to", "{0}"),
    "backup": ("backup", *STORE, "--to", "{0}", "--keys-to", "x"),
    "its keys": ("backup", *STORE, "--to", "x", "--keys-to", "{0}"),
}
FILES = {
    "whatif": ("whatif", *EXTRACT, *ASKED, "--csv", "{0}"),
    "propose": ("propose", *EXTRACT, *AS_AT, "--out", "{0}"),
    "suggest": ("intake", "suggest", "{force}", "--out", "{0}"),
    "take": ("take", "ledger", *EXTRACT, "--keys", "keys", "--by", "S1", "--changes", "{0}"),
    "begin": ("begin", "{0}", "--keys", "keys"),
    "the keys of it": ("begin", "ledger", "--keys", "{0}"),
    "restore": ("restore", "ledger", "--keys-from", "keys", "--to", "{0}", "--keys", "k", "--by", "S1"),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, that holds one file and nothing else."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "afile").write_text("mine")
    return tmp_path


def said_to(command: tuple[str, ...], force: Path, place: str) -> str:
    return refused(*(each.replace("{force}", str(force)).replace("{0}", place) for each in command))


@pytest.mark.parametrize("what", FOLDERS)
@pytest.mark.parametrize("place", ["afile/below", "/sys/everystone", "nowhere"])
def test_a_folder_that_cannot_be_written_is_refused_before_any_work(
    what: str, place: str, here: Path, force: Path
) -> None:
    if place == "nowhere":
        (here / place).symlink_to(here / "gone")
    before = sorted(here.iterdir())
    said = said_to(FOLDERS[what], force, place)
    assert f"Nothing can be written to {place}: " in said and "Name a place where you may write." in said
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize(
    ("place", "says"),
    [("nowhere/w.csv", "There is no folder nowhere"), ("/sys/w.csv", "Nothing can be written"), (".", "is a folder")],
)
def test_a_file_that_cannot_be_written_is_refused_before_any_work(
    what: str, place: str, says: str, here: Path, force: Path
) -> None:
    if place == "." and what == "suggest":
        says = "."  # it refuses whatever is there already
    assert says in said_to(FILES[what], force, place)
    assert [path.name for path in here.iterdir()] == ["afile"]


def test_the_look_leaves_nothing_and_says_what_no_look_can_know(here: Path, force: Path) -> None:
    assert "file name too long" in said_to(FOLDERS["review"], force, "x" * 300)
    printed, status = everystone("intake", "suggest", force, "--out", "x" * 300)
    assert status == 2 and "Stopped." in printed and "file name too long" in printed
    assert [path.name for path in here.iterdir()] == ["afile"]


# ---- another run -------------------------------------------------------------------------------------


def test_a_second_run_into_one_folder_waits_for_the_first(here: Path, force: Path) -> None:
    with written(here / "out"):
        before = tree(here)
        command = [each.replace("{force}", str(force)).replace("{0}", "out") for each in FOLDERS["review"]]
        assert "Another run is writing to out. Wait for it, or name another folder." in refused(*command)
        assert "Another run is writing to out" in refused("forget", "out")
        assert tree(here) == before
    assert everystone("forget", "out")[1] == 0


def test_a_run_that_is_killed_holds_nothing(here: Path) -> None:
    program = "import sys, time; from pathlib import Path; from everystone.account.folder import written\n"
    program += "with written(Path('out')): print('held', flush=True); time.sleep(60)"
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=here)
    assert run.stdout is not None and run.stdout.readline() == b"held\n"
    with pytest.raises(Fault, match="Another run is writing"), written(here / "out"):
        pass
    run.kill()
    run.communicate()
    with written(here / "out"):
        assert (here / "out" / "run.json").exists()


def test_a_place_that_cannot_be_held_is_written_all_the_same(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(9, os.strerror(9))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with written(here / "out"):
        pass


def test_a_mirror_needs_no_since(here: Path) -> None:
    (here / "mirror").mkdir()
    (here / "mirror" / FOLLOWS).write_text("{}")
    said = refused("review", "mirror", "--since", "earlier", *AS_AT, "--out", "out")
    assert "A mirror needs no --since" in said and "the same --out" in said
    assert not (here / "out").exists()


# ---- what is printed -------------------------------------------------------------------------------------------------


def test_brackets_and_colons_are_printed_as_they_stand(here: Path, force: Path) -> None:
    assert "'X[/a]'" in refused("standards", "show", "X[/a]")
    assert "we[/b]ird:smile:" in refused("forget", "we[/b]ird:smile:")
    (here / "m.yaml").write_text("name: [spark]")
    assert "m.yaml" in refused("review", force, "--mapping", "m.yaml", *AS_AT, "--out", "out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pyspark", None)
        said = refused("review", force, *AS_AT, "--engine", "spark", "--out", "out")
    assert "everystone[spark]" in said


# ---- what if ---------------------------------------------------------------------------------------------------------


def asked_what_if(force: Path, *more: str, days: tuple[str, str] = ("2024-01-01", "2024-12-31")) -> str:
    printed, status = everystone("whatif", force, "--standard", "inv-01", "--set", "within=5wd", *more, *AS_AT,
                                 "--from", days[0], "--to", days[1])  # fmt: skip
    assert status == 0, printed
    return re.sub(r"\s+", " ", printed)


def test_what_cannot_be_asked_is_refused_before_the_extract_is_read(here: Path) -> None:
    asked = ("whatif", "nowhere", "--from", "2024-01-01", "--to", "2024-12-31", *AS_AT)
    assert "Did you mean INV-01?" in refused(*asked, "--standard", "INV01", "--set", "within=5wd")
    assert "'without'" in refused(*asked, "--standard", "INV-01", "--set", "without=5wd")
    said = refused(*asked, "--standard", "INV-01", "--set", "within=0wd", "--set", "within=30wd")
    assert "The figure 'within' is said twice." in said


def test_nought_says_which_it_is(force: Path, tmp_path: Path) -> None:
    """The extract does not hold what would answer INV-01; others hold it, first without and then with what excuses it."""
    said = asked_what_if(force)
    assert "INV-01, due from 2024-01-01 to 2024-12-31; within: 3 working days today, 5 working days asked" in said
    assert "cannot be asked of this source" in said and "Not met" not in said
    (tmp_path / "entries.csv").write_text((force / "entries.csv").read_text())
    mapping = (force / "mapping.yaml").read_text()
    (tmp_path / "mapping.yaml").write_text(mapping.replace("signoff.closure,", "plan.made,"))
    assert "No duty due in that time was found not met, by either figure." in asked_what_if(tmp_path)
    (tmp_path / "mapping.yaml").write_text(mapping.replace("signoff.closure,", "plan.made, report.not_crimed,"))
    said = asked_what_if(tmp_path, days=("2024-01-01", "2026-12-31"))
    assert "All 20 0 0" in said and "What is due after Tuesday 30 June 2026" in said
    said = asked_what_if(tmp_path, days=("2026-07-01", "2026-12-31"))
    assert "All of that time lies after Tuesday 30 June 2026" in said
