"""Texts that are nearly copies of one another across cases, as standards ask it: by likeness, over stories and over a book."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from everystone.findings import copies
from everystone.findings.bulk.alike import alike
from everystone.findings.copies import copies_among, gather, gathered
from everystone.findings.explain import outcome
from everystone.findings.frames import Instants, case_frame
from everystone.findings.reference import Questions, ask
from everystone.findings.review import facts_from
from everystone.intake.take import take
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.entry import Capacity, Entry, Hit, Source
from everystone.standards.language import EMPTY, LIKENESS
from everystone.standards.likeness import ALIKE, COMMON, LEAST, Fingerprint, fingerprint, near_copies, read_fingerprint
from everystone.standards.pack import Pack
from everystone.synthetic import synthesise
from tests.conftest import PROOF

TEXT = "The lead saw the mother and the school on Monday, and both gave the same day and place, which the records bear out."
OTHER = (
    "Two lines are open, the phone and the taxi records; the aunt was called and will bring the diary on her way home."
)


def written(key: str, stream: str, text: str, at: int, **changed: Any) -> Entry:
    entry = Entry(
        number=at, stream=stream, kind="review.done", subjects=(), lo=at, hi=at, recorded=at, accepted=at, by="S1",
        capacity=Capacity(), data={"text": text}, source=Source("x", "force", key),
        hits=(Hit(LIKENESS, "text", fingerprint(text), quoted=False),),
    )  # fmt: skip
    return entry._replace(**changed)


def test_the_later_of_two_is_the_copy_in_whatever_order_they_are_read() -> None:
    entries = [
        written("b", "case/Oak", TEXT, 200),
        written("a", "case/Ash", TEXT, 100),
        written("c", "case/Elm", OTHER, 300),
    ]
    for rows in (entries, entries[::-1]):
        assert copies_among(rows, 1000, 1000) == {("b", "text"): [("case/Ash", "a")]}


def test_what_was_not_known_then_or_was_corrected_away_is_no_original() -> None:
    first = written("a", "case/Ash", TEXT, 100, recorded=500)
    later = written("b", "case/Oak", TEXT, 200)
    assert copies_among([first, later], 1000, 400) == {}
    corrected = written("a2", "case/Ash", OTHER, 100, recorded=600, corrects="a")
    assert copies_among([first, later, corrected], 1000, 1000) == {}


def test_only_the_same_field_of_the_same_kind_is_compared() -> None:
    decision = written("b", "case/Oak", TEXT, 200, kind="decision.nfa")
    assert copies_among([written("a", "case/Ash", TEXT, 100), decision], 1000, 1000) == {}


def test_the_share_of_fingerprints_is_that_of_whole_texts() -> None:
    long = " ".join(f"{chr(97 + n % 26)}{'bcdfghjk'[n % 8]}{'lmnprstv'[n % 7]}word" for n in range(180))
    for kept in (1.0, 0.9, 0.5):
        part = " ".join(long.split()[: int(180 * kept)] + [f"other{chr(97 + n % 26)}x{n % 3}" for n in range(20)])
        whole = near_copies({1: long, 2: part}, at_least=0.0)[0].share
        told = read_fingerprint(fingerprint(long)).share(read_fingerprint(fingerprint(part)))
        assert told == pytest.approx(whole, abs=0.2)
        assert (told >= ALIKE) is (whole >= ALIKE)


def test_thousands_of_pairs_are_told_as_one_by_one() -> None:
    draw = Random(7)
    words = [f"{letter}word" for letter in "abcdefghijklmnopqrstuvwxyz"]
    texts = [" ".join(draw.choices(words, k=draw.randint(6, 90))) for _ in range(30)]
    changed = [
        " ".join(draw.choice(words) if draw.random() < 0.04 else word for word in text.split()) for text in texts * 3
    ]
    added = [f"{text} {other}" for text, other in pairwise(texts)]
    prints = [read_fingerprint(fingerprint(text)) for text in [*texts, *changed, *added]]
    prints.append(Fingerprint(9, frozenset([*range(8), (1 << 32) - 1])))
    pairs = [(one, other) for one in prints for other in prints]
    runs = [np.array([each.runs for each in side]) for side in zip(*pairs, strict=True)]
    least = [
        np.array([(*sorted(each.least), *[-1] * LEAST)[:LEAST] for each in side]) for side in zip(*pairs, strict=True)
    ]
    told = [one.alike(other) for one, other in pairs]
    assert alike(*runs, *least).tolist() == told
    assert len(prints) * 2 < sum(told) < len(told) / 4


def test_a_fingerprint_is_the_same_from_run_to_run_and_holds_no_word() -> None:
    said = fingerprint("one two three four five")
    assert said == "2:6032a3b3:f4ac0430"
    assert read_fingerprint(said) == Fingerprint(2, read_fingerprint(said).least)
    assert "three" not in said


@pytest.mark.parametrize(
    ("text", "empty"),
    [("Reviewed. No change. Ongoing, with the lead.", True),
     ("Awaiting decision; all in order; 3 June", True),
     ("She named a second man and the hostel where he worked", False)],
)  # fmt: skip
def test_a_text_says_something_by_words_of_its_own_and_not_by_their_number(pack: Pack, text: str, empty: bool) -> None:
    for repeated in (1, 12):
        hits = pack.lists.hits_of(pack.words.kinds.by_name["review.done"], [("text", f"{text}. " * repeated)])
        assert any(hit.list == EMPTY for hit in hits) is empty


MAPPING = """
name: one kind alone
zone: Europe/London
as_of: 2016-07-01
holds: [{kinds: [review.done, case.linked]}]
tables:
  - file: log.csv
    stream: {column: case}
    row_key: [case]
    by: {column: who}
    happened: {column: at}
    entries: [{kind: review.done, fields: {text: {column: text}, level: periodic}}]
