"""A whole invented force asked: what happens in it is answered, and what cannot be told has a reason to act on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from everystone import library
from everystone.findings.answer import CANNOT_BE_TOLD, DOES_NOT_APPLY
from everystone.standards.pack import Pack
from everystone.synthetic import synthesise
from tests.conftest import PROOF

CASES = 4000 if PROOF else 450
TOLD = 0.95
FEW = 40  # answers below which one untold weighs more than the share that may be untold

#: Of what happens, what cannot be told of more than one answer in twenty, and what would tell it.
NOT_TOLD = {
    "SAF-10": "a school day needs the school terms of an area: give the field `area`, and the terms in a local pack",
}
#: What never happens in a force of 2,000 cases, and why.
NEVER = {
    "CAP-04": "nobody in it has more than fifteen cases open at once",
    "CHG-04": "reprimands and final warnings ended in 2013, and the force begins in 2019",
    "CON-11": "its version ended in 2015",
    "CON-12": "its version ended in 2017",
    "INS-07": "its version ended in 2017",
}
BESIDE_CASES = {"conduct", "referral", "inspection", "review", "information", "oversight"}


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The review of a healthy force: its folder."""
    folder = tmp_path_factory.mktemp("whole")
    said = synthesise(CASES, 11, folder / "force")
    extract = library.read([folder / "force"], folder / "force" / "mapping.yaml", folder / "ledger")
    assert extract.taken.rejected == 0
    library.review(extract, said["as_at"], folder / "out", processes=1)
    return folder / "out"


@pytest.fixture(scope="module")
def answered(reviewed: Path) -> dict[str, Counter[str]]:
    """How often each standard gave each answer, where its trigger occurred."""
    found: dict[str, Counter[str]] = {}
    rows = duckdb.execute(
        "SELECT standard, answer, sum(n)::INT FROM read_parquet(?) WHERE answer <> ? GROUP BY ALL",
        [str(reviewed / "counts.parquet"), DOES_NOT_APPLY],
    ).fetchall()
    for standard, answer, n in rows:
        found.setdefault(standard, Counter())[answer] = n
    return found


def test_it_is_not_mute(answered: dict[str, Counter[str]], figures: dict[str, Any]) -> None:
    untold = {name: (each[CANNOT_BE_TOLD], each.total()) for name, each in answered.items() if each[CANNOT_BE_TOLD]}
    lacking, of = sum(n for n, _ in untold.values()), sum(each.total() for each in answered.values())
    figures["share of answers that cannot be told, whole invented force"] = round(lacking / of, 5)
    assert lacking / of < 0.005
    mute = {name for name, (n, of) in untold.items() if n > (1 - TOLD) * of and not (n == 1 and of < FEW)}
    assert mute <= set(NOT_TOLD), {name: untold[name] for name in mute - set(NOT_TOLD)}
    if PROOF:
        assert mute == set(NOT_TOLD)


def test_what_cannot_be_told_names_what_would_tell_it(reviewed: Path, pack: Pack) -> None:
    rows = duckdb.execute(
        "SELECT DISTINCT standard, reason, about FROM read_parquet(?) WHERE answer = ?",
        [str(reviewed / "findings.parquet"), CANNOT_BE_TOLD],
    ).fetchall()
    kinds = pack.words.kinds
    known = {*kinds.by_name, *(field for kind in kinds.by_name.values() for field in kind.fields)}
    for standard, reason, about in rows:
        assert reason in ("not recorded", "table") and about and set(about) <= known, (standard, reason, about)


def test_what_happens_beside_the_cases_is_asked_about(answered: dict[str, Counter[str]], pack: Pack) -> None:
    beside = {each.id for each in pack.finished if each.standard.frame in BESIDE_CASES}
    rare = {"CON-10", "CON-13", "CON-15", "INS-10", "REF-02", "REF-05", "REF-08", "REV-08"}
    assert len(beside) > 50
    assert beside - set(answered) <= set(NEVER) | rare


@pytest.mark.proof
def test_every_standard_is_triggered(answered: dict[str, Counter[str]], pack: Pack) -> None:
    assert {each.id for each in pack.finished} - set(answered) == set(NEVER)
