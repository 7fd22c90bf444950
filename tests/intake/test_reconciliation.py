"""Other bodies' lists beside the record: every false claim found, nobody honest accused, nobody tipped off."""

from __future__ import annotations

import csv
import json
import random
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everystone import library
from everystone.account.reconciliation import write_reconciliation, write_sealed
from everystone.intake.reconciliation.claims import claims_in
from everystone.intake.reconciliation.held import Held, silences
from everystone.intake.reconciliation.likeness import Degree, bare, dates, names, parts, references
from everystone.intake.reconciliation.lists import asked_by, read_list
from everystone.intake.reconciliation.outcomes import BOTH, NOT_OURS, NOT_THEIRS, UNTOLD, Reconciled, reconcile
from everystone.intake.reconciliation.pairing import Told, pair
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.synthetic.force import synthesise
from tests.cli.test_cli import everystone
from tests.synthetic.made import by_case, rows, streams

HEAD = ["case", "reference", "person", "date", "decision"]
Rows = list[list[str]]


# ---- likeness ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        ("CP/2016/00412", "cp 2016 00412", "the same reference"),
        ("CP201600412", "CP201600421", "two characters transposed"),
        ("CP201600412", "CP20160412", "one character doubled"),
        ("CP201600412", "CP2016O0412", "look-alike"),
        ("CP201600412", "CP20160042", "one character missing"),
        ("CP201600412", "CP2016004512", "one character missing"),
        ("CP201600412", "CP201600472", "one character different"),
    ],
)
def test_a_reference_typed_wrong_is_known_again_and_why(ours: str, theirs: str, why: str) -> None:
    assert why in references(bare(ours), bare(theirs)).why


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        ("Robin Ashby", "ASHBY, Robin", True),
        ("Robin Ashby", "R Ashby", True),
        ("Robin Ashby", "Robin Ahsby", True),
        ("Robin Ashby", "Ashby R0bin", True),
        ("Siân O'Fern", "Sian OFern", True),
        ("Robin Kit Ashby", "Robin Ashby", True),
        ("Robin Ashby", "Jules Ashby", False),
        ("Robin Ashby", "Robin Thornby", False),
        ("P00017", "P00932", False),
        ("", "Robin Ashby", False),
    ],
)
def test_a_name_typed_otherwise_is_the_same_person_and_another_is_not(ours: str, theirs: str, alike: bool) -> None:
    assert (names(parts(ours), parts(theirs)).degree <= Degree.NEAR) is alike


def test_days_a_few_apart_are_no_difference_and_a_typing_error_is_said() -> None:
    day = date(2016, 3, 5).toordinal()
    assert dates(day, day + 7, 7).why == "7 days apart"
    assert dates(day, date(2016, 5, 3).toordinal(), 7).why.startswith("day and month")
    assert dates(day, date(2017, 3, 5).toordinal(), 7).why.startswith("one digit")
    assert dates(day, day + 50, 7).degree == Degree.UNLIKE


@given(st.text("ABCDEF0123456789", min_size=5, max_size=14), st.data())
def test_any_one_typing_step_is_near(reference: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(reference) - 1))
    left, char, right = reference[:place], reference[place], reference[place + 1 :]
    typed = data.draw(st.sampled_from([left + right, left + char + char + right, left + "7" + right,
                                       left + right[:1] + char + right[1:]]))  # fmt: skip
    assert references(reference, typed).degree <= Degree.NEAR


# ---- whole lists -------------------------------------------------------------------------------------------------

FIRST = ["Amber", "Blake", "Casey", "Drew", "Ellis", "Frankie", "Gray", "Harper", "Indigo", "Jules", "Kit", "Lane"]
LAST = [a + b for a in ("Ash", "Birch", "Cedar", "Elm", "Fern", "Gorse", "Hazel", "Larch", "Maple", "Pine", "Reed", "Thorn")
        for b in ("bourne", "croft", "den", "field", "gate", "ham", "ley", "mere", "ridge", "stead", "wick", "worth")]  # fmt: skip


def typed(text: str, chance: random.Random, share: float = 0.05) -> str:
    """The text, one time in twenty with a typing error."""
    if len(text) < 2 or chance.random() >= share:
        return text
    place = chance.randrange(len(text) - 1)
    left, one, other, right = text[:place], text[place], text[place + 1], text[place + 2 :]
    alike = {"0": "O", "1": "I", "5": "S", "8": "B", "O": "0", "I": "1", "S": "5", "B": "8"}
    return left + chance.choice([other + one, other, one + one + other, alike.get(one, one) + other]) + right


