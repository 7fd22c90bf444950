"""Runs a pack's steps: a small interpreter of sequences in which people act one after another.

A block is a list of these: a step (writes one entry), `set` (an instant without an entry), `use` (another
block), `repeat` (a block some times), `every` (a block at intervals between two anchors), `choose` (one of some
blocks), `each` (a block for each value of a fact), `fact` (a fact settled on the way).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from everystone.ledger.fault import Fault
from everystone.synthetic.chance import weighted
from everystone.synthetic.facts import Facts
from everystone.synthetic.record import ABSENT, Case
from everystone.synthetic.scope import Scope, listed
from everystone.synthetic.step import Op, Steps


class Courses:
    """Makes ready the blocks of one world."""

    def __init__(self, scope: Scope, steps: Steps) -> None:
        self.scope, self.steps, self.facts = scope, steps, Facts(scope)
        self._blocks: dict[str, Op] = {}

    def block(self, said: Any) -> Op:
        """A block by name, or one written out in place."""
        if not isinstance(said, str):
            return _in_turn([self._one(each) for each in said])
        if said not in self._blocks:
            self._blocks[said] = _in_turn([self._one(each) for each in self.scope.recipe.named("blocks", said)])
        return self._blocks[said]

    def _one(self, said: Mapping[str, Any]) -> Op:
        makers: dict[str, Callable[[Mapping[str, Any]], Op]] = {
            "step": self.steps.one, "set": self._set, "every": self._every, "repeat": self._repeat,
            "use": self._use, "choose": self._choose, "each": self._each, "fact": self._fact,
        }  # fmt: skip
        for word, make in makers.items():
            if word in said:
                return self._guarded(said, make(said)) if word != "step" else make(said)
        raise Fault(f"A line of a block is one of {', '.join(makers)}: {dict(said)}.", where=self.scope.recipe.where)

    def _guarded(self, said: Mapping[str, Any], op: Op) -> Op:
        """The same, only `when` facts are so, by a `chance`, `if` an anchor was, and `unless` one was."""
        test, chance, draw = (
            self.scope.test(said.get("when", {})),
            float(said.get("chance", 1.0)),
            self.scope.draw,
        )
        needed = [self.scope.anchors[name] for name in listed(said.get("if"))]
        barred = [self.scope.anchors[name] for name in listed(said.get("unless"))]
        if test is None and chance >= 1.0 and not needed and not barred:
            return op

        def guarded(case: Case) -> None:
            if test is not None and not test(case):
                return
            if any(case.at[anchor] == ABSENT for anchor in needed):
                return
            if any(case.at[anchor] != ABSENT for anchor in barred):
                return
            if chance >= 1.0 or draw() < chance:
                op(case)

        return guarded

    def _set(self, said: Mapping[str, Any]) -> Op:
        self.scope.anchors_set.add(said["set"])
        anchor, after = self.scope.anchors[said["set"]], self.scope.moment(said.get("after"))
        delay = self.scope.delay(said["in"]) if "in" in said else None
        aside = bool(said.get("aside"))

        def op(case: Case) -> None:
            base = after(case, 0)
            if base == ABSENT:
                return
            case.at[anchor] = case.last = delay(case, base) if delay else base
            if not aside:
                case.latest = max(case.latest, case.last)

        return op

    def _use(self, said: Mapping[str, Any]) -> Op:
        return self.block(said["use"])

    def _choose(self, said: Mapping[str, Any]) -> Op:
        table, draw = [self.block(name) for name in weighted(said["choose"])], self.scope.draw
        size = len(table)
        return lambda case: table[int(draw() * size)](case)

    def _fact(self, said: Mapping[str, Any]) -> Op:
        self.scope.facts_set.add(said["fact"])
        number, fact = self.scope.facts[said["fact"]], self.facts.one(said["is"])

        def op(case: Case) -> None:
            case.facts[number] = fact(case)

        return op

    def _each(self, said: Mapping[str, Any]) -> Op:
        """A block for each value of a list that a fact holds; the fact `as` holds the value meanwhile."""
        self.scope.facts_set.add(said["as"])
        whole, one, block = (
            self.scope.facts[said["each"]],
            self.scope.facts[said["as"]],
            self.block(said["run"]),
        )

        def op(case: Case) -> None:
            for value in case.facts[whole]:
                case.facts[one] = value
                _turn(case, block)

        return op

    def _repeat(self, said: Mapping[str, Any]) -> Op:
        """A block as often as drawn; `then` names blocks that follow the second, third, ... time."""
        block, times = self.block(said["repeat"]), self.facts.one(said["times"])
        then = {int(number): self.block(name) for number, name in said.get("then", {}).items()}

        def op(case: Case) -> None:
            for number in range(1, times(case) + 1):
                _turn(case, block)
                if number in then:
                    then[number](case)

        return op

    def _every(self, said: Mapping[str, Any]) -> Op:
        """A block at intervals, from an anchor until the earliest of some; the first may come sooner."""
        block, every = self.block(said["use"]), self.scope.delay(said["every"])
        first = self.scope.delay(said["first"]) if "first" in said else every
        since, until = self.scope.moment(said["from"]), self.scope.earliest(said.get("until"))
        beat, as_at = self.scope.anchors["beat"], self.scope.as_at

        def op(case: Case) -> None:
            instant, stop = since(case, 0), min(until(case, 0), as_at)
            if instant == ABSENT:
                return
            instant = first(case, instant)
            while instant < stop:
                case.at[beat] = case.last = instant
                _turn(case, block)
                instant = every(case, instant)

        return op


def _in_turn(ops: list[Op]) -> Op:
    if len(ops) == 1:
        return ops[0]

    def block(case: Case) -> None:
        for op in ops:
            op(case)

    return block


def _turn(case: Case, op: Op) -> None:
    """Runs a block with references of its own."""
    outer, case.turns = case.turn, case.turns + 1
    case.turn = case.turns
    op(case)
    case.turn = outer
