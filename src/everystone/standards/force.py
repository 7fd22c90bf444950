"""A force's own pack: figures of its own with owner, reason and day; local standards, off until switched on.

Where a force has a pack, its own standards and those beside it that rest on local policy alone are asked only once the
force has switched them on, each after a shadow run. It may add and tighten. What rests on law or a code stays as it is: a
tighter figure is a standard of the force's own, which is worded as a prompt and folded under the one it follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from everystone.ledger.fault import Fault
from everystone.ledger.kind import Strict
from everystone.standards import document
from everystone.standards.limit import Within

if TYPE_CHECKING:
    from everystone.standards.pack import Loaded

FILE = "force.yaml"
BINDING = ("law", "code")
OURS = ("local", "own")
LEAST_DAYS = 28  # of a shadow run
Figure = Literal["within", "first", "every"]


class Decided(Strict):
    """What somebody decided: of which standard, from which day, who owns it, and why."""

    standard: str
    since: date
    owner: str
    reason: str


class Parameter(Decided):
    """A figure of the force's own, in place of the one that a standard states."""

    set: dict[Figure, Within]


class ShadowRun(Strict):
    """What a standard would have shown before it was switched on: rows a week, and the share of them acted on."""

    since: date = Field(alias="from")
    to: date
    rows_a_week: float
    acted_on: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _lasts(self) -> ShadowRun:
        if (self.to - self.since).days < LEAST_DAYS:
            raise ValueError("a shadow run lasts four weeks or longer")
        return self


class Switch(Decided):
    """A standard of the force's own, or a local one, that was switched on, and the shadow run that it rests on."""

    shadow_run: ShadowRun


class ForceFile(Strict):
    """What a force's pack says beside its kinds and standards."""

    force: str
    parameters: list[Parameter] = Field(default_factory=list)
    switched_on: list[Switch] = Field(default_factory=list)


def read_force(folder: Path) -> ForceFile | None:
    """The file of a force's own pack; None where a folder has none. Raises Fault with file and line."""
    path = folder / FILE
    return document.checked(ForceFile, document.read(path), str(path)) if path.is_file() else None


def off(force: ForceFile, own: Iterable[Loaded], standards: Mapping[str, Loaded], folder: Path) -> frozenset[str]:
    """Which standards are off: the force's own, and those that rest on local policy alone, but for what it switched on.

    Raises Fault for what is switched on and is not there, or was never off.
    """
    may_be = {each.id for each in own} | {name for name, each in standards.items() if is_local(each)}
    for number, each in enumerate(force.switched_on):
        if each.standard not in standards:
            raise _fault(folder, ["switched_on", number], f"There is no standard {each.standard!r} to switch on.")
        if each.standard not in may_be:
            raise _fault(
                folder, ["switched_on", number], f"{each.standard} rests on more than local policy and is always on."
            )
    return frozenset(may_be) - {each.standard for each in force.switched_on}


def is_local(loaded: Loaded) -> bool:
    """Whether a standard rests on local policy alone, in every version."""
    return all(dated.version.basis == "local" for dated in loaded.versions)


def restated(parameter: Parameter, loaded: Loaded, force: ForceFile, folder: Path) -> dict[str, Any]:
    """The file of a standard with one more version, which states the force's figures.

    Raises Fault where it rests on law or a code, where the figure would be looser than what a guide says, and where
    the two cannot be compared.
    """
    place: list[str | int] = ["parameters", force.parameters.index(parameter)]
    dated = loaded.versions[-1]
    if dated.version.basis in BINDING:
        raise _fault(folder, place, f"{loaded.id} rests on {dated.version.basis}, whose figures stay. Write a standard of "
                     f"your own that `follows: {loaded.id}` with the tighter figure.")  # fmt: skip
    if len(dated.bodies) > 1:
        raise _fault(folder, place, f"The figures of {loaded.id} stand in a table. Write a standard of your own.")
    if parameter.since <= dated.version.since or dated.until is not None:
        raise _fault(folder, place, f"The last version of {loaded.id} is of {dated.version.since}. Say a later day.")
    for figure, within in parameter.set.items():
        _fits(figure, within, getattr(dated.body, figure, None), loaded, folder, place)
    said = document.read(loaded.path)
    version: dict[str, Any] = {
        "since": parameter.since.isoformat(), "basis": "local", "checked": "verified", "note": parameter.reason,
        "sources": [{"name": f"{force.force}: decision of {parameter.owner}", "read_on": parameter.since.isoformat()}],
    }  # fmt: skip
    version |= {
        str(figure): within.model_dump(by_alias=True, exclude_none=True) for figure, within in parameter.set.items()
    }
    return {**said, "versions": [*said["versions"], version]}


def _fits(
    figure: str, within: Within, stated: Any, loaded: Loaded, folder: Path, place: Sequence[str | int]
) -> None:  # fmt: skip
    if not isinstance(stated, Within):
        raise _fault(folder, place, f"{loaded.id} states no figure {figure!r} that could be set.")
    one, other = within.duration, stated.duration
    if (one.unit, one.beginning_with, one.after_working_day) != (
        other.unit, other.beginning_with, other.after_working_day,
    ):  # fmt: skip
        raise _fault(folder, place, f"{loaded.id} counts {other}. State yours in the same unit, so that they compare.")
    if one.n > other.n and loaded.versions[-1].version.basis not in OURS:
        raise _fault(
            folder, place, f"{one} is looser than the {other} of {loaded.id}. A force may tighten, not loosen."
        )


def _fault(folder: Path, place: Sequence[str | int], says: str) -> Fault:
    path = folder / FILE
    return Fault(says, where=f"{path}:{document.line_of(path.read_text(encoding='utf-8'), place)}")
