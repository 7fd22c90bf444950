"""The book in a database, beyond the contract: requests, readings, transactions, gates, triggers and rights."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everystone.ledger.book import writing
from everystone.ledger.book.connection import database, open_database
from everystone.ledger.book.keys import BLOCK, Keys, open_keys
from everystone.ledger.book.log import ENTRIES, HOLDINGS, LOGS, READINGS
from everystone.ledger.book.sql import Reader, SqlBook, begin
from everystone.ledger.book.sqlite import journal
from everystone.ledger.book.verify import verify
from everystone.ledger.coverage import Holding
from everystone.ledger.fault import Fault
from everystone.ledger.seal.header import ZERO, decode, leaf
from everystone.ledger.seal.tree import extends, includes
from tests.ledger.stores import NOW, READER, Cluster, Place, founded, opened
from tests.ledger.test_books import entry

TABLES = [f"{log}{part}" for log in LOGS for part in ("", "_stream", "_tile")] + ["ledger_request"]


@pytest.fixture
def book(place: Place) -> Iterator[SqlBook]:
    with opened(place) as book:
        yield book


# ---- the same request -------------------------------------------------------------------------------------------------


def test_the_same_request_gets_the_first_receipt(book: SqlBook) -> None:
    first = book.append([entry("k1"), entry("k2")], request="form-1")
    book.append([entry("k3")])
    assert book.append([entry("k1"), entry("k2")], request="form-1") == first
    assert book.checkpoint().size == 3


def test_the_same_request_with_other_content_is_refused(book: SqlBook) -> None:
    book.append([entry("k1")], request="form-1")
    with pytest.raises(Fault, match=r"form-1.*other content"):
        book.append([entry("k2")], request="form-1")
    assert book.checkpoint().size == 1


def test_a_refused_request_may_be_sent_again_mended(book: SqlBook) -> None:
    book.append([entry("k1")])
    with pytest.raises(Fault, match="other content"):
        book.append([entry("k1", by="O2")], request="form-1")
    assert book.append([entry("k1b", by="O2", corrects="k1")], request="form-1").numbers == (2,)


# ---- one transaction with the caller ------------------------------------------------------------------------------------


def test_entries_findings_and_readings_are_kept_together_or_not_at_all(book: SqlBook) -> None:
    book.database.run("CREATE TABLE finding (number INTEGER)")
    with pytest.raises(RuntimeError), book.transaction():
        book.append([entry("k1")])
        book.read("case/Oak")
        book.database.run("INSERT INTO finding VALUES (1)")
        raise RuntimeError
    assert book.checkpoint().size == 0
    assert book.readings_of("T1") == []
    assert book.database.one("SELECT count(*) FROM finding")[0] == 0
    with book.transaction():
        book.append([entry("k1")])
        book.append([entry("k2")])
        book.database.run("INSERT INTO finding VALUES (1)")
    assert (book.checkpoint().size, book.database.one("SELECT count(*) FROM finding")[0]) == (2, 1)


def test_a_refused_append_leaves_the_callers_transaction_whole(book: SqlBook) -> None:
    with book.transaction():
        book.append([entry("k1")])
        with pytest.raises(Fault, match="other content"):
            book.append([entry("k2"), entry("k1", by="O2")])
        book.append([entry("k3")])
    assert [each.key for each in book.read("case/Oak")] == ["k1", "k3"]


# ---- readings ---------------------------------------------------------------------------------------------------------


def test_every_reading_says_who_as_what_and_why(book: SqlBook) -> None:
    book.append([entry("k1")])
    inspector = book.read_by(Reader("I7", entry("x").capacity, "dip sample"))
    inspector.read("case/Oak")
    inspector.streams()
    one, other = book.readings_of("I7")
    assert (one.by, one.capacity.rank, one.data["stream"], one.data["why"]) == (
        "I7",
        "constable",
        "case/Oak",
        "dip sample",
    )
    assert other.data["list"] == "streams"


def test_no_record_of_the_reading_no_reading(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(place) as book:
        book.append([entry("k1")])
        before = book.readings.checkpoint()
        with place.raw() as raw:
            raw.execute("DROP TABLE ledger_reading" + (" CASCADE" if "postgresql" in place.ledger else ""))
        with pytest.raises(Fault):
            book.read("case/Oak")
        with pytest.raises(Fault):
            book.streams()
        with pytest.raises(Fault):
            book.entries_after(0, 1)
        assert book.readings.checkpoint() == before


# ---- what stands in the database ----------------------------------------------------------------------------------------


def test_no_table_names_a_person_a_case_or_a_word(book: SqlBook) -> None:
    named = entry("row-key-1", stream="case/Oakwood", by="Officer-1", quote_of="Child-1")
    book.append([named, entry("row-key-2", corrects="row-key-1")], request="form-number-1")
    book.read_by(Reader("Inspector-7")).read("case/Oakwood")
    words = (b"Oakwood", b"Officer-1", b"Child-1", b"North", b"in order", b"row-key", b"form-number", b"Inspector-7")
    for table in [*TABLES, *(f"{log}_head" for log in LOGS)]:
        for row in book.database.run(f"SELECT * FROM {table}").fetchall():
            said = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
            assert not [word for word in words if word in said], table


def test_a_header_says_what_its_entry_is(book: SqlBook) -> None:
    book.append([entry("k1"), entry("k2", corrects="k1"), entry("k3", corrects="unheard of")])
    one, two, three = (decode(bytes(row.header)) for row in book.entries.rows(0, 3))
    assert (one.kind, one.seq, one.previous, one.attachments) == ("note.added", 1, ZERO, 2)
    assert two.previous == two.supersedes == leaf(bytes(book.entries.rows(0, 1)[0].header))
    assert (three.seq, three.supersedes, three.actor) == (3, ZERO, one.actor)
    assert one.accepted == 1_307_730_700 * 1_000_000


def test_a_sealed_stream_shows_neither_kind_nor_who(book: SqlBook) -> None:
    book.append([entry("k1"), entry("k2", stream="conduct/1"), entry("k3", stream="conduct/2")])
    plain, one, other = (decode(bytes(row.header)) for row in book.entries.rows(0, 3))
    assert (one.kind, other.kind) == ("", "")
    assert len({plain.actor, one.actor, other.actor}) == 3
    assert [each.key for each in book.entries_after(0, 3)] == ["k1"]


def test_every_entry_is_proved_and_every_tree_extends_the_one_before(book: SqlBook) -> None:
    seen = []
    for part in range(7):
        book.append([entry(f"k{part}-{each}", stream=f"case/{each}") for each in range(13)])
        seen.append(book.checkpoint())
    tree, last = book.entries.tree(), seen[-1]
    for number in (1, 13, 14, 48, 90, 91):
        assert includes(
            number - 1, last.size, book.entries.leaf(number), tree.inclusion(number - 1, last.size), last.root
        )
    for old in seen:
        assert extends(old, last, tree.consistency(old.size, last.size))


def test_a_clock_set_back_is_noted_and_order_is_kept(book: SqlBook) -> None:
    book.append([entry("k1", accepted=NOW)])
    book.append([entry("k2", accepted=NOW - 86_400)])
    book.append([entry("k3", accepted=NOW + 5)])
    one, two, three = (decode(bytes(row.header)) for row in book.entries.rows(0, 3))
    assert one.accepted == two.accepted < three.accepted
    assert (one.behind, two.behind, three.behind) == (0, 86_400, 0)
    assert [each.accepted for each in book.read("case/Oak")] == [NOW, NOW, NOW + 5]


def test_coverage_is_sealed_like_entries(book: SqlBook) -> None:
    book.hold([Holding(frozenset({"note.added"}))])
    assert book.holdings.checkpoint().size == 1


def test_a_large_append_is_all_or_nothing(book: SqlBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "AT_ONCE", 100)
    many = [entry(f"k{each}", stream=f"case/{each % 50}") for each in range(600)]
    with pytest.raises(Fault, match="other content"):
        book.append([*many, entry("k0", by="O2")])
    assert book.checkpoint().size == 0
    assert book.append(many).numbers == tuple(range(1, 601))


# ---- keys -------------------------------------------------------------------------------------------------------------


def test_an_entry_whose_key_was_destroyed_is_gone_and_does_not_come_back(book: SqlBook) -> None:
    book.append([entry("k1"), entry("k2")])
    row = book.entries.rows(0, 1)[0]
    secret = book.keys.secrets([row.key])[row.key]
    book.keys.destroy([row.key], NOW)
    assert [each.key for each in book.read("case/Oak")] == ["k2"]
    assert book.append([entry("k1")]).repeated == 1
    assert book.keys.destroyed() == {row.key: NOW}
    place = book.keys.database.connection.execute("PRAGMA database_list").fetchone()[2]
    files = list(Path(place).parent.glob("keys*"))
    assert files and not [path for path in files if secret in path.read_bytes()]


def test_a_missing_key_is_said_and_not_passed_over(place: Place) -> None:
    with opened(place) as book:
        book.append([entry("k1"), entry("k2")])
        book.keys.database.run("DELETE FROM key_secret WHERE id = 2")
        with pytest.raises(Fault, match=r"Payload not readable.*numbers 2\)"):
            book.read("case/Oak")


def test_an_old_key_store_never_gives_a_number_twice(place: Place) -> None:
    with opened(place) as book:
        book.append([entry(f"k{each}") for each in range(300)])
        book.keys.database.run("DELETE FROM key_secret WHERE id > 256")
    with opened(place) as book:
        book.append([entry("later")])
        assert book.entries.rows(300, 301)[0].key == 301


def test_two_processes_never_share_a_secret(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that forked has the block of its parent in memory; it must not seal with it."""
    with opened(place) as book:
        (mine,) = book.keys.take(1, 0, lambda: None)
        spare = set(book.keys.take(5, 0, lambda: None))
        monkeypatch.setattr(os, "getpid", lambda: -1)
        theirs = set(book.keys.take(400, 0, lambda: None))
    assert not theirs & {mine, *spare}
    assert min(each.id for each in theirs) > BLOCK


