"""Attacks on a ledger, as somebody who may do everything in its database: each must be named for what it is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from everystone.ledger.book.log import ENTRIES, place_of
from everystone.ledger.book.verify import Verdict, verify
from everystone.ledger.seal.header import decode, encode, leaf
from everystone.ledger.seal.tree import Checkpoint, Edge
from tests.ledger.stores import NOW, Place, founded, opened
from tests.ledger.test_books import entry

COUNT = 60
Do = Callable[..., Any]


def filled(place: Place) -> None:
    """Sixty entries in six streams, some read: numbers 1, 7, 13 ... are of the first stream."""
    with opened(place) as book:
        for first in range(0, COUNT, 10):
            book.append([entry(f"k{number}", stream=f"case/{number % 6}", accepted=NOW + number, by=f"O{number % 5}")
                         for number in range(first, first + 10)])  # fmt: skip
        book.read("case/1")
        book.checkpoint()


@contextmanager
def superuser(place: Place) -> Iterator[Do]:
    """Runs statements past every trigger, and leaves the triggers as they were, as one would who hides what was done."""
    connection = place.raw()
    server = place.ledger.startswith("postgresql")
    tables = [f"ledger_entry{part}" for part in ("", "_stream", "_tile", "_head")] if server else []
    triggers = (
        [] if server else connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    )
    for table in tables:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield lambda sql, values=(): connection.execute(
        sql.replace("?", "%s") if server else sql, values or None if server else values
    )
    for table in tables:
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
    for _, sql in triggers:
        connection.execute(sql)
    connection.close()


def verified(place: Place, payloads: bool = True, kept: tuple[Checkpoint, ...] = ()) -> Verdict:
    with opened(place) as book:
        return verify(book, payloads, kept)


def found(place: Place, said: str, payloads: bool = True, kept: tuple[Checkpoint, ...] = ()) -> None:
    verdict = verified(place, payloads, kept)
    assert not verdict.sound and verdict.altered != ("not readable" in said) and re.search(said, verdict.fault), (
        verdict.fault or "nothing was found"
    )


def header_of(do: Do, number: int) -> Any:
    return decode(bytes(do("SELECT header FROM ledger_entry WHERE number = ?", (number,)).fetchone()[0]))


def change_header(place: Place, number: int, **changed: Any) -> None:
    with superuser(place) as do:
        said = encode(header_of(do, number)._replace(**changed))
        do("UPDATE ledger_entry SET header = ? WHERE number = ?", (said, number))


def swap(do: Do, one: int, other: int) -> None:
    """Swap two entries, numbers kept out of one another's way."""
    for old, new in ((one, -1), (other, one), (-1, other)):
        do("UPDATE ledger_entry SET number = ? WHERE number = ?", (new, old))


def rewrite(place: Place, upto: int | None = None) -> None:
    """Make chain, tree and head anew from the headers that are there, as one would who knows all of this program."""
    with superuser(place) as do:
        edge, tiles = Edge(), []
        last: dict[int, tuple[int, bytes]] = {}
        rows = do("SELECT number, stream, header FROM ledger_entry ORDER BY number").fetchall()
        for number, stream, said in rows:
            header = decode(bytes(said))
            previous = last.get(stream)
            header = (
                header._replace(previous=previous[1], seq=previous[0] + 1)
                if previous
                else header._replace(previous=bytes(32), seq=1)
            )
            hashed = leaf(encode(header))
            last[stream] = header.seq, hashed
            tiles += edge.add([hashed])
            do("UPDATE ledger_entry SET header = ?, seq = ? WHERE number = ?", (encode(header), -header.seq, number))
        do("UPDATE ledger_entry SET seq = -seq")
        do("DELETE FROM ledger_entry_tile")
        for each, hashes in tiles:
            do("INSERT INTO ledger_entry_tile (place, hashes) VALUES (?, ?)", (place_of(each), hashes))
        do("UPDATE ledger_entry_head SET size = ?, edge = ?", (edge.size, edge.write()))


# ---- no attack ----------------------------------------------------------------------------------------------------------


def test_a_ledger_that_nobody_touched_is_unaltered(place: Place) -> None:
    filled(place)
    verdict = verified(place)
    assert (verdict.fault, verdict.notes, verdict.checkpoints[ENTRIES].size) == ("", [], COUNT)
    assert verified(place, payloads=False).sound


def test_an_empty_ledger_is_unaltered(place: Place) -> None:
    assert verified(place).sound


# ---- content ------------------------------------------------------------------------------------------------------------


