"""A frame (a case, a person, an officer, ...) as at one instant, as known on another."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from typing import Any

from everystone.ledger.coverage import Coverage
from everystone.ledger.entry import FOUND, Entry, Source, in_force
from everystone.ledger.people import People, listed
from everystone.ledger.state import NEVER, Held, Interval, State, Walk
from everystone.ledger.vocabulary import Vocabulary

Intervals = Mapping[str, Sequence[Interval]]


class Facts:
    """What is known from outside a frame, made once: of officers intervals by state and person, and entries by person.

    `copies` says of texts (entry, field) that are nearly copies which earlier texts they copy, each by stream and entry.
    """

    def __init__(
        self,
        states: Mapping[str, Intervals] | None = None,
        entries: Mapping[str, Sequence[Entry]] | None = None,
        open_cases: Mapping[str, Sequence[Interval]] | None = None,
        details: Mapping[str, Mapping[str, Any]] | None = None,
        copies: Mapping[tuple[str, str], Sequence[tuple[str, str]]] | None = None,
    ) -> None:
        self.states = states or {}
        self.entries = entries or {}
        self.open_cases = open_cases or {}
        self.details = details or {}
        self.copies = copies or {}


NO_FACTS = Facts()


BEGINS = attrgetter("lo")
FEW = 12  # entries that are sooner looked through than sorted out


class Row(list[Entry]):
    """Entries in order, and where in them to begin and to end looking (instants are seconds UTC)."""

    @cached_property
    def _reached(self) -> list[int]:
        """The last second that any entry up to each may have reached."""
        return list(accumulate((entry.hi for entry in self), max))

    def reaching(self, instant: int) -> Sequence[Entry]:
        """All that may reach an instant or come later; of many, without the first ones, which ended before."""
        return self if len(self) < FEW else self[bisect_left(self._reached, instant) :]

    def between(self, first: int, last: int) -> Sequence[Entry]:
        """Those that begin from one instant to another."""
        return self[bisect_left(self, first, key=BEGINS) : bisect_right(self, last, key=BEGINS)]

    def since(self, first: int) -> Sequence[Entry]:
        """Those that begin at an instant or later."""
        return self[bisect_left(self, first, key=BEGINS) :]

    def latest(self, last: int) -> Iterator[Entry]:
        """Those that begin by an instant, the latest first."""
        return iter(self[: bisect_right(self, last, key=BEGINS)][::-1])


NOTHING = Row()


class Frame:
    """The entries of one frame that are seen as at `as_at` and as known on `known_on` (seconds UTC), with lookups.

    Limits are judged at `instant`, the earlier of the two. Everything derived is made when first asked for. What was found
    in texts stands apart in `found`.
    """

    def __init__(
        self,
        sort: str,
        name: str,
        entries: Sequence[Entry],
        words: Vocabulary,
        *,
        as_at: int,
        known_on: int | None = None,
        coverage: Coverage | None = None,
        facts: Facts = NO_FACTS,
    ) -> None:
        self.sort = sort
        self.name = name
        self.whole_name = f"{sort}/{name}"
        self.words = words
        self.as_at = as_at
        self.known_on = as_at if known_on is None else known_on
        self.instant = min(self.as_at, self.known_on)
        self.coverage = coverage or Coverage()
        self.facts = facts
        seen, self.root_of = in_force(list(entries), self.as_at, self.known_on)
        self.found = [entry for entry in seen if entry.source.channel == FOUND]
        if self.found:
            self._all = list(entries)
            seen = [entry for entry in seen if entry.source.channel != FOUND]
        describing = words.kinds.describing
        self.entries = Row(entry for entry in seen if entry.kind not in describing)
        self.describing = [entry for entry in seen if entry.kind in describing]
        self.by_kind: dict[str, Row] = {}
        for entry in self.entries:
            row = self.by_kind.get(entry.kind)
            if row is None:
                row = self.by_kind[entry.kind] = Row()
            row.append(entry)
        self._of_kinds: dict[frozenset[str], Row] = {}
        self._states: dict[str, Intervals] = {}
        self._days: dict[int, date] = {}
        self.memo: dict[Any, Any] = {}  # what evaluators work out once for a frame
        self.askings: dict[Any, Any] = {}  # and what they share while they ask: cleared then, as it holds the frame

    def with_found(self) -> Frame:
        """The frame with what was found in texts among its entries, as if it had been written down where it belongs."""
        if not self.found:
            return self
        entries = [entry._replace(source=_as_ours(entry.source)) if entry.found else entry for entry in self._all]
        return Frame(self.sort, self.name, entries, self.words, as_at=self.as_at, known_on=self.known_on,
                     coverage=self.coverage, facts=self.facts)  # fmt: skip

    @cached_property
    def people(self) -> People:
        """Who is who."""
        return People([*self.describing, *self.entries], self.words)

    def of_kinds(self, kinds: frozenset[str]) -> Row:
        """The entries of some kinds, in order; worked out once."""
        found = self._of_kinds.get(kinds)
        if found is None:
            rows = [self.by_kind[kind] for kind in kinds if kind in self.by_kind]
            found = self._of_kinds[kinds] = rows[0] if len(rows) == 1 else self._in_order(rows) if rows else NOTHING
        return found

    def _in_order(self, rows: Iterable[Sequence[Entry]]) -> Row:
        place = self.place
        return Row(sorted((entry for row in rows for entry in row), key=lambda entry: place[entry.source.key]))

    @cached_property
    def place(self) -> dict[str, int]:
        """The place of each entry in the order, by key."""
        return {entry.key: place for place, entry in enumerate(self.entries)}

    @cached_property
    def known_day(self) -> date:
        """The civil day on which it is known, for calendars that change."""
        return self.words.calendar.day_of(int(self.known_on))

    @cached_property
    def began(self) -> date | None:
        """The first day of the frame, if the record shows its beginning; None where it may have begun before."""
        if self.sort in ("person", "officer") or not self.entries:
            return None
        if self.entries[0].kind not in self.words.kinds.opening:
            return None
        return self.words.calendar.day_of(self.entries[0].lo)

    def day(self, instant: int) -> date:
        """The civil day of an instant, worked out once."""
        day = self._days.get(instant)
        if day is None:
            day = self._days[instant] = self.words.calendar.day_of(instant)
        return day

    def root(self, entry: Entry) -> str:
        """The key at the root of an entry's chain of corrections."""
        key = entry.source.key
        return self.root_of.get(key, key) if self.root_of else key

    def field(self, entry: Entry, name: str) -> Any:
        """A field of an entry, or the value that stands for it where it was not recorded, or None."""
        value = entry.data.get(name)
        if value is None or value == "":
            if name == "late_reason" and entry.late_reason:
                return entry.late_reason
            defaults = self.words.kinds.defaults.get(entry.kind)
            return defaults.get(name) if defaults else None
        return value

    # ---- states ------------------------------------------------------------------------------------------------

    def state(self, name: str) -> Intervals:
        """All intervals of a state of this frame, by person ("" for the case itself)."""
        found = self._states.get(name)
        if found is None:
            found = self._walk(self.words.states[name])
            outside = self.facts.states.get(name)
            if outside:  # of all officers: looked up beside what is found here, and not copied
                found = ChainMap(found, outside) if found else outside  # type: ignore[arg-type]  # only ever read
            self._states[name] = found
        return found

    def _walk(self, state: State) -> Intervals:
        entries = self.of_kinds(state.kinds)
        if not entries:
            return {}
        walk = Walk(state)
        for entry in entries:
            for edge, begins in state.edges[entry.kind]:
                if edge.fits(entry):
                    self._take(walk, entry, edge, begins)
        return walk.finish()

    def _take(self, walk: Walk, entry: Entry, edge: Any, begins: bool) -> None:
        for person in self._whose(walk.state, entry):
            if begins:
                start = self._date(entry, edge.begins_at) or (entry.lo, entry.hi)
                ends = self._date(entry, edge.ends_at)
                value = self.field(entry, edge.value) if edge.value else None
                walk.begin(Held(person, start, (ends[1], ends[1]) if ends else None, value, entry.key))
            else:
                walk.end(person, entry.lo, entry.hi)

    def _date(self, entry: Entry, name: str | None) -> tuple[int, int] | None:
        text = entry.data.get(name) if name else None
        return self.words.calendar.span(str(text)) if text not in (None, "") else None

    def _whose(self, state: State, entry: Entry) -> Sequence[str]:
        if state.of == "case":
            return ("",)
        if state.of in ("officer", "anyone"):
            return entry.subjects
        return sorted(self.people.reached(entry, state.of) or ()) or entry.subjects

    def holds(self, name: str, person: str, instant: int) -> bool | None:
        """Whether a state holds of a person ("" for the case) at an instant; None where it cannot be told."""
        answer: bool | None = False
        for interval in self.state(name).get(person, ()):
            if instant < interval.lo:
                continue
            here = interval.at(instant)
            if here:
                return True
            if here is None:
                answer = None
        return answer

    def value(self, name: str, person: str, instant: int) -> Any:
        """The value of a state at an instant, None where it has none or it cannot be told."""
        for interval in reversed(self.state(name).get(person, ())):
            if interval.at(instant):
                return interval.value
        return None

    def spans(self, name: str, person: str) -> list[tuple[int, int]]:
        """The stretches of a state as spans of seconds, for clocks that stop meanwhile."""
        return [(interval.lo, min(interval.hi_sure, NEVER)) for interval in self.state(name).get(person, ())]

    def persons_in(self, entry: Entry, name: str) -> list[str]:
        """The persons that one field of an entry names."""
        return listed(entry.data.get(name))

    def details(self, name: str) -> Mapping[str, Any]:
        """What the record says of somebody: in this frame, else outside it (officers)."""
        person = self.people.by_name.get(name)
        return person.details if person is not None and person.details else self.facts.details.get(name, {})

    @cached_property
    def teams(self) -> list[tuple[int, str]]:
        """From which instant which team has the case: as the record says, else that of its lead or of who acted."""
        if "team" in self.words.states:
            said = [(each.lo, str(each.value)) for each in self.state("team").get("", ())]
            if said:
                return said
        led = self.state("led by").get("", ()) if "led by" in self.words.states else ()
        theirs = [(each.lo, self._team_of(str(each.value))) for each in led]
        if any(team for _, team in theirs):
            return theirs
        return [(entry.lo, entry.capacity.team) for entry in self.entries if entry.capacity.team]

    def _team_of(self, officer: str) -> str:
        return str(self.details(officer).get("team", ""))

    @cached_property
    def _taken_over(self) -> list[int]:
        return [instant for instant, _ in self.teams]

    def team_at(self, instant: int) -> str:
        """The team that has the case at an instant, "" where the record does not say."""
        place = bisect_right(self._taken_over, instant)
        return self.teams[place - 1][1] if place else ""


def _as_ours(source: Source) -> Source:
    """A source as the force's own: whatever was found in a text proves no other body's act."""
    return source._replace(channel="force")
