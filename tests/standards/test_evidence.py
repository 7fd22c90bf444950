"""The table of evidence: for every version of every standard what was seen, where, and what is still to be confirmed.

`docs/standards/evidence.csv` is made from the files of the pack, but for its last column, which is kept by hand: where
the catalogue, the grammar and the worked cases differ about it, and which of them was followed.
To renew it: python -m tests.standards.test_evidence
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence

from everystone.standards.grammar import Version, Where
from everystone.standards.pack import Pack, load
from tests.conftest import ROOT

PATH = ROOT / "docs" / "standards" / "evidence.csv"
MADE = ("standard", "version", "checked", "seen", "where", "read_on", "confirm")
COLUMNS = (*MADE, "difference")
RENEW = "docs/standards/evidence.csv is not as the files are now: run python -m tests.standards.test_evidence"
Row = dict[str, str]


def rows_of(pack: Pack) -> list[Row]:
    """The columns that are made from the files, a row for each version, in order of reference and day."""
    return [
        {"standard": name, "version": version.since.isoformat(), **_evidence(version)}
        for name, loaded in sorted(pack.standards.items())
        for version in loaded.standard.versions
    ]


def _evidence(version: Version) -> Row:
    names = _joined(source.name for source in version.sources)
    from_memory = version.checked == "recalled" and version.basis != "own"
    seen = f"nothing; from memory of: {names}" if from_memory else names
    return {
        "checked": version.checked,
        "seen": " ".join(f"{seen}. {version.note}".split()) if version.note else seen,
        "where": _joined(_places(version.sources)),
        "read_on": _joined(sorted({source.read_on.isoformat() for source in version.sources if source.read_on})),
        "confirm": " ".join(version.confirm.split()),
    }


def _places(sources: Sequence[Where]) -> list[str]:
    """The places, each with its source where there are several."""
    if len(sources) == 1:
        return [sources[0].where]
    return [f"{source.name}: {source.where}" for source in sources if source.where]


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(parts)


def held() -> list[Row]:
    """The rows as they stand in the file."""
    with PATH.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def renew() -> None:
    """Write the file anew and keep what was written by hand."""
    kept = {(row["standard"], row["version"]): row["difference"] for row in held()} if PATH.exists() else {}
    rows = [{**row, "difference": kept.get((row["standard"], row["version"]), "")} for row in rows_of(load())]
    PATH.parent.mkdir(parents=True, exist_ok=True)
    with PATH.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    lost = sorted(set(kept) - {(row["standard"], row["version"]) for row in rows})
    print(f"{len(rows)} rows in {PATH}")
    print(*(f"no longer there, and with it: {kept[each]}" for each in lost if kept[each]), sep="\n")


def test_every_standard_and_version_has_its_row(pack: Pack) -> None:
    found = [(row["standard"], row["version"]) for row in held()]
    assert found == [(row["standard"], row["version"]) for row in rows_of(pack)], RENEW


def test_how_well_it_was_checked_is_what_the_file_says(pack: Pack) -> None:
    found = {(row["standard"], row["version"]): row["checked"] for row in held()}
    assert found == {(row["standard"], row["version"]): row["checked"] for row in rows_of(pack)}, RENEW


def test_what_is_made_from_the_files_is_as_they_are_now(pack: Pack) -> None:
    found = [{name: row[name] for name in MADE} for row in held()]
    others = [row["standard"] for row, now in zip(found, rows_of(pack), strict=True) if row != now]
    assert not others, RENEW


def test_what_is_not_verified_says_what_to_confirm() -> None:
    assert not [row["standard"] for row in held() if row["checked"] != "verified" and not row["confirm"]]


def test_everything_says_what_was_seen_and_when_it_was_read() -> None:
    assert not [row["standard"] for row in held() if not row["seen"] or not row["read_on"]]


if __name__ == "__main__":
    renew()
