"""Whether a ledger is what was written: chain, tree, checkpoints kept elsewhere, and with payloads every commitment.

It reads every stored row once, in order, and names the first thing that is not as it was written, in words. What nobody
outside the ledger ever saw cannot be missed: that is why the key store keeps checkpoints, and others should.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from everystone.ledger.book.database import statements
from everystone.ledger.book.diagnosis import Diagnosis
from everystone.ledger.book.erasure import judged
from everystone.ledger.book.log import ENTRIES, LOGS, TAG, Log, newest, place_of, ranges
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.fault import Fault
from everystone.ledger.seal.header import SHORTEST, ZERO, decode, leaf, linked
from everystone.ledger.seal.payload import DoesNotOpen, digest_of, unseal
from everystone.ledger.seal.tree import WIDTH, Checkpoint, Edge, Place

AT_ONCE = 512
#: What the next header of a stream must say: its chain, its place, the leaf before it.
Expected = tuple[bytes, int, bytes]
_LINK = "number, stream, seq, tag, header"
Tile = tuple[Place, bytes]


class Altered(Exception):
    """Something is not what was written; the message says what, in words."""


@dataclass
class Verdict:
    """What a verification found: the checkpoint reached, the first fault ("" for none), and what is to be noted.

    A fault is an alteration, or (`altered` false) payloads that cannot be read and nobody says why.
    """

    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    fault: str = ""
    altered: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether everything is as it was written, and can be read or was erased by authority."""
        return not self.fault


def verify(
    book: SqlBook,
    payloads: bool = True,
    kept: Sequence[Checkpoint] = (),
    progress: Callable[[float], None] | None = None,
) -> Verdict:
    """Verify every log of a ledger. `kept`: checkpoints of the entries that somebody kept elsewhere.

    Reads what is committed when it begins; writers may go on. Nothing is changed but the checkpoint the key store keeps.
    """
    verdict = Verdict()
    try:
        _triggers(book)
        for name in LOGS:
            pass_ = _Pass(Log(book.database, book.keys, name), payloads, verdict)
            pass_.run(kept if name == ENTRIES else (), progress if name == ENTRIES else None)
            verdict.checkpoints[name] = pass_.edge.checkpoint()
    except (Altered, Fault) as fault:
        verdict.fault, verdict.altered = str(fault), True
    except book.database.errors as error:
        verdict.altered = True
        verdict.fault = f"The database itself cannot be read: {str(error).splitlines()[0]}"
    return verdict


