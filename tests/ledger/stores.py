"""Databases for tests: SQLite files, and a throw-away PostgreSQL server on a socket of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest

from everystone.ledger.book.connection import open_database
from everystone.ledger.book.keys import Keys, open_keys
from everystone.ledger.book.sql import Reader, SqlBook, begin
from everystone.ledger.book.sqlite import journal, open_sqlite

NOW = 1_700_000_000
READER = Reader("T1", why="a test")
NO_SERVER = "PostgreSQL's server is not installed here; `make postgresql` as root installs it"


def memory() -> str | None:
    """A folder in memory, where there is one with room: a killed process loses nothing there that a disk would keep.

    What a power cut loses is tested apart, from what was written and synced; how long a sync takes, in bench/.
    """
    shared = Path("/dev/shm")
    return (
        str(shared) if shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 5e8 else None
    )


def newer_sqlite() -> Any:
    """A driver with a SQLite in which WAL is safe; a test that needs it is skipped, saying so, where there is none."""
    driver = pytest.importorskip(
        "pysqlite3.dbapi2", reason="no driver with a SQLite of 3.51.3 or later is installed here"
    )
    assert journal(driver.sqlite_version_info) == "wal"
    return driver


def server_programs() -> Path | None:
    """Where the server's programs are: Debian keeps them out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "/nowhere")]
    return found[-1].parent if found[-1].exists() else None


def unprivileged() -> dict[str, int]:
    """As whom the server runs: it refuses root, so there the account that Debian made for it, or nobody."""
    if os.getuid():
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid}
    return {}


class Cluster:
    """A PostgreSQL server in a folder of its own, with fsync as in life, that can be killed and started again."""

    settings: ClassVar = {"fsync": "on", "listen_addresses": "", "max_connections": "80", "shared_buffers": "32MB",
                "min_wal_size": "2MB", "max_wal_size": "64MB", "autovacuum": "off"}  # fmt: skip

    def __init__(self, within: Path | None = None, kept: Path | None = None) -> None:
        programs = server_programs()
        if programs is None:
            pytest.skip(NO_SERVER)
        self.programs, self.account = programs, unprivileged()
        self.process: subprocess.Popen[bytes] | None = None
        self.folder = kept or Path(tempfile.mkdtemp(prefix="es-pg-", dir=within.parent if within else memory()))
        if not self.data.exists():
            self._found()
        self.start()

    def _found(self) -> None:
        """A new, empty server in its folder, which `kept` names where it is to outlast this process."""
        self.folder.mkdir(exist_ok=True)
        if self.account:
            os.chown(self.folder, self.account["user"], self.account["group"])
        self._run("initdb", "-D", str(self.data), "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", "-k",
                  "--wal-segsize=1")  # fmt: skip

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([str(self.programs / program), *arguments], check=True, capture_output=True, extra_groups=[] if self.account else None,
                       env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, cwd=self.folder, **self.account)  # type: ignore[call-overload]  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it answers; again where old processes of it are still letting go."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self._launch()
            if self._answers(until):
                return
        raise RuntimeError((self.folder / "server.log").read_text()[-3000:])

    def _launch(self) -> None:
        settings = {**self.settings, "unix_socket_directories": str(self.folder)}
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.programs / "postgres"), "-D", str(self.data), *(f"--{name}={value}" for name, value in settings.items())],
                stdout=log, stderr=log, start_new_session=True, cwd=self.folder, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, extra_groups=[] if self.account else None,
                **self.account)  # type: ignore[call-overload]  # fmt: skip

    def _answers(self, until: float) -> bool:
        """Whether it answers before it ends or the time is over."""
        import psycopg

        assert self.process
        while self.process.poll() is None and time.monotonic() < until:
            try:
                psycopg.connect(self.address()).close()
            except psycopg.OperationalError:
                time.sleep(0.01)
            else:
                return True
        return False

    def address(
        self, schema: str = "public", user: str = "owner", host: Path | None = None, named: str = "postgres"
    ) -> str:
        return f"postgresql:///{named}?host={host or self.folder}&user={user}&options=-csearch_path%3D{schema}"

    def limit_files(self, backend: int, limit: str) -> None:
        """No file that this process of the server writes grows past a limit (bytes); the same as a full disk to it."""
        program = shutil.which("prlimit")
        if program is None:
            pytest.skip("prlimit (util-linux) is not installed here")
        subprocess.run([program, f"--pid={backend}", f"--fsize={limit}:"], check=True, extra_groups=[] if self.account else None,
                       **self.account)  # type: ignore[call-overload]  # fmt: skip

    def kill(self) -> None:
        """SIGKILL to the server and every process of it, as a machine that stops would."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        while children := list(_session(self.process.pid)):
            for child in children:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            time.sleep(0.001)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new(self) -> str:
        """The address of a new, empty schema."""
        import psycopg

        name = f"t{time.monotonic_ns()}"
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return self.address(name)

    def database(self, like: str = "template1") -> str:
        """The address of a new database, empty or with all that another (by its address) holds; whoever is there is put out."""
        import psycopg

        name, of = f"d{time.monotonic_ns()}", like.removeprefix("postgresql:///").split("?")[0]
        with psycopg.connect(self.address(), autocommit=True) as connection:
            if of != "template1":  # a thread that served a page of the test before may not have let go yet
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [of]
                )
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {of}")
        return self.address(named=name)


def _session(leader: int) -> Iterator[int]:
    """The living processes of the session that a process led (a server's children lead groups of their own)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(told[3]) == leader and told[0] != "Z":
            yield int(stat.parent.name)


class Place(NamedTuple):
    """Where a ledger and its keys are; `open` gives a book over connections of its own."""

    ledger: str
    keys: str
    clock: Callable[[], int] = lambda: NOW
    newer: bool = False  # by a driver with a newer SQLite, in WAL mode

    def connection(self) -> Any:
        return open_sqlite(Path(self.ledger), driver=newer_sqlite()) if self.newer else open_database(self.ledger)

    def open(self) -> SqlBook:
        return SqlBook(self.connection(), Keys(open_keys(self.keys)), READER, self.clock)

    def raw(self) -> Any:
        """A connection without the rights of ours: what a superuser or a thief has."""
        if self.ledger.startswith("postgresql"):
            return open_database(self.ledger)
        import sqlite3

        return sqlite3.connect(self.ledger, isolation_level=None)


@contextmanager
def opened(place: Place) -> Iterator[SqlBook]:
    """A book that is closed afterwards."""
    book = place.open()
    try:
        yield book
    finally:
        book.database.connection.close()
        book.keys.database.connection.close()


def founded(ledger: str, keys: str, newer: bool = False) -> Place:
    """A new, empty ledger."""
    place = Place(ledger, keys, newer=newer)
    connection, store = place.connection(), open_keys(keys)
    begin(connection, store)
    connection.close()
    store.connection.close()
    return place