def test_payload_changed(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        payload = bytearray(do("SELECT payload FROM ledger_entry WHERE number = 17").fetchone()[0])
        payload[5] ^= 1
        do("UPDATE ledger_entry SET payload = ? WHERE number = 17", (bytes(payload),))
    found(place, "Entries: entry 17: its payload was altered")
    assert verified(place, payloads=False).sound


def test_payload_and_key_of_another_entry_put_in_its_place(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        payload, key = do("SELECT payload, key FROM ledger_entry WHERE number = 18").fetchone()
        do("UPDATE ledger_entry SET payload = ?, key = ? WHERE number = 17", (payload, key))
    found(place, "entry 17: its payload is not the one it was sealed with")


HEADERS: list[tuple[str, dict[str, Any]]] = [
    ("actor", {"actor": b"x" * 16}), ("capacity", {"capacity": b"x" * 16}), ("kind", {"kind": "case.closed"}),
    ("fields", {"fields": b"x" * 32}), ("attachments", {"attachments": 9}), ("", {"supersedes": b"x" * 32}),
    ("", {"signature": b"x" * 32}), ("", {"behind": 5}),
]  # fmt: skip


def test_header_changed(place: Place) -> None:
    filled(place)
    for number in (17, COUNT):
        time = {"accepted": (NOW + number - 1) * 1_000_000 + 7}
        for named, changed in [*HEADERS, ("time", time)]:
            with superuser(place) as do:
                before = do("SELECT header FROM ledger_entry WHERE number = ?", (number,)).fetchone()[0]
            change_header(place, number, **changed)
            found(place, f"entry {number}: its header was changed{': ' + named if named else ''}", payloads=False)
            with superuser(place) as do:
                do("UPDATE ledger_entry SET header = ? WHERE number = ?", (before, number))
    assert verified(place).sound


def test_time_changed_so_that_it_goes_back(place: Place) -> None:
    filled(place)
    change_header(place, 30, accepted=NOW * 1_000_000)
    found(place, "entry 30: its header was changed: time")


def test_columns_changed_so_that_the_entry_is_found_elsewhere(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        do("UPDATE ledger_entry SET tag = ? WHERE number = 20", (b"t" * 16,))
    found(place, "entry 20: (its columns are not what its header says|its header was changed: row key)")


# ---- order and completeness -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), [(5, 20), (7, 13), (58, 60)])
def test_two_entries_swapped(place: Place, one: int, other: int) -> None:
    filled(place)
    with superuser(place) as do:
        swap(do, one, other)
    found(place, f"entries {one} and {other} were swapped")


def test_order_changed_in_a_stream(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        header = header_of(do, 13)
        do("UPDATE ledger_entry SET seq = -1 WHERE number = 13")
        do("UPDATE ledger_entry SET seq = 3, header = ? WHERE number = 7", (encode(header_of(do, 7)._replace(seq=3)),))
        do("UPDATE ledger_entry SET seq = 2, header = ? WHERE number = 13", (encode(header._replace(seq=2)),))
    found(place, "entry 7: (the order of its stream|its header) was changed")


def test_entry_removed_from_the_middle(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        do("DELETE FROM ledger_entry WHERE number IN (25, 26, 40)")
    found(place, r"entries removed: 25 to 26, 40\.$")


def test_entry_removed_from_the_end(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        do("DELETE FROM ledger_entry WHERE number > 57")
    found(place, "entries 58 to 60 are missing from the end")


def test_entry_removed_from_the_end_and_the_head_set_back(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        do("DELETE FROM ledger_entry WHERE number > 57")
    rewrite(place)
    found(place, "the ledger is older than it was: it holds 57 entries, and the key store saw 60")


def test_head_set_back_alone(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        do("UPDATE ledger_entry_head SET size = 16")
    found(place, "the head was (set back|changed)")


def test_entry_removed_and_all_others_numbered_and_chained_anew(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        do("DELETE FROM ledger_entry WHERE number = 31")
        for number in range(32, COUNT + 1):
            do("UPDATE ledger_entry SET number = ? WHERE number = ?", (number - 1, number))
    rewrite(place)
    found(place, "is older than it was: it holds 59 entries")
    with opened(place) as book:
        book.append([entry("one more, so that the count is right")])
    found(place, r"history was rewritten: the tree over the first (1|60) entries is not the one that the key store saw")


def test_stream_gone(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        do("DELETE FROM ledger_entry WHERE stream = 3")
    found(place, r"entries removed: 3, 9, 15.*A stream is gone \(the 3 begun\)")


def test_stream_gone_with_its_name(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        do("DELETE FROM ledger_entry WHERE stream = 6")
        do("DELETE FROM ledger_entry_stream WHERE id = 6")
    found(place, r"a stream is gone \(the 6 of 6 ever begun\)")


def test_name_of_a_stream_changed(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        name = do("SELECT name FROM ledger_entry_stream WHERE id = 2").fetchone()[0]
        do("UPDATE ledger_entry_stream SET name = ? WHERE id = 3", (name,))
    found(place, "name of a stream was changed")


def test_everything_written_anew_and_consistent(place: Place) -> None:
    filled(place)
    change_header(place, 17, actor=b"x" * 16)
    rewrite(place)
    found(place, r"history was rewritten: the tree over the first \d+ entries is not the one that the key store saw")


def test_everything_written_anew_the_key_store_too_but_somebody_kept_a_checkpoint(place: Place) -> None:
    filled(place)
    with opened(place) as book:
        kept = book.checkpoint()
        book.keys.database.run("DELETE FROM key_mark")
    change_header(place, 17, actor=b"x" * 16)
    rewrite(place)
    found(place, "history was rewritten.*whoever kept the checkpoint given", kept=(kept,), payloads=False)


# ---- the tree, the keys, the triggers -----------------------------------------------------------------------------------------


def test_tree_changed(place: Place) -> None:
    filled(place)
    with superuser(place) as do:
        do("UPDATE ledger_entry_tile SET hashes = ? WHERE place = 1", (b"x" * 512,))
    found(place, "entry 17: its header was changed|stored tree was changed")
    with superuser(place) as do:
        do("DELETE FROM ledger_entry_tile WHERE place = 1")
    found(place, "stored tree was changed near entry 17")


def test_key_store_row_removed(place: Place) -> None:
    filled(place)
    with opened(place) as book:
        book.keys.database.run("DELETE FROM key_secret WHERE id IN (4, 5, 9)")
    found(place, "payload not readable: the key store lacks the keys of entries 4 to 5, 9, and no record shows")
    assert verified(place, payloads=False).sound


def test_key_destroyed_without_a_word_is_said_and_is_no_alteration(place: Place) -> None:
    filled(place)
    with opened(place) as book:
        book.keys.destroy([4, 5, 9], NOW)
    found(
        place,
        r"payload not readable: the keys of entries 4 to 5, 9 were destroyed \(2023-11-14\), and no entry says by whose",
    )
    assert not verified(place).altered
    assert verified(place, payloads=False).sound


def test_trigger_disabled(place: Place) -> None:
    filled(place)
    with place.raw() as raw:
        if place.ledger.startswith("postgresql"):
            raw.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_kept")
        else:
            raw.execute("DROP TRIGGER ledger_entry_kept")
    found(place, "The trigger ledger_entry_kept was disabled, removed or changed")


def test_trigger_replaced_by_one_that_lets_everything_pass(place: Place) -> None:
    filled(place)
    with place.raw() as raw:
        if place.ledger.startswith("postgresql"):
            raw.execute(
                "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN OLD; END$$"
            )
        else:
            raw.execute("DROP TRIGGER ledger_entry_kept")
            raw.execute("CREATE TRIGGER ledger_entry_kept BEFORE UPDATE ON ledger_entry BEGIN SELECT 1; END")
    found(place, "The trigger ledger_.*_kept was disabled, removed or changed")


def test_reading_removed(place: Place) -> None:
    filled(place)
    with place.raw() as raw:
        trigger = "ledger_reading_held"
        if place.ledger.startswith("postgresql"):
            raw.execute("ALTER TABLE ledger_reading DISABLE TRIGGER ALL")
            raw.execute("DELETE FROM ledger_reading")
            raw.execute("ALTER TABLE ledger_reading ENABLE TRIGGER ALL")
        else:
            (sql,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", (trigger,)).fetchone()
            raw.execute(f"DROP TRIGGER {trigger}")
            raw.execute("DELETE FROM ledger_reading")
            raw.execute(sql)
    found(place, "Readings: entries 1 to 1 are missing from the end")


def test_database_restored_to_last_week(folder: Path) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    filled(place)
    shutil.copy(place.ledger, folder / "last-week")
    with opened(place) as book:
        book.append([entry(f"new{each}") for each in range(5)])
        book.checkpoint()
    shutil.copy(folder / "last-week", place.ledger)
    found(
        place,
        "the ledger is older than it was: it holds 60 entries, and the key store saw 65. It was restored to an earlier state",
    )


def test_any_turned_bit_of_an_entry_is_found(folder: Path) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    filled(place)
    whole = Path(place.ledger).read_bytes()
    with opened(place) as book:
        rows = book.entries.rows(0, COUNT)
    for at, row in enumerate(rows[::6]):
        stored = bytes(row.header) if at % 2 else bytes(row.payload)
        start = whole.index(stored)
        turned = bytearray(whole)
        turned[start + 30 + at * 7] ^= 1 << (at % 8)
        Path(place.ledger).write_bytes(turned)
        assert not verified(place).sound, at
    Path(place.ledger).write_bytes(whole)
    assert verified(place).sound
