"""What a card says on a list: child, why, what, who, by when, in forty words, without codes."""

from __future__ import annotations

import re

import pytest

from everystone.findings.precedence import BECAUSE, FAR, decided
from everystone.standards.pack import Pack
from everystone.work.cards import MOST_WORDS, Card, Cards

CODE = re.compile(r"\b[A-Z]{2,4}-\d+\b|\b[A-Z]{3,}\b|\bs\.? ?\d+\b")
SPOKEN = {"DNA", "FGM"}  # said so by everybody who reads a card
WHEN = "due by Wednesday 12 December 2024 at 08:06"


def card(because: str, step: str, by: str) -> Card:
    return Card(
        "V0000220", "V0000220", "C0000220", 3, because, "known", step, by, "North", "O00012", True, 1, 1_700_000_000
    )


def words(of: Card) -> int:
    return len(" ".join((of.child, *of.brief, "For: Due since 12 December 2024.")).split())


def test_every_standard_makes_a_card_of_forty_words_without_a_code(pack: Pack) -> None:
    long, coded = {}, {}
    for name, loaded in pack.standards.items():
        still = loaded.standard.still_possible
        if not still:
            continue
        because = f"Not on the record as it should be: “{loaded.standard.title}”, {WHEN}; 12 more questions."
        made = card(because, f"{still.what[:1].upper()}{still.what[1:]}.", still.by)
        if words(made) > MOST_WORDS:
            long[name] = words(made), made.brief
        if set(CODE.findall(" ".join(made.brief))) - SPOKEN:
            coded[name] = made.brief
    assert long == {}
    assert coded == {}


def test_it_says_by_when_apart_and_only_once(pack: Pack) -> None:
    made = card(
        f"Not on the record as it should be: “A crime record”, {WHEN}; 1 more question.", "Record it.", "officer"
    )
    assert made.brief.why == "Late or missing: “A crime record”; 1 more question."


@pytest.mark.parametrize(("step", "said"), [
    ("Record the crime now.", "Record the crime now."),
    ("Record the crime now, with the day on which it was reported, and look for the lines of enquiry that were missed since.",
     "Record the crime now, with the day on which it was reported."),
])  # fmt: skip
def test_what_is_longer_ends_with_a_clause(step: str, said: str) -> None:
    assert (
        card("The person named has access and no record shows a protective measure.", step, "first officer").brief.step
        == said
    )


# ---- why one stands before the next -------------------------------------------------------------------------------------

HERE = ["3", "00000", "1", "009", "98", str(FAR - 500), str(FAR + 100), "C1"]


def placed(**at: str) -> str:
    """An order like the others, but for some of its places."""
    names = ("tier", "hours", "gravity", "age", "repeats", "newest", "since", "person")
    return ".".join(at.get(name, here) for name, here in zip(names, HERE, strict=True))


@pytest.mark.parametrize(("behind", "said"), [
    ({"hours": "00005"}, "it is lost sooner"), ({"gravity": "4"}, "what is alleged is more serious"), ({"age": "012"}, "the child is younger"),
    ({"repeats": "99"}, "more people are named, or it was more often"), ({"newest": str(FAR - 400)}, "there is newer information"),
    ({"since": str(FAR + 900)}, "it has been so for longer"), ({"person": "C2.b"}, ""), ({"tier": "4"}, ""),
    ({"gravity": "4", "age": "002"}, "what is alleged is more serious"),
])  # fmt: skip
def test_the_first_difference_says_why_one_stands_before_the_next(behind: dict[str, str], said: str) -> None:
    assert decided(placed(), placed(**behind)) == said
    assert {said} <= {*BECAUSE}


def test_only_a_card_with_one_behind_it_in_its_tier_says_so() -> None:
    of = card("The person named has access.", "Find out.", "officer")
    shown = [
        of._replace(child=name, place=placed(age=age, person=name)) for name, age in (("C1", "009"), ("C2", "012"))
    ]
    shown.append(of._replace(child="C3", tier=4, place=placed(tier="4")))
    cards = Cards(shown, {3: 2, 4: 1})
    assert [cards.ahead(each) for each in shown] == ["the child is younger", "", ""]
