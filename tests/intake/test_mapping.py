"""What a mapping can say, each said once and looked at in the ledger; and what it may not say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from tests.intake.taking import Took, took

CASES = """ref,made,how,who,rank,kids,urgent,n,closed,why,note
R1,05/01/2024 10:00,TEL,o1,PC,k1;k2,Y,3,2024-02,DONE,She phoned.
R2,06/01/2024,by phone,o2,DCI,,no,2.50,,,
R3,01/01/1900,counter,,,k3,1,N/A,2024-03-05,SHUT,
"""


def one(found: Took, stream: str, kind: str) -> dict[str, Any]:
    return next(each for each in found.entries if (each["stream"], each["kind"]) == (stream, kind))


def test_values_constants_maps_and_fields_of_every_type(kinds: Pack, tmp_path: Path) -> None:
    mapping = """
tables:
  - file: cases.csv
    stream: {column: ref, prefix: case/N-}
    row_key: [ref]
    by: {column: who, prefix: officer-}
    capacity: {role: officer, rank: {column: rank, map: {PC: constable}, otherwise: keep}}
    entries:
      - kind: report.made
        happened: {column: made, format: ["%d/%m/%Y %H:%M", "%d/%m/%Y"], empty: []}
        when: {made: {not: ["01/01/1900"]}}
        subjects: {column: kids, split: ";"}
        fields:
          channel: {column: how, map: {TEL: phone}, otherwise: keep}
          account: {column: note}
          urgent: {column: urgent}
          callers: {column: n, empty: [N/A]}
          children: {column: kids, split: ";", prefix: child-}
          witness: {value: W1}
          tags: [first, second]
"""
    found = took(kinds, tmp_path, {"cases.csv": CASES}, mapping)
    first, second = found.entries
    assert (first["stream"], first["key"], first["by"]) == ("case/N-R1", "R1", "officer-o1")
    assert (first["role"], first["rank"], second["rank"]) == ("officer", "constable", "DCI")
    assert json.loads(first["data"]) == {
        "account": {"words": 2}, "callers": 3, "channel": "phone", "children": ["child-k1", "child-k2"],
        "tags": ["first", "second"], "urgent": True, "witness": "W1",
    }  # fmt: skip
    assert first["texts"] == {"account": "She phoned."}
    assert first["subjects"] == ["k1", "k2"]
    assert first["names"] == ["W1", "child-k1", "child-k2", "k1", "k2"]
    assert json.loads(second["data"]) == {
        "callers": 2.5, "channel": "phone", "tags": ["first", "second"], "urgent": False, "witness": "W1"
    }  # fmt: skip
    assert found.taken.rows["cases.csv"] == (3, 2, 1, 0)


def test_several_kinds_from_one_row_each_under_its_condition(kinds: Pack, tmp_path: Path) -> None:
    mapping = """
as_of: 2024-06-30
tables:
  - file: cases.csv
    stream: {column: ref}
    entries:
      - {kind: report.made, happened: {value: 2024-01-05}, when: {how: [TEL, counter]}}
      - {kind: case.closed, happened: {column: closed}, when: {closed: {present: true}}, fields: {reason: {column: why, map: {DONE: done}, otherwise: leave out}}}
      - {kind: child.seen, happened: {value: 2024-01-06 09:00}, when: {kids: {present: true}, ref: {not: [R1, R9]}}, fields: {place: home, alone: true}}