"""


def test_a_book_answers_as_a_story_does(pack: Pack, tmp_path: Path) -> None:
    rows = [f'A{n},2016-06-03 20:0{n},S1,"{text}"' for n, text in enumerate((TEXT, f"{TEXT} No change.", OTHER))]
    (tmp_path / "log.csv").write_text("\n".join(["case,at,who,text", *rows]), encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    book = take([tmp_path / "log.csv"], tmp_path / "mapping.yaml", pack, tmp_path / "ledger").book
    end = pack.words.calendar.span("2016-06-30")[1]
    when = Instants(end, end, book.coverage())
    facts, questions = facts_from(book, pack, when, {}), Questions(pack, ["SUP-10"])
    gather(book, pack.words.kinds.compared, end, end, tmp_path / "copies.parquet")
    facts.copies = gathered(tmp_path / "copies.parquet", "", "~")
    frames = [case_frame(name, book.read(f"case/{name}"), pack.words, when, facts) for name in ("A0", "A1", "A2")]
    answers = [ask(frame, questions)[0] for frame in frames]
    assert [each.answer for each in answers] == ["met", "not met", "met"]
    assert answers[1].about == ("text", "an earlier text of another case")
    assert outcome(answers[1], pack, frames[1]) == "“text” is nearly an earlier text of another case"


def test_a_whole_book_says_on_disk_what_its_entries_say_in_memory(pack: Pack, tmp_path: Path) -> None:
    synthesise(100, 3, tmp_path / "world", ["silent-cases"])
    book = take([tmp_path / "world"], tmp_path / "world" / "mapping.yaml", pack, tmp_path / "ledger").book
    compared, known = pack.words.kinds.compared, pack.words.calendar.span("2025-06-30")[1]
    entries = [entry for stream in book.streams() for entry in book.between(stream, stream) if entry.kind in compared]
    for as_at, known_on in ((known, known), (known + 90 * 86_400, known)):
        gather(book, compared, as_at, known_on, tmp_path / "copies.parquet")
        assert gathered(tmp_path / "copies.parquet", "", "~") == copies_among(entries, as_at, known_on) != {}
    gather(book, compared, known, known, tmp_path / "one.parquet", whose=book.streams()[0])
    assert gathered(tmp_path / "one.parquet", "", "~") == {
        (key, field): earlier for (key, field), earlier in copies_among(entries, known, known).items()
        if any(entry.key == key and entry.stream == book.streams()[0] for entry in entries)
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(20 if PROOF else 2))
def test_after_new_texts_a_book_says_what_it_says_gathered_whole(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few words, so that texts share many runs, and few to a run, so that some are a form's and new ones displace others."""
    for said in ("_TRIED", "_MOVED", "_THEIRS"):
        monkeypatch.setattr(copies, said, getattr(copies, said).replace(f"<= {COMMON + 1}", "<= 4"))
    draw, kinds, book = Random(seed), ["review.done"], ParquetBook(tmp_path / "ledger", {})
    parts = [" ".join(draw.choices(["the", "lead", "saw", "and", "gave", "day", "place"], k=9)) for _ in range(9)]

    def entry(n: int, **changed: Any) -> Entry:
        text = " ".join(draw.sample(parts, draw.randint(1, 3)))
        return written(f"k{n}", f"case/{n % 17}", text, draw.randint(1, 60), recorded=100, **changed)

    def again(n: int) -> Entry:
        old = {"corrects": f"k{draw.randrange(n)}"} if draw.random() < 0.5 else {"withdraws": f"k{draw.randrange(n)}"}
        return entry(n, **(old if draw.random() < 0.3 else {}))

    book.append(entry(n) for n in range(120))
    before = tmp_path / "before.parquet"
    gather(book, kinds, 50, 200, before)
    different = 0
    for turn in range(4):
        after, first = book.last, 120 + turn * 5
        book.append(again(n) for n in range(first, first + draw.randint(1, 5)))
        now, whole = tmp_path / f"now-{turn}.parquet", tmp_path / f"whole-{turn}.parquet"
        copies.gather_again(book, kinds, 50, 200, now, before=before, after=after)
        gather(book, kinds, 50, 200, whole)
        assert pq.read_table(now).equals(pq.read_table(whole))
        different += not pq.read_table(now).equals(pq.read_table(before))
        before = now
    assert different
