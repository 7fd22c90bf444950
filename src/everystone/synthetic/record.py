"""What an invented record is made of: people, actors, entries, and the case in which they come together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

ABSENT = -1  # stands for an instant that never was


@dataclass(slots=True)
class Person:
    """Somebody of a case; `born` is a day's number, `written` how the record gives it."""

    id: str
    role: str
    born: int
    written: str
    sex: str = ""
    name: str = ""
    of: str = ""
    household_of: str = ""


@dataclass(slots=True)
class Actor:
    """Somebody who writes entries: an officer, a partner's worker, or a person of the case.

    `cells` are the columns actor, role, rank, team and channel as they are written; `away` are the spans of
    instants in which an officer leads nothing.
    """

    id: str
    cells: str
    pool: str = ""
    rank: str = ""
    team: str = ""
    place: int = 0
    courses: list[str] = field(default_factory=list)
    away: list[tuple[int, int]] = field(default_factory=list)
    traits: dict[str, Any] = field(default_factory=dict)

    def here(self, instant: int) -> bool:
        """Whether the officer can take work at an instant."""
        return not any(since <= instant < until for since, until in self.away)

    def gone_from(self, instant: int) -> int:
        """When the officer next goes away, ABSENT if never."""
        return min((since for since, _ in self.away if since > instant), default=ABSENT)


@dataclass(slots=True)
class Sort:
    """What all entries of one step have in common; `template` takes a written value for each of `fields`."""

    step: str
    kind: str
    tag: str
    fields: tuple[str, ...]
    template: str
    quotes: str = ""


@dataclass(slots=True)
class Entry:
    """One entry before it is written. `values` are JSON with the quotation marks of a CSV cell doubled."""

    key: str
    sort: Sort
    subjects: str
    happened: int
    recorded: int
    actor: Actor
    values: list[str]
    turn: int = 0
    day_only: bool = False
    late_reason: str = ""
    wrong_by: int = 0  # minutes by which it was first written down wrongly
    corrected: int = ABSENT  # when that was put right
    doubled: int = ABSENT  # when the same was written down a second time
    withdrawn: int = ABSENT  # when that second one was withdrawn
    whole: str = ""  # all fields as an edit wrote them anew

    @property
    def data(self) -> str:
        """The fields as a cell of a CSV, without its outer quotation marks."""
        return self.whole or self.sort.template % tuple(self.values)


class Case:
    """One case (or one officer's own record, or another matter) while it is being invented.

    `sort` and `name` are its stream, `shape` how it runs. `at`, `keys`, `facts` and `posts` are numbered by the course
    that runs; `latest` is the last instant of the main line of work, `last` that of the step before.
    """

    __slots__ = (
        *("at", "counted", "described", "entries", "facts", "keys", "last", "latest", "name", "number"),
        *("people", "place", "posts", "shape", "sort", "turn", "turns"),
    )

    def __init__(self, number: int, name: str, place: int, sizes: Sequence[int], sort: str = "case") -> None:
        self.number, self.name, self.place, self.sort, self.shape = number, name, place, sort, ""
        self.at = [ABSENT] * sizes[0]
        self.keys = [""] * sizes[0]
        self.facts: list[Any] = [None] * sizes[1]
        self.posts: list[Actor | None] = [None] * sizes[2]
        self.people: dict[str, Person] = {}
        self.described: list[Actor] = []
        self.entries: list[Entry] = []
        self.last = self.latest = ABSENT
        self.turn = self.turns = self.counted = 0

    @property
    def stream(self) -> str:
        """The stream of its entries."""
        return f"{self.sort}/{self.name}"
