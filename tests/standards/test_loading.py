"""Strict loading: what cannot be used is refused with file, line, and what to write instead."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

import pytest
from pydantic import BaseModel

from everystone.findings.stories import judge
from everystone.intake.fitting import read_mapping
from everystone.intake.mapping import Capacity as MappedCapacity
from everystone.intake.mapping import EntryFrom, FieldFrom, Holds, Join, Mapping, Stream, Table
from everystone.intake.mapping import Test as RowTest
from everystone.ledger.fault import Fault
from everystone.ledger.kind import FieldOf, Kind
from everystone.ledger.state import Edge, State
from everystone.standards.condition import Condition
from everystone.standards.force import ForceFile, Parameter, ShadowRun, Switch
from everystone.standards.grammar import BODIES, Limb, Standard, Version
from everystone.standards.item import Counted, Item, Who
from everystone.standards.language import Term, WordList
from everystone.standards.limit import Every, Within
from everystone.standards.pack import SHIPPED, Pack, load
from everystone.standards.sense import Grounds
from everystone.standards.story import read_stories
from everystone.standards.strictness import check
from tests.conftest import ROOT

KINDS = """\
request.made:
  title: Request made
  says: "{by} asked"
  subject: anyone
  opens: true
  fields:
    urgent: {type: yes or no}
    size: {type: word, values: [small, large]}
    answer_by: {type: date}
    note: {type: text}
    item_ids: {type: references}
request.answered:
  title: Request answered
  says: "{by} answered"
  subject: anyone
  fields:
    item_id: {type: reference}
    level: {type: word, values: [low, high]}
    answerer: {type: person, role: officer}
request.closed:
  title: Request closed
  says: "{by} closed it"
  level: case
"""
STATES = """\
open:
  of: case
  starts: [{kind: request.made}]
  ends: [{kind: request.closed}]
level:
  of: case
  starts: [{kind: request.answered, present: [level], value: level}]
"""
RANKS = "table: ranks\norder: [constable, sergeant]\n"
HEAD = """\
title: A test
asks: A question
threatens: record
who_acts: nobody
"""
VERSION = "{since: 2000-01-01, basis: own, checked: verified, sources: [{name: a test}]}"
VERSIONS = f"versions:\n  - {VERSION}\n"
GOOD = """\
response:
  after: {kind: request.made}
  expect: {kind: request.answered}
  within: {days: 3}
"""
TABLE = f"""\
{GOOD}\
  choose:
    - {{when: {{is: request.closed, urgent: true}}, within: {{days: 1}}}}
    - {{}}
"""


def after(said: str) -> str:
    """The good standard with one thing more said of what it comes after."""
    return GOOD.replace("request.made}", f"request.made, {said}}}")


def expect(said: str) -> str:
    """The good standard with one thing more said of what is expected."""
    return GOOD.replace("request.answered}", f"request.answered, {said}}}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack of three kinds and two states, without a standard."""
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "requests.yaml").write_text(KINDS)
    (tmp_path / "states.yaml").write_text(STATES)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "ranks.yaml").write_text(RANKS)
    (tmp_path / "standards" / "answers").mkdir(parents=True)
    return tmp_path


def write(folder: Path, body: str, *, name: str = "T-01", versions: str = VERSIONS) -> Path:
    """One standard's file: its reference, four keys, its body from line 6 on, its versions."""
    path = folder / "standards" / "answers" / f"{name}-a-test.yaml"
    path.write_text(f"id: {name}\n{HEAD}{dedent(body)}{versions}")
    return path


def refused(folder: Path, path: Path, line: int, *says: str) -> None:
    """Loading names the file and the line, and says each of some words."""
    with pytest.raises(Fault) as told:
        load([str(folder)])
    assert told.value.where == f"{path}:{line}", told.value.public
    for words in says:
        assert words in told.value.public


def test_a_small_pack_loads(folder: Path) -> None:
    write(folder, GOOD)
    assert set(load([str(folder)]).standards) == {"T-01"}


def test_the_shipped_pack_is_checked_in_a_twentieth_of_a_second(pack: Pack) -> None:
    spent = []
    for _ in range(7):
        began = time.process_time()
        check(pack)
        spent.append(time.process_time() - began)
    assert min(spent) < 0.05


