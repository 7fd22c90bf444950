"""A delivery: one extract of a source as it came, what it holds, and what had changed since the earlier ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from everystone.ledger.coverage import Holding

#: What a delivery does to a row: it is new and ought to have come before (late), it says something else (changed), it is
#: missing although its source holds such rows (gone), it was gone and is here again (returned), or an older delivery that
#: came after a newer one says something that no version in the ledger says (otherwise).
What = Literal["late", "changed", "gone", "returned", "otherwise"]
IN_FILE = b"everystone.delivery"
WHATS: tuple[What, ...] = ("changed", "gone", "late", "returned", "otherwise")


class Change(NamedTuple):
    """What became of one row: the stream and key of its entry, or where it changed of the correction, and the key before."""

    what: What
    stream: str
    key: str
    before: str = ""


class Delivery(NamedTuple):
    """An extract as it was taken.

    `as_of` is its date as it is said, `end` the last second of it (UTC), `mapping` a digest of the mapping it was read
    with, `holdings` what it holds. Of its rows `new` were taken for the first time and `same` said nothing new;
    `outside` counts earlier rows that are missing and lie outside what it holds, so that nobody can call them gone. One
    that is not `whole` brings only what is new: a row that it lacks is not gone.
    """

    source: str
    as_of: str
    end: int
    mapping: str
    holdings: tuple[Holding, ...]
    new: int = 0
    same: int = 0
    outside: int = 0
    whole: bool = True

    def in_schema(self, schema: pa.Schema) -> pa.Schema:
        """A schema of Parquet whose file says that it is this delivery."""
        return schema.with_metadata({IN_FILE: json.dumps(self.as_data)})

    @classmethod
    def in_file(cls, path: Path) -> Delivery | None:
        """The delivery that a Parquet file says it is, or None."""
        found = (pq.read_schema(path).metadata or {}).get(IN_FILE)
        return cls.of(json.loads(found)) if found else None

    @property
    def as_data(self) -> dict[str, Any]:
        """As plain data, to be written as JSON."""
        return {**self._asdict(), "holdings": [each.as_data for each in self.holdings]}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Delivery:
        """From plain data."""
        return cls(**{**data, "holdings": tuple(Holding.of(each) for each in data["holdings"])})


def still_gone(changes: Iterable[Change]) -> set[str]:
    """The keys of rows that are gone and have not returned, after all changes in their order."""
    gone: set[str] = set()
    for each in changes:
        if each.what == "gone":
            gone.add(each.key)
        elif each.what == "returned":
            gone.discard(each.key)
    return gone


def latest(deliveries: Sequence[Delivery]) -> Delivery | None:
    """The delivery of the latest date, of several of one date the last that was taken."""
    return max(reversed(deliveries), key=lambda each: each.end, default=None)
