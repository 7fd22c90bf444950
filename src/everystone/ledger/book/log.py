"""A log: sealed entries by number, a chain a stream, one tree over all of them. The ledger has three of them.

`ledger_entry` is what was recorded; `ledger_reading` says who read what and why; `ledger_holding` what the sources hold.
All three are written, proved, verified and backed up in the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from everystone.ledger.book.database import SCHEMA, Database
from everystone.ledger.book.keys import Keys
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.ledger.seal.disclosure import entry_of
from everystone.ledger.seal.header import decode
from everystone.ledger.seal.payload import DoesNotOpen, digest_of, unseal
from everystone.ledger.seal.tree import Checkpoint, Edge, Place, Tree

ENTRIES, READINGS, HOLDINGS = "ledger_entry", "ledger_reading", "ledger_holding"
LOGS = (ENTRIES, READINGS, HOLDINGS)
TAG = 16
#: Opened entries that a process keeps, the least used first to go: opening one costs a hundred times what looking it up does.
KEPT_OPEN = 20_000
_LEVEL = 48


class Head(NamedTuple):
    """What a log has reached: id, entries, streams, highest key, newest instant (microseconds UTC), edge of the tree."""

    log: bytes
    size: int
    streams: int
    keys: int
    latest: int
    edge: bytes


class Row(NamedTuple):
    """An entry as it is stored."""

    number: int
    stream: int
    seq: int
    tag: bytes
    key: int
    header: bytes
    payload: bytes


class Stream(NamedTuple):
    """A stream as it is stored; `name` is encrypted."""

    id: int
    chain: bytes
    tag: bytes
    name: bytes


COLUMNS = ", ".join(Row._fields)


def place_of(place: Place) -> int:
    """The number under which a tile is stored."""
    return place[0] << _LEVEL | place[1]


class Log:
    """One log of a ledger, for reading and proving; `writing.py` adds to it."""

    def __init__(self, database: Database, keys: Keys, name: str) -> None:
        self.database, self.keys, self.name = database, keys, name

    # ---- the tree ----------------------------------------------------------------------------------------------

    def head(self, lock: bool = False) -> Head:
        """What the log has reached; with `lock` nobody else writes until the transaction ends."""
        columns, locked = ", ".join(Head._fields), self.database.lock if lock else ""
        return head_of(self.database.one(f"SELECT {columns} FROM {self.name}_head{locked}"))

    def tree(self) -> Tree:
        """The tree over everything committed now."""
        head = self.head()
        return Tree(Edge.read(head.size, bytes(head.edge)), self._tiles)

    def checkpoint(self) -> Checkpoint:
        """How many entries there are, and the root over them."""
        return self.tree().edge.checkpoint()

    def leaf(self, number: int) -> bytes:
        """The leaf hash of an entry, as the tree has it. Raises Fault for a number that was not given yet."""
        tree = self.tree()
        if not 1 <= number <= tree.edge.size:
            raise Fault(f"The ledger has no entry {number:,}; the last is {tree.edge.size:,}.")
        return tree.leaf(number - 1)

    def _tiles(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        if not places:
            return {}
        by_number = {place_of(place): place for place in places}
        found = self.database.run(
            f"SELECT place, hashes FROM {self.name}_tile WHERE place IN ({marks(places)})", list(by_number)
        ).fetchall()
        if len(found) != len(by_number):
            raise Fault("A part of the stored tree is gone. Run `everystone verify --all`, then restore from a backup.")
        return {by_number[number]: bytes(hashes) for number, hashes in found}

    # ---- streams and entries -----------------------------------------------------------------------------------

    def streams(self) -> dict[str, Stream]:
        """Every stream by its name."""
        rows = self.database.run(f"SELECT id, chain, tag, name FROM {self.name}_stream ORDER BY id").fetchall()
        return {self.keys.show(row[3], bytes(row[1])): Stream(*row) for row in rows}

    def stream(self, name: str) -> Stream | None:
        """One stream, or None."""
        row = self.database.one(
            f"SELECT id, chain, tag, name FROM {self.name}_stream WHERE tag = ?", (self.keys.tag("stream", name)[:TAG],)
        )
        return Stream(*row) if row else None

    def rows(self, after: int, upto: int) -> list[Row]:
        """The stored rows with numbers after..upto (the first left out)."""
        found = self.database.run(
            f"SELECT {COLUMNS} FROM {self.name} WHERE number > ? AND number <= ? ORDER BY number", (after, upto)
        )
        return [Row(*row) for row in found.fetchall()]

    def of_stream(self, stream: Stream) -> list[Row]:
        """The stored rows of a stream, in order."""
        found = self.database.run(f"SELECT {COLUMNS} FROM {self.name} WHERE stream = ? ORDER BY seq", (stream.id,))
        return [Row(*row) for row in found.fetchall()]

    def of_streams(self, names: Collection[str]) -> dict[str, list[Entry]]:
        """The entries of several streams, each in order, by stream; one that is not there is left out."""
        by_tag = {self.keys.tag("stream", name)[:TAG]: name for name in names}
        ids = self._ids(by_tag)
        rows = self.database.run(
            f"SELECT {COLUMNS} FROM {self.name} WHERE stream IN ({marks(ids) or 'NULL'}) ORDER BY stream, seq",
            list(ids),
        ).fetchall()
        entries: dict[str, list[Entry]] = {name: [] for name in ids.values()}
        for row, entry in self._opened([Row(*row) for row in rows]):
            entries[ids[row.stream]].append(entry)
        return entries

    def _ids(self, by_tag: Mapping[bytes, str]) -> dict[int, str]:
        """The numbers of streams that are there, each with its name."""
        found = self.database.run(
            f"SELECT id, tag FROM {self.name}_stream WHERE tag IN ({marks(by_tag) or 'NULL'}) ORDER BY id", list(by_tag)
        )
        return {number: by_tag[bytes(tag)] for number, tag in found.fetchall()}

    def known(self, tags: Sequence[bytes]) -> dict[bytes, Row]:
        """The stored rows that bear one of these tags, by tag."""
        if not tags:
            return {}
        found = self.database.run(f"SELECT {COLUMNS} FROM {self.name} WHERE tag IN ({marks(tags)})", tags)
        return {bytes(row[3]): Row(*row) for row in found.fetchall()}

    def opened(self, rows: Sequence[Row], checked: bool = True) -> Iterator[Entry]:
        """Stored rows as entries; those whose key was destroyed are left out.

        With `checked` each payload is compared with its header's commitments. Raises Fault for one that was altered,
        and where keys are missing that nobody destroyed.
        """
        return (entry for _, entry in self._opened(rows, checked))

    def _opened(self, rows: Sequence[Row], checked: bool = True) -> Iterator[tuple[Row, Entry]]:
        secrets = self.keys.secrets(row.key for row in rows)
        if len(secrets) < len(rows):
            rows = self._readable(rows, secrets)
        for row in rows:
            secret = secrets[row.key]
            yield (
                row,
                _kept(*row, secret) if checked else entry_of(lines_of_row(row, secret, checked=False), row.number),
            )

    def _readable(self, rows: Sequence[Row], secrets: Mapping[int, bytes]) -> list[Row]:
        destroyed = self.keys.destroyed()
        missing = [row.number for row in rows if row.key not in secrets and row.key not in destroyed]
        if missing:
            raise Fault(
                f"Payload not readable: the key store lacks the keys of {len(missing)} entries (numbers {ranges(missing)}), "
                "and no record shows that they were destroyed. Restore the key store from its newest backup."
            )
        return [row for row in rows if row.key in secrets]


def head_of(found: Sequence[Any] | None) -> Head:
    """The head from its row. Raises Fault where there is none."""
    if found is None:
        raise Fault("The head of the ledger is gone. Restore it from a backup.")
    return Head(*found)


def marks(values: Collection[object]) -> str:
    """As many `?` as there are values."""
    return ", ".join("?" * len(values))


def lines_of_row(row: Row, secret: bytes, checked: bool = True) -> list[bytes]:
    """The lines of a stored payload. Raises Fault where it is not what was written."""
    try:
        lines = unseal(bytes(row.payload), secret)
        if checked and digest_of(lines, secret) != decode(bytes(row.header)).fields:
            raise DoesNotOpen
    except (DoesNotOpen, ValueError) as fault:
        raise Fault(f"Entry {row.number:,} is not what was written. Run `everystone verify --all`.") from fault
    return lines


@lru_cache(KEPT_OPEN)
def _kept(
    number: int, stream: int, seq: int, tag: bytes, key: int, header: bytes, payload: bytes, secret: bytes
) -> Entry:
    """The entry that a stored row says under its secret. It follows from these alone, so what is kept of it is never stale:
    a row that was changed is opened anew, and one whose secret was destroyed is not asked for.
    """
    return entry_of(lines_of_row(Row(number, stream, seq, tag, key, header, payload), secret), number)


def ranges(numbers: Iterable[int], most: int = 5) -> str:
    """Numbers in words: `3, 7 to 9 and 4 more`."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    said = [f"{lo:,}" if lo == hi else f"{lo:,} to {hi:,}" for lo, hi in spans[:most]]
    left = sum(hi - lo + 1 for lo, hi in spans[most:])
    return ", ".join(said) + (f" and {left:,} more" if left else "")


