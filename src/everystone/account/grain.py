"""One number told by version, reason and month: as finely as no part, and no change of a part, is small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

OTHERS = "others together"
Part = tuple[str, ...]  # version, reason and month; OTHERS for what is not told apart


def split(whole: Counter[Part], threshold: int, finest: int = 3) -> Counter[Part]:
    """Parts that are disjoint, add up to the whole, and are none of them small (the whole is not).

    What stands in no part of its own stands in the nearest that holds it.
    """
    told: Counter[Part] = Counter()
    rest = whole
    for kept in range(finest, -1, -1):
        coarser: Counter[Part] = Counter()
        for part, n in rest.items():
            coarser[_coarser(part, kept)] += n
        told.update({part: n for part, n in coarser.items() if n >= threshold})
        rest = Counter({part: n for part, n in coarser.items() if n < threshold})
    if sum(rest.values()):
        smallest = min(told, key=lambda part: (told[part], part))
        holding = {smallest, *(_coarser(smallest, kept) for kept in range(3))} & told.keys()
        told[(OTHERS,) * 3] = sum(rest.values()) + sum(told.pop(part) for part in holding)
    return told


def _coarser(part: Part, kept: int) -> Part:
    return (*part[:kept], *[OTHERS] * (3 - kept))


def _holder(part: Part, told: Mapping[Part, int]) -> set[Part]:
    """The part that was told in which another stands; none where that one was nought."""
    return {*[held for kept in (3, 2, 1, 0) if (held := _coarser(part, kept)) in told][:1]}


def near(now: Mapping[Part, int], then: Mapping[Part, int], leaves: Iterable[Part], threshold: int) -> bool:
    """Whether parts that hold the same in two releases differ by too little to be told.

    Parts that share a leaf belong together; the smallest sets closed under that are what can be laid side by side.
    """
    sides: list[tuple[set[Part], set[Part]]] = []
    for leaf in {*leaves, *now, *then}:
        mine, theirs = _holder(leaf, now), _holder(leaf, then)
        touching = [side for side in sides if side[0] & mine or side[1] & theirs]
        sides = [side for side in sides if side not in touching]
        sides.append((mine.union(*(one for one, _ in touching)), theirs.union(*(other for _, other in touching))))
    return any(0 < abs(sum(now[each] for each in mine) - sum(then[each] for each in theirs)) < threshold
               for mine, theirs in sides)  # fmt: skip
