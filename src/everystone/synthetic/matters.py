"""Records beside the cases: matters of conduct, referrals, inspections, reviews, oversight, the keeping of records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from everystone.synthetic.facts import Facts, People, Settled
from everystone.synthetic.record import Case
from everystone.synthetic.step import Op
from everystone.synthetic.world import World


class Sort:
    """One sort of matter: how many there are, when they begin, who is in them, and how they run.

    `one for` so many cases of the force, at `least` so many; `begin` names the part of the force's years (from 0 to
    1) in which they begin.
    """

    def __init__(self, name: str, said: Mapping[str, Any], world: World) -> None:
        scope = world.scope
        self.name, self.world, self.stream, self.letter = name, world, str(said["stream"]), str(said["letter"])
        self.count = max(int(said["least"]), world.cases // int(said["one for"]))
        self.first, self.last = said.get("begin", [0, 1])
        self.facts: Settled = Facts(scope).all_of(said.get("facts", {}))
        self.people: Settled = People(scope).all_of(said.get("people", {}))
        self.run: Op = world.courses.block(said["course"])

    def one(self, number: int) -> Case:
        """One matter, by its number from 1 on."""
        world, scope = self.world, self.world.scope
        scope.rng.seed(f"{world.seed}/{self.name}/{number}")
        case = Case(number, f"{self.letter}{number:05}", 0, scope.sizes, self.stream)
        case.shape, case.place = self.name, int(scope.draw() * len(world.staff.teams))
        case.at[scope.anchors["start"]] = case.last = case.latest = self._begins(number)
        case.facts[scope.facts["team"]] = world.staff.teams[case.place]
        self.facts(case)
        self.people(case)
        self.run(case)
        world.amendments.of(case)
        return case

    def _begins(self, number: int) -> int:
        """The morning of a day; the matters of a sort are spread over the years in which they may begin."""
        scope = self.world.scope
        part = self.first + (self.last - self.first) * (number - 1 + scope.draw()) / self.count
        return scope.times.instant(scope.began + int(part * (scope.as_at_day - scope.began)), 540)


class Matters:
    """All matters of one world, sort by sort."""

    def __init__(self, world: World) -> None:
        self.sorts = [Sort(name, said, world) for name, said in world.scope.recipe.said.get("matters", {}).items()]

    def all(self) -> Iterator[Case]:
        """Every matter, invented one after another."""
        for sort in self.sorts:
            for number in range(1, sort.count + 1):
                yield sort.one(number)
