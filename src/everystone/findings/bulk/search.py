"""Looking for what is expected in all frames at once: which duties surely find it inside their stretch of time."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from everystone.findings.bulk.columns import YES
from everystone.findings.bulk.duties import Duties
from everystone.findings.bulk.once import Once, code
from everystone.findings.bulk.resting import Meant, Part, Rests
from everystone.findings.bulk.rows import FAR, Mask, Numbers
from everystone.findings.match import DAY, MINUTE
from everystone.ledger.state import NEVER
from everystone.standards.item import Item, Items, several

NEAR = DAY + 3600 + MINUTE  # how far before a trigger an entry may begin that still counts as after it


class Stretches(NamedTuple):
    """Where what is expected must stand, of each duty: as `expect.Stretch`, column by column.

    `since` is -FAR where nothing says how far back it may lie; `recorded_by` is NEVER where it may be written down late.
    """

    lo: Numbers
    hi: Numbers
    due_lo: Numbers
    due_hi: Numbers
    forward: bool
    same_day: bool
    since: Numbers
    recorded_by: Numbers

    def of(self, which: Numbers) -> Stretches:
        """Those of some duties."""
        lo, hi, due_lo, due_hi, forward, same_day, since, recorded_by = self
        return Stretches(
            lo[which], hi[which], due_lo[which], due_hi[which], forward, same_day, since[which], recorded_by[which]
        )


class Sought:
    """A tree of items, made ready: each leaf one item, each node any or all of its parts."""

    def __init__(self, items: Items) -> None:
        alternatives = several(items)
        whole = alternatives[0] if len(alternatives) == 1 else Item(any=alternatives)
        self.every = bool(whole.all)
        self.parts = [Sought(part) for part in (whole.any or whole.all or ())]
        self.meant = None if self.parts else Meant(whole)

    def found(self, duties: Duties, stretches: Stretches) -> Mask:
        """Which of some duties surely find it."""
        if self.meant is not None:
            return _leaf(self.meant, duties, stretches)
        found = np.full(len(duties), self.every)
        for part in self.parts:
            open_ = np.flatnonzero(found == self.every)
            found[open_] = part.found(duties.only(open_), stretches.of(open_))
        return found


def _leaf(meant: Meant, duties: Duties, stretches: Stretches) -> Mask:
    which, row = _inside(duties, fitting_entries(duties.once, meant), stretches)
    which, row = surely(meant, duties, which, row)
    found = np.zeros(len(duties), np.bool_)
    found[which] = True
    return found


def fitting_entries(once: Once, meant: Meant) -> Numbers:
    """The rows that an item means as far as they themselves say."""
    rows = once.rows.of(meant.kinds)
    for part in meant.resting_on(Rests.ENTRY):
        rows = rows[once.of_entries(part, rows) == YES]
    return rows


def surely(meant: Meant, duties: Duties, which: Numbers, row: Numbers) -> tuple[Numbers, Numbers]:
    """Of pairs of duties and rows those that an item surely means, for whom is asked and on account of the trigger."""
    for part in meant.parts:
        if part.rests is not Rests.ENTRY and len(which):
            told = _asked(part, duties, which, row)
            which, row = which[told], row[told]
    return which, row


def _asked(part: Part, duties: Duties, which: Numbers, row: Numbers) -> Mask:
    if part.rests is Rests.ASKED:
        told = duties.once.of_pairs(part, duties.whose, duties.person[which], row)
        for n in np.flatnonzero(row == duties.row[which]).tolist():  # of the trigger itself it is another question
            told[n] = _told(part, duties, int(which[n]), int(row[n]))
    else:
        told = np.fromiter(map(partial(_told, part, duties), which.tolist(), row.tolist()), np.int8, len(row))
    surely_so: Mask = told == YES
    return surely_so


def _told(part: Part, duties: Duties, n: int, row: int) -> int:
    return code(part.test(duties.asking(n), duties.once.rows.entries[row]))


def _inside(duties: Duties, rows: Numbers, at: Stretches) -> tuple[Numbers, Numbers]:
    """The pairs of duties and rows of which the row surely stands inside the stretch."""
    all_rows = duties.once.rows
    trigger = all_rows.lo[duties.row]
    if at.forward:
        first, last = np.minimum(at.lo - NEAR, trigger), at.due_lo
    else:
        first, last = np.minimum(at.since, trigger), at.hi + MINUTE
    which, row = all_rows.between(rows, duties.frame, first, last)
    lo, hi = all_rows.lo[row], all_rows.hi[row]
    here = at.of(which)
    if at.forward:
        placed = _ordered(here.lo, here.hi, lo, hi, same_day=at.same_day) & (hi <= here.due_lo)
    else:
        placed = _ordered(lo, hi, here.lo, here.hi, same_day=at.same_day)
    placed &= (lo >= here.since) & (all_rows.known[row] <= here.recorded_by)
    placed |= row == duties.row[which]
    return which[placed], row[placed]


def _ordered(first_lo: Numbers, first_hi: Numbers, lo: Numbers, hi: Numbers, *, same_day: bool) -> Mask:
    """Where the second surely came at or after the first, as `match.ordered` has it."""
    to_the_minute = (first_lo == first_hi) & (lo == hi)
    after = lo >= first_hi
    if same_day:
        together = np.maximum(first_hi, hi) - np.minimum(first_lo, lo) <= DAY + 3600
        after = after | ((hi >= first_lo) & together)
    return np.where(to_the_minute, lo // MINUTE >= first_lo // MINUTE, after)


def first_after(meant: Meant, duties: Duties) -> Numbers:
    """When the first entry comes that an item surely means and that comes after each trigger; NEVER if none does."""
    rows = duties.once.rows
    far = np.full(len(duties), FAR - 1)
    which, row = rows.between(fitting_entries(duties.once, meant), duties.frame, duties.lo - NEAR, far)
    after = _ordered(duties.lo[which], duties.hi[which], rows.lo[row], rows.hi[row], same_day=False)
    after &= row != duties.row[which]
    which, row = surely(meant, duties, which[after], row[after])
    first = np.full(len(duties), NEVER)
    np.minimum.at(first, which, rows.lo[row])
    return first
