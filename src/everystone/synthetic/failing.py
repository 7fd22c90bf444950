"""Failings: what goes wrong in some cases of a team or matters of a sort, as edits of the record, with the truth.

A failing draws from a stream of its own, so a world with it differs from the same world without it in the
edited cases only. A case suffers at most one failing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from everystone.synthetic.edit import Edit
from everystone.synthetic.record import ABSENT, Case
from everystone.synthetic.scope import Scope, listed
from everystone.synthetic.step import Steps

_DAY = 86_400


class Truth(NamedTuple):
    """One edited entry: the failing, the standard it must yield, about whom, and the frames it may touch."""

    failing: str
    standard: str
    case: str
    person: str
    key: str
    did: str
    reach: list[str]


class Failing:
    """One failing, made ready."""

    def __init__(self, name: str, said: Mapping[str, Any], scope: Scope, steps: Steps, teams: Sequence[str]) -> None:
        self.name, self.scope = name, scope
        self.matter, self.share = str(said.get("matter", "")), float(said["share"])
        self.place = ABSENT if self.matter else teams.index(str(said["team"]))
        self.test = scope.test(said.get("when", {}))
        self.present = [scope.anchors[each] for each in listed(said.get("present"))]
        self.absent = [scope.anchors[each] for each in listed(said.get("absent"))]
        self.settled = [(scope.anchors[step], int(days) * _DAY) for step, days in said.get("settled", {}).items()]
        self.lasts = [self._span(each) for each in listed(said.get("lasts"))]
        self.timely = [self._in_time(each) for each in listed(said.get("timely"))]
        self.edits = [Edit(scope, steps, each) for each in said["edits"]]

    def _span(self, said: Mapping[str, Any]) -> tuple[Any, Any, int]:
        return self.scope.moment(said["from"]), self.scope.earliest(said["until"]), int(said["days"]) * _DAY

    def _in_time(self, said: Mapping[str, Any]) -> tuple[int, int, float]:
        return self.scope.anchors[said["from"]], self.scope.anchors[said["to"]], float(said["hours"]) * 3600

    def concerns(self, case: Case) -> bool:
        """Whether it is what goes wrong in cases of this team, or in matters of this sort."""
        if self.matter:
            return case.sort != "case" and case.shape == self.matter
        return case.sort == "case" and case.place == self.place

    def fits(self, case: Case) -> bool:
        """Whether the case is one in which every edit would yield what it names."""
        at, as_at = case.at, self.scope.as_at
        if self.test is not None and not self.test(case):
            return False
        if any(not ABSENT < at[each] <= as_at for each in self.present):
            return False
        if any(ABSENT < at[each] <= as_at for each in self.absent):
            return False
        if any(not ABSENT < at[step] <= as_at - spell for step, spell in self.settled):
            return False
        if not all(0 < at[since] <= at[to] <= at[since] + spell for since, to, spell in self.timely):
            return False
        return all(
            since(case, 0) != ABSENT and min(until(case, 0), as_at) - since(case, 0) >= spell
            for since, until, spell in self.lasts
        )

    def edit(self, case: Case) -> list[Truth]:
        """Edits the record of a case, whole or not at all; the truth about it."""
        found = [(edit, edit.find(case)) for edit in self.edits]
        if not all(each or edit.optional for edit, each in found):
            return []
        reach = reached(case)
        truths: list[Truth] = []
        for edit, entries in found:
            truths.extend(
                Truth(self.name, edit.standard, case.name, edit.person(case), entry.key, edit.did, reach)
                for entry in edit.make(case, entries)
            )
        later = [frame for frame in reached(case) if frame not in reach]
        return [truth._replace(reach=reach + later) for truth in truths]


class Failings:
    """The failings asked for, in the order of the pack's file."""

    def __init__(self, names: Iterable[str], scope: Scope, steps: Steps, teams: Sequence[str], seed: int) -> None:
        asked = set(names)
        for name in sorted(asked):
            scope.recipe.named("failings", name)
        known = scope.recipe.part("failings")
        self.seed, self.scope = seed, scope
        self.ready = [Failing(name, known[name], scope, steps, teams) for name in known if name in asked]

    def edit(self, case: Case) -> list[Truth]:
        """Lets the first failing that takes the case edit it; the truth, empty where none did."""
        for failing in self._tried(case):
            truths = failing.edit(case)
            if truths:
                return truths
        return []

    def _tried(self, case: Case) -> Iterator[Failing]:
        for failing in self.ready:
            if not failing.concerns(case) or not failing.fits(case):
                continue
            self.scope.rng.seed(f"{self.seed}/{failing.name}/{case.number}")
            if self.scope.draw() < failing.share:
                yield failing


def reached(case: Case) -> list[str]:
    """The frames that an edit of a case may touch: the case, its people, the officers with a part in it."""
    people = sorted(f"person/{person.id}" for person in case.people.values())
    officers = sorted({f"officer/{held.id}" for held in case.posts if held is not None})
    return [case.stream, *people, *officers]
