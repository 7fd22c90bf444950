"""What a source could have held: outside it nothing is ever absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

Held = Literal["complete", "partial", "not carried"]

_WORST: tuple[Held, ...] = ("complete", "partial", "not carried")


class Holding(NamedTuple):
    """One statement of a source: these kinds, between these civil days (None: open), for these teams (empty: all)."""

    kinds: frozenset[str]
    first: date | None = None
    last: date | None = None
    teams: frozenset[str] = frozenset()
    how: Held = "complete"

    def covers(self, kind: str, first: date | None, last: date, team: str) -> bool:
        """Whether it speaks of this kind for all of the days and the team; `first` None is "from ever"."""
        if kind not in self.kinds or (self.teams and team not in self.teams):
            return False
        begins = self.first is None or (first is not None and self.first <= first)
        return begins and (self.last is None or last <= self.last)

    @property
    def as_data(self) -> dict[str, Any]:
        """As plain data, to be written as JSON."""
        return {
            "kinds": sorted(self.kinds), "first": self.first.isoformat() if self.first else "",
            "last": self.last.isoformat() if self.last else "", "teams": sorted(self.teams), "how": self.how,
        }  # fmt: skip

    @classmethod
    def of(cls, data: Any) -> Holding:
        """From plain data."""
        first, last = (date.fromisoformat(data[name]) if data[name] else None for name in ("first", "last"))
        return cls(frozenset(data["kinds"]), first, last, frozenset(data["teams"]), data["how"])


NO = Holding(frozenset(), last=date.min)  # stands for a kind that nothing is said of


class Coverage:
    """All that is stated about what the sources hold; without any statement everything is covered.

    `upto` says of kinds that come by a feed up to which instant (seconds UTC) they have come; `awaited` are those for which
    an answer had to wait.
    """

    def __init__(self, holdings: Sequence[Holding] | None = None, upto: Mapping[str, int] | None = None) -> None:
        self.upto, self.awaited = upto or {}, set[str]()
        self.holdings = None if holdings is None else tuple(holdings)
        self._by_kind: dict[str, list[Holding]] = {}
        self._complete: dict[frozenset[str], tuple[date | None, date]] = {}
        for holding in holdings or ():
            for kind in holding.kinds:
                self._by_kind.setdefault(kind, []).append(holding)

    def _surely(self, kinds: frozenset[str], first: date | None, last: date) -> bool:
        """Whether the days lie in the stretch, worked out once, in which every kind is complete for all teams."""
        stretch = self._complete.get(kinds)
        if stretch is None:
            whole = [next((each for each in self._by_kind.get(kind, ()) if each.how == "complete" and not each.teams), NO)
                     for kind in kinds]  # fmt: skip
            begins = [each.first for each in whole if each.first is not None]
            stretch = self._complete[kinds] = (
                max(begins, default=None), min((each.last or date.max for each in whole), default=date.max)
            )  # fmt: skip
        begins_on, ends_on = stretch
        return last <= ends_on and (begins_on is None or (first is not None and begins_on <= first))

    @property
    def total(self) -> bool:
        """Whether everything is covered, so that nobody need ask."""
        return self.holdings is None

    def not_come(self, kinds: Iterable[str], until: int) -> list[str]:
        """The kinds among these that have not come up to an instant (seconds UTC), in order of name; it is noted."""
        late = sorted(kind for kind in kinds if self.upto.get(kind, until) < until)
        self.awaited.update(late)
        return late

    def held(self, kind: str, first: date | None, last: date, team: str) -> Held:
        """How well one kind is held over all of the days `first` to `last` for a team."""
        if self.holdings is None:
            return "complete"
        best: Held = "not carried"
        for holding in self._by_kind.get(kind, ()):
            if holding.covers(kind, first, last, team):
                if holding.how == "complete":
                    return "complete"
                best = "partial"
        return best

    def least(self, kinds: Iterable[str], first: date | None, last: date, team: str) -> tuple[Held, list[str]]:
        """The worst that holds among the kinds, and which of them it holds of (in order of name)."""
        if self.holdings is None or self._surely(frozenset(kinds), first, last):
            return "complete", []
        by_held: dict[Held, list[str]] = {}
        for kind in sorted(kinds):
            by_held.setdefault(self.held(kind, first, last, team), []).append(kind)
        for how in reversed(_WORST):
            if how in by_held:
                return how, by_held[how] if how != "complete" else []
        return "complete", []
