"""Tables from which a seeded stream draws: weighted picks and delays.

A draw is one look-up at an evenly random place, so it costs the same whatever the distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import exp, log
from statistics import NormalDist
from typing import Any, TypeVar

from everystone.ledger.fault import Fault

Thing = TypeVar("Thing")
Draw = Callable[[], float]  # an even draw from 0 up to 1

SIZE = 400
_SHORT = 6 * 60  # minutes; what takes longer is not done in the same minute
_MINUTES = {"minutes": 1, "hours": 60, "days": 1440}


def weighted(weights: Mapping[Thing, int]) -> list[Thing]:
    """Each thing as often as its whole-number weight says, for drawing at an even place."""
    return [thing for thing, weight in weights.items() for _ in range(int(weight))]


def minutes_of(said: Mapping[str, Any], ties: float) -> list[int]:
    """The quantiles of a delay in minutes: log-normal about its median.

    `spread` is that of the logarithm, `most` and `least` cut it off in the unit of the median. A share
    `late.chance` takes `late.times` the median and more: the slips. Of delays of hours a share `ties` falls into
    the same minute.
    """
    unit = next((unit for unit in _MINUTES if unit in said), None)
    if unit is None:
        raise Fault(f"A delay names its median in one of {', '.join(_MINUTES)}: {dict(said)}.")
    median, minutes = float(said[unit]), _MINUTES[unit]
    if not median:
        return [0] * SIZE
    late, most = said.get("late", {}), float(said.get("most", median * 40)) * minutes
    short = median * minutes <= _SHORT
    slips, tied = (
        round(late.get("chance", 0.0) * SIZE),
        round(said.get("ties", ties if short else 0.0) * SIZE),
    )
    even = [_log_normal(median * minutes, said.get("spread", 0.6), place) for place in _places(SIZE - slips - tied)]
    punctual = [round(min(max(each, float(said.get("least", 0)) * minutes, 1), most)) for each in even]
    beyond = [round(median * minutes * late["times"] * (1 + 2 * place)) for place in _places(slips)]
    return [0] * tied + punctual + beyond


def skips(share: float) -> list[int]:
    """How many are passed over before the next of which `share` are taken, as quantiles."""
    if not share:
        return [1 << 30]
    return [int(log(1 - place) / log(1 - share)) for place in _places(SIZE)]


def _places(count: int) -> Sequence[float]:
    return [(place + 0.5) / count for place in range(count)]


def _log_normal(median: float, spread: float, place: float) -> float:
    return exp(log(median) + spread * NormalDist().inv_cdf(place))
