"""How good each standard is, from what people say of its findings: each finding once, with n and interval."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from everystone.account.manual.site import write_manual
from everystone.account.page import _environment
from everystone.account.precision import Precision, precision
from everystone.intake.take import take
from everystone.standards.pack import Pack, load
from everystone.statistics.proportion import wilson

MAPPING = """
name: replies
zone: Europe/London
as_of: 2026-06-30
holds: [{kinds: [finding.excused, finding.challenged, finding.challenge_upheld]}]
tables:
  - file: replies.csv
    stream: {column: case}
    row_key: [n]
    happened: {column: at}
    entries:
      - {kind: finding.excused, when: {said: excused}, fields: {finding: {column: finding}, standard: {column: standard}}}
      - {kind: finding.challenged, when: {said: challenged}, fields: {finding: {column: finding}, standard: {column: standard}}}
      - {kind: finding.challenge_upheld, when: {said: upheld}, fields: {finding: {column: finding}, standard: {column: standard}}}
"""


def test_shares_of_a_standards_findings(pack: Pack, tmp_path: Path) -> None:
    replies = [("excused", "k1"), ("excused", "k1"), ("challenged", "k2"), ("challenged", "gone"), ("upheld", "gone")]
    rows = [f"{n},A,2026-06-0{n + 1} 10:00,{said},{key},SUP-01" for n, (said, key) in enumerate(replies)]
    (tmp_path / "replies.csv").write_text("\n".join(["n,case,at,said,finding,standard", *rows]), encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    book = take([tmp_path / "replies.csv"], tmp_path / "mapping.yaml", pack, tmp_path / "ledger").book
    found = [{"standard": "SUP-01", "key": key, "answer": "not met", "reason": reason}
             for key, reason in (("k1", "late by"), ("k2", "no record shows"), ("k3", "no record shows"))]  # fmt: skip
    found.append({"standard": "SUP-02", "key": "m1", "answer": "met", "reason": ""})
    pq.write_table(pa.Table.from_pylist(found), tmp_path / "findings.parquet")
    (row,) = precision(tmp_path / "findings.parquet", book, pack.words.kinds)
    assert (row.standard, row.n) == ("SUP-01", 4)
    shares = [(each.x, each.n) for each in (row.acted_on, row.excused, row.challenged, row.upheld)]
    assert shares == [(1, 4), (1, 4), (2, 4), (1, 4)]
    assert row.upheld.low < 0.25 < row.upheld.high
    assert row.upheld.value == pytest.approx(0.25)


EXAMPLE = Path(__file__).parents[2] / "examples" / "domestic_abuse"


def _used(standard: str, excused: int) -> Precision:
    return Precision(standard, 20, wilson(5, 20), wilson(excused, 20), wilson(0, 20), wilson(0, 20))


def test_the_manual_says_how_good_a_standard_was_in_use_where_a_review_is_named(tmp_path: Path) -> None:
    pack = load([str(EXAMPLE)])
    first, second = pack.finished[0].id, pack.finished[1].id
    write_manual(pack, tmp_path / "own", used=[_used(first, 3), _used(second, 0)])
    page = (tmp_path / "own" / f"{first.lower()}.html").read_text(encoding="utf-8")
    assert "How good it has been in use" in page
    assert "3 of 20 (15.0%, likely between" in page
    assert "for this force only" in page
    assert "How good it has been" not in (tmp_path / "own" / f"{second.lower()}.html").read_text(encoding="utf-8")
    assert (tmp_path / "own").stat().st_mode & 0o077 == 0
    write_manual(pack, tmp_path / "open")
    assert "How good it has been" not in (tmp_path / "open" / f"{first.lower()}.html").read_text(encoding="utf-8")


def test_the_report_has_a_table_of_them_and_none_where_nothing_was_said() -> None:
    table = _environment().get_template("parts.html").module.in_use  # type: ignore[attr-defined]
    said = str(table([_used("SUP-01", 3)], {"SUP-01": "First look"}))
    assert "First look" in said and "Accepted as excused, of its findings" in said and "3 of 20" in said
    assert str(table([], {})).strip() == ""
