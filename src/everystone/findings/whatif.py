"""What if: what a standard would have said over a time with another figure, beside what today's version says of it.

Both are asked of every duty of the time, whatever version was in force then: the question is what the figure does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import add
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from everystone.findings.answer import NOT_MET
from everystone.findings.cleared import left
from everystone.findings.frames import NAMING, Instants
from everystone.findings.gathering import ALL_CASES, asks_of
from everystone.findings.owed import asked_plainly
from everystone.findings.reference import Questions
from everystone.findings.review import open_book, review
from everystone.findings.some import some
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.civil import CivilDays
from everystone.ledger.fault import Fault
from everystone.standards import document
from everystone.standards.limit import Within
from everystone.standards.pack import Loaded, Pack, standard_from

EVER = "0001-01-01"
OTHER = "what if"  # the reference of the standard with other figures; none of a pack can bear it
FEW = 100_000  # entries of which one process has asked before several have begun
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

    Both are asked in one review of the streams on which they can say anything of that time. `folder` is worked in and
    may be thrown away. Raises Fault as `look_over`.
    """
    loaded = look_over(pack, standard, figures, first, last)
    varied = _varied(pack, loaded, figures)
    folder.mkdir(parents=True, exist_ok=True)
    since, until = pack.words.calendar.start_of(first), pack.words.calendar.end_of(last)
    book = open_book(ledger, varied)
    streams = _left(book, varied, when, since, until, processes)
    if streams == []:
        return []
    _ask(book, streams, varied, when, folder, processes, progress)
    return _gained(folder, standard, since, until, pack.words.calendar)


def look_over(pack: Pack, standard: str, figures: Mapping[str, Within], first: date, last: date) -> Loaded:
    """The standard that is asked about, looked up before anything is read.

    Raises Fault for an unknown standard, a figure that it does not state, or a time that is none.
    """
    if last < first:
        raise Fault(f"The time ends on {last}, before it begins on {first}. Turn the two round.")
    loaded = pack.named(standard)
    if not loaded.standard.finished:
        raise Fault(f"{loaded.id} is not yet finished. `everystone standards list` says which are.")
    _states(loaded, figures)
    return loaded


def figures_of(said: Sequence[str]) -> dict[str, Within]:
    """Figures as they are typed, each named once. Raises Fault for what is none, or is said twice."""
    found: dict[str, Within] = {}
    for each in said:
        key, within = figure(each)
        if key in found:
            raise Fault(f"The figure {key!r} is said twice. Ask with one, then with the other, and compare.")
        found[key] = within
    return found


def today(loaded: Loaded, key: str) -> Within:
    """The figure of a standard as its last version has it; it must be one that `look_over` found."""
    stated: Within = getattr(loaded.versions[-1].bodies[0][1], key)
    return stated


def _ask(
    book: ParquetBook, streams: Sequence[str] | None, varied: Pack, when: Instants, folder: Path, processes: int,
    progress: Callable[[float], None] | None,
) -> None:  # fmt: skip
    """Ask of some streams amid what bears on them; of none in particular, of all on which anything may be said."""
    if streams is None:
        review(book.folder, varied, when, folder, processes=processes, progress=progress, waking=_waking(varied))
        return
    ledger, only = some(book, streams, varied, folder, threads=processes)
    few = sum(size for _, size in open_book(only.streams, varied).sizes()) <= FEW
    review(ledger, varied, when, folder, processes=1 if few else processes, progress=progress, only=only)


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


def _varied(pack: Pack, loaded: Loaded, figures: Mapping[str, Within]) -> Pack:
    """A pack in no folder: one standard with today's figures and with others, and those on whose missed dues it rests."""
    today = _for_ever(loaded, {})
    other = _for_ever(loaded, figures)
    other = replace(other, standard=other.standard.model_copy(update={"id": OTHER}))
    standards = {name: pack.standards[name] for name in _needed(pack, loaded)} | {loaded.id: today, OTHER: other}
    return replace(pack, standards=standards, danger=None, folders=(), shadow=True)


def _for_ever(loaded: Loaded, figures: Mapping[str, Within]) -> Loaded:
    """A standard whose last version holds for ever, with some figures."""
    version = _as_data(loaded.versions[-1].version) | {key: _as_data(value) for key, value in figures.items()}
    version.pop("until", None)
    said = {**_as_data(loaded.standard), "versions": [{**version, "since": EVER}], "stories": []}
    return standard_from(document.plain(said), loaded.path)


def _as_data(model: Any) -> dict[str, Any]:
    said: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return said


def _needed(pack: Pack, loaded: Loaded) -> Iterable[str]:
    questions = Questions(pack, [loaded.id])
    return [each.id for each in questions.ordered if each.id != loaded.id]


def _left(book: ParquetBook, varied: Pack, when: Instants, since: int, until: int, threads: int) -> list[str] | None:
    """The streams in which anything due in the time can be not met; None where all must be asked, or looked at."""
    asked = asked_plainly(Questions(varied))
    if asked is None or any(asks_of(varied, key) for key in ALL_CASES):
        return None
    return left(book, asked, varied.words, when, since, until, threads=threads)


def _waking(varied: Pack) -> frozenset[str]:
    """The kinds without which no stream need be read; none where any may matter, or what is asked is not a stream."""
    questions = Questions(varied)
    kinds = frozenset[str]().union(*(questions.waking_of(each) for each in questions.ordered))
    elsewhere = varied.words.kinds.officer_level | varied.words.kinds.describing | {"any"}  # stand in frames of others
    asked = {question.frame for question in questions.ordered}
    return kinds if asked.isdisjoint(NAMING) and kinds.isdisjoint(elsewhere) else frozenset()


def _gained(folder: Path, standard: str, since: int, until: int, calendar: CivilDays) -> list[Gained]:
    """By team and month of the due instant (today's, where it was missed by that), where one or both said *not met*."""
    rows = duckdb.execute(
        """
        WITH missed AS (SELECT frame, asked_for, trigger, n, team, epoch(due)::BIGINT AS due, standard = $other AS would
                        FROM read_parquet($findings) WHERE standard IN ($standard, $other) AND answer = $answer),
        each AS (SELECT first(team ORDER BY would) AS team, first(due ORDER BY would) AS due,
                 bool_or(NOT would) AS was, bool_or(would) AS would FROM missed GROUP BY frame, asked_for, trigger, n)
        SELECT team, due, count(*) FILTER (was), count(*) FILTER (would AND NOT was), count(*) FILTER (was AND NOT would)
        FROM each WHERE due BETWEEN $first AND $last GROUP BY ALL
        """,
        {"findings": str(folder / "findings.parquet"), "answer": NOT_MET, "standard": standard, "other": OTHER,
         "first": since, "last": until},
    ).fetchall()  # fmt: skip
    found: dict[tuple[str, str], list[int]] = {}
    for team, due, *numbers in rows:
        each = found.setdefault((team, f"{calendar.day_of(due):%Y-%m}"), [0, 0, 0])
        each[:] = map(add, each, numbers)
    return [Gained(team, month, *numbers) for (team, month), numbers in sorted(found.items())]