"""
    found = took(kinds, tmp_path, {"cases.csv": CASES}, mapping)
    assert [(each["stream"][-2:], each["kind"], each["data"]) for each in found.entries] == [
        ("R1", "report.made", "{}"), ("R1", "case.closed", '{"reason":"done"}'),
        ("R3", "report.made", "{}"), ("R3", "child.seen", '{"alone":true,"place":"home"}'), ("R3", "case.closed", "{}"),
    ]  # fmt: skip
    assert len({each["key"] for each in found.entries}) == 5
    assert found.taken.rows["cases.csv"] == (3, 2, 1, 0)
    assert found.taken.as_of == "2024-06-30"


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("written", "how", "first", "last"),
    [
        ("2024-01-05 10:00", "", "2024-01-05T10:00", "2024-01-05T10:00"),
        ("2024-07-05 10:00", "", "2024-07-05T09:00", "2024-07-05T09:00"),
        ("2024-07-05T10:00:30.125Z", "", "2024-07-05T10:00:30", "2024-07-05T10:00:30"),
        ("2024-07-05T10:00+02:00", "", "2024-07-05T08:00", "2024-07-05T08:00"),
        ("2024-07-05", "", "2024-07-04T23:00", "2024-07-05T22:59:59"),
        ("2024-03", "", "2024-03-01T00:00", "2024-03-31T22:59:59"),
        ("2024", "", "2024-01-01T00:00", "2024-12-31T23:59:59"),
        ("2024-07-05 10:00", "zone: UTC", "2024-07-05T10:00", "2024-07-05T10:00"),
        ("2024-07-05 10:00", "precision: day", "2024-07-04T23:00", "2024-07-05T22:59:59"),
        ("2024-07-05", "precision: month", "2024-06-30T23:00", "2024-07-31T22:59:59"),
        ("5.7.2024 14h05", "format: '%d.%m.%Y %Hh%M'", "2024-07-05T13:05", "2024-07-05T13:05"),
        ("Jul 2024", "format: '%b %Y'", "2024-06-30T23:00", "2024-07-31T22:59:59"),
        ("05/07/24 02:05 PM", "format: '%d/%m/%y %I:%M %p'", "2024-07-05T13:05", "2024-07-05T13:05"),
        ("2024-07-05 10:00 +0200", "format: '%Y-%m-%d %H:%M %z'", "2024-07-05T08:00", "2024-07-05T08:00"),
        ("2024-10-27 01:30", "twice: first", "2024-10-27T00:30", "2024-10-27T00:30"),
        ("2024-10-27 01:30", "twice: second", "2024-10-27T01:30", "2024-10-27T01:30"),
        ("2024-10-27 01:30", "twice: either", "2024-10-27T00:30", "2024-10-27T01:30"),
        ("2024-10-27 00:30", "", "2024-10-26T23:30", "2024-10-26T23:30"),
        ("2024-10-27", "", "2024-10-26T23:00", "2024-10-27T23:59:59"),
    ],
)
def test_a_time_means_what_the_clocks_of_its_zone_showed(
    kinds: Pack, tmp_path: Path, written: str, how: str, first: str, last: str
) -> None:
    mapping = (f"tables: [{{file: a.csv, stream: {{column: case}}, happened: {{column: at{', ' if how else ''}{how}}}, "
               "entries: [{kind: report.made}]}]")  # fmt: skip
    (found,) = took(kinds, tmp_path, {"a.csv": f"case,at\nC1,{written}\n"}, mapping).entries
    assert (found["lo"], found["hi"], found["recorded"]) == (seconds(first), seconds(last), seconds(last))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2024-03-31 01:30", "D06"),  # the clocks were put forward over it
        ("2024-10-27 01:30", "D06"),  # the clocks showed it twice
        ("2024-02-30", "D01"),
        ("20240105", "D01"),
        ("2024-W01-1", "D01"),
        ("05/01/2024", "D01"),
        ("2024-1-5", "D01"),
        ("٢٠٢٤-01-05", "D01"),
        ("1900-01-01", "D03"),
        ("2099-12-31", "D03"),
        ("1066-10-14", "D03"),
        ("", "V01"),
    ],
)
def test_a_time_that_cannot_be_meant_is_rejected(kinds: Pack, tmp_path: Path, written: str, code: str) -> None:
    mapping = "tables: [{file: a.csv, stream: {column: case}, happened: {column: at}, entries: [{kind: report.made}]}]"
    found = took(kinds, tmp_path, {"a.csv": f"case,at\nC1,{written}\nC2,2024-01-05\n"}, mapping)
    assert found.rejects == [(2, "at", code)]
    assert found.column("stream") == ["case/C2"]


PEOPLE = "id,dob,sex,current\nk1,2010-05,F,1\nk2,2011-06-07,M,1\nk3,2012-01-01,F,1\nk3,2012-01-02,F,0\n"


def test_columns_of_another_file_are_looked_up_by_key(kinds: Pack, tmp_path: Path) -> None:
    files = {
        "seen.csv": "child,at\nk1,2024-01-05\nk9,2024-01-06\n k2 ,2024-01-07\nk3,2024-01-08\n",
        "people.csv": PEOPLE,
    }
    mapping = """
