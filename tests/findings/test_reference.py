"""What the grammar means, construct by construct: each test is a line of the semantics with dates."""

from __future__ import annotations

import pytest

from everystone.standards.pack import Pack
from tests.findings.told import answers, said, with_standard

REPORT = "2024-03-04 10:00 report.received C1 by O1 {allegation: crime}\n"
CHILD = {"C1": {"role": "victim", "born": "2014-05"}, "O1": {"role": "officer", "rank": "constable"}}
SEEN_IN_A_DAY = """
response:
  after: {kind: report.received}
  expect: {kind: child.seen}
  within: {hours: 24}
"""


def test_the_boundary_minute_belongs_to_the_limit(pack: Pack) -> None:
    asked = with_standard(pack, SEEN_IN_A_DAY)
    for minute, answer in (("10:00", "met"), ("10:01", "not met, late by")):
        given = answers(asked, REPORT + f"2024-03-05 {minute} child.seen C1 by O1\n", "2024-03-31", people=CHILD)
        assert said(given) == [answer]


def test_it_is_not_yet_due_until_the_due_instant_has_passed(pack: Pack) -> None:
    asked = with_standard(pack, SEEN_IN_A_DAY)
    assert said(answers(asked, REPORT, "2024-03-05 10:00", people=CHILD)) == ["not yet due"]
    assert said(answers(asked, REPORT, "2024-03-05 10:01", people=CHILD)) == ["not met, no record shows"]


def test_a_late_record_does_not_make_a_late_visit(pack: Pack) -> None:
    asked = with_standard(pack, SEEN_IN_A_DAY)
    timeline = REPORT + "2024-03-04 15:00 recorded 2024-03-08 09:00 child.seen C1 by O1\n"
    assert said(answers(asked, timeline, "2024-03-31", known_on="2024-03-07", people=CHILD)) == [
        "not met, no record shows"
    ]
    (later,) = answers(asked, timeline, "2024-03-31", people=CHILD)
    assert (later.answer, later.marks) == ("met", ("recorded late",))


def test_hours_are_elapsed_over_the_change_of_the_clocks(pack: Pack) -> None:
    asked = with_standard(pack, SEEN_IN_A_DAY)
    timeline = "2024-03-30 10:00 report.received C1 by O1\n2024-03-31 11:00 child.seen C1 by O1\n"
    assert said(answers(asked, timeline, "2024-04-30", people=CHILD)) == ["met"]  # 24 hours later the clock says 11:00


def test_days_are_civil_days_and_beginning_with_counts_the_first(pack: Pack) -> None:
    for counting, last in (("", "2024-03-07"), (", counting: beginning with", "2024-03-06")):
        body = f"""
        response:
          after: {{kind: report.received}}
          expect: {{kind: child.seen}}
          within: {{days: 3{counting}}}
        """
        asked = with_standard(pack, body)
        in_time = answers(asked, REPORT + f"{last} 23:59 child.seen C1 by O1\n", "2024-04-30", people=CHILD)
        assert said(in_time) == ["met"], last


def test_working_days_pass_over_easter(pack: Pack) -> None:
    body = """
    response:
      after: {kind: report.received}
      expect: {kind: child.seen}
      within: {working days: 1}
    """
    timeline = "2024-03-28 16:00 report.received C1 by O1\n2024-04-02 23:59 child.seen C1 by O1\n"
    assert said(answers(with_standard(pack, body), timeline, "2024-05-01", people=CHILD)) == ["met"]


def test_a_correction_is_followed_and_keeps_the_key(pack: Pack) -> None:
    asked = with_standard(pack, SEEN_IN_A_DAY)
    wrong = "#r 2024-03-04 10:00 report.received C1 by O1\n2024-03-05 11:00 child.seen C1 by O1\n"
    right = wrong + "2024-03-04 12:00 recorded 2024-03-20 09:00 report.received C1 by O1 corrects #r\n"
    (before,) = answers(asked, right, "2024-03-31", known_on="2024-03-19", people=CHILD)
    (after,) = answers(asked, right, "2024-03-31", people=CHILD)
    assert (before.answer, after.answer) == ("not met", "met")
    assert before.key == after.key


