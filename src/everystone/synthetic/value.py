"""How the fields of an entry get their values: written once as JSON inside a CSV cell.

A text that begins with one of these signs stands for something of the case:
`$fact` a fact · `@name` a person or the holder of a post · `#AB` a reference, the same within one turn of a
repetition · `^step` the key of a step's entry · `~set` a narrative · `+28 days` a day from then ·
`-20 minutes` an instant before, `-3 days` a day before then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from everystone.ledger.fault import Fault
from everystone.synthetic.chance import weighted
from everystone.synthetic.record import Actor, Case
from everystone.synthetic.scope import Scope, listed

Value = Callable[[Case, int], str]
Filler = Callable[[Case, str, int], Actor | None]
NOTHING = "null"
_SECONDS = {"minutes": 60, "hours": 3600}


def written(value: Any) -> str:
    """A constant as JSON inside a CSV cell."""
    return json.dumps(value, ensure_ascii=False).replace('"', '""')


def quoted(text: str) -> str:
    """A text known to hold no quotation mark and no backslash, as JSON inside a CSV cell."""
    return f'""{text}""'


class Values:
    """Makes ready the values of fields, in one world; `fill` finds the holder of a post."""

    def __init__(self, scope: Scope, fill: Filler) -> None:
        self.scope, self.fill = scope, fill
        self.posts = set(scope.recipe.part("posts"))
        self._narratives: dict[str, Value] = {}

    def of(self, said: Any) -> str | Value:
        """What is written for a field: the same always, or made from the case and the instant."""
        if isinstance(said, dict):
            return self._special(said)
        if isinstance(said, list):
            return self._list(said)
        signs = {"$": self._fact, "@": self._who, "#": self._reference, "^": self._key, "~": self.narrative,
                 "+": self._later, "-": self._earlier}  # fmt: skip
        if isinstance(said, str) and len(said) > 1 and said[0] in signs:
            return signs[said[0]](said[1:])
        return written(said)

    def _list(self, said: list[Any]) -> str | Value:
        parts = [self.of(each) for each in said]
        if all(isinstance(part, str) for part in parts):
            return written(said)

        def value(case: Case, instant: int) -> str:
            made = [part if isinstance(part, str) else part(case, instant) for part in parts]
            return "[" + ", ".join([each for each in made if each != NOTHING]) + "]"

        return value

    def _special(self, said: Mapping[str, Any]) -> str | Value:
        draw = self.scope.draw
        if "pick" in said:
            made = {each: self.of(each) for each in said["pick"]}
            table = weighted({made[each]: weight for each, weight in said["pick"].items()})
            size = len(table)

            def pick(case: Case, instant: int) -> str:
                chosen = table[int(draw() * size)]
                return chosen if isinstance(chosen, str) else chosen(case, instant)

            return pick
        if "age" in said:
            return self._age(str(said["age"]))
        if "if" in said:
            test, inner = self.scope.test(said["if"]), self._always_made(said["value"])
            return lambda case, instant: inner(case, instant) if test is None or test(case) else NOTHING
        if "by" in said:
            fact, cases = (
                self.scope.facts[said["by"]],
                {key: self._always_made(value) for key, value in said.items()},
            )
            return lambda case, instant: cases.get(case.facts[fact], cases["else"])(case, instant)
        raise Fault(f"No value is made from {dict(said)}: pick, age, if or by.", where=self.scope.recipe.where)

    def _always_made(self, said: Any) -> Value:
        made = self.of(said)
        return made if not isinstance(made, str) else lambda _, __: made

    def _fact(self, name: str) -> Value:
        fact = self.scope.facts[name]
        known: dict[Any, str] = {}

        def value(case: Case, _: int) -> str:
            got = case.facts[fact]
            mark = (got, type(got))
            if mark not in known and len(known) < 10_000:
                known[mark] = written(got)
            return known.get(mark) or written(got)

        return value

    def _who(self, name: str) -> Value:
        if name not in self.posts:
            return lambda case, _: quoted(case.people[name].id) if name in case.people else NOTHING

        def value(case: Case, instant: int) -> str:
            actor = self.fill(case, name, instant)
            return quoted(actor.id) if actor else NOTHING

        return value

    def _reference(self, prefix: str) -> Value:
        def value(case: Case, _: int) -> str:
            turn = f"-{case.turn}" if case.turn else ""
            return f'""{prefix}-{case.number}{turn}""'

        return value

    def _key(self, step: str) -> Value:
        anchor = self.scope.anchors[step]
        return lambda case, _: quoted(case.keys[anchor]) if case.keys[anchor] else NOTHING

    def _later(self, said: str) -> Value:
        days, times = int(said.split()[0]), self.scope.times
        return lambda _, instant: quoted(times.date(times.day(instant) + days))

    def _earlier(self, said: str) -> Value:
        number, unit = said.split()
        if unit == "days":
            return self._later(f"-{number} days")
        seconds, times = int(number) * _SECONDS[unit], self.scope.times
        return lambda _, instant: quoted(times.written(instant - seconds))

    def _age(self, name: str) -> Value:
        times = self.scope.times

        def value(case: Case, instant: int) -> str:
            today, born = times.date(times.day(instant)), times.date(case.people[name].born)
            return str(int(today[:4]) - int(born[:4]) - (today[5:] < born[5:]))

        return value

    # ---- narratives ----------------------------------------------------------------------------------------

    def narrative(self, name: str) -> Value:
        """A text of one sentence from each slot of a set, or nothing: the set says how often there is one."""
        if name not in self._narratives:
            self._narratives[name] = self._told(self.scope.recipe.named("narratives", name))
        return self._narratives[name]

    def _told(self, said: Mapping[str, Any]) -> Value:
        slots = [[written(text)[2:-2] for text in listed(slot)] for slot in said["slots"]]
        share, draw = float(said.get("share", 1.0)), self.scope.draw

        def value(_: Case, __: int) -> str:
            if share < 1.0 and draw() >= share:
                return NOTHING
            return quoted(" ".join([slot[int(draw() * len(slot))] for slot in slots]))

        return value
