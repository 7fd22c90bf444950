"""What another case says of the same person is heard alike by a story, by the review of a ledger, and by one case asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest

from everystone import library
from everystone.account.opened import open_cases
from everystone.findings import elsewhere
from everystone.findings.danger import Danger, Placed, foremost
from everystone.findings.frames import Instants
from everystone.findings.orders import standing_in
from everystone.findings.placed import FIND_OUT
from everystone.findings.review import open_book, review
from everystone.intake.take import Taken
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.delivery import Delivery
from everystone.standards import document
from everystone.standards.pack import Pack
from everystone.standards.story import Order, Story, end_of, read_stories, tell
from tests.conftest import ROOT

SET = ROOT / "packs" / "england_wales" / "stories" / "danger" / "24-same-person-other-child.yaml"
NOW = "2024-05-10 12:00"
HERE = """
2024-05-07 10:00  report.received        C1  by O1  {channel: phone, reporter_role: school, allegation: crime}
2024-05-07 11:00  child.seen             -   by O1  {alone: true, place: school, by_role: police}
2024-05-07 12:00  safeguarding.considered -  by O1  {outcome: to be reviewed, level: high}
2024-05-07 13:00  suspect.identified     X1  by O1  {basis: named by the child, relationship: relative, access_to_children: true}
2024-05-07 15:00  crime.recorded         C1  by O1  {crime_ref: E-1, offence_code: SOA2003-s7, offence_mode: either_way, sexual: true, victim: C1, suspect: X1}
"""
#: What another case, or the person's own stream, says; and the tier of each person in the case itself.
SAID = {
    "nothing of them": ("2024-05-09 10:00 in Elm report.received C9 by O1 {channel: phone}", {"C1": 0, "C9": 0}),
    "a death": ("2024-05-09 10:00 in Elm person.died X1 by O1", {}),
    "custody": ("2024-05-09 10:00 in Elm court.appeared X1 by O1 {result: remanded in custody}", {}),
    "bail": ("2024-05-09 10:00 in Elm bail.granted X1 by O1 {conditions: [no contact with children], until: 2024-08-01}", {}),
    "bail that does not cover this child": (
        "2024-05-09 10:00 in Elm bail.granted X1 by O1 {conditions: [no contact with the victim], until: 2024-08-01}", {"C1": 0}),
    "bail, in a case with somebody harmed of its own": (
        "2012-05-09 10:00 in Elm crime.recorded C9 by O1 {victim: C9, suspect: X1}\n"
        "2024-05-09 10:00 in Elm bail.granted X1 by O1 {conditions: [no contact with children], until: 2024-08-01}", {}),
    "another child": (
        "2024-05-09 10:00 in Elm contact_risk.assessed X1 by O1 {children: [C5], access: unsupervised}", {"C5": 0}),
    "a closure, which is the other case's own": (
        "2024-05-08 10:00 in Elm suspect.identified X1 by O1 {basis: named}\n2024-05-09 10:00 in Elm case.closed - by O1", {"C1": 0}),
    "a death put down by mistake and withdrawn": (
        "#d 2024-05-08 10:00 in Elm person.died X1 by O1\n2024-05-09 10:00 in Elm note.added X1 by O1 withdraws #d", {"C1": 0}),
}  # fmt: skip


PEOPLE = {"C1": {"role": "child", "born": "2013-09"}, "C5": {"role": "child", "born": 2015},
          "C9": {"role": "adult", "born": 2001}, "X1": {"role": "suspect", "born": 1975},
          "O1": {"role": "officer", "rank": "constable"}}  # fmt: skip


class World(NamedTuple):
    """Many told cases in one ledger, and where the review of it put everybody."""

    book: ParquetBook
    orders: dict[str, Order]
    rows: list[Placed]


def story_of(pack: Pack, number: int, lines: str) -> Story:
    """The case with what another says, people and places named apart by a number."""
    timeline = re.sub(r"\b(C1|C5|C9|X1|O1|Elm|E-1)\b", rf"\g<1>n{number}", f"{HERE}\n{lines}")
    people = {f"{name}n{number}": said for name, said in PEOPLE.items()}
    said = {"case": f"Fir{number}", "as_at": NOW, "people": people, "timeline": timeline}
    return tell(document.plain(said), pack, "a test")


@pytest.fixture(scope="module")
def world(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One ledger of all these cases and of a hand-ordered set, reviewed."""
    folder = tmp_path_factory.mktemp("elsewhere")
    told = {
        title: Order(title, "", [story_of(pack, n, lines)], []) for n, (title, (lines, _)) in enumerate(SAID.items())
    }
    (ordered,) = read_stories(SET, pack)
    assert isinstance(ordered, Order)
    orders = {**told, "the hand-ordered set": ordered}
    book = open_book(folder / "ledger", pack)
    book.append(entry for order in orders.values() for case in order.cases for entry in case.entries)
    end = end_of(NOW, pack.words)
    review(book.folder, pack, Instants(end, end, book.coverage()), folder / "out", processes=1)
    return World(book, orders, [Placed(**row) for row in pq.read_table(folder / "out" / "danger.parquet").to_pylist()])


