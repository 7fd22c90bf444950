"""Mutants of the policy: each rule's role removed, added or given another relation, each condition turned; all must be noticed.

What notices them is the comparison with the second statement of the policy (`oracle.py`), over every small world.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from everystone.web import policy
from tests.web.oracle import RULES, allowed

LEAST = 0.95
NAME = "policy_mutant"
TEAMS = ("", "North", "South")


def abouts(module: Any) -> list[Any]:
    """Every small case, and none: its team, lead, who acted, a check said to be wrong, opened from outside."""
    some = [frozenset(), frozenset({"O1"})]
    made = [
        module.About("Alder", team, lead, acted, challenged=challenged, opened_to=opened)
        for team, lead, acted, challenged, opened in product(TEAMS, ("", "O1", "O2"), some, (False, True), some)
    ]
    to_review = [frozenset(), frozenset({"O1"}), frozenset({"O2"}), frozenset({"O1", "O2"})]
    made += [module.About("Alder", "North", "O2", frozenset(), to_review=each) for each in to_review]
    return [None, *made]


def people(module: Any) -> list[Any]:
    """Everybody with one post, or none, kept away from the case or not."""
    posts = [frozenset(), *(frozenset({module.Held(role, team)}) for role in module.ROLES for team in TEAMS)]
    return [module.Who("O1", post, away) for post in posts for away in (frozenset(), frozenset({"Alder"}))]


def differs(module: Any, rules: Iterable[str]) -> bool:
    """Whether a policy says of anything in the small worlds what the second statement does not."""
    for who, rule, about in product(people(module), rules, abouts(module)):
        case = about and (about.case, about.team, about.lead, set(about.acted), about.challenged, set(about.opened_to),
                          set(about.to_review))  # fmt: skip
        if module.may(who, rule, about) != allowed(who.reference, set(who.posts), set(who.kept_away), rule, case):
            return True
    return _lists_differ(module)


def _lists_differ(module: Any) -> bool:
    """Whether a list would hold a case that the rule does not allow, or leave one out that it does."""
    for rule in ("act on a card", "direct a case"):
        for who, about in product(people(module), abouts(module)):
            if about is None or (who.posts and next(iter(who.posts)).role not in module.RULES[rule]):
                continue
            where = module.where(who, rule)
            listed = None in where or ("lead", about.lead) in where or ("team", about.team) in where
            if (listed and about.case not in who.kept_away) != module.may(who, rule, about):
                return True
    return False


# ---- mutants of the table -----------------------------------------------------------------------------------------------


RELATIONS = [None, *(each for each in vars(policy).values() if callable(each) and getattr(each, "__annotations__", {}).get(
    "about") == "About")]  # fmt: skip


def of_the_table() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each rule with a role taken out, put in, or standing otherwise to the case."""
    for rule, capacities in policy.RULES.items():
        for role in policy.ROLES:
            if role in capacities:
                yield f"{rule}: without {role}", rule, {each: of for each, of in capacities.items() if each != role}
            for relation in RELATIONS:
                if role not in capacities or capacities[role] is not relation:
                    called = getattr(relation, "__name__", "no case")
                    yield f"{rule}: {role} {called}", rule, {**capacities, role: relation}


@pytest.mark.proof
def test_mutants_of_the_table(monkeypatch: pytest.MonkeyPatch, figures: dict[str, Any]) -> None:
    unnoticed, n = [], 0
    for called, rule, capacities in of_the_table():
        n += 1
        with monkeypatch.context() as patch:
            patch.setattr(policy, "RULES", {**policy.RULES, rule: capacities})
            if not _differs_in(rule):
                unnoticed.append(called)
    figures["mutants of the table of the policy, share noticed"] = round(1 - len(unnoticed) / n, 4)
    assert n > 1_000
    assert len(unnoticed) <= (1 - LEAST) * n, unnoticed


def _differs_in(rule: str) -> bool:
    try:
        return differs(policy, [rule])
    except KeyError:
        return True  # a list cannot be made of it: the page would fail, and show nothing


# ---- mutants of the code -----------------------------------------------------------------------------------------------

TURNED = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
CODE = ("works_on", "leads", "of_the_team", "of_the_force", "opened_outside", "reads_as_officer", "reads_as_supervisor",
        "another_of_the_team", "another_of_the_force", "with_a_challenge", "may", "_in", "where")  # fmt: skip


class Turn(ast.NodeTransformer):
    """Turn the n-th thing in some functions that can be turned; `said` is what it was."""

    def __init__(self, nth: int) -> None:
        self.left, self.said, self.inside = nth, "", ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        if node.name in CODE:
            self.inside = node.name
            self.generic_visit(node)
        return node

    def turned(self, node: ast.AST, other: ast.AST) -> ast.AST:
        if ast.unparse(node) == ast.unparse(other):
            return node
        self.left -= 1
        if self.left == -1:
            self.said = f"{self.inside}: {ast.unparse(node)} -> {ast.unparse(other)}"
            return ast.copy_location(other, node)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        to = TURNED.get(type(node.ops[0]))
        return self.turned(node, ast.Compare(node.left, [to()], node.comparators)) if to else node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        other: type[ast.boolop] = ast.Or if isinstance(node.op, ast.And) else ast.And
        found = self.turned(node, ast.BoolOp(other(), node.values))
        for n in range(len(node.values)):
            if found is node:
                rest = [each for place, each in enumerate(node.values) if place != n]
                found = self.turned(node, rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest))
        return found

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return self.turned(node, node.operand) if isinstance(node.op, ast.Not) else node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        for value in (True, False):
            found = self.turned(node, ast.Return(ast.Constant(value)))
            if found is not node:
                return found
        return node


def of_the_code() -> Iterator[tuple[str, ModuleType]]:
    """The policy with one condition turned, left out, or always answered alike."""
    source = Path(policy.__file__).read_text(encoding="utf-8")
    for nth in range(1_000):
        turn = Turn(nth)
        tree = ast.fix_missing_locations(turn.visit(ast.parse(source)))
        if not turn.said:
            return
        made = ModuleType(NAME)
        sys.modules[NAME] = made
        exec(compile(tree, NAME, "exec"), vars(made))  # our own policy, with one thing turned
        yield turn.said, made


@pytest.mark.proof
def test_mutants_of_the_code(figures: dict[str, Any]) -> None:
    unnoticed, n = [], 0
    for said, module in of_the_code():
        n += 1
        try:
            if not differs(module, RULES):
                unnoticed.append(said)
        except (AttributeError, TypeError, LookupError, NameError):
            continue  # it answers nothing, and the page fails
    figures["mutants of the code of the policy, share noticed"] = round(1 - len(unnoticed) / n, 4)
    assert n > 40
    assert len(unnoticed) <= (1 - LEAST) * n, unnoticed


def test_the_policy_is_said_twice_alike_in_every_small_world() -> None:
    assert not differs(policy, RULES)
