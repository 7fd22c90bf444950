"""Mutants of a standard: its file with one thing changed, so that a story must notice or none proves that thing."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from everystone.findings.trigger import ROLES

Path_ = tuple[str | int, ...]
Said = dict[str, Any]
GONE = object()  # stands for what is taken out
UNITS = ("minutes", "hours", "days", "working days", "school days", "months", "years")
LENGTH = {*UNITS, "counting", "from", "from the day after", "from the field", "at"}
THRESHOLDS = ("at least", "at most", "over", "under", "reaches")
CONDITIONS = ("where", "when", "require", "while")
ITEMS = ("after", "expect", "beat", "never", "until", "before", "since", "moved_by")
INSIDE = ("earlier", "later", "none earlier", "on record")  # keys of a condition that look for an entry
OPTIONAL = ("moved_by", "since", "not_before", "recorded_within", "same_day", "then", "before", "first")
SORTS = ("limit", "version date", "comparison", "exemption", "condition", "pairing", "trigger", "expectation")


class Mutant(NamedTuple):
    """One change: of which standard and sort, at which place of the file, what was there and what is now.

    `says` has the same words from run to run, so that a list can name it; `changes` are places and new values.
    """

    standard: str
    sort: str
    says: str
    changes: tuple[tuple[Path_, Any], ...]

    def of(self, said: Said) -> Said:
        """The mapping of the file with the change."""
        changed = copy.deepcopy(said)
        for path, value in self.changes:
            _put(changed, path, value)
        return changed


class _Found(NamedTuple):
    sort: str
    path: Path_
    value: Any
    says: str


def mutants_of(said: Said, ranks: list[str], case_level: frozenset[str] = frozenset()) -> list[Mutant]:
    """Every mutant of a standard's file, each once; `ranks` are in order, the lowest first.

    Left out is what by construction means the same: with nobody asked for, or of kinds that are about the whole case
    (`case_level`), everything is about the one asked for, so that to pair with the case or not to pair is one thing.
    """
    evaluator = next(key for key in ("response", "forbidden", "rhythm", "count", "check") if said.get(key))
    walk = _Walk(ranks, said.get("asked_for", "case"), case_level)
    found = list(walk.body(said[evaluator], (evaluator,)))
    for number, version in enumerate(said["versions"]):
        anew = {key: value for key, value in version.items() if key not in _OF_VERSIONS}
        found += walk.body(anew, ("versions", number))
    changed = [  # a part that is used in several places is changed in all of them, and stands here more than once
        Mutant(said["id"], each.sort, f"{_spelt(each.path)}: {each.says}", ((each.path, each.value),)) for each in found
    ]
    once: dict[str, Mutant] = {}
    for each in [*changed, *_dates(said)]:
        once.setdefault(repr(each.of(said)), each)
    return list({each.says: each for each in once.values()}.values())


_OF_VERSIONS = {"since", "until", "basis", "checked", "confirm", "sources", "note"}


def _dates(said: Said) -> Iterator[Mutant]:
    """Each day on which something changes, a day earlier and a day later; the end of what held before moves with it."""
    versions = said["versions"]
    for number, version in enumerate(versions):
        for side in ("since", "until"):
            day = version.get(side)
            if not isinstance(day, date):
                continue
            for moved in (-1, 1):
                changes: list[tuple[Path_, Any]] = [(("versions", number, side), day + timedelta(moved))]
                before = versions[number - 1].get("until") if number and side == "since" else None
                if before == day - timedelta(1):
                    changes.append((("versions", number - 1, "until"), before + timedelta(moved)))
                following = versions[number + 1]["since"] if number + 1 < len(versions) and side == "until" else None
                if following == day + timedelta(1):
                    continue  # it is the beginning of the next one, moved there
                words = f"versions > {number} > {side}: {day} is {day + timedelta(moved)}"
                yield Mutant(said["id"], "version date", words, tuple(changes))
    if said.get("in_force_at", "trigger") != "trigger":
        words = f"in_force_at: {said['in_force_at']} is trigger"
        yield Mutant(said["id"], "version date", words, ((("in_force_at",), "trigger"),))


class _Walk:
    """A walk through the body of a standard, finding what can be changed."""

    def __init__(self, ranks: list[str], asked_for: str, case_level: frozenset[str]) -> None:
        self.ranks, self.asked_for, self.case_level = ranks, asked_for, case_level

    def _of_the_case(self, said: Said) -> bool:
        """Whether every entry that an item may mean is about the one asked for, whoever that is."""
        kinds = [said["kind"]] if isinstance(said.get("kind"), str) else said.get("kind") or []
        of_a_person = self.asked_for.removeprefix("each ") in ROLES  # a reference pairs by the field that bears it
        return not of_a_person or (bool(kinds) and set(kinds) <= self.case_level)

    def body(self, said: Said, path: Path_) -> Iterator[_Found]:
        """The body of an evaluator, a version's keys said anew, a line of a table, or a further limb."""
        for key, value in said.items():
            here = (*path, key)
            if value is None:  # said anew as nothing
                yield _Found("expectation", here, GONE, "as before")
                continue
            if key in OPTIONAL and not (key == "before" and "within" not in said):
                yield _Found("expectation", here, GONE, "taken out")
            if key == "which":
                yield from (_Found("trigger", here, each, f"{value} is {each}")
                            for each in ("each", "first", "last") if each != value)  # fmt: skip
            elif key in ("unless", "unless recent", "clock_stops_while"):
                yield from _without_each(value, here, "exemption")
                for number, each in enumerate(value):
                    yield from self.items(each.get("item", each) if isinstance(each, dict) else each,
                                          (*here, number, *(["item"] if isinstance(each, dict) and "item" in each else [])),
                                          "exemption")  # fmt: skip
                    if isinstance(each, dict) and "item" in each:
                        yield from _length(each["within"], (*here, number, "within"))
            elif key in CONDITIONS and isinstance(value, dict):
                yield from self.condition(value, here)
            elif key == "choose":
                yield from _without_each(value, here, "condition") if len(value) > 2 else ()
                for number, line in enumerate(value):
                    yield from self.body(line, (*here, number))
            elif key == "then":
                yield from self.body(value, here)
            elif key in ITEMS:
                yield from self.items(value, here, "trigger" if key == "after" else "expectation")
            elif isinstance(value, dict):
                yield from _length(value, here)

    def items(self, said: Any, path: Path_, sort: str) -> Iterator[_Found]:
        """An item or several."""
        if isinstance(said, list):
            yield from _without_each(said, path, sort) if len(said) > 1 else ()
            for number, each in enumerate(said):
                yield from self.items(each, (*path, number), sort)
        elif isinstance(said, dict):
            yield from self._item(said, path, sort)

    def _item(self, said: Said, path: Path_, sort: str) -> Iterator[_Found]:
        if isinstance(said.get("kind"), list) and len(said["kind"]) > 1:
            yield from _without_each(said["kind"], (*path, "kind"), sort)
        if isinstance(said.get("where"), dict):
            yield from self.condition(said["where"], (*path, "where"))
        if isinstance(said.get("by"), dict):
            yield from self._who(said["by"], (*path, "by"))
        if "same" in said and not (said["same"] == "case" and self._of_the_case(said)):
            yield _Found("pairing", (*path, "same"), GONE, f"{said['same']} taken out")
        if (
            "kind" in said
            and sort != "trigger"
            and said.get("same") != "case"
            and not self._of_the_case(said)  # there "taken out" is "case"
        ):
            yield _Found("pairing", (*path, "same"), "case", f"{said.get('same', 'the one asked for')} is case")
        for key in ("any", "all"):
            yield from self.items(said.get(key), (*path, key), sort)
        if isinstance(said.get("counted"), dict):
            yield from _numbers(said["counted"], (*path, "counted"))
        if isinstance(said.get("lasts"), dict):
            yield from _length(said["lasts"], (*path, "lasts"))

    def _who(self, said: Said, path: Path_) -> Iterator[_Found]:
        for key, value in said.items():
            if isinstance(value, list) and len(value) > 1:
                yield from _without_each(value, (*path, key), "condition")
            yield _Found("condition", (*path, key), GONE, f"{value} taken out")
        yield from self._rank(said.get("rank"), (*path, "rank"))

    def _rank(self, rank: Any, path: Path_) -> Iterator[_Found]:
        """One rank lower and one higher."""
        if rank in self.ranks:
            place = self.ranks.index(rank)
            for near in (place - 1, place + 1):
                if 0 <= near < len(self.ranks):
                    yield _Found("comparison", path, self.ranks[near], f"{rank} is {self.ranks[near]}")

    def condition(self, said: Said, path: Path_) -> Iterator[_Found]:
        """A condition: each part of it taken out, each value of a list, each comparison turned or moved by one."""
        for key, value in said.items():
            here = (*path, key)
            if key in ("all", "any"):
                yield from _without_each(value, here, "condition") if len(value) > 1 else ()
                for number, each in enumerate(value):
                    yield from self.condition(each, (*here, number))
                continue
            yield _Found("condition", here, GONE, f"{_short(value)} taken out")
            if key == "not":
                rest = {name: inner for name, inner in said.items() if name != "not"}
                yield _Found("comparison", path, {"all": [rest, value]} if rest else value, "not taken out")
                yield from self.condition(value, here)
            elif key in INSIDE:
                yield from self.items(value, here, "condition")
            elif key == "rank of":
                yield from self._rank(value["at least"], (*here, "at least"))
            elif isinstance(value, dict):
                yield from _numbers(value, here)
            elif isinstance(value, list) and len(value) > 1:
                yield from _without_each(value, here, "condition")
            elif isinstance(value, bool):
                yield _Found("comparison", here, not value, f"{value} is {not value}")


