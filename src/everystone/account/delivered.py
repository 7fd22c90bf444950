"""What a further delivery changed, as a report tells it: in sentences, and the changed rows on which findings rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from everystone.intake.changes import Changed

SHOWN = 40  # rows on the page; changes.csv has all of them
#: What is weightier first: a row that was there and is not, or says something else now.
ORDER = ("gone", "changed")


class Delivered(NamedTuple):
    """What the newest delivery did, in sentences; the rows that it changed or that are gone, those first on which a
    finding rests, as many as the page shows; and how many there are.
    """

    said: Sequence[str]
    rows: Sequence[Changed]
    rows_in_all: int

    def without(self, sealed: Collection[str]) -> Delivered:
        """The same without a word of standards that are told to professional standards only."""
        rows = [
            each._replace(standards="; ".join(sorted({*each.standards.split("; ")} - {*sealed}))) for each in self.rows
        ]
        return self._replace(rows=rows)


class Noting:
    """The rows of what changed as they are written to a table, with those kept that the page shows."""

    def __init__(self, rows: Iterable[Changed]) -> None:
        self._rows, self._kept, self._seen = rows, dict[tuple[str, str], Changed](), set[tuple[str, str]]()

    def __iter__(self) -> Iterator[Changed]:
        newest = None
        for row in self._rows:
            newest = newest or row.delivery
            if row.delivery == newest and row.what in ORDER:
                self._note(row)
            yield row

    def _note(self, row: Changed) -> None:
        """A row once, with every field of it that changed; no value, since a value may be anybody's words."""
        place = row.stream, row.key
        if place in self._kept:
            fields = f"{self._kept[place].field}, {row.field}"
            self._kept[place] = self._kept[place]._replace(field=fields)
        elif place not in self._seen and (len(self._kept) < SHOWN or row.standards or row.what == ORDER[0]):
            self._kept[place] = row._replace(before="", after="")
            if len(self._kept) > 2 * SHOWN:
                self._kept = {(each.stream, each.key): each for each in self._first()}
        self._seen.add(place)

    def _first(self) -> list[Changed]:
        return sorted(
            self._kept.values(), key=lambda row: (not row.standards, ORDER.index(row.what), row.stream, row.key)
        )[:SHOWN]

    def told(self, said: Sequence[str]) -> Delivered:
        """What was noted, once all rows have gone by."""
        return Delivered(said, self._first(), len(self._seen))
