"""Small numbers protected: what may be told of counts to those who oversee and to the public.

Two views of the same answers are told, each adding up to all of them: by standard (team "all") and by team (standard
"all"). Both are made safe against a reader who knows every total of both, so that neither can be used against the
other. Inside a view a row whose number is small is told together with others; where one of its answers is small, that
answer is told only together with another of the same row, in so many rows that each answer's sum over them is not
small either. Such a reader finds that a hidden number might be anything from its true value to the threshold and
beyond. Nought is told: it is about nobody.

Where there were earlier releases the reader has them too. Whatever sums of both can be laid against each other must
differ by nought or by the threshold; a name of which too little changed is told with others, and its earlier numbers
stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import pyarrow as pa

from everystone.account.between import Group, Known, Row, View, differ_little, known, small, too_near, view
from everystone.account.grain import OTHERS, near, split
from everystone.findings.answer import CANNOT_BE_TOLD, MET, NOT_MET
from everystone.findings.tally import COUNTS

#: Under this no number is told. Ten is the threshold of research outputs of the national statistics service; other
#: bodies use five or eight.
THRESHOLD = 10
ALL = "all"
#: The answers that are told, in the order in which one is joined to another: a gap is joined last, so that it stays
#: visible longest. What is not yet due or does not apply is no outcome and is left out.
TOLD: tuple[str, ...] = (MET, CANNOT_BE_TOLD, NOT_MET)

Told = Mapping[tuple[str, Group], Counter[Group]]  # by standard and answers, the number of each part that was told


class Earlier(NamedTuple):
    """One earlier release: both its views, and the parts that it tells of each number by standard."""

    by_standard: View
    by_team: View
    parts: Told


def safe_counts(
    table: pa.Table, sealed: Collection[str] = (), threshold: int = THRESHOLD, earlier: Sequence[Earlier] = ()
) -> pa.Table:
    """Counts (the columns of counts.parquet) as they may be told: no number under the threshold but nought.

    By standard, further by version, reason and month where the parts are large enough; and by team. Add up one of
    the two views, never both. `sealed` standards are left out, as if they had never been asked. Nor does any number
    differ by less than the threshold from what `earlier` releases told of the same.
    """
    cells = [row for row in table.to_pylist() if row["answer"] in TOLD and row["standard"] not in sealed]
    by_standard, by_team, parts = _counted(cells)
    told_before = [each.parts for each in earlier]
    rows = [
        said
        for standard, row in protected(by_standard, threshold, [each.by_standard for each in earlier]).items()
        for group, n in row.items()
        for said in _parts(standard, group, n, parts, threshold, told_before)
    ]
    for team, row in protected(by_team, threshold, [each.by_team for each in earlier]).items():
        rows += [_said(ALL, (ALL, ALL, ALL), group, team, n) for group, n in row.items()]
    return pa.Table.from_pylist(sorted((row for row in rows if row["n"]), key=_place), COUNTS)


def protected(
    counts: Mapping[str, Mapping[str, int]], threshold: int = THRESHOLD, earlier: Sequence[View] = ()
) -> dict[str, Row]:
    """A table of names by answers as it may be told: for each name the groups of answers and the number of each.

    Names whose numbers are small, or of which too little changed since an `earlier` release, stand as one row, OTHERS.
    Nothing is left of a table that is small altogether, or that changed too little altogether.
    """
    sums: dict[str, int] = {answer: sum(row.get(answer, 0) for row in counts.values()) for answer in TOLD}
    whole = apart(sums, threshold, [each.whole for each in earlier])
    columns, together = list(whole), set[str]()
    while columns:
        rows = {name: _joined(row, columns) for name, row in _pooled(counts, threshold, together).items()}
        least = {name: _at_least(row, columns, threshold, [each.rows[name] for each in earlier if name in each.named])
                 for name, row in rows.items()}  # fmt: skip
        stuck = {name for name, mine in least.items() if mine is None}
        if not stuck:
            hidden = _hidden(rows, columns, threshold, {name: mine or () for name, mine in least.items()})
            told = {name: _told(row, hidden[name]) for name, row in rows.items()}
            now = view(
                told, TOLD, known(whole), [name for name in counts if name not in told and any(counts[name].values())]
            )
            stuck = {name for each in earlier for name in too_near(now, each, threshold)}
            if not stuck:
                return told
        if stuck <= together:
            return {}
        together |= stuck
    return {}


def apart(sums: Mapping[str, int], threshold: int = THRESHOLD, earlier: Sequence[Known] = ()) -> dict[Group, int]:
    """Parts of one whole as they may be told: those that are small, or changed too little, joined to another.

    Parts stand in the order given; the earlier is joined first. Nothing is left where the whole may not be told.
    """
    order = list(sums)
    told: dict[Group, int] = {(part,): n for part, n in sums.items()}
    while told and (column := _untellable(told, threshold, earlier)) is not None:
        partner = next((other for other, n in told.items() if n and other != column), None)
        partner = partner or next((other for other in told if other != column), None)
        if partner is None:
            return {}
        joined = tuple(part for part in order if part in column + partner)
        told = {joined: told.pop(column) + told.pop(partner), **told}
        told = dict(sorted(told.items(), key=lambda each: order.index(each[0][0])))
    return told


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
    standard: str, group: Group, n: int, parts: Mapping[Group, Counter[Group]], threshold: int, earlier: Sequence[Told]
) -> Iterable[dict[str, Any]]:
    """One number by version, reason and month: each part at the finest grain at which it is not small."""
    whole = parts.get((standard, group[0])) if len(group) == 1 else None
    before = [each[standard, group] for each in earlier if (standard, group) in each]
    for finest in (3, 2, 1) if whole is not None else ():
        told = split(whole or Counter(), threshold, finest)
        if not any(near(told, each, whole or (), threshold) for each in before):
            return [_said(standard, part, group, ALL, number) for part, number in told.items()]
    return [_said(standard, (ALL, ALL, ALL), group, ALL, n)]


def _said(standard: str, part: Group, group: Group, team: str, n: int) -> dict[str, Any]:
    version, reason, month = part
    return {"standard": standard, "version": version, "answer": answers_in(group), "reason": reason, "team": team,
            "month": month, "n": n}  # fmt: skip


def _place(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in COUNTS.names if name != "n")


# ---- names by answers ------------------------------------------------------------------------------------------


def _untellable(told: Mapping[Group, int], threshold: int, earlier: Sequence[Known]) -> Group | None:
    """The first part that is small, or of a set that changed too little since an earlier release."""
    if sum(told.values()) < threshold:
        return next(iter(told), None) if sum(told.values()) else None
    now = known(told)
    near = [those for each in earlier for those in sorted(now.keys() & each.keys(), key=len)
            if small(now[those] - each[those], threshold)]  # fmt: skip
    return next((part for part, n in told.items() if small(n, threshold) or (near and near[0] >= {*part})), None)


def _pooled(
    counts: Mapping[str, Mapping[str, int]], threshold: int, together: Collection[str]
) -> dict[str, Mapping[str, int]]:
    """The rows, with those whose sum is small put together (and, if they still are, with the smallest other)."""
    sums = {name: sum(row.get(answer, 0) for answer in TOLD) for name, row in counts.items()}
    pool = [name for name, n in sums.items() if n and (n < threshold or name in together)]
    rest = sorted((name for name, n in sums.items() if n and name not in pool), key=lambda name: (sums[name], name))
    if pool and sum(sums[name] for name in pool) < threshold:
        pool.append(rest.pop(0))
    rows: dict[str, Mapping[str, int]] = {name: counts[name] for name in sorted(rest)}
    if pool:
        rows[OTHERS] = Counter({answer: sum(counts[name].get(answer, 0) for name in pool) for answer in TOLD})
    return rows


def _joined(row: Mapping[str, int], columns: Iterable[Group]) -> dict[Group, int]:
    return {column: sum(row.get(answer, 0) for answer in column) for column in columns}


def _hidden(
    rows: Mapping[str, Row], columns: list[Group], threshold: int, least: Mapping[str, tuple[Group, ...]]
) -> dict[str, tuple[Group, ...]]:
    """For each row the columns that are told together, so that every column's sum over the rows alike is large.

    It ends: at worst all rows hide all columns that hold anything, and those sums are the columns' own.
    """
    hidden = dict(least)
    while (failing := _failing(rows, hidden, threshold)) is not None:
        group, short = failing
        helpers = [name for name, row in rows.items() if not hidden[name] and all(row[column] for column in short)]
        if helpers:
            smallest = min(helpers, key=lambda name: (sum(rows[name][column] for column in group), name))
            hidden[smallest] = group
            continue
        wider = _wider(group, hidden, rows, columns)
        alone = wider == group and set(hidden.values()) <= {group, ()}
        hidden = {name: wider if alone or (mine and {*mine} <= {*wider}) else mine for name, mine in hidden.items()}
    return hidden


def _at_least(row: Row, columns: Sequence[Group], threshold: int, earlier: Sequence[Known]) -> tuple[Group, ...] | None:
    """The columns that have to be told together for the row's own sake; None where not even all of them will do."""
    few = {column for column in columns if small(row[column], threshold)}
    for column in columns if few else ():
        if sum(row[each] for each in few) >= threshold:
            break
        if row[column]:
            few.add(column)
    tries = [tuple(column for column in columns if column in {*few, *more})
             for n in range(len(columns) + 1) for more in combinations(columns, n)]  # fmt: skip
    return next((mine for mine in tries if len(mine) != 1
                 and not any(differ_little(known(_told(row, mine), TOLD), each, threshold) for each in earlier)), None)  # fmt: skip


def _failing(
    rows: Mapping[str, Row], hidden: Mapping[str, tuple[Group, ...]], threshold: int
) -> tuple[tuple[Group, ...], list[Group]] | None:
    """A set of columns told together whose sums over its rows are small in some column, and in which."""
    for group in sorted({mine for mine in hidden.values() if mine}):
        alike = [row for name, row in rows.items() if hidden[name] == group]
        short = [column for column in group if small(sum(row[column] for row in alike), threshold)]
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
