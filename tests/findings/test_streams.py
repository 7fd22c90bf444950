"""Frames of streams that are no cases: asked in memory, in a review of a whole ledger, and one by one, alike."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from everystone import library
from everystone.findings.frames import Instants, frames_of
from everystone.findings.reference import Questions, ask
from everystone.findings.review import open_book, review
from everystone.intake.take import Taken
from everystone.ledger.coverage import Coverage
from everystone.ledger.delivery import Delivery
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED, Pack, load
from everystone.standards.story import end_of, tell

STORY = {
    "case": "Oak",
    "people": {
        "C": {"role": "victim", "born": "2008-01"},
        "V": {"role": "adult"},
        "O": {"role": "officer", "rank": "constable"},
        "P": {"role": "officer", "rank": "superintendent"},
    },
    "timeline": """
      2021-03-01 09:00  report.received  C  by O  {allegation: crime}
      2021-03-01 09:00  in referral/R1  referral.became_clear  O  by P
      2021-03-01 09:00  in inspection/A1  recommendation.made  -  by P  {recommendation_id: N-1, band: within three months}
      2021-03-01 09:00  in conduct/M1  conduct.became_known  O  by P  {regime: "2012"}
      2021-03-10 09:00  in conduct/M1  severity.assessed  O  by P  {severity: gross misconduct}
      2021-03-20 09:00  officer.left  O  by P  {how: resignation}
      2021-03-01 09:00  in complaint-7  complaint.received  V  by P
      2021-03-01 09:00  in referral/R2  handling.started  V  by P
    """,
}
WANTED = {"REF-01", "INS-03", "CON-01", "CON-13", "CON-16", "CMP-01"}
Row = tuple[str, str, str, str, str]


@pytest.fixture(scope="module")
def streams(pack: Pack) -> dict[str, list[Entry]]:
    return {name: list(entries) for name, entries in tell(STORY, pack, "a test").streams.items()}


@pytest.fixture(scope="module")
def when(pack: Pack) -> Instants:
    at = end_of("2021-12-31", pack.words)
    return Instants(at, at, Coverage())


@pytest.fixture(scope="module")
def reviewed(
    pack: Pack, streams: dict[str, list[Entry]], when: Instants, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("streams")
    open_book(folder / "ledger", pack).append(entry for entries in streams.values() for entry in entries)
    review(folder / "ledger", pack, when, folder / "out", processes=1)
    return folder


def rows(path: Path) -> set[Row]:
    table = pq.read_table(path / "out" / "findings.parquet").to_pylist()
    return {(row["standard"], row["frame"], row["asked_for"], row["answer"], row["reason"]) for row in table}


def test_each_stream_is_a_frame_of_its_own_sort(pack: Pack, streams: dict[str, list[Entry]], when: Instants) -> None:
    found = {f"{frame.sort}/{frame.name}" for frame in frames_of(streams, pack.words, when)}
    assert {
        "case/Oak",
        "case/complaint-7",
        "referral/R1",
        "inspection/A1",
        "conduct/M1",
        "person/V",
        "officer/O",
    } <= found


def test_a_review_of_the_whole_asks_them_as_it_asks_one(
    pack: Pack, streams: dict[str, list[Entry]], when: Instants, reviewed: Path
) -> None:
    questions = Questions(pack, WANTED)
    asked = {
        (each.standard, each.frame, each.asked_for, each.answer, each.reason)
        for frame in frames_of(streams, pack.words, when) for each in ask(frame, questions)
    }  # fmt: skip
    assert {row for row in rows(reviewed) if row[0] in WANTED} == {row for row in asked if row[3] != "met"}
    assert ("REF-01", "referral/R1", "", "not met", "no record shows") in asked
    assert ("CON-13", "conduct/M1", "", "not met", "no record shows") in asked  # leaving stands in the officer's stream
    assert (
        "CMP-01",
        "person/V",
        "V",
        "not met",
        "no record shows",
    ) in asked  # complained in one stream, handled in another


def test_no_stream_but_a_case_has_a_place_in_the_order_of_danger(reviewed: Path) -> None:
    placed = pq.read_table(reviewed / "out" / "danger.parquet").to_pylist()
    assert {row["frame"] for row in placed} <= {"case/Oak", "case/complaint-7"}


def test_one_of_them_is_asked_by_its_whole_name(pack: Pack, reviewed: Path) -> None:
    extract = library.Extract(
        open_book(reviewed / "ledger", pack),
        pack,
        Taken(open_book(reviewed / "ledger", pack), {}, {}, [], 0, 0, "", [], Delivery("", "", 0, "", ())),
    )
    answers = library.ask(extract, "inspection/A1", "2021-12-31")
    assert [(each.standard, each.answer) for each in answers.answers if each.answer == "not met"] == [
        ("INS-03", "not met")
    ]
    assert "3 months after “recommendation”" in answers.sentence(answers.answers[0]).lower()
    with pytest.raises(Fault, match="No case 'inspection/A2'"):
        library.ask(extract, "inspection/A2", "2021-12-31")


OF_OFFICERS = """
id: T-01
title: A test
asks: A question
threatens: record
who_acts: nobody
frame: officer
asked_for: each officer
response: {after: {kind: case.allocated}, expect: {kind: training.completed}, within: {days: 5}, unless: [{state: restricted}]}
versions: [{since: 2000-01-01, basis: local, checked: verified, sources: [{name: a test}]}]
"""


def test_officers_are_asked_in_a_review_as_in_memory(when: Instants, tmp_path: Path) -> None:
    (tmp_path / "own" / "standards" / "x").mkdir(parents=True)
    (tmp_path / "own" / "standards" / "x" / "T-01.yaml").write_text(OF_OFFICERS)
    pack = load([SHIPPED, str(tmp_path / "own")])
    timeline = """
      2021-03-01 09:00            report.received     C  by O  {allegation: crime}
      2021-03-02 09:00            case.allocated      C  by S  {lead: O}
      2021-03-02 09:00  in Elder  case.allocated      C  by S  {lead: P}
      2021-03-04 09:00            training.completed  P  by S  {course: child_abuse}
      2021-03-04 09:00            leave.recorded      O  by S  {from: 2021-03-05}
    """
    streams = tell({**STORY, "timeline": timeline}, pack, "a test").streams
    asked = {(each.frame, each.answer) for frame in frames_of(streams, pack.words, when)
             for each in ask(frame, Questions(pack, ["T-01"]))}  # fmt: skip
    assert asked == {("officer/O", "not met"), ("officer/P", "met")}
    open_book(tmp_path / "ledger", pack).append(entry for entries in streams.values() for entry in entries)
    review(tmp_path / "ledger", pack, when, tmp_path / "out", processes=1)
    counts = pq.read_table(tmp_path / "out" / "counts.parquet").to_pylist()
    found = {row["answer"]: row["n"] for row in counts if row["standard"] == "T-01"}
    assert sum(found.values()) == 2
    assert found.get("not met", 0) == sum(answer == "not met" for _, answer in asked)
