"""What earlier releases told, which a reader lays beside this one: numbers by standard, by team and in sentences."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from everystone.account.between import Group, Row, known, view
from everystone.account.disclosure import ALL, THRESHOLD, TOLD, Earlier
from everystone.account.folder import write_text
from everystone.findings.tally import COUNTS
from everystone.ledger.book.rows import write
from everystone.ledger.fault import Fault

#: What was told in sentences by this release and by those before it, the earliest first; and the counts of those before,
#: numbered as they are listed there. So one folder tells of them all.
SAID, COUNTED = "release.json", "earlier.parquet"


class Release(NamedTuple):
    """One release: what is said of it (`as_at` in words, `written_at`, its `figures`) and its counts.parquet."""

    said: Mapping[str, Any]
    counts: pa.Table

    @property
    def figures(self) -> Mapping[str, int]:
        """The numbers of its sentences by name."""
        figures: Mapping[str, int] = self.said["figures"]
        return figures

    def rows(self, view: str) -> dict[str, Row]:
        """Its numbers by "standard" or by "team": for each name the groups of answers and the number of each."""
        other = "team" if view == "standard" else "standard"
        rows: dict[str, Counter[Group]] = {}
        for row in self.counts.to_pylist():
            if row[other] == ALL:
                rows.setdefault(row[view], Counter())[tuple(row["answer"].split(" or "))] += row["n"]
        return dict(rows)

    @property
    def earlier(self) -> Earlier:
        """What follows from it."""
        told = self.rows("standard"), self.rows("team")
        whole: dict[frozenset[str], int] = {}
        for rows in told:
            follows = [known(row, TOLD) for row in rows.values()]
            whole |= {those: sum(row.get(those, 0) for row in follows) for those in set[frozenset[str]]().union(*follows)
                      if all(those in row for row in follows)}  # fmt: skip
        by_standard, by_team = (view(rows, TOLD, whole) for rows in told)
        parts: dict[tuple[str, Group], Counter[Group]] = {}
        for row in self.counts.to_pylist():
            if row["team"] == ALL:
                place = row["standard"], tuple(row["answer"].split(" or "))
                parts.setdefault(place, Counter())[row["version"], row["reason"], row["month"]] += row["n"]
        return Earlier(by_standard, by_team, parts)


def read_releases(folders: Sequence[Path]) -> list[Release]:
    """The releases in some output folders and those that came before each of them, each once, the latest last.

    Raises Fault for a folder that is no release: figures only, for those who oversee or for the public.
    """
    found: dict[str, Release] = {}
    for folder in folders:
        *before, mine = _said(folder)
        for number, each in enumerate(before):
            table = _table(folder / COUNTED, pc.field("release") == number)
            found[json.dumps(each)] = Release(each, table)
        found[json.dumps(mine)] = Release(mine, _table(folder / "counts.parquet"))
    return sorted(found.values(), key=lambda each: each.said["written_at"])


def say_release(
    folder: Path, before: Sequence[Release], as_at: str, written_at: str, figures: Mapping[str, int]
) -> None:
    """Write what this release and those before it told into its folder, for the next one to be compared with."""
    mine = {"as_at": as_at, "written_at": written_at, "figures": dict(figures)}
    write_text(folder / SAID, json.dumps([*(each.said for each in before), mine], indent=1))
    tables = [each.counts.append_column("release", pa.array([number] * each.counts.num_rows, pa.int32()))
              for number, each in enumerate(before)]  # fmt: skip
    if tables:
        write(pa.concat_tables(tables), folder / COUNTED)


def _said(folder: Path) -> list[dict[str, Any]]:
    try:
        said: list[dict[str, Any]] = json.loads((folder / SAID).read_text(encoding="utf-8"))
        if said and all({"as_at", "written_at", "figures"} <= each.keys() for each in said):
            return said
    except (OSError, ValueError, AttributeError, TypeError):
        pass
    raise Fault(
        f"{folder} holds no release. --previous takes the folder that a review for the audience oversight or public "
        f"has written, with its {SAID}."
    )


def _table(path: Path, rows: pc.Expression | None = None) -> pa.Table:
    try:
        table = pq.read_table(path, filters=rows).select(COUNTS.names).cast(COUNTS)
        if all(row["n"] >= THRESHOLD and ALL in (row["standard"], row["team"]) for row in table.to_pylist()):
            return table
    except (OSError, pa.ArrowInvalid, KeyError):
        pass
    raise Fault(f"{path} is not the table of an earlier release. Give its folder as it was written.")
