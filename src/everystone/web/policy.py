"""Who may see and do what: capacity, relationship and state. What stands in no rule is denied.

Nothing here asks a database or a clock: the door gathers who asks and about what, and this answers. Every page names its
rule; a refusal looks like a page that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

OFFICER, SUPERVISOR, INSPECTOR = "investigating officer", "supervisor", "duty inspector"
STANDARDS, KEEPER, POLICY = "professional standards", "keeper of access", "policy lead"
ROLES = (OFFICER, SUPERVISOR, INSPECTOR, STANDARDS, KEEPER, POLICY)


class Held(NamedTuple):
    """A post as somebody holds it now: the role, and the team ("" for the whole force)."""

    role: str
    team: str = ""


class Who(NamedTuple):
    """Who asks: the reference in the ledger, the posts held at this instant, the cases that are kept from them."""

    reference: str
    posts: frozenset[Held]
    kept_away: frozenset[str] = frozenset()


class About(NamedTuple):
    """What is asked about: a case, its team and lead now, who acted in it, whether it is open.

    `challenged`: somebody said that a check of it is wrong, and nobody decided on that yet.
    `opened_to`: who has it open now outside their duties, by a reason on its record; `to_review`: who opened it in this way,
    now or before, and no second person has reviewed that.
    """

    case: str
    team: str
    lead: str
    acted: frozenset[str]
    running: bool = True
    challenged: bool = False
    opened_to: frozenset[str] = frozenset()
    to_review: frozenset[str] = frozenset()


Relation = Callable[[Who, Held, About], bool]


def works_on(who: Who, post: Held, about: About) -> bool:
    """Leads the case now, or has acted in it."""
    return who.reference == about.lead or who.reference in about.acted


def leads(who: Who, post: Held, about: About) -> bool:
    """Leads the case now."""
    return who.reference == about.lead


def of_the_team(who: Who, post: Held, about: About) -> bool:
    """The case is with the team of this post."""
    return post.team != "" and post.team == about.team


def of_the_force(who: Who, post: Held, about: About) -> bool:
    """Any case of the force."""
    return post.team == ""


def opened_outside(who: Who, post: Held, about: About) -> bool:
    """Has it open now outside their duties, with a reason that is on its record; to read, and nothing else."""
    return who.reference in about.opened_to


def reads_as_officer(who: Who, post: Held, about: About) -> bool:
    """Works on the case, or has it open outside their duties."""
    return works_on(who, post, about) or opened_outside(who, post, about)


def reads_as_supervisor(who: Who, post: Held, about: About) -> bool:
    """The case is with the team of this post, or is open to this person outside their duties."""
    return of_the_team(who, post, about) or opened_outside(who, post, about)


def another_of_the_team(who: Who, post: Held, about: About) -> bool:
    """The case is with the team of this post, and somebody else leads it: a second person."""
    return of_the_team(who, post, about) and not leads(who, post, about)


def another_of_the_force(who: Who, post: Held, about: About) -> bool:
    """Any case of the force that somebody else leads."""
    return of_the_force(who, post, about) and not leads(who, post, about)


def with_a_challenge(who: Who, post: Held, about: About) -> bool:
    """Any case of the force in which a check is said to be wrong, for as long as nobody decided on it."""
    return of_the_force(who, post, about) and about.challenged


def another_opened(who: Who, post: Held, about: About) -> bool:
    """Any case of the force that somebody else opened outside their duties, for as long as no second person reviewed that."""
    return of_the_force(who, post, about) and bool(about.to_review - {who.reference})


#: The same as a column of the list of cases and the value it must have; none for any case. For lists.
COLUMNS: Mapping[Relation, Callable[[Who, Held], tuple[str, str] | None]] = {
    leads: lambda who, post: ("lead", who.reference),
    of_the_team: lambda who, post: ("team", post.team),
    of_the_force: lambda who, post: None,
}

#: By rule: in which capacity, and how one must stand to the case. A rule without a relation is about no case.
RULES: Mapping[str, Mapping[str, Relation | None]] = {
    "see today": {OFFICER: None, SUPERVISOR: None, INSPECTOR: None},
    "read a case": {OFFICER: reads_as_officer, SUPERVISOR: reads_as_supervisor, INSPECTOR: of_the_force},
    "record in a case": {OFFICER: works_on, SUPERVISOR: of_the_team, INSPECTOR: of_the_force},
    "act on a card": {OFFICER: leads, SUPERVISOR: of_the_team, INSPECTOR: of_the_force},
    "direct a case": {SUPERVISOR: of_the_team, INSPECTOR: of_the_force},
    "allocate a case": {SUPERVISOR: of_the_team, INSPECTOR: of_the_force},
    "read a finding": {
        OFFICER: reads_as_officer,
        SUPERVISOR: reads_as_supervisor,
        INSPECTOR: of_the_force,
        POLICY: with_a_challenge,
    },
    "open a case outside one’s duties": {OFFICER: None, SUPERVISOR: None},
    "see openings": {STANDARDS: None},
    "review an opening": {STANDARDS: another_opened},
    "see the standards": {OFFICER: None, SUPERVISOR: None, INSPECTOR: None, STANDARDS: None, POLICY: None},
    "reply to a finding": {OFFICER: works_on, SUPERVISOR: of_the_team, INSPECTOR: of_the_force},
    "accept a reason": {SUPERVISOR: another_of_the_team, INSPECTOR: another_of_the_force},
    "decide a challenge": {POLICY: with_a_challenge},
    "see challenges": {POLICY: None},
    "review a case": {SUPERVISOR: another_of_the_team, INSPECTOR: another_of_the_force},
    "ask to close": {OFFICER: leads, SUPERVISOR: of_the_team, INSPECTOR: of_the_force},
    "sign a closing": {SUPERVISOR: another_of_the_team, INSPECTOR: another_of_the_force},
    "pass a gate": {INSPECTOR: another_of_the_force},
    "see the board": {SUPERVISOR: None, INSPECTOR: None},
    "see duty": {OFFICER: None, SUPERVISOR: None, INSPECTOR: None},
    "keep duty": {SUPERVISOR: None, INSPECTOR: None},
    "hand over": {SUPERVISOR: None, INSPECTOR: None},
    "see what was told": {SUPERVISOR: None, INSPECTOR: None, STANDARDS: None},
    "see the other systems": {OFFICER: None, SUPERVISOR: None, INSPECTOR: None, KEEPER: None},
    "see sealed matters": {STANDARDS: None},
    "keep people": {KEEPER: None},
}

#: Rules for everybody: before signing in, while signing in, once signed in.
ANYONE, ENTERING, SIGNED_IN = "anyone", "while signing in", "once signed in"

#: Pages of others that are let through, by name; every other page of theirs is not there.
OF_OTHERS: Mapping[str, str] = {
    "account_login": ANYONE,
    "account_logout": ENTERING,
    "mfa_authenticate": ANYONE,
    "mfa_activate_totp": ENTERING,
    "account_reauthenticate": ENTERING,
    "mfa_reauthenticate": ENTERING,
    "mfa_login_webauthn": ANYONE,
    "openid_connect_login": ANYONE,
    "openid_connect_callback": ANYONE,
    "mfa_add_webauthn": ENTERING,
    "mfa_reauthenticate_webauthn": ENTERING,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "usersessions_list": SIGNED_IN,
}

#: Who can do it, told to whoever cannot; it never says whether there is such a case.
WHO_CAN: Mapping[str, str] = {
    "see today": "Officers, supervisors and duty inspectors have a page of today. Ask the keeper of access for a post.",
    "read a case": "A case is open to its lead, to who has acted in it, to the supervisor of its team and to the duty inspector.",
    "record in a case": "Whoever works on the case, the supervisor of its team and the duty inspector can record in it.",
    "act on a card": "The lead of the case, the supervisor of its team and the duty inspector can act on it.",
    "accept a reason tonight": "Something that keeps a child safe tonight stays up; a duty inspector alone can accept a reason.",
    "read a finding": "A finding is open to whoever may read its case, and to the policy lead while it is said to be wrong.",
    "reply to a finding": "Whoever may read the case can reply, or say that the check is wrong.",
    "accept a reason": "A supervisor of the team, or the duty inspector, who does not lead the case can accept a reason.",
    "decide a challenge": "The policy lead decides on a check that is said to be wrong.",
    "see challenges": "The policy lead has the checks that are said to be wrong.",
    "review a case": "A supervisor of the team, or the duty inspector, who does not lead the case reviews it.",
    "ask to close": "The lead of the case, the supervisor of its team and the duty inspector can ask for it to be closed.",
    "sign a closing": "A supervisor of the team, or the duty inspector, who does not lead the case and did not ask, signs.",
    "pass a gate": "A duty inspector who does not lead the case can let it through, with a reason and a day.",
    "open a case outside one’s duties": "Officers and supervisors can, in an emergency; a duty inspector sees every case.",
    "see openings": "Professional standards see who opened a case outside their duties; so does whoever may read that case.",
    "review an opening": "Professional standards review it, and nobody an opening of their own.",
    "see the standards": "Every post but the keeper of access sees the standards and their figures.",
    "direct a case": "The supervisor of the team that has the case, and the duty inspector, can direct.",
    "allocate a case": "The supervisor of the team that has the case, and the duty inspector, can allocate.",
    "see the board": "Supervisors and duty inspectors have the board.",
    "see duty": "Officers, supervisors and duty inspectors see who is on duty.",
    "keep duty": "Supervisors and duty inspectors keep the roster. Ask one of them; today’s page says who is on duty.",
    "hand over": "Supervisors and duty inspectors hand over and accept.",
    "see what was told": "Supervisors, duty inspectors and professional standards see what was told, each of their own.",
    "see the other systems": "Officers, supervisors, duty inspectors and the keeper of access see how fresh the systems are.",
    "see sealed matters": "Professional standards have the sealed matters.",
    "keep people": "The keeper of access can.",
}


def may(who: Who, rule: str, about: About | None = None) -> bool:
    """Whether somebody may do what a rule is about; False for a rule that is not known, or a case that is not given."""
    capacities = RULES.get(rule, {})
    if about is not None and about.case in who.kept_away:
        return False
    return any(_in(who, post, capacities[post.role], about) for post in who.posts if post.role in capacities)


def _in(who: Who, post: Held, relation: Relation | None, about: About | None) -> bool:
    if relation is None:
        return about is None
    return about is not None and relation(who, post, about)


def where(who: Who, rule: str) -> frozenset[tuple[str, str] | None]:
    """For a list of cases under a rule: each column and value of which one must fit; None stands for any case."""
    found = {
        COLUMNS[relation](who, post)
        for post in who.posts
        if (relation := RULES[rule].get(post.role)) is not None and (relation is not of_the_team or post.team)
        and (relation is not of_the_force or not post.team)
    }  # fmt: skip
    return frozenset(found)
