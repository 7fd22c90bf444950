"""Taking what the feeds of a site bring: from a terminal or a timer, never inside a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings

from everystone.ledger.book.sql import Reader, SqlBook
from everystone.ledger.entry import Capacity
from everystone.ledger.fault import Fault
from everystone.web import clock
from everystone.web.store import asking, keys, pack, tables
from everystone.work.drop import waiting
from everystone.work.feeds import Last, take_item
from everystone.work.fresh import forget_others
from everystone.work.worklists import Worklists

FEEDER = Reader("everystone", Capacity("program"), "taking a feed")


class Round(NamedTuple):
    """What one round did with a feed: each item taken or refused, and why it could not be looked at ("" if it could)."""

    feed: str
    items: list[Last]
    fault: str = ""


def take_feeds() -> Iterator[Round]:
    """Take what waits in every feed, then ask again what it touches. Stopped at any instant, the next round goes on."""
    lists = Worklists(SqlBook(tables(), keys(), FEEDER, clock.now), asking())
    calendar = pack().words.calendar
    forget_others(lists.database, [feed.name for feed in settings.SITE.feeds], clock.now())
    for feed in settings.SITE.feeds:
        try:
            items = waiting(feed, lists.database, clock.real(), settings.SITE.now, calendar)
            yield Round(feed.name, [take_item(lists, feed, item) for item in items])
        except Fault as fault:
            yield Round(feed.name, [], fault.public)
    while lists.tick():
        pass
