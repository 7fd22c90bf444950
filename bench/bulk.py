"""What a review in bulk costs: against the reference, and against reading the data once. Part of `make bench`.

make bench                              1,000 and 4,000 invented cases
make bench FULL=1                       10,000 and 100,000
python bench/bulk.py 100000 1000000     these, in bulk alone and once, beside reading: printed and not kept (45 minutes)

The measure is DuckDB reading every column of the entries file without narrative, hashed so that nothing is skipped, on the
same machine in the same run; runs are interleaved, and medians of three shown. Processor time is that of all processes, which
find their modules compiled, as anybody's second run does. What a further case costs is told without start-up.
The table goes to docs/performance.md, between its two marks.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np

from everystone import __version__
from run import AS_AT, Cost, cost_of, force_of, stage

RUNS = 3
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
READ = "import duckdb, sys; duckdb.sql(f\"SELECT bit_xor(hash(e)) FROM read_parquet('{sys.argv[1]}/part-*.entries.parquet') e\").fetchall()"
REVIEW = """
import sys
from pathlib import Path
from everystone.findings.frames import Instants
from everystone.findings.review import open_book, review
from everystone.standards.pack import load
ledger, out, engine, as_at = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
pack = load()
at = pack.words.calendar.span(as_at)[1]
out.mkdir()
done = review(ledger, pack, Instants(at, at, open_book(ledger, pack).coverage()), out, processes=2, engine=engine)
print(" / ".join(f"{done.told.get(each, 0):,}" for each in ("proved", "asked", "apart")))
"""
NOTHING = "import duckdb; duckdb.sql('SELECT 1').fetchall()"


class Line(NamedTuple):
    """The medians of one size: reading once, the two evaluators, and how duties were answered in bulk."""

    cases: int
    reading: Cost
    bulk: Cost
    reference: Cost
    told: str


def ledger_of(cases: int, folder: Path) -> Path:
    """An invented force, taken into a ledger."""
    world, ledger = force_of(cases, folder), folder / f"ledger-{cases}"
    stage("take_in", world, ledger)
    shutil.rmtree(world)
    return ledger


def measured(cases: int, folder: Path) -> Line:
    """Run everything three times, in turn."""
    ledger, told = ledger_of(cases, folder), ""
    spent: dict[str, list[Cost]] = {"start": [], "read": [], "bulk": [], "reference": []}
    for run in range(RUNS):
        spent["start"].append(cost_of([sys.executable, "-c", NOTHING])[0])
        spent["read"].append(cost_of([sys.executable, "-c", READ, str(ledger)])[0])
        for engine in ("bulk", "reference"):
            out = folder / f"{engine}-{cases}-{run}"
            cost, said = cost_of([sys.executable, "-c", REVIEW, str(ledger), str(out), engine, AS_AT])
            spent[engine].append(cost)
            told = said.strip() if engine == "bulk" else told
        one, other = (folder / f"{engine}-{cases}-{run}" for engine in ("bulk", "reference"))
        if any(
            (one / each).read_bytes() != (other / each).read_bytes() for each in ("findings.parquet", "counts.parquet")
        ):
            raise SystemExit("the two evaluators wrote something else")
    start, read, bulk, reference = (_median(each) for each in spent.values())
    reading = Cost(
        max(read.seconds - start.seconds, 0.001), max(read.cpu_seconds - start.cpu_seconds, 0.001), read.peak_mb
    )
    print(f"{cases:,} cases: {bulk.seconds:.1f} s in bulk, {reference.seconds:.1f} s by the reference", file=sys.stderr)
    return Line(cases, reading, bulk, reference, told)


def _median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(each) for each in zip(*costs, strict=True)))


def table(lines: list[Line]) -> str:
    """The lines as a table in Markdown, with the machine and the versions."""
    head = (
        "| cases | reading once, processor s | bulk, s (processor s) | reference, s (processor s) | bulk ÷ reference | "
        "bulk ÷ reading, processor time | peak MB, bulk | duties proved met / asked one by one / frames left apart |\n|--:|--:|--:|--:|--:|--:|--:|---|\n"
    )
    rows = [
        f"| {each.cases:,} | {each.reading.cpu_seconds:.2f} | {each.bulk.seconds:.1f} ({each.bulk.cpu_seconds:.1f}) | "
        f"{each.reference.seconds:.1f} ({each.reference.cpu_seconds:.1f}) | "
        f"{each.bulk.cpu_seconds / each.reference.cpu_seconds:.2f} | "
        f"{each.bulk.cpu_seconds / each.reading.cpu_seconds:.0f} | {each.bulk.peak_mb:.0f} | {each.told} |\n"
        for each in lines
    ]
    machine = (
        f"\n{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}, "
        f"NumPy {np.__version__}, Everystone {__version__}; load of the machine at the end {os.getloadavg()[0]:.1f}.\n"
    )
    return head + "".join(rows) + machine


def further(few: Line, many: Line) -> str:
    """What each case beyond those of the first line cost, in processor time."""
    read, bulk, reference = (
        (one.cpu_seconds - other.cpu_seconds) / (many.cases - few.cases) * 1000
        for one, other in zip(many[1:4], few[1:4], strict=True)
    )
    return (
        f"\nOf {many.cases - few.cases:,} further cases each cost {bulk:.2f} ms in bulk, {reference:.2f} ms by the reference and "
        f"{read:.3f} ms to read once: bulk ÷ reference {bulk / reference:.2f}, bulk ÷ reading {bulk / read:.0f}.\n"
    )


def alone(cases: int, folder: Path) -> str:
    """One review in bulk of a size at which nobody waits for the reference, beside the median of three readings."""
    ledger = ledger_of(cases, folder)
    start = _median([cost_of([sys.executable, "-c", NOTHING])[0] for _ in range(RUNS)])
    read = _median([cost_of([sys.executable, "-c", READ, str(ledger)])[0] for _ in range(RUNS)])
    bulk, told = cost_of([sys.executable, "-c", REVIEW, str(ledger), str(folder / f"bulk-{cases}"), "bulk", AS_AT])
    seconds, spent = read.seconds - start.seconds, read.cpu_seconds - start.cpu_seconds
    return (
        f"{cases:,} cases: read once {seconds:.1f} s ({spent:.1f} of processors), in bulk {bulk.seconds:.0f} s ({bulk.cpu_seconds:.0f}), "
        f"{bulk.seconds / seconds:.0f} ({bulk.cpu_seconds / spent:.0f}) times; peak {bulk.peak_mb:.0f} MB; {told.strip()}"
    )


def main() -> None:
    """Measure, print the table, and write it where it stands."""
    if sys.argv[1:]:
        with tempfile.TemporaryDirectory(prefix="everystone-bench-", dir="/var/tmp") as folder:
            for cases in map(int, sys.argv[1:]):
                print(alone(cases, Path(folder)), flush=True)
        return
    sizes = (10_000, 100_000) if os.environ.get("FULL") else (1_000, 4_000)
    with tempfile.TemporaryDirectory(prefix="everystone-bench-") as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"
        lines = [measured(each, Path(folder)) for each in sizes]
    found = table(lines) + further(*lines)
    print(found)
    said = PAGE.read_text(encoding="utf-8")
    before, after = said[: said.index(BEGIN) + len(BEGIN)], said[said.index(END) :]
    PAGE.write_text(f"{before}\n{found}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
