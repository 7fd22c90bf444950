"""Reading a file of a pack: YAML 1.2, strict, with the line of everything that cannot be used."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

import ryaml
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from everystone.ledger.fault import Fault

Model = TypeVar("Model", bound=BaseModel)
LONGEST = 2_000_000  # bytes; no file of a pack comes near it


def read(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds.

    Raises Fault with file and line where it is missing, too long, not YAML, or not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise Fault("This file cannot be read. Check its name and that you may open it.", where=str(path)) from fault
    except UnicodeDecodeError as fault:
        raise Fault("This file is not UTF-8 text. Save it as UTF-8.", where=str(path)) from fault
    if len(text) > LONGEST:
        raise Fault(f"This file is longer than {LONGEST:,} characters. Split it.", where=str(path))
    return parse(text, str(path))


def parse(text: str, where: str) -> dict[str, Any]:
    """The mapping in a YAML text; `where` names it in a fault. Dates stay as they are written."""
    try:
        found = ryaml.loads(text)
    except (ryaml.InvalidYamlError, ValueError, RecursionError) as fault:
        raise Fault(
            f"This is not YAML that can be read: {fault}. Mend it there.", where=_marked(text, where)
        ) from fault
    if not isinstance(found, dict):
        raise Fault("This file should hold keys and values, and it does not.", where=where)
    return found


def _marked(text: str, where: str) -> str:
    """The file with the line of the fault; the second reader is slow but knows its lines."""
    try:
        YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as fault:
        return f"{where}:{fault.problem_mark.line + 1}" if fault.problem_mark else where
    except (ValueError, RecursionError):
        return where
    return where


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line (from 1) at which a path of keys stands in a YAML text, or of its nearest parent."""
    node: Any = YAML(typ="rt", pure=True).load(text)
    line = 1
    for step in path:
        marks = getattr(node, "lc", None)
        try:
            line = (marks.item(step)[0] if isinstance(step, int) else marks.key(step)[0]) + 1  # type: ignore[union-attr]
            node = node[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            continue
    return line


def checked(
    model: type[Model], value: Any, where: str, path: Sequence[str | int] = (),
    homes: Mapping[str, Sequence[str | int]] | None = None,
) -> Model:  # fmt: skip
    """The value as a model; Fault names file, line, what stands there and what may.

    `path` is where in the file `value` stands, so that lines are those of the file; `homes` says it of those
    of its keys that stand elsewhere.
    """
    try:
        return model.model_validate(value)
    except ValidationError as fault:
        first = _telling(fault.errors())
        keys = [step for step in first["loc"] if not _names_a_form(step)]
        home = (homes or {}).get(str(keys[0]), path) if keys else path
        line = _line_in_file(where, [*home, *keys])
        shown = " > ".join(str(step) for step in keys) or "it"
        raise Fault(f"{shown}: {_plainly(first, model)}", where=f"{where}:{line}" if line else where) from fault


def _telling(errors: Sequence[Any], depth: int = 0) -> Any:
    """The one of several faults that says most: an unknown key, inside the form most likely meant."""
    if len(errors) == 1 or len(errors[0]["loc"]) <= depth:
        return errors[0]
    groups: dict[str | int, list[Any]] = {}
    for error in errors:
        if len(error["loc"]) > depth:
            groups.setdefault(error["loc"][depth], []).append(error)
    if all(_names_a_form(step) for step in groups):
        best = min(groups.values(), key=lambda each: (any(len(e["loc"]) == depth + 1 for e in each), len(each)))
    else:
        unknown = [each for each in groups.values() if any(e["type"] == "extra_forbidden" for e in each)]
        best = [*unknown, *groups.values()][0]
    return _telling(best, depth + 1)


def _names_a_form(step: str | int) -> bool:
    """Whether a step of a fault's place is no key but one of the forms that a value may take."""
    if isinstance(step, int):
        return False
    return "[" in step or step in {"str", "int", "float", "bool", "none"} or step in _models()


def _models() -> set[str]:
    found, ahead = set[str](), [BaseModel]
    while ahead:
        for each in ahead.pop().__subclasses__():
            found.add(each.__name__)
            ahead.append(each)
    return found


def _keys_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The keys that may stand where a fault's place leads to."""
    here = [model]
    for step in loc:
        named = [each for each in here if isinstance(step, str) and re.search(rf"\b{each.__name__}\b", step)]
        inside = [
            inner for each in here for name, field in each.model_fields.items() if step in (name, field.alias)
            for inner in _models_in(field.annotation)
        ]  # fmt: skip
        here = (named if _names_a_form(step) else inside) or here
    return sorted({field.alias or name for name, field in here[0].model_fields.items()})


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _line_in_file(where: str, steps: Sequence[str | int]) -> int | None:
    try:
        return line_of(Path(where).read_text(encoding="utf-8"), steps)
    except (OSError, MarkedYAMLError):
        return None


def _plainly(error: Any, model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        known = _keys_at(model, error["loc"][:-1])
        near = get_close_matches(str(error["loc"][-1]), known, 1)
        meant = f" Was {near[0]!r} meant?" if near else ""
        return f"this key is not known here.{meant} One may write: {', '.join(known)}."
    if error["type"] == "missing":
        return "this key is missing. Add it."
    said = str(error["msg"]).removeprefix("Value error, ").removesuffix(".")
    return f"{said}. Here stands {str(error.get('input'))[:60]!r}." if error["loc"] else f"{said}."


def plain(value: Any) -> Any:
    """A value of a YAML file as the ledger keeps it: dates as text, everything else as it is."""
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value
