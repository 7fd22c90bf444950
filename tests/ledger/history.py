"""What clients were told, replayed against what the ledger holds: the checker of every fault test.

Each call is written down with its beginning, its end and its outcome: `ok` with the numbers of the receipt, `refused`, or
`unknown` where the client never heard. The rules are those of an honest ledger and fit on a page.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from everystone.ledger.book.log import ENTRIES
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.book.verify import verify
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.ledger.seal.tree import Checkpoint


@dataclass
class Call:
    """One call of one client for one row key."""

    key: str
    began: float = field(default_factory=time.monotonic)
    ended: float = float("inf")
    outcome: str = "unknown"
    number: int = 0

    def told(self, outcome: str, number: int = 0) -> None:
        self.outcome, self.number, self.ended = outcome, number, time.monotonic()


@dataclass
class History:
    """Everything that clients did and heard, and the checkpoints that they were given."""

    calls: list[Call] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)

    def append(self, book: SqlBook, entry: Entry, request: str = "") -> Call:
        """Append one entry and write down what was heard; a lost connection is `unknown`."""
        call = Call(entry.key)
        self.calls.append(call)
        try:
            receipt = book.append([entry], request)
        except Fault:
            call.told("unknown")
        else:
            call.told("ok", receipt.numbers[0])
        return call


def check(history: History, book: SqlBook, payloads: bool = True) -> list[str]:
    """What the ledger holds that it should not, or lacks that it should hold; empty if the ledger was honest."""
    wrong = []
    with book.transaction():
        held = list(book.entries.opened(book.entries.rows(0, book.entries.head().size)))
    numbers = {entry.key: entry.number for entry in held}
    wrong += [f"{key} stands {count} times" for key, count in Counter(each.key for each in held).items() if count > 1]
    outcomes: dict[str, set[str]] = {}
    for call in history.calls:
        outcomes.setdefault(call.key, set()).add(call.outcome)
        if call.outcome == "ok" and numbers.get(call.key) != call.number:
            wrong.append(f"{call.key} was acknowledged as {call.number} and is {numbers.get(call.key, 'lost')}")
    wrong += [
        f"{key} was refused and is there" for key, told in outcomes.items() if told == {"refused"} and key in numbers
    ]
    wrong += [f"{key} was never sent" for key in numbers if key not in outcomes]
    wrong += _out_of_order(history)
    verdict = verify(book, payloads, history.checkpoints)
    if verdict.fault:
        wrong.append(verdict.fault)
    elif verdict.checkpoints[ENTRIES].size != len(held):
        wrong.append("entries came while nobody wrote")
    return wrong


def _out_of_order(history: History) -> list[str]:
    """An entry that was acknowledged before another call began has the smaller number."""
    heard = sorted((call for call in history.calls if call.outcome == "ok"), key=lambda call: call.ended)
    wrong, newest, at = [], 0, 0
    for call in sorted(heard, key=lambda call: call.began):
        while at < len(heard) and heard[at].ended < call.began:
            newest = max(newest, heard[at].number)
            at += 1
        if call.number < newest and not any(each.key == call.key and each is not call for each in heard):
            wrong.append(f"{call.key} got {call.number} after {newest} had been acknowledged")
    return wrong
