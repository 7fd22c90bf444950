"""Texts that are nearly copies of earlier ones, over all cases, from the fingerprints that were left at the door."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from everystone.ledger.entry import Entry, order
from everystone.standards.language import LIKENESS
from everystone.standards.likeness import ALIKE, COMMON, FEWEST, Fingerprint, read_fingerprint

Copies = Mapping[tuple[str, str], Sequence[tuple[str, str]]]
TRIED = 6  # of the least numbers of a text: two that are nearly copies share one of them all but always


class _Text(NamedTuple):
    key: str
    stream: str
    print: Fingerprint


def copies_among(entries: Iterable[Entry], as_at: int, known_on: int) -> Copies:
    """For each text (key, field) the earlier ones (stream, key) in the same field of the same kind that it nearly copies.

    Only what stands as at the one instant and as known on the other (seconds UTC) counts: nothing that came later, was
    written down later, or was corrected away. What is common to more than `COMMON` texts belongs to a form. Work grows
    with the texts that share a number.
    """
    found: dict[tuple[str, str], Sequence[tuple[str, str]]] = {}
    held: dict[tuple[str, str, int], list[_Text]] = defaultdict(list)
    for entry in _standing(entries, as_at, known_on):
        for field, said in _prints(entry):
            text = _Text(entry.key, entry.stream, said)
            rows = [held[entry.kind, field, number] for number in sorted(said.least)[:TRIED]]
            before = {id(other): other for row in rows if len(row) <= COMMON for other in row}.values()
            earlier = [(other.stream, other.key) for other in before if said.share(other.print) >= ALIKE]
            if earlier:
                found[entry.key, field] = sorted(earlier)
            for row in rows:
                row.append(text)
    return found


def _standing(entries: Iterable[Entry], as_at: int, known_on: int) -> list[Entry]:
    known = [entry for entry in entries if entry.known <= known_on]
    gone = {entry.withdraws for entry in known if entry.withdraws} | {
        entry.corrects for entry in known if entry.corrects
    }
    return sorted((entry for entry in known if entry.lo <= as_at and entry.key not in gone), key=order)


def _prints(entry: Entry) -> Iterator[tuple[str, Fingerprint]]:
    for hit in entry.hits:
        if hit.list == LIKENESS:
            said = read_fingerprint(hit.words)
            if said.runs >= FEWEST:
                yield hit.field, said