# ---- the form of a file -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        (GOOD.replace("  within", "  wthin"), 9, ("wthin", "Was 'within' meant?", "clock_stops_while")),
        (GOOD.replace("{kind: request.answered}", "{kin: request.answered}"), 8, ("Was 'kind' meant?", "not_met")),
        (GOOD.replace("{kind: request.answered}", "[{kind: request.answered, bye: {rank: sergeant}}]"), 8,
         ("expect > 0 > bye", "Was 'by' meant?")),
        (GOOD.replace("{days: 3}", "{dais: 3}"), 9, ("Was 'days' meant?", "working days")),
        (GOOD.replace("{days: 3}", "{days: 3, hours: 2}"), 9, ("exactly one unit",)),
        (GOOD.replace("{days: 3}", "{hours: 3, counting: beginning with}"), 9, ("cannot begin with a day",)),
        (GOOD.replace("{days: 3}", "{days: -3}"), 9, ("would end before it began",)),
        (expect("where: {}"), 8, ("empty condition says nothing",)),
        (GOOD + "check:\n  after: {kind: request.made}\n  require: {urgent: true}\n", 10,
         ("response and check", "Take one out")),
        (GOOD.replace("response", "count"), 6, ("`counted`",)),
    ],
)  # fmt: skip
def test_what_no_key_of_the_grammar_says_is_refused(folder: Path, body: str, line: int, says: tuple[str, ...]) -> None:
    refused(folder, write(folder, body), line, *says)


def test_a_standard_without_any_evaluator_is_refused(folder: Path) -> None:
    refused(folder, write(folder, ""), 1, "name exactly one of response, forbidden, rhythm, count, check")


def test_versions_that_overlap_are_refused(folder: Path) -> None:
    later = VERSION.replace("2000-01-01", "2000-01-01, until: 2005-12-31") + "\n  - "
    versions = f"versions:\n  - {later}{VERSION.replace('2000', '2005')}\n"
    refused(folder, write(folder, GOOD, versions=versions), 10, "overlap", "2005-01-01", "Put them in order")


def test_what_is_not_verified_says_what_to_confirm(folder: Path) -> None:
    versions = VERSIONS.replace("verified", "recalled")
    refused(folder, write(folder, GOOD, versions=versions), 11, "say under `confirm` what to confirm")


def test_a_fault_in_what_a_version_says_anew_names_the_line_of_the_version(folder: Path) -> None:
    second = VERSION.replace("2000", "2010").replace("basis", "within: {weeks: 1}, basis")
    refused(folder, write(folder, GOOD, versions=f"{VERSIONS}  - {second}\n"), 12, "weeks", "working days")


def test_a_fault_in_what_a_version_leaves_as_it_was_names_the_line_of_the_body(folder: Path) -> None:
    second = VERSION.replace("2000", "2010").replace("basis", "within: {days: 1}, basis")
    body = GOOD.replace("request.answered}", "request.ansered}")
    refused(folder, write(folder, body, versions=f"{VERSIONS}  - {second}\n"), 8, "request.ansered")


# ---- what a standard names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        # kinds
        (GOOD.replace("request.made", "request.mad"), 7, ("'request.mad'", "Was 'request.made' meant?")),
        (GOOD + "  unless: [{kind: request.clsed}]\n", 10, ("Was 'request.closed' meant?",)),
        (GOOD.replace("{days: 3}", "{days: 3, from: request.mad}"), 9, ("Was 'request.made' meant?",)),
        ("in_force_at: arrest.made\n" + GOOD, 6, ("'arrest.made' is not known",)),
        # fields
        (after("where: {urgnt: true}"), 7,
         ("request.made has no field 'urgnt'", "Was 'urgent' meant?", "answer_by")),
        (expect("where: {urgent: true}"), 8, ("has no field 'urgent'",)),
        (expect("where: {any: [{present: level}, {present: levl}]}"),
         8, ("Was 'level' meant?",)),
        (after("where: {number: {of: note, over: 3}}"), 7,
         ("'note' is not a number: its type is text",)),
        (after("where: {urgent: often}"), 7, ("Write true or false",)),
        (after("where: {size: huge}"), 7,
         ("'size' never is 'huge'", "large, small")),
        (after("where: {is: request.closed}"), 7,
         ("never request.closed", "It is one of: request.made")),
        (TABLE.replace("request.made}", "[request.made, request.closed]}"), 11,
         ("request.closed has no field 'urgent'", "no fields")),
        (after("where: {offence: grave}"), 7,
         ("table of offences has no column 'grave'",)),
        (after("where: {hits: {list: Q}}"), 7, ("There is no list 'Q'",)),
        (GOOD + "  until: {field: answer_day}\n", 10, ("has no field 'answer_day'", "Was 'answer_by' meant?")),
        ("asked_for: each item_id in item_id\n" + GOOD, 6, ("has no field 'item_id'", "Was 'item_ids' meant?")),
        ("asked_for: every child\n" + GOOD, 6, ("Write case, each anyone, each child",)),
        (expect("same: item_nr"), 8, ("has no field 'item_nr'",)),
        (expect("same: item_id"), 8,
         ("request.made has no field 'item_id'",)),
        # people
        (expect("by: {rank: sargeant}"), 8, ("Was 'sergeant' meant?",)),
        (expect("by: {not: [note]}"), 8, ("'note' is not people",)),
        # states
        (after("where: {state: opn}"), 7, ("Was 'open' meant?", "states.yaml")),
        (after("where: {state: {name: level, value: hi}}"), 7,
         ("'level' never is 'hi'", "high, low")),
        (expect("same: 'episode: opn'"), 8, ("Was 'open' meant?",)),
        (GOOD + "  clock_stops_while: [opn]\n", 10, ("Was 'open' meant?",)),
        (GOOD + "  unless: [{state: opn}]\n", 10, ("Was 'open' meant?",)),
        # other standards
        ("follows: T-09\n" + GOOD, 6, ("There is no standard 'T-09'",)),
        (GOOD.replace("{kind: request.made}", "{not_met: T-09}"), 7, ("There is no standard 'T-09'",)),
        (GOOD.replace("{kind: request.made}", "{not_met: T-01}"), 7, ("T-01 rests on itself",)),
    ],
)  # fmt: skip
def test_what_names_nothing_that_is_there_is_refused(folder: Path, body: str, line: int, says: tuple[str, ...]) -> None:
    refused(folder, write(folder, body), line, *says)