def invented(seed: int, size: int) -> tuple[Rows, Rows, set[int]]:
    """Claims and a list with gaps on both sides and typing errors on both; the places of the false claims."""
    chance, first = random.Random(seed), date(2013, 1, 1).toordinal()
    claims, listed, false = Rows(), Rows(), set[int]()
    for number in range(size):
        reference = f"CP/{2013 + number * 10 // size}/{number:06d}"
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)} {chance.choice(LAST)}"
        day = first + chance.randrange(3600)
        sort = chance.random()
        told = typed(reference, chance) if chance.random() > 0.1 else ""
        if sort < 0.06:
            false.add(len(claims))
            told = (
                f"CP/{2013 + chance.randrange(10)}/{chance.randrange(900_000, 999_999)}"
                if chance.random() < 0.6
                else ""
            )
        if sort >= 0.12 or sort < 0.06:
            shown = date.fromordinal(day + chance.choice([0, 0, 1, 2, 5]))
            claims.append([f"C{number}", told, typed(name, chance), shown.isoformat(), "charge"])
        if sort >= 0.06:
            listed.append(
                ["", typed(reference, chance), typed(name, chance), date.fromordinal(day).strftime("%d/%m/%Y"), "CHG"]
            )
    order = chance.sample(range(len(listed)), len(listed))
    return claims, [listed[place] for place in order], false


