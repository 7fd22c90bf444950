"""How fresh each source is: as of when it is known, since when it is late, up to when anything could have come from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from everystone.ledger.book.database import Database
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.coverage import Coverage
from everystone.ledger.delivery import Delivery
from everystone.work.tables import among, insert

HOLDS = ("source", "kind", "feed", "at")
#: After the end of its interval a feed may be this share of the interval late before it is called late.
PATIENCE = 0.25


class Source(NamedTuple):
    """How fresh a source is: the last delivery that counts was written at `at` (seconds UTC), of the feed `feed`."""

    name: str
    feed: str
    at: int


def sources(database: Database) -> list[Source]:
    """Each source with the instant as of which it is known: the newest delivery that is not older than another's date."""
    rows = database.run(
        "SELECT source, feed, MAX(written) FROM work_feed f WHERE fault = '' AND ends = (SELECT MAX(ends) FROM work_feed g "
        "WHERE g.fault = '' AND g.source = f.source) GROUP BY source, feed ORDER BY source, feed"
    ).fetchall()
    return [Source(*row) for row in rows]


def sources_of(database: Database, stream: str) -> list[str]:
    """The sources from which a stream has entries, by name."""
    rows = database.run("SELECT source FROM work_from WHERE stream = ? ORDER BY source", (stream,)).fetchall()
    return [source for (source,) in rows]


def late_since(every: int, at: int | None, now: int) -> int | None:
    """Since when (seconds UTC) a feed of every so many minutes is late at an instant, None where it is not.

    `at` is when the newest of it was written, None for none.
    """
    if at is None:
        return now
    allowed = at + int(every * 60 * (1 + PATIENCE))
    return at + every * 60 if now > allowed else None


# ---- what can have come -------------------------------------------------------------------------------------------------


def coverage_at(book: SqlBook, at: int) -> Coverage:
    """What the sources hold as at an instant (seconds UTC), and up to when each kind that comes by a feed had come."""
    return Coverage(book.coverage().holdings, known_upto(book.database, at, book.clock()))


def known_upto(database: Database, at: int, now: int) -> dict[str, int]:
    """By kind, up to which instant the feeds had brought it at an instant (seconds UTC): of several the one that lags."""
    if at >= now:
        return dict(database.run("SELECT kind, MIN(at) FROM work_holds GROUP BY kind").fetchall())
    rows = database.run(
        "SELECT h.kind, MIN(s.at) FROM work_holds h JOIN (SELECT source, MAX(written) AS at FROM work_feed WHERE fault = '' "
        "AND written <= ? GROUP BY source) s ON s.source = h.source GROUP BY h.kind", (at,),
    ).fetchall()  # fmt: skip
    return dict(rows)


def reach(database: Database, feed: str, delivery: Delivery, now: int) -> None:
    """Keep as of when the kinds of a source are known, and have every answer given anew that waited for one of them."""
    known = next(each for each in sources(database) if each.name == delivery.source)
    kinds = sorted({kind for each in delivery.holdings if each.how != "not carried" for kind in each.kinds})
    database.run("DELETE FROM work_holds WHERE source = ?", (delivery.source,))
    insert(database, "work_holds", HOLDS, [(delivery.source, kind, feed, known.at) for kind in kinds])
    _ask_anew(database, now, kinds)


def _ask_anew(database: Database, now: int, kinds: Sequence[str]) -> None:
    """What waited for one of these kinds is due."""
    waited = database.run(f"SELECT DISTINCT frame FROM work_awaited WHERE kind IN {among(kinds)}", kinds).fetchall()
    insert(database, "work_due", ("frame", "since"), [(frame, now) for (frame,) in waited])


def forget_others(database: Database, feeds: Sequence[str], now: int) -> None:
    """Wait no longer for feeds that the file of the site no longer names."""
    named = [*feeds, ""]
    gone = database.run(f"SELECT DISTINCT kind FROM work_holds WHERE feed NOT IN {among(named)}", named).fetchall()
    if gone:
        with database.transaction():
            database.run(f"DELETE FROM work_holds WHERE feed NOT IN {among(named)}", named)
            _ask_anew(database, now, [kind for (kind,) in gone])
