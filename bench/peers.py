"""Everystone beside others: the same log, the same answers, processor seconds. Also refresh and Spark.

.venv/bin/python bench/peers.py [CASES]        4,000 cases unless said; about seven minutes on two cores

pm4py and Declare4Py are measured where PEERS names the Python of an environment that has them; nothing is installed:
    python3 -m venv peers && peers/bin/pip install pm4py declare4py pyarrow
    PEERS=peers/bin/python .venv/bin/python bench/peers.py

Runs are interleaved, and medians of three shown. Table and chart go to docs/performance.md, between their two marks.
"""

from __future__ import annotations

import json
import math
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import peers_stages

from everystone.findings import spark
from everystone.ledger.fault import Fault
from run import cost_of, stage

RUNS = 3
SQL = (
    "REC-03",
    "INV-10",
    "SUP-01",
    "SUP-04",
    "SUP-06",
    "SAF-03",
    "CHG-02",
    "OFF-04",
    "MIS-06",
    "CUS-05",
    "CAP-02",
    "LAN-02",
)
PANDAS = ("REC-03", "SUP-04", "CUS-05", "CAP-02", "CHG-02")
#: Failings of the invented force that the twelve standards find, so that the answers that are held together are not few.
FAILINGS = (
    "shrugging",
    "missing-waved-through",
    "disposal-without-assessment",
    "silent-cases",
    "untrained-interviewer",
    "never-registered",
)
FEW = 2_000  # cases of the log that Declare4Py is given
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
CHART = PAGE.with_name("performance-peers.svg")
BEGIN, END = "<!-- peers -->", "<!-- /peers -->"
CONSTRAINTS = json.dumps([peers_stages.RESPONSES, peers_stages.PRECEDENCES])


class Beside(NamedTuple):
    """One comparison: processor seconds of ours and of theirs, rules, entries of each, whether the answers are the same."""

    what: str
    ours: float
    theirs: float
    rules: int
    entries: int
    of_theirs: int
    bar: str
    same: str

    @property
    def each(self) -> tuple[float, float]:
        """Seconds for a rule and a million entries: ours, theirs."""
        return self.ours / self.rules / self.entries * 1e6, self.theirs / self.rules / self.of_theirs * 1e6


