"""Words that blame a child: what is raised, what is left alone and why; measured on notes nobody tuned it with."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import pytest

from everystone.account.wording import Wording
from everystone.ledger.entry import Capacity, Entry, Source
from everystone.ledger.fault import Fault
from everystone.standards.language import Lists, Term, WordList, read_lists
from everystone.standards.pack import Pack
from everystone.standards.prompts import WHOSE, prompts

NOTES = Path(__file__).parent / "notes"
#: The half of the notes (by line) that was looked at while patterns were written; the other is only counted.
SEEN, KEPT = 0, 1


def notes(name: str, half: int | None = None) -> list[str]:
    lines = (NOTES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for place, line in enumerate(lines) if half is None or place % 2 == half]


def raises(pack: Pack, text: str) -> bool:
    return any(place.raised for place in pack.lists.look(text))


def test_there_are_enough_notes() -> None:
    assert len(notes("plain")) >= 300
    assert len(notes("blaming")) >= 120


@pytest.mark.parametrize("half", [SEEN, KEPT])
def test_plain_notes_raise_nothing_and_the_others_something(pack: Pack, half: int, figures: dict[str, Any]) -> None:
    wrongly = [note for note in notes("plain", half) if raises(pack, note)]
    missed = [note for note in notes("blaming", half) if not raises(pack, note)]
    found = len(notes("blaming", half)) - len(missed)
    precision, recall = found / (found + len(wrongly)), found / len(notes("blaming", half))
    figures["words, the half looked at" if half == SEEN else "words, the half kept back"] = [precision, recall]
    assert (precision, recall) >= ((1.0, 1.0) if half == SEEN else (0.97, 0.95)), (wrongly, missed)


@pytest.mark.parametrize("more", ["wider", "last", "more", "widest"])
def test_further_notes_by_which_patterns_were_widened(pack: Pack, more: str) -> None:
    assert not [note for note in notes(f"plain-{more}") if raises(pack, note)]
    assert not [note for note in notes(f"blaming-{more}") if not raises(pack, note)]


def test_terms_that_others_collected(pack: Pack, shared: Path) -> None:
    with (shared / "data" / "language" / "terms_shared.csv").open(encoding="utf-8", newline="") as file:
        terms = list(csv.DictReader(file))
    blaming = [each["term"] for each in terms if each["kind"] != "care-language"]
    assert blaming and not [term for term in blaming if not raises(pack, term)]
    ordinary = {"care plan", "contact", "contact centre", "designated teacher"}  # names of posts, papers and places
    cared = {each["term"] for each in terms if each["kind"] == "care-language"}
    assert {term for term in cared if not raises(pack, term)} <= ordinary


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("She was not putting herself at risk.", "denied"),
        ("Nobody suggests that she made it up.", "denied"),
        ("Avoid words such as promiscuous in a log.", "rebutted"),
        ("Earlier entry used the word streetwise.", "rebutted"),
        ("Streetwise Community Project offers a place.", "a title"),
        ('Archive file titled "Child Prostitution 1974".', "a title"),
        ("Reviewed at 08:00 with the night log: two calls to the phone, one sighting at the bus station.", "part of a longer text"),
    ],
)  # fmt: skip
def test_words_that_assert_nothing_say_on_which_ground(pack: Pack, text: str, ground: str) -> None:
    (place,) = pack.lists.look(text)
    assert (place.ground, place.raised) == (ground, False)


@pytest.mark.parametrize(
    "text",
    [
        "She does not see that she is putting herself at risk.",
        "He will not accept that he puts himself at risk.",
        "Not only streetwise but rude.",
        "Did not return home, putting herself at risk.",
        "Not at school today and she is promiscuous.",
    ],
)
def test_a_denial_of_something_else_denies_nothing_here(pack: Pack, text: str) -> None:
    assert raises(pack, text)


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        ('Suspect told officers "she was asking for it".', False),
        ('She said "he told me I was his girlfriend".', False),
        ('She is "streetwise".', True),  # quotation marks and nobody who speaks
        ("Mother says she can look after herself.", True),  # somebody who speaks and no quotation marks
        ("The suspect said that she led him on.", False),  # what the accused says is no judgement of a record
        ("The suspect was seen, and she led him on.", True),
        ('Amy described him as her "boyfriend".', False),  # somebody by name
        ("The suspect is manipulative.", False),  # said of somebody else
        ("The suspect met a girl who is manipulative.", True),
    ],
)
def test_told_from_asserted(pack: Pack, said: str, raised: bool) -> None:
    assert raises(pack, said) is raised


@pytest.mark.parametrize(
    ("plain", "blaming"),
    [
        ("Regular contact with the nurse.", "A regular, always back by morning."),
        ("Prisoner absconded from custody.", "Absconded from the home."),
        ("Mother's boyfriend was at work.", "Her boyfriend is 26."),
        ("The story book was returned.", "Her story does not add up."),
        ("Results of the two tests are inconsistent.", "Her account is inconsistent."),
        ("A poor choice of venue.", "Poor choices about men."),
        ("Reviewed: two calls to the phone checked; next on Friday.", "Reviewed. Noted. No change."),
        (
            "No further action: he was abroad from 2 to 20 May.",
            "No further action, insufficient evidence. Case closed.",
        ),
        ("Below the threshold: one sign, weak, and seen by the nurse.", "Below threshold."),
        (
            "Insufficient evidence: the footage was lost on 3 May.",
            "Evidential difficulties, so not in the public interest to proceed.",
        ),
    ],
)
def test_an_ordinary_sense_and_the_other(pack: Pack, plain: str, blaming: str) -> None:
    assert not raises(pack, plain)
    assert raises(pack, blaming)


@pytest.mark.parametrize("text", ["puts herself at risk", "PUTTING HERSELF, as ever, at risk"])
def test_a_term_may_have_forms_and_gaps(text: str) -> None:
    term = Term(says="put/puts/putting herself ... at risk")
    found = Lists([WordList.model_validate({"list": "Z", "title": "a test", "terms": [term]})]).look(
        text.replace(",", "")
    )
    assert [place.start for place in found] == [0]


def test_a_group_of_words_that_is_not_there_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "Z.yaml"
    path.write_text('list: Z\ntitle: a test\nterms:\n  - {says: wayward}\n  - {says: loud, plain_of: ["@other"]}\n')
    with pytest.raises(Fault, match=r"no group of words .@other.. .* has: others") as fault:
        read_lists([path], {"groups": {"others": ["suspect"]}})
    assert fault.value.where == f"{path}:5"


def test_a_term_begins_with_a_word_that_must_stand_there() -> None:
    with pytest.raises(ValueError, match="begins with a word"):
        Term(says="(very) streetwise")


def test_apostrophes_and_hyphens_of_any_kind_are_the_same(pack: Pack) -> None:
    assert raises(pack, "She won’t engage.")
    assert raises(pack, "She won't engage.")
    assert raises(pack, "attention-seeking") and raises(pack, "attention seeking")
    assert pack.lists.look("İ STREETWISE")[0].words == "STREETWISE"  # a letter that grows when made small moves nothing


def test_a_hit_keeps_its_ground_and_a_kind_of_other_peoples_words_is_never_looked_at(pack: Pack) -> None:
    def seen(kind: str) -> Entry:
        entry = Entry(1, "case/Oak", kind, ("C",), 0, 0, 0, 0, "O", Capacity(), {"text": "She is not streetwise."},
                      Source("a test", "force", "1"))  # fmt: skip
        return pack.lists.seen(entry, pack.words.kinds)

    assert [(hit.list, hit.ground) for hit in seen("note.added").hits] == [("B", "denied")]
    verbatim = next(name for name, kind in pack.words.kinds.by_name.items() if kind.verbatim and "text" in kind.fields)
    assert not [hit for hit in seen(verbatim).hits if hit.list == "B"]


def test_every_term_says_why_it_harms_and_what_is_better(pack: Pack) -> None:
    asked = [each for each in pack.lists.by_name.values() if not each.of_accounts]
    assert not [(each.name, term.says) for each in asked for term in each.terms if not (term.why or each.why)]
    assert not [(each.name, term.says) for each in asked for term in each.terms if not (term.better or each.better)]


def test_a_prompt_asks_first_whose_words_they_are(pack: Pack) -> None:
    looked = prompts(pack.lists, 'She is streetwise. Carer: "a regular runaway".')
    assert [prompt.whose for prompt in looked.prompts] == [WHOSE]
    assert looked.left_alone >= 1
    assert prompts(pack.lists, 'It reads "streetwise".', spoken_by="K").prompts == []


def test_what_a_file_holds_is_told_line_by_line(pack: Pack, tmp_path: Path) -> None:
    table = tmp_path / "notes.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([
            ["text", "kind", "quote_of"],
            ["She is streetwise.", "note.added", ""],
            ["I am streetwise", "child.voice", ""],
            ["Seen at school by the nurse.", "note.added", ""],
        ])  # fmt: skip
    lines = list(Wording(pack).lines(table))
    assert lines[0].startswith("line 2: Whose words are these?")
    assert "“streetwise” in: She is streetwise." in lines[1]
    assert lines[-1].startswith("2 texts looked at, 1 to look at again; 1 text passed over")
    with pytest.raises(Fault, match=r"has no column 'log'\. It has: text, kind, quote_of"):
        list(Wording(pack).lines(table, "log"))


def test_a_file_that_is_no_text_is_refused(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Fault, match="not UTF-8"):
        list(Wording(pack).lines(path))


def test_one_look_at_a_text_costs_what_a_few_hundred_readings_do(pack: Pack) -> None:
    words = " ".join(notes("plain")).split()
    texts = [" ".join(words[place : place + 200]) for place in range(0, len(words) - 200, 200)]
    begun = time.process_time()
    for text in texts:
        pack.lists.look(text)
    looking, begun = time.process_time() - begun, time.process_time()
    for text in texts:
        for _ in range(100):
            text.lower().split()
    assert looking < 10 * (time.process_time() - begun)
