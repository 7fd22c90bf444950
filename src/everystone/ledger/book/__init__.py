"""Append and read: the one door to what is stored. Every book keeps the same contract."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from everystone.ledger.coverage import Coverage, Holding
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault

_said = json.JSONEncoder(sort_keys=True, default=str).encode
_written = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Receipt(NamedTuple):
    """What an append did: the numbers given to new entries, and how many were there already, unchanged."""

    numbers: tuple[int, ...]
    repeated: int


class Book(Protocol):
    """A book takes entries and gives them back; it never changes one.

    Numbers are given by the book. An entry whose row key is there already with the same content is not taken again;
    with other content the whole append is refused (Fault) and nothing is taken.
    """

    def append(self, entries: Iterable[Entry]) -> Receipt:
        """Take entries, all or none."""

    def streams(self) -> Sequence[str]:
        """The names of all streams, in order of name."""

    def read(self, stream: str) -> list[Entry]:
        """The entries of a stream in the order they were taken (number)."""

    def hold(self, holdings: Sequence[Holding]) -> None:
        """State what the sources hold; said again it is added to."""

    def coverage(self) -> Coverage:
        """All that is stated of what the sources hold."""


def content_of(entry: Entry) -> str:
    """A digest of what an entry says, without its number and the instant at which a book took it."""
    said = entry._replace(number=0, accepted=0, hits=())
    return hashlib.sha256(_said(said).encode()).hexdigest()


def other_content(key: str) -> Fault:
    """What every book says of a row key that is there already with other content."""
    return Fault(
        f"The row key {key!r} is there already with other content. Nothing was taken. "
        "Send a change as a correction under a key of its own."
    )


def as_json(data: Mapping[str, Any]) -> str:
    """A payload as every book writes it."""
    return _written(data)
