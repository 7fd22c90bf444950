"""A share of a number, with the interval in which the true share may well lie."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

LEVEL = 0.95
METHOD = "Wilson score interval"
#: Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, Journal of the American
#: Statistical Association 22, 209-212; recommended for small numbers by Brown, Cai and DasGupta (2001), Interval
#: estimation for a binomial proportion, Statistical Science 16, 101-133.
SOURCE = "Wilson (1927)"


class Proportion(NamedTuple):
    """`x` of `n`: the share `value`, and the interval `low` to `high`, all between 0 and 1."""

    x: int
    n: int
    value: float
    low: float
    high: float
    level: float = LEVEL
    method: str = METHOD

    @property
    def words(self) -> str:
        """In plain words: "220 of 576 (38.2%, likely between 34.3% and 42.2%)"."""
        return f"{self.x:,} of {self.n:,} ({percent(self.value)}, likely between {percent(self.low)} and {percent(self.high)})"


def wilson(x: int, n: int, level: float = LEVEL) -> Proportion:
    """The share x of n with its Wilson interval at a level of confidence.

    It supposes n answers that do not hang together; answers of one case do, so that the interval is then too narrow
    rather than too wide. Raises ValueError where n is not above nought, x is not within 0 and n, or the level not
    strictly between 0 and 1. Source: see SOURCE.
    """
    if n <= 0 or not 0 <= x <= n:
        raise ValueError(f"{x} of {n} is not a share")
    if not 0 < level < 1:
        raise ValueError(f"{level} is not a level of confidence")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, spread = x / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    low = 0.0 if x == 0 else max(0.0, middle - half)
    high = 1.0 if x == n else min(1.0, middle + half)
    return Proportion(x, n, share, low, high, level)


def percent(share: float) -> str:
    """A share as a percentage with one decimal; never "0.0%" or "100.0%" of what is neither nought nor all."""
    said = f"{100 * share:.1f}%"
    if said == "0.0%" and share > 0:
        return "under 0.1%"
    if said == "100.0%" and share < 1:
        return "over 99.9%"
    return {"0.0%": "0%", "100.0%": "100%"}.get(said, said)
