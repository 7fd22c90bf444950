"""How many questions a page asks of the database: a bound for each, and no more for a force with ten times the cases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack
from tests.web.site import world

#: At most, whatever stands on the page. A page whose cases were touched asks for these too: that is counted apart.
MOST = {"/today": 85, "/case/Alder": 75, "/board": 65, "/duty": 65}
FULL = 10  # more cases with a card than a page shows


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement on the connection, ours and Django's."""
    from django.db import connection

    said: list[str] = []
    connection.ensure_connection()
    connection.connection.set_trace_callback(said.append)
    try:
        yield said
    finally:
        connection.connection.set_trace_callback(None)


def again(entry: Entry, number: int) -> Entry:
    """The same entry of another case with other people."""

    def renamed(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return type(value)(map(renamed, value))
        return f"{value}x{number}" if value in ("C1", "C2", "C3", "X1") else value

    return entry._replace(
        stream=f"{entry.stream}{number}", subjects=renamed(entry.subjects),
        data={name: renamed(value) for name, value in entry.data.items()},
        corrects=entry.corrects and f"{entry.corrects}x{number}", source=entry.source._replace(key=f"{entry.key}x{number}"),
    )  # fmt: skip


def questions(live: Any, name: str, path: str) -> int:
    """How many a page asks when nothing of it was touched since it was last opened."""
    client = live.as_(name)
    client.get(path)
    with counted() as said:
        assert client.get(path).status_code == 200
    return sum("ledger_reading_tile" not in each for each in said)  # a tile is full with every 256th reading, wherever


def test_pages_ask_a_bounded_number_whatever_the_number_of_cases(
    sites: Any, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everystone.web import store
    from tests.web.conftest import at_its_instant

    live = at_its_instant(sites("sqlite", fresh=True), monkeypatch)
    seats = [
        (name, path)
        for name in ("lead", "supervisor", "inspector")
        for path in MOST
        if (name, path) != ("lead", "/board")
    ]
    entries = [each for each in world(pack)[0] if each.stream == "case/Alder"]

    def more(numbers: range) -> None:
        with store.worklists(store.MACHINE, live.now) as lists:
            lists.book.append([again(each, number) for number in numbers for each in entries])
            while lists.tick():
                pass

    more(range(FULL))
    before = {seat: questions(live, *seat) for seat in seats}
    more(range(FULL, 4 * FULL))
    after = {seat: questions(live, *seat) for seat in seats}
    grown = {seat: (before[seat], after[seat]) for seat in seats if after[seat] > before[seat]}
    assert grown == {}
    assert {seat: n for seat, n in after.items() if n > MOST[seat[1]]} == {}
