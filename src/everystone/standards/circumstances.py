"""What a pack says of the circumstances of a finding: by which states and entries the record shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from everystone.ledger.fault import Fault
from everystone.ledger.kind import Kinds, Strict
from everystone.ledger.state import State
from everystone.standards import document

FILE = "circumstances.yaml"


class Raised(Strict):
    """In which field an entry tells who raised a concern, and how each of those is called in a sentence."""

    field: str
    by: dict[str, str]


class CircumstancesFile(Strict):
    """A pack's `circumstances.yaml`: the state of who leads a case, that of an officer who is away, the entries by which
    somebody else looked at a case, and where it stands who raised a concern.
    """

    lead: str
    away: str | None = None
    looked: list[str] = Field(default_factory=list)
    raised: Raised | None = None


def read_circumstances(folders: Sequence[Path], kinds: Kinds, states: Mapping[str, State]) -> CircumstancesFile | None:
    """The first of the packs' files; None where no pack has one. Raises Fault for a state or kind that is not known."""
    path = next((folder / FILE for folder in folders if (folder / FILE).is_file()), None)
    if path is None:
        return None
    said = document.checked(CircumstancesFile, document.plain(document.read(path)), str(path))
    strangers = [
        *(name for name in (said.lead, said.away) if name and name not in states),
        *(name for name in said.looked if name not in kinds),
    ]
    if strangers:
        raise Fault(f"No state or kind {strangers[0]!r} is known to the packs in use.", where=str(path))
    return said
