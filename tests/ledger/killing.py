"""Writers that are killed: python -m tests.ledger.killing LEDGER KEYS KILLS SEED NEWER; prints what happened as JSON.

A process of its own, so that it can fork writers cheaply. Each writer says in shared memory which step of the write it is
at; the killer aims at each step in turn, waits a random moment longer, kills, and looks at what the ledger holds.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from everystone.ledger.book import keys as key_store
from everystone.ledger.book.database import Database
from everystone.ledger.book.sql import SqlBook
from tests.ledger.history import Call, History, check
from tests.ledger.stores import NOW, Place, opened
from tests.ledger.test_books import entry

#: The steps of a write, by how their statement begins.
STEPS = (
    ("acknowledged", ""), ("begin", "BEGIN"), ("lock the head", "SELECT log"), ("look for the request", "SELECT digest"),
    ("look for the row", "SELECT number"), ("find the stream and its end", "SELECT tag, s.id"),
    ("reserve keys", "KEYS"), ("begin a stream", "INSERT INTO ledger_entry_stream"), ("insert the entry", "INSERT INTO ledger_entry "),
    ("insert a tile", "INSERT INTO ledger_entry_tile"), ("write the head", "UPDATE ledger_entry_head"),
    ("write the request", "INSERT INTO ledger_request"), ("commit", "COMMIT"),
    ("ask alone", "SELECT s.id"), ("write alone", "WITH head"),
)  # fmt: skip
NAMES = tuple(name for name, _ in STEPS)
#: Steps that only a database comes to where one statement can write several tables.
ALONE = NAMES[-2:]
Mark = Callable[[int], None]


def step_of(sql: str) -> int:
    """Which step a statement is."""
    return next((at for at, (_, start) in enumerate(STEPS) if start and sql.startswith(start)), 0)


def say_steps(book: SqlBook, mark: Mark) -> None:
    """Have a book say before each statement which step it comes to."""
    for database, of_keys in ((book.database, False), (book.keys.database, True)):
        _wrap(database, of_keys, mark)


def _wrap(database: Database, of_keys: bool, mark: Mark) -> None:
    run, many = database.run, database.many
    reserve = NAMES.index("reserve keys")

    def told_run(sql: str, values: Any = ()) -> Any:
        if sql != "ROLLBACK":  # said after a step that failed, and no step of its own
            mark(reserve if of_keys else step_of(sql))
        return run(sql, values)

    def told_many(sql: str, rows: Any) -> None:
        mark(reserve if of_keys else step_of(sql))
        many(sql, rows)

    database.run, database.many = told_run, told_many  # type: ignore[method-assign]


def write_until_killed(place: Place, run: int, shared: mmap.mmap, told: int) -> None:
    """Append one entry after another, saying in the pipe what was begun and what was acknowledged."""
    key_store.BLOCK = 16
    book = place.open()
    say_steps(book, lambda step: shared.__setitem__(0, step))
    number = 0
    while True:
        number += 1
        book.database.one_statement = book.database.name == "postgresql" and number % 2 == 0
        key = f"run{run}-{number}"
        os.write(told, f"{key}\n".encode())
        receipt = book.append([entry(key, stream=f"case/{run % 7}/{number % 5}", accepted=NOW)], request=key)
        shared[0], shared[1] = 0, min(number, 255)
        os.write(told, f"{key} {receipt.numbers[0]}\n".encode())


def kill_one(place: Place, run: int, target: int, chance: random.Random) -> tuple[int, list[Call]]:
    """Fork a writer and kill it at a step; gives back the step it died at and what it had heard."""
    shared = mmap.mmap(-1, 2)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            write_until_killed(place, run, shared, writing)
        finally:
            os._exit(1)
    os.close(writing)
    enough, patience = chance.randint(2, 12), time.monotonic() + 60
    while shared[1] < enough and time.monotonic() < patience:
        time.sleep(2e-4)
    give_up = time.monotonic() + 0.1
    while shared[0] != target and time.monotonic() < give_up:
        pass
    wait = time.perf_counter() + chance.choice((0, 0, 5e-5, 2e-4, 1e-3)) * chance.random()
    while time.perf_counter() < wait:
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    return shared[0], _calls(lines)


def _calls(lines: list[str]) -> list[Call]:
    calls: dict[str, Call] = {}
    for at, line in enumerate(lines):
        key, _, number = line.partition(" ")
        if number:
            calls[key].outcome, calls[key].number, calls[key].ended = "ok", int(number), float(at)
        else:
            calls[key] = Call(key, began=float(at))
    return list(calls.values())


def settle(book: SqlBook) -> None:
    """Wait until the server has noticed that a killed client is gone."""
    if book.database.name == "postgresql":
        others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name = 'killed'"
        while book.database.one(others)[0]:
            time.sleep(0.002)


def main(ledger: str, keys: str, kills: int, seed: int, newer: bool) -> dict[str, Any]:
    """Kill so many writers, checking the ledger after each."""
    chance, history, steps, wrong = random.Random(seed), History(), Counter[str](), []
    place = Place(ledger, keys, newer=newer)
    writer = place._replace(ledger=ledger + ("&application_name=killed" if ledger.startswith("postgresql") else ""))
    steps_there = len(STEPS) - (0 if ledger.startswith("postgresql") else len(ALONE))
    for run in range(kills):
        died_at, calls = kill_one(writer, run, run % steps_there, chance)
        offset = run * 1e6
        for call in calls:
            call.began, call.ended = call.began + offset, call.ended + offset
        history.calls += calls
        steps[NAMES[died_at]] += 1
        with opened(place) as book:
            settle(book)
            wrong += check(history, book, payloads=run == kills - 1 or run % 50 == 0)
            history.checkpoints.append(book.checkpoint())
        if wrong:
            break
    outcomes = Counter(call.outcome for call in history.calls)
    return {"kills": run + 1, "steps": steps, "wrong": wrong, "outcomes": outcomes}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "True")))
