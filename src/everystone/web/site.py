"""One file says where a site's ledger and keys are, under which names it is reached, how it is marked.

    database = "postgresql://…" or "force.ledger"     keys = "force.keys"        secret = "secret.txt"
    hosts = ["everystone.force.example"]               packs = ["england_wales"]  name = "A force"

Places that are no address are meant from the folder of the file. No secret stands in it: `secret` names a file.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from everystone.ledger.book.connection import SERVER
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED

SHORTEST = 50


class Site(BaseModel):
    """What the file of a site says. `demonstration`: the instant (seconds UTC) and the real one at which it began."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: str
    keys: str
    secret: Path
    hosts: list[str] = Field(min_length=1)
    packs: list[str] = [SHIPPED]
    name: str = "A force"
    mark: str = "Sensitive: about children and investigations. For this force only."
    demonstration: tuple[int, int] | None = None

    def secret_text(self) -> str:
        """The secret that signs sessions. Raises Fault for one that is missing or short."""
        text = self.secret.read_text(encoding="utf-8").strip() if self.secret.is_file() else ""
        if len(text) < SHORTEST:
            raise Fault(
                f"The secret of the site must stand in {self.secret.name} and have {SHORTEST} characters or more."
            )
        return text

    def now(self, real: int) -> int:
        """The instant of the site when the clock says `real`: in a demonstration it goes on from that of the force."""
        return real if self.demonstration is None else self.demonstration[0] + real - self.demonstration[1]


def read_site(path: Path) -> Site:
    """The site that a file describes. Raises Fault naming the key that cannot be used."""
    if not path.is_file():
        raise Fault(f"There is no file {path}. `everystone demo` makes one; docs/site.md says what stands in it.")
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        site = Site.model_validate(said)
    except (tomllib.TOMLDecodeError, ValidationError) as fault:
        first = str(fault).splitlines()[0] if isinstance(fault, tomllib.TOMLDecodeError) else _first(fault)
        raise Fault(f"{path.name} cannot be used. {first}") from fault
    return site.model_copy(update={
        "database": _from(path, site.database), "keys": _from(path, site.keys), "secret": path.parent / site.secret,
    })  # fmt: skip


def _from(path: Path, place: str) -> str:
    return place if place.startswith(SERVER) else str((path.parent / place).resolve())


def _first(fault: ValidationError) -> str:
    first = fault.errors()[0]
    return f"{' > '.join(map(str, first['loc']))}: {first['msg']}."
