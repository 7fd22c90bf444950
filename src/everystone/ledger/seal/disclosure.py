"""What an entry says, line by line, and a salted commitment to each line, in the form of RFC 9901.

A line is the JSON text `["name",value]`. Its disclosure is `["salt","name",value]`, and the commitment is SHA-256 of the
disclosure in base64url without padding (RFC 9901, 4.2.1 and 4.2.3). One line can later be shown with its salt while the
others stay hidden. What is stored is what is hashed: no line is ever written out again to be compared.
"""

from __future__ import annotations

import json
from binascii import b2a_base64
from hashlib import sha256
from typing import Any

from everystone.ledger.entry import Capacity, Entry, Hit, Source
from everystone.ledger.fault import Fault

SALT = 16
#: Commitments are filled up with decoys to a multiple of this, so that their number does not tell what was filled in.
DECOYS_TO = 8
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode
#: Fields that are written only where there is something to say.
_OPTIONAL = ("corrects", "withdraws", "late_reason", "quote_of", "attachments", "hits")


def base64url(said: bytes) -> bytes:
    """Base64 for addresses, without padding (RFC 4648, section 5)."""
    return b2a_base64(said, newline=False).translate(_URL_SAFE).rstrip(b"=")


def disclosure(salt: bytes, line: bytes) -> bytes:
    """The JSON text that a commitment commits to: `["salt","name",value]`."""
    return b'["' + base64url(salt) + b'",' + line[1:]


def commitment(disclosed: bytes) -> bytes:
    """The SHA-256 (32 bytes) of a disclosure as RFC 9901 digests it."""
    return sha256(base64url(disclosed)).digest()


def commitments(lines: list[bytes], salts: bytes) -> list[bytes]:
    """The commitment of each line, in the order of the lines; `salts` are 16 bytes a line, one after another."""
    return [
        commitment(disclosure(salts[at : at + SALT], line)) for at, line in zip(_steps(len(lines)), lines, strict=True)
    ]


def _steps(lines: int) -> range:
    return range(0, lines * SALT, SALT)


def decoys_for(lines: int) -> int:
    """How many decoys stand beside the commitments of so many lines."""
    return -lines % DECOYS_TO


def fields_digest(commitments_and_decoys: list[bytes]) -> bytes:
    """One digest (32 bytes) over all commitments in sorted order, so that their order tells nothing."""
    return sha256(b"".join(sorted(commitments_and_decoys))).digest()


# ---- entries as lines ----------------------------------------------------------------------------------------------


def lines_of(entry: Entry) -> list[bytes]:
    """An entry as lines; its number is not among them. Raises Fault for what no store can hold."""
    said: list[tuple[str, Any]] = [
        ("stream", entry.stream), ("kind", entry.kind), ("subjects", entry.subjects), ("happened", (entry.lo, entry.hi)),
        ("recorded", entry.recorded), ("accepted", entry.accepted), ("by", entry.by), ("capacity", entry.capacity),
        ("source", entry.source),
    ]  # fmt: skip
    said.extend((name, value) for name in _OPTIONAL if (value := getattr(entry, name)))
    said.extend((f"data.{name}", entry.data[name]) for name in entry.data)
    try:
        return [_encode(pair).encode() for pair in said]
    except (UnicodeEncodeError, ValueError, TypeError) as fault:
        raise Fault(
            f"The entry with the row key {entry.key!r} holds something that cannot be stored ({fault.__class__.__name__}). "
            "Nothing was taken. Send text, whole or decimal numbers, yes or no, and lists of these."
        ) from fault


def entry_of(lines: list[bytes], number: int) -> Entry:
    """The entry that lines say, under the number that a book gave it."""
    said: dict[str, Any] = {}
    data: dict[str, Any] = {}
    for name, value in json.loads(b"[" + b",".join(lines) + b"]"):
        if name.startswith("data."):
            data[name[5:]] = value
        else:
            said[name] = value
    get = said.get
    lo, hi = said["happened"]
    return Entry(
        number, said["stream"], said["kind"], tuple(said["subjects"]), lo, hi, said["recorded"], said["accepted"],
        said["by"], Capacity(*said["capacity"]), data, Source(*said["source"]), get("corrects", ""),
        get("withdraws", ""), get("late_reason", ""), get("quote_of", ""), tuple(get("attachments", ())),
        tuple(Hit(*each) for each in get("hits", ())),
    )  # fmt: skip
