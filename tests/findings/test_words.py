"""Words of the language that few standards use: somebody's sex, times of the day, acting ranks, words besides a list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from tests.findings.told import answers, said, with_standard

OFFICERS = {"K": {"role": "suspect", "born": 2001, "sex": "girl"}, "L": {"role": "suspect", "born": 2001},
            "D": {"role": "officer", "rank": "constable"}, "S": {"role": "officer", "rank": "sergeant"}}  # fmt: skip


def test_sex_is_what_the_record_says_and_else_cannot_be_told(pack: Pack) -> None:
    asked = with_standard(pack, """
        asked_for: each suspect
        check: {after: {kind: arrest.made}, require: {sex: {is: female}}}
    """)  # fmt: skip
    timeline = """
        2016-03-01 10:00  arrest.made  K  by D
        2016-03-01 11:00  arrest.made  L  by D
    """
    assert said(answers(asked, timeline, "2016-03-02", people=OFFICERS)) == ["met", "cannot be told, not recorded"]


def test_a_limit_counts_from_a_field_where_it_is_recorded(pack: Pack) -> None:
    asked = with_standard(pack, """
        response:
          after: {kind: detention.authorised}
          expect: {kind: release.made}
          within: {hours: 1, from the field: arrived_at}
    """)  # fmt: skip
    earlier = '2016-03-01 10:00  detention.authorised  K  by D  {arrived_at: "2016-03-01 09:30"}'
    assert said(answers(asked, earlier, "2016-03-01 10:31", people=OFFICERS)) == ["not met, no record shows"]
    unsaid = "2016-03-01 10:00  detention.authorised  K  by D"
    assert said(answers(asked, unsaid, "2016-03-01 10:31", people=OFFICERS)) == ["not yet due"]


@pytest.mark.parametrize(
    ("told", "morning"),
    [("2025-11-10 02:00", "2025-11-10 08:30"), ("2025-11-10 08:31", "2025-11-11 08:30"), ("2025-11-14 09:00", "2025-11-17 08:30")],
)  # fmt: skip
def test_a_limit_to_a_time_of_the_day_ends_at_the_next_such_time_that_counts(
    pack: Pack, told: str, morning: str
) -> None:
    terms = pack.words.calendar.with_terms({"north": [{"from": "2025-11-03", "to": "2025-12-19"}]})
    asked = replace(with_standard(pack, """
        response: {after: {kind: attendance.made}, expect: {kind: referral.education}, within: {school days: 1, at: "08:30"}}
    """), words=replace(pack.words, calendar=terms))  # fmt: skip
    (answer,) = answers(asked, f"{told}  attendance.made  -  by D", "2025-12-01", people=OFFICERS)
    assert answer.due == terms.span(morning)[1]


def test_school_days_of_two_areas_need_to_know_which(pack: Pack) -> None:
    terms = {area: [{"from": "2025-11-03", "to": "2025-12-19"}] for area in ("north", "south")}
    words = replace(pack.words, calendar=pack.words.calendar.with_terms(terms))
    asked = replace(with_standard(pack, """
        response: {after: {kind: attendance.made}, expect: {kind: referral.education}, within: {school days: 1}}
    """), words=words)  # fmt: skip
    line = "2025-11-10 02:00  attendance.made  -  by D"
    assert said(answers(asked, line, "2025-12-01", people=OFFICERS)) == ["cannot be told, not recorded"]
    line += "  {area: south}"
    assert said(answers(asked, line, "2025-12-01", people=OFFICERS)) == ["not met, no record shows"]


def test_terms_that_end_before_they_begin_are_refused(pack: Pack) -> None:
    with pytest.raises(Fault, match="comes before"):
        pack.words.calendar.with_terms({"north": [{"from": "2025-12-19", "to": "2025-11-03"}]})


def test_two_courses_held_at_once_are_two(pack: Pack) -> None:
    asked = with_standard(pack, """
        check:
          after: {kind: review.done}
          require: {all: [{qualified: {fact: qualified, value: pip2}}, {qualified: {fact: qualified, value: child_abuse}}]}
          fails_as: not qualified
    """)  # fmt: skip
    timeline = """
        2016-01-01 10:00  training.completed  D  by S  {course: pip2}
        2016-02-01 10:00  training.completed  D  by S  {course: child_abuse}
        2016-03-01 10:00  review.done  -  by D
    """
    assert said(answers(asked, timeline, "2016-03-02", people=OFFICERS)) == ["met"]


def test_a_fact_may_count_only_for_a_time(pack: Pack) -> None:
    asked = with_standard(pack, """
        check:
          after: {kind: review.done}
          require: {qualified: {fact: acting, value: sergeant, for at most: {working days: 20}}}
    """)  # fmt: skip
    timeline = """
        2016-06-01 09:00  officer.posted  D  by S  {rank: sergeant, acting: true, from: 2016-06-01}
        2016-06-29 23:59  review.done  -  by D
        2016-06-30 00:00  review.done  -  by D
    """
    assert said(answers(asked, timeline, "2016-07-02", people=OFFICERS)) == ["met", "not met, not together"]


def test_words_of_a_list_are_not_counted(pack: Pack) -> None:
    asked = with_standard(pack, """
        check: {after: {kind: note.added}, require: {words: {in: text, at least: 3, besides: E}}}
    """)  # fmt: skip
    timeline = """
        2016-03-01 10:00  note.added  -  by D  {text: "no change, as above, reviewed"}
        2016-03-01 11:00  note.added  -  by D  {text: "no change, the footage is kept"}
    """
    assert said(answers(asked, timeline, "2016-03-02", people=OFFICERS)) == ["not met, not together", "met"]


def test_what_the_one_restricted_does_is_not_done_by_another(pack: Pack) -> None:
    asked = with_standard(pack, """
        response:
          after: {kind: role.restricted, where: {state: led by, same person: [subject, lead]}}
          expect: {kind: review.done, by: {not: [subject of the trigger]}}
          within: {days: 3}
    """)  # fmt: skip
    timeline = """
        2016-02-01 10:00  case.allocated  -  by S  {lead: D}
        2016-03-01 10:00  role.restricted  D  by S  {person: D}
        2016-03-02 10:00  review.done  -  by D
    """
    assert said(answers(asked, timeline, "2016-03-08", people=OFFICERS)) == ["not met, wrong person"]
    timeline += "    2016-03-02 11:00  review.done  -  by S\n"
    assert said(answers(asked, timeline, "2016-03-08", people=OFFICERS)) == ["met"]


def test_an_account_is_looked_at_only_for_how_it_gives_a_time(pack: Pack) -> None:
    found = pack.lists.hits([("account", "It was in the summer of 1976, he said I was streetwise")], verbatim=True)
    assert {hit.list for hit in found} == {"G"}
    assert not [hit for hit in pack.lists.hits([("text", "in the summer")]) if hit.list == "G"]
    assert [hit.list for hit in pack.lists.hits([("account", "on 3/12/1978")], verbatim=True)] == ["J"]


def test_a_correction_that_takes_a_name_away_is_seen_by_whom_it_named(pack: Pack) -> None:
    asked = with_standard(pack, """
        frame: person
        asked_for: each suspect
        response: {after: {kind: arrest.made}, expect: {kind: biometric.taken}, within: {days: 1}}
    """)  # fmt: skip
    timeline = """
        #a 2016-03-01 10:00  arrest.made  K  by D
        2016-03-01 10:00 recorded 2016-03-05 10:00  arrest.made  L  by D  corrects #a
    """
    given = answers(asked, timeline, "2016-03-06", people=OFFICERS)
    assert [each.asked_for for each in given] == ["L"]


def test_a_version_that_says_nothing_says_that_it_does_not_apply(pack: Pack) -> None:
    asked = with_standard(pack, """
        in_force_at: detention.authorised
        asked_for: each suspect
        check: {after: {kind: custody.placed, where: {age: {under: 12}}}, require: {with_adult: false}}
        versions:
          - {since: 2000-01-01, basis: local, checked: verified, sources: [{name: a test}]}
          - since: 2010-01-01
            after: {kind: custody.placed, where: {age: {under: 18}}}
            basis: local
            checked: verified
            sources: [{name: a test}]
    """)  # fmt: skip
    line = "2016-03-01 10:00  custody.placed  K  by D  {with_adult: true}"
    holds = [{"kinds": ["custody.placed"]}]
    given = answers(asked, line, "2016-03-02", people=OFFICERS, holds=holds)
    assert said(given) == ["cannot be told, versions differ"]
