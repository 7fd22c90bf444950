"""The policy against a second statement of it, over invented people and cases; and its properties."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from everystone.web import policy
from everystone.web.policy import About, Held, Who
from tests.web.oracle import RULES, allowed

PEOPLE, TEAMS = st.sampled_from(["O1", "O2", "S1"]), st.sampled_from(["", "North", "South"])
POSTS = st.frozensets(st.builds(Held, st.sampled_from(policy.ROLES), TEAMS), max_size=3)
CASES = st.sampled_from(["Alder", "Birch"])
WHO = st.builds(Who, PEOPLE, POSTS, st.frozensets(CASES, max_size=1))
ABOUT = st.builds(About, CASES, TEAMS, st.one_of(PEOPLE, st.just("")), st.frozensets(PEOPLE, max_size=2), st.booleans(),
                  st.booleans(), st.frozensets(PEOPLE, max_size=1), st.frozensets(PEOPLE, max_size=2))  # fmt: skip


@given(WHO, st.sampled_from([*RULES, "something nobody wrote down"]), st.one_of(st.none(), ABOUT))
def test_both_say_the_same(who: Who, rule: str, about: About | None) -> None:
    case = about and (about.case, about.team, about.lead, set(about.acted), about.challenged, set(about.opened_to),
                      set(about.to_review))  # fmt: skip
    assert policy.may(who, rule, about) == allowed(who.reference, set(who.posts), set(who.kept_away), rule, case)


def test_both_know_the_same_rules() -> None:
    assert sorted(policy.RULES) == RULES
    assert set(policy.WHO_CAN) == {*RULES, "accept a reason tonight"}, "every refusal says who can"
    who = re.compile("|".join((*policy.ROLES, "officer", "lead", "supervisor", "whoever")))
    for rule, said in policy.WHO_CAN.items():
        assert who.search(said.lower()), f"{rule}: {said}"


@given(WHO, st.sampled_from(RULES), ABOUT)
def test_whoever_is_kept_away_is_kept_away(who: Who, rule: str, about: About) -> None:
    assert not policy.may(who._replace(kept_away=frozenset([about.case])), rule, about)


@given(WHO, st.sampled_from(RULES), st.one_of(st.none(), ABOUT))
def test_a_post_less_never_opens_anything(who: Who, rule: str, about: About | None) -> None:
    for post in who.posts:
        fewer = who._replace(posts=who.posts - {post})
        assert policy.may(who, rule, about) or not policy.may(fewer, rule, about)


@given(WHO, ABOUT)
def test_a_list_holds_what_its_cases_allow_and_no_other(who: Who, about: About) -> None:
    """Today lists by column what the rule says of a case."""
    where = policy.where(who, "act on a card")
    listed = None in where or ("lead", about.lead) in where or ("team", about.team) in where
    listed = listed and about.case not in who.kept_away
    assert listed == policy.may(who, "act on a card", about)
