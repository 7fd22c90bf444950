"""What of an extract could not be used is said before any number: a nought that rests on nothing must not reassure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from everystone.account.unused import BEWARE, unused
from everystone.intake.rejects import shown
from tests.cli.test_refusals import refused
from tests.docs.console import blocks, everystone

AS_AT = ("--as-at", "2024-06-30")
Changed = Callable[[str], str]


def reviewed(folder: Path, audience: str, changed: Changed) -> tuple[str, Path]:
    """What a review of the small extract of the tutorial prints, with its log changed; and its folder."""
    for block in blocks("docs/tutorial.md"):
        if block.file in ("extract/log.csv", "extract/people.csv", "mapping.yaml"):
            (folder / block.file).parent.mkdir(exist_ok=True)
            (folder / block.file).write_text(changed(block.text) if "log" in block.file else block.text)
    printed, status = everystone("review", folder / "extract", "--mapping", folder / "mapping.yaml", *AS_AT,
                                 "--audience", audience, "--out", folder / "out")  # fmt: skip
    assert status == 0, printed
    return printed, folder / "out"


def in_another_form(log: str) -> str:
    return re.sub(r"(\d{4})-(\d\d)-(\d\d) ", r"\3.\2.\1 ", log)


def test_a_log_of_which_no_row_can_be_read_is_said_to_be_one_before_any_number(tmp_path: Path) -> None:
    printed, out = reviewed(tmp_path, "force", in_another_form)
    page = (out / "report.html").read_text()
    for told, first in ((printed, "What needs attention first"), (page, '<div class="lead">')):
        before = told[: told.index(first)]
        assert f"No row of log.csv could be used. {BEWARE}" in before
        assert "6 of 8 rows could not be used: see rejects.csv (log.csv: 6 of 6)." in before
    assert json.loads((out / "run.json").read_text())["files"]["log.csv"]["rejected"] == 6


def test_a_word_that_nobody_named_is_told_with_its_rows(tmp_path: Path) -> None:
    printed, out = reviewed(tmp_path, "force", lambda log: log.replace(",seen,", ",viewed,"))
    before = printed[: printed.index("What needs attention first")]
    assert "For 1 word the mapping names no kind" in before and "log.csv, what: viewed (rows: 2)" in before
    assert "see unnamed.csv (log.csv: 2)" in (out / "report.html").read_text()
    assert (out / "unnamed.csv").read_text().splitlines() == ["file,column,word,rows", "log.csv,what,viewed,2"]
    assert json.loads((out / "run.json").read_text())["not_named"] == {"words": 1, "rows": {"log.csv": 2}}


def test_those_who_oversee_are_told_numbers_that_are_not_small(tmp_path: Path) -> None:
    printed, out = reviewed(tmp_path, "oversight", in_another_form)
    page = (out / "report.html").read_text()
    before = page[: page.index('<div class="lead">')]
    assert f"Of a part of the files no row could be used. {BEWARE}" in before
    assert "Fewer than 10 rows of the extract could not be used." in before and "Fewer than 10 rows" in printed
    assert "log.csv" not in page + printed


@pytest.mark.parametrize(
    ("read", "rejected", "says"),
    [
        (5000, 40, "40 of 5,000 rows of the extract could not be used."),
        (45, 40, "40 rows of the extract could not be used."),  # the other five would follow
        (40, 40, "40 of 40 rows of the extract could not be used."),
        (5000, 3, "Fewer than 10 rows of the extract could not be used."),
    ],
)
def test_no_small_number_of_rows_follows_from_a_release(read: int, rejected: int, says: str) -> None:
    files = {"a.csv": {"read": read, "used": read - rejected, "not wanted": 0, "rejected": rejected}}
    assert unused({"files": files}, detailed=False)[-1] == says


def test_nothing_is_said_where_every_row_was_used_and_the_worst_files_first_where_many_were_not() -> None:
    files = {f"{n}.csv": {"read": 9, "used": 9 - n, "not wanted": 0, "rejected": n} for n in range(9)}
    (said,) = unused({"files": files}, detailed=True)
    assert said == ("36 of 81 rows could not be used: see rejects.csv (8.csv: 8 of 9, 7.csv: 7 of 9, 6.csv: 6 of 9, "
                    "5.csv: 5 of 9, 4.csv: 4 of 9 and 3 more).")  # fmt: skip
    assert unused({"files": {"0.csv": files["0.csv"]}}, detailed=True) == unused({}, detailed=False) == []


def test_a_byte_that_is_no_text_is_shown_as_one() -> None:
    assert shown(b"C\xe9\x80".decode("ascii", "surrogateescape")) == "C<byte E9><byte 80>"


def test_an_extract_that_is_not_there_is_named(tmp_path: Path) -> None:
    printed = refused("review", tmp_path / "nowhere", *AS_AT, "--out", tmp_path / "out")
    assert "nowhere: There is no such file or folder" in re.sub(r"\s+", " ", printed) and "mapping.yaml" not in printed
