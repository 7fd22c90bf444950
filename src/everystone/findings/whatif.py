"""What if: what a standard would have said over a time with another figure, beside what today's version says of it.

Both are asked of every duty of the time, whatever version was in force then: the question is what the figure does.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import add
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from everystone.findings.again import apart
from everystone.findings.answer import NOT_MET
from everystone.findings.frames import NAMING, Instants
from everystone.findings.gathering import Only
from everystone.findings.reference import Question, Questions
from everystone.findings.review import open_book, review
from everystone.ledger.civil import CivilDays
from everystone.ledger.fault import Fault
from everystone.standards.limit import Within
from everystone.standards.pack import Loaded, Pack, load

EVER = "0001-01-01"
UNITS = {
    "min": "minutes",
    "h": "hours",
    "d": "days",
    "wd": "working days",
    "sd": "school days",
    "m": "months",
    "y": "years",
}
_FIGURE = re.compile(r"\s*([0-9]{1,5})\s*([a-z ]+?)\s*")


class Gained(NamedTuple):
    """One team and month: duties due, not met by today's figure, not met only by the other, not met no longer."""

    team: str
    month: str
    today: int
    gained: int
    lost: int


def figure(said: str) -> tuple[str, Within]:
    """A figure as it is typed, for instance `within=5wd` or `first=10 working days`. Raises Fault for what is none."""
    key, _, length = said.partition("=")
    found = _FIGURE.fullmatch(length)
    unit = found and UNITS.get(found[2], found[2])
    if not found or unit not in UNITS.values():
        units = ", ".join(f"{short} ({long})" for short, long in UNITS.items())
        raise Fault(f"{said!r} is no figure. Write for instance within=5wd, with one of the units {units}.")
    return key.strip(), Within.model_validate({str(unit): int(found[1])})


def whatif(
    ledger: Path, pack: Pack, when: Instants, standard: str, figures: Mapping[str, Within], first: date, last: date,
    folder: Path, *, processes: int = 2, progress: Callable[[float], None] | None = None,
) -> list[Gained]:  # fmt: skip
    """Ask a standard with today's figures and with others, of every duty due from one civil day to another.

    `folder` is worked in and may be thrown away. Raises Fault for an unknown standard, a figure that it does not state,
    or a time that is none.
    """
    if last < first:
        raise Fault(f"The time ends on {last}, before it begins on {first}. Turn the two round.")
    loaded = pack.standards.get(standard)
    if loaded is None or not loaded.standard.finished:
        raise Fault(
            f"There is no finished standard {standard!r} in these packs. `everystone standards list` names them."
        )
    _states(loaded, figures)
    for half, (name, said) in enumerate((("today", {}), ("if", figures))):
        varied = _varied(pack, loaded, said, folder / name / "packs")
        out = folder / name / "asked"
        out.mkdir(parents=True)
        tell = progress and (lambda share, half=half: progress((half + share) / 2))  # type: ignore[misc]
        only = _only(ledger, varied, standard, folder / "streams")
        review(ledger, varied, when, out, processes=processes, progress=tell, only=only)
    return _gained(folder, standard, first, last, pack.words.calendar)


def _states(loaded: Loaded, figures: Mapping[str, Within]) -> None:
    for key in figures:
        stated = [getattr(body, key, None) for _, body in loaded.versions[-1].bodies]
        if not isinstance(stated[0], Within):
            there = sorted(name for name, value in loaded.versions[-1].body if isinstance(value, Within))
            said = f"It states {', '.join(there)}." if there else "It states none that is one length for all."
            raise Fault(f"{loaded.id} states no figure {key!r}. {said}")
        if any(each != stated[0] for each in stated):
            raise Fault(
                f"The figures {key!r} of {loaded.id} stand in a table, one for each line of it. Change a copy of the "
                "pack, review with both, and compare."
            )


def _varied(pack: Pack, loaded: Loaded, figures: Mapping[str, Within], home: Path) -> Pack:
    """The packs with one standard, and those on whose missed dues it rests; its last version holds for ever."""
    for folder in pack.folders:
        shutil.copytree(
            folder,
            home / folder.name,
            ignore=shutil.ignore_patterns("standards", "stories", "danger.yaml", "force.yaml"),
        )
    last = loaded.versions[-1].version
    version = _as_data(last) | {"since": EVER} | {key: _as_data(value) for key, value in figures.items()}
    version.pop("until", None)
    _write(home / pack.folders[0].name, loaded, {**_as_data(loaded.standard), "versions": [version]})
    for name in _needed(pack, loaded):
        _write(home / pack.folders[0].name, pack.standards[name], _as_data(pack.standards[name].standard))
    return load([str(home / folder.name) for folder in pack.folders])


def _write(folder: Path, loaded: Loaded, said: dict[str, Any]) -> None:
    place = folder / "standards" / loaded.area
    place.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**said, "stories": []}, default=str)  # which is YAML as well
    (place / f"{loaded.id}.yaml").write_text(text, encoding="utf-8")


def _as_data(model: Any) -> dict[str, Any]:
    said: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return said


def _needed(pack: Pack, loaded: Loaded) -> Iterable[str]:
    questions = Questions(pack, [loaded.id])
    return [each.id for each in questions.ordered if each.id != loaded.id]


def _only(ledger: Path, varied: Pack, standard: str, folder: Path) -> Only | None:
    """The streams that hold a trigger, where the standard is asked of streams; None: every frame is asked."""
    questions = [Question(each) for each in varied.finished]
    kinds = [question.trigger_kinds for question in questions]
    if any(question.frame in NAMING for question in questions) or not all(kinds):
        return None
    if not folder.exists():
        wanted = sorted(frozenset().union(*kinds))
        found = open_book(ledger, varied).query(
            "SELECT DISTINCT stream FROM entries WHERE list_contains(?, kind)", [wanted]
        )
        apart(open_book(ledger, varied), [stream for (stream,) in found.fetchall()], folder)
    named = open_book(folder, varied).query("SELECT DISTINCT unnest(names) FROM entries").fetchall()
    return Only(folder, [name for (name,) in named])


def _gained(folder: Path, standard: str, first: date, last: date, calendar: CivilDays) -> list[Gained]:
    """By team and month of the due instant (today's, where it was missed by that), where one or both said *not met*."""
    rows = duckdb.execute(
        """
        WITH said AS (SELECT *, false AS would FROM read_parquet($today) UNION ALL
                      SELECT *, true FROM read_parquet($other)),
        missed AS (SELECT key, team, epoch(due)::BIGINT AS due, would FROM said
                   WHERE standard = $standard AND answer = $answer),
        each AS (SELECT first(team ORDER BY would) AS team, first(due ORDER BY would) AS due,
                 bool_or(NOT would) AS was, bool_or(would) AS would FROM missed GROUP BY key)
        SELECT team, due, count(*) FILTER (was), count(*) FILTER (would AND NOT was), count(*) FILTER (was AND NOT would)
        FROM each WHERE due BETWEEN $first AND $last GROUP BY ALL
        """,
        {"today": str(folder / "today" / "asked" / "findings.parquet"), "answer": NOT_MET, "standard": standard,
         "other": str(folder / "if" / "asked" / "findings.parquet"),
         "first": calendar.start_of(first), "last": calendar.end_of(last)},
    ).fetchall()  # fmt: skip
    found: dict[tuple[str, str], list[int]] = {}
    for team, due, *numbers in rows:
        each = found.setdefault((team, f"{calendar.day_of(due):%Y-%m}"), [0, 0, 0])
        each[:] = map(add, each, numbers)
    return [Gained(team, month, *numbers) for (team, month), numbers in sorted(found.items())]
