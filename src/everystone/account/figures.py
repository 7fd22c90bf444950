"""The numbers of the opening sentences as those who oversee may read them, also beside those of earlier releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from everystone.account.between import known, small
from everystone.account.disclosure import THRESHOLD, apart, shown
from everystone.account.release import Release
from everystone.account.whole import Looked

#: Where a child may stand, in the order in which small numbers are joined: the gravest last, so that it stays visible.
PLACES = {
    "none": "in none of these three",
    "tier 2": "the safety question was never answered",
    "tier 1": "something is about to be lost for good",
    "tier 0": "somebody is needed tonight, as far as the record shows",
}
OR, FOUND = " or ", "found by "


class Figures(NamedTuple):
    """What the opening says: how many cases and children in words, where they stand in lines of number and words, who
    found the cases with a gap first; and the `numbers` that this tells. `as_before` is the instant of an earlier release
    whose numbers stand, else "".
    """

    cases: str
    children: str
    places: Sequence[tuple[int, str]]
    numbers: Mapping[str, int]
    found: Sequence[tuple[int, str]] = ()
    as_before: str = ""


def figures(looked: Looked, found: Mapping[str, int], releases: Sequence[Release]) -> Figures:
    """The opening's numbers: none is small, none follows from two, none changed by little since an earlier release.

    Where one of them did, all of those of the latest release stand.
    """
    counted = {"cases": looked.cases, "children": looked.children}
    if any(small(n - each.figures[name], THRESHOLD) for each in releases for name, n in counted.items()
           if name in each.figures):  # fmt: skip
        return _as_before(releases[-1])
    standing = {f"tier {tier}": looked.by_tier.get(tier, 0) for tier in (2, 1, 0)}
    parts = {"none": looked.children - sum(standing.values()), **standing}
    places = apart(parts, THRESHOLD, [known(_placed(each.figures)) for each in releases])
    finders = {FOUND + name: n for name, n in found.items()}
    first = apart(finders, THRESHOLD, [known(_of(each.figures, FOUND)) for each in releases])
    told = {name: n for name, n in counted.items() if n == 0 or n >= THRESHOLD}
    told |= {OR.join(group): n for group, n in (*places.items(), *first.items())}
    return Figures(shown(looked.cases), shown(looked.children), _lines(places), told, _finders(first))


def _as_before(release: Release) -> Figures:
    figures = release.figures
    cases, children = (f"{figures[name]:,}" if name in figures else shown(1) for name in ("cases", "children"))
    return Figures(cases, children, _lines(_placed(figures)), figures,
                   _finders(_of(figures, FOUND)), release.said["as_at"])  # fmt: skip


def _placed(figures: Mapping[str, int]) -> dict[tuple[str, ...], int]:
    return {group: n for group, n in _of(figures, "").items() if group[0] in PLACES}


def _of(figures: Mapping[str, int], beginning: str) -> dict[tuple[str, ...], int]:
    return {tuple(name.split(OR)): n for name, n in figures.items() if name.startswith(beginning)}


def _finders(first: Mapping[tuple[str, ...], int]) -> list[tuple[int, str]]:
    return [(n, OR.join(each.removeprefix(FOUND) for each in group)) for group, n in first.items()]


def _lines(places: Mapping[tuple[str, ...], int]) -> list[tuple[int, str]]:
    """The gravest first; what is told together joined by "or"."""
    return [(n, _in_words([*reversed(group)])) for group, n in reversed([*places.items()])]


def _in_words(group: Sequence[str]) -> str:
    *others, last = (PLACES[each] for each in group)
    if others and group[-1] == "none":
        return f"{last}, or among too few to be told apart ({'; '.join(others)})"
    return ", or ".join((*others, last))