def test_keys_of_another_ledger_are_refused(place: Place, folder: Path) -> None:
    other = founded(str(folder / "other"), str(folder / "other-keys"))
    with pytest.raises(Fault, match="another ledger"):
        SqlBook(open_database(place.ledger), Keys(open_keys(other.keys)), READER, lambda: NOW)


# ---- gates --------------------------------------------------------------------------------------------------------------


def test_the_journal_follows_the_version_of_sqlite() -> None:
    assert [journal(each) for each in ((3, 40, 1), (3, 51, 2), (3, 51, 3), (3, 53, 0))] == [
        "persist",
        "persist",
        "wal",
        "wal",
    ]


@pytest.mark.parametrize("pragma", ["journal_mode=wal", "journal_mode=delete", "journal_mode=memory", "synchronous=1",
                                    "synchronous=0"])  # fmt: skip
def test_start_up_refuses_a_setting_that_loses_entries(folder: Path, pragma: str) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    connection = sqlite3.connect(place.ledger, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={journal()}")
    connection.execute("PRAGMA synchronous=FULL")
    database(connection)
    connection.execute(f"PRAGMA {pragma}")
    if pragma == f"journal_mode={journal()}":
        pytest.skip("this version of SQLite asks for that very setting")
    with pytest.raises(Fault, match="can lose what was acknowledged"):
        database(connection)


def test_start_up_refuses_a_connection_that_begins_transactions_by_itself(folder: Path) -> None:
    with pytest.raises(Fault, match="isolation_level"):
        database(sqlite3.connect(folder / "ledger"))


def test_start_up_refuses_a_server_session_that_loses_entries(cluster: Cluster) -> None:
    connection = open_database(cluster.new())
    connection.execute("SET synchronous_commit = off")
    with pytest.raises(Fault, match="synchronous_commit=on"):
        database(connection)


def test_a_ledger_of_a_later_release_is_refused_and_two_are_not_founded(place: Place) -> None:
    with pytest.raises(Fault, match=r"here already"):
        begin(open_database(place.ledger), open_keys(place.keys))
    with place.raw() as raw:
        raw.execute("INSERT INTO ledger_format (version) VALUES (99)")
    with pytest.raises(Fault, match=r"format 99.*release"):
        place.open()


def test_files_are_private_to_their_owner(folder: Path) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    with opened(place) as book:
        book.append([entry("k1")])
        assert {path.name: path.stat().st_mode & 0o077 for path in folder.iterdir()} == dict.fromkeys(
            (path.name for path in folder.iterdir()), 0
        )


# ---- never changed: by triggers, and by rights -----------------------------------------------------------------------------


def changes(table: str, log: str) -> list[str]:
    return [
        f"DELETE FROM {table}",
        f"UPDATE {table} SET {'digest' if 'request' in table else 'tag' if 'tile' not in table else 'hashes'} = NULL",
    ]


@pytest.mark.parametrize("table", TABLES)
def test_triggers_refuse_every_change_even_to_the_owner(place: Place, table: str) -> None:
    with opened(place) as book:
        book.append([entry(f"k{each}") for each in range(20)], request="form-1")
        for _ in range(17):
            book.read("case/Oak")
        book.hold([Holding(frozenset({f"k{each}"})) for each in range(17)])
    with place.raw() as raw:
        for change in changes(table, ENTRIES):
            with pytest.raises(Exception, match=r"never (changed|removed)"):
                raw.execute(change)


def test_triggers_refuse_a_number_out_of_turn_and_a_head_that_goes_back(place: Place) -> None:
    with opened(place) as book:
        book.append([entry("k1"), entry("k2")])
    with place.raw() as raw:
        for change in (
            "INSERT INTO ledger_entry SELECT number + 5, stream, seq + 5, header, key, header, payload FROM ledger_entry WHERE number = 1",
            "UPDATE ledger_entry_head SET size = 1",
            "DELETE FROM ledger_entry_head",
        ):
            with pytest.raises(Exception, match=r"next number|only goes forward|never"):
                raw.execute(change)


@pytest.mark.parametrize("change", [
    "UPDATE ledger_entry SET payload = header", "DELETE FROM ledger_entry", "DROP TABLE ledger_entry",
    "DROP TRIGGER ledger_entry_kept", "ALTER TABLE ledger_entry ADD COLUMN x", "PRAGMA writable_schema=ON",
    "PRAGMA synchronous=OFF", "DELETE FROM ledger_entry_head", "DELETE FROM ledger_request",
])  # fmt: skip
def test_a_connection_of_ours_has_no_right_to_change_anything(folder: Path, change: str) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    with opened(place) as book, pytest.raises(sqlite3.DatabaseError, match=r"authorized|prohibited"):
        book.database.connection.execute(change)


def test_roles_of_the_server_have_the_least_rights(cluster: Cluster, folder: Path) -> None:
    place = founded(cluster.new(), str(folder / "keys"))
    schema = place.ledger.rsplit("%3D", 1)[1]
    with place.raw() as owner:
        database(owner).script("rights.postgresql.sql")
        for role in ("writer", "reader"):
            owner.execute(f"DROP ROLE IF EXISTS test_{role}")
            owner.execute(f"CREATE ROLE test_{role} LOGIN IN ROLE everystone_{role}")
    writer = Place(cluster.address(schema, "test_writer"), place.keys)
    reader = Place(cluster.address(schema, "test_reader"), place.keys)
    with opened(writer) as book:
        book.append([entry("k1")], request="form-1")
        book.hold([Holding(frozenset({"a"}))])
        assert len(book.read("case/Oak")) == 1
    with opened(reader) as book:
        assert len(book.read("case/Oak")) == 1
        with pytest.raises(Fault, match="InsufficientPrivilege"):
            book.append([entry("k2")])
    for each in (writer, reader):
        for log in LOGS:
            for change in (f"DELETE FROM {log}", f"UPDATE {log} SET payload = header", f"TRUNCATE {log}", f"DROP TABLE {log}",
                           f"ALTER TABLE {log} DISABLE TRIGGER ALL", f"DELETE FROM {log}_head",
                           f"UPDATE {log}_head SET log = edge"):  # fmt: skip
                refused(each, change)


def refused(place: Place, change: str) -> None:
    connection: Any = place.raw()
    with pytest.raises(Exception, match=r"denied|must be owner"):
        connection.execute(change)
    connection.close()


# ---- the base install -----------------------------------------------------------------------------------------------------


def test_the_base_install_needs_neither_cryptography_nor_psycopg() -> None:
    script = (
        "import sys; from everystone import cli, library; import everystone.account.report, everystone.account.totals; "
        "sys.exit(bool({'cryptography', 'psycopg'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_three_logs_are_those_of_the_schema(place: Place) -> None:
    assert LOGS == (ENTRIES, READINGS, HOLDINGS)
    with opened(place) as book:
        assert all(book.database.has(f"{log}_head") for log in LOGS)


# ---- one entry alone ------------------------------------------------------------------------------------------------------


def test_writers_that_remember_what_they_wrote_last_never_go_on_from_what_is_no_longer_the_end(place: Place) -> None:
    chance = random.Random(5)
    books = [place.open() for _ in range(3)]
    for number in range(120):
        book = chance.choice(books)
        sent = entry(f"k{number}", stream=f"case/{chance.randrange(4)}", accepted=NOW)
        request = f"r{number}" if chance.random() < 0.5 else ""
        if chance.random() < 0.1:
            with book.transaction():
                receipt = book.append([sent], request)
        else:
            receipt = book.append([sent], request)
        assert receipt.numbers == (number + 1,)
        again = chance.choice(books).append([sent], request)
        assert again == (receipt if request else ((), 1))
    assert verify(books[0]).sound


def test_an_entry_alone_takes_two_journeys_and_one_where_this_writer_wrote_the_last(
    cluster: Cluster, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = founded(cluster.new(), str(folder / "keys"))
    with opened(place) as book, opened(place) as other:
        for each in (book, other):
            each.append([entry(f"{id(each)}")])
        sent: list[str] = []
        run = book.database.run

        def told_run(sql: str, values: Any = ()) -> Any:
            sent.append(sql[:4])
            return run(sql, values)

        monkeypatch.setattr(book.database, "run", told_run)
        told = []
        for key in ("before", "a", "b"):
            sent.clear()
            book.append([entry(key)], request=key)
            told.append(sent.copy())
        sent.clear()
        assert told[1:] == [["SELE", "WITH"], ["WITH"]]
        other.append([entry("of another")])
        for key in "cde":
            book.append([entry(key)])
        assert sent == ["WITH", "SELE", "WITH", "SELE", "WITH", "WITH"]
