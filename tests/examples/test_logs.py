"""Real logs through a mapping: the same numbers as an independent computation with pandas, clock changes included."""

from __future__ import annotations

import gzip
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from everystone import read
from everystone.findings.frames import Instants, frames_of
from everystone.findings.reference import Questions, ask
from everystone.ledger.entry import Entry
from tests.conftest import ROOT, SHARED

LOGS = SHARED / "data" / "event-logs"


def answered(log: Path, example: str, as_at: str, folder: Path) -> dict[str, Counter[str]]:
    """How often each standard of an example is answered what, of a log."""
    home = ROOT / "examples" / example
    extract = read([log], home / "mapping.yaml", folder, [str(home)])
    at = extract.pack.words.calendar.span(as_at)[1]
    streams: dict[str, list[Entry]] = {}
    for entry in extract.ledger.between("case/", "case0"):
        streams.setdefault(entry.stream, []).append(entry)
    questions = Questions(extract.pack)
    counts: dict[str, Counter[str]] = {}
    for frame in frames_of(streams, extract.pack.words, Instants(at, at, extract.ledger.coverage())):
        for each in ask(frame, questions):
            counts.setdefault(each.standard, Counter())[f"{each.answer} {each.reason}".strip()] += 1
    return counts


def rows_of(log: Path) -> pd.DataFrame:
    """A log as pandas sees it: case, name, local time."""
    content = gzip.decompress(log.read_bytes()) if log.suffix == ".gz" else log.read_bytes()
    rows = []
    for trace in ElementTree.fromstring(content).iter():
        if not trace.tag.endswith("trace"):
            continue
        case = next(each.get("value") for each in trace if each.get("key") == "concept:name")
        for entry in trace:
            if entry.tag.endswith("event"):
                values = {each.get("key"): each.get("value") for each in entry}
                rows.append((case, values["concept:name"], values["time:timestamp"]))
    frame = pd.DataFrame(rows, columns=["case", "name", "time"])
    frame["time"] = pd.to_datetime(frame["time"], utc=True).dt.tz_convert("Europe/Rome")
    return frame


def paired(
    frame: pd.DataFrame, first: str, then: str, days: int, exactly: bool = False, order: str = "D"
) -> Counter[str]:
    """Of each entry of one name: met, late or never by the first of another name at or after it (to the day or minute), in civil days."""
    counts: Counter[str] = Counter()
    frame = frame.assign(minute=frame["time"].dt.floor(order), day=frame["time"].dt.tz_localize(None).dt.normalize())
    for _, rows in frame[frame["name"].isin([first, then])].groupby("case"):
        ours, theirs = rows[rows["name"] == first], rows[rows["name"] == then]
        for minute, day in zip(ours["minute"], ours["day"], strict=True):
            gaps = (theirs[theirs["minute"] >= minute]["day"] - day).dt.days
            if exactly:
                gaps = gaps[gaps >= days]
            in_time = (gaps == days).any() if exactly else (gaps <= days).any()
            counts["met" if in_time else "late" if len(gaps) else "never"] += 1
    return counts


def compare(given: Counter[str], expected: Counter[str]) -> None:
    assert given["met"] == expected["met"]
    assert given["not met late by"] == expected["late"]
    # what would have been due only after the end of the log cannot be told: the log could not have held it
    assert given["not met no record shows"] + given["cannot be told not carried"] == expected["never"]


@pytest.mark.parametrize(
    "name", ["roadtraffic100traces.xes", "roadtraffic_1t_per_variant.xes.gz", "roadtraffic100traces.csv"]
)
def test_the_police_fines(shared: Path, tmp_path: Path, name: str) -> None:
    given = answered(LOGS / name, "police_fines", "2014-12-31", tmp_path)
    frame = rows_of(LOGS / name.replace(".csv", ".xes"))
    compare(given["FIN-01"], paired(frame, "Create Fine", "Send Fine", 90))
    compare(given["FIN-02"], paired(frame, "Insert Fine Notification", "Add penalty", 60, exactly=True))
    compare(given["FIN-03"], paired(frame, "Insert Fine Notification", "Insert Date Appeal to Prefecture", 60))


def test_the_help_desk(shared: Path, tmp_path: Path) -> None:
    log = LOGS / "helpdesk.xes.gz"
    given = answered(log, "help_desk", "2014-12-31", tmp_path)
    frame = rows_of(log)
    expected: Counter[str] = Counter()
    for _, rows in frame.groupby("case"):
        theirs = rows[rows["name"] == "Take in charge ticket"]["time"]
        for start in rows[rows["name"] == "Assign seriousness"]["time"]:
            gaps = theirs[theirs.dt.floor("min") >= start.floor("min")] - start
            expected["met" if (gaps <= pd.Timedelta(hours=24)).any() else "late" if len(gaps) else "never"] += 1
    compare(given["HD-01"], expected)
    compare(given["HD-02"], paired(frame, "Resolve ticket", "Closed", 15, order="min"))
