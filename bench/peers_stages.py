"""The stages of peers.py, each a process of its own, which says as JSON what it took (processor seconds) and what it found."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
from peers_sql import prepared, queries

from everystone.findings.again import review_again
from everystone.findings.frames import Instants
from everystone.findings.review import open_book, review
from everystone.ledger.book.parquet import ENTRIES
from everystone.ledger.book.rows import write
from everystone.standards.pack import Loaded, Pack, load, standard_from
from run import AS_AT

#: The same five constraints for everybody: (what is looked for, beside what). A response comes at or after, a
#: precedence at or before.
RESPONSES = [
    ("report.received", "case.closed"),
    ("case.closed", "victim.updated"),
    ("referral.social_care", "strategy.held"),
]
PRECEDENCES = [("case.allocated", "review.done"), ("signoff.closure", "case.closed")]
Rows = set[tuple[str, str]]


def _when(ledger: Path, pack: Pack) -> Instants:
    at = pack.words.calendar.span(AS_AT)[1]
    return Instants(at, at, open_book(ledger, pack).coverage())


@contextmanager
def _spent(found: dict[str, Any]) -> Iterator[None]:
    began, wall = time.process_time(), time.perf_counter()
    yield
    found["seconds"], found["wall"] = time.process_time() - began, time.perf_counter() - wall


def _only(pack: Pack, standards: Mapping[str, Loaded]) -> Pack:
    return replace(pack, standards=dict(standards), danger=None, folders=(), shadow=True)


# ---- twelve standards ------------------------------------------------------------------------------------------------


def ours(ledger: Path, out: Path, *standards: str) -> dict[str, Any]:
    """Some standards asked in bulk on one process, from Parquet to findings."""
    pack, found = load(), dict[str, Any]()
    few = _only(pack, {each: pack.standards[each] for each in standards})
    out.mkdir()
    with _spent(found):
        found["findings"] = review(ledger, few, _when(ledger, pack), out, processes=1).findings
    return found


def sql(ledger: Path, findings: Path, *standards: str) -> dict[str, Any]:
    """The same by SQL, from Parquet to rows; then held against the findings of ours."""
    pack, found, rows = load(), dict[str, Any](), dict[str, list[Any]]()
    now = _when(ledger, pack).as_at
    asked = [each for each in queries() if each.standard in standards]
    with _spent(found):
        connection = prepared(ledger, pack, now)
        for each in asked:
            rows[each.standard] = _run(connection, each.text, now)
    found["compared"] = {
        each.standard: _compared(connection, each, rows[each.standard], findings, now) for each in asked
    }
    found["leaves out"] = {each.standard: each.leaves_out for each in asked}
    return found


def _run(connection: duckdb.DuckDBPyConnection, text: str, now: int) -> list[Any]:
    return connection.execute(text, {"now": now} if "$now" in text else {}).fetchall()


#: Streams in which an entry was withdrawn, or corrected more than once: the SQL knows one correction only.
_KNOTTED = """
    SELECT stream FROM raw WHERE withdraws <> '' OR corrects IN (SELECT key FROM raw WHERE corrects <> '')
    UNION SELECT stream FROM raw WHERE corrects <> '' GROUP BY stream, corrects HAVING count(*) > 1
