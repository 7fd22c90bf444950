"""Real open data of a police force through a mapping: every row accounted for, and the counts those of pandas."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd

from everystone import read
from tests.conftest import ROOT
from tests.examples.test_logs import answered

HOME = ROOT / "examples" / "city_of_london"


def test_every_row_of_both_files_is_accounted_for(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "police"
    names = ["city-of-london-street.csv.gz", "city-of-london-stop-and-search.csv.gz"]
    extract = read([folder / name for name in names], HOME / "mapping.yaml", tmp_path, [str(HOME)])
    street, searches = (pd.read_csv(folder / name, dtype=str) for name in names)
    assert extract.taken.rejected == 0
    assert extract.taken.rows == {
        names[0]: (len(street), len(street), 0, 0),
        names[1]: (len(searches), len(searches), 0, 0),
    }
    known = street["Crime ID"].notna()
    assert extract.taken.kinds == {
        "crime.published": int(known.sum()),
        "incident.published": int((~known).sum()),
        "outcome.published": int(street["Last outcome category"].notna().sum()),
        "search.made": len(searches),
        "search.resulted": int(searches["Outcome"].notna().sum()),
    }
    streams = Counter(stream.partition("/")[0] for stream in extract.ledger.streams())
    assert streams["case"] == street["Crime ID"].nunique() + int((~known).sum()) + len(searches)
    kinds = Counter(
        (each.kind, each.data.get("type"))
        for each in extract.ledger.between("case/", "case0")
        if each.kind == "crime.published"
    )
    assert {name: n for (_, name), n in kinds.items()} == street[known]["Crime type"].value_counts().to_dict()


def test_searches_without_a_result_are_found(shared: Path, tmp_path: Path) -> None:
    log = shared / "data" / "police" / "city-of-london-stop-and-search.csv.gz"
    given = answered(log, "city_of_london", "2019-06-30", tmp_path)
    blank = pd.read_csv(log, dtype=str)["Outcome"].isna()
    assert given["SCH-01"]["not met no record shows"] == int(blank.sum()) > 0
    assert given["SCH-01"]["met"] == int((~blank).sum())
