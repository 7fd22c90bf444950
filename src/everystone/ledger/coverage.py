"""What a source could have held: outside it nothing is ever absent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple

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


class Coverage:
    """All that is stated about what the sources hold; without any statement everything is covered."""

    def __init__(self, holdings: Sequence[Holding] | None = None) -> None:
        self.holdings = None if holdings is None else tuple(holdings)
        self._by_kind: dict[str, list[Holding]] = {}
        for holding in holdings or ():
            for kind in holding.kinds:
                self._by_kind.setdefault(kind, []).append(holding)

    @property
    def total(self) -> bool:
        """Whether everything is covered, so that nobody need ask."""
        return self.holdings is None

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
        if self.holdings is None:
            return "complete", []
        by_held: dict[Held, list[str]] = {}
        for kind in sorted(kinds):
            by_held.setdefault(self.held(kind, first, last, team), []).append(kind)
        for how in reversed(_WORST):
            if how in by_held:
                return how, by_held[how] if how != "complete" else []
        return "complete", []
