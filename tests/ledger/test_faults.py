"""Faults: processes and servers killed, connections cut, disks full, many at once. What was acknowledged is there, once."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from everystone.ledger.book.database import Unsure
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.book.verify import verify
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from tests.conftest import PROOF, ROOT
from tests.ledger.history import Call, History, check
from tests.ledger.killing import ALONE, NAMES, say_steps
from tests.ledger.proxy import Proxy
from tests.ledger.stores import NOW, Cluster, Place, founded, opened
from tests.ledger.test_books import entry

KILLS = 1_000 if PROOF else 15


def one(key: str, **changed: object) -> Entry:
    return entry(key, **{"accepted": NOW, **changed})


# ---- the checker itself can find something ---------------------------------------------------------------------------------


def test_the_history_checker_finds_a_lost_a_double_and_a_misnumbered_entry(folder: Path) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    with opened(place) as book:
        history = History()
        for key in ("a", "b", "c"):
            history.append(book, one(key))
        history.checkpoints.append(book.checkpoint())
        assert check(history, book) == []
        history.calls[0].number = 9
        lost = Call("d", 0, 1, "ok", 4)
        history.calls += [lost, Call("e", 0, 1, "refused"), Call("f", 0, 1, "unknown")]
        book.append([one("e"), one("never sent")])
        said = check(history, book)
        assert [each.split()[0] for each in said] == ["a", "d", "e", "never", "b", "c"]
        history.checkpoints.append(history.checkpoints[0]._replace(size=2))
        assert "history was rewritten" in check(history, book)[-1]


# ---- kill -9 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite", pytest.param("sqlite in WAL", marks=pytest.mark.proof), "postgresql"])
def test_a_writer_killed_at_any_step_loses_nothing_acknowledged(
    database: str, folder: Path, figures: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    steps, outcomes, kills = Counter[str](), Counter[str](), 0
    for part in range(0, KILLS, 50):
        at = request.getfixturevalue("cluster").new() if database == "postgresql" else str(folder / f"{part}")
        place = founded(at, str(folder / f"{part}-keys"), newer="WAL" in database)
        done = subprocess.run([sys.executable, "-m", "tests.ledger.killing", place.ledger, place.keys, str(min(50, KILLS)), str(part), str(place.newer)],
                              cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        told = json.loads(done.stdout)
        assert told["wrong"] == []
        steps, outcomes, kills = (
            steps + Counter(told["steps"]),
            outcomes + Counter(told["outcomes"]),
            kills + told["kills"],
        )
    assert kills == KILLS and outcomes["ok"] > KILLS
    names = set(NAMES) - (set() if database == "postgresql" else set(ALONE))
    assert len(steps.keys() & names) >= (len(names) - 1 if PROOF else 5), steps
    figures[f"kills of a writer on {database}"] = {"kills": kills, "steps": steps, "outcomes": outcomes}


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A server of a test's own, to be killed."""
    started = Cluster()
    yield started
    started.stop()


def test_a_server_killed_at_any_instant_loses_nothing_acknowledged(
    own_cluster: Cluster, folder: Path, figures: dict[str, Any]
) -> None:
    place = founded(own_cluster.new(), str(folder / "keys"))
    history, steps, stop, running = History(), Counter[str](), threading.Event(), threading.Event()
    running.set()
    clients = [
        threading.Thread(target=client, args=(place, which, history, steps, stop, running)) for which in range(4)
    ]
    for each in clients:
        each.start()
    try:
        kill_again_and_again(own_cluster, history, running)
    finally:
        stop.set()
        running.set()
        for each in clients:
            each.join()
    with opened(place) as book:
        assert check(history, book) == []
    outcomes = Counter(call.outcome for call in history.calls)
    assert outcomes["ok"] > KILLS and outcomes["unknown"] >= KILLS
    assert len(steps) >= (10 if PROOF else 3), steps
    figures["kills of the server"] = {"kills": KILLS, "steps": steps, "outcomes": outcomes}


def kill_again_and_again(server: Cluster, history: History, running: threading.Event) -> None:
    """Kill the server and start it again, each time after some more acknowledgements and a moment of chance."""
    chance = random.Random(7)
    for _ in range(KILLS):
        enough, patience = heard(history) + chance.randint(3, 12), time.monotonic() + 60
        while heard(history) < enough and time.monotonic() < patience:
            time.sleep(chance.uniform(0.0005, 0.003))
        running.clear()
        server.kill()
        server.start()
        running.set()


def heard(history: History) -> int:
    """How many calls were acknowledged so far."""
    return sum(call.outcome == "ok" for call in list(history.calls))


def client(
    place: Place, which: int, history: History, steps: Counter[str], stop: threading.Event, running: threading.Event
) -> None:
    """Append until told to stop; after a lost connection send the same again with the same key."""
    number, key, at = 0, "", [0]
    while not stop.is_set():
        with suppress(Fault), opened(place) as book:
            say_steps(book, lambda step: at.__setitem__(0, step))
            while not stop.is_set():
                if not key:
                    number, key = number + 1, f"client{which}-{number}"
                book.database.one_statement = number % 2 == 0
                call = history.append(book, one(key, stream=f"case/{number % 3}"), request=key)
                if call.outcome != "ok":
                    steps[NAMES[at[0]]] += 1
                    break
                key = ""
        running.wait(60)


# ---- many at once ----------------------------------------------------------------------------------------------------------


