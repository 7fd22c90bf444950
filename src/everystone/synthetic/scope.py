"""What is shared while a pack's world is made ready: its times, its stream of chance, numbers for its names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from random import Random
from typing import Any

from everystone.ledger.fault import Fault
from everystone.synthetic.chance import SIZE, minutes_of
from everystone.synthetic.clock import Times, number_of
from everystone.synthetic.recipe import Recipe
from everystone.synthetic.record import ABSENT, Case

Delay = Callable[[Case, int], int]
Test = Callable[[Case], bool]
LATEST = "latest"  # the last instant of the main line of work
YEARS_AFTER = 12


class Numbers:
    """Numbers for names, given as they are first met."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        return self.names.setdefault(name, len(self.names))


class Scope:
    """One world being made ready. All draws come from `rng`, seeded anew for every case and every edit."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.rng = Random()  # noqa: S311  - an invented world, nothing secret
        self.draw = self.rng.random
        until = date.fromisoformat(recipe.said["as_at"])
        began = date.fromisoformat(recipe.said["began"])
        self.times = Times(
            recipe.calendar, began.replace(year=began.year - 4), until.replace(year=until.year + YEARS_AFTER)
        )
        self.began, self.as_at_day = number_of(recipe.said["began"]), number_of(recipe.said["as_at"])
        self.as_at = self.times.instant(self.as_at_day + 1, 0) - 60
        self.far = self.as_at + (YEARS_AFTER - 1) * 366 * 86_400
        self.clocks = {name: self.times.clock(said) for name, said in recipe.part("clocks").items()}
        self.anchors, self.facts, self.posts = Numbers(), Numbers(), Numbers()
        self.anchors_set, self.facts_set = (
            {"start", "beat", "week"},
            {"team", "pool", "rank", "courses", "place"},
        )
        for name in self.anchors_set:
            self.anchors[name]
        for name in self.facts_set:
            self.facts[name]
        self._delays: dict[str, Delay] = {}

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many anchors, facts and posts have been named."""
        return len(self.anchors.names), len(self.facts.names), len(self.posts.names)

    def check(self) -> None:
        """Raises Fault for an anchor or a fact that is spoken of and never set."""
        for names, known, noun in (
            (self.anchors, self.anchors_set, "step"),
            (self.facts, self.facts_set, "fact"),
        ):
            for name in sorted(set(names.names) - known):
                raise Fault(f"No {noun} is named {name!r}, and another line speaks of it.", where=self.recipe.where)

    # ---- delays --------------------------------------------------------------------------------------------

    def delay(self, said: Any) -> Delay:
        """A delay by name, or one chosen by a fact of the case: `{by: FACT, VALUE: NAME, else: NAME}`."""
        if not isinstance(said, dict):
            return self._named(str(said))
        fact = self.facts[said["by"]]
        cases = {value: self._named(name) for value, name in said.items() if value not in ("by", "else")}
        otherwise = self._named(said["else"]) if "else" in said else None

        def delay(case: Case, instant: int) -> int:
            chosen = cases.get(case.facts[fact], otherwise)
            if chosen is None:
                raise Fault(f"No delay is named for {case.facts[fact]!r}.", where=self.recipe.where)
            return chosen(case, instant)

        return delay

    def _named(self, name: str) -> Delay:
        if name not in self._delays:
            self._delays[name] = self._made(self.recipe.named("delays", name))
        return self._delays[name]

    def _made(self, said: Mapping[str, Any]) -> Delay:
        table = minutes_of(said, float(self.recipe.said.get("ties", 0.0)))
        clock, draw, far = self.clocks[said.get("clock", "always")], self.draw, self.far

        def delay(_: Case, instant: int) -> int:
            reached = clock(instant, table[int(draw() * SIZE)])
            return min(far, reached)

        return delay

    # ---- conditions ----------------------------------------------------------------------------------------

    def test(self, said: Mapping[str, Any]) -> Test | None:
        """Whether facts of a case have one of the values said; None where nothing is said."""
        wanted = [(self.facts[name], _values(value)) for name, value in said.items()]
        if not wanted:
            return None
        if len(wanted) == 1:
            fact, values = wanted[0]
            return lambda case: case.facts[fact] in values
        return lambda case: all(case.facts[fact] in values for fact, values in wanted)

    def moment(self, said: Any) -> Delay:
        """The latest of some anchors (those that were), after none the step before; ABSENT where none was."""
        if said is None:
            return lambda case, _: case.last
        if said == LATEST:
            return lambda case, _: case.latest
        anchors = [self.anchors[name] for name in listed(said) if name != LATEST]
        if LATEST in listed(said):
            return lambda case, _: max(case.latest, *(case.at[anchor] for anchor in anchors))
        if len(anchors) == 1:
            only = anchors[0]
            return lambda case, _: case.at[only]
        return lambda case, _: max([case.at[anchor] for anchor in anchors])

    def earliest(self, said: Any) -> Delay:
        """The earliest of some anchors, the far end of time where none was."""
        anchors = [self.anchors[name] for name in listed(said)]
        return lambda case, _: min(
            [case.at[anchor] for anchor in anchors if case.at[anchor] != ABSENT], default=self.far
        )


def listed(said: Any) -> list[Any]:
    """One thing or a list of them, as a list."""
    if said is None:
        return []
    return list(said) if isinstance(said, list) else [said]


def _values(said: Any) -> frozenset[Any]:
    return frozenset(said) if isinstance(said, Iterable) and not isinstance(said, str) else frozenset([said])
