"""Found in the text: what a named person accepted settles a finding, and does nothing else."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from everystone.account.proposals import propose, write_proposals
from everystone.findings.answer import Answer
from everystone.findings.explain import sentence
from everystone.findings.found import MARK
from everystone.findings.frames import Instants, frames_of
from everystone.findings.possibly import Passage, Possibly
from everystone.findings.reference import Questions, ask
from everystone.findings.review import review
from everystone.intake.accepted import take_accepted
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.entry import FOUND, Entry, Source
from everystone.ledger.fault import Fault
from everystone.standards import document
from everystone.standards.pack import Pack
from everystone.standards.story import end_of, tell

PEOPLE = {
    "C1": {"role": "victim", "born": "2008", "name": "Rowan Fern"},
    "K1": {"role": "suspect", "born": "1980"},
    "O1": {"role": "officer", "rank": "constable"},
}
TIMELINE = """
2016-06-06 10:00  report.received  C1  by O1  {child_at_risk_now: false}
2016-06-06 18:00  note.added       C1  by O1  {text: "Attended school, saw Rowan alone in the library. Will phone mum."}
2016-06-06 18:30  child.voice       C1  by O1  {text: "I like the library"}
2016-06-06 19:00  claim.made       K1  by O1  {claim_type: cps, text: prosecutor consulted}
"""
AT = "2016-12-31"


def streams_of(pack: Pack, *found: Entry) -> dict[str, list[Entry]]:
    """The case, with entries found in texts."""
    story = tell(document.plain({"case": "Oak", "people": PEOPLE, "timeline": TIMELINE}), pack, "a test")
    streams = {name: list(entries) for name, entries in story.streams.items()}
    streams["case/Oak"] += found
    return streams


def found_entry(pack: Pack, kind: str, when: str, subjects: tuple[str, ...] = ("C1",), **data: object) -> Entry:
    """An entry that a named person accepted."""
    template = streams_of(pack)["case/Oak"][-1]
    lo, hi = pack.words.calendar.span(when)
    return template._replace(
        kind=kind, subjects=subjects, lo=lo, hi=hi, recorded=hi, accepted=hi, data=data, number=99,
        source=Source("found", FOUND, f"found/{kind}/{when}"), attachments=("the log", "112", "saw her alone", "DI Marsh"),
    )  # fmt: skip


def asked(pack: Pack, *found: Entry) -> list[Answer]:
    """Every answer about the case."""
    when = Instants(end_of(AT, pack.words), end_of(AT, pack.words), tell({"timeline": ""}, pack, "t").coverage)
    questions = Questions(pack)
    return [each for frame in frames_of(streams_of(pack, *found), pack.words, when) for each in ask(frame, questions)]


def by_standard(answers: list[Answer], name: str) -> list[tuple[str, bool]]:
    return [(each.answer, MARK in each.marks) for each in answers if each.standard == name]


def test_an_accepted_entry_settles_its_finding_and_says_so(pack: Pack) -> None:
    assert by_standard(asked(pack), "REC-03")[0] == ("not met", False)
    seen = found_entry(pack, "child.seen", "2016-06-06 18:00", alone=True, place="school")
    when = Instants(end_of(AT, pack.words), end_of(AT, pack.words), tell({"timeline": ""}, pack, "t").coverage)
    frame = next(each for each in frames_of(streams_of(pack, seen), pack.words, when) if each.sort == "case")
    answers = ask(frame, Questions(pack))
    voice = [each for each in answers if each.standard == "REC-03" and MARK in each.marks]
    assert voice and all(each.answer == "met" for each in voice)
    assert "found in the text, page 112 of the log" in sentence(voice[0], pack, frame)


def test_it_settles_and_does_nothing_else(pack: Pack) -> None:
    plain = {each.key: each for each in asked(pack)}
    for kind in (
        "child.seen",
        "decision.nfa",
        "cps.submitted",
        "arrest.made",
        "crime.recorded",
        "disposal.given",
        "exhibit.seized",
    ):
        entry = found_entry(
            pack, kind, "2016-06-06 17:00", ("K1",) if kind in ("arrest.made", "disposal.given") else ("C1",)
        )
        with_it = {each.key: each for each in asked(pack, entry)}
        assert set(with_it) <= set(plain), f"{kind} began a duty"
        for key, each in with_it.items():
            same = (each.answer, each.reason) == (plain[key].answer, plain[key].reason)
            assert same or (each.answer == "met" and MARK in each.marks), kind


def test_a_claim_is_never_settled_so(pack: Pack) -> None:
    before = by_standard(asked(pack), "SUP-07")
    sent = found_entry(pack, "cps.submitted", "2016-06-06 15:00", ("K1",), reference="CP/1")
    decided = found_entry(pack, "cps.decided", "2016-06-06 16:00", ("K1",), reference="CP/1", decision="advice")
    assert before == [("not met", False)]
    assert by_standard(asked(pack, sent, decided), "SUP-07") == before


def test_no_other_bodys_act_is_proved(pack: Pack) -> None:
    bodies = sorted(pack.words.kinds.of_another_body)
    found = [found_entry(pack, kind, "2016-06-06 17:00", ("C1", "K1"), reference="R-1") for kind in bodies]
    for each in asked(pack, *found):
        asks = pack.standards[each.standard].standard
        assert MARK not in each.marks or "the other body" not in str(asks.response), each.standard


def test_a_place_is_shown_beside_the_finding_and_changes_nothing(pack: Pack) -> None:
    when = Instants(end_of(AT, pack.words), end_of(AT, pack.words), tell({"timeline": ""}, pack, "t").coverage)
    streams = streams_of(pack)
    frame = next(each for each in frames_of(streams, pack.words, when) if each.sort == "case")
    answers = ask(frame, Questions(pack))
    pages = [Passage("the log", "112", "", "Spoke to Rowan alone at home.")]
    proposed = Possibly(pack).proposals(frame, streams["case/Oak"], answers, pages)
    found = [each for each in proposed if each.standard == "REC-03"]
    assert {each.kind for each in found} == {"child.seen"}
    said = [each.says(pack.words, quoted=True) for each in found]
    assert any("on page 112 of the log" in each for each in said) and any("saw Rowan alone" in each for each in said)
    assert "Rowan" not in found[0].says(pack.words, quoted=False)
    assert "SUP-07" not in {each.standard for each in proposed}
    assert ask(frame, Questions(pack)) == answers


# ---- the file of acceptances -------------------------------------------------------------------------------------


@pytest.fixture
def book(pack: Pack, tmp_path: Path) -> ParquetBook:
    book = ParquetBook(tmp_path / "ledger", pack.words.kinds.texts)
    book.append(entry for entries in streams_of(pack).values() for entry in entries)
    return book


def test_from_a_proposal_to_a_settled_finding(pack: Pack, book: ParquetBook, tmp_path: Path) -> None:
    when = Instants(end_of(AT, pack.words), end_of(AT, pack.words), book.coverage())
    review(book.folder, pack, when, tmp_path / "one", processes=1)
    path = tmp_path / "proposals.csv"
    (tmp_path / "documents" / "Oak").mkdir(parents=True)
    (tmp_path / "documents" / "Oak" / "log.txt").write_text("First page.\fSpoke to Rowan alone at home.")
    assert (
        write_proposals(propose(book, pack, when, tmp_path / "one" / "findings.parquet", tmp_path / "documents"), path)
        >= 2
    )
    assert path.stat().st_mode & 0o077 == 0
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert {(row["document"], row["page"]) for row in rows} >= {("log", "2")}
    assert take_accepted(path, book, pack.words) == 0, "nobody has accepted anything"
    chosen = next(row for row in rows if row["kind"] == "child.seen" and row["happened"])
    chosen.update(accepted_by="DI Marsh", accepted_on="2016-12-01", fields='{"alone": true, "place": "school"}')
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(chosen))
        writer.writeheader()
        writer.writerows(rows)
    assert take_accepted(path, book, pack.words) == 1
    assert (
        take_accepted(path, book, pack.words) == 1
        and len(book.read("case/Oak")) == len(streams_of(pack)["case/Oak"]) + 1
    )
    review(book.folder, pack, when, tmp_path / "two", processes=1)
    counted = pq.read_table(tmp_path / "two" / "counts.parquet").to_pylist()
    assert sum(row["n"] for row in counted if row["answer"] == "met" and row["reason"] == MARK) >= 1


def test_rank_and_team_are_those_of_the_record_unless_the_acceptance_says_them(
    pack: Pack, book: ParquetBook, tmp_path: Path
) -> None:
    path = tmp_path / "accepted.csv"
    head, row = HEAD.strip() + ",by,rank\n", "Oak,child.seen,C1,2016-06-0{n},log,{n},x,DI,2016-07-01,,{by},{rank}\n"
    path.write_text(
        head
        + row.format(n=1, by="O1", rank="")
        + row.format(n=2, by="O1", rank="sergeant")
        + row.format(n=3, by="", rank="")
    )
    take_accepted(path, book, pack.words)
    found = [entry for entry in book.read("case/Oak") if entry.found]
    assert [entry.capacity.rank for entry in sorted(found, key=lambda entry: entry.lo)] == ["constable", "sergeant", ""]
    assert found[0].attachments[:2] == ("log", "1") and found[0].recorded == found[0].hi


HEAD = "case,kind,subjects,happened,document,page,quotation,accepted_by,accepted_on,fields\n"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Elm,child.seen,C1,2016-06-06,log,1,x,DI,2016-07-01,", "No case 'Elm'"),
        ("Oak,cps.decided,C1,2016-06-06,log,1,x,DI,2016-07-01,", "act of another body"),
        ("Oak,child.sene,C1,2016-06-06,log,1,x,DI,2016-07-01,", "not known"),
        ("Oak,child.seen,C1,2016-06-06,,1,x,DI,2016-07-01,", "document"),
        ("Oak,child.seen,C1,2016-06-06,log,1,,DI,2016-07-01,", "quotation"),
        ("Oak,child.seen,C1,6 June,log,1,x,DI,2016-07-01,", "no date"),
        ("Oak,child.seen,C1,2016-06-06,log,1,x,DI,2016-07-01,alone", "JSON object"),
        ('Oak,child.seen,C1,2016-06-06,log,1,x,DI,2016-07-01,"{""shoe"": 1}"', "no field 'shoe'"),
    ],
)
def test_an_acceptance_that_cannot_be_used_is_refused_and_nothing_taken(
    pack: Pack, book: ParquetBook, tmp_path: Path, row: str, says: str
) -> None:
    path = tmp_path / "accepted.csv"
    path.write_text(HEAD + "Oak,child.seen,C1,2016-06-06,log,1,x,DI,2016-07-01,\n" + row + "\n")
    before = len(book.read("case/Oak"))
    with pytest.raises(Fault, match=says) as fault:
        take_accepted(path, book, pack.words)
    assert "row 3" in str(fault.value) and len(book.read("case/Oak")) == before
