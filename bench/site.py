"""The live site under a working day's load, on a small force and a large one in one run; stops by itself.

    python bench/site.py                          100,000 cases and 1,000; one minute of warming, five measured, for each
    python bench/site.py --cases 25000 --minutes 1 --folder /var/tmp/es-bench

Fifty signed-in people, each a page every five seconds and a write a minute, mixed as in a working day. Both sites are served
at once by gunicorn over one PostgreSQL, on the machine on which this runs; they are asked in turns of half a minute, so that
what else the machine does meets both alike. `--folder` keeps what was made for the next run.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from site_made import Kept, made

PAGE, WRITE = 5.0, 60.0  # seconds between two pages of one person, and between two writes
TURN = 30.0  # seconds for which one site is asked
WORKERS = 4
P95 = {"today": 300, "case": 300, "write": 250}  # milliseconds
RATIO = 1.3
#: What each post opens, of ten pages.
MIX = {
    "investigating officer": ["today"] * 4 + ["case"] * 4 + ["choose", "duty"],
    "supervisor": ["today"] * 3 + ["case"] * 3 + ["board"] * 2 + ["duty", "handover"],
    "duty inspector": ["today"] * 4 + ["case"] * 2 + ["board", "duty", "told", "other-systems"],
}
HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|once|card)"[^>]*value="([^"]*)"')
SEEN = re.compile(r'action="(/case/[^"]+/seen)"(.*?)</form>', re.DOTALL)
PERSON = re.compile(r'name="subjects"[^>]*value="([^"]*)"')
KIND = "safety_plan.made"


class Answered(NamedTuple):
    """One answer: of which sort of page, how many milliseconds it took, its status."""

    sort: str
    took: float
    status: int


class Seat(threading.Thread):
    """Somebody at work on both sites in turns; `at` is the port of the one whose turn it is, 0 to stop."""

    def __init__(self, number: int, turn: Turn) -> None:
        super().__init__(daemon=True)
        self.number, self.turn, self.chance = number, turn, random.Random(number)
        self.answers: dict[tuple[int, str], list[Answered]] = defaultdict(list)

    def run(self) -> None:
        """A page every five seconds, every twelfth time with a write, until the last turn ends."""
        time.sleep(self.number / 50 * PAGE)
        turns = self.number % 12
        while (at := self.turn.site) is not None:
            began = time.monotonic()
            turns += 1
            try:
                self._work(at, write=turns % int(WRITE / PAGE) == 0)
            except (OSError, http.client.HTTPException) as fault:
                self._note(at, Answered(f"fault: {type(fault).__name__}", 0, 599))
            time.sleep(max(0.0, PAGE - (time.monotonic() - began)))

    def _note(self, at: Served, answer: Answered) -> None:
        self.answers[at.cases, self.turn.phase].append(answer)

    def _work(self, at: Served, *, write: bool) -> None:
        seat = at.seats[self.number % len(at.seats)]
        sort = self.chance.choice(MIX[seat["role"]])
        case = self.chance.choice(seat["cases"]) if seat["cases"] else ""
        if write and case:
            self._write(at, seat, case)
            return
        path = {"case": f"/case/{case}", "choose": f"/case/{case}/record"}.get(sort, f"/{sort}")
        if case or sort not in ("case", "choose"):
            self._note(at, self._ask(at, seat, "GET", path, sort)[0])

    def _write(self, at: Served, seat: dict[str, Any], case: str) -> None:
        """Every other time a card that was seen, else an entry by its form."""
        answer, page = self._ask(at, seat, "GET", "/today", "today")
        self._note(at, answer)
        found = SEEN.search(page) if self.chance.random() < 0.5 else None
        if found:
            path, data = found[1], dict(HIDDEN.findall(found[2]))
        else:
            path = f"/case/{case}/record/{KIND}"
            answer, page = self._ask(at, seat, "GET", path, "form")
            self._note(at, answer)
            data = {
                **dict(HIDDEN.findall(page)),
                "happened": "now",
                "do": "record",
                "subjects": (PERSON.findall(page) or [""])[0],
            }
        self._note(at, self._ask(at, seat, "POST", path, "write", data)[0])

    def _ask(self, at: Served, seat: dict[str, Any], method: str, path: str, sort: str,
             data: dict[str, str] | None = None) -> tuple[Answered, str]:  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", at.port, timeout=30)
        head = {"Cookie": f"session={seat['session']}; form={seat.get('form', '')}", "Host": "127.0.0.1"}
        if data is not None:
            head |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"http://127.0.0.1:{at.port}{path}",
            }
        began = time.perf_counter()
        connection.request(method, path, urlencode(data) if data is not None else None, head)
        answer = connection.getresponse()
        page = answer.read().decode()
        took = (time.perf_counter() - began) * 1_000
        for said in answer.headers.get_all("Set-Cookie") or ():
            if said.startswith("form="):
                seat["form"] = said.split(";")[0].removeprefix("form=")
        connection.close()
        return Answered(sort, took, answer.status), page


class Served:
    """One site, served by gunicorn."""

    def __init__(self, path: Path, cases: int, port: int) -> None:
        self.cases, self.port, self.path = cases, port, path
        self.seats: list[dict[str, Any]] = json.loads((path.parent / "seats.json").read_text())
        environment = {**os.environ, "EVERYSTONE_SITE": str(path), "DJANGO_SETTINGS_MODULE": "everystone.web.settings"}
        self.log = (path.parent / "gunicorn.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "everystone.web.wsgi", "--workers", str(WORKERS), "--bind", f"127.0.0.1:{port}",
             "--timeout", "60"], env=environment, stdout=self.log, stderr=self.log)  # fmt: skip

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(600):
            try:
                http.client.HTTPConnection("127.0.0.1", self.port, timeout=60).request("GET", "/sign-in")
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise RuntimeError("the site does not answer; see gunicorn.log")

    def tick(self) -> None:
        """What the timer of a site does every minute."""
        subprocess.run([sys.executable, "-c", "from everystone.cli import main; main()", "tick", str(self.path)],
                       stdout=self.log, stderr=self.log, check=True)  # fmt: skip

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class Timer(threading.Thread):
    """A tick of each site every minute, as in life, until it is stopped."""

    def __init__(self, sites: Sequence[Served]) -> None:
        super().__init__(daemon=True)
        self.sites, self.over = sites, threading.Event()

    def run(self) -> None:
        """Tick, and wait for the next minute."""
        while not self.over.wait(60):
            for site in self.sites:
                site.tick()


class Turn:
    """Whose turn it is, and whether what is answered counts."""

    def __init__(self) -> None:
        self.site: Served | None = None
        self.phase = "warming"


def load(sites: Sequence[Served], warming: float, minutes: float) -> dict[int, list[Answered]]:
    """Everybody at work, warming first; the answers of the measured minutes, by the size of the site."""
    turn, timer = Turn(), Timer(sites)
    turn.site = sites[0]
    timer.start()
    seats = [Seat(number, turn) for number in range(50)]
    for seat in seats:
        seat.start()
    for turn.phase, length in (("warming", warming), ("measured", minutes)):
        for each in range(round(length * 60 / TURN) * len(sites)):
            turn.site = sites[each % len(sites)]
            time.sleep(TURN)
    turn.site = None
    for seat in seats:
        seat.join()
    timer.over.set()
    return {site.cases: [a for seat in seats for a in seat.answers[site.cases, "measured"]] for site in sites}


# ---- what it comes to ----------------------------------------------------------------------------------------------------


def p95(times: Sequence[float]) -> float:
    """The 95th percentile, 0 of nothing."""
    return sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)] if times else 0.0


def table(answers: dict[int, list[Answered]]) -> tuple[str, bool]:
    """The table as Markdown, and whether every bar holds."""
    small, large = sorted(answers)
    sorts = sorted({each.sort for found in answers.values() for each in found})
    lines = [f"| what | n | median, ms | p95, ms ({large:,} cases) | p95, ms ({small:,} cases) | ratio of medians | of p95 | bar | |",
             "|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    fine = True
    for sort in sorts:
        of = {size: [each.took for each in found if each.sort == sort] for size, found in answers.items()}
        if not of[small] or not of[large]:
            lines.append(f"| {sort} | {len(of[large])} | | | | | | | |")
            fine = fine and not sort.startswith("fault")
            continue
        ratios = (statistics.median(of[large]) / statistics.median(of[small]), p95(of[large]) / p95(of[small]))
        kept = sort not in P95 or (p95(of[large]) <= P95[sort] and ratios[0] <= RATIO)
        fine = fine and kept
        bar = f"p95 {P95[sort]} ms, {RATIO} x" if sort in P95 else ""
        lines.append(f"| {sort} | {len(of[large])} | {statistics.median(of[large]):.0f} | {p95(of[large]):.0f} | {p95(of[small]):.0f} "
                     f"| {ratios[0]:.2f} | {ratios[1]:.2f} | {bar} | {'' if not bar else 'holds' if kept else 'FALLS SHORT'} |")  # fmt: skip
    wrong = [each for found in answers.values() for each in found if each.status not in (200, 302)]
    lines.append(f"\nErrors: {len(wrong)} of {sum(map(len, answers.values())):,} answers"
                 f"{' (' + ', '.join(sorted({f'{each.sort} {each.status}' for each in wrong})) + ')' if wrong else ''}.")  # fmt: skip
    return "\n".join(lines), fine and not wrong


def main() -> int:
    """Make what is not there, load it, say what came of it; exit status 1 where a bar does not hold."""
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("--cases", type=int, default=100_000)
    said.add_argument("--beside", type=int, default=1_000)
    said.add_argument("--warming", type=float, default=1)
    said.add_argument("--minutes", type=float, default=5)
    said.add_argument("--folder", type=Path)
    said.add_argument("--out", type=Path, help="Where to write the table, besides printing it.")
    given = said.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="everystone-site-", dir="/var/tmp"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    server, sites = Kept(folder), list[Served]()
    try:
        places = {cases: made(server, folder, cases) for cases in (given.beside, given.cases)}
        sites = [Served(place, cases, 8_860 + n) for n, (cases, place) in enumerate(places.items())]
        for site in sites:
            site.wait()
            site.tick()
        told, fine = table(load(sites, given.warming, given.minutes))
    finally:
        for site in sites:
            site.stop()
        server.end()
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(told)
    if given.out:
        given.out.write_text(told + "\n", encoding="utf-8")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