@pytest.mark.parametrize(
    ("states", "line", "says"),
    [
        (STATES.replace("request.closed", "request.clsed"), 4, "Was 'request.closed' meant?"),
        (STATES.replace("present: [level]", "present: [lvel]"), 7, "request.answered has no field 'lvel'"),
        (STATES.replace("value: level", "ends_at: until"), 7, "has no field 'until'"),
        (STATES.replace("  starts: [{kind: request.made}]", "  start: [{kind: request.made}]"), 3, "starts"),
    ],
)
def test_a_state_names_kinds_and_fields_that_are_there(folder: Path, states: str, line: int, says: str) -> None:
    write(folder, GOOD)
    (folder / "states.yaml").write_text(states)
    refused(folder, folder / "states.yaml", line, says)


# ---- what would never be read -------------------------------------------------------------------------------


RHYTHM = """\
rhythm:
  after: {kind: request.made}
  until: {kind: request.closed}
  beat: {kind: request.answered}
  every:
    by: level
    when: {low: {days: 20}, high: {days: 3}}
"""
FORBIDDEN = "forbidden:\n  after: {kind: request.closed}\n  never: {kind: request.answered}\n"
CHOOSE = GOOD + "  choose:\n    - {when: {urgent: true}, within: {days: 1}}\n    - {}\n"


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        (GOOD.replace("  within: {days: 3}\n", ""), 6, "Nothing says by when"),
        (GOOD + "  moved_by: {kind: request.made}\n", 10, "Write `until`"),
        (
            expect("counted: {reaches: 2}"),
            8,
            "Only lines of `after`",
        ),
        (
            GOOD.replace("expect: {kind: request.answered}", "expect: {state: open}"),
            8,
            "Only a `kind` is read here",
        ),
        (GOOD + "  unless: [{any: [{kind: request.closed}]}]\n", 10, "This would never excuse"),
        (GOOD + "  unless: [{state: open, where: {urgent: true}}]\n", 10, "Of a state only its name is read"),
        (RHYTHM.replace("high:", "hgh:"), 12, "'level' never is 'hgh'. Was 'high' meant?"),
        (RHYTHM + "  within: {days: 3}\n", 13, "`within` is not read here. Write `every`"),
        (FORBIDDEN + "  within: {days: 3}\n", 9, "`within` is not read here. Write `until`"),
        (
            CHOOSE.replace("    - {}", "    - {when: {urgent: false}, within: {days: 9}}"),
            12,
            "the last has none",
        ),
        (
            CHOOSE.replace("{when: {urgent: true}, within: {days: 1}}", "{within: {days: 1}}"),
            11,
            "the last has none",
        ),
        (CHOOSE.replace("- {}", "- {after: {kind: request.closed}}"), 12, "cannot say `after` anew"),
    ],
)
def test_what_would_never_be_read_is_refused(folder: Path, body: str, line: int, says: str) -> None:
    refused(folder, write(folder, body), line, says)


def test_an_unfinished_standard_may_lack_its_limit_but_names_only_what_is_there(folder: Path) -> None:
    body = "finished: false\n" + GOOD.replace("  within: {days: 3}\n", "")
    write(folder, body)
    load([str(folder)])
    refused(folder, write(folder, body.replace("request.made", "request.mad")), 8, "Was 'request.made' meant?")


