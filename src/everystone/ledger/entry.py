"""What every entry carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

FOUND = (
    "found by reader"  # the channel of an entry that a named person accepted from a text; it proves nobody else's act
)


class Capacity(NamedTuple):
    """Rank, role and team of the actor at that time, copied into the entry ("" where not recorded)."""

    role: str = ""
    rank: str = ""
    team: str = ""


class Source(NamedTuple):
    """The way an entry came: which source, over whose channel, under which row key.

    `live` entries were taken by this ledger itself, so they are known from `accepted`; those of an extract are
    known from `recorded`, "as the source says".
    """

    name: str = ""
    channel: str = ""
    key: str = ""
    live: bool = False


class Hit(NamedTuple):
    """Words of a list that stand in a text of an entry: which list, in which field, as written, quoted or asserted.

    `ground` is why they assert nothing (a denial, a title, ...), "" where they do.
    """

    list: str
    field: str
    words: str
    quoted: bool
    ground: str = ""


class Entry(NamedTuple):
    """One thing written in the ledger; it is never changed, only corrected or withdrawn by another entry.

    `happened` is the inclusive span `lo..hi` in seconds since 1970 UTC (equal where known to the minute);
    `recorded` is when the source says it was written down, `accepted` when this ledger took it.
    `data` is the payload and stands apart from the header in every book; `hits` are what one look at its texts
    found at the door.
    """

    number: int
    stream: str
    kind: str
    subjects: tuple[str, ...]
    lo: int
    hi: int
    recorded: int
    accepted: int
    by: str
    capacity: Capacity
    data: Mapping[str, Any]
    source: Source
    corrects: str = ""
    withdraws: str = ""
    late_reason: str = ""
    quote_of: str = ""
    attachments: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()

    @property
    def key(self) -> str:
        """What other entries cite it by: the row key of its source."""
        return self.source.key

    @property
    def found(self) -> bool:
        """Whether it was found in a text and accepted: `attachments` are the document, the page, the quotation, by whom."""
        return self.source.channel == FOUND

    @property
    def known(self) -> int:
        """The instant from which it is known (seconds UTC)."""
        return self.accepted if self.source.live else self.recorded


def order(entry: Entry) -> tuple[int, int, str, int]:
    """The one order of entries: happened, recorded, the source's row key, number."""
    return entry.lo, entry.recorded, entry.source.key, entry.number


def roots(entries: list[Entry]) -> dict[str, str]:
    """For every entry that corrects another, the key at the root of its chain.

    A chain that runs in a circle ends where it began to repeat, so that bad input cannot hang the reader.
    """
    target = {entry.key: entry.corrects for entry in entries if entry.corrects}
    found: dict[str, str] = {}
    for key in target:
        root, walked = key, {key}
        while root in target and target[root] not in walked:
            root = target[root]
            walked.add(root)
        found[key] = root
    return found


def in_force(entries: list[Entry], as_at: int, known_on: int) -> tuple[list[Entry], dict[str, str]]:
    """The entries seen as at one instant and as known at another, in order, with the roots of corrected ones.

    Of a chain of corrections the last one known stands and the others are hidden; a withdrawn entry is hidden, and
    if it was a correction, what it corrected stands again. What happened after `as_at` is not seen.
    """
    known = [entry for entry in entries if entry.known <= known_on]
    if any(entry.corrects or entry.withdraws for entry in known):
        root_of = roots(known)
        known = _standing(known, root_of)
    else:
        root_of = {}
    seen = [entry for entry in known if entry.lo <= as_at]
    seen.sort(key=order)
    return seen, root_of


def _standing(known: list[Entry], root_of: dict[str, str]) -> list[Entry]:
    withdrawals = {entry.withdraws: entry.key for entry in known if entry.withdraws}
    gone = {target for target, by in withdrawals.items() if by not in withdrawals}
    last: dict[str, Entry] = {}
    for entry in sorted(known, key=lambda entry: (entry.known, entry.recorded, entry.number)):
        root = root_of.get(entry.key, entry.key)
        if entry.key in gone or root in gone or entry.withdraws:
            continue
        last[root] = entry if entry.corrects or root not in last else last[root]
    return list(last.values())