def written(path: Path, said: Rows) -> Path:
    """A list as a CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD, *said])
    return path


def laid(folder: Path, claims: Rows, listed: Rows, **more: str) -> Reconciled:
    """A list laid beside claims."""
    return library.reconcile(
        written(folder / "claims.csv", claims), written(folder / "list.csv", listed), "cps", **more
    )


@pytest.mark.parametrize("seed", range(4))
def test_every_false_claim_is_found_and_nobody_honest_is_accused(seed: int, tmp_path: Path) -> None:
    claims, listed, false = invented(seed, 900)
    done = laid(tmp_path, claims, listed, kept_from="2012-06-01", kept_to="2023-06-30")
    accused = {int(line.claim.removeprefix("row ")) - 2 for line in done.lines if line.outcome == NOT_THEIRS}
    assert accused == false and len(false) > 25
    assert not done.differences
    assert all(line.question.endswith("?") for line in done.lines if line.outcome in (NOT_THEIRS, NOT_OURS))


@pytest.mark.parametrize("by", ["reference", "person,date", "reference,person", "reference,date"])
def test_whatever_is_compared_nobody_honest_is_accused(by: str, tmp_path: Path) -> None:
    claims, listed, false = invented(3, 500)
    one, other = written(tmp_path / "claims.csv", claims), written(tmp_path / "list.csv", listed)
    done = library.reconcile(one, other, "cps", by, kept_from="2012-06-01", kept_to="2023-06-30")
    accused = {int(line.claim.removeprefix("row ")) - 2 for line in done.lines if line.outcome == NOT_THEIRS}
    without = {place for place in false if not claims[place][1]} if "person" not in by else set()
    assert accused == false - without, "a claim that gives nothing of what is compared cannot be told"


@pytest.mark.proof
def test_a_hundred_thousand_claims_beside_as_many_rows(tmp_path: Path, figures: dict[str, object]) -> None:
    claims, listed, false = invented(1, 100_000)
    began = time.process_time()
    done = laid(tmp_path, claims, listed, kept_from="2012-06-01", kept_to="2023-06-30")
    figures["reconcile 100,000 x 100,000, seconds of one processor"] = round(time.process_time() - began, 1)
    accused = {int(line.claim.removeprefix("row ")) - 2 for line in done.lines if line.outcome == NOT_THEIRS}
    figures["honest claims asked about"] = len(accused - false)
    figures["false claims not asked about"] = len(false - accused)
    assert not accused - false and not done.differences
    # what is left gives no reference, and the list holds a namesake's entry of that week that nobody else claims
    assert all(not claims[place][1] for place in false - accused) and len(false - accused) < len(false) / 1000


GAPS = [
    ("2014-03-01", "2014-05-31"),
    ("2016-08-01", "2016-09-30"),
    ("2019-01-01", "2019-12-31"),
]  # months that are missing


def ordinal(text: str) -> int:
    """The number of a written day."""
    return date.fromisoformat(text).toordinal()


def in_a_gap(day: str, days: int = 0) -> bool:
    """Whether a day, give or take some, lies in the months that are missing from the list."""
    return any(ordinal(first) - days < ordinal(day) < ordinal(last) + days for first, last in GAPS)


def european(text: str) -> str:
    """31/12/2020 as 2020-12-31."""
    return "-".join(reversed(text.split("/")))


@pytest.mark.parametrize("said", [False, True], ids=["months missing, nobody says so", "months missing, and said"])
def test_a_list_that_misses_months_accuses_nobody_honest(said: bool, tmp_path: Path) -> None:
    claims, listed, false = invented(7, 900)
    kept = [row for row in listed if not in_a_gap(european(row[3]))]
    assert len(kept) < 0.9 * len(listed)
    missing = ["/".join(gap) for gap in GAPS] if said else []
    done = library.reconcile(written(tmp_path / "claims.csv", claims), written(tmp_path / "list.csv", kept), "cps",
                             kept_from="2012-06-01", kept_to="2023-06-30", missing=missing)  # fmt: skip
    accused = {int(line.claim.removeprefix("row ")) - 2 for line in done.lines if line.outcome == NOT_THEIRS}
    could = {place for place in false if not in_a_gap(claims[place][3], 40)}
    assert accused <= false and len(could) > 20 and could <= accused
    untold = [line for line in done.lines if line.outcome == UNTOLD]
    assert len(untold) > 60 and any("has no entry from" in line.reasons for line in untold)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), size=st.integers(3, 600), busy=st.floats(0.02, 3))
def test_entries_that_come_evenly_leave_no_silence(seed: int, size: int, busy: float) -> None:
    chance, day, days = random.Random(seed), 700_000.0, list[int]()
    for _ in range(size):
        day += min(chance.expovariate(busy), 8 / busy)
        days.append(int(day))
    assert silences(days) == ()
    gap = int(40 + 20 / busy)
    torn = [each + gap * (place >= size // 2) for place, each in enumerate(days)]
    assert len(set(days)) < 10 or len(silences(torn)) == 1


def test_a_stretch_that_is_none_is_refused(tmp_path: Path) -> None:
    one = written(tmp_path / "claims.csv", [["C1", "CP/2013/000001", "Amber Ashden", "2013-04-01", "charge"]])
    for text in ("2015", "2015-05-31/2015-03-01", "spring/summer"):
        with pytest.raises(Fault, match=r"stretch of days|is no day"):
            library.reconcile(one, one, "cps", missing=[text])


CHANGES: dict[str, Callable[[list[str]], list[str]]] = {
    "person": lambda row: [*row[:2], "Zephyr Quillwort", *row[3:]],
    "date": lambda row: [*row[:3], "23/12/2010", row[4]],
    "decision": lambda row: [*row[:4], "NFA"],
}


@pytest.mark.parametrize("fact", CHANGES)
def test_nothing_that_others_read_changes_with_a_difference(fact: str, tmp_path: Path) -> None:
    claims, listed, _ = invented(7, 300)
    ours = {row[1] for row in claims}
    place = next(n for n, row in enumerate(listed) if row[1] in ours)
    twin = [CHANGES[fact](row) if n == place else row for n, row in enumerate(listed)]
    pages = []
    for name, each in (("one", listed), ("two", twin)):
        folder = tmp_path / name
        folder.mkdir()
        done = laid(folder, claims, each)
        write_sealed(done, folder / "sealed", folder / "out")
        write_reconciliation(done, folder / "out")
        pages.append({path.name: path.read_bytes() for path in (folder / "out").iterdir()})
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.rglob("out/*"))
        assert (folder / "sealed" / "differences.csv").stat().st_mode & 0o077 == 0
    assert pages[0] == pages[1]
    sealed = rows(tmp_path / "two" / "sealed" / "differences.csv")
    assert [row["fact"] for row in sealed] == [fact] and not rows(tmp_path / "one" / "sealed" / "differences.csv")


def test_the_sealed_folder_is_never_inside_the_other(tmp_path: Path) -> None:
    done = laid(tmp_path, [["C1", "R1234", "A Fern", "2016-01-02", ""]], [["", "R1234", "A Fern", "2016-01-02", ""]])
    with pytest.raises(Fault, match="inside the other"):
        write_sealed(done, tmp_path / "out" / "sealed", tmp_path / "out")


def test_a_list_that_begins_later_cannot_tell(tmp_path: Path) -> None:
    claims = [
        ["C1", "CP/1999/1", "Robin Ashby", "2011-09-05", ""],
        ["C2", "CP/2014/9", "Kit Fernham", "2014-09-05", ""],
    ]
    listed = [["", "CP/2013/1", "Jules Elmden", "04/01/2013", ""], ["", "CP/2015/1", "Lane Pineley", "01/06/2015", ""]]
    for more in ({}, {"kept_from": "2013-01-01", "kept_to": "2015-12-31"}):
        found = {line.case: line for line in laid(tmp_path, claims, listed, **more).lines if line.claim}
        assert found["C1"].outcome == UNTOLD and "begins on" in found["C1"].reasons and not found["C1"].question
        assert found["C2"].outcome == NOT_THEIRS


def test_one_row_of_theirs_answers_one_act_of_ours(tmp_path: Path) -> None:
    claims = [
        ["C1", "CP/2014/000100", "Robin Ashby", "2014-09-05", ""],
        ["C9", "CP/2014/000100", "Kit Fernham", "2014-11-20", ""],
    ]
    listed = [["", "CP/2014/000100", "Robin Ashby", "05/09/2014", ""]]
    found = {line.case: line.outcome for line in laid(tmp_path, claims, listed, kept_from="2010-01-01").lines}
    assert found == {"C1": BOTH, "C9": NOT_THEIRS}


def test_cells_are_no_formulas_and_the_page_runs_no_script(tmp_path: Path) -> None:
    claims = [["=1+1", "@CP", "<script>x</script>", "2014-09-05", ""]]
    done = laid(tmp_path, claims, [["", "+2", "-3 Fern", "05/09/2014", ""]], kept_from="2010-01-01")
    page = write_reconciliation(done, tmp_path / "out").read_text()
    table = (tmp_path / "out" / "reconciled.csv").read_text()
    assert "<script" not in page and "'=1+1" in table and "'@CP" in table and "'-3 Fern" in table


def test_a_list_with_semicolons_and_heads_of_its_own_is_read_and_what_is_not_is_said(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "Unique no;Who;Came in\nCP/2014/1;Fern, Robin;05.09.2014\nCP/2014/2;Kit Ash;soon\n"
    )
    claims = written(tmp_path / "claims.csv", [["C1", "CP/2014/1", "Robin Fern", "2014-09-05", ""]])
    by = "reference=Unique no,person=Who,date=Came in"
    done = library.reconcile(claims, tmp_path / "list.csv", "cps", by)
    assert done.counts[BOTH] == 1 and done.unread == "Of their list 0 rows and 1 dates could not be read."


@pytest.mark.parametrize(("by", "body", "says"), [("reference,shoe", "cps", "shoe"), ("reference=Nothing", "cps", "Nothing"),
                                                  ("reference", "cpss", "Was 'cps' meant")])  # fmt: skip
def test_what_cannot_be_used_is_said(by: str, body: str, says: str, tmp_path: Path) -> None:
    one = written(tmp_path / "list.csv", [["", "R1", "A", "2014-01-01", ""]])
    with pytest.raises(Fault, match=says):
        library.reconcile(one, one, body, by)


# ---- from an extract ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An invented force in which prosecutors are said to have been consulted, and their own list of what they decided."""
    folder = tmp_path_factory.mktemp("claims") / "force"
    synthesise(300, 11, folder, ["claims-without-proof"])
    chance = random.Random(5)
    decided = [
        row for row in rows(folder / "entries.csv") if row["kind"] == "cps.decided" and row["channel"] == "prosecutor"
    ]
    listed = [["", typed(reference_of(row), chance), row["subjects"], row["happened"][:10], ""] for row in decided]
    written(folder.parent / "list.csv", listed)
    return folder