"""


def _compared(
    connection: duckdb.DuckDBPyConnection, query: Any, rows: Sequence[Any], findings: Path, now: int
) -> list[int]:
    """How many are not met by both, by the SQL alone, by ours alone; where what the SQL leaves out does not matter."""
    apart = {each for (each,) in connection.execute(_KNOTTED).fetchall()}
    apart |= {each for (each,) in _run(connection, query.apart, now)}
    theirs = {(key or stream, person) for stream, key, person in rows if not {stream, person} & apart}
    found = duckdb.execute(
        """SELECT f.frame, f.trigger, f.asked_for, e.stream, e.kind, f.answer FROM read_parquet($findings) f
        JOIN read_parquet($ledger) e ON e.key = f.trigger WHERE f.standard = $standard""",
        {
            "findings": str(findings / "findings.parquet"),
            "ledger": str(_ledger_of(connection)),
            "standard": query.standard,
        },
    ).fetchall()
    missed: Rows = set()
    keyed = bool(rows and rows[0][1]) or not rows
    for frame, trigger, person, stream, kind, answer in found:
        whose = person or (frame.partition("/")[2] if frame.startswith("person/") else "")
        if answer == "not met" and query.of in ("", kind) and not {stream, frame, whose} & apart:
            missed.add((trigger if keyed else stream, whose))
    return [len(theirs & missed), len(theirs - missed), len(missed - theirs)]


def _ledger_of(connection: duckdb.DuckDBPyConnection) -> Path:
    (said,) = connection.execute("SELECT sql FROM duckdb_views() WHERE view_name = 'raw'").fetchall()[0]
    return Path(said.split("'")[1])


def by_pandas(ledger: Path, findings: Path, *_: str) -> dict[str, Any]:
    """Five of them as one function for each rule, loading included; held against the SQL."""
    import peers_pandas

    pack, found = load(), dict[str, Any]()
    now = _when(ledger, pack).as_at
    with _spent(found):
        world = peers_pandas.read(ledger, pack, now)
        rows = {name: rule(world) for name, rule in peers_pandas.RULES.items()}
    connection = prepared(ledger, pack, now)
    told = {each.standard: each.text for each in queries()}
    found["compared"] = {}
    for name, theirs in rows.items():
        same = {(key or stream, person) for stream, key, person in _run(connection, told[name], now)}
        found["compared"][name] = [len(same & theirs), len(theirs - same), len(same - theirs)]
    return found


# ---- five constraints ------------------------------------------------------------------------------------------------


def log(ledger: Path, out: Path, cases: str = "0") -> dict[str, Any]:
    """The entries of (so many) cases as a log of events, for peers that read such."""
    some = f"AND stream IN (SELECT DISTINCT stream FROM e ORDER BY stream LIMIT {int(cases)})" if int(cases) else ""
    pack = load()
    connection = prepared(ledger, pack, _when(ledger, pack).as_at)
    rows = connection.sql(
        f"""SELECT stream AS "case:concept:name", kind AS "concept:name", moment AS "time:timestamp" FROM e
        WHERE starts_with(stream, 'case/') {some.replace("FROM e", "FROM e WHERE starts_with(stream, 'case/')")}
        ORDER BY stream, lo, key"""
    ).to_arrow_table()
    pq.write_table(rows, out)
    return {"entries": rows.num_rows}


def declared(ledger: Path, out: Path, *_: str) -> dict[str, Any]:
    """The five constraints as standards, asked in bulk; in how many cases each is broken."""
    pack, found = load(), dict[str, Any]()
    asked = [("response", *pair) for pair in RESPONSES] + [("precedence", *pair) for pair in PRECEDENCES]
    few = _only(pack, {each.id: each for n, one in enumerate(asked) for each in [_constraint(pack, n, *one)]})
    out.mkdir()
    with _spent(found):
        review(ledger, few, _when(ledger, pack), out, processes=1)
    found["broken"] = [
        duckdb.execute(
            """SELECT count(DISTINCT frame) FROM read_parquet(?) WHERE standard = ? AND answer IN ('not met', 'not yet due')""",
            [str(out / "findings.parquet"), f"DCL-{n:02d}"],
        ).fetchall()[0][0]
        for n in range(len(asked))
    ]
    return found


def _constraint(pack: Pack, number: int, sort: str, first: str, second: str) -> Loaded:
    model = next(each for each in pack.finished if each.standard.evaluator == "response")
    said = {
        "id": f"DCL-{number:02d}", "title": f"{sort} {number}", "asks": "Does one come with the other?",
        "threatens": "justice", "who_acts": "anybody", "first_told": "supervisor",
        "response": {"after": {"kind": first}, "expect": {"kind": second, "same": "case"}, "within": {"years": 10}}
        if sort == "response"
        else {"after": {"kind": second}, "before": "trigger", "expect": {"kind": first, "same": "case"}},
        "versions": [{"since": "0001-01-01", "basis": "local", "checked": "recalled", "confirm": "nothing",
                      "sources": [{"name": "A measure", "read_on": "2026-01-01"}]}],
        "stories": [],
        **{key: value for key, value in json.loads(model.standard.model_dump_json(by_alias=True, exclude_unset=True)).items()
           if key in ("not_asked", "still_possible", "gamed_by")},
    }  # fmt: skip
    return standard_from(said, model.path)


def entries_in(ledger: Path) -> int:
    """How many entries a ledger holds."""
    return sum(pq.read_metadata(part).num_rows for part in ledger.glob("part-*.entries.parquet"))


# ---- what else is measured -------------------------------------------------------------------------------------------


def again(ledger: Path, out: Path, fresh: str) -> dict[str, Any]:
    """A whole review of a ledger that lacks so many entries, then what came since; on one process."""
    pack, found, after = load(), dict[str, Any](), dict[str, Any]()
    book, held = open_book(ledger, pack), out / "ledger"
    held.mkdir(parents=True)
    (out / "review").mkdir()
    if (ledger / "coverage.json").exists():
        shutil.copy(ledger / "coverage.json", held)
    columns = ", ".join(f'"{name}"' for name in ENTRIES.names if name != "number")
    book.query("SELECT * FROM entries").create_view("entries")
    lacking = f"SELECT key FROM entries WHERE corrects = '' ORDER BY hash(key) LIMIT {int(fresh)}"
    for part, which in enumerate(("NOT IN", "IN")):
        if part:
            with _spent(found):
                review_again(held, pack, _when(held, pack), out / "review", processes=1)
        rows = book.query(
            f"SELECT row_number() OVER (ORDER BY number) + {part * 10**9} AS number, {columns} FROM entries "
            f"WHERE key {which} ({lacking}) ORDER BY stream, number"
        ).to_arrow_table()
        write(rows.cast(ENTRIES), held / f"part-{part + 1:05d}.entries.parquet")
    with _spent(after):
        review_again(held, pack, _when(held, pack), out / "review", processes=1)
    return {"seconds": after["seconds"], "whole": found["seconds"]}


def beyond(ledger: Path, out: Path, engine: str) -> dict[str, Any]:
    """The whole pack on two processes: ours, or Spark's."""
    from everystone.findings import spark

    pack, found = load(), dict[str, Any]()
    out.mkdir()
    with _spent(found):
        review(ledger, pack, _when(ledger, pack), out, processes=2, do=spark.run if engine == "spark" else None)
    return found


STAGES: dict[str, Callable[..., dict[str, Any]]] = {
    "ours": ours, "sql": sql, "pandas": by_pandas, "log": log, "declared": declared, "again": again,
    "beyond": beyond,
}  # fmt: skip

if __name__ == "__main__":
    print(json.dumps(STAGES[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])))
