"""Adding to a log inside one transaction: numbers in turn, chains, seals, tiles, and at the end the head."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from everystone.ledger.book import Receipt, content_of, other_content
from everystone.ledger.book.log import COLUMNS, TAG, Head, Log, Row, lines_of_row, marks, place_of
from everystone.ledger.entry import Capacity, Entry
from everystone.ledger.fault import Fault
from everystone.ledger.seal.disclosure import entry_of, lines_of
from everystone.ledger.seal.header import FORMAT, ZERO, Header, encode, leaf
from everystone.ledger.seal.payload import SealedPayload, seal
from everystone.ledger.seal.tree import Checkpoint, Edge

#: Entries are sealed and inserted so many at once.
AT_ONCE = 5_000
#: What a head says that goes forward.
REACHED = "size = ?, streams = ?, keys = ?, latest = ?, edge = ?"
_MICRO = 1_000_000
_PSEUDONYM = 16


class Chain(NamedTuple):
    """The end of a stream: its row, its chain key, how many entries it has, the leaf of the last, whether it is sealed."""

    stream: int
    key: bytes
    seq: int
    last: bytes
    sealed: bool


class Writing:
    """One transaction's writing in one log, from the head as it was read under the lock; at the end it moves the head."""

    def __init__(self, log: Log, head: Head, sealed: Callable[[str], bool], outermost: bool) -> None:
        self.log, self.run, self._is_sealed, self._outermost = log, log.database.run, sealed, outermost
        self.repeated = 0
        self.chains: dict[str, Chain] = {}
        self._pseudonyms = log.keys.pseudonyms
        self.head, self.edge = head, Edge.read(head.size, bytes(head.edge))
        self.latest, self.streams, self.highest_key = head.latest, head.streams, head.keys

    def take(self, entries: Iterable[Entry]) -> Receipt:
        """Take entries; what is there already with the same content is counted. Raises Fault for other content."""
        source, first = iter(entries), self.edge.size + 1
        while part := list(islice(source, AT_ONCE)):
            self._write(self._fresh(part))
        self._finish()
        return Receipt(tuple(range(first, self.edge.size + 1)), self.repeated)

    # ---- what is there already -----------------------------------------------------------------------------------

    def _fresh(self, entries: Sequence[Entry]) -> dict[bytes, Entry]:
        tag = self.log.keys.tag
        fresh: dict[bytes, Entry] = {}
        for entry in entries:
            row_tag = tag("row", entry.key)
            if row_tag not in fresh:
                fresh[row_tag] = entry
            elif content_of(fresh[row_tag]) == content_of(entry):
                self.repeated += 1
            else:
                raise other_content(entry.key)
        known = self.log.known([each[:TAG] for each in fresh])
        if known:
            self._same(known, fresh)
        return fresh

    def _same(self, known: dict[bytes, Row], fresh: dict[bytes, Entry]) -> None:
        """Compare what is there already with what is sent, and leave it out. What was erased does not come back."""
        secrets = self.log.keys.secrets(row.key for row in known.values())
        for row_tag in [each for each in fresh if each[:TAG] in known]:
            entry, row = fresh.pop(row_tag), known[row_tag[:TAG]]
            secret = secrets.get(row.key)
            if secret and content_of(entry_of(lines_of_row(row, secret), 0)) != content_of(entry):
                raise other_content(entry.key)
            self.repeated += 1

    # ---- writing -------------------------------------------------------------------------------------------------

    def _write(self, fresh: dict[bytes, Entry]) -> None:
        if not fresh:
            return
        entries = [self._by_our_clock(entry) for entry in fresh.values()]
        self._find_chains(sorted({entry.stream for entry, _ in entries} - self.chains.keys()))
        secrets = self.log.keys.take(len(entries), self.highest_key, self._committed)
        targets = self._leaves_of(sorted({entry.corrects or entry.withdraws for entry, _ in entries} - {""}))
        rows: list[tuple[object, ...]] = []
        leaves: list[bytes] = []
        for row_tag, (entry, behind), secret in zip(fresh, entries, secrets, strict=True):
            sealed = seal(lines_of(entry), secret.secret)
            header = self._header(entry, behind, row_tag, sealed, targets)
            targets[row_tag[:TAG]] = hashed = leaf(header)
            chain = self.chains[entry.stream]
            self.chains[entry.stream] = chain._replace(seq=chain.seq + 1, last=hashed)
            leaves.append(hashed)
            rows.append((self.edge.size + len(rows) + 1, chain.stream, chain.seq + 1, row_tag[:TAG], secret.id, header,
                         sealed.stored))  # fmt: skip
        self._insert(rows, leaves)
        self.highest_key = max(self.highest_key, max(each.id for each in secrets))

    def _committed(self) -> tuple[str, Checkpoint] | None:
        """The log as it is committed now, where that is known: nothing was written yet, here or by the caller."""
        return (self.log.name, self.edge.checkpoint()) if self._outermost and self.edge.size == self.head.size else None

    def _insert(self, rows: Sequence[Sequence[object]], leaves: Sequence[bytes]) -> None:
        self._add("", COLUMNS, rows)
        self._add("_tile", "place, hashes", [(place_of(place), hashes) for place, hashes in self.edge.add(leaves)])

    def _add(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
        into = f"INSERT INTO {self.log.name}{table} ({columns}) VALUES ({', '.join('?' * (columns.count(',') + 1))})"
        if len(rows) == 1:
            self.run(into, rows[0])
        elif rows:
            self.log.database.many(into, rows)

    def _finish(self) -> None:
        if self.edge.size > self.head.size:
            self.run(f"UPDATE {self.log.name}_head SET {REACHED}", self.reached())

    def reached(self) -> tuple[int, int, int, int, bytes]:
        """What the head says after this writing, in the order of REACHED."""
        return self.edge.size, self.streams, self.highest_key, self.latest, self.edge.write()

    def _by_our_clock(self, entry: Entry) -> tuple[Entry, int]:
        """The entry with an `accepted` that never goes back, and by how many seconds the clock given was behind."""
        given = entry.accepted * _MICRO
        if given >= self.latest:
            self.latest = given
            return entry, 0
        ours = self.latest // _MICRO
        return entry._replace(accepted=ours), ours - entry.accepted

    def _header(
        self, entry: Entry, behind: int, row_tag: bytes, sealed: SealedPayload, targets: dict[bytes, bytes]
    ) -> bytes:
        chain = self.chains[entry.stream]
        scope = chain.key if chain.sealed else b""
        target = entry.corrects or entry.withdraws
        return encode(Header(
            FORMAT, self.head.log, chain.key, chain.seq + 1, chain.last, entry.accepted * _MICRO, min(behind, 2**32 - 1),
            self._pseudonym("actor", entry.by, scope), self._capacity(entry.capacity, scope), sealed.fields,
            targets.get(self._target_tag(target), ZERO) if target else ZERO, ZERO, row_tag, len(entry.attachments),
            _attached(entry, sealed), ZERO, "" if chain.sealed else entry.kind,
        ))  # fmt: skip

    def _target_tag(self, key: str) -> bytes:
        return self.log.keys.tag("row", key)[:TAG]

    def _leaves_of(self, keys: Sequence[str]) -> dict[bytes, bytes]:
        known = self.log.known([self._target_tag(key) for key in keys])
        return {tag: leaf(bytes(row.header)) for tag, row in known.items()}

    # ---- pseudonyms ------------------------------------------------------------------------------------------------

    def _pseudonym(self, purpose: str, said: str, scope: bytes) -> bytes:
        key = purpose, said, scope
        if key not in self._pseudonyms:
            self._pseudonyms[key] = pseudonym(self.log, purpose, said, scope)
        return self._pseudonyms[key]

    def _capacity(self, capacity: Capacity, scope: bytes) -> bytes:
        return self._pseudonym("capacity", "\x1f".join(capacity), scope)

    # ---- chains ----------------------------------------------------------------------------------------------------

    def _find_chains(self, names: Sequence[str]) -> None:
        """The ends of the chains of these streams; a stream that is new gets a row and a chain drawn at random."""
        tags = {self.log.keys.tag("stream", name)[:TAG]: name for name in names}
        if tags:
            of_streams = f"FROM {self.log.name}_stream s WHERE tag IN ({marks(list(tags))})"
            for tag, *end in self.run(
                f"SELECT tag, {end_of_stream(self.log.name)} {of_streams}", list(tags)
            ).fetchall():
                name = tags.pop(bytes(tag))
                self.chains[name] = self.chain(name, *end)
        for tag, name in tags.items():
            self.chains[name] = self._begun(name, tag)

    def chain(self, name: str, stream: Any, chain: Any, seq: Any, header: Any) -> Chain:
        """The end of a stream from the columns of `end_of_stream`. Raises Fault where its entries are gone."""
        if header is None:
            raise Fault(
                "A stream of the ledger has lost its entries. Nothing was taken. Run `everystone verify --all`."
            )
        return Chain(stream, bytes(chain), seq, leaf(bytes(header)), self._is_sealed(name))

    def _begun(self, name: str, tag: bytes) -> Chain:
        self.streams += 1
        chain = os.urandom(16)
        self._add("_stream", "id, chain, tag, name", [(self.streams, chain, tag, self.log.keys.hide(name, chain))])
        return Chain(self.streams, chain, 0, ZERO, self._is_sealed(name))


def end_of_stream(log: str) -> str:
    """The columns that tell where a stream `s` of a log has got to: its row, chain, and the last entry's place and header."""
    last = f"FROM {log} WHERE stream = s.id ORDER BY seq DESC LIMIT 1"
    return f"s.id, s.chain, (SELECT seq {last}), (SELECT header {last})"


def pseudonym(log: Log, purpose: str, said: str, scope: bytes) -> bytes:
    """Sixteen bytes that stand for a person or capacity; inside a sealed stream another than anywhere else."""
    return log.keys.tag(purpose, scope.hex() + "\x1f" + said)[:_PSEUDONYM] if said.strip("\x1f") else bytes(_PSEUDONYM)


def _attached(entry: Entry, sealed: SealedPayload) -> bytes:
    if not entry.attachments:
        return ZERO
    at = 6 + sum(bool(getattr(entry, name)) for name in ("corrects", "withdraws", "late_reason", "quote_of"))
    return sealed.commitments[at]
