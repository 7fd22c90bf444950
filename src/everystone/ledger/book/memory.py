"""A book in memory: for stories, notebooks and tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from everystone.ledger.book import Receipt, content_of, other_content
from everystone.ledger.coverage import Coverage, Holding
from everystone.ledger.entry import Entry


class MemoryBook:
    """Entries by stream; gone when the program ends."""

    def __init__(self) -> None:
        self._streams: dict[str, list[Entry]] = {}
        self._contents: dict[str, str] = {}
        self._holdings: list[Holding] | None = None

    def append(self, entries: Iterable[Entry]) -> Receipt:
        """Take entries, all or none."""
        fresh: dict[str, Entry] = {}
        repeated = 0
        for entry in entries:
            content = content_of(entry)
            held = self._contents.get(entry.key) or (content_of(fresh[entry.key]) if entry.key in fresh else None)
            if held is None:
                fresh[entry.key] = entry
            elif held == content:
                repeated += 1
            else:
                raise other_content(entry.key)
        return Receipt(tuple(self._take(entry) for entry in fresh.values()), repeated)

    def _take(self, entry: Entry) -> int:
        number = len(self._contents) + 1
        self._contents[entry.key] = content_of(entry)
        self._streams.setdefault(entry.stream, []).append(entry._replace(number=number))
        return number

    def streams(self) -> Sequence[str]:
        """The names of all streams, in order of name."""
        return sorted(self._streams)

    def read(self, stream: str) -> list[Entry]:
        """The entries of a stream in the order they were taken."""
        return list(self._streams.get(stream, ()))

    def hold(self, holdings: Sequence[Holding]) -> None:
        """State what the sources hold; said again it is added to."""
        self._holdings = [*(self._holdings or ()), *holdings]

    def coverage(self) -> Coverage:
        """All that is stated of what the sources hold; nothing stated is everything held."""
        return Coverage(self._holdings)