def test_a_withdrawn_entry_is_gone_and_a_withdrawn_correction_brings_back_what_it_corrected(
    pack: Pack,
) -> None:
    asked = with_standard(pack, SEEN_IN_A_DAY)
    seen = REPORT + "#s 2024-03-04 12:00 child.seen C1 by O1\n"
    gone = seen + "2024-03-06 09:00 child.seen C1 by O1 withdraws #s\n"
    assert said(answers(asked, gone, "2024-03-31", people=CHILD)) == ["not met, no record shows"]
    corrected = seen + "#c 2024-03-09 12:00 recorded 2024-03-10 09:00 child.seen C1 by O1 corrects #s\n"
    assert said(answers(asked, corrected, "2024-03-31", people=CHILD)) == ["not met, late by"]
    back = corrected + "2024-03-11 09:00 child.seen C1 by O1 withdraws #c\n"
    assert said(answers(asked, back, "2024-03-31", people=CHILD)) == ["met"]


def test_a_day_without_an_hour_has_no_order_inside_an_hour_limit(pack: Pack) -> None:
    asked = with_standard(pack, SEEN_IN_A_DAY)
    assert said(answers(asked, REPORT + "2024-03-04 child.seen C1 by O1\n", "2024-03-31", people=CHILD)) == [
        "cannot be told, no order"
    ]
    assert said(answers(asked, REPORT + "2024-03-07 child.seen C1 by O1\n", "2024-03-31", people=CHILD)) == [
        "not met, late by"
    ]


def test_the_same_day_counts_where_the_limit_is_in_days(pack: Pack) -> None:
    body = """
    response:
      after: {kind: report.received}
      expect: {kind: child.seen}
      within: {days: 1}
    """
    timeline = REPORT + "2024-03-04 child.seen C1 by O1\n"
    assert said(answers(with_standard(pack, body), timeline, "2024-03-31", people=CHILD)) == ["met"]


def test_shuffling_the_entries_changes_no_answer(pack: Pack) -> None:
    timeline = REPORT + "2024-03-04 10:00 child.seen C1 by O1\n2024-03-04 10:00 note.added C1 by O1\n"
    asked = with_standard(pack, SEEN_IN_A_DAY)
    assert answers(asked, timeline, "2024-03-31", people=CHILD) == answers(
        asked, timeline, "2024-03-31", people=CHILD, shuffled=True
    )


# ---- coverage --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holds", "answer"),
    [
        ([{"kinds": ["report.received"]}], "cannot be told, not carried"),
        ([{"kinds": ["report.received", "child.seen"]}], "not met, no record shows"),
        (
            [{"kinds": ["report.received"]}, {"kinds": ["child.seen"], "how": "partial"}],
            "cannot be told, not carried",
        ),
        (
            [{"kinds": ["report.received"]}, {"kinds": ["child.seen"], "from": "2024-03-05"}],
            "cannot be told, not carried",
        ),
        (
            [{"kinds": ["report.received"]}, {"kinds": ["child.seen"], "to": "2024-03-04"}],
            "cannot be told, not carried",
        ),
    ],
)
def test_absent_only_where_the_source_could_have_held_it(
    pack: Pack, holds: list[dict[str, object]], answer: str
) -> None:
    asked = with_standard(pack, SEEN_IN_A_DAY)
    assert said(answers(asked, REPORT, "2024-03-31", people=CHILD, holds=holds)) == [answer]


# ---- whom it is about ------------------------------------------------------------------------------------------

EACH_VICTIM = """
asked_for: each victim
response:
  after: {kind: arrest.made}
  expect: {kind: victim.updated}
  within: {days: 5}
"""
TWO = {
    "C1": {"role": "victim", "born": "2014"},
    "C2": {"role": "victim", "born": "2012"},
    "X1": {"role": "suspect"},
}


def test_a_trigger_about_a_suspect_reaches_each_victim_linked_to_him(pack: Pack) -> None:
    timeline = """
    2024-03-04 11:00 crime.recorded C1 by O1 {victim: C1, suspect: X1}
    2024-03-04 12:00 arrest.made X1 by O1
    2024-03-05 12:00 victim.updated C1 by O1
    """
    given = answers(with_standard(pack, EACH_VICTIM), timeline, "2024-03-31", people=TWO)
    assert [(each.asked_for, each.answer) for each in given] == [("C1", "met")]


