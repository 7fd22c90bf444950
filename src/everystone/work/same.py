"""The same act, typed here and delivered by the force's system: it becomes one entry, or a person says whether it is one.

Nothing is removed: the entry of the form is withdrawn in favour of the delivered one, and the page of any earlier day
shows it as it stood.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from everystone.ledger.book import Receipt
from everystone.ledger.book.database import Database
from everystone.ledger.calendar import Calendar
from everystone.ledger.entry import Entry, in_force
from everystone.ledger.kind import Kinds
from everystone.work.cards import Where, fitting
from everystone.work.tables import insert

if TYPE_CHECKING:
    from everystone.work.worklists import Worklists

PAIR = ("typed", "fed", "stream", "since", "decided", "by_whom")
CLOSE = 3_600  # seconds between two accounts of one act that was noted twice
OPEN, ONE, TWO = "", "one", "two"


class Pair(NamedTuple):
    """Two entries that may be the same act: what was typed here, what was delivered, in which stream, since when."""

    typed: str
    fed: str
    stream: str
    since: int


def alike(typed: Entry, fed: Entry, kinds: Kinds, calendar: Calendar) -> bool | None:
    """Whether two entries of one stream tell of the same act; None where a person should look.

    By reference, person, kind and time: another kind, reference, person or day is another act; the same reference and
    people, or the same people within the hour, is the same one.
    """
    if typed.kind != fed.kind or (typed.subjects and fed.subjects and not set(typed.subjects) & set(fed.subjects)):
        return False
    same = [typed.data[name] == fed.data[name] for name in _references(typed.kind, kinds)
            if typed.data.get(name) and fed.data.get(name)]  # fmt: skip
    if not all(same):
        return False
    if set(typed.subjects) != set(fed.subjects):
        return None if _one_day(typed, fed, calendar) else False
    if same or max(typed.lo, fed.lo) - min(typed.lo, fed.lo) <= CLOSE:
        return True
    return None if _one_day(typed, fed, calendar) else False


def _references(kind: str, kinds: Kinds) -> Sequence[str]:
    return [name for name, of in kinds.by_name[kind].fields.items() if of.type == "reference"]


def _one_day(one: Entry, other: Entry, calendar: Calendar) -> bool:
    days = [(calendar.day_of(each.lo), calendar.day_of(each.hi)) for each in (one, other)]
    return days[0][0] <= days[1][1] and days[1][0] <= days[0][1]


def settle(lists: Worklists, source: str, receipt: Receipt) -> None:
    """Among what a delivery brought, find what was typed here already: one entry of the two, or a pair for a person.

    Called in the transaction of the delivery, so that both are there or neither.
    """
    numbers = set(receipt.numbers)
    if not numbers:
        return
    typed_in = {stream for (stream,) in lists.database.run("SELECT DISTINCT stream FROM work_typed").fetchall()}
    now = lists.book.clock()
    for stream, entries in lists.book.read_all(sorted(typed_in)).items():
        fresh = [each for each in entries if each.number in numbers and not each.withdraws]
        if fresh:
            _settle(lists, stream, entries, fresh, now)


def _settle(lists: Worklists, stream: str, entries: Sequence[Entry], fresh: Sequence[Entry], now: int) -> None:
    words = lists.asking.pack.words
    keys = {key for (key,) in lists.database.run("SELECT key FROM work_typed WHERE stream = ?", (stream,)).fetchall()}
    standing = [each for each in in_force(list(entries), now, now)[0] if each.key in keys]
    found: dict[str, list[tuple[Entry, Entry, bool | None]]] = defaultdict(list)
    for typed in standing:
        for fed in fresh:
            told = alike(typed, fed, words.kinds, words.calendar)
            if told is not False:
                found[typed.key].append((typed, fed, told))
    for pairs in found.values():
        sure = [each for each in pairs if each[2]]
        if len(pairs) == 1 and sure:
            withdraw(lists, sure[0][0], sure[0][1].key, now)
        else:
            insert(
                lists.database,
                "work_same",
                PAIR,
                [(typed.key, fed.key, stream, now, OPEN, "") for typed, fed, _ in pairs],
            )


def withdraw(lists: Worklists, typed: Entry, fed: str, now: int) -> None:
    """Withdraw what was typed in favour of what was delivered; said again it adds nothing."""
    source = typed.source._replace(key=f"{typed.key}/one")
    gone = typed._replace(number=0, recorded=now, accepted=now, withdraws=typed.key, corrects="", source=source,
                          by=lists.book.reader.by, capacity=lists.book.reader.capacity, attachments=(fed,))  # fmt: skip
    lists.book.append([gone])


def open_pairs(database: Database, where: Where = (None,), kept_away: Collection[str] = ()) -> list[Pair]:
    """The pairs of a list of cases that nobody has decided yet, the oldest first."""
    condition, values = fitting(where, kept_away)
    rows = database.run(
        "SELECT s.typed, s.fed, s.stream, s.since FROM work_same s LEFT JOIN work_frame f ON f.frame = s.stream "
        f"WHERE s.decided = '' AND {condition} ORDER BY s.since, s.typed, s.fed", values,
    ).fetchall()  # fmt: skip
    return [Pair(*row) for row in rows]


def decide(lists: Worklists, typed: str, fed: str, one: bool) -> bool:
    """Say of a pair whether it is one act; whether it was open until now. One act leaves no other pair of the two open."""
    database, now = lists.database, lists.book.clock()
    with lists.book.transaction():
        pair = next((each for each in open_pairs(database) if (each.typed, each.fed) == (typed, fed)), None)
        if pair is None:
            return False
        said = (ONE if one else TWO, lists.book.reader.by)
        database.run("UPDATE work_same SET decided = ?, by_whom = ? WHERE typed = ? AND fed = ?", (*said, typed, fed))
        if one:
            database.run("UPDATE work_same SET decided = ? WHERE typed = ? AND decided = ''", (TWO, typed))
            entry = next(each for each in lists.book.read(pair.stream) if each.key == typed)
            withdraw(lists, entry, fed, now)
            lists.follow()
            lists.ask(pair.stream)
        return True
