"""Figures as ratios, in one run: evaluation of one case, a whole review, intake against DuckDB, the report.

make bench              a quick run (10,000 cases)
make bench FULL=1       the size the issue names (100,000 cases)
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from everystone.findings.frames import Instants, case_frame, facts_of
from everystone.findings.reference import Questions, ask
from everystone.findings.review import open_book
from everystone.intake.take import take
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack, load


def one_case(pack: Pack, ledger: Path, as_at: str) -> dict[str, float]:
    """Milliseconds (median) to ask every finished standard of one case held in memory: 30 entries and 2,000."""
    book = open_book(ledger, pack)
    at = pack.words.calendar.span(as_at)[1]
    when, questions = Instants(at, at, book.coverage()), Questions(pack)
    near = [name for name, size in book.sizes() if name.startswith("case/") and 28 <= size <= 32][:40]
    cases = [book.between(name, name) for name in near]
    facts = facts_of({}, pack.words, when)

    def spent(entries: list[Entry]) -> float:
        began = time.perf_counter()
        ask(case_frame("a", entries, pack.words, when, facts), questions)
        return (time.perf_counter() - began) * 1000

    small = statistics.median(min(spent(entries) for _ in range(3)) for entries in cases)
    large = [entry._replace(source=entry.source._replace(key=f"{entry.key}/{copy}"), lo=entry.lo + copy * 86_400,
                            hi=entry.hi + copy * 86_400) for copy in range(67) for entry in cases[0]]  # fmt: skip
    return {
        "ms_for_30_entries": round(small, 2),
        "ms_for_2000_entries": round(min(spent(large[:2000]) for _ in range(3)), 1),
    }


def reviewed(cases: int, folder: Path) -> dict[str, Any]:
    """Seconds and peak memory of a review from Parquet to written findings, on two processes."""
    world = folder / f"world-{cases}"
    run(["synthesise", "--cases", str(cases), "--seed", "1", "--out", str(world)])
    began = time.perf_counter()
    run(["review", str(world), "--mapping", str(world / "mapping.yaml"), "--as-at", "2026-06-30",
         "--audience", "force", "--out", str(folder / f"review-{cases}")])  # fmt: skip
    whole = time.perf_counter() - began
    said = json.loads((folder / f"review-{cases}" / "run.json").read_text())
    return {"cases": cases, "seconds_whole_command": round(whole, 1), "seconds": said["seconds"],
            "ms_per_case": round(said["seconds"]["asking"] / cases * 1000, 2)}  # fmt: skip


def intake(pack: Pack, world: Path, folder: Path) -> dict[str, float]:
    """CSV intake against DuckDB reading the same files and writing them as Parquet: median ratios of three turns."""
    walls, works = [], []
    for turn in range(3):
        began, worked = time.perf_counter(), time.process_time()
        connection = duckdb.connect()
        connection.execute("SET threads=2")
        for file in world.glob("*.csv"):
            connection.execute(
                f"COPY (SELECT * FROM read_csv('{file}', all_varchar=true)) TO '{folder / file.stem}.parquet'"
            )
        connection.close()
        between, done = time.perf_counter(), time.process_time()
        take([world], world / "mapping.yaml", pack, folder / f"taken-{turn}")
        walls.append((time.perf_counter() - between) / (between - began))
        works.append((time.process_time() - done) / (done - worked))
    return {"wall_to_duckdb": round(statistics.median(walls), 1), "cpu_to_duckdb": round(statistics.median(works), 1)}


def run(arguments: list[str]) -> None:
    """The command line, as a user would."""
    subprocess.run([str(Path(sys.executable).parent / "everystone"), *arguments], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Print the figures as JSON."""
    sizes = (10_000, 100_000) if os.environ.get("FULL") else (1_000, 10_000)
    folder = Path(tempfile.mkdtemp(prefix="everystone-bench-"))
    try:
        figures: dict[str, Any] = {"reviews": [reviewed(size, folder) for size in sizes]}
        small, large = figures["reviews"]
        figures["ms_per_case_large_to_small"] = round(large["ms_per_case"] / small["ms_per_case"], 2)
        figures["one_case"] = one_case(load(), folder / f"review-{sizes[0]}" / "ledger", "2026-06-30")
        figures["intake"] = intake(load(), folder / f"world-{sizes[-1]}", folder)
        figures["peak_mb_of_children"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
        figures["report_mb"] = round((folder / f"review-{sizes[1]}" / "report.html").stat().st_size / 1e6, 2)
        print(json.dumps(figures, indent=1))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
