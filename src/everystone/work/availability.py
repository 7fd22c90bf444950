"""Who cannot take a case now: on leave, restricted, gone. Whoever asks learns that somebody is not available, never why."""

from __future__ import annotations

from collections.abc import Sequence

from everystone.findings.elsewhere import OFFICER
from everystone.findings.frames import Instants, facts_of
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.coverage import Coverage
from everystone.work.conduct import SEALED
from everystone.work.gathered import Asking

#: States in which an officer is not available; a pack that lacks one of them says nothing by it.
AWAY = ("on leave", "restricted")


def unavailable(book: SqlBook, asking: Asking, officers: Sequence[str], now: int) -> set[str]:
    """Those of some officers who cannot take a case at an instant. What is sealed is looked at alike for each of them."""
    read = book.read_all([place + name for name in officers for place in (OFFICER, SEALED + OFFICER)])
    streams = {
        OFFICER + name: [*read.get(OFFICER + name, ()), *read.get(SEALED + OFFICER + name, ())] for name in officers
    }
    facts = facts_of(streams, asking.pack.words, Instants(now, now, Coverage()))
    return {
        name for state in AWAY for name, stretches in facts.states.get(state, {}).items()
        if any(each.at(now) is not False for each in stretches)
    }  # fmt: skip