tables:
  - file: seen.csv
    stream: {column: child, prefix: person/}
    join: {file: people.csv, on: {child: id}, columns: {dob: born, sex: sex}%s}
    entries: [{kind: person.known, happened: {column: at}, fields: {born: {column: born}, sex: {column: sex}}}]
"""
    found = took(kinds, tmp_path, files, mapping % "")
    assert [(each["stream"], each["data"]) for each in found.entries] == [
        ("person/k1", '{"born":"2010-05","sex":"F"}'),
        ("person/k2", '{"born":"2011-06-07","sex":"M"}'),
        ("person/k9", "{}"),
    ]
    assert found.rejects == [(5, "child", "K06")]  # people.csv says two things of k3
    assert found.taken.rows["people.csv"] == (4, 4, 0, 0)
    told = took(kinds, tmp_path, files, mapping % ", where: {current: 1}", ledger="second")
    assert told.taken.rejected == 0
    assert told.entries[-2]["data"] == '{"born":"2012-01-01","sex":"F"}'


def test_kinds_as_a_column_names_them_with_their_fields_in_json(kinds: Pack, tmp_path: Path) -> None:
    payloads = [
        ("report.made", '{"channel":"By phone","urgent":"Y","callers":"2","alleged":"2024-03","children":["k1",""," k2"],"tags":"one"}'),
        ("report.made", '{"account":"She said so.","witness":"W1","alleged":null,"channel":""}'),
        ("child.seen", ""),
        ("report.made", '{"urgent":"perhaps"}'),
        ("report.made", '{"callers":"1_000"}'),
        ("report.made", '{"alleged":"2024-03-31 01:30"}'),
        ("report.made", '{"colour":"red"}'),
        ("report.made", '{"urgent":true,"urgent":false}'),
        ("report.made", "[1]"),
        ("child.lost", "{}"),
    ]  # fmt: skip
    rows = "".join(
        f'C{n},2024-01-05,{kind},"{data.replace(chr(34), chr(34) * 2)}"\n' for n, (kind, data) in enumerate(payloads)
    )
    mapping = """
tables:
  - file: a.csv
    entries: [{kind: {column: kind}, stream: {column: case}, happened: {column: at}, data: data}]
"""
    found = took(kinds, tmp_path, {"a.csv": "case,at,kind,data\n" + rows}, mapping)
    assert [json.loads(each["data"]) for each in found.entries] == [
        {
            "alleged": "2024-03",
            "callers": 2,
            "channel": "phone",
            "children": ["k1", "k2"],
            "tags": ["one"],
            "urgent": True,
        },
        {"account": {"words": 3}, "witness": "W1"},
        {},
    ]
    assert (found.entries[0]["names"], found.entries[1]["names"]) == (["k1", "k2"], ["W1"])
    assert found.entries[1]["texts"] == {"account": "She said so."}
    assert found.rejects == [
        (5, "data.urgent", "Y01"), (6, "data.callers", "N01"), (7, "data.alleged", "D06"), (8, "data.colour", "V04"),
        (9, "data", "J01"), (10, "data", "J01"), (11, "kind", "V03"),
    ]  # fmt: skip
    assert found.taken.rows["a.csv"] == (10, 3, 0, 7)


def test_what_is_held_ends_with_the_extract_and_not_without_its_file(kinds: Pack, tmp_path: Path) -> None:
    mapping = """
