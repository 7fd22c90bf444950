"""The words a ledger is read with: kinds, states, tables and calendar of the packs in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from everystone.ledger.calendar import Calendar
from everystone.ledger.entry import FOUND
from everystone.ledger.kind import Kinds, bare
from everystone.ledger.state import State


@dataclass(frozen=True)
class Vocabulary:
    """Everything a frame needs in order to be read; it says nothing of what ought to be there.

    `offences` maps a code to its properties; `ranks` lists ranks from the lowest; `channels` maps a person's role
    to the channel that person's own entries come by; `streams` maps each further sort of stream to its title.
    """

    kinds: Kinds
    states: Mapping[str, State]
    calendar: Calendar
    offences: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    kin: frozenset[str] = frozenset()
    bodies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    streams: Mapping[str, str] = field(default_factory=dict)

    def proves(self, channel: str, body: str | None) -> bool:
        """Whether what came by a channel is another body's own word; a channel nobody named is taken at its name.

        `bodies` maps each body to the names its channel goes by; `own` is that of victims and families.
        """
        if channel in ("", "force", FOUND):
            return False
        if body is None or body == "partner":
            return channel != "own" or body is None
        known = {name for names in self.bodies.values() for name in names}
        spoken = channel.lower()
        return spoken in self.bodies.get(body, frozenset({body})) or spoken not in known | {"own"}

    def rank_at_least(self, rank: str, least: str) -> bool | None:
        """Whether one rank is as high as another, in whatever letters it is written; None where either is not known."""
        if rank not in self.ranks:
            rank = bare(rank)
        if rank not in self.ranks or least not in self.ranks:
            return None
        return self.ranks[rank] >= self.ranks[least]
