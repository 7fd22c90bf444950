"""What a disk could hold after a power cut: every write and sync of a real writer, recorded by strace, played back in part.

An honest disk holds what was synced, and of the rest any part: each sector (512 bytes) of a write that was not synced may be
there or not, and a name made or removed in a folder counts only once the folder was synced. At an acknowledgement such
images are built, opened as after the power comes back, and held against what had been acknowledged.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from everystone.ledger.book import sqlite as databases
from everystone.ledger.book.keys import Keys, open_keys
from everystone.ledger.book.sql import SqlBook, begin
from everystone.ledger.book.verify import verify
from tests.ledger.stores import NOW, READER, newer_sqlite
from tests.ledger.test_books import entry

SECTOR = 512
CALLS = "openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink,rename"
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
_FILE = re.compile(r"^\d+<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Setting(NamedTuple):
    """A journal mode and a synchronous level of SQLite; whether the gate must be told to let it pass."""

    journal: str
    synchronous: int
    forced: bool = False


def allow(setting: Setting) -> None:
    """Let this process use a setting that the gate refuses."""
    if setting.forced:
        databases.journal = lambda *_: setting.journal
        databases.FULL = setting.synchronous


def connect(folder: Path, setting: Setting) -> Any:
    """A connection to the ledger in a folder, by the driver whose version of SQLite asks for this setting."""
    newer = setting.journal == "wal" and not setting.forced
    return databases.open_sqlite(folder / "ledger", driver=newer_sqlite() if newer else sqlite3)


def write(folder: Path, count: int, setting: Setting) -> None:
    """Begin a ledger and append so many entries, acknowledging each by a line in a file."""
    allow(setting)
    connection, keys = connect(folder, setting), open_keys(str(folder / "keys"))
    begin(connection, keys)
    book = SqlBook(connection, Keys(keys), READER, lambda: NOW)
    with (folder / "acknowledged").open("wb", buffering=0) as told:
        for number in range(1, count + 1):
            book.append([entry(f"k{number}", stream=f"case/{number % 3}", accepted=NOW)], request=f"r{number}")
            told.write(f"{number}\n".encode())


def record(folder: Path, count: int, setting: Setting) -> list[str]:
    """Run the writer under strace; gives back the recorded calls."""
    trace = folder.with_suffix(".trace")
    folder.mkdir()
    subprocess.run(
        ["strace", "-f", "-y", "-xx", "-qq", "-s", "200000", "-e", f"trace={CALLS}", "-o", str(trace), sys.executable, "-m",
         "tests.ledger.powercut", str(folder), str(count), *map(str, setting)],
        check=True, capture_output=True)  # fmt: skip
    return [
        line
        for line in trace.read_text(encoding="latin-1").splitlines()
        if _hex(str(folder)) in line or str(folder) in line
    ]


def _hex(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def _plain(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode() if text.startswith("\\x") else text


class File:
    """A file as it is, as it was when last synced, and what was done to it since."""

    def __init__(self) -> None:
        self.synced = bytearray()
        self.since: list[tuple[int, bytes | None]] = []  # (offset, data), or (size, None) for a cut

    def sync(self) -> None:
        self.synced, self.since = self.with_all(), []

    def with_all(self) -> bytearray:
        image = bytearray(self.synced)
        for at, data in self.since:
            _apply(image, at, data)
        return image

    def with_some(self, chance: random.Random) -> bytearray:
        """Synced, and of what was written since any sectors: each at its own odds."""
        image, odds = bytearray(self.synced), chance.choice((0.0, 0.1, 0.5, 0.9))
        for at, data in self.since:
            if data is None:
                if chance.random() < odds:
                    _apply(image, at, None)
                continue
            for start in range(0, len(data), SECTOR):
                if chance.random() < odds:
                    _apply(image, at + start, data[start : start + SECTOR])
        return image


def _apply(image: bytearray, at: int, data: bytes | None) -> None:
    if data is None:
        del image[at:]
        image.extend(bytes(at - len(image)))
        return
    if len(image) < at:
        image.extend(bytes(at - len(image)))
    image[at : at + len(data)] = data


class Disk:
    """A folder on a disk that may lose power: files, and which names it durably has."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.acknowledged = str(folder), 0
        self.files: dict[str, File] = {}
        self.names: dict[str, File] = {}
        self.changes: list[tuple[str, File | None]] = []

    def play(self, line: str) -> bool:
        """Play one recorded call; whether it was an acknowledgement."""
        call = _CALL.match(line)
        if not call or int(call[3]) < 0:
            return False
        name, said = call[1], call[2]
        if name in ("openat", "unlink"):
            path = next((each for each in map(_plain, _TEXT.findall(said)) if each.startswith(self.folder)), "")
            self._named(name, path, said)
            return False
        file = _FILE.match(said)
        path = _plain(file[1]) if file else ""
        if path.endswith("acknowledged"):
            self.acknowledged += name == "write"
            return name == "write"
        if path == self.folder:
            self._sync_folder()
        elif path in self.files:
            self._changed(self.files[path], name, said)
        return False

    def _named(self, name: str, path: str, said: str) -> None:
        if name == "openat" and "O_CREAT" in said and path and path not in self.files:
            self.files[path] = File()
            self.changes.append((path, self.files[path]))
        elif name == "unlink" and path in self.files:
            del self.files[path]
            self.changes.append((path, None))

    @staticmethod
    def _changed(file: File, name: str, said: str) -> None:
        if name in ("fsync", "fdatasync"):
            file.sync()
        elif name == "ftruncate":
            file.since.append((int(said.rsplit(", ", 1)[1]), None))
        elif name == "pwrite64":
            text = _TEXT.search(said)
            assert text
            file.since.append((int(said.rsplit(", ", 1)[1]), bytes.fromhex(text[1].replace("\\x", ""))))

    def _sync_folder(self) -> None:
        for path, file in self.changes:
            if file is None:
                self.names.pop(path, None)
            else:
                self.names[path] = file
        self.changes = []

    def image(self, chance: random.Random | None) -> dict[str, bytes]:
        """What the disk could hold if power failed now; without a chance only what was synced."""
        names = dict(self.names)
        for path, file in self.changes:
            if chance and chance.random() < 0.5:
                names.pop(path, None)
                if file is not None:
                    names[path] = file
        return {path: bytes(file.with_some(chance) if chance else file.synced) for path, file in names.items()}


