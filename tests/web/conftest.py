"""A site on each database, made once a process; time stands still in it unless a test moves it.

`live` is on SQLite in `make test`, and on both in `make proof`; `both` is on both always, for what differs between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from everystone.standards.pack import Pack
from tests.conftest import PROOF
from tests.ledger.conftest import cluster
from tests.ledger.stores import memory

__all__ = ["cluster"]
pytest.importorskip("django", reason="Django is not installed: pip install 'everystone[site]'")
BOTH = ["sqlite", "postgresql"]


@pytest.fixture(scope="session")
def sites(request: pytest.FixtureRequest, pack: Pack) -> Iterator[Any]:
    """The sites that were made so far, by database."""
    from tests.web.site import Live, challenge, configure, copied, opening, people, use, world, write_site

    made: dict[str, Live] = {}
    with ExitStack() as undo:

        def site(database: str, *, fresh: bool = False) -> Live:
            if fresh:
                again = request.getfixturevalue("cluster").database if database == "postgresql" else None
                folder = Path(undo.enter_context(TemporaryDirectory(prefix="es-", dir=memory())))
                return copied(site(database), folder, again)
            if database not in made:
                entries, now = world(pack)
                folder = Path(undo.enter_context(TemporaryDirectory(prefix="es-", dir=memory())))
                place = (
                    str(folder / "ledger") if database == "sqlite" else request.getfixturevalue("cluster").database()
                )
                live = made[database] = Live(write_site(folder, place), now)
                configure(live.path)
                use(live.path)
                from everystone.web import beginning, store

                beginning.make_ready(static=False)
                with store.worklists(store.MACHINE, now) as lists:
                    lists.book.append(entries)
                    beginning.ask_all(lists)
                    challenge(lists, "Birch", now - 20 * 86_400)
                    opening(lists, "Birch", "O1", now - 2 * 86_400)
                live.people = people(now)
            use(made[database].path)
            return made[database]

        yield site


def at_its_instant(live: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The site with its clock stopped, and no tries to sign in counted yet."""
    from django.core.cache import cache

    from everystone.web import clock

    monkeypatch.setattr(clock, "now", lambda: live.now)
    cache.clear()
    return live


@pytest.fixture(params=BOTH if PROOF else BOTH[:1])
def live(request: pytest.FixtureRequest, sites: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The site at its instant."""
    return at_its_instant(sites(request.param), monkeypatch)


@pytest.fixture(params=BOTH)
def both(request: pytest.FixtureRequest, sites: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The site at its instant, on each database."""
    return at_its_instant(sites(request.param), monkeypatch)


@pytest.fixture(params=BOTH)
def fresh(request: pytest.FixtureRequest, sites: Any, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A site of its own for a test that changes it, on each database."""
    return at_its_instant(sites(request.param, fresh=True), monkeypatch)
