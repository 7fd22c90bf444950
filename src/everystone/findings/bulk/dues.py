"""When duties are due, of many at once: the calendar is asked once for each civil day."""

from __future__ import annotations

import numpy as np

from everystone.findings.bulk.columns import UNKNOWN, ends
from everystone.findings.bulk.duties import Duties
from everystone.findings.bulk.resting import Meant
from everystone.findings.bulk.rows import Numbers
from everystone.findings.bulk.search import first_after
from everystone.findings.response import Limit
from everystone.ledger.state import NEVER
from everystone.standards.item import Item
from everystone.standards.limit import Within


class Dues:
    """A limit made ready: the last second of each duty, as a span where its trigger is one."""

    def __init__(self, limit: Limit, before: list[Item]) -> None:
        self.limit = limit
        self.before = [Meant(item) for item in before]
        within = limit.within
        counted = within is None or (limit.from_trigger and _by_the_calendar(within))
        self.at_once = counted and limit.until is None and not limit.stops

    def of(self, duties: Duties) -> tuple[Numbers, Numbers]:
        """The due instants of duties: UNKNOWN where there is none, NEVER where nothing has set it yet."""
        if not self.at_once:
            return self._one_by_one(duties)
        within = self.limit.within
        lo = hi = np.full(len(duties), NEVER)
        if within is not None:
            lo, hi = (ends(duties.once.rows, duties.frame, within.duration, start) for start in (duties.lo, duties.hi))
            hi = np.where(hi == UNKNOWN, lo, hi)
        for meant in self.before:
            first = first_after(meant, duties)
            sooner = (lo != UNKNOWN) & ((first < lo) | ((first == lo) & (first < hi)))
            lo, hi = np.where(sooner, first, lo), np.where(sooner, first, hi)
        return lo, hi

    def _one_by_one(self, duties: Duties) -> tuple[Numbers, Numbers]:
        dues = [self.limit.due(asking, asking.fired) for asking in duties.askings(np.arange(len(duties)))]
        told = [(UNKNOWN, UNKNOWN) if due is None else due for due in dues]
        lo, hi = np.array(told, np.int64).reshape(-1, 2).T
        return lo, hi


def _by_the_calendar(within: Within) -> bool:
    """Whether the last second follows from the first by the calendar alone, without a place or a time of the day."""
    return within.at is None and within.duration.unit != "school days"
