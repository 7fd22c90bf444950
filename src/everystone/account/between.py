"""Two releases laid side by side: which numbers follow from each, and which of their differences are small."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from everystone.account.grain import OTHERS

Group = tuple[str, ...]  # answers told as one number
Row = Mapping[Group, int]
Known = Mapping[frozenset[str], int]  # sets of answers whose sum follows from what is told


class View(NamedTuple):
    """What follows from one table: of each name told and of the OTHERS together, and of all of them as a whole.

    `pool` are the names of which it is known that they stand among the others.
    """

    rows: Mapping[str, Known]
    whole: Known
    pool: Collection[str] = ()

    @property
    def named(self) -> set[str]:
        """The names that are told apart."""
        return {*self.rows} - {OTHERS}


def small(n: int, threshold: int) -> bool:
    """Whether a number, or by how much a number changed, may not be told."""
    return 0 < abs(n) < threshold


def known(row: Row, of: Collection[str] = ()) -> Known:
    """Every set of answers whose sum follows from a row by adding and taking away; what it leaves out `of` is nought."""
    told = {answer for group in row for answer in group}
    found = {frozenset(group): n for group, n in row.items()}
    return _closed(found | {frozenset((answer,)): 0 for answer in of if answer not in told})


def _closed(found: Known) -> Known:
    while True:
        more = {
            **{one | other: found[one] + found[other] for one in found for other in found if not one & other},
            **{one - other: found[one] - found[other] for one in found for other in found if other < one},
        }
        if more.keys() <= found.keys():
            return found
        found = {**more, **found}


def view(told: Mapping[str, Row], of: Collection[str], whole: Known, pool: Collection[str] = ()) -> View:
    """What follows from a table for a reader who has the sums of the `whole` from another.

    Where one row alone does not tell some answers, they follow from the whole less the others.
    """
    rows = {name: known(row, of) for name, row in told.items()}
    found = True
    while found:
        found = False
        for those, n in whole.items():
            silent = [name for name, row in rows.items() if those not in row]
            if len(silent) == 1:
                rest = n - sum(row.get(those, 0) for row in rows.values())
                rows[silent[0]], found = _closed({**rows[silent[0]], those: rest}), True
    return View(rows, whole, pool)


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
    sides = [*(({name}, {name}) for name in both), *_unlike(now, then)]
    for those in now.whole.keys() & then.whole.keys():
        moved = [_moved(those, mine, theirs, now, then) for mine, theirs in sides]
        rest = now.whole[those] - then.whole[those] - sum(each for each in moved if each is not None)
        if any(small(each, threshold) for each in (rest, *moved) if each is not None):
            return {_least(those, now, then)}
    return set()


def _unlike(now: View, then: View) -> Iterator[tuple[set[str], set[str]]]:
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
    one, other = _sum(those, mine, now), _sum(those, theirs, then)
    return None if one is None or other is None else one - other


def _sum(those: frozenset[str], names: Collection[str], of: View) -> int | None:
    """The sum of some rows: of what each tells, or the whole less what all the others tell."""
    told = {name: row[those] for name, row in of.rows.items() if those in row}
    if told.keys() >= {*names}:
        return sum(told[name] for name in names)
    if those in of.whole and told.keys() | {*names} >= of.rows.keys():
        return of.whole[those] - sum(n for name, n in told.items() if name not in names)
    return None


def _least(those: frozenset[str], now: View, then: View) -> str:
    """The name that is told now and moved least (but moved), else the one with the smallest number; else OTHERS."""
    moved = {name: _moved(those, {name}, {name}, now, then) or 0 for name in now.named & then.named}
    size = {name: now.rows[name].get(those, 0) for name in now.named}
    return min(
        now.named, key=lambda name: (not moved.get(name), abs(moved.get(name, 0)), size[name], name), default=OTHERS
    )
