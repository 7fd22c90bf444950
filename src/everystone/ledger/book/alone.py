"""One entry to a server in one or two journeys: at most one question, one statement that writes and commits, no lock between.

What is known of the head and of the end of a stream is true for as long as the head does not move. So the statement writes
only if the head is still that one and the row is not there yet, and moves the head in the same stroke; otherwise nothing is
written, and in the end the entry goes the ordinary way, behind the lock. What is known is what this writer itself wrote
last, or what was just answered. Numbers, chains, seals and refusals are those of `writing.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from everystone.ledger.book import Receipt
from everystone.ledger.book.log import TAG, Head, Log, head_of, marks
from everystone.ledger.book.writing import REACHED, Chain, Writing, end_of_stream
from everystone.ledger.entry import Entry

#: The ends of so many streams are remembered.
REMEMBERED = 1_000


class Request(NamedTuple):
    """A request as it is stored: the tag of its key, and a digest of all that was sent under it."""

    tag: bytes
    digest: bytes


class Alone:
    """Takes single entries into a log, outside any transaction, where one statement can write several tables."""

    def __init__(self, log: Log, sealed: Callable[[str], bool]) -> None:
        self._log, self._sealed = log, sealed
        self._head: Head | None = None
        self._ends: dict[str, Chain] = {}
        self._quiet = True  # whether nobody else had written when the head was last asked for

    def take(self, entry: Entry, request: Request | None) -> Receipt | None:
        """Take one entry; None where that did not come off, and nothing was written. Raises Unsure as a commit does."""
        for one in self._writings(entry.stream):
            if one.kept(entry, request):
                self._head, self._ends[entry.stream] = one.after(), one.chains[entry.stream]
                return Receipt((one.edge.size,), 0)
        return None

    def _writings(self, stream: str) -> Iterator[_One]:
        """From what was written here last, where it was this stream's; then from what is asked now."""
        if self._quiet and self._head and stream in self._ends:
            yield _One(self._log, self._head, self._sealed, {stream: self._ends[stream]})
        tag = self._log.keys.tag("stream", stream)[:TAG]
        columns = ", ".join(f"h.{each}" for each in Head._fields)
        found = self._log.database.one(
            f"SELECT {end_of_stream(self._log.name)}, {columns} FROM {self._log.name}_head h "
            f"LEFT JOIN {self._log.name}_stream s ON s.tag = ?",
            (tag,),
        )
        head = head_of(found and found[-len(Head._fields) :])
        self._quiet = head == self._head
        if not self._quiet or len(self._ends) >= REMEMBERED:
            self._ends.clear()  # where somebody else wrote, what is remembered may no longer be the end
        one = _One(self._log, head, self._sealed, {})
        one.go_on(stream, tag, found[: -len(Head._fields)])
        yield one


class _One(Writing):
    """Writes one entry: what is to be added is gathered, and sent as one statement."""

    def __init__(self, log: Log, head: Head, sealed: Callable[[str], bool], chains: dict[str, Chain]) -> None:
        super().__init__(log, head, sealed, outermost=True)
        self.chains |= chains
        self._added: list[tuple[str, str, Sequence[object]]] = []

    def go_on(self, stream: str, tag: bytes, end: Sequence[Any]) -> None:
        """Go on from the end of a stream as it was answered, or begin it where there is none."""
        begun = end[0] is not None
        self.chains[stream] = self.chain(stream, *end) if begun else self._begun(stream, tag)

    def kept(self, entry: Entry, request: Request | None) -> bool:
        """Write; whether the head was still the one known and the row was new, so that it is on disk now."""
        row_tag = self.log.keys.tag("row", entry.key)
        self._write({row_tag: entry})
        if request:
            told = (*request, self.edge.size, 1, 0)
            self._added.append(("ledger_request", "tag, digest, first, taken, repeated", told))
        head = (
            f"UPDATE {self.log.name}_head SET {REACHED} WHERE size = ? AND edge = ? "
            f"AND NOT EXISTS (SELECT FROM {self.log.name} WHERE tag = ?) "
            "AND NOT EXISTS (SELECT FROM ledger_request WHERE tag = ?) RETURNING size"
        )
        parts = [f"head AS ({head})"]
        values = [*self.reached(), self.head.size, self.head.edge, row_tag[:TAG], request.tag if request else b""]
        for at, (table, columns, row) in enumerate(self._added):
            parts.append(f"added{at} AS (INSERT INTO {table} ({columns}) SELECT {marks(row)} FROM head)")
            values += row
        with self.log.database.committing():
            return self.log.database.one(f"WITH {', '.join(parts)} SELECT size FROM head", values) is not None

    def after(self) -> Head:
        """The head as it is after this entry."""
        return Head(self.head.log, *self.reached())

    def _add(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
        self._added += [(self.log.name + table, columns, row) for row in rows]
