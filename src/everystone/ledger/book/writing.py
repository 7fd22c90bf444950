"""Adding to a log inside one transaction: numbers in turn, chains, seals, tiles, and at the end the head."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from everystone.ledger.book import Receipt, content_of, other_content
from everystone.ledger.book.log import COLUMNS, TAG, Log, Row, lines_of_row, place_of
from everystone.ledger.entry import Capacity, Entry
from everystone.ledger.fault import Fault
from everystone.ledger.seal.disclosure import entry_of, lines_of
from everystone.ledger.seal.header import FORMAT, ZERO, Header, encode, leaf
from everystone.ledger.seal.payload import SealedPayload, seal
from everystone.ledger.seal.tree import Edge

#: Entries are sealed and inserted so many at once.
AT_ONCE = 5_000
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
    """One transaction's writing in one log. Made inside the transaction; `finish` writes the head."""

    def __init__(self, log: Log, sealed: Callable[[str], bool], outermost: bool) -> None:
        self.log, self.run, self._is_sealed = log, log.database.run, sealed
        self.head = log.head(lock=True)
        self.edge = Edge.read(self.head.size, bytes(self.head.edge))
        self.before = self.edge.checkpoint() if outermost else None
        self.latest, self.streams, self.highest_key = self.head.latest, self.head.streams, self.head.keys
        self.repeated = 0
        self._chains: dict[str, Chain] = {}
        self._pseudonyms: dict[object, bytes] = {}

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
        self._find_chains(sorted({entry.stream for entry, _ in entries} - self._chains.keys()))
        secrets = self.log.keys.take(len(entries), self.highest_key, self.before and (self.log.name, self.before))
        targets = self._leaves_of(sorted({entry.corrects or entry.withdraws for entry, _ in entries} - {""}))
        rows: list[tuple[object, ...]] = []
        leaves: list[bytes] = []
        for row_tag, (entry, behind), secret in zip(fresh, entries, secrets, strict=True):
            sealed = seal(lines_of(entry), secret.secret)
            header = self._header(entry, behind, row_tag, sealed, targets)
            targets[row_tag[:TAG]] = hashed = leaf(header)
            chain = self._chains[entry.stream]
            self._chains[entry.stream] = chain._replace(seq=chain.seq + 1, last=hashed)
            leaves.append(hashed)
            rows.append((self.edge.size + len(rows) + 1, chain.stream, chain.seq + 1, row_tag[:TAG], secret.id, header,
                         sealed.stored))  # fmt: skip
        self._insert(rows, leaves)
        self.highest_key = max(self.highest_key, max(each.id for each in secrets))
        self.before = None

    def _insert(self, rows: Sequence[Sequence[object]], leaves: Sequence[bytes]) -> None:
        name, into = self.log.name, self.log.database.many if len(rows) > 1 else self._single
        into(f"INSERT INTO {name} ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        full = [(place_of(place), hashes) for place, hashes in self.edge.add(leaves)]
        if full:
            into(f"INSERT INTO {name}_tile (place, hashes) VALUES (?, ?)", full)

    def _single(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        for row in rows:
            self.run(sql, row)

    def _finish(self) -> None:
        if self.edge.size > self.head.size:
            self.run(
                f"UPDATE {self.log.name}_head SET size = ?, streams = ?, keys = ?, latest = ?, edge = ?",
                (self.edge.size, self.streams, self.highest_key, self.latest, self.edge.write()),
            )

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
        chain = self._chains[entry.stream]
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
        for part in _parts(list(tags)):
            marks = ", ".join("?" * len(part))
            found = self.run(
                f"SELECT id, chain, tag FROM {self.log.name}_stream WHERE tag IN ({marks})", part
            ).fetchall()
            for number, chain, tag in found:
                name = tags.pop(bytes(tag))
                self._chains[name] = self._end(name, number, bytes(chain))
        for tag, name in tags.items():
            self._chains[name] = self._begun(name, tag)

    def _end(self, name: str, stream: int, chain: bytes) -> Chain:
        table = self.log.name
        last = self.log.database.one(
            f"SELECT seq, header FROM {table} WHERE stream = ? ORDER BY seq DESC LIMIT 1", (stream,)
        )
        if last is None:
            raise Fault(
                "A stream of the ledger has lost its entries. Nothing was taken. Run `everystone verify --all`."
            )
        return Chain(stream, chain, last[0], leaf(bytes(last[1])), self._is_sealed(name))

    def _begun(self, name: str, tag: bytes) -> Chain:
        self.streams += 1
        chain = os.urandom(16)
        self.run(
            f"INSERT INTO {self.log.name}_stream (id, chain, tag, name) VALUES (?, ?, ?, ?)",
            (self.streams, chain, tag, self.log.keys.hide(name, chain)),
        )
        return Chain(self.streams, chain, 0, ZERO, self._is_sealed(name))


def pseudonym(log: Log, purpose: str, said: str, scope: bytes) -> bytes:
    """Sixteen bytes that stand for a person or capacity; inside a sealed stream another than anywhere else."""
    return log.keys.tag(purpose, scope.hex() + "\x1f" + said)[:_PSEUDONYM] if said.strip("\x1f") else bytes(_PSEUDONYM)


def _attached(entry: Entry, sealed: SealedPayload) -> bytes:
    if not entry.attachments:
        return ZERO
    at = 6 + sum(bool(getattr(entry, name)) for name in ("corrects", "withdraws", "late_reason", "quote_of"))
    return sealed.commitments[at]


def _parts(values: list[bytes]) -> Iterator[list[bytes]]:
    for at in range(0, len(values), AT_ONCE):
        yield values[at : at + AT_ONCE]