def test_several_victims_and_no_link_cannot_be_told(pack: Pack) -> None:
    timeline = "2024-03-04 12:00 arrest.made X1 by O1\n"
    given = answers(with_standard(pack, EACH_VICTIM), timeline, "2024-03-31", people=TWO)
    assert sorted((each.asked_for, each.reason) for each in given) == [
        ("C1", "several and no link"),
        ("C2", "several and no link"),
    ]


def test_one_victim_and_no_link_means_that_victim(pack: Pack) -> None:
    people = {"C1": {"role": "victim"}, "X1": {"role": "suspect"}}
    timeline = "2024-03-04 12:00 arrest.made X1 by O1\n2024-03-05 12:00 victim.updated - by O1\n"
    given = answers(with_standard(pack, EACH_VICTIM), timeline, "2024-03-31", people=people)
    assert [(each.asked_for, each.answer) for each in given] == [("C1", "met")]


def test_the_other_childs_update_does_not_count(pack: Pack) -> None:
    timeline = """
    2024-03-04 11:00 crime.recorded C1 by O1 {victim: C1, suspect: X1}
    2024-03-04 12:00 arrest.made X1 by O1
    2024-03-05 12:00 victim.updated C2 by O1
    """
    given = answers(with_standard(pack, EACH_VICTIM), timeline, "2024-03-31", people=TWO)
    assert said(given) == ["not met, no record shows"]


def test_somebody_named_only_as_suspect_begins_no_duty_to_a_victim(pack: Pack) -> None:
    body = """
    asked_for: each victim
    response:
      after: {kind: crime.recorded}
      expect: {kind: victim.updated}
      within: {days: 5}
    """
    timeline = """
    2024-03-04 11:00 crime.recorded C1 by O1 {victim: C1, suspect: C2}
    2024-03-04 12:00 crime.recorded C2 by O1 {victim: C2, suspect: X1}
    """
    given = answers(with_standard(pack, body), timeline, "2024-03-31", people=TWO)
    assert sorted((each.asked_for, each.trigger[-1]) for each in given) == [("C1", "2"), ("C2", "3")]


# ---- versions --------------------------------------------------------------------------------------------------

TWO_VERSIONS = """
response:
  after: {kind: report.received}
  expect: {kind: crime.recorded}
versions:
  - {since: 2002-04-01, within: {hours: 72}, basis: guidance, checked: verified, sources: [{name: a test}]}
  - {since: 2015-04-01, within: {hours: 24}, basis: guidance, checked: verified, sources: [{name: a test}]}
"""


@pytest.mark.parametrize(
    ("day", "answer"), [("2015-03-31", "met"), ("2015-04-01", "not met, late by"), ("2002-03-31", None)]
)
def test_the_version_in_force_at_the_trigger_applies(pack: Pack, day: str, answer: str | None) -> None:
    after = "2015-04-02" if day.startswith("2015-03") else "2015-04-03"
    timeline = f"{day} 10:00 report.received C1 by O1\n{after} 09:00 crime.recorded C1 by O1 {{victim: C1}}\n"
    given = answers(with_standard(pack, TWO_VERSIONS), timeline, "2016-01-01", people=CHILD)
    assert said(given) == ([answer] if answer else [])


def test_a_month_that_straddles_two_versions_stands_only_where_both_agree(pack: Pack) -> None:
    asked = with_standard(pack, TWO_VERSIONS)
    people = CHILD
    nothing = answers(asked, "2015 report.received C1 by O1\n", "2016-06-01", people=people)
    assert said(nothing) == ["not met, no record shows"]


# ---- rhythm ----------------------------------------------------------------------------------------------------

EVERY_28_DAYS = """
rhythm:
  after: [{kind: case.allocated}, {kind: case.reopened}]
  until: {kind: case.closed}
  every: {days: 28}
  beat: {kind: review.done, by: {not: [lead]}}
  unless: [{state: waiting}]
"""


