"""The header of an entry: the bytes that are stored, hashed and never written again.

It holds pseudonyms and commitments only: no name, no case number, no free text. Every field is prefixed with its length
(two bytes, big-endian), so that no two headers read alike; all but the last, the kind, have one length, so that a
verifier finds each at its place.

| field | bytes | what it is |
|---|---|---|
| format | 4 | `ES01` |
| log | 16 | which log, drawn at random when it was founded |
| chain | 16 | which stream, drawn at random when its first entry came |
| seq | 8 | place in the stream, from 1 |
| previous | 32 | leaf hash of the entry before it in the stream; zero for the first |
| accepted | 8 | the ledger's clock in microseconds since 1970 UTC, signed; it never goes back |
| behind | 4 | how many seconds the clock given was behind the ledger's (0 nearly always) |
| actor, capacity | 16 + 16 | pseudonyms of who wrote, and as what |
| fields | 32 | digest over the salted commitments of all lines of the payload |
| supersedes | 32 | leaf hash of the entry it corrects or withdraws; zero where none is held |
| anchor | 32 | hash of the newest cosigned checkpoint ("not before"); zero where there is none |
| request | 32 | keyed digest of the row key, by which the same row is known again |
| attachments | 2 + 32 | how many, and the commitment to their digests |
| signature | 32 | digest of the actor's own signature; zero where none was made |
| kind | 0 to 255 | the kind's name; empty in a sealed stream |
"""

from __future__ import annotations

import struct
from hashlib import sha256
from typing import NamedTuple

FORMAT = b"ES01"
ZERO = bytes(32)
_FIXED = ("4s", "16s", "16s", "Q", "32s", "q", "I", "16s", "16s", "32s", "32s", "32s", "32s", "H", "32s", "32s")
_LENGTHS = tuple(struct.calcsize(">" + each) for each in _FIXED)
_WRITE = struct.Struct(">" + "".join(f"H{each}" for each in _FIXED) + "H")
_READ = struct.Struct(">" + "".join(f"2x{each}" for each in _FIXED) + "2x")
SHORTEST = _WRITE.size
_PREFIXES = struct.Struct(">" + "".join(f"H{length}x" for length in _LENGTHS) + "H")


class Header(NamedTuple):
    """What the header of an entry says; see the table above."""

    format: bytes
    log: bytes
    chain: bytes
    seq: int
    previous: bytes
    accepted: int
    behind: int
    actor: bytes
    capacity: bytes
    fields: bytes
    supersedes: bytes
    anchor: bytes
    request: bytes
    attachments: int
    attached: bytes
    signature: bytes
    kind: str


def encode(header: Header) -> bytes:
    """The bytes of a header (about 350)."""
    (form, log, chain, seq, previous, accepted, behind, actor, capacity, fields, supersedes, anchor, request, count,
     attached, signature, kind) = header  # fmt: skip
    name = kind.encode()
    return _WRITE.pack(
        4, form, 16, log, 16, chain, 8, seq, 32, previous, 8, accepted, 4, behind, 16, actor, 16, capacity, 32, fields,
        32, supersedes, 32, anchor, 32, request, 2, count, 32, attached, 32, signature, len(name),
    ) + name  # fmt: skip


def decode(said: bytes) -> Header:
    """The header that bytes say. Raises ValueError where they are not exactly one."""
    if len(said) < SHORTEST:
        raise ValueError("too short for a header")
    *lengths, last = _PREFIXES.unpack_from(said)
    if tuple(lengths) != _LENGTHS or len(said) != _WRITE.size + last:
        raise ValueError("a length prefix is not as the layout has it")
    header = Header._make((*_READ.unpack_from(said), said[_WRITE.size :].decode()))
    if header.format != FORMAT:
        raise ValueError(f"unknown format {header.format!r}")
    return header


#: log, chain, seq, previous, accepted, and the first 16 bytes of request of a header, for readers of very many.
linked = struct.Struct(">6x2x16s2x16s2xQ2x32s2xq" + f"6x18x18x{34 * 3}x2x16s16x{SHORTEST - 274}x").unpack_from


def leaf(header: bytes) -> bytes:
    """The hash of a header as a leaf of the tree (RFC 6962, 2.1)."""
    return sha256(b"\x00" + header).digest()
