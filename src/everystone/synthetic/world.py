"""An invented force made ready: it invents case after case, each from a seed of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from everystone.ledger.fault import Fault
from everystone.synthetic.chance import weighted
from everystone.synthetic.course import Courses
from everystone.synthetic.entries import Amendments
from everystone.synthetic.facts import Facts, People, Settled
from everystone.synthetic.recipe import Recipe
from everystone.synthetic.record import ABSENT, Actor, Case, Person
from everystone.synthetic.scope import Scope
from everystone.synthetic.staff import Staff
from everystone.synthetic.step import Op, Steps

_STEPS_APART = 1 << 24  # between the seeds of two worlds


class Shape:
    """One sort of case: what is settled first, who is in it, and how it runs."""

    def __init__(self, name: str, said: Mapping[str, Any], scope: Scope, courses: Courses) -> None:
        self.name = name
        self.facts: Settled = Facts(scope).all_of(said.get("facts", {}))
        self.people: Settled = People(scope).all_of(said.get("people", {}))
        self.run: Op = courses.block(said["course"])
        self.arrivals = _minutes(scope.recipe.named("arrivals", said.get("arrives", "reports")))
        self.lends, self.takes = str(said.get("lends", "")), str(said.get("takes", ""))


class World:
    """A force of a pack, for so many cases and a seed. The same three always make the same records."""

    def __init__(self, recipe: Recipe, cases: int, seed: int) -> None:
        self.scope, self.cases, self.seed = Scope(recipe), cases, seed
        self.scope.rng.seed(seed)
        self.staff = Staff(self.scope, cases)
        self.steps = Steps(self.scope, self.staff)
        self.courses = Courses(self.scope, self.steps)
        self.amendments = Amendments(self.scope)
        shapes = recipe.part("shapes")
        self.shapes = [Shape(name, said, self.scope, self.courses) for name, said in shapes.items()]
        self.chosen = weighted({shape: int(shapes[shape.name]["weight"]) for shape in self.shapes})
        self.days = self._days(recipe.said.get("weekend", 1.0))
        self.rosters: list[Op] = [self.steps.one(said["step"]) for said in recipe.said.get("rosters", [])]
        self.again = float(recipe.said.get("known again", 0.0))
        self.officers = Officers(self, recipe.part("officers"))
        self._before: tuple[int, Person | None] = (0, None)

    def _days(self, weekend: float) -> list[int]:
        """The days on which cases begin, each ten times, a day of the weekend less often."""
        days = range(self.scope.began, self.scope.as_at_day)
        return [day for day in days for _ in range(10 if (day + 3) % 7 < 5 else round(10 * weekend))]

    # ---- cases ---------------------------------------------------------------------------------------------

    def case(self, number: int) -> Case:
        """One case, by its number from 1 on. They are asked for in order, for people who come again."""
        scope, draw = self.scope, self.scope.draw
        scope.rng.seed(self.seed * _STEPS_APART + number)
        shape = self.chosen[int(draw() * len(self.chosen))]
        case = Case(number, f"C{number:07}", int(draw() * len(self.staff.teams)), scope.sizes)
        case.shape = shape.name
        day = self.days[int((number - 1 + draw()) / self.cases * len(self.days))]
        begins = scope.times.instant(day, shape.arrivals[int(draw() * len(shape.arrivals))] + int(draw() * 60))
        case.at[scope.anchors["start"]] = case.last = case.latest = begins
        case.facts[scope.facts["team"]] = self.staff.teams[case.place]
        self._known(case, shape)
        shape.facts(case)
        shape.people(case)
        shape.run(case)
        self.amendments.of(case)
        return case

    def shared(self, number: int) -> bool:
        """Whether somebody may be in this case and in the one before or after it."""
        return self._comes_again(number) or self._comes_again(number + 1)

    def _comes_again(self, number: int) -> bool:
        return (number * 2_654_435_761 + self.seed * 40_503) % 10_007 < self.again * 10_007

    def _known(self, case: Case, shape: Shape) -> None:
        """Puts somebody of the case before into this one, where the shapes of both allow it."""
        number, person = self._before
        if shape.takes and person is not None and number == case.number - 1 and self._comes_again(case.number):
            case.people[shape.takes] = person

    def remember(self, case: Case) -> None:
        """Keeps whom the next case may meet again."""
        shape = next(shape for shape in self.shapes if shape.name == case.shape)
        self._before = (case.number, case.people.get(shape.lends) if shape.lends else None)


class Officers:
    """The officers' own records: postings, training, leave, restrictions, and who is on duty."""

    def __init__(self, world: World, said: Mapping[str, Any]) -> None:
        self.world = world
        self.facts: Settled = Facts(world.scope).all_of(said.get("facts", {}))
        self.run: Op = world.courses.block(said["course"])
        anchors = world.scope.anchors
        self.away = [
            (anchors[each["from"]], anchors[each["to"]] if "to" in each else ABSENT) for each in said.get("away", [])
        ]
        self.records = [self._record(officer, number) for number, officer in enumerate(world.staff.officers)]

    def _record(self, officer: Actor, number: int) -> Case:
        """One officer's own record, in the form of a case whose only person is the officer."""
        scope = self.world.scope
        scope.rng.seed(f"{self.world.seed}/officer/{number}")
        case = Case(number, officer.id, self._place(officer), scope.sizes)
        case.people["self"] = Person(officer.id, "officer", 0, "")
        began = scope.times.instant(scope.began - 400, 540)
        case.at[scope.anchors["start"]] = case.last = case.latest = began
        for name in ("pool", "rank", "team", "courses", "place"):
            case.facts[scope.facts[name]] = getattr(officer, name)
        self.facts(case)
        self.run(case)
        officer.away = list(self._spans(case))
        return case

    def _place(self, officer: Actor) -> int:
        return self.world.staff.teams.index(officer.team) if officer.team in self.world.staff.teams else 0

    def _spans(self, case: Case) -> Iterator[tuple[int, int]]:
        for since, until in self.away:
            ends = case.at[until] if until != ABSENT else ABSENT
            if case.at[since] != ABSENT:
                yield case.at[since], self.world.scope.far if ends == ABSENT else ends


def _minutes(weights: Sequence[int]) -> list[int]:
    """The minute at which each hour of the day begins, as often as its weight says."""
    if len(weights) != 24:
        raise Fault("Arrivals give a weight for each of the 24 hours of the day.")
    return weighted(dict(zip(range(0, 1440, 60), weights, strict=True)))
