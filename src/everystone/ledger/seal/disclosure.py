"""What an entry says, line by line, and a salted commitment to each line, in the form of RFC 9901.

A line is the JSON text `["name",value]`. Its disclosure is `["salt","name",value]`, and the commitment is SHA-256 of the
disclosure in base64url without padding (RFC 9901, 4.2.1 and 4.2.3). One line can later be shown with its salt while the
others stay hidden. What is stored is what is hashed: no line is ever written out again to be compared.
"""

from __future__ import annotations

import json
from binascii import b2a_base64
from collections.abc import Iterator
from hashlib import sha256
from json.encoder import encode_basestring as _text

from everystone.ledger.entry import Capacity, Entry, Hit, Source
from everystone.ledger.fault import Fault

#: Bytes of a salt: 144 random bits, which base64 writes in whole letters.
SALT = 18
_LETTERS = SALT * 4 // 3
#: Commitments are filled up with decoys to a multiple of this, so that their number does not tell what was filled in.
DECOYS_TO = 8
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode
#: Fields that are written only where there is something to say.
_OPTIONAL = ("corrects", "withdraws", "late_reason", "quote_of", "attachments", "hits")


def base64url(said: bytes) -> bytes:
    """Base64 for addresses, without padding (RFC 4648, section 5)."""
    return b2a_base64(said, newline=False).translate(_URL_SAFE, b"=")


def disclosures(lines: list[bytes], salts: bytes) -> list[bytes]:
    """The JSON text `["salt","name",value]` of each line; `salts` are 18 bytes a line, one after another."""
    letters = base64url(salts)
    starts = range(0, len(lines) * _LETTERS, _LETTERS)
    return [b'["%b",%b' % (letters[at : at + _LETTERS], line[1:]) for at, line in zip(starts, lines, strict=True)]


def commitments(disclosed: list[bytes]) -> list[bytes]:
    """The SHA-256 (32 bytes) of each disclosure as RFC 9901 digests it, in the order given."""
    letters = b"".join([b2a_base64(each) for each in disclosed]).translate(_URL_SAFE, b"=")
    return [sha256(each).digest() for each in letters.split(b"\n")[:-1]]


def decoys_for(lines: int) -> int:
    """How many decoys stand beside the commitments of so many lines."""
    return -lines % DECOYS_TO


def fields_digest(commitments_and_decoys: list[bytes]) -> bytes:
    """One digest (32 bytes) over all commitments in sorted order, so that their order tells nothing."""
    return sha256(b"".join(sorted(commitments_and_decoys))).digest()


# ---- entries as lines ----------------------------------------------------------------------------------------------


def lines_of(entry: Entry) -> list[bytes]:
    """An entry as lines; its number is not among them. Raises Fault for what no store can hold."""
    try:
        return [line.encode() for line in _said(entry)]
    except (UnicodeEncodeError, ValueError, TypeError) as fault:
        raise Fault(
            f"The entry with the row key {entry.key!r} holds something that cannot be stored ({fault.__class__.__name__}). "
            "Nothing was taken. Send text, whole or decimal numbers, yes or no, and lists of these."
        ) from fault


def _said(entry: Entry) -> Iterator[str]:
    (_, stream, kind, subjects, lo, hi, recorded, accepted, by, (role, rank, team), data, (name, channel, key, live),
     *_) = entry  # fmt: skip
    yield f'["stream",{_text(stream)}]'
    yield f'["kind",{_text(kind)}]'
    yield f'["subjects",[{",".join(map(_text, subjects))}]]'
    yield f'["when",[{lo:d},{hi:d},{recorded:d},{accepted:d}]]'
    yield f'["who",[{_text(by)},{_text(role)},{_text(rank)},{_text(team)}]]'
    yield f'["source",[{_text(name)},{_text(channel)},{_text(key)},{"true" if live else "false"}]]'
    for field in _OPTIONAL:
        if value := getattr(entry, field):
            yield _encode((field, value))
    for field, value in data.items():
        yield f"[{_text('data.' + field)},{_text(value) if type(value) is str else _encode(value)}]"


def entry_of(lines: list[bytes], number: int) -> Entry:
    """The entry that lines say, under the number that a book gave it."""
    (
        (_, stream),
        (_, kind),
        (_, subjects),
        (_, (lo, hi, recorded, accepted)),
        (_, (by, *capacity)),
        (_, source),
        *more,
    ) = json.loads(b"[%b]" % b",".join(lines))
    data = {name[5:]: value for name, value in more if name[:5] == "data."}
    rest = dict(more) if len(data) < len(more) else {}
    get = rest.get
    return Entry(
        number, stream, kind, tuple(subjects), lo, hi, recorded, accepted, by, Capacity(*capacity), data, Source(*source),
        get("corrects", ""), get("withdraws", ""), get("late_reason", ""), get("quote_of", ""),
        tuple(get("attachments", ())), tuple(Hit(*each) for each in get("hits", ())),
    )  # fmt: skip