def _numbers(said: Said, path: Path_) -> Iterator[_Found]:
    """A comparison with figures, lengths or lists inside it."""
    for key, value in said.items():
        here = (*path, key)
        if key in THRESHOLDS and isinstance(value, int | float) and not isinstance(value, bool):
            yield from (_Found("comparison", here, value + moved, f"{value} is {value + moved}") for moved in (-1, 1))
        elif key in ("any of", "all of") and len(value) > 1:  # of one value they are the same
            other = "all of" if key == "any of" else "any of"
            rest = {name: inner for name, inner in said.items() if name != key}
            yield _Found("comparison", path, {**rest, other: value}, f"{key} is {other}")
        elif key == "weights":
            yield from (_Found("comparison", (*here, name), weight + moved, f"{weight} is {weight + moved}")
                        for name, weight in value.items() for moved in (-1, 1))  # fmt: skip
        elif isinstance(value, dict):
            yield from _length(value, here)
        if isinstance(value, list) and len(value) > 1:
            yield from _without_each(value, here, "condition")


def _length(said: Any, path: Path_) -> Iterator[_Found]:
    """A length, or lengths by the value of something: one unit shorter and longer, and how it is counted."""
    if not isinstance(said, Mapping):
        return
    for key, value in said.items():
        here = (*path, key)
        if isinstance(value, Mapping):
            yield from _length(value, here)
        elif key in UNITS and isinstance(value, int) and set(said) <= LENGTH:
            yield from (_Found("limit", here, value + moved, f"{value} is {value + moved}") for moved in (-1, 1)
                        if value + moved >= 0)  # fmt: skip
        elif key in ("counting", "at", "from", "from the day after", "from the field") and set(said) <= LENGTH:
            yield _Found("limit", here, GONE, f"{value} taken out")


def _without_each(values: list[Any], path: Path_, sort: str) -> Iterator[_Found]:
    for number, each in enumerate(values):
        rest = [*values[:number], *values[number + 1 :]]
        yield _Found(sort, path, rest or GONE, f"without {_short(each)}")


def _short(value: Any) -> str:
    """A value in a few words, the same from run to run."""
    if isinstance(value, dict):
        said = "{" + ", ".join(f"{key}: {_short(inner)}" for key, inner in value.items()) + "}"
    else:
        said = "[" + ", ".join(map(_short, value)) + "]" if isinstance(value, list) else str(value)
    return said if len(said) <= 120 else said[:117] + "..."


def _spelt(path: Path_) -> str:
    return " > ".join(map(str, path))


def _put(said: Any, path: Path_, value: Any) -> None:
    """Put a value at a place, or take out what stands there and whatever is empty without it."""
    trail = [said]
    for step in path[:-1]:
        trail.append(trail[-1][step])
    if value is not GONE:
        trail[-1][path[-1]] = value
        return
    for node, step in zip(reversed(trail), reversed(path), strict=True):
        del node[step]
        if node:
            return
