"""The duties that begin in many frames: which entry began each, for whom, and whether it surely did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from everystone.findings.asking import Asking
from everystone.findings.bulk.columns import NO, UNTOLD, YES, Tellings
from everystone.findings.bulk.once import Once, Whose
from everystone.findings.bulk.resting import Meant
from everystone.findings.bulk.rows import Mask, Numbers
from everystone.findings.trigger import Begun


class Duties:
    """Duties side by side: the row of the trigger, the person by number, and whether each surely began.

    In the order in which the reference would ask them: frame by frame, by the trigger's beginning and key.
    """

    def __init__(self, once: Once, whose: Whose, row: Numbers, person: Numbers, certain: Mask) -> None:
        self.once, self.whose, self.row, self.person, self.certain = once, whose, row, person, certain
        rows = once.rows
        self.frame, self.lo, self.hi = rows.frame[row], rows.lo[row], rows.hi[row]
        self._askings: dict[int, Asking] = {}

    def __len__(self) -> int:
        return len(self.row)

    def only(self, which: Mask | Numbers) -> Duties:
        """Some of them."""
        return Duties(self.once, self.whose, self.row[which], self.person[which], self.certain[which])

    def begun(self, n: int) -> Begun:
        """One of them as the reference has it."""
        begun = self.whose.begun(int(self.row[n]), int(self.person[n]))
        return begun if self.certain[n] or not begun.certain else begun._replace(
            certain=False, reason="not recorded", about=(begun.asking.trigger.kind,)
        )  # fmt: skip

    def asking(self, n: int) -> Asking:
        """What is asked in one of them."""
        found = self._askings.get(n)
        if found is None:
            found = self._askings[n] = self.whose.begun(int(self.row[n]), int(self.person[n])).asking
        return found

    def askings(self, which: Numbers) -> list[Asking]:
        """What is asked in some of them."""
        return [self.asking(n) for n in which.tolist()]


class _Begun(NamedTuple):
    """Columns of duties: trigger, person, which of the trigger's persons, what is told of it, by which item."""

    row: Numbers
    person: Numbers
    nth: Numbers
    told: Tellings
    item: Numbers

    def at(self, which: Mask | Numbers) -> _Begun:
        return _Begun._make(column[which] for column in self)


def begun_by(once: Once, whose: Whose, items: Sequence[Meant]) -> Duties:
    """The duties that entries begin, as any of some items means them."""
    if not items:
        nothing = np.zeros(0, np.int64)
        return Duties(once, whose, nothing, nothing, nothing.astype(np.bool_))
    each = [_by_one(once, whose, item, n) for n, item in enumerate(items)]
    begun = _Begun._make(np.concatenate(columns) for columns in zip(*each, strict=True))
    if len(items) > 1:
        begun = _together(begun)
    begun = begun.at(_in_order(once, begun))
    return Duties(once, whose, begun.row, begun.person, begun.told == YES)


def _by_one(once: Once, whose: Whose, item: Meant, number: int) -> _Begun:
    """The duties that one item's entries begin, each surely or perhaps."""
    row, person, nth, sure = whose.of(item.kinds)
    begun = _Begun(row, person, nth, np.where(sure, YES, UNTOLD).astype(np.int8), np.full(len(row), number, np.int64))
    for part in item.parts:
        told = once.of_triggers(part, whose, begun.person, begun.row)
        begun = begun._replace(told=np.minimum(begun.told, told)).at(told != NO)
    return begun


def _together(begun: _Begun) -> _Begun:
    """One duty for each person and entry: it surely began if any item surely means it."""
    begun = begun.at(np.lexsort((begun.item, begun.person, begun.row)))
    if not len(begun.row):
        return begun
    first = np.ones(len(begun.row), np.bool_)
    first[1:] = (begun.row[1:] != begun.row[:-1]) | (begun.person[1:] != begun.person[:-1])
    told = np.maximum.reduceat(begun.told, np.flatnonzero(first))
    return begun.at(first)._replace(told=told)


def _in_order(once: Once, begun: _Begun) -> Numbers:
    """By frame, beginning and key; of one entry by item and then as the people were named."""
    rows = once.rows
    order = np.lexsort((begun.nth, begun.item, begun.row))
    row = begun.row[order]
    place = rows.place[row]
    if ((place[1:] == place[:-1]) & (row[1:] != row[:-1])).any():  # several entries began at once
        keys = [rows.entries[n].key for n in row.tolist()]
        order = order[sorted(range(len(order)), key=lambda n: (int(place[n]), keys[n]))]
    return order
