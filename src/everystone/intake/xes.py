"""Reading XES: the entries of a log as rows, the attributes of a trace as columns `case:...`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

import pyarrow as pa

from everystone.intake.desk import CHUNK, Desk
from everystone.intake.laid import Laid, cells
from everystone.intake.plain import BLOCK, unpacked
from everystone.intake.rejects import Rejects, reject
from everystone.ledger.fault import Fault

DEEPEST = 32  # elements inside one another; logs have about six
HELD = 50_000  # entries of one trace held back until its own attributes are all read
_ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id"})

Row = dict[str, str]


def read_xes(desk: Desk, number: int, path: Path, name: str, rejects: Rejects) -> Laid:
    """Lay out a log (.xes, .xes.gz), one row an entry, numbered from 1 in the order of the file.

    Raises Fault where the file is no sound XML, declares entities or a document type, or nests too deep. An entry
    outside a trace belongs to no case and is rejected.
    """
    desk.do(f"CREATE TABLE laid_{number} (row BIGINT)")
    columns: dict[str, int] = {}
    log = _Log(name, rejects)
    with unpacked(path) as file:
        while block := file.read(BLOCK):
            log.feed(block)
            if len(log.rows) >= CHUNK:
                _put(desk, number, log, columns)
        log.feed(b"", last=True)
    _put(desk, number, log, columns)
    if not log.count:
        raise Fault("The file has no rows. Nothing was taken.", where=name)
    return Laid(number, name, f"laid_{number}", cells(list(columns)), log.count, loose=True)


def _put(desk: Desk, number: int, log: _Log, columns: dict[str, int]) -> None:
    """Add the rows read so far, with columns for attributes not met before."""
    rows, log.rows = log.rows, []
    for _, row in rows:
        for key in row:
            if key not in columns:
                columns[key] = len(columns)
                desk.do(f"ALTER TABLE laid_{number} ADD COLUMN c{columns[key]} VARCHAR")
    names = ["row", *(f"c{place}" for place in columns.values())]
    told: Iterator[tuple[int | str | None, ...]] = (
        (place, *(row.get(key) or None for key in columns)) for place, row in rows
    )
    desk.put(f"laid_{number}", names, told, [pa.int64(), *(pa.string() for _ in columns)])


class _Log:
    """Reads a log piece by piece; nothing is kept but the entries of the trace at hand."""

    def __init__(self, name: str, rejects: Rejects) -> None:
        self.name, self.rejects = name, rejects
        self.rows: list[tuple[int, Row]] = []
        self.count = 0
        self._depth = 0
        self._inside: list[str] = []
        self._trace: Row = {}
        self._held: list[tuple[int, Row]] = []
        self._entry: Row = {}
        self._doubled: str | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end

    def feed(self, block: bytes, *, last: bool = False) -> None:
        """Read on."""
        try:
            self._parser.Parse(block, last)
        except expat.ExpatError as fault:
            raise Fault(
                "The file is cut off, damaged, or not XML. Export it again.",
                where=f"{self.name}:{fault.lineno}",
            ) from fault

    def _refuse(self, *_: object) -> None:
        raise Fault(
            "The file declares a document type or entities, which a log never needs. It was refused.",
            where=self.name,
        )

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        parent = self._inside[-1] if self._inside else ""
        self._inside.append(tag)
        if len(self._inside) > DEEPEST:
            raise Fault(f"The file nests elements more than {DEEPEST} deep. It was refused.", where=self.name)
        if tag == "trace":
            self._trace, self._held = {}, []
        elif tag == "event":
            self._entry, self._doubled = {}, None
            self.count += 1
        elif tag in _ATTRIBUTES and parent == "event":
            key, value = attributes.get("key", ""), attributes.get("value", "")
            if self._entry.setdefault(key, value) != value:
                self._doubled = key
        elif tag in _ATTRIBUTES and parent == "trace":
            self._trace.setdefault("case:" + attributes.get("key", ""), attributes.get("value", ""))

    def _end(self, tag: str) -> None:
        tag = self._inside.pop()
        if tag == "event":
            self._take()
        if tag == "trace" or len(self._held) >= HELD:
            self.rows.extend((place, {**self._trace, **row}) for place, row in self._held)
            self._held = []

    def _take(self) -> None:
        if self._doubled is not None:
            self.rejects.add(reject(self.name, self.count, self._doubled, "X03", fills=(self._doubled,)))
        elif "trace" in self._inside:
            self._held.append((self.count, self._entry))
        else:
            self.rejects.add(reject(self.name, self.count, "", "X02"))
