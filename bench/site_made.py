"""The sites of the load program: an invented force of any size in PostgreSQL, every standard asked, people who are signed in.

Made the way a force's site is made, by a feed, except that two processes ask the standards and that asking them for the first
time is not written into the log of readings: its one row would let only one of the two ask at a time.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.ledger.stores import Cluster

from everystone.ledger.book.sql import SqlBook, begin

TOGETHER = 50  # cases asked in one transaction

FAILING = ["unseen-children", "claims-without-proof", "silent-cases"]
SITE = """\
database = {database}
keys = "force.keys"
secret = "secret.txt"
hosts = ["127.0.0.1", "localhost"]
name = "An invented force"
demonstration = [{began}, {real}]

[[feeds]]
name = "RECORDS"
drop = "drop"
mapping = {mapping}
"""


class Kept(Cluster):
    """A server whose folder is kept, so that a force that was made once serves several runs."""

    settings: ClassVar = {**Cluster.settings, "shared_buffers": "512MB", "max_wal_size": "4GB", "min_wal_size": "256MB",
                "autovacuum": "on", "work_mem": "16MB", "effective_cache_size": "4GB"}  # fmt: skip

    def __init__(self, folder: Path) -> None:
        super().__init__(kept=folder / "server")

    def end(self) -> None:
        """Stop it so that it starts again at once; its folder stays."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()


class Unrecorded(SqlBook):
    """A ledger that writes no readings down."""

    def _record(self, read: dict[str, Any]) -> int:
        return 0


def made(server: Cluster, folder: Path, cases: int) -> Path:
    """The file of a site on a force of so many cases; made where it is not there yet."""
    place = folder / f"site-{cases}"
    if not (place / "ready.json").exists():
        place.mkdir(parents=True)
        began = time.monotonic()
        _run("begin", place, server.new(), str(cases))
        _run("fill", place)
        asking = [_start("ask", place, str(part)) for part in (0, 1)]
        if any(each.wait() for each in asking):
            raise RuntimeError("the standards could not be asked")
        _run("people", place)
        (place / "ready.json").write_text(json.dumps({"seconds": round(time.monotonic() - began)}))
    _run("ready", place)
    return place / "site.toml"


def _start(*arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, *map(str, arguments)])


def _run(*arguments: object) -> None:
    if _start(*arguments).wait():
        raise RuntimeError(f"{arguments[0]} failed")


# ---- each a process of its own -----------------------------------------------------------------------------------------


def begin_site(place: Path, database: str, cases: str) -> None:
    """The force, an empty ledger and the file of the site."""
    from everystone.ledger.book.connection import open_database
    from everystone.ledger.book.keys import open_keys
    from everystone.standards.pack import load
    from everystone.synthetic.force import synthesise

    said = synthesise(int(cases), 11, place / "force", FAILING)
    now = load().words.calendar.span(f"{said['as_at']} 23:00")[0]
    (place / "drop").mkdir()
    (place / "secret.txt").write_text("s" * 60)
    (place / "site.toml").write_text(SITE.format(
        database=json.dumps(database), began=now, real=int(time.time()), mapping=json.dumps(str(place / "force" / "mapping.yaml"))))  # fmt: skip
    begin(open_database(database), open_keys(str(place / "force.keys")))


def fill(place: Path) -> None:
    """The first delivery, by the feed."""
    from everystone.web import beginning, clock

    beginning.make_ready()
    from django.conf import settings

    from everystone.web.store import MACHINE, tables, worklists
    from everystone.work.feeds import Item, asked_at, take_item

    now = clock.now()
    with worklists(MACHINE, now) as lists:
        done = take_item(lists, settings.SITE.feeds[0], Item("first", [place / "force"], "first", now, asked_at(now)))
    if done.fault:
        raise RuntimeError(done.fault)
    tables().run("ANALYZE")  # as a server does by itself within a minute


def ready(place: Path) -> None:
    """What an earlier run of another release left is brought up."""
    from everystone.web.beginning import make_ready

    make_ready()


def ask(place: Path, part: str) -> None:
    """Half of everything that is due."""
    from everystone.web import clock
    from everystone.web.store import MACHINE, asking, keys, tables
    from everystone.work.worklists import Worklists

    lists = Worklists(Unrecorded(tables(), keys(), MACHINE, clock.now), asking())
    due = [name for (name,) in lists.database.run("SELECT frame FROM work_due ORDER BY frame").fetchall()]
    for some in _parts(due[int(part) :: 2]):
        with lists.book.transaction():
            for name in some:
                lists.ask(name)


def _parts(names: list[str]) -> Iterator[list[str]]:
    yield from (names[at : at + TOGETHER] for at in range(0, len(names), TOGETHER))


def people(place: Path) -> None:
    """Fifty people with sessions: thirty-eight officers who lead, one of them sixty cases, ten supervisors, two inspectors."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from everystone.web import beginning, clock
    from everystone.web.models import Person
    from everystone.web.policy import INSPECTOR, OFFICER, SUPERVISOR
    from everystone.web.store import pack, tables

    tables().run("ANALYZE")
    day = pack().words.calendar.day_of(clock.now())
    led = tables().run("SELECT lead, MAX(team), COUNT(*) FROM work_frame WHERE running = 1 AND lead <> '' GROUP BY lead "
                       "ORDER BY COUNT(*) DESC, lead").fetchall()  # fmt: skip
    teams = sorted({team for _, team, _ in led})
    chosen = random.Random(3).sample(led, min(37, len(led)))
    posts = [(led[0][0], OFFICER, led[0][1]), *((lead, OFFICER, team) for lead, team, _ in chosen if lead != led[0][0])]
    posts += [(f"S{n:05}", SUPERVISOR, teams[n % len(teams)]) for n in range(48 - len(posts))]
    posts += [(f"D{n:05}", INSPECTOR, "") for n in range(2)]
    seats = []
    for reference, role, team in posts:
        beginning.sign_in(reference, reference, role, team, day)
        person = Person.objects.get(reference=reference)
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session.set_expiry(30 * 86_400)
        session.create()
        rows = tables().run("SELECT frame FROM work_frame WHERE running = 1 AND home = frame AND (? = '' OR lead = ?) "
                            "AND (? = '' OR team = ?) ORDER BY frame LIMIT 60",
                            (*[reference if role == OFFICER else ""] * 2, *[team if role == SUPERVISOR else ""] * 2)).fetchall()  # fmt: skip
        seats.append({"who": reference, "role": role, "session": session.session_key,
                      "cases": [frame.removeprefix("case/") for (frame,) in rows if frame.startswith("case/")]})  # fmt: skip
    (place / "seats.json").write_text(json.dumps(seats))


STEPS: dict[str, Callable[..., None]] = {"fill": fill, "ready": ready, "ask": ask, "people": people}

if __name__ == "__main__":
    step, folder, *rest = sys.argv[1:]
    if step == "begin":
        begin_site(Path(folder), *rest)
    else:
        from everystone.web.beginning import start

        os.environ.setdefault("EVERYSTONE_SITE", str(Path(folder) / "site.toml"))
        start(Path(folder) / "site.toml")
        began = time.monotonic()
        STEPS[step](Path(folder), *rest)
        print(f"{step}: {time.monotonic() - began:.0f} s ({time.process_time():.0f} s of this process)", flush=True)
