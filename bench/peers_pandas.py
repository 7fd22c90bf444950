"""Five of the twelve standards in the style of the field's validators: pandas, one function for each rule.

They leave out what peers.sql leaves out, and are held against it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from everystone.standards.pack import Pack

COLUMNS = ["stream", "key", "kind", "lo", "recorded", "by", "role", "rank", "subjects", "data", "corrects", "withdraws"]
WHERE = ["stream", "person"]
Rows = set[tuple[str, str]]


class World(NamedTuple):
    """The entries that stand, the same by subject, when everybody is 18, who leads a case when, the instant, some offences."""

    e: pd.DataFrame
    s: pd.DataFrame
    adult: pd.DataFrame
    led: pd.DataFrame
    now: int
    indictable: frozenset[str]


def read(ledger: Path, pack: Pack, now: int) -> World:
    """The ledger in memory."""
    e = pd.concat([pd.read_parquet(each, columns=COLUMNS) for each in sorted(ledger.glob("part-*.entries.parquet"))])
    gone = set(e["corrects"]) | set(e["withdraws"])
    e = e[(e["recorded"] <= now) & (e["lo"] <= now) & ~e["key"].isin(gone)]
    e["key"] = np.where(e["corrects"] == "", e["key"], e["corrects"])
    e["minute"] = e["lo"] // 60
    e["said"] = e["data"].map(json.loads)
    e["height"] = e["rank"].map(pack.words.ranks).fillna(-1)
    s = e.explode("subjects").rename(columns={"subjects": "person"})
    described = s[s["kind"] == "person.described"]
    born = pd.to_datetime(described["said"].map(lambda said: said.get("born")), format="%Y-%m-%d", errors="coerce")
    adult = pd.DataFrame({"person": described["person"], "adult": born + pd.DateOffset(years=18)}).dropna()
    adult = adult.groupby("person", as_index=False)["adult"].max()
    led = pd.concat([_led(e, "case.allocated", "lead"), _led(e, "case.handed_over", "to_person")]).sort_values("lo")
    indictable = frozenset(code for code, row in pack.words.offences.items() if row.get("mode") == "indictable_only")
    return World(e, s, adult, led, now, indictable)


def _field(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame["said"].map(lambda said: said.get(name))


def _led(e: pd.DataFrame, kind: str, field: str) -> pd.DataFrame:
    here = e[e["kind"] == kind]
    return pd.DataFrame({"stream": here["stream"], "lo": here["lo"], "lead": _field(here, field)}).dropna()


def _children(world: World, kind: str) -> pd.DataFrame:
    here = world.s[world.s["kind"] == kind].merge(world.adult, on="person")
    return here[pd.to_datetime(here["lo"], unit="s") < here["adult"]]


def _not_by_lead(world: World, entries: pd.DataFrame) -> pd.DataFrame:
    placed = pd.merge_asof(entries.sort_values("lo"), world.led, on="lo", by="stream")
    return placed[placed["by"] != placed["lead"]]


def _without(asked: pd.DataFrame, met: pd.DataFrame) -> Rows:
    found = set(zip(met["key"], met["person"], strict=True))
    return set(zip(asked["key"], asked["person"], strict=True)) - found


def seen_and_heard(world: World) -> Rows:
    """The child is seen and spoken to."""
    asked = _children(world, "report.received")
    asked["due"] = asked["lo"] + np.where(_field(asked, "child_at_risk_now").eq(True), 7200, 86400)
    asked = asked[asked["due"] < world.now]
    seen = world.s[world.s["kind"] == "child.seen"]
    seen = seen[_field(seen, "how").fillna("in person") == "in person"]
    heard = world.s[world.s["kind"].isin(["child.voice", "interview.declined", "interview.not_held"])]
    heard = heard[(heard["kind"] != "interview.not_held") | _field(heard, "reason").notna()]
    return _in_time(asked, seen) | _in_time(asked, heard)


def _in_time(asked: pd.DataFrame, done: pd.DataFrame) -> Rows:
    both = asked[[*WHERE, "key", "minute", "due"]].merge(
        done[[*WHERE, "lo", "minute"]], on=WHERE, suffixes=("", "_done")
    )
    return _without(asked, both[(both["minute_done"] >= both["minute"]) & (both["lo"] <= both["due"])])


def signed_off(world: World) -> Rows:
    """Closing takes a second person of rank."""
    closed = world.e[world.e["kind"] == "case.closed"].sort_values(["lo", "key"]).assign(person="")
    closed["previous"] = closed.groupby("stream")["lo"].shift().fillna(-1)
    signed = world.e[(world.e["kind"] == "signoff.closure") & (world.e["height"] >= 1)]
    signed = _not_by_lead(world, signed)
    both = closed.merge(signed[["stream", "lo", "minute", "by"]], on="stream", suffixes=("", "_done"))
    met = both[
        (both["minute_done"] <= both["minute"])
        & (both["lo_done"] >= both["previous"])
        & (both["by_done"] != both["by"])
    ]
    return _without(closed, met)


def detention_reviewed(world: World) -> Rows:
    """Detention reviewed at 6 then 9 hours."""
    begun = world.s[world.s["kind"] == "detention.authorised"][[*WHERE, "key", "lo", "minute"]]
    ended = world.s[world.s["kind"] == "release.made"][[*WHERE, "lo", "minute"]]
    both = begun.merge(ended, on=WHERE, suffixes=("", "_end"))
    ends = both[both["minute_end"] >= both["minute"]].groupby(["key", "person"], as_index=False)["lo_end"].min()
    begun = begun.merge(ends, on=["key", "person"], how="left").fillna({"lo_end": world.now})
    done = world.s[(world.s["kind"] == "detention.reviewed") & (world.s["height"] >= 2)]
    done = _not_by_lead(world, done)[[*WHERE, "lo"]].rename(columns={"lo": "at"})
    beats = begun.merge(done, on=WHERE)
    beats = beats[(beats["at"] >= beats["lo"]) & (beats["at"] <= beats["lo_end"])].assign(most=32400)
    beats = pd.concat([begun.assign(at=begun["lo"], most=21600), beats]).sort_values("at")
    following = beats.groupby(["key", "person"])["at"].shift(-1).fillna(beats["lo_end"])
    missed = beats[(following - beats["at"] > beats["most"]) & (beats["at"] + beats["most"] < world.now)]
    return set(zip(missed["key"], missed["person"], strict=True))


COURSES = {
    "interview.abe": ("interviewers", {"abe_interviewing", "achieving best evidence", "specialist child interviewing"}),
    "image.graded": ("grader", {"image_grading", "victim identification"}),
}


def trained(world: World) -> Rows:
    """Interviewer and image grader trained."""
    given = world.s[world.s["kind"] == "training.completed"]
    held = pd.DataFrame({"officer": given["person"], "course": _field(given, "course"),
                         "first": _field(given, "valid_from").fillna(""), "last": _field(given, "valid_to").fillna("9")})  # fmt: skip
    missed: Rows = set()
    for kind, (field, courses) in COURSES.items():
        here = world.e[world.e["kind"] == kind]
        asked = pd.DataFrame({"key": here["key"], "person": "", "officer": _field(here, field),
                              "day": pd.to_datetime(here["lo"], unit="s", utc=True).dt.tz_convert("Europe/London")
                              .dt.strftime("%Y-%m-%d")}).explode("officer").dropna()  # fmt: skip
        both = asked.merge(held[held["course"].isin(courses)], on="officer")
        met = both[(both["first"] <= both["day"]) & (both["day"] <= both["last"])]
        pairs = set(zip(met["key"], met["officer"], strict=True))
        missed |= {
            (key, "")
            for key, officer in zip(asked["key"], asked["officer"], strict=True)
            if (key, officer) not in pairs
        }
    return missed


def prosecutor_first(world: World) -> Rows:
    """No out-of-court disposal for an indictable-only offence without a prosecutor."""
    given = world.s[world.s["kind"] == "disposal.given"]
    given = given[_field(given, "offence_code").isin(world.indictable)].sort_values(["lo", "key"])
    given["previous"] = given.groupby(WHERE)["lo"].shift().fillna(-1)
    decided = world.e[world.e["kind"] == "cps.decided"]
    decided = decided[_field(decided, "decision") == "out_of_court"][["stream", "lo", "minute", "subjects"]]
    both = given.merge(decided, on="stream", suffixes=("", "_done"))
    both = both[(both["minute_done"] <= both["minute"]) & (both["lo_done"] >= both["previous"])]
    named = [not len(those) or person in those for those, person in zip(both["subjects"], both["person"], strict=True)]
    return _without(given, both[np.array(named, bool)])


RULES: dict[str, Callable[[World], Rows]] = {
    "REC-03": seen_and_heard, "SUP-04": signed_off, "CUS-05": detention_reviewed, "CAP-02": trained,
    "CHG-02": prosecutor_first,
}  # fmt: skip
