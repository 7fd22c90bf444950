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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from everystone.findings.frames import Instants, case_frame, facts_of
from everystone.findings.reference import Questions, ask
from everystone.findings.review import open_book
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


def one_look(pack: Pack) -> dict[str, float]:
    """How often a text of 200 words could be cut into its words while it is looked at once for all lists."""
    notes = Path(__file__).parents[1] / "tests" / "standards" / "notes"
    words = (notes / "plain.txt").read_text(encoding="utf-8").split()
    texts = [" ".join(words[place : place + 200]) for place in range(0, len(words) - 200, 200)]

    def spent(look: Callable[[str], object]) -> float:
        began = time.process_time()
        for text in texts * 10:
            look(text)
        return (time.process_time() - began) * 100 / len(texts)

    looked, cut = (min(spent(look) for _ in range(5)) for look in (pack.lists.look, str.split))
    return {"ms_for_200_words": round(looked, 3), "times_cutting_into_words": round(looked / cut)}


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
        figures["one_look"] = one_look(load())
        figures["peak_mb_of_children"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
        figures["report_mb"] = round((folder / f"review-{sizes[1]}" / "report.html").stat().st_size / 1e6, 2)
        print(json.dumps(figures, indent=1))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
