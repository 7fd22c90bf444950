"""All figures as ratios, in one run: a table to read, then the same as JSON.

make bench              up to 4,000 cases: under three minutes
make bench FULL=1       1,000, 10,000 and 100,000 cases: the sizes that the bars are set for

Every stage is a process of its own, so that its seconds, its processor seconds and the memory of all its processes
together can be told apart from ours. Start-up is what a review of the smallest force takes; it is left out of the time
per case, which compares what each further case costs.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from everystone.findings.frames import Instants, case_frame
from everystone.findings.reference import Questions, ask
from everystone.findings.review import facts_from, open_book, review
from everystone.intake.take import take
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack, find, load

AS_AT = "2026-06-30"
LONG = 2_000  # entries of the long case
DAY = 86_400
PACK = "england_wales"
#: The standards that the four first worked cases name, and the rest of the first finished: their bars are tighter.
FIRST = frozenset((Path(__file__).parent / "first_standards.txt").read_text(encoding="utf-8").split())


class Cost(NamedTuple):
    """What a stage took: seconds, processor seconds, and the peak of memory of all its processes together (MB)."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


class Figure(NamedTuple):
    """One line of the table; `least` and `most` are its bar, where it has one."""

    what: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def verdict(self) -> str:
        """Whether it keeps its bar."""
        if self.most is None and self.least is None:
            return ""
        kept = (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)
        return "holds" if kept else "FALLS SHORT"

    @property
    def bar(self) -> str:
        """Its bar in words."""
        return f"at most {self.most:g}" if self.most is not None else f"at least {self.least:g}" if self.least else ""


# ---- stages, each a process of its own ---------------------------------------------------------------------------


def take_in(world: Path, ledger: Path) -> None:
    """From an extract to a ledger; says how many seconds it took once the packs were read."""
    pack = load()
    began = time.perf_counter()
    take([world], world / "mapping.yaml", pack, ledger)
    print(time.perf_counter() - began)


def ask_all(ledger: Path, out: Path) -> None:
    """From Parquet to written findings, on two processes: the whole pack."""
    _ask(ledger, load(), out)


def ask_first(ledger: Path, out: Path) -> None:
    """The same with the first standards only: a copy of the pack that holds no others."""
    with tempfile.TemporaryDirectory(prefix="everystone-bench-pack-") as folder:
        copy = shutil.copytree(find(PACK), Path(folder) / PACK)
        for path in (copy / "standards").rglob("*.yaml"):
            if "-".join(path.stem.split("-")[:2]) not in FIRST:
                path.unlink()
        _ask(ledger, load([str(copy)]), out)


def _ask(ledger: Path, pack: Pack, out: Path) -> None:
    out.mkdir()
    review(ledger, pack, _when(ledger, pack), out, processes=2)


def duck(world: Path, out: Path) -> None:
    """DuckDB reading the same files, every column as text, and writing them as Parquet."""
    began = time.perf_counter()
    for path in sorted(world.glob("*.csv")):
        duckdb.execute(f"COPY (SELECT * FROM read_csv('{path}', all_varchar = true)) TO '{out / path.stem}.parquet'")
    print(time.perf_counter() - began)


def read_in(world: Path, out: Path) -> None:
    """Our reader laying out one file; says how many processor seconds that took."""
    from everystone.intake.desk import laid_out
    from everystone.intake.mapping import How
    from everystone.intake.reading import read
    from everystone.intake.rejects import Rejects

    with laid_out(out) as desk:
        began = time.process_time()
        read(desk, 0, world, world.name, How(), Rejects())
        print(time.process_time() - began)


def duck_reads(world: Path, _: Path) -> None:
    """DuckDB reading one file into a table, every column as text where it is CSV."""
    began = time.process_time()
    reader = "read_parquet(?)" if world.suffix == ".parquet" else "read_csv(?, all_varchar = true)"
    duckdb.execute(f"CREATE TABLE read AS SELECT * FROM {reader}", [str(world)])
    print(time.process_time() - began)


STAGES: dict[str, Callable[[Path, Path], None]] = {
    "take_in": take_in, "ask_all": ask_all, "ask_first": ask_first, "duck": duck, "read_in": read_in, "duck_reads": duck_reads
}  # fmt: skip


def stage(name: str, given: Path, out: Path) -> tuple[Cost, str]:
    """Run a stage; what it cost and what it printed."""
    return cost_of([sys.executable, __file__, name, str(given), str(out)])


