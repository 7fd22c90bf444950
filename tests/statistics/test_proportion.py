"""The Wilson interval against published numbers, and what must hold of any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everystone.statistics.proportion import percent, wilson

KNOWN = [  # x, n, share, low, high in percent: computed independently from published inspection figures
    (220, 576, 38.2, 34.3, 42.2),
    (177, 576, 30.7, 27.1, 34.6),
    (278, 374, 74.3, 69.7, 78.5),
    (125, 135, 92.6, 86.9, 95.9),
    (191, 214, 89.3, 84.4, 92.7),
    (28, 79, 35.4, 25.8, 46.4),
    (10, 38, 26.3, 15.0, 42.0),
    (9, 15, 60.0, 35.7, 80.2),
    (5, 9, 55.6, 26.7, 81.1),
    (9, 11, 81.8, 52.3, 94.9),
    (12, 48, 25.0, 14.9, 38.8),
]


@pytest.mark.parametrize(("x", "n", "share", "low", "high"), KNOWN)
def test_known_values(x: int, n: int, share: float, low: float, high: float) -> None:
    found = wilson(x, n)
    assert [round(100 * each, 1) for each in (found.value, found.low, found.high)] == [share, low, high]


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_inside_and_the_opposite_mirrors_it(pair: tuple[int, int]) -> None:
    x, n = pair
    found, other = wilson(x, n), wilson(n - x, n)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low == pytest.approx(1 - other.high)
    assert wilson(x, n, 0.99).low <= found.low


def test_more_answers_make_it_narrower() -> None:
    wide, narrow = wilson(5, 10), wilson(500, 1000)
    assert narrow.high - narrow.low < wide.high - wide.low


@pytest.mark.parametrize(("x", "n", "level"), [(0, 0, 0.95), (2, 1, 0.95), (-1, 5, 0.95), (1, 2, 1.0)])
def test_what_is_no_share_is_refused(x: int, n: int, level: float) -> None:
    with pytest.raises(ValueError, match="is not a"):
        wilson(x, n, level)


def test_in_words() -> None:
    assert wilson(220, 576).words == "220 of 576 (38.2%, likely between 34.3% and 42.2%)"
    assert [percent(each) for each in (0, 0.0001, 0.5, 0.99999, 1)] == [
        "0%",
        "under 0.1%",
        "50.0%",
        "over 99.9%",
        "100%",
    ]
