"""Backups, restoring and the drill: equal to the live ledger, keys apart, and what is missing is said."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from everystone.ledger.book.backup import back_up, drill, drop_old_keys, restore
from everystone.ledger.book.connection import database, open_database
from everystone.ledger.book.erasure import Authority, erase
from everystone.ledger.book.keys import open_keys
from everystone.ledger.book.log import ENTRIES, newest
from everystone.ledger.book.verify import Verdict, verify
from everystone.ledger.coverage import Holding
from everystone.ledger.fault import Fault
from tests.ledger.stores import NOW, READER, Cluster, Place, founded, opened
from tests.ledger.test_books import entry

DAY = 86_400


def some(place: Place, count: int = 300) -> None:
    with opened(place) as book:
        for first in range(0, count, 100):
            book.append(
                [entry(f"k{each}", stream=f"case/{each % 40}") for each in range(first, first + 100)],
                request=f"f{first}",
            )
        book.hold([Holding(frozenset({"note.added"}))])
        book.read("case/1")


def restored(files: tuple[Path, Path], to: Place) -> Verdict:
    return restore(*files, database(open_database(to.ledger)), open_keys(to.keys), READER, lambda: NOW)


def test_what_is_restored_is_equal(place: Place, folder: Path) -> None:
    some(place)
    with opened(place) as book:
        files = back_up(book, folder / "a", folder / "b", NOW)
        live, entries = book.checkpoint(), book.read("case/7")
        book.append([entry("after the backup")])
    to = Place(str(folder / "restored"), str(folder / "restored-keys"))
    verdict = restored(files, to)
    assert (verdict.fault, verdict.checkpoints[ENTRIES]) == ("", live)
    with opened(to) as book:
        assert book.read("case/7") == entries
        assert book.coverage().holdings == (Holding(frozenset({"note.added"})),)
        again = book.append([entry(f"k{each}", stream=f"case/{each % 40}") for each in range(100)], request="f0")
        assert again.numbers == tuple(range(1, 101))
        assert book.append([entry("goes on")]).numbers == (301,)
        assert verify(book).sound


def test_a_backup_of_one_database_restores_to_the_other(folder: Path, cluster: Cluster) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    some(place)
    with opened(place) as book:
        files = back_up(book, folder / "a", folder / "b", NOW)
        live = book.checkpoint()
    verdict = restored(files, Place(cluster.new(), cluster.new()))
    assert (verdict.fault, verdict.checkpoints[ENTRIES]) == ("", live)


def test_the_drill_proves_it(place: Place) -> None:
    some(place, 100)
    with opened(place) as book:
        verdict = drill(book, NOW)
        assert (verdict.fault, verdict.checkpoints[ENTRIES]) == ("", book.checkpoint())


def test_the_drill_finds_a_ledger_that_does_not_restore(folder: Path) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    some(place, 100)
    with place.raw() as raw:
        raw.execute("DROP TRIGGER ledger_entry_kept")
        raw.execute("UPDATE ledger_entry SET payload = header WHERE number = 50")
    with opened(place) as book:
        assert "entry 50: its payload was altered" in drill(book, NOW).fault
    with place.raw() as raw:
        raw.execute("DROP TRIGGER ledger_entry_held")
        raw.execute("DELETE FROM ledger_entry WHERE number = 50")
    with opened(place) as book, pytest.raises(Fault, match="lacks rows"):
        drill(book, NOW)


def test_a_backup_alone_shows_nothing_and_both_files_are_private(place: Place, folder: Path) -> None:
    some(place, 100)
    with opened(place) as book:
        ledger, keys = back_up(book, folder / "a", folder / "b", NOW)
        secret = next(iter(book.keys.secrets([1]).values()))
        with pytest.raises(Fault, match="folder apart"):
            back_up(book, folder / "a", folder / "a", NOW + 1)
        with pytest.raises(Fault, match="already"):
            back_up(book, folder / "a", folder / "b", NOW)
    assert not [
        word
        for word in (b"case/", b"note.added.text", b"in order", b"constable", secret)
        if word in ledger.read_bytes()
    ]
    assert secret in keys.read_bytes()
    for path in [*(folder / "a").iterdir(), *(folder / "b").iterdir()]:
        assert path.stat().st_mode & 0o077 == 0


def test_last_weeks_keys_say_which_entries_they_do_not_open(place: Place, folder: Path) -> None:
    some(place)
    with opened(place) as book:
        _, old_keys = back_up(book, folder / "a", folder / "b", NOW - 7 * DAY)
        book.append([entry(f"new{each}") for each in range(400)])
        ledger, _ = back_up(book, folder / "a", folder / "b", NOW)
    to = Place(str(folder / "restored"), str(folder / "restored-keys"))
    verdict = restored((ledger, old_keys), to)
    assert "payload not readable: the key store lacks the keys of entries" in verdict.fault
    assert " to 700, and no record shows" in verdict.fault
    with opened(to) as book:
        assert verify(book, payloads=False).sound


def test_a_key_destroyed_since_does_not_come_back_with_old_keys(place: Place, folder: Path) -> None:
    some(place, 100)
    with opened(place) as book:
        _, old_keys = back_up(book, folder / "a", folder / "b", NOW - DAY)
        book.keys.destroy([book.entries.rows(9, 10)[0].key], NOW - 60)
        ledger, _ = back_up(book, folder / "a", folder / "b", NOW)
    to = Place(str(folder / "restored"), str(folder / "restored-keys"))
    verdict = restored((ledger, old_keys), to)
    assert not verdict.altered
    assert "payload not readable: the keys of entries 10 were destroyed" in verdict.fault


def test_backups_of_keys_are_gone_after_35_days(place: Place, folder: Path) -> None:
    with opened(place) as book:
        for age in (40, 36, 34, 0):
            back_up(book, folder / "a", folder / "b", NOW - age * DAY)
    assert len(list((folder / "b").glob("keys-*"))) == 2
    assert len(list((folder / "a").glob("ledger-*.sqlite"))) == 4
    assert len(drop_old_keys(folder / "b", NOW + 36 * DAY)) == 2


# ---- a ledger of an earlier release ------------------------------------------------------------------------------------

FROZEN = Path(__file__).parent / "frozen"
#: Release 1 could destroy a key and not say by whose authority; it noted so, and later ones ask for it.
UNSAID = {"1": "Entries: payload not readable: the keys of entries 7 were destroyed (2023-11-14), and no entry says by whose "
               "authority. Headers, chain and tree are as they were written."}  # fmt: skip


@pytest.mark.parametrize("release", sorted(path.name for path in FROZEN.iterdir()))
def test_a_ledger_of_an_earlier_release_is_read_verified_and_goes_on(folder: Path, release: str) -> None:
    told = json.loads((FROZEN / release / "told.json").read_text())
    place = Place(str(folder / "ledger"), str(folder / "keys"))
    for name in ("ledger", "keys"):
        dump = (FROZEN / release / f"{name}.sql").read_text()
        with sqlite3.connect(folder / name) as connection:
            connection.executescript(dump)
        connection.close()
    with opened(place) as book:
        verdict = verify(book)
        assert (verdict.fault, verdict.altered, verdict.notes) == (UNSAID[release], False, told["notes"][1:])
        assert {name: [size, root.hex()] for name, (size, root) in verdict.checkpoints.items()} == told["checkpoints"]
        assert [[each.number, each.key, each.by, each.data] for each in book.read("case/Oak")] == told["case/Oak"]
        old = book.entries.checkpoint()
        assert [each.hex() for each in book.entries.tree().inclusion(4, old.size)] == told["proof of entry 5"]
        assert book.append([entry("later")]).numbers == (old.size + 1,)
        erase(book, [7], Authority("panel 1", "said afterwards", ("I1", "I2")))
        assert verify(book, kept=[old]).sound


def test_the_newest_format_has_a_frozen_ledger(place: Place) -> None:
    with opened(place) as book:
        assert max(path.name for path in FROZEN.iterdir()) == str(newest(book.database))
