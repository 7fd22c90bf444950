"""Makes an invented force and writes it as an extract, with the truth about what goes wrong in it."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from everystone.ledger.fault import Fault
from everystone.synthetic.entries import HEADER, Lines, cells, counted, totals
from everystone.synthetic.failing import Failings, Truth
from everystone.synthetic.layout import lay_out
from everystone.synthetic.mapping import OFFICERS, PEOPLE, mapping
from everystone.synthetic.matters import Matters
from everystone.synthetic.recipe import read_recipe, shipped
from everystone.synthetic.record import Actor, Case, Person
from everystone.synthetic.roster import roster
from everystone.synthetic.world import World

Progress = Callable[[int, int], None]  # cases made, cases in all

FEWEST, MOST = 100, 1_000_000
_AT_ONCE = 1000  # cases between two writes, and between two words of progress
_NO_OFFICER = ("",) * 4  # rank, detective, custody, team
_TRUTH = pa.schema(
    [
        *((name, pa.string()) for name in ("failing", "standard", "case", "person", "key", "did")),
        ("reach", pa.list_(pa.string())),
    ]
)


@dataclass
class Made:
    """What was made: cases, entries by kind, people, officers, and edited entries by failing."""

    cases: int = 0
    people: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, int] = field(default_factory=dict)
    edits: dict[str, int] = field(default_factory=dict)


def synthesise(
    cases: int,
    seed: int,
    out: Path,
    failing: Sequence[str] = (),
    progress: Progress | None = None,
    pack: Path | None = None,
    layout: str = "",
    without: Sequence[str] = (),
) -> dict[str, Any]:
    """Writes an invented force of so many cases into a folder; the same arguments write the same bytes.

    `failing` names failings of the pack (`failings_of` lists them); a world with one differs from the same
    world without it in the edited cases only. `progress` is told now and then how many cases are made. `pack` is
    the folder of a pack that describes an invented force, by default the shipped one. `layout` names another way
    in which the pack lays out the extract, and `without` kinds that are in none of its tables. Returns what
    world.json says.

    Raises Fault for a number of cases outside 100 to 1,000,000, or a failing, layout or kind that is not known.
    """
    if not FEWEST <= cases <= MOST:
        raise Fault(f"An invented force has {FEWEST} to {MOST:,} cases, not {cases:,}.")
    folder = pack or shipped()
    recipe = read_recipe(folder)
    world = World(recipe, cases, seed)
    matters = Matters(world)
    failings = Failings(failing, world.scope, world.steps, world.staff.teams, seed)
    world.scope.check()
    out.mkdir(parents=True, exist_ok=True)
    made = Made()
    _officers(world, out, made)
    with _undisturbed():
        told = _matters(world, matters, failings, out, made)
        _cases(world, failings, out, made, told, progress or (lambda _, __: None))
    (out / "mapping.yaml").write_text(mapping(recipe), encoding="utf-8")
    if layout or without:
        lay_out(out, recipe, layout, without)
    said = _world(world, failings, made)
    (out / "world.json").write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    return said


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the search for circular references: a case has none, and looking costs a fifth of the time."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def failings_of(pack: Path | None = None) -> dict[str, str]:
    """The failings of a pack: name and what goes wrong, in words."""
    known = read_recipe(pack or shipped()).part("failings")
    return {name: str(said["says"]) for name, said in known.items()}


# ---- cases -----------------------------------------------------------------------------------------------------


def _cases(world: World, failings: Failings, out: Path, made: Made, told: Sequence[Truth], progress: Progress) -> None:
    """Writes the cases, and the truth about them after what is `told` already."""
    lines = Lines(world.scope)
    with (
        (out / "entries.csv").open("w", encoding="utf-8", newline="") as entries,
        (out / "people.csv").open("w", encoding="utf-8", newline="") as people,
        pq.ParquetWriter(out / "truth.parquet", _TRUTH) as truth,
    ):
        entries.write(HEADER.format(whose="case"))
        people.write(cells(PEOPLE))
        _tell(truth, told, made)
        for batch in _batches(world.cases):
            told = []
            for number in batch:
                case = world.case(number)
                world.remember(case)
                told += _failed(world, failings, case)
                entries.write("".join(lines.of(case, case.name)))
                people.write("".join(_people(world, case)))
                _count(made, case)
            _tell(truth, told, made)
            progress(batch[-1], world.cases)


def _matters(world: World, matters: Matters, failings: Failings, out: Path, made: Made) -> list[Truth]:
    """Writes the records beside the cases; the truth about them."""
    lines, told = Lines(world.scope), list[Truth]()
    with (out / "matters.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER.format(whose="stream"))
        for matter in matters.all():
            told += failings.edit(matter)
            file.writelines(lines.of(matter, matter.stream))
            counted(matter, made.kinds)
    return told


def _failed(world: World, failings: Failings, case: Case) -> list[Truth]:
    if not failings.ready or world.shared(case.number):
        return []
    return failings.edit(case)


def _batches(cases: int) -> Iterator[range]:
    for first in range(1, cases + 1, _AT_ONCE):
        yield range(first, min(first + _AT_ONCE, cases + 1))


def _tell(truth: Any, rows: Sequence[Truth], made: Made) -> None:
    columns: list[Sequence[Any]] = [*zip(*rows, strict=True)] or [() for _ in _TRUTH]
    truth.write_table(pa.table(dict(zip(_TRUTH.names, columns, strict=True)), schema=_TRUTH))
    for row in rows:
        made.edits[row.failing] = made.edits.get(row.failing, 0) + 1


def _count(made: Made, case: Case) -> None:
    made.cases += 1
    made.people += len(case.people)
    made.shapes[case.shape] = made.shapes.get(case.shape, 0) + 1
    counted(case, made.kinds)


def _people(world: World, case: Case) -> Iterator[str]:
    began = world.scope.times.written(case.at[world.scope.anchors["start"]])
    for person in case.people.values():
        yield _person(case, person, began)
    for actor in case.described:
        yield _actor(case.name, actor, began)


def _person(case: Case, person: Person, began: str) -> str:
    who = (case.name, person.id, person.role, person.written, person.sex)
    return cells((*who, *_NO_OFFICER, person.of, person.household_of, person.name, began))


def _actor(case: str, actor: Actor, began: str) -> str:
    traits = ["true" if actor.traits.get(trait) else "" for trait in ("detective", "custody")]
    return cells([case, actor.id, "officer", "", "", actor.rank, *traits, actor.team, "", "", "", began])


# ---- officers --------------------------------------------------------------------------------------------------


def _officers(world: World, out: Path, made: Made) -> None:
    lines = Lines(world.scope)
    with (out / "officers.csv").open("w", encoding="utf-8", newline="") as described:
        described.write(cells(OFFICERS))
        described.writelines(_officer(world, record, actor) for record, actor in _each(world))
    roster(world)
    with (out / "records.csv").open("w", encoding="utf-8", newline="") as records:
        _records(world, lines, records, made)


def _each(world: World) -> Iterator[tuple[Case, Actor]]:
    return zip(world.officers.records, world.staff.officers, strict=True)


def _officer(world: World, record: Case, actor: Actor) -> str:
    began = world.scope.times.written(record.at[world.scope.anchors["start"]])
    return _actor(actor.id, actor, began)[len(actor.id) + 1 :]


def _records(world: World, lines: Lines, records: TextIO, made: Made) -> None:
    records.write(HEADER.format(whose="officer"))
    for record in world.officers.records:
        counted(record, made.kinds)
        records.writelines(lines.of(record, record.name))


# ---- what is said of it ----------------------------------------------------------------------------------------


def _world(world: World, failings: Failings, made: Made) -> dict[str, Any]:
    said, entries = world.scope.recipe.said, totals(made.kinds)
    return {
        "world": said["world"], "seed": world.seed, "cases": made.cases, "entries": entries,
        "entries_a_case": round(entries / made.cases, 1), "people": made.people,
        "officers": len(world.staff.officers), "teams": world.staff.teams,
        "began": said["began"], "as_at": said["as_at"],
        "failing": [each.name for each in failings.ready], "edits": dict(sorted(made.edits.items())),
        "shapes": dict(sorted(made.shapes.items())), "kinds": dict(sorted(made.kinds.items())),
    }  # fmt: skip