@pytest.mark.parametrize("title", [*SAID, "the hand-ordered set"])
def test_a_story_a_review_and_one_case_asked_put_everybody_in_the_same_place(
    world: World, pack: Pack, title: str
) -> None:
    order = world.orders[title]
    cases = {stream for case in order.cases for stream in case.streams if stream.startswith("case/")}
    extract = library.Extract(
        world.book, pack, Taken(world.book, {}, {}, [], 0, 0, NOW, [], Delivery("", NOW, 0, "", ()))
    )
    alone = [row for stream in sorted(cases) for row in library.ask(extract, stream[5:], NOW).placed]
    told = [row for row in standing_in(order, pack) if row.tier <= FIND_OUT]
    assert told == [row for row in foremost(alone) if row.tier <= FIND_OUT]
    assert told == [row for row in foremost(row for row in world.rows if row.frame in cases) if row.tier <= FIND_OUT]
    if title in SAID:
        here = {row.person[:2]: row.tier for row in told}
        assert here == SAID[title][1]
    else:
        assert [row.person for row in told] == [each.person for each in order.order]


def test_a_name_that_stands_in_more_cases_than_one_person_could_joins_none(
    world: World, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = Danger(pack).kinds
    heard = elsewhere.of_case(world.book, kinds, "case/Fir1", {"X1n1"})
    assert {entry.stream for entry in heard} == {"case/Elmn1"}
    monkeypatch.setattr(elsewhere, "_JOINED", elsewhere._JOINED.replace(f"AND {elsewhere.MOST}", "AND 1"))
    assert elsewhere.of_case(world.book, kinds, "case/Fir1", {"X1n1"}) == []


def test_whom_a_correction_names_no_more_it_says_nothing_of_wherever_else_they_stand(
    pack: Pack, tmp_path: Path
) -> None:
    there = "2024-05-09 11:00 in Elm note.added C1 by O1"
    lines = """
    2024-05-07 20:00 missing.reported C1 by O1 {episode: E-1}
    #f 2024-05-08 02:00 missing.found C1 by O1 {episode: E-1}
    2024-05-08 09:00 missing.found C5 by O1 corrects #f {episode: E-1}
    """
    said = {}
    for name, more in {"one case": lines, "two cases": lines + there}.items():
        book = open_book(tmp_path / name, pack)
        book.append(story_of(pack, 1, more).entries)
        end = end_of(NOW, pack.words)
        when, out = Instants(end, end, book.coverage()), tmp_path / f"out of {name}"
        review(book.folder, pack, when, out, processes=1)
        findings = pq.read_table(out / "findings.parquet").to_pylist()
        said[name] = [each for each in findings if each["frame"] == "person/C1n1"]
        extract = library.Extract(book, pack, Taken(book, {}, {}, [], 0, 0, NOW, [], Delivery("", NOW, 0, "", ())))
        here = library.ask(extract, "Fir1", NOW).frames["person/C1n1"]
        (opened,) = open_cases(book, pack, when, ["Fir1"], out / "findings.parquet")
        for frame in (here, opened.frames["person/C1n1"]):
            assert [each.subjects for each in frame.by_kind["missing.found"]] == [("C5n1",)]
    assert said["one case"]
    assert said["two cases"] == said["one case"]


def test_people_described_in_their_own_stream_are_known_in_the_case(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "people.csv").write_text("person,born,since\nC1,2015-02-01,2000-01-01\n")
    (tmp_path / "log.csv").write_text("key,case,kind,person,when\n1,17,report.received,C1,2024-03-04 10:00\n")
    (tmp_path / "mapping.yaml").write_text("""
name: nominals
zone: Europe/London
channel: force
as_of: 2024-06-30
holds: [{kinds: [report.received, safeguarding.considered, person.described]}]
tables:
  - file: people.csv
    entries:
      - kind: person.described
        stream: {column: person, prefix: person/}
        row_key: [person]
        subjects: {column: person}
        happened: {column: since}
        fields: {born: {column: born}}
  - file: log.csv
    entries:
      - kind: {column: kind}
        stream: {column: case, prefix: case/}
        row_key: [key]
        subjects: {column: person}
        happened: {column: when}
""")
    extract = library.read([tmp_path], tmp_path / "mapping.yaml", tmp_path / "ledger")
    asked = [each for each in library.ask(extract, "17", "2024-06-30").answers if each.standard == "REC-04"]
    assert [(each.asked_for, each.answer) for each in asked] == [("C1", "not met")]
    library.review(extract, "2024-06-30", tmp_path / "out", processes=1)
    reviewed = pq.read_table(tmp_path / "out" / "findings.parquet").to_pylist()
    assert {each["answer"] for each in reviewed if each["standard"] == "REC-04"} == {"not met"}
    when = extract.instants("2024-06-30")
    (opened,) = open_cases(extract.ledger, pack, when, ["17"], tmp_path / "out" / "findings.parquet")
    assert opened.frame.people["C1"].born is not None
