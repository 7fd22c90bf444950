"""Near-copied texts, and reasons that give none."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from everystone.standards.likeness import groups, near_copies, only_repeats, shingles

REVIEW = (
    "The lead saw the mother and the school on Monday 4 March. Both gave the same day and place. The footage is kept and "
    "will be read by Friday. The next step is the interview, planned with social care."
)
OTHER = (
    "Two lines are open: the phone, asked for on 3 May, and the taxi records. The aunt was called and will bring the diary. "
    "I have asked for the nurse's notes and will look again in a week."
)


def test_the_same_review_in_two_cases_with_another_day_is_found() -> None:
    found = near_copies({"Ash": REVIEW, "Oak": REVIEW.replace("4 March", "11 June"), "Elm": OTHER})
    assert [(each.one, each.other) for each in found] == [("Ash", "Oak")]
    assert found[0].share > 0.85


def test_a_copy_with_a_line_added_is_still_one() -> None:
    (found,) = near_copies({"Ash": REVIEW, "Oak": f"{REVIEW} Nothing else was done today, and the case is quiet now."})
    assert found.share == 1.0


def test_what_differs_in_substance_is_none() -> None:
    assert near_copies({"Ash": REVIEW, "Elm": OTHER}) == []


def test_short_standing_phrases_are_alike_by_nature_and_left_out() -> None:
    assert near_copies({"Ash": "Reviewed. No change.", "Oak": "Reviewed. No change."}) == []


def test_the_heading_of_a_form_makes_no_copies() -> None:
    form = "What was looked at and by whom and on which day of the week was it looked at then. "
    texts = {number: f"{form}{' '.join(f'w{number}x{place}' for place in 'abcdefghijklmnop')}" for number in range(250)}
    assert near_copies(texts) == []


def test_copies_of_copies_are_one_group() -> None:
    texts = {"Ash": REVIEW, "Oak": REVIEW, "Fir": REVIEW, "Elm": OTHER, "Yew": OTHER}
    assert groups(near_copies(texts)) == [["Ash", "Fir", "Oak"], ["Elm", "Yew"]]


def test_ten_times_the_texts_take_about_ten_times_as_long() -> None:
    def seconds(number: int) -> float:
        texts = {
            place: " ".join(f"{chr(97 + place % 26)}{place}q{each}w" for each in range(60)) for place in range(number)
        }
        begun = time.process_time()
        near_copies(texts)
        return time.process_time() - begun

    assert seconds(4_000) / max(seconds(400), 0.005) < 40


@given(st.text(alphabet="abcdef ", min_size=60, max_size=200), st.text(alphabet="abcdef ", max_size=40))
def test_a_text_is_always_like_itself_and_likeness_has_no_direction(text: str, more: str) -> None:
    one = near_copies({1: text, 2: f"{text} {more}"})
    other = near_copies({1: f"{text} {more}", 2: text})
    assert [each.share for each in one] == [each.share for each in other]
    if len(shingles(text)) >= 8:
        assert one and one[0].share >= 0.8


def test_a_reason_that_only_says_the_outcome_again() -> None:
    outcome = ["no further action", "evidential", "Decided to take no further action"]
    small = ["the", "is", "a", "for", "grounds", "on"]
    assert only_repeats("NFA: no further action, evidential grounds.", [*outcome, "NFA"], small)
    assert only_repeats("Taking no further actions on the evidential ground", outcome, small)
    assert not only_repeats(
        "No further action: he was abroad from 2 to 20 May, as the border record shows.", outcome, small
    )
    assert not only_repeats("", outcome, small)
