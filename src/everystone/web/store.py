"""The ledger over Django's own connection: an entry, the findings of its frame and who read it, together or not at all."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.connection import database
from everystone.ledger.book.database import Database
from everystone.ledger.book.keys import Keys, open_keys
from everystone.ledger.book.sql import Reader, SqlBook
from everystone.ledger.book.sqlite import restrict
from everystone.ledger.entry import Capacity
from everystone.standards.pack import Pack, load
from everystone.web import policy
from everystone.work.fresh import Source, sources, sources_of
from everystone.work.gathered import Asking
from everystone.work.named import titles
from everystone.work.outside import opened_by, opened_to
from everystone.work.said import waits
from everystone.work.tables import are_current
from everystone.work.worklists import Worklists

_of_thread = threading.local()
_ready = set[str]()
MACHINE = Reader("everystone", Capacity("program"), "asking the standards again")


def gated(sender: Any, connection: Any, **_: Any) -> None:
    """Refuse a new connection that could lose what it acknowledged, and give it the rights that the ledger allows."""
    if isinstance(connection.connection, sqlite3.Connection):
        restrict(connection.connection)
    connection.ledger = database(connection.connection)


@cache
def pack() -> Pack:
    """The packs of this site, read once a process."""
    return load(settings.SITE.packs)


@cache
def asking() -> Asking:
    """The packs, made ready once for asking frames."""
    return Asking.of(pack())


@cache
def called() -> Mapping[str, tuple[str, str]]:
    """What people are called on screen by their part in a case, read once a process."""
    return titles(pack())


def keys() -> Keys:
    """The key store, over a connection of this thread's own."""
    held: tuple[str, Keys] | None = getattr(_of_thread, "keys", None)
    if held is None or held[0] != settings.SITE.keys:
        held = _of_thread.keys = settings.SITE.keys, Keys(open_keys(settings.SITE.keys))
    return held[1]


def tables() -> Database:
    """The connection as the ledger speaks to it."""
    connection.ensure_connection()
    spoken: Database = connection.ledger  # type: ignore[attr-defined]
    return spoken


@contextmanager
def ledger(reader: Reader, moment: int) -> Iterator[SqlBook]:
    """The ledger as somebody reads it, at one instant, in one transaction with everything else of the request."""
    with transaction.atomic():
        spoken = tables()
        spoken.run("SELECT 1")  # on PostgreSQL a transaction begins with its first statement
        yield SqlBook(spoken, keys(), reader, lambda: moment)


@contextmanager
def worklists(reader: Reader, moment: int) -> Iterator[Worklists]:
    """The ledger with what is kept at hand of it."""
    with ledger(reader, moment) as book:
        yield Worklists(book, asking())


@contextmanager
def working(request: Any, why: str) -> Iterator[tuple[Worklists, SqlBook]]:
    """What is kept at hand, asked again by the program itself, and the ledger as whoever asks for the page reads it."""
    with worklists(MACHINE, request.moment) as lists:
        yield lists, lists.book.read_by(reader_of(request, why))


def reader_of(request: Any, why: str) -> Reader:
    """Who reads, as what and why, for the record of readings."""
    posts = sorted(request.who.posts)
    first = posts[0] if posts else policy.Held("")
    return Reader(request.who.reference, Capacity(first.role, request.user.rank, first.team), why)


class Known:
    """As of when each case of a page is known; how fresh the sources are is looked up once a page."""

    @cached_property
    def _fresh(self) -> Mapping[str, Source]:
        return {each.name: each for each in sources(tables())}

    def __call__(self, case: str) -> list[tuple[Source, str]]:
        """By the sources a case has entries from, with its address in the source system ("" for none)."""
        links = {feed.name: feed.link for feed in settings.SITE.feeds}
        names = sources_of(tables(), CASE + case) if self._fresh else []
        found = [self._fresh[name] for name in names if name in self._fresh]
        return [(each, links.get(each.feed, "").replace("{case}", quote(case, safe=""))) for each in found]


def is_ready() -> bool:
    """Whether the tables are those of this release; looked up until they are, once for each database."""
    place = settings.SITE.database
    if place not in _ready and are_current(tables()):
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            _ready.add(place)
    return place in _ready


# ---- what the door asks ------------------------------------------------------------------------------------------------


def posts_now(person: Any, moment: int) -> policy.Who:
    """Who somebody is at an instant: the posts held that day, the cases kept from them. Nobody, for who is not signed in."""
    if not person.is_authenticated:
        return policy.Who("", frozenset())
    today = pack().words.calendar.day_of(moment)
    held = frozenset(
        policy.Held(post.role, post.team)
        for post in person.posts.all()
        if post.since <= today and (post.until is None or today <= post.until)
    )
    return policy.Who(person.reference, held, frozenset(each.case for each in person.kept_away.all()))


def about_case(name: str, moment: int) -> policy.About | None:
    """A case as the policy sees it at an instant, by its name; None where there is none."""
    found = tables().one("SELECT team, lead, running FROM work_frame WHERE frame = ?", (CASE + name,))
    if found is None:
        return None
    acted = tables().run("SELECT person FROM work_named WHERE stream = ? AND acted = 1", (CASE + name,)).fetchall()
    return policy.About(name, found[0], found[1], frozenset(person for (person,) in acted), bool(found[2]),
                        waits(tables(), CASE + name), frozenset(opened_to(tables(), CASE + name, moment)),
                        opened_by(tables(), CASE + name))  # fmt: skip
