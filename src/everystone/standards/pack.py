"""Packs: folders of data that give a ledger its words and say what ought to be on the record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import everystone
from everystone.ledger.calendar import read_calendar
from everystone.ledger.fault import Fault
from everystone.ledger.kind import Kind, Kinds, bare
from everystone.ledger.state import State
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards import document
from everystone.standards.bodies import BodiesFile, read_bodies
from everystone.standards.circumstances import CircumstancesFile, read_circumstances
from everystone.standards.condition import Condition
from everystone.standards.danger import DangerFile
from everystone.standards.force import FILE, read_force, restated
from everystone.standards.force import off as off_in
from everystone.standards.grammar import BODIES, EVALUATORS, Body, Evaluator, Standard, Version
from everystone.standards.language import Lists, read_lists
from everystone.standards.reading import Reader, read_reading
from everystone.standards.strict_danger import check_danger
from everystone.standards.strictness import check, check_state

SHIPPED = "england_wales"
Homes = Mapping[str, tuple[str | int, ...]]


@dataclass(frozen=True)
class Dated:
    """One version of a standard, ready to be asked: its bodies, each with the condition it serves under.

    Without a table there is one body and no condition. `homes` says for each body under which keys of the
    file each of its own keys stands, and under "when" its line of the table.
    """

    version: Version
    bodies: tuple[tuple[Condition | None, Body], ...]
    homes: tuple[Homes, ...]
    until: date | None = None

    @property
    def body(self) -> Body:
        """The first body, which gives the triggers."""
        return self.bodies[0][1]


@dataclass(frozen=True)
class Loaded:
    """A standard of a pack: what its file says, its versions with their bodies, and where it stands."""

    standard: Standard
    versions: tuple[Dated, ...]
    area: str
    path: Path

    @property
    def id(self) -> str:
        """Its short reference."""
        return self.standard.id


@dataclass(frozen=True)
class Pack:
    """One pack or several read together: the words, the standards by reference, the order of danger.

    `off` are standards of a force's own and local ones that a force has not switched on; they are among the standards only
    in a `shadow` run.
    """

    names: tuple[str, ...]
    words: Vocabulary
    standards: Mapping[str, Loaded]
    lists: Lists
    danger: DangerFile | None = None
    bodies: BodiesFile | None = None
    reader: Reader | None = None
    folders: tuple[Path, ...] = ()
    off: frozenset[str] = frozenset()
    shadow: bool = False
    circumstances: CircumstancesFile | None = None

    @property
    def finished(self) -> list[Loaded]:
        """The standards that are finished, in order of reference."""
        return [each for _, each in sorted(self.standards.items()) if each.standard.finished]

    def named(self, reference: str) -> Loaded:
        """The standard that bears a reference, which may be written small. Raises Fault where none does."""
        near = {name.upper(): name for name in self.standards}
        found = self.standards.get(reference) or self.standards.get(near.get(reference.upper(), ""))
        if found is None:
            like = [near[name] for name in get_close_matches(reference.upper(), near, n=1)]
            meant = f" Did you mean {like[0]}?" if like else ""
            raise Fault(
                f"No standard bears the reference {reference!r}.{meant} `everystone standards list` shows them all."
            )
        return found

    @cached_property
    def digest(self) -> str:
        """A digest of every file of its folders: packs that say the same have the same (SHA-256, hexadecimal).

        Of a pack in no folder it is that of its standards.
        """
        said = hashlib.sha256()
        for _, each in sorted(self.standards.items()) if not self.folders else ():
            said.update(each.standard.model_dump_json().encode())
        for folder in self.folders:
            for path in sorted(folder.rglob("*.yaml")):
                text = path.read_bytes()
                said.update(f"{path.relative_to(folder)} {len(text)}\n".encode() + text)
        return said.hexdigest()


def shelf() -> Path:
    """The folder in which the shipped packs lie: inside the package once installed, else beside it."""
    inside = Path(everystone.__file__).parent / "packs"
    return inside if inside.is_dir() else Path(everystone.__file__).parents[2] / "packs"


def find(name_or_folder: str) -> Path:
    """The folder of a pack, by the name of a shipped one or by path. Raises Fault where there is none."""
    for folder in (Path(name_or_folder), shelf() / name_or_folder):
        if folder.is_dir():
            return folder
    shipped = ", ".join(sorted(each.name for each in shelf().iterdir() if each.is_dir()))
    raise Fault(f"There is no pack {name_or_folder!r}. Give a folder, or one that is shipped: {shipped}.")


def load(names: Sequence[str] = (SHIPPED,), *, shadow: bool = False) -> Pack:
    """The packs read together; a later one may add kinds, states and standards but not replace any.

    `shadow` asks those as well that a force has not switched on, to see what they would show.
    Raises Fault with file and line for anything that cannot be used.
    """
    folders = [find(name) for name in names]
    kinds: dict[str, Kind] = {}
    states: dict[str, State] = {}
    tables: dict[str, Any] = {}
    for folder in folders:
        for name, kind in _kinds(folder):
            _add(kinds, name, kind, "kind", folder)
        for name, state in _states(folder, kinds):
            _add(states, name, state, "state", folder)
        for path in sorted((folder / "tables").glob("*.yaml")):
            tables[path.stem] = {**tables.get(path.stem, {}), **document.read(path)}  # a later pack may say a key anew
    words = _vocabulary(kinds, states, tables)
    standards: dict[str, Loaded] = {}
    off: frozenset[str] = frozenset()
    for folder in folders:
        own = [read_standard(path) for path in sorted((folder / "standards").rglob("*.yaml"))]
        for loaded in own:
            _add(standards, loaded.id, loaded, "standard", folder)
        off |= _of_a_force(folder, own, standards)
    lists = read_lists([path for folder in folders for path in sorted((folder / "language").glob("*.yaml"))],
                       tables.get("grounds"))  # fmt: skip
    pack = Pack(
        tuple(folder.name for folder in folders),
        words,
        standards,
        lists,
        _danger(folders, words),
        read_bodies(folders, words.kinds),
        read_reading(folders, words.kinds),
        tuple(folders),
        off,
        shadow,
        read_circumstances(folders, words.kinds, words.states),
    )
    check(pack)
    on = standards if shadow else {name: loaded for name, loaded in standards.items() if name not in off}
    return replace(pack, standards=on)


def _of_a_force(folder: Path, own: Sequence[Loaded], standards: dict[str, Loaded]) -> frozenset[str]:
    """Set the figures that a force's own pack states; which standards are off where it is in use."""
    force = read_force(folder)
    if force is None:
        return frozenset()
    for parameter in force.parameters:
        loaded = standards.get(parameter.standard)
        if loaded is None:
            raise Fault(
                f"There is no standard {parameter.standard!r} whose figures could be set.", where=str(folder / FILE)
            )
        standards[loaded.id] = standard_from(restated(parameter, loaded, force, folder), loaded.path)
    return off_in(force, own, standards, folder)