as_of: 2024-06-30
holds:
  - {kinds: [report.made, case.closed], from: 2020-01-01, to: 2030-12-31}
  - {kinds: child.seen, teams: north, how: partial}
tables:
  - {file: a.csv, entries: [{kind: report.made, stream: {column: case}, happened: {column: at}}]}
  - {file: closed.csv, entries: [{kind: case.closed, stream: {column: case}, happened: {column: at}}]}
"""
    found = took(kinds, tmp_path, {"a.csv": "case,at\nC1,2024-01-05\n"}, mapping)
    first, second = found.taken.book.coverage().holdings or ()
    assert (first.kinds, str(first.first), str(first.last)) == (frozenset({"report.made"}), "2020-01-01", "2024-06-30")
    assert (second.kinds, second.teams, second.how) == (frozenset({"child.seen"}), frozenset({"north"}), "partial")


@pytest.mark.parametrize(
    ("mapping", "says", "line"),
    [
        ("tables: [{file: a.csv, entries: [{kind: report.maid, happened: {column: at}}]}]", "report.maid", 3),
        ("tables:\n- file: a.csv\n  entries:\n  - kind: report.made\n", "Say when it `happened`", 6),
        (
            "tables: [{file: a.csv, happened: {column: at}, entries: [{kind: report.made, fields: {colour: red}}]}]",
            "no field 'colour'",
            3,
        ),
        (
            "tables: [{file: a.csv, happened: {column: at}, entries: [{kind: report.made, fields: {urgent: perhaps}}]}]",
            "yes or no",
            3,
        ),
        (
            "tables: [{file: a.csv, happened: {column: at}, entries: [{kind: report.made, fields: {account: {column: x, split: ';'}}}]}]",
            "`split`",
            3,
        ),
        (
            "tables: [{file: a.csv, happened: {column: at, value: 2024}, entries: [{kind: report.made}]}]",
            "exactly one of",
            3,
        ),
        (
            "zone: Europe/Atlantis\ntables: [{file: a.csv, happened: {column: at}, entries: [{kind: report.made}]}]",
            "time zone",
            3,
        ),
        (
            "holds: [{kinds: [child.herd]}]\ntables: [{file: a.csv, happened: {column: at}, entries: [{kind: report.made}]}]",
            "child.herd",
            3,
        ),
        ("tabels: []", "tabels", 3),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_its_line(
    kinds: Pack, tmp_path: Path, mapping: str, says: str, line: int
) -> None:
    head = "name: t\n" + ("" if mapping.startswith("zone") else "zone: UTC\n")
    with pytest.raises(Fault) as refused:
        took(kinds, tmp_path, {"a.csv": "case,at\nC1,2024-01-05\n"}, head + mapping)
    assert says in refused.value.public
    assert refused.value.where.rpartition(":")[2] == str(line - mapping.startswith("zone"))
    assert not (tmp_path / "ledger").exists() or not list((tmp_path / "ledger").glob("*.parquet"))


def test_files_are_found_by_pattern_and_those_not_spoken_of_are_said(kinds: Pack, tmp_path: Path) -> None:
    row = "case,at\nC{},2024-01-05\n"
    files = {"Seen_1.CSV": row.format(1), "sub/seen_2.csv": row.format(2), "other.csv": "x\n1\n"}
    mapping = (
        "tables: [{file: 'seen_*.csv', entries: [{kind: child.seen, stream: {column: case}, happened: {column: at}}]}]"
    )
    found = took(kinds, tmp_path, files, mapping)
    assert found.column("stream") == ["case/C1", "case/C2"]
    assert found.taken.passed_over == ["other.csv"]