def reference_of(row: dict[str, str]) -> str:
    """The reference that an entry of the force carries."""
    return str(json.loads(row["data"]).get("reference", ""))


def test_the_claims_written_into_an_invented_force_are_found(force: Path, tmp_path: Path, pack: Pack) -> None:
    truth = pq.read_table(force / "truth.parquet").to_pylist()
    added = {row["key"] for row in truth if row["did"] == "added"}
    book = ParquetBook(tmp_path / "ledger", pack.words.kinds.texts)
    book.append(entry for entries in streams(force, by_case(force), pack).values() for entry in entries)
    assert pack.bodies is not None
    listed = read_list(force.parent / "list.csv", asked_by("reference,person,date"), pack.bodies, "cps")
    claims = claims_in(book, pack.words, pack.bodies, "cps")
    done = reconcile(
        claims, listed, pack.bodies.named("cps"), by=("reference", "person", "date"), held=Held(None, None)
    )
    asked = {key for line in done.lines if line.outcome == NOT_THEIRS for key in line.claim.split("; ")}
    assert added and added <= asked
    decided = {line.their_reference for line in done.lines if line.outcome == BOTH}
    assert not done.differences and len(decided) > 20
    undecided = {line.our_reference for line in done.lines if line.outcome == NOT_THEIRS and line.our_reference}
    assert not undecided & decided


