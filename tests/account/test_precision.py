"""How good each standard is, from what people say of its findings: each finding once, with n and interval."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from everystone.account.precision import precision
from everystone.intake.take import take
from everystone.standards.pack import Pack

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
