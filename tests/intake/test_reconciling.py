"""Every row is used, not wanted or rejected; the order of rows and files changes nothing; the same again adds nothing."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everystone.intake.desk import laid_out
from everystone.intake.narrative import perhaps
from everystone.intake.quoting import text
from everystone.intake.rejects import KEPT, neutral, shown, write_coverage, write_rejects
from everystone.standards.language import Lists, Term, WordList
from everystone.standards.pack import Pack
from tests.intake.taking import Took, took

MAPPING = """
tables:
  - file: "*.csv"
    stream: {column: case}
    row_key: [key]
    where: {case: {not: SKIP}}
    entries: [{kind: report.made, happened: {column: at}, fields: {account: {column: note}, callers: {column: n}}}]
"""
HEAD = ["key", "case", "at", "note", "n"]


def as_csv(rows: list[list[str]]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows([HEAD, *rows])
    return file.getvalue()


def told(found: Took) -> list[dict[str, Any]]:
    """The entries without their numbers."""
    return [{**each, "number": 0} for each in found.entries]


CELLS = st.tuples(
    st.sampled_from(["k1", "k2", "k3", "k4", ""]),
    st.sampled_from(["C1", "C2", "SKIP", "", "C\u202e3"]),
    st.sampled_from(["2024-01-05 10:00", "2024-01", "yesterday", "", "2024-03-31 01:30"]),
    st.sampled_from(["", "called", "=1+1", "x" * 50]),
    st.sampled_from(["", "1", "1.5", "many"]),
).map(list)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(rows=st.lists(CELLS, min_size=1, max_size=12), seed=st.integers(0, 99))
def test_any_rows_reconcile_in_any_order_and_the_same_again_adds_nothing(
    kinds: Pack, tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    found = took(kinds, folder, {"a.csv": as_csv(rows)}, MAPPING)
    counts = found.taken.rows["a.csv"]
    assert counts.read == len(rows) == counts.used + counts.not_wanted + counts.rejected
    assert counts.not_wanted == sum(case == "SKIP" for _, case, *_ in rows)
    assert counts.rejected == found.taken.rejected == len(found.taken.rejects)
    assert len(found.entries) == sum(found.taken.kinds.values())
    again = took(kinds, folder, {"a.csv": as_csv(rows)}, MAPPING)
    assert (again.entries, again.taken.delivery.new) == (found.entries, 0)
    random.Random(seed).shuffle(rows)
    assert told(took(kinds, folder, {"a.csv": as_csv(rows)}, MAPPING, ledger="shuffled")) == told(found)


def test_rows_dealt_out_to_several_files_in_any_order_say_the_same(kinds: Pack, tmp_path: Path) -> None:
    rows = [[f"k{n}", f"C{n % 5}", f"2024-01-{n % 28 + 1:02d}", f"note {n}", str(n)] for n in range(40)]
    whole = took(kinds, tmp_path, {"a.csv": as_csv(rows)}, MAPPING)
    dealt = tmp_path / "dealt"
    dealt.mkdir()
    files = {"b.csv": as_csv(rows[30:]), "a.csv": as_csv(rows[10:30][::-1]), "c.csv": as_csv(rows[:10])}
    assert told(took(kinds, dealt, files, MAPPING)) == told(whole)


def test_one_key_that_says_two_things_is_taken_from_neither_row(kinds: Pack, tmp_path: Path) -> None:
    rows = [["k1", "C1", "2024-01-05", "one", ""], ["k2", "C1", "2024-01-05", "two", ""], ["k1", "C1", "2024-01-05", "other", ""],
            ["k2", "C1", "2024-01-05", "two", ""]]  # fmt: skip
    found = took(kinds, tmp_path, {"a.csv": as_csv(rows)}, MAPPING)
    assert found.rejects == [(2, "row_key", "K02"), (4, "row_key", "K02")]
    assert found.column("key") == ["k2"]
    assert found.taken.repeated == 1


def test_a_correction_that_the_extract_states_itself_is_taken_as_it_says(kinds: Pack, tmp_path: Path) -> None:
    took(kinds, tmp_path, {"a.csv": as_csv([["k1", "C1", "2024-01-05", "one", ""]])}, MAPPING)
    correcting = MAPPING.replace("row_key: [key]", "row_key: [key, n]\n    corrects: {column: key}").replace(
        ", callers: {column: n}", ""
    )
    rows = [["k1", "C1", "2024-01-05", "changed", "2"]]
    corrected = took(kinds, tmp_path, {"a.csv": as_csv(rows)}, correcting)
    assert [(each["key"], each["corrects"]) for each in corrected.entries] == [("k1", ""), ("k1/2", "k1")]


def test_equal_rows_without_a_key_are_not_one_row_said_twice(kinds: Pack, tmp_path: Path) -> None:
    mapping = "tables: [{file: a.csv, entries: [{kind: child.seen, stream: {key: true}, happened: {column: at}}]}]"
    found = took(kinds, tmp_path, {"a.csv": "at\n2024-01-05\n2024-01-05\n2024-01-06\n"}, mapping)
    keys = sorted(found.column("key"))
    assert len({each["stream"] for each in found.entries}) == 3
    assert [key.partition("#")[2] for key in keys].count("2") == 1
    assert took(kinds, tmp_path, {"a.csv": "at\n2024-01-05\n2024-01-05\n2024-01-06\n"}, mapping).taken.repeated == 3


def test_names_that_deceive_the_eye_and_formulas_are_not_let_through(kinds: Pack, tmp_path: Path) -> None:
    rows = [["k1", "C\u202e1", "2024-01-05", "", ""], ["k2", "C\u200b1", "2024-01-05", "", ""], ["k" * 301, "C1", "2024-01-05", "", ""],
            ["=cmd()", "C1", "bad", "", ""], ["k5", "C1", "2024-01-05", "y" * 100_001, ""]]  # fmt: skip
    found = took(kinds, tmp_path, {"a.csv": as_csv(rows)}, MAPPING)
    assert [code for _, _, code in found.rejects] == ["E06", "E06", "E06", "D01", "C07"]
    assert found.entries == []
    write_rejects(found.taken, tmp_path / "rejects.csv")
    write_coverage(found.taken, kinds, tmp_path / "coverage.csv")
    written = list(csv.reader((tmp_path / "rejects.csv").open(encoding="utf-8")))
    assert written[0] == ["file", "row", "column", "code", "says", "do", "value"]
    assert (written[4][:4], written[4][6]) == (["a.csv", "5", "at", "D01"], "bad")
    assert (tmp_path / "rejects.csv").stat().st_mode & 0o077 == 0
    assert neutral("=1+1") == "'=1+1"
    assert shown("a\u202eb\0") == "a<U+202E>b<U+0000>"
    assert len(shown("x" * 99)) == 40
    assert KEPT >= 100_000


def test_a_reference_in_one_alphabet_is_let_through_whichever_it_is(kinds: Pack, tmp_path: Path) -> None:
    rows = [
        ["k1", "Дело-1", "2024-01-05", "", ""],
        ["k2", "Ω2", "2024-01-05", "", ""],
        ["k3", "Ré-é3", "2024-01-05", "µ in a text", ""],
    ]
    found = took(kinds, tmp_path, {"a.csv": as_csv(rows)}, MAPPING)
    assert found.rejects == []
    assert found.column("stream") == ["case/Ré-é3", "case/Ω2", "case/Дело-1"]


def test_a_stopped_run_leaves_nothing_half_taken(kinds: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    rows = as_csv([["k1", "C1", "2024-01-05", "one", ""]])
    with monkeypatch.context() as patch:
        patch.setattr("everystone.ledger.book.parquet.ParquetBook.hold", stopped)
        with pytest.raises(KeyboardInterrupt):
            took(kinds, tmp_path, {"a.csv": rows}, MAPPING)
    assert not list((tmp_path / "ledger").iterdir())
    assert took(kinds, tmp_path, {"a.csv": rows}, MAPPING).column("key") == ["k1"]


LISTS = Lists(
    [
        WordList(
            list="A",
            title="some",
            terms=[Term(says=each) for each in ("street*wise", "child/kid prostitut*", "she lie", "promiscuous")],
        )
    ]
)
WORDS = st.sampled_from(
    [
        "she",
        "lies",
        "LIE",
        "ſhe",
        "child",
        "Kids",
        "prostitution",
        "promiscuous",
        "promıscuous",
        "streetwise",
        "street-wise",
        "x",
    ]
)
GAPS = st.sampled_from([" ", "  ", "\u00a0", "\n", ", ", "-", "", "é"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(texts=st.lists(st.lists(st.tuples(WORDS, GAPS), max_size=5), min_size=1, max_size=30))
def test_the_database_overlooks_no_word_that_python_would_find(
    tmp_path: Path, texts: list[list[tuple[str, str]]]
) -> None:
    """Texts in which the database sees no word of a list are never looked at again."""
    terms = [term.says for each in LISTS.by_name.values() for term in each.terms]
    written = ["".join(word + gap for word, gap in each) for each in texts]
    with laid_out(tmp_path) as desk:
        for each in written:
            if LISTS.look(each):
                assert desk.one(f"SELECT {perhaps(text(each), terms)}")
