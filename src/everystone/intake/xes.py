"""Reading XES: the entries of a log as rows, the attributes of a trace as columns `case:...`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from everystone.intake import loose
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid
from everystone.intake.loose import Row
from everystone.intake.mapping import How
from everystone.intake.markup import Markup
from everystone.intake.rejects import Rejects, reject

HELD = 50_000  # entries of one trace held back until its own attributes are all read
_ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id"})


def read_xes(desk: Desk, number: int, path: Path, name: str, how: How, rejects: Rejects) -> Laid:
    """Lay out a log (.xes, .xes.gz), one row an entry, numbered from 1 in the order of the file.

    Raises Fault where the file is no sound XML, declares entities or a document type, or nests too deep. An entry
    outside a trace belongs to no case and is rejected.
    """
    return loose.lay_out(desk, number, name, _rows(path, _Log(name, rejects)), rejects)


def _rows(path: Path, log: _Log) -> Iterator[tuple[int, Row]]:
    for _ in log.read(path):
        rows, log.rows = log.rows, []
        yield from rows


class _Log(Markup):
    """Reads a log piece by piece; nothing is kept but the entries of the trace at hand."""

    def __init__(self, name: str, rejects: Rejects) -> None:
        super().__init__(name)
        self.rejects = rejects
        self.rows: list[tuple[int, Row]] = []
        self._count = 0
        self._trace: Row = {}
        self._held: list[tuple[int, Row]] = []
        self._entry: Row = {}
        self._doubled: str | None = None

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """A trace, an entry, or an attribute of either."""
        parent = self.inside[-2] if len(self.inside) > 1 else ""
        if tag == "trace":
            self._trace, self._held = {}, []
        elif tag == "event":
            self._entry, self._doubled = {}, None
            self._count += 1
        elif tag in _ATTRIBUTES and parent == "event":
            key, value = attributes.get("key", ""), attributes.get("value", "")
            if self._entry.setdefault(key, value) != value:
                self._doubled = key
        elif tag in _ATTRIBUTES and parent == "trace":
            self._trace.setdefault("case:" + attributes.get("key", ""), attributes.get("value", ""))

    def end(self, tag: str) -> None:
        """An entry is whole; a trace with all its entries is."""
        if tag == "event":
            self._take()
        if tag == "trace" or len(self._held) >= HELD:
            self.rows.extend((place, {**self._trace, **row}) for place, row in self._held)
            self._held = []

    def _take(self) -> None:
        if self._doubled is not None:
            self.rejects.add(reject(self.name, self._count, self._doubled, "X03", fills=(self._doubled,)))
        elif "trace" in self.inside:
            self._held.append((self._count, self._entry))
        else:
            self.rejects.add(reject(self.name, self._count, "", "X02"))