def losses(folder: Path, setting: Setting, count: int, images: int, seed: int) -> Iterator[str]:
    """Record a writer and cut its power many times; yields "" for an honest image, or what it had lost.

    At each acknowledgement, first with nothing but what was synced; and now and then in the midst of a write.
    """
    trace = record(folder, count, setting)
    chance, disk = random.Random(seed), Disk(folder)
    each = max(1, images // count)
    for line in trace:
        now = each if disk.play(line) else int(disk.acknowledged > 0 and chance.random() < each / 40)
        for number in range(now):
            image = disk.image(chance if number or now < each else None)
            yield opened_after(image, folder, setting, disk.acknowledged)


def opened_after(image: dict[str, bytes], folder: Path, setting: Setting, acknowledged: int) -> str:
    """Open an image as after the power comes back; says what is missing."""
    after = folder.with_name(folder.name + "-after")
    shutil.rmtree(after, ignore_errors=True)
    after.mkdir()
    for path, data in image.items():
        (after / Path(path).name).write_bytes(data)
    try:
        keys = open_keys(str(after / "keys"))
        book = SqlBook(connect(after, setting), Keys(keys), READER, lambda: NOW)
        verdict = verify(book)
        size = book.entries.head().size
        book.database.connection.close()
        keys.connection.close()
    except Exception as fault:
        return f"not opened after {acknowledged}: {fault}"
    if verdict.fault or size < acknowledged:
        return verdict.fault or f"{acknowledged} were acknowledged and {size} are there"
    return ""


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), Setting(sys.argv[3], int(sys.argv[4]), sys.argv[5] == "True"))