def read_standard(path: Path) -> Loaded:
    """One standard's file. Raises Fault with file and line where it does not say what a standard must."""
    return standard_from(document.read(path), path)


def standard_from(said: Mapping[str, Any], path: Path) -> Loaded:
    """A standard as its file says it. Raises Fault with file and line."""
    _one_evaluator(said, path)
    standard = document.checked(Standard, said, str(path))
    spoken: dict[str, Any] = said[standard.evaluator]
    dated = []
    for number, version in enumerate(standard.versions):
        following = standard.versions[number + 1].since if number + 1 < len(standard.versions) else None
        until = version.until or (following - timedelta(days=1) if following else None)
        anew = dict.fromkeys(version.said_anew, ("versions", number))
        bodies, homes = _bodies(standard.evaluator, {**spoken, **version.said_anew}, str(path), anew)
        dated.append(Dated(version, bodies, homes, until))
    for earlier, later in zip(standard.versions, standard.versions[1:], strict=False):
        if later.since <= (earlier.until or earlier.since):
            line = document.line_of(path.read_text(encoding="utf-8"), ["versions"])
            raise Fault(
                f"The versions of {standard.id} overlap or stand out of order at {later.since}. "
                "Put them in order of `since`, each ending before the next begins.",
                where=f"{path}:{line}",
            )
    return Loaded(standard, tuple(dated), path.parent.name, path)


def _one_evaluator(said: Mapping[str, Any], path: Path) -> None:
    given = [name for name in EVALUATORS if said.get(name) is not None]
    if len(given) > 1:
        line = document.line_of(path.read_text(encoding="utf-8"), [max(given, key=list(said).index)])
        raise Fault(
            f"Here stand {' and '.join(given)}, and a standard has one. Take one out, or write another one.",
            where=f"{path}:{line}",
        )