def test_the_same_request_fifty_times_in_parallel_is_one_entry_and_one_receipt(place: Place) -> None:
    receipts: list[Any] = []

    def send() -> None:
        with opened(place) as book:
            receipts.append(book.append([one("k1"), one("k2")], request="form-1"))

    together(send, 50)
    assert len(receipts) == 50
    assert set(receipts) == {((1, 2), 0)}
    with opened(place) as book:
        assert (book.checkpoint().size, verify(book).fault) == (2, "")


def together(act: Any, count: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def test_two_writers_on_one_case_both_get_in_and_the_chain_has_no_fork(place: Place) -> None:
    history = History()

    def write(which: str) -> None:
        with opened(place) as book:
            for number in range(25):
                history.append(book, one(f"{which}{number}"))

    writers = [threading.Thread(target=write, args=(which,)) for which in "ab"]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    with opened(place) as book:
        assert check(history, book) == []
        assert [row.seq for row in book.entries.rows(0, 50)] == list(range(1, 51))
    assert {call.outcome for call in history.calls} == {"ok"}


# ---- connections cut ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["asked", "answered"])
def test_a_connection_cut_after_any_byte_never_says_saved_when_it_was_not(
    cluster: Cluster, folder: Path, direction: str
) -> None:
    place = founded(cluster.new(), str(folder / "keys"))
    history, outcomes = History(), Counter[str]()
    with opened(place) as direct, Proxy(cluster.folder) as proxy:
        through = Place(place.ledger.replace(str(cluster.folder), str(proxy.folder)), place.keys)
        for at, cut in enumerate(range(0, 9_000, 40) if PROOF else range(0, 6_000, 300)):
            key, number = f"cut{at}", 0
            with suppress(Fault), opened(through) as book:
                proxy.cut_after(cut, direction)
                number = history.append(book, one(key), request=key).number
            proxy.mend()
            outcomes[history.calls[-1].outcome] += 1
            again = direct.append([one(key)], request=key)
            history.calls.append(Call(key, outcome="ok", number=again.numbers[0], ended=time.monotonic()))
            assert number in (0, again.numbers[0])
        assert check(history, direct) == []
    assert outcomes["unknown"] >= 3 and outcomes["ok"] >= 1, outcomes


@pytest.mark.parametrize("commits", ["COMMIT", "WITH head"])
def test_a_connection_lost_at_the_commit_is_said_to_be_unsure(cluster: Cluster, folder: Path, commits: str) -> None:
    place = founded(cluster.new(), str(folder / "keys"))
    with opened(place) as book:
        pid = book.database.one("SELECT pg_backend_pid()")[0]
        book.database.one_statement = commits != "COMMIT"
        run = book.database.run

        def cut(sql: str, values: Any = ()) -> Any:
            if sql.startswith(commits):
                with place.raw() as other:
                    other.execute("SELECT pg_terminate_backend(%s)", (pid,))
                time.sleep(0.05)
            return run(sql, values)

        book.database.run = cut  # type: ignore[method-assign]
        with pytest.raises(Unsure, match=r"not known here.*same keys"):
            book.append([one("k1")], request="form-1")
    with opened(place) as book:
        assert book.append([one("k1")], request="form-1").numbers == (1,)


# ---- disk full -----------------------------------------------------------------------------------------------------------------


def refused_for_want_of_room(book: SqlBook) -> int:
    """Append until the disk is full; how many were taken before."""
    for number in range(2_000):
        try:
            book.append([one(f"full{number}", data={"text": "x" * 2_000})])
        except Fault as fault:
            assert "disk of the ledger is full. Nothing was taken" in str(fault), fault
            return number
    raise AssertionError("the disk never was full")


def test_a_full_disk_is_said_in_words_and_the_ledger_goes_on_when_there_is_room(folder: Path) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    with opened(place) as book:
        book.append([one("k1")])
        pages = book.database.one("PRAGMA page_count")[0]
        book.database.run(f"PRAGMA max_page_count = {pages + 40}")
        taken = refused_for_want_of_room(book)
        assert len(list(book.entries.opened(book.entries.rows(0, 1)))) == 1
        book.database.run("PRAGMA max_page_count = 1000000")
        assert book.append([one("k2")]).numbers == (taken + 2,)
        assert verify(book).sound


def test_a_limit_on_the_size_of_a_file_is_a_full_disk(folder: Path) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    with opened(place) as book:
        book.append([one("k1")])
        limit = Path(place.ledger).stat().st_size + 100_000
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            taken = refused_for_want_of_room(book)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert book.append([one("k2")]).numbers == (taken + 2,)
        assert verify(book).sound


def test_a_full_disk_of_the_server_is_said_in_words(cluster: Cluster, folder: Path) -> None:
    place = founded(cluster.new(), str(folder / "keys"))
    with opened(place) as book:
        book.append([one(f"k{each}", data={"text": "x" * 1_000}) for each in range(900)])
        backend = book.database.one("SELECT pg_backend_pid()")[0]
        file = book.database.one("SELECT pg_relation_filepath('ledger_entry')")[0]
        limit = (cluster.data / file).stat().st_size + 65_536
        assert limit > 1 << 20, "the limit must leave room for the write-ahead log's files"
        cluster.limit_files(backend, str(limit))
        taken = refused_for_want_of_room(book)
        cluster.limit_files(backend, "unlimited")
        assert book.append([one("k last")]).numbers == (901 + taken,)
        assert verify(book).sound
