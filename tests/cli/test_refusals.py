"""The command line given what it cannot use: one error that helps, status 2, and nothing changed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_cli import force as force
from tests.docs.console import everystone

AS_AT = ("--as-at", "2026-06-30")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its content, but for what says how long something took."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def refused(*arguments: object) -> str:
    """What a refused command says: one error in full sentences, nothing of the program."""
    printed, status = everystone(*arguments)
    assert status == 2, printed
    assert "Traceback" not in printed
    assert len(re.findall("Cannot be used|Error:", printed)) == 1
    assert len(printed) < 900
    return printed


UNUSABLE = {
    "no such extract": (["nowhere"], {}, "There is no such file or folder"),
    "no such mapping": (["{force}"], {"--mapping": "nowhere.yaml"}, "nowhere.yaml"),
    "a mapping that is none": (["{force}"], {"--mapping": "{force}/entries.csv"}, "entries.csv"),
    "no such pack": (["{force}"], {"--pack": "atlantis"}, "no pack 'atlantis'"),
    "an audience that is none": (["{force}"], {"--audience": "everybody"}, "'everybody' is not one of 'force'"),
    "a day that never was": (["{force}"], {"--as-at": "2026-02-30"}, "'2026-02-30', for as at"),
    "a day in another form": (["{force}"], {"--as-at": "30/06/2026"}, "Write it as 2011"),
    "known on no day": (["{force}"], {"--known-on": "yesterday"}, "'yesterday', for known on"),
    "no process at all": (["{force}"], {"--processes": "0"}, "--processes"),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_a_review_of_what_cannot_be_used_leaves_no_folder(what: str, force: Path, tmp_path: Path) -> None:
    extracts, options, says = UNUSABLE[what]
    given = {"--mapping": force / "mapping.yaml", "--as-at": "2026-06-30", **options}
    said = [str(part).replace("{force}", str(force)) for pair in given.items() for part in pair]
    out = tmp_path / "out"
    printed = refused("review", *(each.replace("{force}", str(force)) for each in extracts), *said, "--out", out)
    assert says in re.sub(r"\s+", " ", printed)
    assert not out.exists()


def test_a_review_that_cannot_be_done_leaves_the_one_before_as_it_was(force: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert everystone("review", force, *AS_AT, "--audience", "force", "--out", out)[1] == 0
    before = tree(out)
    refused("review", force, "--mapping", force / "entries.csv", *AS_AT, "--audience", "force", "--out", out)
    refused("review", force, "--as-at", "never", "--audience", "force", "--out", out)
    assert tree(out) == before


def test_figures_alone_stay_where_a_review_was_written_for_those_who_oversee(force: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    printed, status = everystone("review", force, *AS_AT, "--out", out)
    assert status == 0
    report = ["report.html", "report.pdf", "report.xlsx"]
    assert sorted(path.name for path in out.iterdir()) == ["counts.parquet", "release.json", *report, "run.json"]
    assert not re.search(r"\b[CV]\d+\b|tier", printed)
    assert out.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.iterdir())


@pytest.mark.parametrize("there", ["a file", "a folder with a file", "a link to a review"])
def test_what_is_not_ours_is_neither_written_to_nor_removed(there: str, force: Path, tmp_path: Path) -> None:
    ours, foreign = tmp_path / "ours", tmp_path / "foreign"
    ours.mkdir()
    (ours / "run.json").write_text(json.dumps({"written_by": "everystone"}))
    if there == "a file":
        foreign.write_text("mine")
    elif there == "a folder with a file":
        foreign.mkdir()
        (foreign / "thesis.txt").write_text("mine")
    else:
        foreign.symlink_to(ours)
    before = tree(tmp_path)
    refused("forget", foreign)
    refused("review", force, *AS_AT, "--out", foreign)
    if there != "a link to a review":
        refused("synthesise", "--cases", "100", "--out", foreign)
    assert tree(tmp_path) == before
    assert foreign.exists()


def test_an_invented_force_is_written_over_no_other_files(force: Path, tmp_path: Path) -> None:
    before = tree(force)
    refused("synthesise", "--cases", "100", "--out", force)
    (tmp_path / "force").mkdir()
    (tmp_path / "force" / "entries.csv").write_text("mine")
    refused("demo", "--cases", "100", "--folder", tmp_path)
    assert tree(force) == before
    assert (tmp_path / "force" / "entries.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask", "{force}", "--case", "C99", *AS_AT], "No case 'C99'"),
        (["ask", "{force}", "--case", "C1"], "--as-at"),
        (["ask", "{force}", "--case", "C1", "--as-at", "soon"], "'soon', for as at"),
        (["standards", "show", "NO-99"], "No standard bears"),
        (["standards", "schema", "poem"], "poem"),
        (["standards", "check", "{force}"], "it is no pack"),
        (["standards", "check", "/nowhere"], "/nowhere"),
        (["synthesise", "--cases", "5", "--out", "x"], "100 to 1,000,000"),
        (["synthesise", "--cases", "100", "--failing", "nothing-such", "--out", "x"], "nothing-such"),
        (["forget", "."], "Nothing was removed"),
        (["forget", "/"], "Nothing was removed"),
        (["reveiw"], "No such command"),
        (["review", "--otu", "x"], "No such option"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence_with_status_2(
    arguments: list[str], says: str, force: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = refused(*(each.replace("{force}", str(force)) for each in arguments))
    assert says in re.sub(r"\s+", " ", printed)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["name: no story\n", "id: T-01\ntitle: a standard without stories\n", "- a\n- list\n", ""]
)
def test_a_file_that_holds_no_story_is_not_told_as_one(text: str, tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(text)
    printed, status = everystone("try", path)
    assert (status, printed.rstrip().splitlines()[-1]) == (1, "1 stories, 0 as told, 1 otherwise")


@pytest.mark.parametrize("command", [[], ["review"], ["ask"], ["try"], ["standards"], ["synthesise"], ["forget"], ["demo"],
                                     ["standards", "list"], ["standards", "show"], ["standards", "check"],
                                     ["standards", "schema"]])  # fmt: skip
def test_help_says_what_a_command_does(command: list[str]) -> None:
    printed, status = everystone(*command, "--help")
    assert status == 0
    assert re.search(r"[A-Z][^.]{20,}\.", re.sub(r"\s+", " ", printed))
    assert "Usage: everystone" in printed


def test_the_reference_of_a_standard_may_be_written_small() -> None:
    assert everystone("standards", "show", "sup-04") == everystone("standards", "show", "SUP-04")
