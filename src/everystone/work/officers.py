"""What is known of officers, worked out once a process for as long as nothing was added to what the record says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from everystone.findings.frames import Instants, facts_of
from everystone.ledger.case import Facts
from everystone.ledger.entry import Entry
from everystone.ledger.state import NEVER, Interval
from everystone.ledger.vocabulary import Vocabulary

MOST = 5_000  # officers of whom it is kept; of a force with more it is all worked out again now and then

Which = tuple[
    bytes, str, tuple[str, ...]
]  # the ledger, the stream, the keys of its entries: what is written never changes


class Known(NamedTuple):
    """What is known of one officer from one instant until before another (seconds UTC), between which nothing begins."""

    facts: Facts
    since: int
    until: int


class Officers:
    """What is known of the officers of one frame after another, with one pack."""

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self._known: dict[Which, Known] = {}

    def facts(self, ledger: bytes, streams: Mapping[str, Sequence[Entry]], led: Mapping[str, Sequence[Interval]],
              when: Instants) -> Facts:  # fmt: skip
        """What is known of some officers, given all entries of their streams and the cases that they led."""
        states: dict[str, dict[str, list[Interval]]] = {}
        entries: dict[str, Sequence[Entry]] = {}
        details: dict[str, Mapping[str, Any]] = {}
        for stream, each in streams.items():
            known = self._of(ledger, stream, each, when).facts
            entries.update(known.entries)
            details.update(known.details)
            for name, of in known.states.items():
                for person, intervals in of.items():
                    states.setdefault(name, {}).setdefault(person, []).extend(intervals)
        return Facts(states, entries, led, details)

    def _of(self, ledger: bytes, stream: str, entries: Sequence[Entry], when: Instants) -> Known:
        which = ledger, stream, tuple(entry.key for entry in entries)
        known = self._known.get(which)
        now = (
            when.as_at
        )  # compared in this way round: an instant that notes what it is compared with then notes when it ends
        if known is None or not (now >= known.since and now < known.until):
            known = self._worked_out(stream, entries, when)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[which] = known
        return known

    def _worked_out(self, stream: str, entries: Sequence[Entry], when: Instants) -> Known:
        now = when.as_at
        begins = [max(entry.lo, entry.known) for entry in entries]
        return Known(
            facts_of({stream: entries}, self.words, when),
            max((each for each in begins if not now < each), default=-NEVER),
            min((each for each in begins if now < each), default=NEVER),
        )
