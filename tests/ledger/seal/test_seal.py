"""Header, commitments and payload: known answers, round trips, and every byte that can be turned."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everystone.ledger.entry import Capacity, Entry, Hit, Source
from everystone.ledger.fault import Fault
from everystone.ledger.seal import header as headers
from everystone.ledger.seal.disclosure import base64url, commitments, decoys_for, disclosures, entry_of, lines_of
from everystone.ledger.seal.header import ZERO, Header, decode, encode
from everystone.ledger.seal.payload import DoesNotOpen, digest_of, seal, unseal

SECRET = bytes(range(32))
HEADER = Header(b"ES01", b"L" * 16, b"C" * 16, 7, b"p" * 32, -1_500_000, 3, b"a" * 16, b"c" * 16, b"f" * 32, ZERO, ZERO,
                b"r" * 32, 2, b"t" * 32, ZERO, "note.added")  # fmt: skip


def entry(**changed: object) -> Entry:
    whole = Entry(
        0, "case/Oak", "note.added", ("C1",), 10, 20, 30, 40, "O1", Capacity("officer", "constable", "North"),
        {"text": "all in order", "n": 2, "share": 0.5, "list": ["a"], "yes": True}, Source("extract", "care", "k1", True),
        "k0", "", "paper first", "C1", ("sha",), (Hit("E", "text", "all in order", True),),
    )  # fmt: skip
    return whole._replace(**changed)  # type: ignore[arg-type]


def test_the_disclosure_of_rfc_9901() -> None:
    """The example of RFC 9901, 4.2.1 and 4.2.3: a claim family_name with an umlaut, written with a space after commas."""
    said = '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]'.encode()
    assert base64url(said) == b"WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    (digest,) = commitments([said])
    assert base64url(digest) == b"X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_a_disclosure_is_salt_name_and_value() -> None:
    salts = bytes(range(36))
    one, other = disclosures([b'["who","O1"]', b'["n",2]'], salts)
    assert one == b'["' + urlsafe_b64encode(salts[:18]) + b'","who","O1"]'
    assert other == b'["' + urlsafe_b64encode(salts[18:]) + b'","n",2]'


def test_a_header_is_read_as_it_was_written() -> None:
    assert decode(encode(HEADER)) == HEADER
    log, chain, seq, previous, accepted, request = headers.linked(encode(HEADER))
    assert (log, chain, seq, previous, accepted, request) == (
        HEADER.log, HEADER.chain, HEADER.seq, HEADER.previous, HEADER.accepted, HEADER.request[:16],
    )  # fmt: skip


def test_the_header_layout_is_fixed_for_good() -> None:
    """Changing this digest means that every ledger written so far no longer verifies."""
    assert headers.leaf(encode(HEADER)).hex() == "dba2c0caa06b8e2607b7f7ffff0eab41d3d5a3a9e172103d4c21391de6f731c8"
    assert len(encode(HEADER)) == 358


def test_no_header_with_a_wrong_length_is_read() -> None:
    said = encode(HEADER)
    for wrong in (said[:-1], said + b"x", said[:40], b"\x00\x05" + said[2:], said.replace(b"ES01", b"ES02", 1)):
        with pytest.raises(ValueError):
            decode(wrong)


WORDS = st.text(max_size=8)
VALUES = st.one_of(WORDS, st.integers(), st.booleans(), st.lists(WORDS, max_size=3))


@given(st.dictionaries(WORDS, VALUES, max_size=4))
def test_what_an_entry_says_survives_its_lines(data: dict[str, object]) -> None:
    lines = lines_of(entry(data=data))
    assert entry_of(unseal(seal(lines, SECRET).stored, SECRET), 5) == entry(data=data, number=5)


def test_what_cannot_be_stored_is_refused_in_words() -> None:
    for bad in ("\ud800", float("nan"), float("inf"), {1, 2}):
        with pytest.raises(Fault, match=r"k1.*cannot be stored"):
            lines_of(entry(data={"x": bad}))


def test_a_header_and_a_stored_payload_name_nobody() -> None:
    sealed = seal(lines_of(entry()), SECRET)
    for name in (b"Oak", b"O1", b"in order", b"North", b"constable"):
        assert name not in sealed.stored
        assert name not in sealed.fields


def test_the_same_content_under_another_secret_has_nothing_in_common() -> None:
    one, other = seal(lines_of(entry()), SECRET), seal(lines_of(entry()), os.urandom(32))
    assert one.stored != other.stored and one.fields != other.fields
    assert not set(one.commitments) & set(other.commitments)


def test_how_many_optional_fields_were_filled_in_cannot_be_counted() -> None:
    few, many = lines_of(entry(late_reason="", quote_of="", attachments=(), hits=())), lines_of(entry())
    assert len(few) < len(many)
    assert (len(few) + decoys_for(len(few))) % 8 == (len(many) + decoys_for(len(many))) % 8 == 0


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_no_turned_bit_of_a_payload_opens(at: int, bit: int) -> None:
    stored = seal(lines_of(entry()), SECRET).stored
    at %= len(stored)
    turned = stored[:at] + bytes([stored[at] ^ (1 << bit)]) + stored[at + 1 :]
    with pytest.raises(DoesNotOpen):
        unseal(turned, SECRET)


@given(st.data())
def test_every_line_is_committed_to(data: st.DataObject) -> None:
    lines = lines_of(entry())
    at = data.draw(st.integers(0, len(lines) - 1))
    changed = [*lines[:at], lines[at].replace(b'"', b'"x', 1), *lines[at + 1 :]]
    assert digest_of(changed, SECRET) != digest_of(lines, SECRET) == seal(lines, SECRET).fields
