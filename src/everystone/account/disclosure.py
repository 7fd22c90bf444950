"""Small numbers protected: what may be told of counts to those who oversee and to the public.

Two views of the same answers are told, each adding up to all of them: by standard (team "all") and by team (standard
"all"). Both are made safe against a reader who knows every total of both, so that neither can be used against the
other. Inside a view a row whose number is small is told together with others; where one of its answers is small, that
answer is told only together with another of the same row, in so many rows that each answer's sum over them is not
small either. Such a reader finds that a hidden number might be anything from its true value to the threshold and
beyond. Nought is told: it is about nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pyarrow as pa

from everystone.findings.answer import CANNOT_BE_TOLD, MET, NOT_MET
from everystone.findings.tally import COUNTS

#: Under this no number is told. Ten is the threshold of research outputs of the national statistics service; other
#: bodies use five or eight.
THRESHOLD = 10
ALL = "all"
OTHERS = "others together"
#: The answers that are told, in the order in which one is joined to another: a gap is joined last, so that it stays
#: visible longest. What is not yet due or does not apply is no outcome and is left out.
TOLD = (MET, CANNOT_BE_TOLD, NOT_MET)

Group = tuple[str, ...]  # answers told as one number
Row = Mapping[Group, int]


def safe_counts(table: pa.Table, sealed: Collection[str] = (), threshold: int = THRESHOLD) -> pa.Table:
    """Counts (the columns of counts.parquet) as they may be told: no number under the threshold but nought.

    By standard, further by version, reason and month where the parts are large enough; and by team. Add up one of
    the two views, never both. `sealed` standards are left out, as if they had never been asked.
    """
    cells = [row for row in table.to_pylist() if row["answer"] in TOLD and row["standard"] not in sealed]
    by_standard, by_team, parts = _counted(cells)
    rows = [
        said
        for standard, row in protected(by_standard, threshold).items()
        for group, n in row.items()
        for said in _parts(standard, group, n, parts, threshold)
    ]
    for team, row in protected(by_team, threshold).items():
        rows += [_said(ALL, (ALL, ALL, ALL), group, team, n) for group, n in row.items()]
    return pa.Table.from_pylist(sorted((row for row in rows if row["n"]), key=_place), COUNTS)


def protected(counts: Mapping[str, Mapping[str, int]], threshold: int = THRESHOLD) -> dict[str, Row]:
    """A table of names by answers as it may be told: for each name the groups of answers and the number of each.

    Names whose numbers are small stand as one row, OTHERS. Nothing is left of a table that is small altogether.
    """
    columns = _columns(counts, threshold)
    if not columns:
        return {}
    rows = {name: _joined(row, columns) for name, row in _pooled(counts, threshold).items()}
    hidden = _hidden(rows, columns, threshold)
    return {name: _told(row, hidden[name]) for name, row in rows.items()}


def shown(n: int, threshold: int = THRESHOLD) -> str:
    """A number as it may be told in a sentence."""
    return f"{n:,}" if n == 0 or n >= threshold else f"fewer than {threshold}"


def answers_in(group: Group) -> str:
    """A group of answers in words: "met or cannot be told"."""
    return " or ".join(group)


# ---- the parts of one number -----------------------------------------------------------------------------------


def _counted(
    cells: Iterable[Mapping[str, Any]],
) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]], dict[Group, Counter[Group]]]:
    by_standard: dict[str, Counter[str]] = {}
    by_team: dict[str, Counter[str]] = {}
    parts: dict[Group, Counter[Group]] = {}
    for cell in cells:
        standard, answer, n = cell["standard"], cell["answer"], cell["n"]
        by_standard.setdefault(standard, Counter())[answer] += n
        by_team.setdefault(cell["team"], Counter())[answer] += n
        parts.setdefault((standard, answer), Counter())[cell["version"], cell["reason"], cell["month"]] += n
    return by_standard, by_team, parts


def _parts(
    standard: str, group: Group, n: int, parts: Mapping[Group, Counter[Group]], threshold: int
) -> Iterable[dict[str, Any]]:
    """One number by version, reason and month: each part at the finest grain at which it is not small."""
    whole = parts.get((standard, group[0])) if len(group) == 1 else None
    if whole is None:
        return [_said(standard, (ALL, ALL, ALL), group, ALL, n)]
    return [_said(standard, part, group, ALL, number) for part, number in _split(whole, threshold).items()]


def _split(whole: Counter[Group], threshold: int) -> Counter[Group]:
    """Parts that are disjoint, add up to the whole, and are none of them small (the whole is not)."""
    told: Counter[Group] = Counter()
    rest = whole
    for kept in (3, 2, 1, 0):
        coarser: Counter[Group] = Counter()
        for part, n in rest.items():
            coarser[(*part[:kept], *[OTHERS] * (3 - kept))] += n
        told.update({part: n for part, n in coarser.items() if n >= threshold})
        rest = Counter({part: n for part, n in coarser.items() if n < threshold})
    if sum(rest.values()):
        smallest = min(told, key=lambda part: (told[part], part))
        told[(OTHERS,) * 3] = sum(rest.values()) + told.pop(smallest)
    return told


def _said(standard: str, part: Group, group: Group, team: str, n: int) -> dict[str, Any]:
    version, reason, month = part
    return {"standard": standard, "version": version, "answer": answers_in(group), "reason": reason, "team": team,
            "month": month, "n": n}  # fmt: skip


def _place(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in COUNTS.names if name != "n")


# ---- names by answers ------------------------------------------------------------------------------------------


def _small(n: int, threshold: int) -> bool:
    return 0 < n < threshold


def _columns(counts: Mapping[str, Mapping[str, int]], threshold: int) -> list[Group]:
    """The answers as columns; one whose sum over all names is small is joined to another throughout."""
    sums: dict[Group, int] = {(answer,): sum(row.get(answer, 0) for row in counts.values()) for answer in TOLD}
    if sum(sums.values()) < threshold:
        return []
    while few := [column for column, n in sums.items() if _small(n, threshold)]:
        column = few[0]
        partner = next(other for other, n in sums.items() if n and other != column)
        joined = tuple(answer for answer in TOLD if answer in column + partner)
        sums = {joined: sums.pop(column) + sums.pop(partner), **sums}
        sums = dict(sorted(sums.items(), key=lambda each: TOLD.index(each[0][0])))
    return list(sums)


def _pooled(counts: Mapping[str, Mapping[str, int]], threshold: int) -> dict[str, Mapping[str, int]]:
    """The rows, with those whose sum is small put together (and, if they still are, with the smallest other)."""
    sums = {name: sum(row.get(answer, 0) for answer in TOLD) for name, row in counts.items()}
    pool = [name for name, n in sums.items() if _small(n, threshold)]
    rest = sorted((name for name, n in sums.items() if n >= threshold), key=lambda name: (sums[name], name))
    if pool and sum(sums[name] for name in pool) < threshold:
        pool.append(rest.pop(0))
    rows: dict[str, Mapping[str, int]] = {name: counts[name] for name in sorted(rest)}
    if pool:
        rows[OTHERS] = Counter({answer: sum(counts[name].get(answer, 0) for name in pool) for answer in TOLD})
    return rows


def _joined(row: Mapping[str, int], columns: Iterable[Group]) -> dict[Group, int]:
    return {column: sum(row.get(answer, 0) for answer in column) for column in columns}


def _hidden(rows: Mapping[str, Row], columns: list[Group], threshold: int) -> dict[str, tuple[Group, ...]]:
    """For each row the columns that are told together, so that every column's sum over the rows alike is large.

    It ends: at worst all rows hide all columns that hold anything, and those sums are the columns' own.
    """
    hidden = {name: _at_least(row, columns, threshold) for name, row in rows.items()}
    while (failing := _failing(rows, hidden, threshold)) is not None:
        group, short = failing
        helpers = [name for name, row in rows.items() if not hidden[name] and all(row[column] for column in short)]
        if helpers:
            least = min(helpers, key=lambda name: (sum(rows[name][column] for column in group), name))
            hidden[least] = group
            continue
        wider = _wider(group, hidden, rows, columns)
        alone = wider == group and set(hidden.values()) <= {group, ()}
        hidden = {name: wider if alone or (mine and {*mine} <= {*wider}) else mine for name, mine in hidden.items()}
    return hidden


def _at_least(row: Row, columns: Iterable[Group], threshold: int) -> tuple[Group, ...]:
    few = {column for column in columns if _small(row[column], threshold)}
    if not few:
        return ()
    for column in columns:
        if sum(row[each] for each in few) >= threshold:
            break
        if row[column]:
            few.add(column)
    return tuple(column for column in columns if column in few)


def _failing(
    rows: Mapping[str, Row], hidden: Mapping[str, tuple[Group, ...]], threshold: int
) -> tuple[tuple[Group, ...], list[Group]] | None:
    """A set of columns told together whose sums over its rows are small in some column, and in which."""
    for group in sorted({mine for mine in hidden.values() if mine}):
        alike = [row for name, row in rows.items() if hidden[name] == group]
        short = [column for column in group if _small(sum(row[column] for row in alike), threshold)]
        if short:
            return group, short
    return None


def _wider(
    group: tuple[Group, ...],
    hidden: Mapping[str, tuple[Group, ...]],
    rows: Mapping[str, Row],
    columns: Iterable[Group],
) -> tuple[Group, ...]:
    """The group with the columns of the one most like it, else with every column that holds anything."""
    others = sorted(
        {mine for mine in hidden.values() if mine and mine != group},
        key=lambda mine: (len({*group, *mine}), mine),
    )
    union = {*group, *(others[0] if others else ())}
    if not others:
        union |= {column for column in columns if any(row[column] for row in rows.values())}
    return tuple(column for column in columns if column in union)


def _told(row: Row, hidden: tuple[Group, ...]) -> Row:
    told = {column: n for column, n in row.items() if column not in hidden}
    if hidden:
        answers = {answer for column in hidden for answer in column}
        told[tuple(answer for answer in TOLD if answer in answers)] = sum(row[column] for column in hidden)
    return told