class Measured:
    """The stages on one ledger, each a process."""

    def __init__(self, ledger: Path, folder: Path) -> None:
        self.ledger, self.folder, self._made = ledger, folder, 0

    def new(self) -> Path:
        """A place that is not there yet."""
        self._made += 1
        return self.folder / f"out-{self._made}"

    def stage(self, name: str, out: Path, *given: str) -> dict[str, Any]:
        """What a stage says."""
        return _told([sys.executable, peers_stages.__file__, name, str(self.ledger), str(out), *given])

    def in_turn(self, stages: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
        """Some stages, three times in turn: what each said last, its seconds the median."""
        said: dict[str, list[dict[str, Any]]] = {name: [] for name in stages}
        for _ in range(RUNS):
            for name, given in stages.items():
                said[name].append(self.stage(name, self.new(), *given))
        return {name: {**each[-1], "seconds": _median(each)} for name, each in said.items()}


def _median(said: Sequence[Mapping[str, float]]) -> float:
    return statistics.median(each["seconds"] for each in said)


def _told(command: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cost_of(command)[1].strip().splitlines()[-1])
    print(f"{Path(command[1]).stem} {command[2]}: {found}", file=sys.stderr, flush=True)
    return found


# ---- comparisons -----------------------------------------------------------------------------------------------------


def beside_one(
    at: Measured, name: str, standards: Sequence[str], what: str, bar: str, entries: int
) -> tuple[Beside, dict[str, Any]]:
    """Some standards asked by us and by SQL or pandas, three times in turn, and whether both say the same."""
    ours, theirs = list[dict[str, Any]](), list[dict[str, Any]]()
    for _ in range(RUNS):
        out = at.new()
        ours.append(at.stage("ours", out, *standards))
        theirs.append(at.stage(name, out, *standards))
    compared = theirs[-1]["compared"]
    otherwise = {each: said for each, said in compared.items() if said[1] or said[2]}
    same = (
        f"all {sum(said[0] for said in compared.values()):,} not met"
        if not otherwise
        else f"not of {', '.join(otherwise)}"
    )
    return Beside(what, _median(ours), _median(theirs), len(standards), entries, entries, bar, same), theirs[-1]


def beside_declare(at: Measured, python: str, entries: int) -> list[Beside]:
    """Five constraints as standards, beside pm4py and Declare4Py."""
    whole, few = at.folder / "log.parquet", at.folder / "few.parquet"
    of_log, of_few = at.stage("log", whole)["entries"], at.stage("log", few, str(FEW))["entries"]
    script, found = str(Path(__file__).with_name("peers_declare.py")), dict[str, list[dict[str, Any]]]()
    for _ in range(RUNS):
        found.setdefault("ours", []).append(at.stage("declared", at.new()))
        for name, log in (("pm4py", whole), ("declare4py", few)):
            found.setdefault(name, []).append(_told([python, script, name, str(log), CONSTRAINTS]))
    ours, broken = _median(found["ours"]), found["ours"][-1]["broken"]
    same = f"all {sum(broken):,} cases broken" if broken == found["pm4py"][-1]["broken"] else "NOT THE SAME"
    turned = (
        f"turning the log {statistics.median(each['turning'] for each in found['declare4py']):.1f} s more, left out"
    )
    return [
        Beside(f"pm4py {found['pm4py'][-1]['version']} Declare, 5 constraints, log in memory", ours, _median(found["pm4py"]), 5,
               entries, of_log, "≥ 30 times faster", same),
        Beside(f"Declare4Py {found['declare4py'][-1]['version']}, the same, {FEW:,} cases", ours, _median(found["declare4py"]), 5,
               entries, of_few, "≥ 30 times faster", turned),
    ]  # fmt: skip


def refreshed(at: Measured, cases: int) -> list[str]:
    """What a review after new entries costs, of what a whole one does."""
    fresh = max(cases // 1_000, 1)
    said = at.stage("again", at.new(), str(fresh))
    return [
        f"| refresh ÷ full run, {fresh:,} new entries (as many for each case as 1,000 for a million) | {said['seconds']:.1f} ÷ "
        f"{said['whole']:.1f} processor s = {said['seconds'] / said['whole']:.2f} | ≤ 0.1 |"
    ]


def beyond(at: Measured) -> list[str]:
    """The whole pack on two processes of ours and on two of Spark's, start-up included."""
    try:
        spark.look_over()
    except Fault as fault:
        return [f"| Spark | not measured: {fault.public} | – |"]
    cost = {}
    for engine in ("bulk", "spark"):
        command = [sys.executable, peers_stages.__file__, "beyond", str(at.ledger), str(at.new()), engine]
        cost[engine] = cost_of(command)[0]
    ours, theirs = cost["bulk"], cost["spark"]
    return [
        f"| Spark local[2] ÷ two processes, whole pack, start-up included | {theirs.seconds:.0f} ÷ {ours.seconds:.0f} s = "
        f"{theirs.seconds / ours.seconds:.2f}; peak {theirs.peak_mb:.0f} and {ours.peak_mb:.0f} MB | shown |"
    ]


# ---- what is shown ---------------------------------------------------------------------------------------------------


def table(beside: Sequence[Beside]) -> str:
    """The comparisons as a table in Markdown."""
    head = (
        "| beside | ours, processor s | theirs | ours ÷ theirs, a rule and entry | for a rule and a million entries: ours, theirs | bar | the same answers |\n"
        "|---|--:|--:|--:|--:|---|---|\n"
    )
    rows = []
    for each in beside:
        ours, theirs = each.each
        rows.append(
            f"| {each.what} | {each.ours:.1f} | {each.theirs:.2f} | {ours / theirs:.1f} | {ours:.2f}, {theirs:.3f} | {each.bar} | {each.same} |\n"
        )
    return head + "".join(rows)


def chart(beside: Sequence[Beside]) -> str:
    """Seconds for a rule and a million entries, as bars on a scale of tens."""
    bars = [
        bar
        for each in beside
        for bar in (
            (f"Everystone beside {each.what.split(',')[0]}", each.each[0]),
            (each.what.split(",")[0], each.each[1]),
        )
    ]
    low = min(math.floor(math.log10(value)) for _, value in bars)
    high = max(math.ceil(math.log10(value)) for _, value in bars)
    scale, left, said = 420 / max(high - low, 1), 330, []
    for n, (name, value) in enumerate(bars):
        y, width = 34 + n * 24, max((math.log10(value) - low) * scale, 1)
        colour = "#1d70b8" if name.startswith("Everystone") else "#b1b4b6"
        said.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{name}</text>')
        said.append(f'<rect x="{left}" y="{y}" width="{width:.0f}" height="17" fill="{colour}"/>')
        said.append(f'<text x="{left + width + 5:.0f}" y="{y + 13}">{value:.3g}</text>')
    grid = "".join(
        f'<path d="M{left + (ten - low) * scale:.0f} 26V{40 + len(bars) * 24}" stroke="#dee0e2"/>'
        f'<text x="{left + (ten - low) * scale:.0f}" y="20" text-anchor="middle">{10.0**ten:g}</text>' for ten in range(low, high + 1)
    )  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 {48 + len(bars) * 24}" font-family="sans-serif" font-size="12" role="img">'
        "<title>Processor seconds for a rule and a million entries, each step of the scale ten times the one before</title>"
        f'<rect width="100%" height="100%" fill="#fff"/>{grid}{"".join(said)}</svg>\n'
    )


def machine() -> str:
    """The machine and the versions."""
    versions = []
    for name in ("duckdb", "numpy", "pandas", "pyspark", "everystone"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"no {name}")
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {', '.join(versions)}; load of the machine at the "
        f"end {os.getloadavg()[0]:.1f}."
    )


