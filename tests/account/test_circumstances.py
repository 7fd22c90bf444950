"""What stands beside a finding: facts of the record about that day, in words that blame nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from everystone.account.circumstances import THIS_CHECK, around, found_first, raised
from everystone.findings.answer import NOT_MET, Answer
from everystone.findings.frames import Instants, frames_of
from everystone.ledger.case import Frame
from everystone.ledger.coverage import Coverage, Holding
from everystone.ledger.fault import Fault
from everystone.standards.circumstances import read_circumstances
from everystone.standards.pack import Pack
from everystone.standards.story import end_of, tell
from tests.account.conftest import World
from tests.account.test_report import DETAILED, page

ON = "2012-05-10 12:00"
PEOPLE = {"C1": {"role": "victim", "born": "2004-02"}, "K1": {"role": "suspect"}, "O1": {"role": "officer", "rank": "constable"},
          "S1": {"role": "officer", "rank": "sergeant"}}  # fmt: skip
BEGINS = """2012-05-01 10:00  report.received  C1  by O1  {channel: phone}
2012-05-01 12:00  case.allocated   K1  by S1  {lead: O1}
"""


def frame(pack: Pack, timeline: str, coverage: Coverage | None = None) -> Frame:
    told = tell({"story": "one case", "people": PEOPLE, "timeline": timeline}, pack, "a story")
    at = end_of("2012-06-30", pack.words)
    streams: dict[str, Any] = {}
    for entry in told.entries:
        streams.setdefault(entry.stream, []).append(entry)
    frames = frames_of(streams, pack.words, Instants(at, at, coverage or Coverage()))
    return next(each for each in frames if each.sort == "case")


def said(pack: Pack, timeline: str, coverage: Coverage | None = None) -> str:
    due = pack.words.calendar.span(ON)[1]
    answer = Answer("X", "", "case/x", "", "", 0, NOT_MET, "no record shows", due, (), ())
    return around(answer, frame(pack, BEGINS + timeline, coverage), pack)


@pytest.mark.parametrize(("timeline", "shows"), [
    ("", "the lead had no other case open; nothing says that the lead was not available; "
         "no record shows that anybody other than the lead had looked at the case; 2 entries had been written down."),
    ("2012-05-02 09:00  leave.recorded  O1  by S1  {from: 2012-05-08, to: 2012-05-14}", "the lead was not available"),
    ("2012-05-02 09:00  leave.recorded  O1  by S1  {from: 2012-05-11, to: 2012-05-14}", "nothing says that the lead was not available"),
    ("2012-05-09 09:00  review.done  C1  by S1  {level: initial}", "had last looked at the case the day before (“Case review”)"),
    ("2012-05-03 09:00  review.done  C1  by S1  {level: initial}", "had last looked at the case 7 days before"),
    ("2012-05-10 09:00  review.done  C1  by S1  {level: initial}", "had last looked at the case that day"),
    ("2012-05-09 09:00  review.done  C1  by O1  {level: initial}", "no record shows that anybody other than the lead"),
    ("2012-05-11 09:00  review.done  C1  by S1  {level: initial}", "no record shows that anybody other than the lead"),
    ("2012-05-09 09:00 recorded 2012-05-20 09:00  note.added  C1  by O1  {text: x}", "2 entries had been written down, and 1 more of what had happened came later"),
])  # fmt: skip
def test_the_day_as_the_record_shows_it(pack: Pack, timeline: str, shows: str) -> None:
    assert shows in said(pack, timeline)


def test_a_restriction_is_never_readable_from_it(pack: Pack) -> None:
    line = "2012-05-02 09:00  role.restricted  O1  by S1  {person: O1, restriction: no child abuse cases, from: 2012-05-02}"
    assert "restrict" not in said(pack, line)
    assert said(pack, line).replace("3 entries", "2 entries") == said(pack, "")


def test_what_the_sources_do_not_hold_is_said_to_be_so(pack: Pack) -> None:
    kinds = frozenset({"report.received", "case.allocated", "case.handed_over"})
    shows = said(pack, "", Coverage([Holding(kinds)]))
    assert "this extract does not hold who was available" in shows
    assert "this extract does not hold who else looked at the case" in shows


def test_a_lead_with_other_cases(pack: Pack, world: World) -> None:
    one = frame(pack, BEGINS)
    held = next(iter(one.state(pack.circumstances.lead if pack.circumstances else "")[""]))
    one.facts.open_cases = {"O1": [held, held, held]}
    answer = Answer("X", "", "case/x", "", "", 0, NOT_MET, "", pack.words.calendar.span(ON)[1], (), ())
    assert "the lead had 3 cases open, this one among them" in around(answer, one, pack)


def test_who_raised_it_first(pack: Pack) -> None:
    line = "2012-05-20 09:00  overseer.informed  C1  by S1  {what: serious concern, found_by: supervisor}"
    one = frame(pack, BEGINS + line)
    assert raised(one.entries, one, pack).startswith(
        "Who found it: a supervisor raised a concern in this case on Sunday 20 May 2012"
    )
    two = frame(pack, BEGINS)
    assert "this check. No record shows that anybody raised" in raised(two.entries, two, pack)
    three = frame(pack, BEGINS, Coverage([Holding(frozenset({"report.received"}))]))
    assert "This extract does not hold who else may have raised" in raised(three.entries, three, pack)


def test_every_case_with_a_gap_was_found_by_somebody(pack: Pack, world: World) -> None:
    found = found_first(world.book, pack, world.when, world.out / "findings.parquet", ())
    assert [*found] == [THIS_CHECK] and found[THIS_CHECK] > 10


@pytest.mark.parametrize("audience", DETAILED)
def test_they_stand_beside_every_gap_that_has_a_day(audience: str, report: Callable[[str], Path]) -> None:
    shown = unescape(page(report(audience)))
    beside = re.findall(r'class="around">(.*?)</small>', shown)
    assert len(beside) > 20
    for text in beside:
        assert text.startswith("That day, by the record: ")
        assert not re.search(r"fail|should|blame|fault|neglect|late\b|O1|S1", text), text
    assert 'id="found"' in shown


def test_a_state_that_no_pack_knows_is_refused(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "circumstances.yaml").write_text("lead: led by nobody\n")
    with pytest.raises(Fault, match="led by nobody"):
        read_circumstances([tmp_path], pack.words.kinds, pack.words.states)
