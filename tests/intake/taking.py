"""A small pack and a short way to take an extract, so that a test shows only its file, its mapping and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from everystone.intake.take import Taken, take
from everystone.standards.pack import Pack, load

KINDS = """
report.made:
  title: Report
  says: A report was made
  opens: true
  fields:
    channel: {type: word, codes: {phone: [telephone, "by phone"], desk: [counter]}}
    account: {type: text}
    urgent: {type: yes or no}
    callers: {type: number}
    alleged: {type: date}
    witness: {type: person}
    children: {type: people}
    tags: {type: words}
child.seen: {title: Child seen, says: The child was seen, fields: {place: {type: word}, alone: {type: yes or no}}}
case.closed: {title: Closed, says: The case was closed, level: case, fields: {reason: {type: word}}}
person.known: {title: Person, says: A person is described, fields: {born: {type: date}, sex: {type: word}}}
"""
HEAD = "name: test-extract\nzone: Europe/London\n"


class Took(NamedTuple):
    """What was taken, and the entries as rows in their order."""

    taken: Taken
    entries: list[dict[str, Any]]

    def column(self, name: str) -> list[Any]:
        return [each[name] for each in self.entries]

    @property
    def rejects(self) -> list[tuple[int, str, str]]:
        """Row, column and code of each reject."""
        return [(each.row, each.column, each.code) for each in self.taken.rejects]


def small_pack(folder: Path) -> Pack:
    """The pack of these tests."""
    (folder / "kinds").mkdir(parents=True)
    (folder / "tables").mkdir()
    (folder / "kinds" / "kinds.yaml").write_text(KINDS.lstrip())
    (folder / "tables" / "calendar.yaml").write_text("zone: Europe/London\n")
    return load([str(folder)])


def took(
    pack: Pack, folder: Path, files: Mapping[str, str | bytes], mapping: str, ledger: str = "ledger", **options: Any
) -> Took:
    """Write the files, take them, and read what stands in the ledger afterwards."""
    home = folder / "extract"
    home.mkdir(exist_ok=True)
    for name, content in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content.encode() if isinstance(content, str) else content)
    said = folder / "mapping.yaml"
    said.write_text(HEAD + mapping if "name:" not in mapping else mapping)
    taken = take([home], said, pack, folder / ledger, **options)
    return Took(taken, stored(folder / ledger))


def stored(ledger: Path) -> list[dict[str, Any]]:
    """The entries of a ledger as rows, in their order; the narrative beside each as `texts`."""
    rows = [row for part in sorted(ledger.glob("part-*.entries.parquet")) for row in pq.read_table(part).to_pylist()]
    texts = [row for part in sorted(ledger.glob("part-*.narrative.parquet")) for row in pq.read_table(part).to_pylist()]
    for row in rows:
        row["texts"] = {each["field"]: each["text"] for each in texts if each["number"] == row["number"]}
    return rows