def test_each_missed_due_is_one_answer_and_the_next_counts_from_it(pack: Pack) -> None:
    timeline = """
    2024-01-01 09:00 case.allocated - by S1 {lead: D1}
    2024-03-10 09:00 review.done - by S1 {level: periodic}
    """
    given = answers(with_standard(pack, EVERY_28_DAYS), timeline, "2024-04-01")
    assert said(given) == ["not met, gap of", "not met, gap of", "met", "not yet due"]
    assert [each.n for each in given] == [1, 2, 3, 4]


def test_a_review_by_the_lead_is_no_beat(pack: Pack) -> None:
    timeline = "2024-01-01 09:00 case.allocated - by S1 {lead: D1}\n2024-01-20 09:00 review.done - by D1\n"
    given = answers(with_standard(pack, EVERY_28_DAYS), timeline, "2024-02-01")
    assert said(given) == ["not met, gap of", "not yet due"]


def test_closing_ends_the_rhythm_and_reopening_begins_it_again(pack: Pack) -> None:
    timeline = """
    2024-01-01 09:00 case.allocated - by S1 {lead: D1}
    2024-01-10 09:00 case.closed - by D1
    2024-06-01 09:00 case.reopened - by S1
    """
    given = answers(with_standard(pack, EVERY_28_DAYS), timeline, "2024-07-15")
    assert said(given) == ["not met, gap of", "not yet due"]


def test_a_recorded_wait_excuses(pack: Pack) -> None:
    timeline = """
    2024-01-01 09:00 case.allocated - by S1 {lead: D1}
    2024-01-10 09:00 wait.recorded - by D1 {"on": laboratory, until: 2024-02-10}
    """
    given = answers(with_standard(pack, EVERY_28_DAYS), timeline, "2024-02-20")
    assert said(given) == ["does not apply, excused", "not yet due"]


# ---- counts, tables, limbs, what follows -------------------------------------------------------------------------


def test_a_count_fires_once_and_again_only_after_what_was_expected(pack: Pack) -> None:
    body = """
    frame: person
    asked_for: each child
    count:
      after: {kind: missing.reported, counted: {reaches: 3, in: {days: 90}}}
      expect: {kind: missing.meeting}
      within: {working days: 5}
    """
    episodes = "".join(
        f"2024-01-{day:02d} 20:00 missing.reported C1 by O1\n2024-01-{day + 1:02d} 08:00 missing.found C1 by O1\n"
        for day in (2, 4, 6, 8)
    )
    asked = with_standard(pack, body)
    assert len(answers(asked, episodes, "2024-02-20", people=CHILD)) == 1
    meeting = episodes + "2024-01-07 12:00 missing.meeting C1 by O1\n"
    assert said(answers(asked, meeting, "2024-02-20", people=CHILD)) == ["met", "not met, no record shows"]


def test_a_table_whose_key_is_not_recorded_stands_only_where_all_lines_agree(pack: Pack) -> None:
    body = """
    response:
      after: {kind: report.received}
      expect: {kind: child.seen}
      within: {hours: 24}
      choose:
        - {when: {child_at_risk_now: true}, within: {hours: 2}}
        - {}
    """
    asked = with_standard(pack, body)
    for minute, answer in (("11:59", "met"), ("18:00", "cannot be told, table")):
        timeline = REPORT + f"2024-03-04 {minute} child.seen C1 by O1\n"
        assert said(answers(asked, timeline, "2024-03-31", people=CHILD)) == [answer]


def test_the_worst_limb_is_the_answer(pack: Pack) -> None:
    body = """
    response:
      after: {kind: detention.authorised}
      expect: {kind: aa.requested}
      within: {hours: 1}
      then: {counted_from: first, expect: {kind: aa.arrived}, within: {hours: 3}}
    """
    asked = with_standard(pack, body)
    timeline = "2024-03-04 20:15 detention.authorised K1 by G1\n2024-03-04 20:40 aa.requested K1 by G1\n"
    assert said(answers(asked, timeline, "2024-03-04 22:00")) == ["not yet due"]
    assert said(answers(asked, timeline + "2024-03-04 23:41 aa.arrived K1 by A1\n", "2024-03-06")) == [
        "not met, late by"
    ]
    assert said(answers(asked, timeline + "2024-03-04 23:40 aa.arrived K1 by A1\n", "2024-03-06")) == ["met"]