def _bodies(
    evaluator: Evaluator, said: dict[str, Any], where: str, anew: Homes
) -> tuple[tuple[tuple[Condition | None, Body], ...], tuple[Homes, ...]]:
    """The body, or one for each line of its table `choose` with the keys said anew there; and their homes."""
    model = BODIES[evaluator]
    whole = document.checked(model, said, where, [evaluator], anew)
    names = [of.alias or name for name, of in model.model_fields.items()]
    homes: Homes = {**dict.fromkeys(names, (evaluator,)), "when": (), **anew}
    if not whole.choose:
        return ((None, whole),), (homes,)
    rest = {key: value for key, value in said.items() if key != "choose"}
    lines = [(*homes["choose"], "choose", number) for number in range(len(whole.choose))]
    placed = [{**homes, "when": line, **dict.fromkeys(case.said_anew, line)}
              for line, case in zip(lines, whole.choose, strict=True)]  # fmt: skip
    return tuple(
        (case.when, document.checked(model, {**rest, **case.said_anew}, where, [evaluator], home))
        for case, home in zip(whole.choose, placed, strict=True)
    ), tuple(placed)


def _add(shelf_of: dict[str, Any], name: str, value: Any, noun: str, folder: Path) -> None:
    if name in shelf_of:
        raise Fault(f"The {noun} {name!r} is there already. A pack may add, never replace.", where=str(folder))
    shelf_of[name] = value


def _kinds(folder: Path) -> Iterable[tuple[str, Kind]]:
    for path in sorted((folder / "kinds").glob("*.yaml")):
        for name, said in document.read(path).items():
            yield name, document.checked(Kind, document.plain(said), str(path), [name])


def _states(folder: Path, kinds: Mapping[str, Kind]) -> Iterable[tuple[str, State]]:
    path = folder / "states.yaml"
    if path.is_file():
        for name, said in document.read(path).items():
            state = document.checked(State, said, str(path), [name])
            for misfit in check_state(name, state, kinds):
                line = document.line_of(path.read_text(encoding="utf-8"), misfit.path)
                raise Fault(f"The state {name!r}: {misfit.says}", where=f"{path}:{line}")
            yield name, state


def _danger(folders: Sequence[Path], words: Vocabulary) -> DangerFile | None:
    """What is urgent, as one of the packs says it. Raises Fault for a second one, or what names nothing."""
    files = [folder / "danger.yaml" for folder in folders if (folder / "danger.yaml").is_file()]
    if not files:
        return None
    if len(files) > 1:
        raise Fault(f"{files[0]} says already what is urgent. Leave one of them out.", where=str(files[1]))
    danger = document.checked(DangerFile, document.plain(document.read(files[0])), str(files[0]))
    check_danger(danger, words, files[0])
    return danger


def _vocabulary(kinds: dict[str, Kind], states: dict[str, State], tables: dict[str, Any]) -> Vocabulary:
    ranks = tables.get("ranks", {})
    heights = {rank: height for height, rank in enumerate(ranks.get("order", ()))}
    for alias, said in ranks.get("aliases", {}).items():
        heights[alias] = heights[said["rank"]]
    heights |= {bare(rank): height for rank, height in heights.items()}
    roles = tables.get("roles", {}).get("rows", ())
    return Vocabulary(
        kinds=Kinds(kinds),
        states=states,
        calendar=read_calendar(tables.get("calendar", {"zone": "UTC"})),
        offences={row["code"]: document.plain(row) for row in tables.get("offences", {}).get("rows", ())},
        ranks=heights,
        channels={row["role"]: row["channel"] for row in roles},
        bodies={row["body"]: _names(row) for row in tables.get("roles", {}).get("bodies", ())},
        streams={row["sort"]: row["title"] for row in tables.get("streams", {}).get("rows", ())},
        kin=frozenset(row["role"] for row in roles if row.get("family") or row.get("carer")),
    )


def _names(row: Mapping[str, Any]) -> frozenset[str]:
    """Every name by which a body's own channel goes."""
    return frozenset([row["body"], row["channel"], *row.get("also", ()), *row.get("aliases", ())])
