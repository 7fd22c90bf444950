"""What cannot be missed: found on every path, told to two posts, then to the next, to the end; never cleared by being told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.work.posts import Absent, DutyFile, Held, holders, read_duty
from everystone.work.tables import insert
from everystone.work.telling import NOBODY, SEEN, STEP, TOLD, UNDELIVERED, Step, Up, end, note, owed, plan, steps, up
from everystone.work.worklists import Worklists
from tests.work.test_worklists import asking, lists

__all__ = ["asking", "lists"]
MINUTE, HOUR, NOW = 60, 3_600, 1_772_610_300  # the morning of the small force

#: The ten, a second time: the number, what it rests on, and the posts told at once. Read from the field's table, not the file.
TEN = """
1   tonight OFF-09 NRA-01 INV-08 KID-04       duty inspector + on-call detective inspector
2   REC-03 REC-04 REC-05                      duty sergeant + duty inspector
3   SUP-07 CHG-01 CHG-02                      duty sergeant + on-call detective inspector
4   INV-14                                    professional standards + deputy head of professional standards
5   INV-07 INV-13                             professional standards + deputy head of professional standards
6   INV-02 OFF-12 NRA-05                      on-call detective inspector + duty inspector
7   OFF-02 OFF-03 OFF-04 OFF-05               offender manager + on-call detective inspector
8   MIS-01 MIS-03 MIS-06 EXP-01 EXP-02        duty inspector + on-call detective inspector
9   SUP-06 INV-10                             superintendent + duty inspector
9   CAP-05                                    professional standards + deputy head of professional standards
10  CUS-07 CUS-08 SAF-07 INV-11 VIC-09 VIC-10 custody + on-call detective inspector
"""
PATHS = [
    (int(line[:4]), name, tuple(line[46:].split(" + ")))
    for line in TEN.strip("\n").splitlines()
    for name in line[4:46].split()
]
EVERYBODY = [Held(post, team, "O9", 1 << 40) for post in (
    "duty sergeant", "custody", "duty inspector", "on-call detective inspector", "superintendent") for team in ("North", "")]  # fmt: skip


@pytest.fixture(scope="module")
def said(pack: Pack) -> DutyFile:
    found = read_duty(pack)
    assert found is not None
    return found


# ---- every path -----------------------------------------------------------------------------------------------------


def put_up(lists: Worklists, name: str) -> None:
    """One finding (or one place of the first tier) about Damson, in which nothing else is open."""
    for table in ("work_finding", "work_placed"):
        lists.database.run(f"DELETE FROM {table}")
    lists.database.run("UPDATE work_frame SET team = 'North', running = 1")
    if name == "tonight":
        insert(lists.database, "work_placed", ("frame", "person", "tier", "place", "because", "confidence", "team", "step", "done_by"),
               [("case/Damson", "C4", 0, "0", "Why.", "known", "North", "Do.", "somebody")])  # fmt: skip
    else:
        insert(lists.database, "work_finding", ("frame", "key", "standard", "version", "asked_for", "begun_by", "n", "answer", "reason",
               "evidence", "marks", "root", "team", "about"),
               [("case/Damson", name, name, "2020-01-01", "C4", "e", 0, "not met", "no record", "[]", "[]", "", "North", "[]")])  # fmt: skip


def told_by(lists: Worklists, said: DutyFile, name: str) -> set[tuple[int, tuple[str, ...]]]:
    """Under which numbers a path is up, and which posts are told at once."""
    put_up(lists, name)
    now_up = up(lists.database, said, NOW)
    todo = owed(now_up, {}, said, EVERYBODY, 0)
    return {(int(each.item.split()[0]), tuple(post for post, _ in todo.to_tell if each in todo.to_tell[post, _]))
            for each in now_up}  # fmt: skip


def without(said: DutyFile, name: str) -> DutyFile:
    """A mutant: the file without one path."""
    matters = [
        each.model_copy(
            update={"tonight": False} if name == "tonight" else {"standards": [s for s in each.standards if s != name]}
        )
        for each in said.cannot_be_missed
    ]
    return said.model_copy(update={"cannot_be_missed": matters})


def test_every_path_is_told_to_its_two_posts_and_each_mutant_is_caught(lists: Worklists, said: DutyFile) -> None:
    assert len(PATHS) == 35
    for number, name, posts in PATHS:
        assert {(n, tuple(sorted(to))) for n, to in told_by(lists, said, name)} == {(number, tuple(sorted(posts)))}, (
            name
        )
        assert told_by(lists, without(said, name), name) == set(), f"the path {name} can be lost without a word"


def test_a_case_of_the_world_comes_up_by_asking_alone(lists: Worklists, said: DutyFile) -> None:
    """The first child is in reach with nothing in force: up without anybody having written a finding by hand."""
    found = {(each.case, each.person, each.item) for each in up(lists.database, said, NOW)}
    assert ("Alder", "C1", "1") in found
    assert [each for each in up(lists.database, said, NOW, [("frame", "case/Cedar")]) if each.item == "1"] == []


#: When a standard's failing is told of a closed case: closed a day ago; years ago; years ago with somebody perhaps unsafe;
#: years ago and told before. Said a second time, by the number of the ten.
CLOSED = {
    "OFF-09": (True, False, True, True), "REC-04": (True, False, False, True), "CHG-02": (True, False, True, True),
    "INV-14": (True, True, True, True), "INV-07": (True, True, True, True), "INV-02": (True, False, True, True),
    "OFF-02": (True, True, True, True), "MIS-03": (True, False, True, True), "SUP-06": (False, False, False, False),
    "VIC-09": (True, False, True, True),
}  # fmt: skip


@pytest.mark.parametrize("name", CLOSED)
def test_closing_takes_nothing_down_and_long_closed_cases_are_told_of_while_unsafe(
    lists: Worklists, said: DutyFile, name: str
) -> None:
    def found(closed: int, tier: int = 3, told: bool = False) -> bool:
        put_up(lists, name)
        lists.database.run("UPDATE work_frame SET running = 0, closed = ?", (NOW - closed,))
        row = ("case/Damson", "C4", tier, "3", "Why.", "known", "North", "Do.", "somebody")
        insert(lists.database, "work_placed", ("frame", "person", "tier", "place", "because", "confidence", "team", "step",
                                               "done_by"), [row])  # fmt: skip
        lists.database.run("DELETE FROM told")
        if told:
            item = next(key for key, each in said.by_key().items() if name in each.standards)
            insert(lists.database, "told", STEP, [("case/Damson", "C4", item, "duty inspector", "", TOLD, "", NOW - 9)])
        return any(name in said.by_key()[each.item].standards for each in up(lists.database, said, NOW))

    years = 1_500 * 24 * HOUR
    assert (found(24 * HOUR), found(years), found(years, tier=2), found(years, told=True)) == CLOSED[name]


def test_every_one_of_the_ten_says_what_closing_does(said: DutyFile) -> None:
    stated = {name: each.once_closed for each in said.cannot_be_missed for name in each.standards}
    for each in said.cannot_be_missed:
        assert not each.standards or {stated[name] for name in each.standards} == {each.once_closed}
    assert {int(each.number) for each in said.cannot_be_missed if each.once_closed == "no"} == {9}


def test_a_child_considered_and_never_seen_is_told_of_when_the_case_is_closed(lists: Worklists, said: DutyFile) -> None:
    """Considered, so that the order of danger no longer puts the child first; not seen: the gate that cannot stand elsewhere."""
    put_up(lists, "REC-04")
    lists.database.run("UPDATE work_frame SET running = 0, closed = ?", (NOW - HOUR,))
    assert [(each.case, each.item) for each in up(lists.database, said, NOW)] == [("Damson", "2")]


def test_a_file_that_tells_others_what_is_for_professional_standards_is_refused(pack: Pack, tmp_path: object) -> None:
    from dataclasses import replace
    from pathlib import Path

    text = (pack.folders[0] / "duty.yaml").read_text()
    for wrong, named in (
        ("standards: [REC-03,", "standards: [INV-14, REC-03,"), ("told: [superintendent,", "told: [nobody at all,"),
            ("standards: [SUP-06,", "standards: [MIS-01, SUP-06,"),
        ("  control room: {writes: [control room, control], always: true}", "  control room: {writes: [control room]}"),
    ):  # fmt: skip
        folder = Path(str(tmp_path))
        (folder / "duty.yaml").write_text(text.replace(wrong, named))
        with pytest.raises(Fault, match=r"professional standards first|not there|nobody is left|two numbers"):
            read_duty(replace(pack, folders=(folder,)))


# ---- who is told, and then ------------------------------------------------------------------------------------------

ONE = Up("case/Alder", "C1", "2", "Why.", "North")


def walk(
    said: DutyFile, held: Sequence[Held], arrives: Mapping[str, bool], hours: float, seen_at: Sequence[float] = ()
) -> list[Step]:
    """What a tick every five minutes does about one matter, where some posts cannot be reached."""
    done: list[Step] = []
    for minute in range(0, int(hours * 60) + 1, 5):
        now = minute * MINUTE
        if minute / 60 in seen_at:
            done.append(Step("", SEEN, "S1", now))
        while True:
            todo = owed([ONE], {ONE.key: done}, said, held, now)
            if not todo.to_tell and not todo.passed:
                break
            done += [Step(post, NOBODY, "", now) for _, post in todo.passed]
            done += [Step(post, TOLD if arrives.get(post, True) else UNDELIVERED, "", now) for post, _ in todo.to_tell]
    return done


def reached(done: Sequence[Step]) -> list[tuple[str, float]]:
    return [(step.post, step.at / HOUR) for step in done if step.outcome == TOLD]


def test_two_posts_are_told_at_once_and_the_next_after_an_hour(said: DutyFile) -> None:
    assert reached(walk(said, EVERYBODY, {}, 2.5)) == [
        ("duty sergeant", 0), ("duty inspector", 0), ("on-call detective inspector", 1), ("superintendent", 2)]  # fmt: skip


def test_whoever_cannot_be_reached_is_passed_to_the_next_in_the_same_tick(said: DutyFile) -> None:
    assert reached(walk(said, EVERYBODY, {"duty sergeant": False}, 0)) == [
        ("duty inspector", 0), ("on-call detective inspector", 0)]  # fmt: skip


def test_a_team_without_a_sergeant_on_duty_is_passed_over(said: DutyFile) -> None:
    held = [each for each in EVERYBODY if each.post != "duty sergeant"]
    assert reached(walk(said, held, {}, 0)) == [("duty inspector", 0), ("on-call detective inspector", 0)]
    of_south = [*held, Held("duty sergeant", "South", "S2", 1 << 40)]
    assert reached(walk(said, of_south, {}, 0)) == reached(walk(said, held, {}, 0)), (
        "another team's sergeant is not this team's"
    )


def test_with_nobody_on_duty_at_all_it_ends_with_somebody_who_is_always_there(said: DutyFile) -> None:
    assert reached(walk(said, [], {}, 2)) == [("control room", 0), ("control room", 1), ("control room", 2)]


def test_where_nothing_arrives_it_is_tried_again_and_never_given_up(said: DutyFile) -> None:
    nothing = dict.fromkeys(said.posts, False)
    tries = {step.at for step in walk(said, EVERYBODY, nothing, 1) if step.outcome == UNDELIVERED}
    assert tries == {minutes * MINUTE for minutes in range(0, 61, 10)}


def test_being_seen_clears_nothing_and_begins_the_hour_anew(said: DutyFile) -> None:
    assert reached(walk(said, EVERYBODY, {}, 2, seen_at=[0.5])) == [
        ("duty sergeant", 0), ("duty inspector", 0), ("on-call detective inspector", 1.5)]  # fmt: skip


POSTS = st.sampled_from(["duty sergeant", "duty inspector", "on-call detective inspector", "superintendent"])


@settings(max_examples=40)
@given(st.sets(POSTS), st.sets(POSTS), st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0]), max_size=3))
def test_whoever_is_absent_or_unreachable_somebody_outside_the_team_is_told(
    away: set[str], dead: set[str], seen: list[float]
) -> None:
    """Whatever the roster and the channels, within six hours every post that can be reached was told, the last one too."""
    said = _said()
    held = [each for each in EVERYBODY if each.post not in away]
    told = [post for post, _ in reached(walk(said, held, dict.fromkeys(dead, False), 7, seen))]
    chain = ["duty sergeant", "duty inspector", "on-call detective inspector", "superintendent"]
    assert set(told) == {*chain, "control room"} - away - dead
    assert len(told) >= 2, "it goes on for as long as it is so"


def _said() -> DutyFile:
    from everystone.standards.pack import load

    if not _KEPT:
        found = read_duty(load())
        assert found is not None
        _KEPT.append(found)
    return _KEPT[0]


_KEPT: list[DutyFile] = []


def test_what_is_over_is_told_from_the_beginning_when_it_is_so_again(lists: Worklists, said: DutyFile) -> None:
    put_up(lists, "REC-03")
    now_up = up(lists.database, said, NOW)
    note(lists.database, now_up, ("duty sergeant", "North"), TOLD, 100)
    assert [step.post for step in steps(lists.database)[now_up[0].key]] == ["duty sergeant"]
    end(lists.database, [], 200)
    assert steps(lists.database) == {}
    end(lists.database, now_up, 300)
    assert owed(now_up, steps(lists.database), said, EVERYBODY, 300).to_tell.keys() == {
        ("duty sergeant", "North"),
        ("duty inspector", ""),
    }


# ---- leave and cover ------------------------------------------------------------------------------------------------


def test_who_is_away_is_covered_or_missing(lists: Worklists) -> None:
    now = lists.book.clock()
    assert [each.officer for each in holders(lists.database, now)[0]] == ["D1", "S1"]
    insert(
        lists.database,
        "work_leave",
        ("officer", "cover", "lo", "hi"),
        [("S1", "S9", now - 1, now + HOUR), ("D1", "", now - 1, now + HOUR)],
    )
    held, absent = holders(lists.database, now)
    assert [(each.post, each.officer, each.covers, each.until) for each in held] == [
        ("duty sergeant", "S9", "S1", now + HOUR)
    ]
    assert [each._replace(until=0) for each in absent] == [Absent("duty inspector", "Duty", "D1", 0)]
    insert(lists.database, "work_leave", ("officer", "cover", "lo", "hi"), [("S9", "", now - 1, now + HOUR)])
    assert holders(lists.database, now)[0] == [], "whoever covers and is away covers nobody"


def test_what_was_told_and_what_feeds_brought_is_in_a_backup_and_comes_back(lists: Worklists, folder: Path) -> None:
    """With the keys, since it names cases; what follows from the ledger is left out, and asked anew where it is restored."""
    from everystone.ledger.book.backup import back_up, restore
    from everystone.ledger.book.connection import database, open_database
    from everystone.ledger.book.keys import open_keys
    from everystone.work.tables import are_current, insert

    insert(lists.database, "told", STEP, [("case/Alder", "C1", "1", "duty inspector", "", "told", "", NOW)])
    insert(lists.database, "told_sheet", ("name", "day", "outcome"), [("North", "2026-03-02", "told")])
    files = back_up(lists.book, folder / "ledger-backup", folder / "keys-backup", NOW)
    assert b"case/Alder" not in files[0].read_bytes()
    restored, keys = database(open_database(str(folder / "again"))), open_keys(str(folder / "again-keys"))
    assert restore(*files, restored, keys, lists.book.reader, lists.book.clock).sound
    for table in ("told", "told_sheet", "told_turn"):
        rows = [each.run(f"SELECT * FROM {table}").fetchall() for each in (lists.database, restored)]
        assert [tuple(row) for row in rows[0]] == [tuple(row) for row in rows[1]] != []
    assert not restored.has("work_frame")
    assert not are_current(restored)


def test_a_line_that_nobody_accepts_is_told_to_the_next_post(lists: Worklists, said: DutyFile) -> None:
    """An hour after it was left, or when what it asks for is due; two posts, and an hour later one more."""
    from everystone.work.handover import LINE

    def up_at(now: int) -> list[Up]:
        return [each for each in up(lists.database, said, now) if said.by_key()[each.item].line]

    row = ("case/Alder", "C1", "site/h1", "S1", "supervisor", "duty inspector", NOW, NOW + 8 * HOUR, "", None)
    insert(lists.database, "work_line", LINE, [row])
    assert up_at(NOW + HOUR - 1) == []
    (line,) = up_at(NOW + HOUR)
    assert (line.case, line.person) == ("Alder", "C1")
    passed, told = plan(line, [], said, EVERYBODY, NOW + HOUR)
    assert (passed, [post for post, _ in told]) == ([], ["duty inspector", "superintendent"])
    done = [Step(post, TOLD, "", NOW + HOUR) for post, _ in told]
    assert len(plan(line, done, said, EVERYBODY, NOW + 2 * HOUR)[1]) == 1, "and then the next"
    lists.database.run("UPDATE work_line SET accepted_by = 'D1', accepted_at = ?", (NOW + HOUR,))
    assert up_at(NOW + 3 * HOUR) == []


def test_a_line_whose_time_is_up_waits_no_hour(lists: Worklists, said: DutyFile) -> None:
    from everystone.work.handover import LINE

    row = ("case/Alder", "C1", "site/h1", "S1", "supervisor", "duty inspector", NOW, NOW + 600, "", None)
    insert(lists.database, "work_line", LINE, [row])
    assert [each.item for each in up(lists.database, said, NOW + 600) if said.by_key()[each.item].line] == ["14"]
