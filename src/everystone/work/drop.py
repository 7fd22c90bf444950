"""What waits in the folder of a feed: each delivery once, the oldest first, none that is still being written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from everystone.ledger.book.database import Database
from everystone.ledger.calendar import Calendar
from everystone.ledger.fault import Fault
from everystone.work.feeds import Feed, Item, asked_at

SETTLED = 60  # seconds without a change after which a delivery is whole
UNDER_WAY = (".part", ".partial", ".tmp", ".filepart")
Clock = Callable[[int], int]


def waiting(feed: Feed, database: Database, real: int, clock: Clock, calendar: Calendar) -> list[Item]:
    """The deliveries of a feed that were not taken yet, at a real instant; `clock` gives the site's instant for a real one.

    Raises Fault where the folder of the feed is not there: an empty answer would pass for a quiet night.
    """
    folder = feed.drop or feed.queries
    assert folder is not None  # noqa: S101 - the feed's own check
    if not folder.is_dir():
        raise Fault(f"The folder of the feed {feed.name} is not there. Mount it, or correct the file of the site.")
    if feed.queries is not None:
        return _asked(feed, database, clock(real))
    done = {
        tuple(row) for row in database.run("SELECT item, print FROM work_feed WHERE feed = ?", (feed.name,)).fetchall()
    }
    found = [item for item in _dropped(feed, folder, real, clock, calendar) if (item.name, item.print) not in done]
    return sorted(found, key=lambda item: (item.as_of, item.written, item.name))


def _asked(feed: Feed, database: Database, now: int) -> list[Item]:
    """The queries, when it is time again: after one that was answered, its interval; after one that was not, five minutes."""
    last = database.one("SELECT taken, fault FROM work_feed WHERE feed = ? ORDER BY taken DESC LIMIT 1", (feed.name,))
    wait = 0 if last is None else 300 if last[1] else feed.every * 60
    if last is not None and now < last[0] + wait:
        return []
    assert feed.queries is not None  # noqa: S101
    return [Item("asked", [feed.queries], str(now), now, asked_at(now))]


def _dropped(feed: Feed, folder: Path, real: int, clock: Clock, calendar: Calendar) -> Iterator[Item]:
    mapping = _mapping(feed.mapping)
    for place in sorted(folder.iterdir()):
        if place.name.startswith(".") or place.name.endswith(UNDER_WAY) or place.is_symlink():
            continue
        files = [each for each in _files(place) if not each.is_symlink()]
        if not files or any(each.name.endswith(UNDER_WAY) for each in files):
            continue
        newest = max(int(each.stat().st_mtime) for each in [*files, place])
        if newest > real - SETTLED:
            continue
        said = "\n".join(
            [
                mapping,
                *(f"{each.relative_to(folder)} {each.stat().st_size} {each.stat().st_mtime_ns}" for each in files),
            ]
        )
        written = _instant(feed, place.name, calendar)
        at = clock(newest) if written is None else written
        yield Item(
            place.name, [place], sha256(said.encode()).hexdigest()[:16], at, "" if written is None else asked_at(at)
        )


def _files(place: Path) -> Sequence[Path]:
    return [place] if place.is_file() else sorted(each for each in place.rglob("*") if each.is_file())


def _mapping(path: Path) -> str:
    """A digest of the mapping: what could not be read with one is tried again with another."""
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _instant(feed: Feed, name: str, calendar: Calendar) -> int | None:
    """The instant that a name says, by the feed's own pattern; None where the feed has none. Raises Fault."""
    if not feed.dated:
        return None
    try:
        said = datetime.strptime(name.split(".")[0], feed.dated.split(".")[0])  # noqa: DTZ007 - local, made an instant here
    except ValueError as fault:
        raise Fault(
            f"{name!r} in the folder of {feed.name} does not say its instant as {feed.dated!r}. Rename it."
        ) from fault
    return calendar.span(f"{said:%Y-%m-%d %H:%M}")[0]
