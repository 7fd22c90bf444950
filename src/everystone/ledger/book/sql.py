"""A book in a database, SQLite or PostgreSQL: the live ledger. What it acknowledged is kept, and any change to it shows.

    keys = Keys(open_keys("force.keys"))
    book = SqlBook(open_database("force.ledger"), keys, Reader("S1", why="allocation"), clock)
    with book.transaction():                      # entries, readings and the caller's own rows together, or none
        receipt = book.append([entry], request="form-7f3a")
        book.database.run("INSERT INTO ...")

A reading is recorded in the same transaction as it is made: where the record cannot be written, nothing is read.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple
from uuid import uuid4

from everystone.ledger.book import Receipt, content_of
from everystone.ledger.book.alone import Alone, Request
from everystone.ledger.book.connection import database
from everystone.ledger.book.database import Database
from everystone.ledger.book.keys import Keys, found_keys
from everystone.ledger.book.log import ENTRIES, HOLDINGS, LOGS, READINGS, TAG, Log, bring_up_to_date, found
from everystone.ledger.book.writing import AT_ONCE, Writing
from everystone.ledger.coverage import Coverage, Holding
from everystone.ledger.delivery import Change, Delivery
from everystone.ledger.entry import Capacity, Entry, Source
from everystone.ledger.fault import Fault
from everystone.ledger.seal.tree import Checkpoint

#: The first word of streams whose very existence is not told: no kind and no shared pseudonym stands in their headers.
SEALED = ("conduct",)
#: The stream of what was erased by whose authority; nothing but an erasure is written to it.
ERASURE = "erasure"
LOG_ID = 16
CHANGES = 5_000  # lines of what a delivery changed that are written together


class Reader(NamedTuple):
    """Who reads, as what, and why; it is written down with every reading."""

    by: str
    capacity: Capacity = Capacity()
    why: str = ""


class SqlBook:
    """The ledger over a connection handed in, with its key store. `clock` gives seconds since 1970 UTC."""

    def __init__(
        self, connection: Any, keys: Keys, reader: Reader, clock: Callable[[], int], sealed: Collection[str] = SEALED
    ) -> None:
        self.database: Database = connection if isinstance(connection, Database) else database(connection)
        self.keys, self.reader, self.clock, self._sealed = keys, reader, clock, frozenset(sealed)
        self.entries, self.readings, self.holdings = (Log(self.database, keys, name) for name in LOGS)
        self._alone = Alone(self.entries, self.is_sealed)
        with self.database.in_words():
            bring_up_to_date(self.database)
            log = bytes(self.entries.head().log)
        if not hmac.compare_digest(log, keys.log):
            raise Fault("These keys belong to another ledger. Nothing was opened. Name the key store of this one.")

    # ---- the contract --------------------------------------------------------------------------------------------

    def append(self, entries: Iterable[Entry], request: str = "") -> Receipt:
        """Take entries, all or none; they are on disk when this returns.

        With `request`, a key that the client made, the same request sent again gets the first receipt, and other
        content under it is refused. Raises Fault where nothing was taken, Unsure where that is not known.
        """
        if request or isinstance(entries, Sequence):
            return self._take(list(_unreserved(entries)), request)
        with self.transaction():
            return self._writing(ENTRIES).take(_unreserved(entries))

    def streams(self) -> Sequence[str]:
        """The names of all streams, in order of name. The reading is recorded."""
        with self.transaction():
            names = sorted(self.entries.streams())
            self._record({"list": "streams", "found": len(names)})
            return names

    def read(self, stream: str) -> list[Entry]:
        """The entries of a stream in the order they were taken. The reading is recorded."""
        with self.transaction():
            found = self.entries.stream(stream)
            entries = list(self.entries.opened(self.entries.of_stream(found))) if found else []
            self._record({"stream": stream, "found": len(entries)})
            return entries

    def read_all(self, streams: Collection[str]) -> dict[str, list[Entry]]:
        """The entries of several streams, by stream; one that is not there is left out. It is recorded once."""
        with self.transaction():
            entries = self.entries.of_streams(streams)
            self._record({"streams": sorted(streams), "found": sum(map(len, entries.values()))})
            return entries

    def hold(self, holdings: Sequence[Holding]) -> None:
        """State what the sources hold; said again it is added to."""
        with self.transaction():
            self._writing(HOLDINGS).take(self._entry("holding", each.as_data) for each in holdings)

    def coverage(self) -> Coverage:
        """All that is stated of what the sources hold; nothing stated is everything held."""
        with self.database.in_words():
            stated = self.holdings.stream("holding")
            if stated is None:
                return Coverage()
            return Coverage([Holding.of(entry.data) for entry in self.holdings.opened(self.holdings.of_stream(stated))])

    # ---- deliveries of a source ----------------------------------------------------------------------------------

    def deliveries(self, source: str) -> list[tuple[Delivery, list[Change]]]:
        """The deliveries of a source in the order they were taken, each with what it changed."""
        found: list[tuple[Delivery, list[Change]]] = []
        with self.database.in_words():
            stream = self.holdings.stream(f"delivery/{source}")
            for entry in self.holdings.opened(self.holdings.of_stream(stream)) if stream else ():
                if "delivery" in entry.data:
                    found.append((Delivery.of(entry.data["delivery"]), []))
                found[-1][1].extend(Change(*each) for each in entry.data["changes"])
        return found

    def deliver(self, delivery: Delivery, changes: Sequence[Change]) -> None:
        """Write down that a delivery was taken, with what it changed: keys only, so that what is erased is in no list."""
        parts = [changes[at : at + CHANGES] for at in range(0, len(changes), CHANGES)] or [[]]
        said: list[dict[str, Any]] = [{"changes": [list(each) for each in part]} for part in parts]
        said[0]["delivery"] = delivery.as_data
        with self.transaction():
            self._writing(HOLDINGS).take(self._entry(f"delivery/{delivery.source}", each) for each in said)

    def of_source(self, source: str) -> Iterator[Entry]:
        """Every entry that came from a source, sealed ones too, in order: to lay a delivery beside. It is recorded."""
        with self.transaction():
            self._record({"source": source})
            upto = self.entries.head().size
            for after in range(0, upto, AT_ONCE):
                rows = self.entries.rows(after, after + AT_ONCE)
                yield from (each for each in self.entries.opened(rows, checked=False) if each.source.name == source)

    def named(self, keys: Sequence[str]) -> list[Entry]:
        """The entries that bear these keys, those of sealed streams left out. The reading is recorded."""
        with self.transaction():
            rows = self.entries.known([self.keys.tag("row", each)[:TAG] for each in keys])
            found = [each for each in self.entries.opened(list(rows.values())) if not self.is_sealed(each.stream)]
            self._record({"rows": len(keys), "numbers": [each.number for each in found]})
            return found

    # ---- beyond the contract -------------------------------------------------------------------------------------

    def transaction(self) -> AbstractContextManager[None]:
        """One transaction for everything inside; a part of the caller's where the connection is in one already."""
        return self.database.transaction()

    def entries_after(self, position: int, upto: int) -> list[Entry]:
        """The entries with numbers position+1..upto, for derived copies; it is recorded. Sealed streams and erasures stay here."""
        with self.transaction():
            rows = self.entries.rows(position, upto)
            self._record({"after": position, "upto": upto, "found": len(rows)})
            return [entry for entry in self.entries.opened(rows, checked=False) if self._copied(entry.stream)]

    def record_erasure(self, said: dict[str, Any]) -> int:
        """Say what is erased; gives back the number of the entry. For `erasure.py`, which then destroys the keys."""
        with self.transaction():
            return self._writing(ENTRIES).take([self._by_reader(ERASURE, said)]).numbers[0]

    def _copied(self, stream: str) -> bool:
        return stream != ERASURE and not self.is_sealed(stream)

    def shown(self, what: Mapping[str, Any]) -> int:
        """Write down that something made from the ledger was shown (a list of names, say); the number of the record."""
        with self.transaction():
            return self._record(dict(what))

    def is_sealed(self, stream: str) -> bool:
        """Whether a stream is one whose very existence is not told."""
        return stream.split("/", 1)[0] in self._sealed

    def read_by(self, reader: Reader) -> SqlBook:
        """The same ledger for another reader."""
        return SqlBook(self.database, self.keys, reader, self.clock, self._sealed)

    def readings_of(self, reader: str) -> list[Entry]:
        """What somebody read, and why, in order."""
        with self.database.in_words():
            stream = self.readings.stream(f"reader/{reader}")
            return list(self.readings.opened(self.readings.of_stream(stream))) if stream else []

    def checkpoint(self) -> Checkpoint:
        """How many entries there are, and the root over them; the key store keeps it too."""
        with self.database.in_words():
            seen = self.entries.checkpoint()
        self.keys.mark(ENTRIES, seen)
        return seen

    # ---- the work behind -----------------------------------------------------------------------------------------

    def in_line(self) -> None:
        """Wait until whoever writes before is done, in a transaction.

        Both heads are always locked in one order, what was read before what is written: who reads and then writes, and who
        writes and then reads, never wait for each other.
        """
        self.readings.head(lock=True)
        self.entries.head(lock=True)

    def _writing(self, name: str) -> Writing:
        if name == ENTRIES and self.database.depth > 1:
            self.in_line()
        log = Log(self.database, self.keys, name)
        return Writing(log, log.head(lock=True), self.is_sealed, self.database.depth == 1)

    def _take(self, entries: list[Entry], key: str) -> Receipt:
        request = self._request(entries, key) if key else None
        if len(entries) == 1 and self.database.one_statement and not self.database.inside:
            with self.database.in_words():
                receipt = self._alone.take(entries[0], request)
            if receipt:
                return receipt
        with self.transaction():
            writing = self._writing(ENTRIES)
            held = self._held(request) if request else None
            if held is None:
                receipt = writing.take(entries)
                if request:
                    self._hold_request(request, receipt)
                return receipt
        if request and not hmac.compare_digest(bytes(held[0]), request.digest):
            raise Fault(
                f"The request {key!r} was sent before with other content. Nothing was taken. "
                "Give a new request a key of its own."
            )
        return Receipt(tuple(range(held[1], held[1] + held[2])), held[3])

    def _request(self, entries: list[Entry], key: str) -> Request:
        digest = self.keys.tag("content", "\n".join(content_of(each) for each in entries))
        return Request(self.keys.tag("request", key)[:TAG], digest)

    def _held(self, request: Request) -> Any:
        """The digest and the receipt of a request that was sent before, or None."""
        return self.database.one(
            "SELECT digest, first, taken, repeated FROM ledger_request WHERE tag = ?", (request.tag,)
        )

    def _hold_request(self, request: Request, receipt: Receipt) -> None:
        first = receipt.numbers[0] if receipt.numbers else 0
        self.database.run(
            "INSERT INTO ledger_request (tag, digest, first, taken, repeated) VALUES (?, ?, ?, ?, ?)",
            (*request, first, len(receipt.numbers), receipt.repeated),
        )

    def _record(self, read: dict[str, Any]) -> int:
        reading = self._by_reader(f"reader/{self.reader.by}", {**read, "why": self.reader.why})
        return self._writing(READINGS).take([reading]).numbers[0]

    def _by_reader(self, stream: str, data: dict[str, Any]) -> Entry:
        return self._entry(stream, data)._replace(by=self.reader.by, capacity=self.reader.capacity)

    def _entry(self, stream: str, data: dict[str, Any]) -> Entry:
        now = self.clock()
        return Entry(0, stream, stream.split("/", 1)[0], (), now, now, now, now, "", Capacity(), data,
                     Source("ledger", "", uuid4().hex, True))  # fmt: skip


def begin(ledger: Any, keys: Database) -> None:
    """Make a new ledger on a connection, and its key store. Raises Fault where there is one already."""
    ids = {name: os.urandom(LOG_ID) for name in LOGS}
    store = database(ledger)
    with store.transaction():
        found(store, ids)
        found_keys(keys, ids[ENTRIES])


def _unreserved(entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        if entry.stream == ERASURE:
            raise Fault(
                f"The stream {ERASURE!r} says what was erased; nobody else writes to it. Nothing was taken. "
                "Give the stream another name."
            )
        yield entry
