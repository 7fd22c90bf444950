"""What is still possible, asked at instants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from everystone.findings.frames import Instants, frames_of
from everystone.findings.reference import Questions, ask
from everystone.findings.still import Still
from everystone.findings.stories import judge
from everystone.ledger.fault import Fault
from everystone.standards import document
from everystone.standards.pack import Pack, read_standard
from everystone.standards.story import end_of, read_stories, tell
from everystone.standards.strictness import check
from tests.findings.told import with_standard

BODY = """
asked_for: each child
response:
  after: {kind: report.received}
  expect: {kind: child.seen}
  within: {days: 7}
still_possible:
  what: see the child now
  by: lead investigator
"""
TIMELINE = """
2016-01-01 10:00  report.received       C1  by O1
2016-01-20 10:00  {line}
"""
PEOPLE = {"C1": {"role": "victim", "born": "2008"}, "O1": {"role": "officer", "rank": "constable"}}


def standing(pack: Pack, more: str, at: str, line: str = "note.added  C1  by O1", body: str = BODY) -> list[str]:
    """How the steps of one made-up standard stand at an instant."""
    here = with_standard(pack, body + more)
    said = {"case": "Oak", "people": PEOPLE, "timeline": TIMELINE.format(line=line)}
    story = tell(document.plain(said), here, "a test")
    when = Instants(end_of(at, pack.words), end_of(at, pack.words), story.coverage)
    still, questions = Still(here), Questions(here)
    return [step.status for frame in frames_of(story.streams, pack.words, when) for answer in ask(frame, questions)
            if (step := still.step(frame, answer)) is not None]  # fmt: skip


def test_what_only_says_words_stays_open_until_it_came_late(pack: Pack) -> None:
    assert standing(pack, "  until: at any time\n", "2016-01-08") == []
    assert standing(pack, "  until: at any time\n", "2026-01-10") == ["open"]
    assert standing(pack, "", "2016-02-01", "child.seen  C1  by O1") == ["done"]


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("2016-01-09", "open"),
        ("2016-01-23", "open"),
        ("2016-01-24", "closing soon"),
        ("2016-02-07", "closing soon"),
        ("2016-02-08", "lost"),
    ],
)
def test_a_duration_runs_from_the_day_on_which_it_became_a_finding(pack: Pack, at: str, status: str) -> None:
    assert standing(pack, "  within: {days: 30}\n", at) == [status]


def test_a_duration_may_run_from_the_trigger(pack: Pack) -> None:
    more = "  within: {days: 30}\n  counted from: trigger\n"
    assert standing(pack, more, "2016-01-31") == ["closing soon"]
    assert standing(pack, more, "2016-02-01") == ["lost"]


def test_an_entry_of_another_kind_may_show_it_done(pack: Pack) -> None:
    more = "  done: {kind: safeguarding.considered}\n  within: {days: 5}\n"
    assert standing(pack, more, "2016-03-01", "safeguarding.considered  C1  by O1") == ["done"]
    assert standing(pack, more, "2016-03-01") == ["lost"]
    early = "  done: {kind: report.received}\n"
    assert standing(pack, early, "2016-03-01") == ["open"], "what came before the finding shows nothing done"


def test_something_may_be_possible_only_while_a_state_lasts(pack: Pack) -> None:
    more = "  while: {state: {name: open, of: case, at: asking}}\n"
    assert standing(pack, more, "2016-01-19", "case.closed  C1  by O1") == ["open"]
    assert standing(pack, more, "2016-01-20", "case.closed  C1  by O1") == ["lost"]


def test_a_story_says_what_is_still_possible_and_is_judged(pack: Pack, tmp_path: Path) -> None:
    loaded = pack.standards["MIS-02"]
    for story in read_stories(loaded.path, pack):
        assert not judge(story, pack).otherwise
    wrong = tmp_path / loaded.path.name
    wrong.write_text(loaded.path.read_text().replace("2016-03-02: lost", "2016-03-02: done"))
    assert any(
        "to put right: lost" in line for each in read_stories(wrong, pack) for line in judge(each, pack).otherwise
    )


@pytest.mark.parametrize(
    "more", ["  done: {kind: child.sene}\n", "  while: {state: opne}\n", "  within: {days: 3, from: nothing.known}\n"]
)
def test_what_names_nothing_is_refused_with_its_line(pack: Pack, more: str, tmp_path: Path) -> None:
    loaded = pack.standards["MIS-02"]
    text = loaded.path.read_text().replace("  while: {state: {name: missing, at: asking}}\n", more)
    assert more in text
    path = tmp_path / "MIS-02.yaml"
    path.write_text(text)
    with pytest.raises(Fault, match=r":\d+: MIS-02"):
        check(replace(pack, standards={"MIS-02": read_standard(path)}))
