"""Lawful erasure: an entry says what is erased, when, by whose authority and why; then the keys are destroyed.

    number = erase(book, [4, 5, 9], Authority("retention panel 2026/14", "review of retention", ("I2", "I3")))

The entry comes first, so that no key is ever gone without a word; what was stopped in between is finished by asking again.
Headers, chain and tree stay: everything else still verifies, and verification names what was erased. Derived copies are
made anew by `copies.rebuild`; whoever read the entries before, and may hold what nothing here reaches, is listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from everystone.ledger.book.log import Log, Row, lines_of_row, ranges
from everystone.ledger.book.sql import ERASURE, SqlBook
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.ledger.seal.header import decode, leaf

AT_ONCE = 5_000
_MICRO = 1_000_000
_NEVER = 1 << 62


class Authority(NamedTuple):
    """Who decided on an erasure and under which reference, why, and who approved it: two at least, and not who runs it."""

    decided: str
    reason: str
    approved: tuple[str, ...]


class Reading(NamedTuple):
    """Who was given an entry that is now erased, what for, how often, and the last time (seconds UTC)."""

    by: str
    why: str
    times: int
    last: int


def erase(book: SqlBook, numbers: Sequence[int], authority: Authority) -> int:
    """Erase entries for good; gives back the number of the entry that says so (0 where it was all said before).

    Raises Fault for an authority that is not whole, for a number that was not given yet, for an erasure's own entry, and
    for an entry that is not what was written: what was done to it is evidence. Then nothing is erased.
    """
    _whole(authority, book.reader.by)
    said_before = {number for said in erasures(book.entries) for number in said.data["entries"]}
    with book.transaction():
        rows = _rows(book, sorted(set(numbers) - said_before))
        number = book.record_erasure(_data(rows, authority)) if rows else 0
    finish(book)
    return number


def finish(book: SqlBook) -> None:
    """Destroy every key that an erasure on record names and that is still held: one that was stopped, or keys restored."""
    for said in erasures(book.entries):
        rows = _stored(book.entries, said.data["entries"])
        if held := book.keys.secrets(row.key for row in rows):
            book.keys.destroy(held, book.clock())


def erasures(log: Log) -> list[Entry]:
    """Every erasure that a log has on record, in order; one whose own key is missing says nothing."""
    stream = log.stream(ERASURE)
    rows = log.of_stream(stream) if stream else []
    held = log.keys.secrets(row.key for row in rows)
    return list(log.opened([row for row in rows if row.key in held]))


def readings_of(book: SqlBook, numbers: Sequence[int]) -> list[Reading]:
    """Everybody who was given one of these entries before it was erased, as the readings show: copies, exports, pages."""
    names = {stream.id: name for name, stream in book.entries.streams().items()}
    erased = {number: said.accepted for said in erasures(book.entries) for number in said.data["entries"]}
    given = [
        (row.number, names[row.stream], decode(bytes(row.header)).accepted // _MICRO, erased.get(row.number, _NEVER))
        for row in _stored(book.entries, numbers)
    ]
    times, last = Counter[tuple[str, str]](), dict[tuple[str, str], int]()
    for reading in _readings(book.readings):
        if any(_includes(reading, *each) for each in given):
            who = reading.by, reading.data["why"]
            times[who] += 1
            last[who] = reading.accepted
    return [Reading(*who, count, last[who]) for who, count in sorted(times.items())]


def judged(log: Log, unreadable: Mapping[int, int]) -> tuple[list[str], str]:
    """What is to be noted of entries that no longer open (number to key), and what is not as it should be ("" for nothing).

    Erased under an entry: a note. Keys destroyed or gone without one, or still there in spite of one: not as it should be.
    """
    notes, said_of = [], set[int]()
    for said in erasures(log):
        numbers = said.data["entries"]
        said_of |= set(numbers)
        notes.append(f"payload not readable: entries {ranges(numbers)} were erased on {_day(said.accepted)} under entry "
                     f"{said.number:,}, on the authority of {said.data['authority']}.")  # fmt: skip
    destroyed = log.keys.destroyed()
    unsaid = [number for number, key in unreadable.items() if key in destroyed and number not in said_of]
    missing = [number for number, key in unreadable.items() if key not in destroyed and number not in said_of]
    still = said_of - unreadable.keys()
    if missing:
        return notes, (f"payload not readable: the key store lacks the keys of entries {ranges(missing)}, and no record shows "
                       "that they were destroyed. Headers, chain and tree are as they were written.")  # fmt: skip
    if unsaid:
        days = sorted({_day(destroyed[unreadable[number]]) for number in unsaid})
        return notes, (f"payload not readable: the keys of entries {ranges(unsaid)} were destroyed ({', '.join(days[:5])}), and "
                       "no entry says by whose authority. Headers, chain and tree are as they were written.")  # fmt: skip
    if still:
        return (
            notes,
            f"entries {ranges(still)} were to be erased, and their keys are still there: run `everystone erase` again.",
        )
    return notes, ""


# ---- the work behind -------------------------------------------------------------------------------------------------


def _whole(authority: Authority, by: str) -> None:
    approved = {each.strip() for each in authority.approved} - {"", by}
    if not (authority.decided.strip() and authority.reason.strip()) or len(approved) < 2:
        raise Fault(
            "An erasure needs who decided it, the reason, and two people who approved it, neither of them who runs it. "
            "Nothing was erased."
        )


def _rows(book: SqlBook, numbers: Sequence[int]) -> list[Row]:
    """The rows of these numbers, each held against its header; of keys gone already that is no longer possible."""
    size, own = book.entries.head().size, book.entries.stream(ERASURE)
    rows = _stored(book.entries, [number for number in numbers if 0 < number <= size])
    if len(rows) < len(numbers):
        raise Fault(f"The ledger has no such entry; its numbers go from 1 to {size:,}. Nothing was erased.")
    if own and any(row.stream == own.id for row in rows):
        raise Fault("What says that something was erased is itself never erased. Nothing was erased.")
    secrets = book.keys.secrets(row.key for row in rows)
    for row in rows:
        if row.key in secrets:
            lines_of_row(row, secrets[row.key])
    return rows


def _stored(log: Log, numbers: Sequence[int]) -> list[Row]:
    return [row for number in numbers for row in log.rows(number - 1, number)]


def _data(rows: Sequence[Row], authority: Authority) -> dict[str, Any]:
    return {
        "entries": [row.number for row in rows], "leaves": [leaf(bytes(row.header)).hex() for row in rows],
        "authority": authority.decided, "reason": authority.reason, "approved": sorted(authority.approved),
    }  # fmt: skip


def _readings(log: Log) -> Iterator[Entry]:
    size = log.head().size
    for after in range(0, size, AT_ONCE):
        yield from log.opened(log.rows(after, min(after + AT_ONCE, size)), checked=False)


def _includes(reading: Entry, number: int, stream: str, accepted: int, erased: int) -> bool:
    """Whether a reading gave out an entry: its stream or everything after it came, a range of numbers with it, or itself."""
    said = reading.data
    if reading.accepted > erased:
        return False
    if said.get("stream") == stream or stream in said.get("streams", ()) or "source" in said:
        return reading.accepted >= accepted
    return bool(number in said.get("numbers", ()) or said.get("after", number) < number <= said.get("upto", 0))


def _day(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).date().isoformat()
