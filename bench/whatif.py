"""What another figure costs: `everystone whatif` on two processes, of a whole year and of a month, start-up included.

python bench/whatif.py 20000 100000 1000000     invented forces of so many cases (the last takes 20 minutes to take in)
python bench/whatif.py FOLDER                   a ledger that is there already

Each is run three times, in turn; medians are printed as a table.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from bulk import ledger_of

from run import AS_AT, Cost, cost_of

RUNS = 3
ASKED = (("INV-01", "within=5wd"), ("SAF-03", "within=3wd"))
TIMES = (("2025-01-01", "2025-12-31"), ("2025-03-01", "2025-03-31"))
WHAT_IF = """
import sys
from datetime import date
from pathlib import Path
from everystone.findings.frames import Instants
from everystone.findings.review import open_book
from everystone.findings.whatif import figure, whatif
from everystone.standards.pack import load
ledger, folder, standard, said, first, last, as_at = sys.argv[1:]
pack = load()
at = pack.words.calendar.span(as_at)[1]
when = Instants(at, at, open_book(Path(ledger), pack).coverage())
rows = whatif(Path(ledger), pack, when, standard, dict([figure(said)]), date.fromisoformat(first), date.fromisoformat(last), Path(folder))
print(*(f"{sum(getattr(row, name) for row in rows):,}" for name in ("today", "gained", "lost")), sep=" / ")
"""


def main() -> None:
    """Measure and print."""
    print("| ledger | standard | due from | to | s | processor s | peak MB | not met today / gained / lost |")
    print("|---|---|---|---|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory(prefix="everystone-bench-", dir="/var/tmp") as folder:
        for each in sys.argv[1:]:
            ledger = ledger_of(int(each), Path(folder)) if each.isdigit() else Path(each)
            runs: dict[tuple[str, ...], list[tuple[Cost, str]]] = {}
            for number in range(RUNS):
                for asked in ((*standard, *time) for standard in ASKED for time in TIMES):
                    work = f"{folder}/{number}-{'-'.join(asked)}"
                    cost = cost_of([sys.executable, "-c", WHAT_IF, str(ledger), work, *asked, AS_AT])
                    runs.setdefault(asked, []).append(cost)
            for (standard, said, first, last), told in runs.items():
                seconds, spent, peak = (
                    statistics.median(column) for column in zip(*(cost for cost, _ in told), strict=True)
                )
                print(f"| {ledger.name} | {standard} {said} | {first} | {last} | {seconds:.1f} | {spent:.1f} | {peak:,.0f} | "
                      f"{told[0][1].strip()} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