# ---- standards that rest on one another ---------------------------------------------------------------------


def test_a_circle_of_missed_duties_is_refused(folder: Path) -> None:
    path = write(folder, GOOD.replace("{kind: request.made}", "{not_met: T-02}"))
    write(folder, GOOD.replace("{kind: request.made}", "[{kind: request.made}, {not_met: T-03}]"), name="T-02")
    write(folder, GOOD.replace("{kind: request.made}", "{not_met: T-01}"), name="T-03")
    refused(folder, path, 7, "T-01 rests on itself by way of T-02")


def test_a_circle_of_roots_is_refused_as_it_would_hide_both(folder: Path) -> None:
    path = write(folder, "follows: T-02\n" + GOOD)
    write(folder, "follows: [T-01]\n" + GOOD, name="T-02")
    refused(folder, path, 6, "T-01 rests on itself by way of T-02")


def test_a_frame_of_a_sort_that_no_pack_declares_is_refused(folder: Path) -> None:
    refused(folder, write(folder, "frame: referal\n" + GOOD), 6, "no frames of 'referal'", "tables/streams.yaml")
    rows = "table: streams\nrows:\n  - {sort: referral, title: referral}\n"
    (folder / "tables" / "streams.yaml").write_text(rows)
    refused(folder, write(folder, "frame: referal\n" + GOOD), 6, "Was 'referral' meant?")
    write(folder, "frame: referral\n" + GOOD)
    assert load([str(folder)]).words.streams == {"referral": "referral"}


def test_parts_that_add_up_are_numbers(folder: Path) -> None:
    body = after("where: {adds up: {parts: [size, urgent], to: note}}")
    refused(folder, write(folder, body), 7, "'size' is not a number")


def test_a_root_asked_of_another_frame_is_refused_as_the_two_would_never_meet(folder: Path) -> None:
    path = write(folder, "frame: person\nfollows: T-02\n" + GOOD)
    write(folder, GOOD, name="T-02")
    refused(folder, path, 7, "T-02 is asked of another frame (case)")


def test_a_later_pack_adds_and_never_replaces(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    write(folder, GOOD)
    local = tmp_path_factory.mktemp("local")
    (local / "standards" / "answers").mkdir(parents=True)
    write(local, "follows: T-01\n" + GOOD, name="T-02")
    assert set(load([str(folder), str(local)]).standards) == {"T-01", "T-02"}
    write(local, GOOD)
    with pytest.raises(Fault, match="A pack may add, never replace"):
        load([str(folder), str(local)])


# ---- what the guides show -----------------------------------------------------------------------------------


def shown(guide: str, begins: str) -> str:
    """The YAML that a guide shows and that begins with some words."""
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    parts: list[str] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    return next(part for part in parts if part.startswith(begins))


def test_the_standard_that_the_guide_shows_loads_and_its_stories_come_out_as_told(tmp_path: Path) -> None:
    path = tmp_path / "standards" / "missing" / "LOC-01-school-told.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(shown("how-to-add.md", "id: LOC-01"))
    pack = load([SHIPPED, str(tmp_path)])
    stories = read_stories(path, pack)
    assert len(stories) > 3
    assert [judge(story, pack).otherwise for story in stories] == [[] for _ in stories]


def test_the_kind_and_the_state_that_the_guide_shows_load_beside_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "school.yaml").write_text(shown("how-to-add.md", "school.told:"))
    (tmp_path / "states.yaml").write_text(shown("how-to-add.md", "school aware:"))
    pack = load([SHIPPED, str(tmp_path)])
    assert "school.told" in pack.words.kinds
    assert "school aware" in pack.words.states


def test_the_mapping_that_the_guide_shows_fits_the_shipped_kinds(tmp_path: Path, pack: Pack) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(shown("mapping.md", "name:"))
    assert read_mapping(path, pack.words.kinds).tables


def keys(model: type[BaseModel]) -> set[str]:
    """The keys of one part of a file, as they are spelt."""
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize(
    ("guide", "models"),
    [
        ("how-to-add.md", [Standard, *BODIES.values(), Limb, Version, Item, Who, Counted, Condition, Within, Every, Kind,
                           FieldOf, State, Edge, Term, WordList, Grounds,
                           ForceFile, Parameter, Switch, ShadowRun]),
        ("mapping.md", [Mapping, Holds, Table, EntryFrom, Join, FieldFrom, Stream, MappedCapacity, RowTest]),
    ],
)  # fmt: skip
def test_a_guide_names_every_key(guide: str, models: Sequence[type[BaseModel]]) -> None:
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    missing = {key for model in models for key in keys(model) if not re.search(rf"\b{re.escape(key)}\b", text)}
    assert not missing
