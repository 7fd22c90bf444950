"""The careful reader against notes written by hand: how many it gets right, and what never counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.standards.reading import Reader, read_reading

NOTES = Path(__file__).parent / "notes"
CHILDREN = ("Rowan", "Kit", "Robin")


def score(reader: Reader, name: str) -> tuple[int, int, int]:
    """Of the acts written in a file of notes: right, missed, and proposed wrongly."""
    right = missed = wrong = 0
    for line in (NOTES / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        said, _, note = line.partition(" | ")
        wanted = set(said.split()) - {"-"}
        found = {place.kind for place in reader.places(note, children=CHILDREN)}
        right, missed, wrong = right + len(wanted & found), missed + len(wanted - found), wrong + len(found - wanted)
    return right, missed, wrong


@pytest.fixture(scope="session")
def reader(pack: Pack) -> Reader:
    assert pack.reader is not None
    return pack.reader


def test_there_are_three_hundred_notes_and_more() -> None:
    assert (
        sum(" | " in line for path in NOTES.glob("*.txt") for line in path.read_text().splitlines() if line[0] != "#")
        >= 500
    )


@pytest.mark.parametrize(
    ("name", "least_right", "most_wrong"),
    [
        ("seen.txt", 0.95, 0.02),
        ("kept.txt", 0.90, 0.05),
        ("later.txt", 0.90, 0.05),
        ("last.txt", 0.90, 0.05),
        ("fresh.txt", 0.90, 0.05),
        ("unseen.txt", 0.60, 0.10),
    ],
)
def test_the_share_right_and_missed(
    reader: Reader, name: str, least_right: float, most_wrong: float, figures: dict[str, Any]
) -> None:
    right, missed, wrong = score(reader, name)
    figures[f"notes, {name}"] = {"right": right, "missed": missed, "wrong": wrong}
    assert right / (right + missed) >= least_right
    assert wrong / (right + wrong) <= most_wrong


@pytest.mark.parametrize(
    "note",
    [
        "Will phone the prosecutor.",
        "Could not reach the prosecutor.",
        "She says he rang the prosecutor.",
        "“Phoned the prosecutor,” wrote the previous lead.",
        "Prosecutor phoned?",
        "Rang the prosecutor, no answer.",
        "Not yet phoned the prosecutor.",
        "Mum rang the prosecutor.",
        "If need be, phone the prosecutor.",
        "According to the file, colleagues phoned the prosecutor.",
        "Rang the prosecutor in 2011.",
        "The lawyer for the prosecutor contacted me.",
        "We need the prosecutor rung.",
    ],
)
def test_planned_negated_quoted_asked_and_hearsay_do_not_count(reader: Reader, note: str) -> None:
    assert not reader.places(note)
    assert reader.places("Phoned the prosecutor.")


def test_a_place_is_a_whole_sentence_and_where_it_stands(reader: Reader) -> None:
    text = "Quiet shift.\nPhoned the prosecutor at 10:00. Will see the child later."
    (place,) = reader.places(text)
    assert place.quotation == "Phoned the prosecutor at 10:00." and text[place.start :].startswith(place.quotation)
    assert not reader.places(text, kinds=["child.seen"])


def test_the_name_of_a_child_is_read_as_the_child(reader: Reader) -> None:
    assert not reader.places("Saw Zephyr at school.")
    assert [place.kind for place in reader.places("Saw Zephyr at school.", children=["Zephyr"])] == ["child.seen"]


def test_no_pattern_takes_long_on_a_long_text(reader: Reader) -> None:
    assert reader.places("seen the " * 4000) == []


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("child: child\nkinds: {cps.decided: {we: [x]}}", "act of another body"),
        ("child: child\nkinds: {child.sene: {we: [x]}}", "not known"),
        ("child: child\nkinds: {child.seen: {we: ['saw {nobody}']}}", "stands nowhere"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_with_its_line(pack: Pack, tmp_path: Path, said: str, says: str) -> None:
    (tmp_path / "reading.yaml").write_text(said)
    with pytest.raises(Fault, match=rf"reading.yaml:\d+: .*{says}"):
        read_reading([tmp_path], pack.words.kinds)
