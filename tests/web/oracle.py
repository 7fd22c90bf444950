"""The policy, said a second time and in another way: as a list of who may do what, read from the issue, not from the code."""

from __future__ import annotations

#: post -> rule -> of which cases: own (leads or acted), led, team, force, or "-" for a page that is about no case; and where it
#: is another's: led by somebody else; challenged: of the force, with a check that is said to be wrong; opened outside: by this person, with a reason, not over yet.
MAY = """
investigating officer   see today -        | read a case own    | record in a case own   | act on a card led
supervisor              see today -        | read a case team   | record in a case team  | act on a card team
investigating officer   read a finding own | reply to a finding own
supervisor              read a finding team | reply to a finding team | accept a reason team, another's
duty inspector          read a finding force | reply to a finding force | accept a reason force, another's
investigating officer   read a case opened outside | read a finding opened outside | open a case outside one’s duties -
supervisor              read a case opened outside | read a finding opened outside | open a case outside one’s duties -
professional standards  see openings -     | review an opening opened by another
investigating officer   ask to close led
supervisor              ask to close team | sign a closing team, another's
duty inspector          ask to close force | sign a closing force, another's | pass a gate force, another's
investigating officer   see the standards -
supervisor              see the standards - | review a case team, another's
duty inspector          see the standards - | review a case force, another's
professional standards  see the standards -
policy lead             see the standards -
policy lead             read a finding challenged | decide a challenge challenged | see challenges -
supervisor              direct a case team | allocate a case team | see the board -
duty inspector          see today -        | read a case force  | record in a case force | act on a card force
duty inspector          direct a case force| allocate a case force| see the board -
investigating officer   see duty -
supervisor              see duty -         | keep duty -        | hand over -           | see what was told -
duty inspector          see duty -         | keep duty -        | hand over -           | see what was told -
professional standards  see what was told -
professional standards  see sealed matters -
keeper of access        keep people -      | see the other systems -
investigating officer   see the other systems -
supervisor              see the other systems -
duty inspector          see the other systems -
"""
SCOPES = (
    "opened by another",
    "own",
    "led",
    "team, another's",
    "force, another's",
    "team",
    "force",
    "challenged",
    "opened outside",
    "-",
)


def _read(post: str, said: str) -> tuple[str, str, str]:
    scope = next(each for each in SCOPES if said.endswith(" " + each))
    return post, said.removesuffix(scope).strip(), scope


ALLOWED = {_read(line[:24].strip(), part.strip()) for line in MAY.strip().splitlines() for part in line[24:].split("|")}
RULES = sorted({rule for _, rule, _ in ALLOWED})


#: A case: its name, team and lead, who acted in it, whether a check of it is said to be wrong, who has it open from outside,
#: who opened it from outside with nobody having reviewed that.
Case = tuple[str, str, str, set[str], bool, set[str], set[str]]


def allowed(me: str, posts: set[tuple[str, str]], away: set[str], rule: str, case: Case | None) -> bool:
    """Whether somebody with these posts (role, team) may do this about a case."""
    if case is not None and case[0] in away:
        return False
    for role, team in posts:
        for scope in (scope for of, named, scope in ALLOWED if of == role and named == rule):
            if scope == "-":
                if case is None:
                    return True
                continue
            if case is None:
                continue
            _, has, lead, acted, challenged, outside, to_review = case
            if scope == "led" and me == lead:
                return True
            if scope == "own" and (me == lead or me in acted):
                return True
            mine = {"team": bool(team) and team == has, "force": not team}.get(scope.split(",")[0], False)
            if mine and (scope in ("team", "force") or me != lead):
                return True
            if scope == "opened outside" and me in outside:
                return True
            if scope == "opened by another" and not team and [each for each in to_review if each != me]:
                return True
            if scope == "challenged" and not team and challenged:
                return True
    return False
