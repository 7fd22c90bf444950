"""Timelines of stories: odd spellings that are read, and slips that are refused with what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from everystone.findings.stories import judge
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.standards.story import Story, read_stories, tell

REPORT = "2016-05-02 09:00  report.received  C1  by O1  {channel: phone, allegation: crime}"
CRIME = "2016-05-02 10:00  crime.recorded  C1  by O1  {crime_ref: A, victim: C1}"
PEOPLE = {"C1": {"role": "victim", "born": "2006-02"}, "P1": {"role": "parent"}, "O1": {"role": "officer"}}


def told(pack: Pack, *lines: str, **more: Any) -> Story:
    said = {"people": PEOPLE, "as_at": "2016-06-30", "expect_none": ["REC-01"], **more}
    return tell({"timeline": "\n".join(lines), **said}, pack, "here")


READ = {
    "tabs": [REPORT.replace("  ", "\t")],
    "single spaces": [REPORT.replace("  ", " ")],
    "a comment at the end": [f"{REPORT}  # said on the phone"],
    "comments and empty lines": ["# one", "", "#no label", REPORT, "", "  // two"],
    "subjects with spaces": [REPORT.replace("C1", "C1, P1")],
    "fields over several lines": [REPORT.replace("phone, ", "phone,\n      "), ""],
    "fields on the next line": [REPORT.replace("{", "\n   {")],
    "braces and dates in a text": [REPORT.replace("phone", '"2016-05-02 {said} #1 by O1"')],
    "an hour of one digit": [REPORT.replace("09:00", "9:00")],
    "seconds": [REPORT.replace("09:00", "09:00:59")],
    "a day": [REPORT.replace(" 09:00", "")],
    "recorded on a day": [REPORT.replace("09:00", "09:00 recorded 2016-05-02")],
    "other letters": [REPORT.replace("O1", "Ø1")],
    "nobody known wrote it": [REPORT.replace("by O1", "by -")],
    "a field nobody knows yet": [REPORT.replace("phone", "phone, on_paper: true")],
    "unknown is not recorded": [REPORT.replace("phone", "phone, child_at_risk_now: unknown")],
    "a word for yes": [REPORT.replace("phone", "phone, online: chat")],
}


@pytest.mark.parametrize("spelling", sorted(READ))
def test_what_is_read(pack: Pack, spelling: str) -> None:
    story = told(pack, *READ[spelling], CRIME)
    assert [entry.kind for entry in story.entries if entry.by or entry.kind == "report.received"][-2:] == [
        "report.received",
        "crime.recorded",
    ]
    assert not judge(story, pack).otherwise


def test_a_file_with_a_mark_at_its_beginning_and_other_line_ends(pack: Pack, tmp_path: Path) -> None:
    lines = ["case: R", "timeline: |", f"  {REPORT}", f"  {CRIME}", "as_at: 2016-06-30", "expect_none: [REC-01]"]
    path = tmp_path / "r.yaml"
    path.write_bytes(("\ufeff" + "\r\n".join(lines)).encode())
    (story,) = read_stories(path, pack)
    assert not judge(story, pack).otherwise


REFUSED = {
    "no actor": (CRIME.replace("by O1", "O1"), "line 2: This is not an entry"),
    "a kind misspelt": (CRIME.replace("recorded", "recrded"), "Was 'crime.recorded' meant"),
    "no such day": (CRIME.replace("05-02", "02-30"), "There never was such a day"),
    "fields not closed": (CRIME.replace("}", ""), "line 2: This is not an entry"),
    "a label nobody bears": (f"{CRIME} corrects #z", "line 2"),
    "a citation of nothing": (CRIME.replace("A,", '"#z",'), "No line of the timeline bears the label #z"),
    "neither yes nor no": (CRIME.replace("A,", "A, sexual: perhaps,"), "should be yes or no"),
    "the same label again": (f"#a {CRIME}\n#a {CRIME}", "Two lines bear the label #a"),
}


@pytest.mark.parametrize("slip", sorted(REFUSED))
def test_what_is_refused(pack: Pack, slip: str) -> None:
    line, says = REFUSED[slip]
    with pytest.raises(Fault, match=says.replace("(", r"\(")):
        told(pack, REPORT, line)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("expects", ["REC-03"], "Was 'expect' meant"),
        ("as_at", "soon", "as_at: This is no date"),
        ("holds", [{"kinds": ["report.recieved"]}], "Was 'report.received' meant"),
        ("holds", [{"kinds": ["report.received"], "from": "spring"}], "A line of `holds`"),
    ],
)
def test_a_slip_above_the_timeline_is_refused(pack: Pack, key: str, value: Any, says: str) -> None:
    with pytest.raises(Fault, match=says):
        told(pack, REPORT, CRIME, **{key: value})


def test_other_keys_are_notes(pack: Pack) -> None:
    assert not judge(told(pack, REPORT, CRIME, note="why this case"), pack).otherwise


def test_nobody_unknown_is_expected_of(pack: Pack) -> None:
    (line,) = judge(told(pack, REPORT, CRIME, expect_none={"C9": ["REC-01"]}), pack).otherwise
    assert "C9, whom the story does not name" in line


def test_what_is_expected_is_asked_whatever_else_is(pack: Pack) -> None:
    verdict = judge(told(pack, REPORT, CRIME, ask=["REC-03"], expect=["REC-03", "REC-01"], expect_none=[]), pack)
    assert [line.partition(":")[0] for line in verdict.otherwise] == ["REC-01"]


def test_a_story_of_which_nothing_is_asked_is_not_as_told(pack: Pack) -> None:
    assert judge(told(pack, REPORT, CRIME, expect_none=[]), pack).otherwise


def test_words_of_lists_are_read_in_any_spelling(pack: Pack) -> None:
    line = "2016-05-02 11:00  disposal.given  K1  by O1  {type: Final Warning, offence_mode: Indictable-only}"
    (entry,) = (each for each in told(pack, line).entries if each.kind == "disposal.given")
    assert (entry.data["type"], entry.data["offence_mode"]) == ("final_warning", "indictable_only")
