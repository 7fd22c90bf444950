"""Files changed at random, for every reader: each is read or refused in words, quickly and in little memory."""

from __future__ import annotations

import gzip
import io
import json
import random
import resource
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everystone.intake import archive
from everystone.intake.desk import Desk, laid_out
from everystone.intake.mapping import How
from everystone.intake.reading import read
from everystone.intake.rejects import Rejects
from everystone.ledger.fault import Fault
from tests.conftest import PROOF
from tests.intake.gallery_forms import changed as rezipped
from tests.intake.gallery_forms import parquet, sqlite, workbook, zipped
from tests.intake.gallery_texts import GOOD, HEAD
from tests.intake.test_formats import LINES, XML
from tests.intake.test_readers import LOG

TIMES = 100_000 if PROOF else 300
CSV = (HEAD + GOOD * 3 + 'C2,"2024-01-05","a ""b"" c",2,no,"two\nlines"\n').encode()
OCEL = {
    "objectTypes": [{"name": "T", "attributes": [{"name": "a", "type": "string"}]}],
    "eventTypes": [{"name": "made", "attributes": []}],
    "objects": [{"id": "o1", "type": "T", "attributes": [{"name": "a", "time": "2024-01-05", "value": "x"}]}],
    "events": [
        {"id": "e1", "type": "made", "time": "2024-01-05", "relationships": [{"objectId": "o1", "qualifier": "q"}]}
    ],
}
OCEL_XML = """<log><event-types><event-type name="made"/></event-types><objects><object id="o1" type="T"><attributes>
<attribute name="a" time="2024-01-05">x</attribute></attributes></object></objects><events><event id="e1" type="made" time="2024-01-05">
<objects><relationship object-id="o1" qualifier="q"/></objects></event></events></log>"""
OCEL_SQL = """CREATE TABLE event_map_type (ocel_type TEXT, ocel_type_map TEXT); INSERT INTO event_map_type VALUES ('made', 'M');
CREATE TABLE object_map_type (ocel_type TEXT, ocel_type_map TEXT); INSERT INTO object_map_type VALUES ('T', 'T');
CREATE TABLE object (ocel_id TEXT, ocel_type TEXT); INSERT INTO object VALUES ('o1', 'T');
CREATE TABLE object_T (ocel_id TEXT, ocel_time TEXT, a TEXT); INSERT INTO object_T VALUES ('o1', '2024-01-05', 'x');
CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT); INSERT INTO event_object VALUES ('e1', 'o1', 'q');
CREATE TABLE event_M (ocel_id TEXT, ocel_time TEXT); INSERT INTO event_M VALUES ('e1', '2024-01-05')"""
SEEDS: dict[str, tuple[bytes, How]] = {
    "a.csv": (CSV, How()),
    "a.tsv": (CSV.replace(b",", b"\t"), How()),
    "b.csv": (CSV.decode().encode("utf-16"), How()),
    "a.csv.gz": (gzip.compress(CSV), How()),
    "a.xes": ((LOG % "").encode(), How()),
    "a.xlsx": (workbook(HEAD.strip().split(","), ["C1", "2024-01-05", "phone", 3, True, "called"]), How()),
    "a.parquet": (parquet(), How()),
    "a.jsonl": (LINES.encode(), How()),
    "a.xml": (XML.encode(), How(records="Report")),
    "a.jsonocel": (json.dumps(OCEL).encode(), How()),
    "a.xmlocel": (OCEL_XML.encode(), How(records="T")),
    "a.sqlite": (sqlite(OCEL_SQL), How()),
    "a.zip": (zipped(("a.csv", CSV)), How()),
    "a.sql": (b"SELECT a, b FROM c WHERE d = 'e;'", How(connection="NOWHERE")),
}  # fmt: skip
TELLING = [b"\0", b"\xff", b'"', b"'", b",", b"\n", b"\r", b"<", b">", b"&", b"{", b"[", b"]", b"}", b"\\u0000", b"\\ud800", b"1e999", b"PK\x03\x04", b"PAR1",
           b"\xef\xbb\xbf", b"\xed\xa0\x80", b"<!DOCTYPE x>", b"]]>", b"=1+1", "\u202e".encode(), b"\x80" * 9, b"9" * 400]  # fmt: skip


