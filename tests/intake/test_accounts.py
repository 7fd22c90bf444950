"""First accounts come in with what the lists of accounts find in them, and with nothing else."""

from __future__ import annotations

from pathlib import Path

from everystone.intake.take import take
from everystone.standards.pack import Pack

EXTRACT = """case,reported,person,account,note
A-1,2015-03-02 10:00,V1,"It was in the summer, they called me streetwise",streetwise in summer
"""
MAPPING = """
name: a test
holds: [{kinds: [report.received, note.added]}]
tables:
  - file: reports.csv
    stream: {column: case}
    row_key: [case]
    subjects: {column: person}
    entries:
      - kind: report.received
        happened: {column: reported}
        fields: {account: {column: account}}
      - kind: note.added
        happened: {column: reported}
        fields: {text: {column: note}}
"""


def test_an_account_and_a_note_are_looked_at_by_different_lists(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "reports.csv").write_text(EXTRACT, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    book = take([tmp_path / "reports.csv"], tmp_path / "mapping.yaml", pack, tmp_path / "ledger").book
    found = {entry.kind: {hit.list for hit in entry.hits} for stream in book.streams() for entry in book.read(stream)}
    assert found == {"report.received": {"G"}, "note.added": {"B"}}
