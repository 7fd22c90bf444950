"""The mapping file by which the intake reads an invented force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from everystone.synthetic.recipe import Recipe

_PERSON = (
    *("role", "born", "sex", "rank", "detective", "custody", "team", "of", "household_of", "name"),
    "recorded",
)
PEOPLE = ("case", "person", *_PERSON)
OFFICERS = ("officer", *_PERSON)
_LISTS = ("of", "household_of")
_DETAILS = tuple(name for name in _PERSON if name != "recorded")


def mapping(
    recipe: Recipe,
    tables: Sequence[Mapping[str, Any]] | None = None,
    holds: Sequence[Mapping[str, Any]] | None = None,
) -> str:
    """The mapping: what the source holds (all kinds of the force's systems, to the extract's day) and its tables.

    `tables` and `holds` stand instead of those of the force's own files, where it is exported otherwise.
    """
    own = [
        entries_table("records.csv", "officer/", "officer"),
        entries_table("matters.csv", "", "stream"),
        entries_table("entries.csv", "case/", "case"),
    ]
    said: dict[str, Any] = {
        "name": "invented-force",
        "zone": recipe.calendar.zone,
        "channel": {"column": "channel"},
        "as_of": recipe.said["as_at"],
        "holds": list(holds or [{"kinds": sorted(recipe.holds), "to": recipe.said["as_at"]}]),
        "tables": [
            _described("people.csv", "case/", "case", "person", recipe),
            _described("officers.csv", "officer/", "officer", "officer", recipe),
            *(tables or own),
        ],
    }
    text = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width, yaml.sort_base_mapping_type_on_output = None, 110, False  # type: ignore[assignment]
    yaml.dump(said, text)
    return text.getvalue()


def _described(file: str, prefix: str, stream: str, person: str, recipe: Recipe) -> dict[str, Any]:
    keys = [stream] if stream == person else [stream, person]
    fields: dict[str, Any] = {name: {"column": name} for name in _DETAILS}
    fields.update({name: {"column": name, "split": ";"} for name in _LISTS})
    entry = {
        "kind": str(recipe.said["described as"]),
        "stream": {"column": stream, "prefix": prefix},
        "row_key": keys,
        "subjects": {"column": person},
        "happened": {"column": "recorded"},
        "channel": "force",
        "fields": fields,
    }
    return {"file": file, "entries": [entry]}


def entries_table(file: str, prefix: str, stream: str) -> dict[str, Any]:
    """The table of a file whose rows are entries of any kind; `prefix` is what its column `stream` lacks of a stream."""
    entry = {
        "kind": {"column": "kind"},
        "stream": {"column": stream, "prefix": prefix},
        "row_key": ["key"],
        "subjects": {"column": "subjects", "split": ";"},
        "happened": {"column": "happened"},
        "recorded": {"column": "recorded"},
        "by": {"column": "actor"},
        "capacity": {
            "role": {"column": "actor_role"}, "rank": {"column": "actor_rank"}, "team": {"column": "team"},
        },
        "channel": {"column": "channel"},
        **{name: {"column": name} for name in ("corrects", "withdraws", "late_reason", "quote_of")},
        "data": "data",
    }  # fmt: skip
    return {"file": file, "entries": [entry]}
