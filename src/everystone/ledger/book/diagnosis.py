"""What was done to an entry that is no longer what was written: the words that a verification ends with."""

from __future__ import annotations

from everystone.ledger.book.log import TAG, Log, Row, lines_of_row, place_of, ranges
from everystone.ledger.book.writing import pseudonym
from everystone.ledger.fault import Fault
from everystone.ledger.seal.disclosure import entry_of
from everystone.ledger.seal.header import Header, decode, leaf
from everystone.ledger.seal.payload import digest_of
from everystone.ledger.seal.tree import HASH, WIDTH


class Diagnosis:
    """One stored row that does not fit, held against everything else that is known of it."""

    def __init__(self, log: Log, row: Row) -> None:
        self.log, self.row = log, row

    def of_link(self, expected: tuple[bytes, int, bytes], latest: int) -> str:
        """The row does not follow the one before it in its stream, or its columns are not its header's."""
        number = self.row.number
        swapped = self._swapped()
        if swapped:
            return swapped
        header = self._header()
        if header is None:
            return f"entry {number:,}: its header was changed."
        found = self._against_payload(header)
        if found:
            return f"entry {number:,}: its header was changed: {found}."
        if header.accepted < latest:
            return f"entry {number:,}: its header was changed: time."
        if (header.chain, header.seq, header.previous) != expected:
            return f"entry {number:,}: the order of its stream was changed, or the entry before it was."
        return f"entry {number:,}: its columns are not what its header says."

    def of_leaf(self, stored: bytes, size: int) -> str:
        """The row's leaf is not the one that the tree holds at its place."""
        swapped = self._swapped()
        if swapped:
            return swapped
        header = self._header()
        found = self._against_payload(header) if header else ""
        return f"entry {self.row.number:,}: its header was changed{': ' + found if found else ''}."

    @staticmethod
    def missing(log: Log, number: int, size: int) -> str:
        """A number is not there; says which, and whether a whole stream went."""
        held = {row[0] for row in log.database.run(f"SELECT number FROM {log.name} WHERE number <= ?", (size,))}
        gone = [each for each in range(number, size + 1) if each not in held]
        left = {row[0] for row in log.database.run(f"SELECT DISTINCT stream FROM {log.name}")}
        streams = {row[0] for row in log.database.run(f"SELECT id FROM {log.name}_stream")}
        whole = f" A stream is gone (the {ranges(streams - left)} begun)." if streams - left else ""
        return f"entries removed: {ranges(gone)}.{whole}"

    def _header(self) -> Header | None:
        try:
            return decode(bytes(self.row.header))
        except ValueError:
            return None

    def _swapped(self) -> str:
        """Whether this row stands at another row's place in the tree, and that row at this one's."""
        tree, number = self.log.tree(), self.row.number
        mine = leaf(bytes(self.row.header))
        if mine == tree.leaf(number - 1):
            return ""
        other = self._place_of(mine)
        if not other:
            return ""
        theirs = self.log.rows(other - 1, other)
        if theirs and leaf(bytes(theirs[0].header)) == tree.leaf(number - 1):
            return f"entries {min(number, other):,} and {max(number, other):,} were swapped."
        return f"the order was changed: at place {number:,} stands what was entry {other:,}."

    def _place_of(self, hashed: bytes) -> int:
        """The number of the entry whose leaf the tree holds, or 0."""
        tiles = self.log.database.run(
            f"SELECT place, hashes FROM {self.log.name}_tile WHERE place < ? ORDER BY place", (place_of((1, 0)),)
        )
        edge = self.log.tree().edge
        for place, hashes in [*tiles, (edge.size // WIDTH, b"".join(edge.levels[0]))]:
            at = bytes(hashes).find(hashed)
            if at >= 0:
                return int(place) * WIDTH + at // HASH + 1
        return 0

    def _against_payload(self, header: Header) -> str:
        """Which fields of the header are not what the payload says; the payload must open."""
        secret = self.log.keys.secrets([self.row.key]).get(self.row.key)
        if secret is None:
            return ""
        try:
            lines = lines_of_row(self.row, secret, checked=False)
        except Fault:
            return "and its payload was altered"
        entry = entry_of(lines, self.row.number)
        keys = self.log.keys
        scope = "" if header.kind else header.chain.hex()
        found = []
        for name, same in (
            ("actor", header.actor == pseudonym(self.log, "actor", entry.by, bytes.fromhex(scope))),
            ("capacity", header.capacity == pseudonym(self.log, "capacity", "\x1f".join(entry.capacity), bytes.fromhex(scope))),
            ("time", header.accepted == entry.accepted * 1_000_000),
            ("kind", header.kind in ("", entry.kind)),
            ("row key", header.request == keys.tag("row", entry.key) and bytes(self.row.tag) == header.request[:TAG]),
            ("attachments", header.attachments == len(entry.attachments)),
            ("fields", header.fields == digest_of(lines, secret)),
        ):  # fmt: skip
            if not same:
                found.append(name)
        return ", ".join(found)