def found(database: Database, log_ids: Mapping[str, bytes]) -> None:
    """Make the tables of a new ledger of the newest format, each log empty under its id."""
    with database.transaction():
        make_tables(database)
        for name, log in log_ids.items():
            write_head(database, name, Head(log, 0, 0, 0, -(1 << 62), b""))


def write_head(database: Database, name: str, head: Head) -> None:
    """Write the head of a log that has none yet."""
    columns = ", ".join(Head._fields)
    database.run(f"INSERT INTO {name}_head (only_one, {columns}) VALUES (1, ?, ?, ?, ?, ?, ?)", head)


def make_tables(database: Database) -> None:
    """Make the tables of a ledger of the newest format. Raises Fault where there is a ledger already."""
    if database.has("ledger_format"):
        raise Fault("There is a ledger here already. Nothing was done. Give a place where there is none.")
    _bring_up(database, 0)


def bring_up_to_date(database: Database) -> int:
    """Bring a ledger of an earlier release to the format of this one; its entries stay as they are, byte for byte.

    Gives back the format it had. Raises Fault where there is none, or one of a later release.
    """
    if not database.has("ledger_format"):
        raise Fault("There is no ledger here. `everystone begin` makes one together with its key store.")
    (version,) = database.one("SELECT max(version) FROM ledger_format")
    if version > newest(database):
        raise Fault(
            f"This ledger has format {version}; this release reads up to format {newest(database)}. Use the release that "
            "wrote it, or a later one."
        )
    if version < newest(database):
        with database.transaction():
            _bring_up(database, version)
    return int(version)


def newest(database: Database) -> int:
    """The newest format that this release writes: the highest numbered schema file."""
    return max(int(path.name.split(".")[0]) for path in SCHEMA.glob(f"[0-9]*.{database.name}.sql"))


def _bring_up(database: Database, version: int) -> None:
    for number in range(version + 1, newest(database) + 1):
        database.script(f"{number}.{database.name}.sql", LOGS)
        database.run("INSERT INTO ledger_format (version) VALUES (?)", (number,))