def cost_of(command: Sequence[str]) -> tuple[Cost, str]:
    """Run a command and watch it and all that it starts, twenty times a second."""
    before, began, peak = _children_cpu(), time.perf_counter(), 0.0
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while running.poll() is None:
        peak = max(peak, _resident(running.pid))
        time.sleep(0.05)
    said = running.stdout.read() if running.stdout else ""
    if running.returncode:
        raise SystemExit(f"{' '.join(command)} stopped with status {running.returncode}")
    return Cost(time.perf_counter() - began, _children_cpu() - before, peak), said


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(pid: int) -> float:
    """Megabytes that a process and all below it hold in memory, as Linux tells (elsewhere 0)."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return 0.0
    return pages * resource.getpagesize() / 1e6 + sum(_resident(int(child)) for child in children)


# ---- one case ----------------------------------------------------------------------------------------------------


def _when(ledger: Path, pack: Pack) -> Instants:
    at = pack.words.calendar.span(AS_AT)[1]
    return Instants(at, at, open_book(ledger, pack).coverage())


def one_case(ledger: Path, only: Iterable[str] | None = None) -> tuple[float, float]:
    """Milliseconds (median over cases) to ask every standard, or some, of a case in memory: of 30 entries, and a long one."""
    pack = load()
    book, when, questions = open_book(ledger, pack), _when(ledger, pack), Questions(pack, only)
    facts = facts_from(book, pack, when, {})
    near = [name for name, size in book.sizes() if name.startswith("case/") and 28 <= size <= 32][:40]
    cases = [book.between(name, name) for name in near]
    gc.freeze()

    def spent(entries: list[Entry]) -> float:
        began = time.perf_counter()
        ask(case_frame("one", entries, pack.words, when, facts), questions)
        return (time.perf_counter() - began) * 1000

    return (
        statistics.median(min(spent(entries) for _ in range(7)) for entries in cases),
        statistics.median(min(spent(lengthened(entries)) for _ in range(3)) for entries in cases[:9]),
    )


def lengthened(entries: list[Entry]) -> list[Entry]:
    """A long case: one case over and over, each time a day later under keys of its own."""
    copies = LONG // len(entries) + 1
    long = [entry._replace(source=entry.source._replace(key=f"{entry.key}/{copy}"), lo=entry.lo + copy * DAY,
                           hi=entry.hi + copy * DAY, recorded=entry.recorded + copy * DAY)
            for copy in range(copies) for entry in entries]  # fmt: skip
    return long[:LONG]


def one_look(pack: Pack) -> tuple[float, float]:
    """Milliseconds for one look at a text of 200 words, and how often it could be cut into words meanwhile."""
    notes = Path(__file__).parents[1] / "tests" / "standards" / "notes"
    words = (notes / "plain.txt").read_text(encoding="utf-8").split()
    texts = [" ".join(words[place : place + 200]) for place in range(0, len(words) - 200, 200)]

    def spent(look: Callable[[str], object]) -> float:
        began = time.process_time()
        for text in texts * 10:
            look(text)
        return (time.process_time() - began) * 100 / len(texts)

    looked, cut = (min(spent(look) for _ in range(5)) for look in (pack.lists.look, str.split))
    return looked, looked / cut


def readers(world: Path, folder: Path) -> list[Figure]:
    """How fast our readers of CSV and Parquet are against DuckDB reading the same file, in processor time."""
    table = folder / "entries.parquet"
    duckdb.execute(f"COPY (SELECT * FROM read_csv('{world / 'entries.csv'}', all_varchar = true)) TO '{table}'")
    found = []
    for path in (world / "entries.csv", table):
        ours, theirs = (
            min(float(stage(name, path, folder / "read")[1]) for _ in range(3)) for name in ("read_in", "duck_reads")
        )
        found.append(Figure(f"Reading {path.suffix[1:]}, speed against DuckDB", theirs / ours, "times", least=0.1))
    return found


# ---- the run -----------------------------------------------------------------------------------------------------


class Size(NamedTuple):
    """What one invented force cost: taken in, asked the first standards and the whole pack, and read by DuckDB."""

    cases: int
    taken: Cost
    first: Cost
    whole: Cost
    intake_seconds: float
    duckdb_seconds: float


def force_of(cases: int, folder: Path) -> Path:
    """An invented force of so many cases: its folder."""
    world = folder / f"force-{cases}"
    cost_of([str(Path(sys.executable).parent / "everystone"), "synthesise", "--cases", str(cases), "--out", str(world)])
    return world


def measured(cases: int, folder: Path) -> Size:
    """Make an invented force and run every stage on it."""
    world, ledger = force_of(cases, folder), folder / f"ledger-{cases}"
    taken, seconds = stage("take_in", world, ledger)
    quick = [float(stage("duck", world, folder)[1]) for _ in range(3)]
    first, _ = stage("ask_first", ledger, folder / f"first-{cases}")
    whole, _ = stage("ask_all", ledger, folder / f"whole-{cases}")
    print(f"{cases:,} cases: taken in {taken.seconds:.0f} s, asked {first.seconds:.0f} and {whole.seconds:.0f} s",
          file=sys.stderr, flush=True)  # fmt: skip
    return Size(cases, taken, first, whole, float(seconds), min(quick))


class Bars(NamedTuple):
    """What may be needed at most: milliseconds of a short and a long case, milliseconds a case of a large review."""

    short: float
    long: float
    each: float


def asking(what: str, bars: Bars, one: tuple[float, float], sizes: Sequence[tuple[int, Cost]]) -> list[Figure]:
    """The lines of one set of standards; start-up is what the first size costs, the others are set against each other."""
    (few, first), (_, _), (many, large) = sizes
    lines = [
        Figure(f"{what}: one case of 30 entries", one[0], "ms", most=bars.short),
        Figure(f"{what}: one case of {LONG:,} entries", one[1], "ms", most=bars.long),
        Figure(f"{what}: {many:,} cases, Parquet to findings", large.seconds, "s", most=many * bars.each / 1000),
        Figure("  processor time of it", large.cpu_seconds, "s"),
        Figure("  memory of all its processes at the peak", large.peak_mb, "MB", most=1_500),
        Figure(f"  start-up: all of {few:,} cases", first.seconds, "s"),
    ]
    for how in ("seconds", "cpu_seconds"):
        each = [_each_further(sizes[0], size, how) for size in sizes[1:]]
        clock = "time" if how == "seconds" else "processor time"
        lines += [
            Figure(f"  {clock} of a case at {sizes[1][0]:,}", each[0], "ms"),
            Figure(f"  {clock} of a case at {many:,}", each[1], "ms"),
            Figure("    ratio", each[1] / each[0], "times", most=1.15 if how == "seconds" else None),
        ]
    return lines


def intake(large: Size) -> list[Figure]:
    """The lines of taking in, against DuckDB reading and writing the same files."""
    return [
        Figure(f"Taking in {large.cases:,} cases from CSV", large.intake_seconds, "s"),
        Figure("  memory of it at the peak", large.taken.peak_mb, "MB"),
        Figure("  DuckDB reads and writes the same files", large.duckdb_seconds, "s"),
        Figure("  speed against DuckDB", large.duckdb_seconds / large.intake_seconds, "times", least=0.1),
    ]


def _each_further(first: tuple[int, Cost], size: tuple[int, Cost], how: str) -> float:
    """Milliseconds that each case beyond those of the first size took."""
    spent: float = getattr(size[1], how) - getattr(first[1], how)
    return spent / (size[0] - first[0]) * 1000


def shown(lines: Sequence[Figure]) -> str:
    """The table."""
    return "\n".join(f"{each.what:48}{each.value:10.2f} {each.unit:6}{each.bar:14}{each.verdict}" for each in lines)


def main() -> None:
    """Measure, print the table, then the JSON."""
    sizes = (1_000, 10_000, 100_000) if os.environ.get("FULL") else (300, 1_000, 4_000)
    folder = Path(tempfile.mkdtemp(prefix="everystone-bench-"))
    try:
        told = [measured(size, folder) for size in sizes]
        looked, cutting = one_look(load())
        ledger = folder / f"ledger-{sizes[1]}"
        lines = [
            *asking(
                "First standards", Bars(2, 60, 1.2), one_case(ledger, FIRST), [(at.cases, at.first) for at in told]
            ),
            *asking("Whole pack", Bars(5, 150, 2.8), one_case(ledger), [(at.cases, at.whole) for at in told]),
            *intake(told[-1]),
            Figure("One look at a text of 200 words", looked, "ms", most=1),
            Figure("  against cutting it into its words", cutting, "times"),
        ]
    finally:
        shutil.rmtree(folder)
    print(shown(lines))
    said: list[dict[str, Any]] = [{**each._asdict(), "verdict": each.verdict} for each in lines]
    print(json.dumps(said, indent=1))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        STAGES[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
    sys.stdout.flush()
    os._exit(0)  # without the tidying up during which the database's binding would print about itself