def test_a_missed_duty_begins_another_at_its_due_instant_and_is_folded_under_its_root(pack: Pack) -> None:
    follows = """
    follows: T-01
    response:
      after: {not_met: T-01}
      expect: {kind: escalation.raised}
      within: {days: 2}
    """
    asked = with_standard(pack, SEEN_IN_A_DAY, follows)
    first, second = answers(asked, REPORT, "2024-03-31", people=CHILD)
    assert (second.answer, second.root, second.marks) == ("not met", first.key, ("folded under",))
    assert second.due is not None and pack.words.calendar.local(second.due).date().isoformat() == "2024-03-07"


def test_before_is_due_at_the_trigger_and_a_later_one_is_late(pack: Pack) -> None:
    body = """
    response:
      after: {kind: case.closed}
      before: trigger
      since: previous
      expect: {kind: signoff.closure, by: {not: [actor of the trigger]}}
    """
    asked = with_standard(pack, body)
    signed = "2024-03-01 09:00 signoff.closure - by S1\n"
    closed = "2024-03-04 09:00 case.closed - by D1\n"
    assert said(answers(asked, signed + closed, "2024-03-31")) == ["met"]
    assert said(answers(asked, closed + "2024-03-05 09:00 signoff.closure - by S1\n", "2024-03-31")) == [
        "not met, late by"
    ]
    assert said(answers(asked, signed.replace("S1", "D1") + closed, "2024-03-31")) == ["not met, wrong person"]
    again = signed + closed + "2024-05-01 09:00 case.reopened - by S1\n2024-06-01 09:00 case.closed - by D1\n"
    assert said(answers(asked, again, "2024-07-01")) == ["met", "not met, no record shows"]


def test_before_something_still_to_come_is_not_yet_due(pack: Pack) -> None:
    body = """
    response:
      after: {kind: bail.refused}
      expect: {kind: detention.certificate}
      before: {kind: court.appeared}
    """
    asked = with_standard(pack, body)
    refused = "2024-03-04 09:00 bail.refused K1 by G1\n"
    assert said(answers(asked, refused, "2024-06-01")) == ["not yet due"]
    assert said(answers(asked, refused + "2024-03-05 09:00 court.appeared K1 by G1\n", "2024-06-01")) == [
        "not met, no record shows"
    ]


def test_each_reference_of_a_list_gets_an_answer_of_its_own(pack: Pack) -> None:
    body = """
    asked_for: each action_id in action_ids
    response:
      after: {kind: review.done}
      expect: {kind: action.resulted, same: action_id}
      until: {kind: action.raised, same: action_id, field: due}
      within: {days: 14}
    """
    timeline = """
    2024-03-04 09:00 review.done - by S1 {action_ids: [A1, A2]}
    2024-03-04 09:05 action.raised - by S1 {action_id: A1, due: 2024-03-06}
    2024-03-07 09:00 action.resulted - by D1 {action_id: A1}
    2024-03-17 09:00 action.resulted - by D1 {action_id: A2}
    """
    given = answers(with_standard(pack, body), timeline, "2024-04-30")
    assert [(each.asked_for, each.answer) for each in given] == [("A1", "not met"), ("A2", "met")]


def test_a_clock_that_stops_meanwhile(pack: Pack) -> None:
    body = """
    asked_for: each suspect
    response:
      after: {kind: disposal.given}
      expect: {kind: notification.made}
      within: {days: 3, counting: beginning with}
      clock_stops_while: [abroad]
    """
    asked = with_standard(pack, body)
    timeline = """
    2024-03-04 09:00 disposal.given X1 by D1 {type: simple_caution}
    2024-03-05 09:00 offender.away X1 by D1 {where: abroad, from: 2024-03-05, to: 2024-03-11}
    2024-03-13 23:00 notification.made X1 by D1
    """
    assert said(answers(asked, timeline, "2024-04-30")) == ["met"]
    assert said(answers(asked, timeline.replace("03-13 23", "03-14 01"), "2024-04-30")) == ["not met, late by"]
