"""States and facts: intervals made from entries once, looked up at an instant."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from typing import Any, Literal, NamedTuple

from pydantic import Field

from everystone.ledger.entry import Entry
from everystone.ledger.kind import Strict

NEVER = 1 << 40  # an instant after any other: "still so"


class Edge(Strict):
    """An entry that begins or ends a state; `begins_at` and `ends_at` name fields that hold the dates instead."""

    kind: str | list[str]
    where: dict[str, Any] = Field(default_factory=dict)
    present: list[str] = Field(default_factory=list)
    value: str | None = None
    begins_at: str | None = None
    ends_at: str | None = None

    @property
    def kinds(self) -> list[str]:
        """The kinds it may be."""
        return [self.kind] if isinstance(self.kind, str) else self.kind

    def fits(self, entry: Entry) -> bool:
        """Whether this entry is such an edge, by equality of fields and presence only."""
        data = entry.data
        if any(data.get(name) in (None, "", []) for name in self.present):
            return False
        return all(_equal(data.get(name), wanted) for name, wanted in self.where.items())


class State(Strict):
    """A state as a pack declares it: whose it is, what begins it, what ends it.

    `one_value`: a new beginning ends what ran before (a lead, a level); otherwise a beginning inside a running
    interval changes nothing unless it brings its own end.
    """

    of: Literal["case", "victim", "suspect", "child", "officer", "anyone"]
    starts: list[Edge]
    ends: list[Edge] = Field(default_factory=list)
    one_value: bool = False
    says: str = ""

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Every kind it rests on."""
        return frozenset(self.edges)

    @cached_property
    def edges(self) -> Mapping[str, list[tuple[Edge, bool]]]:
        """By kind, what such an entry may do to it: each edge, and whether it begins the state there (or ends it)."""
        found: dict[str, list[tuple[Edge, bool]]] = {}
        for edge, begins in (*((each, True) for each in self.starts), *((each, False) for each in self.ends)):
            for kind in dict.fromkeys(edge.kinds):
                found.setdefault(kind, []).append((edge, begins))
        return found

    @property
    def starting_kinds(self) -> frozenset[str]:
        """Every kind that begins it."""
        return frozenset(kind for edge in self.starts for kind in edge.kinds)

    @cached_property
    def ending_kinds(self) -> frozenset[str]:
        """Every kind that ends it."""
        return frozenset(kind for edge in self.ends for kind in edge.kinds)


class Interval(NamedTuple):
    """One stretch of a state: surely from `lo_sure` until before `hi`, possibly from `lo` and until `hi_sure`."""

    lo: int
    lo_sure: int
    hi: int
    hi_sure: int
    value: Any
    key: str

    def at(self, instant: int) -> bool | None:
        """Whether it holds at an instant; None where its beginning or end is not known to the minute."""
        if self.lo_sure <= instant < self.hi:
            return True
        return None if self.lo <= instant < self.hi_sure else False


class Stretches(Sequence[Interval]):
    """Intervals of one value as plain numbers, 32 bytes each, so that those of a whole ledger can be kept; without keys."""

    def __init__(self, value: Any, columns: Iterable[Iterable[int]] = ((), (), (), ())) -> None:
        self.value = value
        self._columns = [array("q", each) for each in columns]

    def add(self, interval: Interval) -> None:
        """Take one more."""
        for column, instant in zip(self._columns, interval[:4], strict=True):
            column.append(instant)

    def __len__(self) -> int:
        return len(self._columns[0])

    def __iter__(self) -> Iterator[Interval]:
        return map(Interval._make, zip(*self._columns, repeat(self.value), repeat("")))

    def __getitem__(self, n: Any) -> Any:
        return list(self)[n]


class Held(NamedTuple):
    """An edge met while walking the entries: whose state it touches, and the span its own fields give."""

    person: str
    begins: tuple[int, int]
    ends: tuple[int, int] | None
    value: Any
    key: str


def _equal(got: Any, wanted: Any) -> bool:
    return got in wanted if isinstance(wanted, list) else got == wanted


class Walk:
    """Builds the intervals of one state from entries that come in order.

    Of a state that may have several values at once (courses, say) each value runs for itself.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.made: dict[str, list[Interval]] = {}
        self._open: dict[tuple[str, str], Held] = {}

    def begin(self, held: Held) -> None:
        """Take a beginning."""
        place = held.person, "" if self.state.one_value else str(held.value)
        running = self._open.get(place)
        if running is not None and self.state.one_value:
            self._append(self._open.pop(place), held.begins)
            running = None
        if held.ends is not None:
            self._append(held, held.ends)
        elif running is None:
            self._open[place] = held

    def end(self, person: str, lo: int, hi: int) -> None:
        """Take an ending, which also cuts short what was to end by its own date."""
        for place in [place for place in self._open if place[0] == person]:
            self._append(self._open.pop(place), (lo, hi))
        stretches = self.made.get(person, [])
        for number, stretch in enumerate(stretches):
            if stretch.lo <= lo < stretch.hi:
                stretches[number] = stretch._replace(hi=lo, hi_sure=hi)

    def finish(self) -> Mapping[str, list[Interval]]:
        """All intervals by person ("" for the case); what nobody ended still holds."""
        for held in self._open.values():
            self._append(held, (NEVER, NEVER))
        self._open.clear()
        return self.made

    def _append(self, held: Held, ends: tuple[int, int]) -> None:
        if ends[1] > held.begins[0]:
            interval = Interval(held.begins[0], held.begins[1], ends[0], ends[1], held.value, held.key)
            self.made.setdefault(held.person, []).append(interval)