def _ledger(cases: int, folder: Path) -> Path:
    """An invented force with failings, taken into a ledger."""
    world, ledger = folder / "world", folder / "ledger"
    failings = [word for each in FAILINGS for word in ("--failing", each)]
    cost_of(
        [
            str(Path(sys.executable).parent / "everystone"),
            "synthesise",
            "--cases",
            str(cases),
            *failings,
            "--out",
            str(world),
        ]
    )
    stage("take_in", world, ledger)
    shutil.rmtree(world)
    return ledger


def main(cases: int) -> None:
    """Measure, print, and write page and chart."""
    python = os.environ.get("PEERS", "")
    with tempfile.TemporaryDirectory(prefix="everystone-peers-") as folder:
        at = Measured(_ledger(cases, Path(folder)), Path(folder))
        entries = peers_stages.entries_in(at.ledger)
        by_sql, told = beside_one(at, "sql", SQL, "DuckDB SQL, 12 standards", "≤ 1.5 times", entries)
        by_pandas, _ = beside_one(
            at, "pandas", PANDAS, "pandas, 5 of them, a function each", "≥ 3 times faster", entries
        )
        beside = [by_sql, by_pandas, *(beside_declare(at, python, entries) if python else [])]
        more = [*refreshed(at, cases), *beyond(at)]
    left = "".join(
        f"- {standard}: {said}; {told['compared'][standard][0]:,} the same.\n"
        for standard, said in told["leaves out"].items()
    )
    declare = (
        ""
        if python
        else "\npm4py and Declare4Py were not there: `bench/peers.py` says what to install, in an environment of its own.\n"
    )
    found = (
        f"{cases:,} invented cases, {entries:,} entries; `PEERS=... .venv/bin/python bench/peers.py {cases}`. {machine()}\n\n{table(beside)}{declare}\n"
        f"![Processor seconds for a rule and a million entries](performance-peers.svg)\n\n| | | bar |\n|---|---|---|\n" + "\n".join(more) +
        f"\n\nWhat the SQL leaves out, and how many answers *not met* were the same where that does not matter:\n\n{left}"
    )  # fmt: skip
    print(found)
    CHART.write_text(chart(beside), encoding="utf-8")
    said = PAGE.read_text(encoding="utf-8")
    before, after = said[: said.index(BEGIN) + len(BEGIN)], said[said.index(END) :]
    PAGE.write_text(f"{before}\n{found}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4_000)
