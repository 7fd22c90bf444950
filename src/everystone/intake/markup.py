"""XML read a piece at a time: no document types, no entities, nothing from outside, and no bottomless nesting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from everystone.intake.plain import BLOCK, unpacked
from everystone.ledger.fault import Fault

DEEPEST = 32  # elements inside one another; records have about six
LONGEST_CELL = 2_000_000  # characters of one text or attribute


class Markup:
    """Reads elements as they come. `begin`, `say` and `end` are for the reader that knows what they mean.

    `inside` names the elements that are open, without the prefixes of their namespaces.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.inside: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._begin
        self._parser.CharacterDataHandler = self.say
        self._parser.EndElementHandler = self._end

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """An element is opened, and is the last of `inside`."""

    def say(self, text: str) -> None:
        """Some text of the element that is open."""

    def end(self, tag: str) -> None:
        """An element is closed, and is no longer in `inside`."""

    def read(self, path: Path) -> Iterator[None]:
        """Read a file, with a pause after each piece. Raises Fault where it is not sound XML or declares anything."""
        with unpacked(path) as file:
            while block := file.read(BLOCK):
                self._feed(block)
                yield
            self._feed(b"", last=True)
            yield

    def _feed(self, block: bytes, *, last: bool = False) -> None:
        try:
            self._parser.Parse(block, last)
        except KeyError:  # an attribute that the reader wanted, no fault of the XML
            raise
        except (expat.ExpatError, UnicodeError, LookupError) as fault:
            line = getattr(fault, "lineno", self._parser.CurrentLineNumber)
            raise Fault(
                "The file is cut off, damaged, or not XML. Export it again.", where=f"{self.name}:{line}"
            ) from fault

    def _refuse(self, *_: object) -> None:
        raise Fault(
            "The file declares a document type or entities, which an extract never needs. It was refused.",
            where=self.name,
        )

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        self.inside.append(tag.rpartition(":")[2])
        if len(self.inside) > DEEPEST:
            raise Fault(f"The file nests elements more than {DEEPEST} deep. It was refused.", where=self.name)
        self.begin(self.inside[-1], attributes)

    def _end(self, tag: str) -> None:
        self.end(self.inside.pop())
