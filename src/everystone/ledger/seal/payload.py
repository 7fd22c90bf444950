"""The payload of an entry, encrypted under a key of its own: without the key nobody reads it, here or in any backup.

From the entry's secret (32 random bytes) one run of SHAKE-256 gives the key, the salts and the decoys, so that losing the
secret loses all of them. The secret encrypts one payload and no other, which is why the nonce may be constant.
"""

from __future__ import annotations

from hashlib import shake_256
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from everystone.ledger.seal.disclosure import SALT, commitments, decoys_for, disclosures, fields_digest

SECRET = 32
_KEY = 32
_DIGEST = 32
_NONCE = bytes(12)
_PURPOSE = b"everystone payload 1\x00"


class SealedPayload(NamedTuple):
    """What is stored of a payload, and what its header says of it."""

    stored: bytes
    fields: bytes
    commitments: list[bytes]


class DoesNotOpen(Exception):
    """The stored payload does not open with this key: one of the two is not what it was."""


def seal(lines: list[bytes], secret: bytes) -> SealedPayload:
    """Encrypt lines (no line holds a line break) under a secret that has sealed nothing before."""
    key, salts, decoys = _derived(secret, len(lines))
    committed = commitments(disclosures(lines, salts))
    return SealedPayload(
        AESGCM(key).encrypt(_NONCE, b"\n".join(lines), None), fields_digest(committed + decoys), committed
    )


def unseal(stored: bytes, secret: bytes) -> list[bytes]:
    """The lines of a payload. Raises DoesNotOpen."""
    key = shake_256(_PURPOSE + secret).digest(_KEY)
    try:
        return AESGCM(key).decrypt(_NONCE, stored, None).split(b"\n")
    except InvalidTag as fault:
        raise DoesNotOpen from fault


def digest_of(lines: list[bytes], secret: bytes) -> bytes:
    """The digest that the header must hold for these lines."""
    _, salts, decoys = _derived(secret, len(lines))
    return fields_digest(commitments(disclosures(lines, salts)) + decoys)


def _derived(secret: bytes, lines: int) -> tuple[bytes, bytes, list[bytes]]:
    salts_end = _KEY + SALT * lines
    end = salts_end + _DIGEST * decoys_for(lines)
    made = shake_256(_PURPOSE + secret).digest(end)
    return made[:_KEY], made[_KEY:salts_end], [made[at : at + _DIGEST] for at in range(salts_end, end, _DIGEST)]
