"""Who needs attention first: the hand-ordered sets, and what must always hold of the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everystone.findings.danger import Danger, Placed, foremost
from everystone.findings.frames import Instants, case_frame, facts_of
from everystone.findings.orders import standing_in
from everystone.findings.reference import Questions, ask
from everystone.findings.stories import judge
from everystone.ledger.case import Frame
from everystone.ledger.fault import Fault
from everystone.standards import document
from everystone.standards.pack import Pack, load
from everystone.standards.story import Order, Placing, Story, read_stories, tell
from tests.conftest import ROOT

SETS = sorted((ROOT / "packs" / "england_wales" / "stories" / "danger").glob("*.yaml"))
STORIES = ROOT.parent / "shared" / "domain" / "stories"
NOW = "2024-05-10 12:00"
_read: list[Pack] = []  # the pack for tests whose every argument would be printed


@pytest.fixture(scope="module", autouse=True)
def _reading(pack: Pack) -> None:
    _read.append(pack)


def story_of(pack: Pack, lines: Sequence[str], people: dict[str, Any], **more: Any) -> Story:
    """A case told in a test."""
    said = {"case": "Oak", "as_at": NOW, "people": people, "timeline": "\n".join(lines), **more}
    return tell(document.plain(said), pack, "a test")


def frame_of(pack: Pack, story: Story, *, turned: bool = False) -> Frame:
    """Its frame; `turned`: the same entries in the opposite order."""
    assert story.as_at is not None
    known = story.as_at if story.known_on is None else story.known_on
    when = Instants(story.as_at, known, story.coverage)
    streams = {name: list(reversed(each)) if turned else each for name, each in story.streams.items()}
    return case_frame("Oak", streams["case/Oak"], pack.words, when, facts_of(streams, pack.words, when))


# ---- the sets --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SETS, ids=[path.stem for path in SETS])
def test_people_stand_as_they_were_ordered_by_hand(pack: Pack, path: Path) -> None:
    (order,) = read_stories(path, pack)
    assert isinstance(order, Order)
    otherwise = judge(order, pack).otherwise
    assert not [line for line in otherwise if not line.startswith("not asked")]


def test_there_are_enough_sets_and_closed_ones() -> None:
    assert len(SETS) >= 30
    assert len([path for path in SETS if "closed" in path.stem]) >= 10


def test_an_order_that_is_wrong_comes_out_otherwise(pack: Pack) -> None:
    (order,) = read_stories(SETS[0], pack)
    assert isinstance(order, Order)
    turned = replace(order, order=[order.order[1], order.order[0], *order.order[2:]])
    (line,) = judge(turned, pack).otherwise
    assert line == "expected in the order C2, C1, C3; stand in the order C1, C2, C3"
    moved = replace(order, order=[Placing("C1", 4, ""), *order.order[1:]])
    assert "C1: expected in tier 4; stands in tier 0" in judge(moved, pack).otherwise[0]
    left_out = replace(order, order=order.order[1:])
    assert "C1: expected in none of the first three tiers" in judge(left_out, pack).otherwise[0]


def test_what_holds_for_all_cases_may_stand_at_the_top_or_in_each(pack: Pack, tmp_path: Path) -> None:
    case = (
        "{case: Oak, people: {C1: {role: child, born: 2016-01}, O1: {role: officer}}, EACH"
        "timeline: '2024-05-09 21:00 report.received C1 by O1'}"
    )
    for top, each in (("as_at: 2024-05-10\nknown_on: 2024-05-11\n", ""), ("", "as_at: 2024-05-10, ")):
        path = tmp_path / "order.yaml"
        cases = f"cases: [{case.replace('EACH', each)}]\n"
        path.write_text(f"{top}{cases}order: [{{person: C1, tier: 0}}]\n", encoding="utf-8")
        assert judge(only_order(path, pack), pack).otherwise == []
    path.write_text(f"{cases.replace(each, '')}order: [{{person: C1, tier: 0}}]\n", encoding="utf-8")
    with pytest.raises(Fault, match="says as_at"):
        read_stories(path, pack)


def test_the_order_sorts_as_text_inside_and_across_tiers(pack: Pack) -> None:
    placed = [row for path in SETS for row in standing_in(only_order(path, pack), pack)]
    assert [row.tier for row in sorted(placed, key=lambda row: row.order)] == sorted(row.tier for row in placed)
    assert len({row.order.rsplit(".", 1)[0].count(".") for row in placed}) == 1


def test_every_row_says_why_and_how_sure_it_is(pack: Pack) -> None:
    for path in SETS:
        for row in standing_in(only_order(path, pack), pack):
            assert row.because.endswith(".") and "{" not in row.because and len(row.because) < 220
            assert row.confidence in ("known", "inferred from the record", "not known")
            assert row.tier > 2 or (row.step and row.done_by)
            assert (row.tier == 2) == (row.confidence == "not known")


def only_order(path: Path, pack: Pack) -> Order:
    """The order a file tells."""
    (order,) = read_stories(path, pack)
    assert isinstance(order, Order)
    return order


# ---- what always holds -----------------------------------------------------------------------------------------

BASE = {
    "report": "2024-05-01 10:00 report.received C1 by O1 {channel: phone, alleged_to: 2024-04-01}",
    "seen": "2024-05-01 11:00 child.seen C1,C2 by O1 {alone: true}",
    "considered": "2024-05-01 12:00 safeguarding.considered C1,C2 by O1 {outcome: to be reviewed}",
    "crime": "2024-05-01 15:00 crime.recorded C1 by O1 {offence_mode: either_way, victim: C1, suspect: X1}",
    "others": "2024-05-02 10:00 children.identified - by O1 {persons: [C1, C2]}",
    "away": "2024-05-02 11:00 offender.away X1 by O1 {where: abroad, from: 2024-05-02}",
    "plan": "2024-05-02 12:00 safety_plan.made C1 by O1 {measures: [no contact]}",
    "lapsed": "2024-05-02 13:00 safety_plan.made C2 by O1 {measures: [no contact], review_by: 2024-05-05}",
    "bail": "2024-05-03 09:00 bail.granted X1 by O1 {until: 2024-05-12, conditions: [no contact]}",
    "missing": "2024-05-04 20:00 missing.reported C2 by O1 {from_care: false}",
    "found": "2024-05-05 08:00 missing.found C2 by O1 {place: home, with_persons: [A1]}",
    "closed": "2024-05-08 10:00 case.closed - by O1 {reason: finished}",
}
PROTECTS = {
    "bail": "2024-05-09 09:00 bail.granted X1 by O1"
            " {until: 2024-08-01, conditions: [no unsupervised contact with children]}",
    "short bail": "2024-05-09 09:00 bail.granted X1 by O1"
            " {until: 2024-05-11, conditions: [no unsupervised contact with children]}",
    "plan": "2024-05-09 09:00 safety_plan.made C1,C2 by O1 {measures: [no contact], review_by: 2024-09-01}",
    "undated plan": "2024-05-09 09:00 safety_plan.made C1 by O1 {measures: [no contact]}",
    "protection": "2024-05-09 09:00 police_protection.begun C1 by O1 {place: foster care}",
    "order": "2024-05-09 09:00 order.considered X1 by O1 {type: sro, outcome: made}",
    "order made": "2024-05-09 09:00 order.made X1 by O1 {type: sro, protects: [C1]}",
    "placement": "2024-05-09 09:00 placement.made C2 by O1 {type: foster care}",
}  # fmt: skip
REACHES = {
    "named again": "2024-05-09 09:00 suspect.identified X1 by O1 {access_to_children: true}",
    "assessed": "2024-05-09 09:00 contact_risk.assessed X1 by O1"
                " {suspect: X1, children: [C1, C2], works_with_children: true}",
    "near": "2024-05-09 09:00 whereabouts.recorded X1 by O1 {known: true, place: near the child}",
}  # fmt: skip
FACTS = ("access_to_children: true", "children: [C1]", "review_by: 2024-05-05", "until: 2024-05-12", "born: 2012-03",
         "born: 2016-07")  # fmt: skip


class World(NamedTuple):
    """A small case: its lines and its people, as written."""

    lines: tuple[str, ...]
    people: str

    def told(self, *added: str, without: str = "") -> Story:
        """The story, with lines added, or with one fact left out wherever it is written."""
        lines = [_without(line, without) for line in (*self.lines, *added)]
        people = document.parse(_without(self.people, without), "a test")
        return story_of(_read[0], lines, people)

    def placed(self, *added: str, without: str = "") -> dict[str, Placed]:
        """Where its people stand."""
        frame = frame_of(_read[0], self.told(*added, without=without))
        return {row.person: row for row in Danger(_read[0]).places(frame, [])}


def _without(text: str, fact: str) -> str:
    return text.replace(f"{fact}, ", "").replace(f", {fact}", "").replace(fact, "") if fact else text


PEOPLE = """
C1: {role: victim, born: 2012-03}
C2: {role: child, born: 2016-07}
X1: {role: suspect, born: 1980}
A1: {role: adult}
O1: {role: officer, rank: constable}
"""
ACCESS = ("access_to_children: true", "access_to_children: false", "basis: a word")


@st.composite
def worlds(draw: st.DrawFn, access: Sequence[str] = ACCESS) -> World:
    """Cases with and without what may be on the record."""
    chosen = draw(st.sets(st.sampled_from(sorted(BASE))))
    lines = [BASE[name] for name in BASE if name in chosen | {"report"}]
    lines.append(f"2024-05-01 13:00 suspect.identified X1 by O1 {{{draw(st.sampled_from(access))}}}")
    if draw(st.booleans()):
        listed = draw(st.sampled_from(("[]", "[C1]", "[C1, C2]")))
        lines.append("2024-05-06 10:00 contact_risk.assessed X1 by O1"
                     f" {{suspect: X1, children: {listed}, works_with_children: false}}")  # fmt: skip
    return World(tuple(lines), PEOPLE)


@given(world=worlds(), measure=st.sampled_from(sorted(PROTECTS)))
def test_a_protective_measure_never_raises_anybody(world: World, measure: str) -> None:
    before, after = world.placed(), world.placed(PROTECTS[measure])
    for person, row in after.items():
        assert person in before, f"{person} has a row only because of {measure}"
        assert (row.tier, row.order) >= (before[person].tier, before[person].order)


@given(world=worlds(), access=st.sampled_from(sorted(REACHES)))
def test_access_never_lowers_anybody(world: World, access: str) -> None:
    before, after = world.placed(), world.placed(REACHES[access])
    for person, row in before.items():
        assert after[person].tier <= row.tier
        assert after[person].order <= row.order


@given(world=worlds(), turned=st.booleans())
def test_shuffled_entries_change_nothing(world: World, turned: bool) -> None:
    story, danger = world.told(), Danger(_read[0])
    assert danger.places(frame_of(_read[0], story), []) == danger.places(frame_of(_read[0], story, turned=True), [])


@given(world=worlds(access=("access_to_children: true",)), fact=st.sampled_from(FACTS))
def test_a_fact_removed_makes_nobody_safer_than_a_question(world: World, fact: str) -> None:
    before, after = world.placed(), world.placed(without=fact)
    for person, row in before.items():
        if row.tier <= 2:
            assert person in after and after[person].tier <= 2


@given(world=worlds(access=("access_to_children: true",)))
def test_closing_protects_nobody_in_reach(world: World) -> None:
    still_open = World(tuple(line for line in world.lines if "case.closed" not in line), world.people)
    before, after = still_open.placed(), still_open.placed(BASE["closed"])
    for person, row in before.items():
        if row.because.startswith("The person named has access"):
            assert after[person].tier == row.tier


@given(world=worlds(), measure=st.sampled_from(sorted(PROTECTS)))
def test_what_was_withdrawn_counts_for_nothing(world: World, measure: str) -> None:
    line = PROTECTS[measure].split(" {")[0]
    again = line.replace("09:00 ", "09:00 recorded 2024-05-10 09:00 ", 1) + " withdraws #m"
    assert world.placed(f"#m {PROTECTS[measure]}", again) == world.placed()


# ---- one by one ------------------------------------------------------------------------------------------------

NAMED = (BASE["report"], BASE["seen"], BASE["considered"], BASE["crime"],
         "2024-05-01 13:00 suspect.identified X1 by O1 {access_to_children: true}")  # fmt: skip


UNSEEN = (BASE["report"], BASE["considered"], BASE["crime"])
HELD = ("2024-05-02 09:00 charge.made X1 by O1 {}", "2024-05-02 09:05 bail.refused X1 by O1 {}")
LIVED_APART = (*NAMED[:-1], "2024-05-01 13:00 suspect.identified X1 by O1 {access_to_children: false}")


@pytest.mark.parametrize(
    ("lines", "tiers"),
    [
        # seen, looked at, missing
        ((*UNSEEN, "2024-05-01 11:00 child.seen C1 by O1 {how: phone}"), {"C1": 0}),
        ((*UNSEEN, "2024-05-01 child.seen C1 by O1 {how: in person}"), {"C1": 2}),
        ((*UNSEEN, "2024-04-30 11:00 child.seen C1 by O1 {how: in person}"), {"C1": 0}),
        ((*LIVED_APART, "2024-05-03 20:00 missing.reported C2 by O1", "2024-05-04 missing.closed C2 by O1"), {"C2": 0}),
        ((*LIVED_APART, "2024-05-08 10:00 case.closed - by O1", "2024-05-09 10:00 report.received C1 by O1"), {"C1": 0}),
        # who may harm, and where that person is
        ((*NAMED, "2024-05-02 10:00 person.died X1 by O1"), {}),
        ((*NAMED, "2024-05-02 10:00 court.result X1 by O1 {result: acquitted}"), {"C1": 0}),
        ((*NAMED, *HELD), {}),
        ((*NAMED, *HELD, "2024-05-03 10:00 release.made X1 by O1 {how: on bail}"), {"C1": 0}),
        ((*NAMED, *HELD, "2024-05-03 10:00 release.made X1 by O1 {how: to court}"), {"C1": 2}),
        ((*NAMED, *HELD, "2024-05-03 10:00 release.made X1 by O1 {how: to court}",
          "2024-05-03 11:00 court.appeared X1 by O1 {result: remanded in custody}"), {}),
        ((*NAMED, "2024-05-02 10:00 whereabouts.recorded X1 by O1 {known: false}"), {"C1": 2}),
        ((*NAMED, "2024-05-10 06:00 detention.authorised X1 by O1 {arrived_at: '2024-05-10 05:00'}"), {"C1": 1}),
        ((*NAMED, "2024-05-08 06:00 detention.authorised X1 by O1 {arrived_at: '2024-05-08 05:00'}"), {"C1": 0}),
        ((*NAMED, "2024-05-09 06:00 detention.authorised X1 by O1 {arrived_at: '2024-05-09 05:00'}",
          "2024-05-09 20:00 detention.extended X1 by O1 {to_hours: 36}"), {"C1": 1}),
        # in reach
        ((*LIVED_APART, "2024-05-02 10:00 suspect.identified X1 by O1 {access_to_children: true}"), {"C1": 0}),
        ((*LIVED_APART, "2024-05-02 10:00 contact_risk.assessed X1 by O1 {suspect: X1}"), {"C1": 2}),
        ((*NAMED, "2024-05-02 10:00 contact_risk.assessed X1 by O1 {suspect: X1, access: none}"), {}),
        ((*LIVED_APART, "2024-05-02 10:00 offender.visited X1 by O1 {seen: true, children_seen: [C2]}"), {"C2": 0}),
        ((*LIVED_APART, "2024-05-02 10:00 lead.identified - by O1 {type: other_victim}"), {"X1": 2}),
        # what protects
        ((*NAMED, "2024-05-02 10:00 bail.granted X1 by O1 {until: 2024-08-01}"), {"C1": 0}),
        ((*NAMED, "2024-05-02 10:00 bail.granted X1 by O1 {conditions: [no contact]}"), {"C1": 2}),
        ((*NAMED, BASE["others"], "2024-05-02 10:00 bail.granted X1 by O1 {until: 2024-08-01, conditions: [no contact]}"),
         {"C2": 0}),
        ((*NAMED, "2024-05-02 10:00 bail.granted X1 by O1 {until: 2024-08-01, conditions: [no contact]}",
          "2024-05-06 10:00 bail.varied X1 by O1 {change: conditions, conditions: [report]}"), {"C1": 0}),
        ((*NAMED, "2024-05-02 10:00 bail.granted X1 by O1 {until: 2024-08-01, conditions: [no contact]}",
          "2024-05-06 10:00 bail.varied X1 by O1 {change: conditions}"), {"C1": 2}),
        ((*NAMED, "2024-05-02 10:00 bail.granted X1 by O1 {until: 2024-08-01, conditions: [no contact]}",
          "2024-05-06 10:00 bail.ended X1 by O1 {reason: expired}"), {"C1": 0}),
        ((*NAMED, "2024-05-02 10:00 order.considered X1 by O1 {type: sro}"), {"C1": 0}),
        ((*NAMED, "2024-05-02 10:00 order.made C1 by O1 {type: emergency protection, until: 2024-05-12}"), {"C1": 1}),
        ((*NAMED, "2024-05-02 10:00 order.made X1 by O1 {type: shpo, protects: [C2]}"), {"C1": 0}),
        ((*NAMED, "2024-05-02 10:00 safety_plan.made C1 by O1 {review_by: 2024-09-01, about: [A1]}"), {"C1": 0}),
        ((*NAMED, "2024-05-02 10:00 safety_plan.made C1 by O1 {review_by: 2024-09-01}",
          "2024-05-06 10:00 safety_plan.ended C1 by O1"), {"C1": 0}),
        ((*NAMED, "2024-05-02 10:00 placement.made C1 by O1 {type: with parent}"), {"C1": 0}),
        ((*NAMED, "2024-05-08 10:00 police_protection.begun C1 by O1",
          "2024-05-09 10:00 police_protection.ended C1 by O1 {handed_to: parent}"), {"C1": 0}),
        # about to be lost
        ((*LIVED_APART, "2024-05-09 10:00 action.raised - by O1 {action_id: A1, type: recover footage, due: 2024-05-12}"),
         {"C1": 1}),
        ((*LIVED_APART, "2024-05-09 10:00 action.raised - by O1 {action_id: A1, type: recover footage, due: 2024-05-12}",
          "2024-05-10 09:00 action.redated - by O1 {action_id: A1, due: 2024-06-30}"), {}),
        ((*LIVED_APART, "2024-05-09 10:00 action.raised - by O1 {action_id: A1, type: recover footage, due: 2024-05-12}",
          "2024-05-10 09:00 action.resulted - by O1 {action_id: A1}"), {}),
        # signs
        ((*LIVED_APART, "2024-05-02 10:00 exploitation.indicator C2 by O1 {code: new_phone_unexplained}"), {}),
        ((*LIVED_APART, "2024-05-02 10:00 exploitation.indicator C2 by O1 {code: gang_contact, strength: strong}",
          "2024-05-03 10:00 exploitation.screened C2 by O1 {level: low}"), {}),
    ],
)  # fmt: skip
def test_one_fact_decides(pack: Pack, lines: Sequence[str], tiers: dict[str, int]) -> None:
    frame = frame_of(pack, story_of(pack, lines, document.parse(PEOPLE, "a test")))
    assert {row.person: row.tier for row in Danger(pack).places(frame, [])} == tiers


def test_what_the_sources_do_not_hold_is_a_question_and_never_safe(pack: Pack) -> None:
    people = document.parse(PEOPLE, "a test")
    carried = sorted({line.split()[2] for line in NAMED} | {"safety_plan.made", "police_protection.begun"})
    frame = frame_of(pack, story_of(pack, NAMED, people, holds=[{"kinds": carried}]))
    (row,) = Danger(pack).places(frame, [])
    assert (row.person, row.tier, row.confidence) == ("C1", 2, "not known")
    assert "Bail granted" in row.because
    whole = frame_of(pack, story_of(pack, NAMED, people, holds=[{"kinds": [*carried, "bail.granted"]}]))
    assert Danger(pack).places(whole, [])[0].tier == 0


def test_a_report_about_nobody_by_name_still_has_a_row(pack: Pack) -> None:
    lines = ["2024-05-09 21:00 report.received - by O1 {channel: online form}"]
    frame = frame_of(pack, story_of(pack, lines, {"O1": {"role": "officer"}}))
    (row,) = Danger(pack).places(frame, [])
    assert (row.person, row.tier) == ("", 0)


def test_somebody_harmed_when_grown_up_is_no_matter_of_this_order(pack: Pack) -> None:
    lines = ["2024-05-09 21:00 report.received C1 by O1 {alleged_from: 2024-05-01, alleged_to: 2024-05-01}",
             "2024-05-09 22:00 suspect.identified X1 by O1 {access_to_children: true}"]  # fmt: skip
    people = {"C1": {"role": "victim", "born": 1980}, "X1": {"role": "suspect", "born": 1979}}
    assert Danger(pack).places(frame_of(pack, story_of(pack, lines, people)), []) == []


def test_a_second_case_about_the_same_person_is_heard(pack: Pack) -> None:
    lines = [*NAMED, "2024-05-09 10:00 in Elm person.died X1 by O1"]
    story = story_of(pack, lines, document.parse(PEOPLE, "a test"))
    frame, danger = frame_of(pack, story), Danger(pack)
    assert danger.places(frame, [])[0].tier == 0
    assert danger.places(frame, [], story.streams["case/Elm"]) == []


def test_each_person_has_one_row_the_most_urgent(pack: Pack) -> None:
    rows = [Placed("C1", "case/Oak", 2, "2.b", "", "", ""), Placed("C1", "case/Elm", 0, "0.a", "", "", ""),
            Placed("", "case/Ash", 3, "3.a", "", "", ""), Placed("", "case/Fir", 3, "3.a", "", "", "")]  # fmt: skip
    assert [(row.person, row.frame) for row in foremost(rows)] == [
        ("C1", "case/Elm"), ("", "case/Ash"), ("", "case/Fir"),
    ]  # fmt: skip


# ---- answers -----------------------------------------------------------------------------------------------------


def test_three_sentences_open_a_case(pack: Pack) -> None:
    lines = [*NAMED, "2024-05-08 09:00 case.closed - by O1 {reason: finished}"]
    frame = frame_of(pack, story_of(pack, lines, document.parse(PEOPLE, "a test")))
    danger, answers = Danger(pack), ask(frame, Questions(pack))
    placed = danger.places(frame, answers)
    unsafe, root, possible = danger.three_sentences(frame, answers, placed)
    assert unsafe.startswith("C1: The person named has access")
    assert root.startswith("At the root: ")
    assert possible.startswith("Still possible: ")
    assert all(text.endswith(".") for text in (unsafe, root, possible))


def test_answers_take_the_tier_of_the_person_they_are_about(pack: Pack) -> None:
    frame = frame_of(pack, story_of(pack, NAMED, document.parse(PEOPLE, "a test")))
    danger, answers = Danger(pack), ask(frame, Questions(pack))
    tiered = danger.tiered(answers, danger.places(frame, answers))
    assert {each.tier for each in tiered if each.asked_for in ("", "C1") and each.answer == "not met"} == {0}
    assert {each.tier for each in tiered if each.answer == "met"} <= {None}


def test_a_pack_that_does_not_say_who_is_in_danger_is_ordered_by_what_is_threatened_then_due(pack: Pack) -> None:
    plain = replace(pack, danger=None)
    danger, questions = Danger(plain), Questions(plain)
    frame = frame_of(plain, story_of(plain, NAMED, document.parse(PEOPLE, "a test")))
    failed = [each for each in ask(frame, questions) if each.answer == "not met" and not each.root]
    by = {name: [each for each in failed if plain.standards[each.standard].standard.threatens == name]
          for name in ("child-safety", "justice", "rights", "record")}  # fmt: skip
    (urgent,) = danger.places(frame, by["child-safety"] + by["record"])
    (later,) = danger.places(frame, by["justice"])
    assert (urgent.person, urgent.tier, later.tier) == ("", 2, 3)
    first, second = ([each._replace(due=due) for each in by["justice"]] for due in (1_000, 2_000))
    assert danger.places(frame, first)[0].order < danger.places(frame, second)[0].order
    assert danger.places(frame, []) == []


# ---- the file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("kind: person.died", "kind: person.dyed", "'person.dyed' is not known. Was 'person.died' meant?"),
        ("{access_to_children: true}", "{access: true}", "has no field 'access'"),
        ("until: review_by", "until: reviewed_by", "has no field 'reviewed_by'"),
        ("closed: closed", "closed: shut", "The state 'shut' is not known"),
        ("{called} ends on", "{who} ends on", "A sentence may leave open only"),
        ("repeats:", "repeat:", "this key is not known here"),
    ],
)
def test_a_file_that_names_nothing_is_refused_with_its_line(
    pack: Pack, tmp_path: Path, written: str, instead: str, said: str
) -> None:
    text = (pack.folders[0] / "danger.yaml").read_text(encoding="utf-8")
    assert written in text
    (tmp_path / "danger.yaml").write_text(text.replace(written, instead, 1), encoding="utf-8")
    for part in ("kinds", "tables", "states.yaml"):
        (tmp_path / part).symlink_to(pack.folders[0] / part)
    with pytest.raises(Fault, match=r"danger\.yaml:[0-9]+") as fault:
        load([str(tmp_path)])
    assert said in str(fault.value)
