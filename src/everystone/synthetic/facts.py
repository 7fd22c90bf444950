"""What is settled about a case before its first entry: its facts, and the people in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from everystone.ledger.fault import Fault
from everystone.synthetic.chance import weighted
from everystone.synthetic.clock import number_of
from everystone.synthetic.record import Case, Person
from everystone.synthetic.scope import Scope

Fact = Callable[[Case], Any]
Settled = Callable[[Case], None]
_YEAR = 365.2425


class Facts:
    """Makes ready how facts are settled: a constant, or one of pick, chance, by, since, day and year."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def all_of(self, said: Mapping[str, Any]) -> Settled:
        """Settles every fact, those first on which others rest."""
        self.scope.facts_set.update(said)
        made = [(self.scope.facts[name], self.one(said[name])) for name in _in_order(said)]

        def settle(case: Case) -> None:
            facts = case.facts
            for number, fact in made:
                facts[number] = fact(case)

        return settle

    def one(self, said: Any) -> Fact:
        """One fact: a constant, the same as another (`$name`), or drawn as the mapping says."""
        if isinstance(said, str) and said.startswith("$"):
            same = self.scope.facts[said[1:]]
            return lambda case: case.facts[same]
        if not isinstance(said, dict):
            return lambda _: said
        makers = {
            "pick": self._pick,
            "chance": self._chance,
            "by": self._by,
            "since": self._since,
            "day": self._day,
            "year": self._year,
        }
        for word, make in makers.items():
            if word in said:
                return make(said)
        raise Fault(f"No fact is made from {dict(said)}.", where=self.scope.recipe.where)

    def _pick(self, said: Mapping[str, Any]) -> Fact:
        table, draw = weighted(said["pick"]), self.scope.draw
        size = len(table)
        return lambda _: table[int(draw() * size)]

    def _chance(self, said: Mapping[str, Any]) -> Fact:
        draw, chance = self.scope.draw, float(said["chance"])
        return lambda _: draw() < chance

    def _by(self, said: Mapping[str, Any]) -> Fact:
        fact = self.scope.facts[said["by"]]
        cases = {value: self.one(each) for value, each in said.items() if value != "by"}
        otherwise = cases.get("else", self.one(None))
        return lambda case: cases.get(case.facts[fact], otherwise)(case)

    def _since(self, said: Mapping[str, Any]) -> Fact:
        """By the day on which the case begins."""
        steps = [(number_of(day), self.one(each)) for day, each in said["since"].items()]

        def fact(case: Case) -> Any:
            today = self.scope.times.day(case.latest)
            return [each for since, each in steps if since <= today][-1](case)

        return fact

    def _day(self, said: Mapping[str, Any]) -> Fact:
        """A day some days before the case begins."""
        least, most = said["day"]
        times, draw = self.scope.times, self.scope.draw
        return lambda case: times.date(times.day(case.latest) - least - int(draw() * (most - least + 1)))

    def _year(self, said: Mapping[str, Any]) -> Fact:
        """A year, as text."""
        least, most = said["year"]
        draw = self.scope.draw
        return lambda _: str(least + int(draw() * (most - least + 1)))


class People:
    """Makes ready how the people of a case are invented."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.facts = scope, Facts(scope)

    def all_of(self, said: Mapping[str, Any]) -> Settled:
        """Invents everybody said, in order; somebody who is in the case already stays."""
        made = [(name, self._test(each), self._maker(name, each)) for name, each in said.items()]

        def invent(case: Case) -> None:
            for name, test, make in made:
                if name not in case.people and (test is None or test(case)):
                    case.people[name] = make(case)

        return invent

    def _test(self, said: Mapping[str, Any]) -> Callable[[Case], bool] | None:
        return self.scope.test(said.get("when", {}))

    def _maker(self, name: str, said: Mapping[str, Any]) -> Callable[[Case], Person]:
        sex, draw = weighted(said.get("sex", {"female": 1, "male": 1})), self.scope.draw
        written, born = weighted(said.get("written", {"day": 1})), self._born(said)
        letter, role, size = str(said["letter"]), str(said["role"]), len(sex)
        of, household, times = str(said.get("of", "")), str(said.get("household of", "")), self.scope.times

        def make(case: Case) -> Person:
            day = born(case)
            precision = written[int(draw() * len(written))]
            text = times.date(day)[: {"year": 4, "month": 7}.get(precision, 10)]
            return Person(
                f"{letter}{case.number:07}", role, day, text, sex[int(draw() * size)],
                f"Invented {name} {case.number}", _id(case, of), _id(case, household),
            )  # fmt: skip

        return make

    def _born(self, said: Mapping[str, Any]) -> Callable[[Case], int]:
        """The day of birth: by `age` [from, to] as the case begins, or `aged` [from, to] in a fact's year."""
        draw, times = self.scope.draw, self.scope.times
        if "aged" in said:
            fact, aged = self.scope.facts[said["in year of"]], self.facts.one(said["aged"])

            def then(case: Case) -> int:
                least, most = aged(case)
                year = int(case.facts[fact][:4]) - least - int(draw() * (most - least + 1))
                return number_of(f"{year}-01-01") + int(draw() * 364)

            return then
        ages = self.facts.one(said["age"])

        def now(case: Case) -> int:
            least, most = ages(case)
            age = least + int(draw() * (most - least + 1))
            return times.day(case.latest) - int(age * _YEAR) - 2 - int(draw() * 360)

        return now


def _in_order(said: Mapping[str, Any]) -> list[str]:
    """The names of facts, each after those that it speaks of."""
    placed: dict[str, None] = {}

    def place(name: str) -> None:
        for other in _spoken_of(said[name]):
            if other in said and other != name and other not in placed:
                place(other)
        placed[name] = None

    for name in said:
        place(name)
    return list(placed)


def _spoken_of(said: Any) -> Iterator[str]:
    if isinstance(said, str) and said.startswith("$"):
        yield said[1:]
    if isinstance(said, dict):
        if isinstance(said.get("by"), str):
            yield said["by"]
        for inner in said.values():
            yield from _spoken_of(inner)


def _id(case: Case, name: str) -> str:
    return case.people[name].id if name in case.people else ""
