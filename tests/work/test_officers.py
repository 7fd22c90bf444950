"""What is kept of officers and of opened entries is never stale: whoever writes, erases or alters, it shows at once."""

from __future__ import annotations

from typing import Any

import pytest

from everystone.findings.elsewhere import OFFICER
from everystone.findings.frames import Instants, facts_of
from everystone.ledger.book.erasure import Authority, erase
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.coverage import Coverage
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.work.gathered import Asking, gather
from everystone.work.tables import make_tables
from everystone.work.turning import Now
from everystone.work.worklists import Worklists
from tests.ledger.stores import Place, opened
from tests.web.site import world
from tests.work.test_worklists import DAY, seen

STREAM = f"{OFFICER}O1"
WORKS = Authority("retention panel 2026/14", "review of retention", ("I2", "I3"))


def leave(key: str, now: int, first: str, last: str) -> Entry:
    entry = seen(key, now, child="O1", kind="leave.recorded", data={"from": first, "to": last})
    return entry._replace(stream=STREAM)


def away(book: SqlBook, asking: Asking, now: int) -> Any:
    """When the lead of a case is away, as a frame of that case is told."""
    found = gather(book, "case/Alder").facts(asking, Instants(now, now, Coverage()))
    return [(each.lo, each.hi) for each in found.states.get("on leave", {}).get("O1", ())]


def begun(place: Place, pack: Pack) -> tuple[Place, Asking, int]:
    """The small force in a ledger, as at its morning."""
    entries, now = world(pack)
    place = place._replace(clock=lambda: now)
    asking = Asking.of(pack)
    with opened(place) as book:
        make_tables(book.database)
        with book.transaction():
            book.append(entries)
            Worklists(book, asking).tick()
    return place, asking, now


def test_what_another_process_wrote_is_seen_at_once(place: Place, pack: Pack) -> None:
    place, asking, now = begun(place, pack)
    with opened(place) as ours, opened(place) as theirs:
        before = away(ours, asking, now)
        Worklists(theirs, Asking.of(pack)).take([leave("f1", now, "2026-03-04", "2026-04-01")])
        assert len(away(ours, asking, now)) == len(before) + 1


def test_what_begins_later_is_there_from_its_instant_and_the_frame_turns_with_it(place: Place, pack: Pack) -> None:
    place, asking, now = begun(place, pack)
    with opened(place) as book:
        later = leave("f1", now, "2026-03-04", "2026-04-01")
        Worklists(book, asking).take([later._replace(lo=now + DAY, hi=now + DAY)])
        asked = Now(now)
        before = away(book, asking, asked)
        assert asked.turns_at <= now + DAY
        assert away(book, asking, now + DAY - 1) == before
        assert len(away(book, asking, now + DAY)) == len(before) + 1
        assert away(book, asking, now) == before, "and an earlier day is told as it was"


def test_what_was_erased_is_gone_at_once(place: Place, pack: Pack) -> None:
    place, asking, now = begun(place, pack)
    with opened(place) as ours, opened(place) as theirs:
        before = away(ours, asking, now)
        receipt = Worklists(ours, asking).take([leave("f1", now, "2026-03-04", "2026-04-01")])
        assert away(ours, asking, now) != before
        erase(theirs, receipt.numbers, WORKS)
        assert away(ours, asking, now) == before


def test_what_was_altered_is_refused_although_it_was_opened_before(place: Place, pack: Pack) -> None:
    place, _, _ = begun(place, pack)
    with opened(place) as book:
        gather(book, "case/Alder")
        raw = place.raw()
        for (name,) in book.database.run(_TRIGGERS[book.database.name]).fetchall():
            raw.execute(_OFF[book.database.name].format(name))
        raw.execute(
            "UPDATE ledger_entry SET payload = (SELECT payload FROM ledger_entry WHERE number = 1) WHERE number > 1"
        )
        with pytest.raises(Fault, match="not what was written"):
            gather(book, "case/Alder")


_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_entry'",
    "postgresql": "SELECT 'ledger_entry_kept'",
}
_OFF = {"sqlite": "DROP TRIGGER {}", "postgresql": "ALTER TABLE ledger_entry DISABLE TRIGGER {}"}


def test_it_says_what_is_found_anew(place: Place, pack: Pack) -> None:
    """At every instant at which anything begins, and one second before: what is kept equals what is worked out."""
    place, asking, now = begun(place, pack)
    with opened(place) as book:
        Worklists(book, asking).take([leave("f1", now, "2026-03-04", "2026-04-01")])
        found = gather(book, "case/Alder")
        begins = {max(each.lo, each.known) for entries in found.officers.values() for each in entries}
        assert len(begins) > 2
        for instant in sorted({each + one for each in begins for one in (-1, 0)}, reverse=True):
            when = Instants(instant, instant, Coverage())
            told, anew = found.facts(asking, when), facts_of(found.officers, pack.words, when)
            assert (told.states, told.entries, told.details) == (anew.states, anew.entries, anew.details)
