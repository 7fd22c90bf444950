"""Two releases laid side by side: which numbers follow from each, and which of their differences are small."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from typing import NamedTuple

from everystone.account.grain import OTHERS

Group = tuple[str, ...]  # answers told as one number
Row = Mapping[Group, int]
Cell = tuple[str, str]  # a name and an answer
Side = tuple[Collection[str], Collection[str]]  # rows of now and rows of then that hold the same names
Blocks = frozenset[frozenset[str]]  # how a row divides the answers that it tells
Known = Mapping[frozenset[str], int]  # sets of answers whose sum follows from what is told


class View(NamedTuple):
    """What follows from one table: of each name told and of the OTHERS together, and of all of them as a whole.

    `pool` are the names of which it is known that they stand among the others.
    """

    rows: Mapping[str, Known]
    whole: Known
    sums: Sums
    blocks: Mapping[str, Blocks]
    pool: Collection[str] = ()

    @property
    def named(self) -> set[str]:
        """The names that are told apart."""
        return {*self.rows} - {OTHERS}


def small(n: int, threshold: int) -> bool:
    """Whether a number, or by how much a number changed, may not be told."""
    return 0 < abs(n) < threshold


class Sums:
    """Sums of cells (name, answer) that are told, and every sum that follows from them by adding and taking away."""

    def __init__(self) -> None:
        self._told: dict[
            Cell, tuple[dict[Cell, Fraction], Fraction]
        ] = {}  # by its first cell, with the others of a sum

    def learn(self, cells: Iterable[Cell], n: int) -> None:
        """Take one sum that is told."""
        left, rest = self._less(cells, n)
        if left:
            first = min(left)
            self._told[first] = {cell: of / left[first] for cell, of in left.items()}, rest / left[first]

    def of(self, cells: Iterable[Cell]) -> int | None:
        """The sum of some cells; None where it does not follow."""
        left, rest = self._less(cells, 0)
        return None if left else int(-rest)

    def _less(self, cells: Iterable[Cell], n: int) -> tuple[dict[Cell, Fraction], Fraction]:
        """What is left of a sum once all that is known is taken from it: cells that nothing is known of, and a number."""
        row, rest, left = dict.fromkeys(cells, Fraction(1)), Fraction(n), dict[Cell, Fraction]()
        while row:
            cell, of = row.popitem()
            if cell in self._told:
                told, value = self._told[cell]
                rest -= of * value
                for other, factor in told.items():
                    into = left if other in left else row
                    into[other] = into.get(other, Fraction(0)) - of * factor
                row.pop(cell, None)
            elif of:
                left[cell] = left.get(cell, Fraction(0)) + of
        return {cell: of for cell, of in left.items() if of}, rest


def known(row: Row, of: Collection[str] = ()) -> Known:
    """Every set of answers whose sum follows from a row; what it leaves out `of` is nought."""
    sums = Sums()
    _learn(sums, "", row, of)
    answers = {answer for group in row for answer in group} | {*of}
    return _follows(sums, [""], answers)


def view(told: Mapping[str, Row], of: Collection[str], whole: Known, pool: Collection[str] = ()) -> View:
    """What follows from a table for a reader who has the sums of the `whole` from another."""
    sums = Sums()
    for name, row in told.items():
        _learn(sums, name, row, of)
    for those, n in whole.items():
        sums.learn([(name, answer) for name in told for answer in those], n)
    blocks = {name: _blocks(row, of) for name, row in told.items()}
    return View(
        {name: _follows(sums, [name], of) for name in told},
        _follows(sums, told, of) if told else {},
        sums,
        blocks,
        pool,
    )


def _blocks(row: Row, of: Collection[str]) -> Blocks:
    told = {answer for group in row for answer in group}
    return frozenset(map(frozenset, [*row, *((answer,) for answer in of if answer not in told)]))


def _learn(sums: Sums, name: str, row: Row, of: Collection[str]) -> None:
    for group, n in row.items():
        sums.learn([(name, answer) for answer in group], n)
    for answer in {*of} - {answer for group in row for answer in group}:
        sums.learn([(name, answer)], 0)


def _follows(sums: Sums, names: Collection[str], answers: Collection[str]) -> Known:
    sets = [frozenset(those) for size in range(1, len(answers) + 1) for those in combinations(sorted(answers), size)]
    found = {those: sums.of([(name, answer) for name in names for answer in those]) for those in sets}
    return {those: n for those, n in found.items() if n is not None}


def differ_little(now: Known, then: Known, threshold: int) -> bool:
    """Whether something that is known at two times changed by less than may be told."""
    return any(small(now[those] - then[those], threshold) for those in now.keys() & then.keys())


def too_near(now: View, then: View, threshold: int) -> set[str]:
    """Names that have to stand with others now, so that no difference from an earlier release is small: not that of a
    name, nor of those that stand together, nor of all of whom nothing else is known. Empty where none is.
    """
    both = now.named & then.named
    near = {name for name in both if differ_little(now.rows[name], then.rows[name], threshold)}
    if near:
        return near
    unlike = [*_unlike(now, then)]
    sides: list[Side] = [*(((name,), (name,)) for name in both), *unlike]
    for those in now.whole.keys() & then.whole.keys():
        moved = {_moved(those, *side, now, then) for side in [*unlike, *_only_together(those, now, then, sides)]}
        if any(small(each, threshold) for each in moved if each is not None):
            return {_least(those, now, then)}
    return set()


def _only_together(those: frozenset[str], now: View, then: View, sides: Iterable[Side]) -> Iterator[Side]:
    """The rows whose sum follows from both releases, though that of none of them does by itself.

    A sum over rows follows where some sum of the whole, less it, is even over each row's blocks: inside over the answers
    that are asked less those of the whole's, outside over those of the whole's. So every such pair of sums of the two
    wholes is tried; rows that are even both ways follow by themselves and may be left out.
    """
    alike: dict[tuple[frozenset[Blocks], frozenset[Blocks]], list[Side]] = {}
    for mine, theirs in sides:
        kinds = frozenset(now.blocks[name] for name in mine), frozenset(then.blocks[name] for name in theirs)
        alike.setdefault(kinds, []).append((mine, theirs))
    none = frozenset[str]()
    for one, other in product([none, *now.whole], [none, *then.whole]):
        inside = [*filter(lambda kinds: _even(those, one, kinds[0]) and _even(those, other, kinds[1]), alike)]
        outside = [*filter(lambda kinds: _even(none, one, kinds[0]) and _even(none, other, kinds[1]), alike)]
        if alike.keys() <= {*inside, *outside}:
            found = [side for kinds in inside if kinds not in outside for side in alike[kinds]]
            yield [name for mine, _ in found for name in mine], [name for _, theirs in found for name in theirs]


@cache
def _even(those: frozenset[str], whole: frozenset[str], kinds: frozenset[Blocks]) -> bool:
    return all(len({(each in those) - (each in whole) for each in block}) == 1 for blocks in kinds for block in blocks)


def _unlike(now: View, then: View) -> Iterator[Side]:
    """Rows of the one and of the other that hold the same names, where not the same name alone: what stands together now
    with what was told of it then, the rest with what stood together then; all of them at once, where these overlap.
    """
    gone = then.named - now.named - {*now.pool}
    yield from [(set(), {name}) for name in gone]
    others, before, new = {OTHERS} & now.rows.keys(), {OTHERS} & then.rows.keys(), now.named - then.named
    told_then = then.named - now.named - gone
    if then.named >= {*now.pool}:
        yield others, told_then
        yield new, before
    else:
        yield others | new, told_then | before


def _moved(those: frozenset[str], mine: Collection[str], theirs: Collection[str], now: View, then: View) -> int | None:
    """By how much the same names moved; None where it does not follow."""
    one, other = (
        of.sums.of([(name, answer) for name in names for answer in those])
        for of, names in ((now, mine), (then, theirs))
    )
    return None if one is None or other is None else one - other


def _least(those: frozenset[str], now: View, then: View) -> str:
    """The name that is told now and moved least (but moved), else the one with the smallest number; else OTHERS."""
    moved = {name: _moved(those, {name}, {name}, now, then) or 0 for name in now.named & then.named}
    size = {name: now.rows[name].get(those, 0) for name in now.named}
    return min(
        now.named, key=lambda name: (not moved.get(name), abs(moved.get(name, 0)), size[name], name), default=OTHERS
    )
