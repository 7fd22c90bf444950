"""The key store: one secret an entry, apart from the ledger, so that destroying it there leaves nothing to read here.

Secrets are reserved in blocks and are on disk before an entry uses one: an acknowledged entry never lacks its key, and a
single append waits for one commit, not two. A secret seals one payload; a block is never shared between processes.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from everystone.ledger.book.connection import SERVER, database, open_database
from everystone.ledger.book.database import Database
from everystone.ledger.book.sqlite import Sqlite, open_sqlite
from everystone.ledger.fault import Fault
from everystone.ledger.seal.payload import SECRET
from everystone.ledger.seal.tree import Checkpoint

BLOCK = 256
#: Backups of keys are kept no longer than this, so that a key destroyed today is gone everywhere by then.
KEPT_DAYS = 35
_AT_ONCE = 5_000


#: Tells a log's name and checkpoint, where they are known.
Seen = Callable[[], "tuple[str, Checkpoint] | None"]


class Secret(NamedTuple):
    """The secret of one entry and the number under which the key store holds it."""

    id: int
    secret: bytes


class Keys:
    """The secrets of one ledger, over a connection of their own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        owner = database.one("SELECT log, secret FROM key_owner") if database.has("key_owner") else None
        if owner is None:
            raise Fault("There is no key store here. `everystone begin` makes one together with its ledger.")
        self.log, self._index = bytes(owner[0]), bytes(owner[1])
        self._spare: list[Secret] = []
        #: Pseudonyms that were made already, by what they stand for.
        self.pseudonyms: dict[object, bytes] = {}
        self._process = os.getpid()
        self._names = AESGCM(self._keyed(b"names", b""))

    def owner_secret(self) -> bytes:
        """The secret behind all names, tags and pseudonyms; for a backup of the keys."""
        return self._index

    # ---- pseudonyms and names ----------------------------------------------------------------------------------

    def _keyed(self, purpose: bytes, said: bytes) -> bytes:
        return hmac.digest(self._index, purpose + b"\x00" + said, "sha256")

    def tag(self, purpose: str, said: str) -> bytes:
        """A keyed digest (32 bytes) of a row key, a name or a request: equal for equal words, nothing without the key."""
        try:
            return self._keyed(purpose.encode(), said.encode())
        except UnicodeEncodeError as fault:
            raise Fault("A key or name holds a character that cannot be stored. Nothing was taken.") from fault

    def hide(self, name: str, chain: bytes) -> bytes:
        """The name of a stream, encrypted; the chain was drawn at random once and serves as nonce."""
        return self._names.encrypt(chain[:12], name.encode(), None)

    def show(self, hidden: bytes, chain: bytes) -> str:
        """The name of a stream. Raises Fault where it does not open."""
        try:
            return self._names.decrypt(chain[:12], bytes(hidden), None).decode()
        except InvalidTag as fault:
            raise Fault("The name of a stream was changed: it does not open with the key of this ledger.") from fault

    # ---- secrets -----------------------------------------------------------------------------------------------

    def take(self, count: int, above: int, seen: Seen) -> list[Secret]:
        """So many secrets that nothing was sealed with, with numbers above `above`; they are on disk already.

        `seen` tells a log as it is committed now (None where that is not known); it is kept when a block is reserved.
        """
        if self._process != os.getpid():
            self._process, self._spare = os.getpid(), []
        if len(self._spare) < count:
            self._spare += self._reserve(max(BLOCK, count - len(self._spare)), above, seen)
        taken, self._spare = self._spare[:count], self._spare[count:]
        return taken

    def _reserve(self, count: int, above: int, seen: Seen) -> list[Secret]:
        drawn, marked = os.urandom(SECRET * count), seen()
        with self.database.transaction():
            self.database.run("SELECT only_one FROM key_owner" + self.database.lock)
            last = max(above, self.database.one("SELECT coalesce(max(id), 0) FROM key_secret")[0])
            block = [Secret(last + 1 + at, drawn[at * SECRET : (at + 1) * SECRET]) for at in range(count)]
            self.database.many("INSERT INTO key_secret (id, secret) VALUES (?, ?)", block)
            if marked:
                self._mark(*marked)
        return block

    def secrets(self, ids: Iterable[int]) -> dict[int, bytes]:
        """The secrets that are held of these numbers; one that was destroyed or is missing is left out."""
        found: dict[int, bytes] = {}
        wanted = list(ids)
        for at in range(0, len(wanted), _AT_ONCE):
            part = set(wanted[at : at + _AT_ONCE])
            lo, hi = min(part), max(part)
            if hi - lo < 4 * len(part):
                rows = self.database.run("SELECT id, secret FROM key_secret WHERE id BETWEEN ? AND ?", (lo, hi))
            else:
                marks = ",".join("?" * len(part))
                rows = self.database.run(f"SELECT id, secret FROM key_secret WHERE id IN ({marks})", list(part))
            found.update((number, secret) for number, secret in rows if number in part and secret is not None)
        return found

    def destroy(self, ids: Iterable[int], day: int) -> None:
        """Destroy secrets for good (`day`: the instant in seconds UTC); what they sealed can never be read again."""
        with self.database.transaction():
            for number in ids:
                self.database.run("UPDATE key_secret SET secret = NULL, destroyed = ? WHERE id = ?", (day, number))
        if not isinstance(self.database, Sqlite):
            self.database.run("VACUUM FULL key_secret")

    def destroyed(self) -> dict[int, int]:
        """The numbers of destroyed secrets, and when (seconds UTC)."""
        return dict(self.database.run("SELECT id, destroyed FROM key_secret WHERE destroyed IS NOT NULL").fetchall())

    # ---- the ledger as it was seen -------------------------------------------------------------------------------

    def mark(self, log: str, seen: Checkpoint) -> None:
        """Keep a checkpoint of the ledger as it is committed now."""
        with self.database.transaction():
            self._mark(log, seen)

    def _mark(self, log: str, seen: Checkpoint) -> None:
        if seen.size and not self.database.one("SELECT 1 FROM key_mark WHERE log = ? AND size = ?", (log, seen.size)):
            self.database.run("INSERT INTO key_mark (log, size, root) VALUES (?, ?, ?)", (log, seen.size, seen.root))

    def marks(self, log: str) -> Mapping[int, bytes]:
        """The roots that were seen, by size."""
        found = self.database.run("SELECT size, root FROM key_mark WHERE log = ? ORDER BY size", (log,))
        return {size: bytes(root) for size, root in found}


def found_keys(store: Database, log: bytes, secret: bytes = b"") -> Keys:
    """Make the key store of a new ledger; `secret` only where one is restored."""
    if store.has("key_owner"):
        raise Fault("There is a key store here already. Nothing was done. Give a place where there is none.")
    with store.transaction():
        store.script("keys.sql")
        store.run("INSERT INTO key_owner (only_one, log, secret) VALUES (1, ?, ?)", (log, secret or os.urandom(SECRET)))
    return Keys(store)


def open_keys(place: str) -> Database:
    """The database of a key store: a file, or a postgresql:// address. Raises Fault for one that could lose a key.

    In a file the journal is emptied at every commit, so that no destroyed key stays in it.
    """
    if place.startswith(SERVER):
        return database(open_database(place))
    lite = Sqlite(open_sqlite(Path(place), "truncate"))
    lite.gate("truncate")
    return lite
