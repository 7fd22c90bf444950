"""A site whose tables are of an earlier release: it says what to do, one command does it, and what was told is kept."""

from __future__ import annotations

from typing import Any

import pytest

from everystone.ledger.fault import Fault


@pytest.fixture
def older(sites: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A site as an earlier release left it: a column fewer, a table that is not there, two things told."""
    from everystone.web import store
    from everystone.work.tables import insert
    from everystone.work.telling import STEP
    from tests.web.conftest import at_its_instant

    live = at_its_instant(sites("sqlite", fresh=True), monkeypatch)
    database = store.tables()
    insert(database, "told", STEP, [("case/Alder", "C1", "1", "duty inspector", "", "told", "", live.now)])
    with store.worklists(store.MACHINE, live.now) as lists:
        live.digest = lists.digest()
    for statement in ("ALTER TABLE work_frame DROP COLUMN latest", "DROP TABLE work_silence", "DROP TABLE work_made"):
        database.run(statement)
    store._ready.clear()
    return live


def test_every_page_says_what_to_do_and_shows_nothing(older: Any) -> None:
    for path in ("/today", "/case/Alder", "/sign-in", "/nothing"):
        answer = older.as_("lead").get(path)
        assert answer.status_code == 503
        assert "everystone site ready" in answer.content.decode()
        assert "C1" not in answer.content.decode()


def test_a_terminal_says_what_to_do(older: Any) -> None:
    from everystone.web.beginning import must_be_ready

    with pytest.raises(Fault, match="everystone site ready"):
        must_be_ready()


def test_one_command_brings_it_up_and_keeps_what_was_told(older: Any) -> None:
    from everystone.web import beginning, store

    beginning.make_ready(static=False)
    beginning.must_be_ready()
    with store.worklists(store.MACHINE, older.now) as lists:
        assert lists.digest() == older.digest, "everything that follows from the ledger is as it was"
    assert store.tables().one("SELECT person, post FROM told WHERE item = '1'") == ("C1", "duty inspector")
    assert older.as_("lead").get("/today").status_code == 200


def test_stopped_in_between_it_goes_on_and_no_page_is_shown_meanwhile(older: Any) -> None:
    from everystone.web import store
    from everystone.work.tables import make_tables

    assert make_tables(store.tables())
    with store.worklists(store.MACHINE, older.now) as lists:
        lists.follow()
        lists.ask("case/Alder")
    assert older.as_("lead").get("/today").status_code == 503
    assert make_tables(store.tables())
    assert store.tables().one("SELECT COUNT(*) FROM work_frame")[0] > 0, "what was asked already is not thrown away"


def test_a_migration_that_was_not_made_is_an_earlier_release_too(older: Any) -> None:
    from everystone.web import beginning, store

    beginning.make_ready(static=False)
    store.tables().run("DELETE FROM django_migrations WHERE app = 'web'")
    store._ready.clear()
    assert not store.is_ready()