EXTRACT = """key,case,kind,person,when,by,reference,type
1,C1,claim,K1,2016-06-06 16:00,D1,CP/2016/000123,cps
2,C2,claim,K2,2016-06-07 16:00,D1,,cps
3,C3,claim,K3,2016-06-07 16:00,D1,R-1,social_care
"""
MAPPING = """
name: small-extract
zone: Europe/London
as_of: 2016-12-31
holds:
  - {kinds: [claim.made]}
tables:
  - file: entries.csv
    entries:
      - kind: claim.made
        stream: {column: case, prefix: case/}
        row_key: [key]
        subjects: {column: person}
        happened: {column: when}
        by: {column: by}
        fields: {claim_type: {column: type}, claimed_reference: {column: reference}}
"""


def test_an_extract_is_read_through_its_mapping(tmp_path: Path) -> None:
    (tmp_path / "entries.csv").write_text(EXTRACT)
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    written(
        tmp_path / "list.csv",
        [["", "CP/2016/000132", "K1", "06/06/2016", ""], ["", "CP/2016/000500", "K9", "01/08/2016", ""]],
    )
    extract = library.read([tmp_path / "entries.csv"], tmp_path / "mapping.yaml", tmp_path / "ledger")
    done = library.reconcile(extract, tmp_path / "list.csv", "cps", kept_from="2010-01-01", kept_to="2020-01-01")
    found = {line.case or line.their_reference: line for line in done.lines}
    assert found["C1"].outcome == BOTH and "transposed" in found["C1"].reasons
    assert found["C2"].outcome == NOT_THEIRS and "C3" not in found
    assert found["CP/2016/000500"].outcome == UNTOLD, (
        "this extract holds one kind only: it could not have held a submission"
    )
    assert done.to_arrow().num_rows == 3


def test_the_command_says_four_lines_and_where_things_are(tmp_path: Path) -> None:
    claims, listed, _ = invented(3, 60)
    written(tmp_path / "claims.csv", claims)
    written(tmp_path / "list.csv", listed)
    done = everystone("reconcile", "--claims", tmp_path / "claims.csv", "--list", tmp_path / "list.csv", "--body", "cps",
                      "--by", "reference,person,date", "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    for outcome in (NOT_THEIRS, NOT_OURS, UNTOLD, BOTH):
        assert outcome in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"reconciliation.html", "reconciled.csv", "run.json"}
    assert (tmp_path / "out-sealed").stat().st_mode & 0o077 == 0


# ---- data that nobody here wrote ---------------------------------------------------------------------------------


def _day(*parts_of: str) -> int | None:
    try:
        return date(*map(int, parts_of)).toordinal()
    except (TypeError, ValueError):
        return None


def test_outside_lists_with_known_answers(shared: Path) -> None:
    folder = shared / "data" / "record-linkage"
    with (folder / "febrl_dataset1.csv").open() as file:
        read = list(csv.DictReader(file, skipinitialspace=True))
    sides = [[row for row in read if row["rec_id"].endswith("-org") is first] for first in (True, False)]
    told = [[Told(bare(row["soc_sec_id"]), (parts(f"{row['given_name']} {row['surname']}"),),
                  _day(row["date_of_birth"][:4], row["date_of_birth"][4:6], row["date_of_birth"][6:8])) for row in side]
            for side in sides]  # fmt: skip
    pairs = pair(told[0], told[1], 0)
    right = sum(
        sides[0][each.ours]["rec_id"].split("-")[1] == sides[1][each.theirs]["rec_id"].split("-")[1] for each in pairs
    )
    assert right == len(pairs) and right >= 0.95 * 500

    with (folder / "RLdata500.csv").open() as file:
        people = list(csv.DictReader(file))
    seen: set[str] = set()
    ours, theirs = list[tuple[str, Told]](), list[tuple[str, Told]]()
    for row in people:
        name = parts(" ".join([row["fname_c1"], row["fname_c2"], row["lname_c1"], row["lname_c2"]]))
        (theirs if row["identity"] in seen else ours).append(
            (row["identity"], Told("", (name,), _day(row["by"], row["bm"], row["bd"])))
        )
        seen.add(row["identity"])
    found = pair([each for _, each in ours], [each for _, each in theirs], 0)
    assert all(ours[each.ours][0] == theirs[each.theirs][0] for each in found) and len(found) >= 45
