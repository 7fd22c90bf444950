"""How often each standard was met, not met or could not be told, and the same by team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

import pyarrow as pa

from everystone.account.between import Row, View
from everystone.account.disclosure import TOLD, apart, protected, safe_counts
from everystone.account.grain import OTHERS
from everystone.account.release import Release
from everystone.findings.answer import CANNOT_BE_TOLD, MET, NOT_MET, NOT_YET_DUE
from everystone.findings.explain import STRENGTH
from everystone.findings.found import MARK
from everystone.standards.pack import Loaded, Pack
from everystone.statistics.proportion import Proportion, wilson

ASKED = (MET, NOT_MET, CANNOT_BE_TOLD)
FEWEST = 10  # answers under which a team's share says nothing
NOT_NAMED = "(team not recorded)"
#: What a failing threatens, in the order in which it is told; last the standards that are told together.
THREATENED = {
    "child-safety": "What threatens a child's safety",
    "justice": "What threatens justice",
    "rights": "What threatens somebody's rights",
    "record": "What threatens the record itself",
    "": "Asked too seldom to be told apart",
}


class Tally(NamedTuple):
    """`asked` answers that were due, of which so many not met and so many that cannot be told.

    None is a number that is too small to be told apart. Not yet due is counted beside, not among them.
    """

    asked: int
    not_met: int | None
    untold: int | None
    not_yet_due: int = 0
    found: int = (
        0  # of those that are met, by what a named person found in a text (of small numbers: those that are told)
    )

    @property
    def failing(self) -> Proportion | None:
        """The share not met, with its interval."""
        return None if self.not_met is None or not self.asked else wilson(self.not_met, self.asked)

    @property
    def silent(self) -> Proportion | None:
        """The share that cannot be told, with its interval."""
        return None if self.untold is None or not self.asked else wilson(self.untold, self.asked)

    @property
    def few(self) -> bool:
        """Whether there are too few answers to show a share."""
        return self.asked < FEWEST


class Line(NamedTuple):
    """One standard: its title first, how strongly a finding may be put, what is unconfirmed, what is still possible."""

    title: str
    id: str
    asks: str
    strengths: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    still: str
    tally: Tally


class Before(NamedTuple):
    """What an earlier release told of a standard or team that is not told apart now, because too little changed."""

    name: str
    as_at: str
    tally: Tally


class Totals(NamedTuple):
    """Everything counted: over all, by standard under what it threatens, by team in order of name."""

    whole: Tally
    standards: Mapping[str, list[Line]]
    clean: list[Line]
    idle: list[str]
    teams: list[tuple[str, Tally]]
    asked_of: int
    before: list[Before]

    @property
    def found(self) -> bool:
        """Whether anything is met by what was found in a text."""
        return any(line.tally.found for lines in (*self.standards.values(), self.clean) for line in lines)

    @property
    def scale(self) -> float:
        """The share to which the lines of the teams run: the next tenth above every interval."""
        shares = [share for _, tally in self.teams if not tally.few for share in (tally.failing, tally.silent) if share]
        return ceil(10 * max((share.high for share in shares), default=1.0)) / 10


def totals(
    counts: pa.Table, pack: Pack, sealed: Collection[str], *, safe: bool, releases: Sequence[Release] = ()
) -> Totals:
    """The totals of counts.parquet; `safe` protects small numbers, also against `releases` that were told before.

    `sealed` standards are left out.
    """
    grouped = counts.group_by(["standard", "version", "answer", "reason", "team"]).aggregate([("n", "sum")]).to_pylist()
    rows = [row for row in grouped if row["standard"] not in sealed and row["standard"] in pack.standards]
    earlier = [each.earlier for each in releases]
    by_standard = _tallies(rows, "standard", [each.by_standard for each in earlier], safe=safe)
    by_team = _tallies(rows, "team", [each.by_team for each in earlier], safe=safe)
    if safe:
        found = _found(
            safe_counts(counts, sealed, earlier=earlier).rename_columns({"n": "n_sum"}).to_pylist(), "standard"
        )
        by_standard = {name: tally._replace(found=found.get(name, 0)) for name, tally in by_standard.items()}
    versions = _by([row for row in rows if row["answer"] in ASKED], "standard", "version")
    lines = [
        _line(pack.standards[name], tally, versions.get(name, ()))
        for name, tally in by_standard.items()
        if name != OTHERS
    ]
    if OTHERS in by_standard:
        lines.append(Line("Several standards together", "", "", (), (), "", by_standard[OTHERS]))
    answered = {row["standard"] for row in rows if row["answer"] in ASKED}
    idle = [] if safe else [each.standard.title for each in pack.finished if each.id not in answered | set(sealed)]
    shown = [line for line in lines if line.tally.asked and (line.tally.not_met != 0 or line.tally.untold != 0)]
    return Totals(
        whole=_whole(rows, [each.by_standard.whole for each in earlier], safe=safe),
        standards={what: _ordered(line for line in shown if _threatens(line, pack) == what) for what in THREATENED},
        clean=sorted((line for line in lines if line.tally.asked and line not in shown), key=lambda line: line.title),
        idle=sorted(idle),
        teams=sorted(((name or NOT_NAMED, tally) for name, tally in by_team.items()), key=_alphabetical),
        asked_of=len(answered),
        before=_before(releases, pack, by_standard, by_team),
    )


def _before(
    releases: Sequence[Release], pack: Pack, by_standard: Collection[str], by_team: Collection[str]
) -> list[Before]:
    found: dict[str, Before] = {}
    for release in releases:
        for view, now in (("standard", by_standard), ("team", by_team)):
            for name, row in release.rows(view).items():
                if name not in now and name != OTHERS:
                    called = pack.standards[name].standard.title if name in pack.standards else name or NOT_NAMED
                    found[name] = Before(called, release.said["as_at"], _of_groups(row))
    return sorted(found.values(), key=lambda each: each.name.casefold())


def found_in_texts(counts: pa.Table) -> int:
    """How many answers are met by what a named person found in a text."""
    return sum(row["n"] for row in counts.to_pylist() if row["answer"] == MET and row["reason"] == MARK)


def _by(rows: Iterable[Mapping[str, Any]], column: str, what: str = "answer") -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(row[column], Counter())[row[what]] += row["n_sum"]
    return found


def _whole(rows: Sequence[Mapping[str, Any]], earlier: Sequence[Mapping[frozenset[str], int]], *, safe: bool) -> Tally:
    whole: Counter[str] = Counter()
    for row in rows:
        whole[row["answer"]] += row["n_sum"]
    if safe:
        return _of_groups(apart({answer: whole[answer] for answer in TOLD}, earlier=earlier))
    return _exact(whole, _found(rows, "").get("", 0))


def _tallies(
    rows: Sequence[Mapping[str, Any]], column: str, earlier: Sequence[View], *, safe: bool
) -> dict[str, Tally]:
    counted = _by(rows, column)
    if safe:
        return {name: _of_groups(row) for name, row in protected(counted, earlier=earlier).items()}
    found = _found(rows, column)
    return {name: _exact(row, found.get(name, 0)) for name, row in counted.items()
            if any(row[answer] for answer in (*ASKED, NOT_YET_DUE))}  # fmt: skip


def _found(rows: Iterable[Mapping[str, Any]], column: str) -> Counter[str]:
    """How many answers are met by what was found in a text, by a column ("": in all)."""
    found: Counter[str] = Counter()
    for row in rows:
        if row["answer"] == MET and row["reason"] == MARK:
            found[row[column] if column else ""] += row["n_sum"]
    return found


def _exact(row: Counter[str], found: int) -> Tally:
    return Tally(sum(row[answer] for answer in ASKED), row[NOT_MET], row[CANNOT_BE_TOLD], row[NOT_YET_DUE], found)


def _of_groups(row: Row) -> Tally:
    """A row as it is told; an answer in no group of it is nought."""
    told = {answer for group in row for answer in group}
    n = {answer: row.get((answer,), None if answer in told else 0) for answer in TOLD}
    return Tally(sum(row.values()), n[NOT_MET], n[CANNOT_BE_TOLD])


def _line(loaded: Loaded, tally: Tally, versions: Collection[str]) -> Line:
    asked = [each.version for each in loaded.versions if each.version.since.isoformat() in versions]
    asked = asked or [loaded.versions[-1].version]
    standard, possible = loaded.standard, loaded.standard.still_possible
    return Line(
        standard.title, loaded.id, standard.asks,
        tuple(dict.fromkeys(STRENGTH[version.basis] for version in asked)),
        tuple(dict.fromkeys(version.confirm for version in asked if version.checked != "verified")),
        f"{possible.what[:1].upper()}{possible.what[1:]} ({possible.by})." if possible else "", tally,
    )  # fmt: skip


def _threatens(line: Line, pack: Pack) -> str:
    return pack.standards[line.id].standard.threatens if line.id else ""


def _ordered(lines: Iterable[Line]) -> list[Line]:
    """What is not met and what cannot be told weigh alike."""
    return sorted(lines, key=lambda line: (-(line.tally.not_met or 0) - (line.tally.untold or 0), line.title))


def _alphabetical(team: tuple[str, Any]) -> tuple[bool, str]:
    return team[0] in (OTHERS, NOT_NAMED), team[0].casefold()