def changed(content: bytes, chance: random.Random) -> bytes:
    """A file with a few changes: bytes turned, cut out, doubled, or put in."""
    whole = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(whole) + 1)
        to = min(len(whole), at + chance.choice((1, 2, 8, 64, 700)))
        how = chance.randrange(6)
        if how == 0 and at < len(whole):
            whole[at] = chance.randrange(256)
        elif how == 1 and at < len(whole):
            whole[at] ^= 1 << chance.randrange(8)
        elif how == 2:
            del whole[at:to]
        elif how == 3:
            whole[at:at] = whole[at:to] * chance.choice((1, 2, 40))
        elif how == 4:
            whole[at:at] = chance.choice(TELLING)
        else:
            del whole[at:]
    return bytes(whole)


def changed_inside(name: str, content: bytes, chance: random.Random) -> bytes:
    """A packed file with changes in what is packed, so that they reach what reads it; any other file changed itself."""
    if name.endswith(".gz"):
        return gzip.compress(changed(gzip.decompress(content), chance))
    if name.endswith((".xlsx", ".zip")):
        with zipfile.ZipFile(io.BytesIO(content)) as whole:
            member = chance.choice(whole.namelist())
            return rezipped(content, **{member: changed(whole.read(member), chance)})
    return changed(content, chance)


def tried(folder: Path, times: int, seed: int) -> Iterator[tuple[str, str, float]]:
    """For each changed file its name, what came of it, and the seconds it took."""
    chance, names = random.Random(seed), sorted(SEEDS)
    with laid_out(folder / "shared") as shared:
        for number in range(times):
            name = names[number % len(names)]
            content, how = SEEDS[name]
            path = folder / name
            path.write_bytes(
                changed_inside(name, content, chance) if chance.random() < 0.5 else changed(content, chance)
            )
            began = time.perf_counter()
            if name.endswith(".parquet"):  # a damaged one may break the database under it
                with laid_out(folder / "own") as desk:
                    outcome = _outcome(desk, number, path, how)
            else:
                outcome = _outcome(shared, number, path, how)
            yield name, outcome, time.perf_counter() - began
            _clear(shared, number)


def _clear(desk: Desk, number: int) -> None:
    for table in (f"laid_{number}", f"rows_{number}", f"asked_{number}"):
        kind = desk.one(f"SELECT table_type FROM information_schema.tables WHERE table_name = '{table}'")
        if kind:
            desk.do(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {table}")


def _outcome(desk: Desk, number: int, path: Path, how: How) -> str:
    try:
        if archive.is_archive(path):
            member = archive.names(path)[0]
            path = archive.unpacked(path, member, desk.folder / f"member_{number}")
        laid = read(desk, number, path, path.name, how, Rejects())
        desk.rows(f"SELECT * FROM {laid.table} LIMIT 5")
    except Fault:
        return "refused"
    return "read"


def test_no_changed_file_does_anything_but_be_read_or_refused(tmp_path: Path, figures: dict[str, Any]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes: dict[str, set[str]] = {}
    slowest = 0.0
    for name, outcome, seconds in tried(tmp_path, TIMES, seed=TIMES):
        outcomes.setdefault(name, set()).add(outcome)
        slowest = max(slowest, seconds)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    figures["fuzz"] = {"files": TIMES, "slowest_seconds": round(slowest, 2), "grown_mb": round(grown)}
    assert set(outcomes) == set(SEEDS)
    assert {each for found in outcomes.values() for each in found} == {"read", "refused"}
    assert slowest < 10
    assert grown < 512
    if TIMES > 10_000:
        assert all(each == {"read", "refused"} for name, each in outcomes.items() if name != "a.sql")


@pytest.mark.parametrize("name", sorted(set(SEEDS) - {"a.sql"}))
def test_the_files_from_which_they_are_made_are_sound(tmp_path: Path, name: str) -> None:
    content, how = SEEDS[name]
    (tmp_path / name).write_bytes(content)
    with laid_out(tmp_path) as desk:
        assert _outcome(desk, 0, tmp_path / name, how) == "read"