class _Pass:
    """One log, read once from the first entry to the last."""

    def __init__(self, log: Log, payloads: bool, verdict: Verdict) -> None:
        self.log, self.payloads, self.verdict = log, payloads, verdict
        self.head = log.head()
        self.edge = Edge()
        self.latest, self.late_by = -(1 << 62), 0
        self.unreadable: dict[int, int] = {}  # the key by the number of each entry whose key is not there
        self.chains: dict[int, Expected] = self._streams()
        self.stored = self._stored_edge()

    def run(self, kept: Sequence[Checkpoint], progress: Callable[[float], None] | None) -> None:
        marks = self._marks(kept)
        self._ends(marks)
        for rows in self._parts():
            self._part(rows, marks)
            if progress:
                progress(self.edge.size / max(1, self.head.size))
        self._whole(marks)
        self._note()

    # ---- before the entries ----------------------------------------------------------------------------------------

    def _streams(self) -> dict[int, Expected]:
        rows = self.log.database.run(f"SELECT id, chain, tag, name FROM {self.log.name}_stream ORDER BY id").fetchall()
        held = {row[0] for row in rows}
        gone = [number for number in range(1, self.head.streams + 1) if number not in held]
        if gone:
            raise Altered(
                f"{_log(self.log.name)}: a stream is gone (the {ranges(gone)} of {self.head.streams:,} ever begun)."
            )
        for _, chain, tag, name in rows:
            try:
                named = self.log.keys.show(name, bytes(chain))
            except Fault as fault:
                raise Altered(f"{_log(self.log.name)}: {fault}") from fault
            if self.log.keys.tag("stream", named)[:TAG] != bytes(tag):
                raise Altered(f"{_log(self.log.name)}: the name of a stream was changed.")
        return {row[0]: (bytes(row[1]), 1, ZERO) for row in rows}

    def _stored_edge(self) -> list[list[bytes]]:
        try:
            return Edge.read(self.head.size, bytes(self.head.edge)).levels
        except ValueError as fault:
            raise Altered(f"{_log(self.log.name)}: the head was changed: {fault}.") from fault

    def _marks(self, kept: Sequence[Checkpoint]) -> dict[int, tuple[bytes, str]]:
        marks = {size: (root, "the key store") for size, root in self.log.keys.marks(self.log.name).items()}
        return {**marks, **{each.size: (each.root, "whoever kept the checkpoint given") for each in kept}}

    def _ends(self, marks: Mapping[int, tuple[bytes, str]]) -> None:
        last, size = self.log.database.one(
            f"SELECT coalesce(max(number), 0), (SELECT size FROM {self.log.name}_head) FROM {self.log.name}"
        )
        if last < size:
            raise Altered(f"{_log(self.log.name)}: entries {last + 1:,} to {size:,} are missing from the end.")
        if last > size:
            raise Altered(
                f"{_log(self.log.name)}: the head was set back: it says {size:,} entries, and there are {last:,}."
            )
        longest = max(marks, default=0)
        if self.head.size < longest:
            raise Altered(
                f"{_log(self.log.name)}: the ledger is older than it was: it holds {self.head.size:,} entries, and "
                f"{marks[longest][1]} saw {longest:,}. It was restored to an earlier state, or its end was removed."
            )

    # ---- the entries -----------------------------------------------------------------------------------------------

    def _parts(self) -> Iterator[list[Any]]:
        columns = _LINK + (", key, payload" if self.payloads else "")
        for after in range(0, self.head.size, AT_ONCE):
            upto = min(after + AT_ONCE, self.head.size)
            yield self.log.database.run(
                f"SELECT {columns} FROM {self.log.name} WHERE number > ? AND number <= ? ORDER BY number", (after, upto)
            ).fetchall()

    def _part(self, rows: list[Any], marks: Mapping[int, tuple[bytes, str]]) -> None:
        leaves, broken = self._link(rows, self.edge.size)
        full, rewritten = self._add(leaves, marks)
        self._same_tiles(full)
        if self.edge.size == self.head.size:
            self._same_edge()
        if broken or rewritten:
            raise Altered(f"{_log(self.log.name)}: {broken or rewritten}")
        if self.payloads:
            self._open(rows)

    def _link(self, rows: list[Any], first: int) -> tuple[list[bytes], str]:
        """The leaf of each row, and what is wrong with the first that does not follow the one before it ("" for none).

        A whole part is compared column by column, which costs little; only where it does not fit is each row looked at.
        Where one does not fit the others' leaves are given all the same: the tree then names the row that was changed first.
        """
        numbers, streams, places, tags, headers = list(zip(*rows, strict=True))[:5] if rows else ((),) * 5
        if numbers != tuple(range(first + 1, min(first + AT_ONCE, self.head.size) + 1)):
            return [], Diagnosis.missing(self.log, first + 1, self.head.size)
        hashed = sha256
        leaves = [hashed(b"\x00" + header).digest() for header in headers]
        try:
            logs, chains, seqs, previous, accepted, requests = zip(*map(linked, headers), strict=True)
        except struct.error:
            cut = next(at for at, header in enumerate(headers) if len(header) < SHORTEST)
            return [], f"entry {first + 1 + cut:,}: its header was changed: cut short."
        fits = places == seqs and tags == requests and logs.count(self.head.log) == len(rows)
        fits = fits and accepted[0] >= self.latest and list(accepted) == sorted(accepted)
        unfit = self._follow(streams, chains, seqs, previous, leaves) if fits else 0
        if unfit < 0:
            self.latest = accepted[-1]
            return leaves, ""
        return leaves, self._first_unfit(rows[unfit:])

    def _follow(self, streams: Any, chains: Any, seqs: Any, previous: Any, leaves: list[bytes]) -> int:
        """Where the first entry stands that does not follow the one before it in its stream; -1 for none."""
        ends = self.chains
        for at, (stream, link) in enumerate(zip(streams, zip(chains, seqs, previous, strict=True), strict=True)):
            if ends.get(stream) != link:
                return at
            ends[stream] = link[0], link[1] + 1, leaves[at]
        return -1

    def _first_unfit(self, rows: list[Any]) -> str:
        for number, stream, place, tag, header, *_ in rows:
            expected = self.chains.get(stream)
            if expected is None:
                return f"entry {number:,} belongs to a stream that is gone."
            _, chain, seq, previous, accepted, request = link = linked(header)
            if not (link[:1] == (self.head.log,) and (chain, seq, previous) == expected and place == seq and tag == request
                    and accepted >= self.latest):  # fmt: skip
                return Diagnosis(self.log, self.log.rows(number - 1, number)[0]).of_link(expected, self.latest)
            self.chains[stream], self.latest = (chain, seq + 1, leaf(header)), accepted
        raise AssertionError("a part that does not fit has a row that does not")

    def _add(self, leaves: Sequence[bytes], marks: Mapping[int, tuple[bytes, str]]) -> tuple[list[Tile], str]:
        """Add leaves to the tree; at every size that somebody kept a checkpoint of, the root must be the same."""
        full: list[Tile] = []
        done, rewritten = 0, ""
        for size in sorted(each for each in marks if self.edge.size < each <= self.edge.size + len(leaves)):
            upto = size - self.edge.size + done
            full += self.edge.add(leaves[done:upto])
            done, (root, who) = upto, marks[size]
            if self.edge.root() != root and not rewritten:
                rewritten = (
                    f"history was rewritten: the tree over the first {size:,} entries is not the one that {who} saw."
                )
        return full + self.edge.add(leaves[done:]), rewritten

    def _same_tiles(self, full: Sequence[Tile]) -> None:
        """Every tile that became full must be the one stored."""
        for level in sorted({place[0] for place, _ in full}):
            mine = [(place, hashes) for place, hashes in full if place[0] == level]
            stored = dict(self.log.database.run(
                f"SELECT place, hashes FROM {self.log.name}_tile WHERE place BETWEEN ? AND ?",
                (place_of(mine[0][0]), place_of(mine[-1][0])),
            ).fetchall())  # fmt: skip
            for place, hashes in mine:
                if (found := bytes(stored.get(place_of(place), b""))) != hashes:
                    self._named_tile(place, found, hashes)

    def _same_edge(self) -> None:
        if self.edge.levels != self.stored:
            self._named_tile((0, self.edge.size // WIDTH), b"".join(self.stored[0]), b"".join(self.edge.levels[0]))

    def _named_tile(self, place: Place, stored: bytes, hashes: bytes) -> None:
        """Say which entry's leaf is not the one in the tree, and what was done to it."""
        if place[0] == 0 and len(stored) == len(hashes):
            for at in range(0, len(hashes), 32):
                if stored[at : at + 32] != hashes[at : at + 32]:
                    number = place[1] * WIDTH + at // 32 + 1
                    row = self.log.rows(number - 1, number)[0]
                    raise Altered(
                        f"{_log(self.log.name)}: {Diagnosis(self.log, row).of_leaf(stored[at : at + 32], self.head.size)}"
                    )
        raise Altered(
            f"{_log(self.log.name)}: the stored tree was changed near entry {place[1] * WIDTH ** (place[0] + 1) + 1:,}. The "
            "entries are held against a backup by `everystone restore`."
        )

    def _open(self, rows: list[Any]) -> None:
        secrets = self.log.keys.secrets(row[5] for row in rows)
        for row in rows:
            secret = secrets.get(row[5])
            if secret is None:
                self.unreadable[row[0]] = row[5]
                continue
            try:
                lines = unseal(row[6], secret)
                header = decode(row[4])
            except (DoesNotOpen, ValueError):
                raise Altered(f"{_log(self.log.name)}: entry {row[0]:,}: its payload was altered.") from None
            self.late_by += header.behind > 0
            if digest_of(lines, secret) != header.fields:
                raise Altered(
                    f"{_log(self.log.name)}: entry {row[0]:,}: its payload is not the one it was sealed with."
                )

    # ---- after the entries -----------------------------------------------------------------------------------------

    def _whole(self, marks: Mapping[int, tuple[bytes, str]]) -> None:
        empty = [number for number, chain in self.chains.items() if chain[1] == 1]
        if empty:
            raise Altered(
                f"{_log(self.log.name)}: no entry of a stream is left (the {ranges(empty)} begun): the stream is gone."
            )

    def _note(self) -> None:
        if self.late_by:
            self.verdict.notes.append(
                f"{_log(self.log.name)}: {self.late_by:,} entries came while the clock was behind; their order was kept."
            )
        if self.payloads:
            notes, fault = judged(self.log, self.unreadable)
            self.verdict.notes += [f"{_log(self.log.name)}: {each}" for each in notes]
            if fault and not self.verdict.fault:
                self.verdict.fault = f"{_log(self.log.name)}: {fault}"


def _log(name: str) -> str:
    return {"ledger_entry": "Entries", "ledger_reading": "Readings", "ledger_holding": "Holdings"}[name]


def _triggers(book: SqlBook) -> None:
    """The triggers must be those of the schema files, switched on."""
    there = {name: _plain(text) for name, text in book.database.triggers().items()}
    functions: dict[str, str] = {}
    for number in range(1, newest(book.database) + 1):
        for statement in statements(f"{number}.{book.database.name}.sql"):
            for log in LOGS if "{log}" in statement else ("",):
                said = _plain(statement.replace("{log}", log))
                if made := re.match(r"CREATE FUNCTION (\w+)\(\).*?\$\$(.*)\$\$", said):
                    functions[made[1]] = made[2]
                if made := re.match(r"CREATE TRIGGER (\w+) ", said):
                    body = re.search(r"EXECUTE FUNCTION (\w+)\(\)", said)
                    if there.get(made[1]) != said + (f" {functions[body[1]]}" if body else ""):
                        raise Altered(
                            f"The trigger {made[1]} was disabled, removed or changed: entries could be altered unhindered."
                        )


def _plain(sql: str) -> str:
    """A statement without line breaks, schema names and the last semicolon."""
    return re.sub(r" (ON|FUNCTION) \w+\.", r" \1 ", re.sub(r"\s+", " ", sql.strip())).removesuffix(";")
