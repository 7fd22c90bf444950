"""Feeds: what the force's own systems deliver by themselves, taken once each, and how fresh each source is.

    for feed in feeds:
        for item in waiting(feed, lists.database, now):
            take_item(lists, feed, item)

An item is taken together with the note that it was, or not at all: stopped at any instant and begun again, the same
command ends the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from everystone.intake.keep import keep
from everystone.intake.take import Progress, Taken
from everystone.ledger.book import Receipt
from everystone.ledger.book.database import Database
from everystone.ledger.civil import CivilDays
from everystone.ledger.fault import Fault
from everystone.work.fresh import reach
from everystone.work.same import settle
from everystone.work.tables import insert
from everystone.work.worklists import Worklists

FEED = ("feed", "item", "print", "source", "written", "taken", "as_of", "ends", "new", "changed", "gone", "same", "rejected",
        "fault")  # fmt: skip


class Feed(BaseModel):
    """One feed as the file of a site declares it: a folder into which deliveries are dropped, or queries to be asked.

    `every` is how often one is expected, in minutes. `dated` is how the name of a dropped item says its instant (local,
    as `%Y-%m-%dT%H%M`); without it a delivery is as new as its newest row. `link` is an address of the source system
    with `{case}` in it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    mapping: Path
    drop: Path | None = None
    queries: Path | None = None
    every: int = Field(default=1_440, ge=5)
    dated: str = ""
    link: str = ""

    @model_validator(mode="after")
    def one_way(self) -> Feed:
        """A feed comes in one way, and its links are addresses."""
        if (self.drop is None) == (self.queries is None):
            raise ValueError("state either `drop` or `queries`")
        if self.link and not (self.link.startswith("https://") and "{case}" in self.link):
            raise ValueError("`link` begins with https:// and has {case} in it")
        return self


class Item(NamedTuple):
    """One delivery that waits: its name, its places, a print that differs when it does, when it was written (seconds UTC).

    `as_of` is the instant it is of where its name or the asking says so, "" where its rows do.
    """

    name: str
    places: Sequence[Path]
    print: str
    written: int
    as_of: str = ""


class Last(NamedTuple):
    """What became of an item: when it was taken or refused, what it added, how many rows were not usable, the fault ("": none)."""

    feed: str
    item: str
    written: int
    taken: int
    new: int
    changed: int
    gone: int
    same: int
    rejected: int
    fault: str


def take_item(lists: Worklists, feed: Feed, item: Item, progress: Progress | None = None) -> Last:
    """Take one delivery, or note in words why it cannot be used; then its frames are due to be asked again."""
    try:
        with TemporaryDirectory(prefix="everystone-") as scratch:
            keep(lists.book, item.places, feed.mapping, lists.asking.pack, Path(scratch), progress, as_of=item.as_of,
                 goes_on=True, beside=lambda taken, receipt: _taken(lists, feed, item, taken, receipt))  # fmt: skip
    except Fault as fault:
        _note(lists, feed, item, ("", "", 0, 0, 0, 0, 0, 0), fault.public)
    lists.follow()
    return lasts(lists.database, feed.name, 1)[0]


def _taken(lists: Worklists, feed: Feed, item: Item, taken: Taken, receipt: Receipt) -> None:
    """What is written in the same transaction as the delivery: that it was taken, and which acts are one."""
    delivery = taken.delivery
    changes = next(
        (each for done, each in reversed(lists.book.deliveries(delivery.source)) if done.as_of == delivery.as_of), []
    )
    counts = [sum(each.what == what for each in changes) for what in ("changed", "gone")]
    said = (delivery.source, delivery.as_of, delivery.end, delivery.new, *counts, delivery.same, taken.rejected)
    _note(lists, feed, item, said, "")
    reach(lists.database, feed.name, delivery, lists.book.clock())
    settle(lists, delivery.source, receipt)


def _note(lists: Worklists, feed: Feed, item: Item, said: Sequence[object], fault: str) -> None:
    source, as_of, ends, *counts = said
    row = (feed.name, item.name, item.print, source, item.written, lists.book.clock(), as_of, ends, *counts, fault)
    with lists.database.transaction():
        lists.database.run("DELETE FROM work_feed WHERE feed = ? AND item = ? AND print = ?", row[:3])
        insert(lists.database, "work_feed", FEED, [row])


def lasts(database: Database, feed: str, most: int = 5) -> list[Last]:
    """The last items of a feed, the newest first."""
    rows = database.run(
        "SELECT feed, item, written, taken, new, changed, gone, same, rejected, fault FROM work_feed WHERE feed = ? "
        "ORDER BY taken DESC, written DESC, item DESC LIMIT ?",
        (feed, most),
    ).fetchall()
    return [Last(*row) for row in rows]


def asked_at(now: int) -> str:
    """The instant at which a database was asked, as a delivery says it."""
    return f"{CivilDays('UTC').local(now):%Y-%m-%dT%H:%M:%SZ}"
