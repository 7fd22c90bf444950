"""A length of time as a rule states it: how many of which unit, and whether the first day counts."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Literal, get_args

Unit = Literal["minutes", "hours", "days", "working days", "school days", "months", "years"]
SECONDS_IN: dict[str, int] = {"minutes": 60, "hours": 3600}  # the units that are elapsed time
MONTHS_IN: dict[str, int] = {"months": 1, "years": 12}


@dataclass(frozen=True, slots=True)
class Duration:
    """`n` of a unit, for instance 3 working days.

    `beginning_with` makes the trigger's day day 1; otherwise it is day 0. `after_working_day` makes the first
    working day after the trigger's day 1. Only units of a day or longer can begin with a day. Raises ValueError
    where these do not fit together.
    """

    n: int
    unit: Unit
    beginning_with: bool = False
    after_working_day: bool = False

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise ValueError(f"{self.unit!r} is not a unit of time. Use one of: {', '.join(get_args(Unit))}.")
        if self.n < 0:
            raise ValueError(f"A limit of {self.n} {self.unit} would end before it began. Use 0 or more.")
        if (self.beginning_with or self.after_working_day) and (self.unit in SECONDS_IN or self.n == 0):
            raise ValueError(f"{self.n} {self.unit} cannot begin with a day. Leave out the counting.")

    def __str__(self) -> str:
        unit = self.unit[:-1] if self.n == 1 else self.unit
        if self.after_working_day:
            return f"{self.n} {unit}, beginning with the next working day"
        return f"{self.n} {unit}, beginning with that day" if self.beginning_with else f"{self.n} {unit}"


def months_later(day: date, months: int, beginning_with: bool = False) -> date:
    """The last day of a period of months: the same day number in its last month, else that month's last day.

    A period beginning with `day` ends the day before that day number comes round again. Where the last month
    has no such number it runs to that month's end: 12 months beginning with 29 February end on 28 February.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > MAXYEAR:
        return date.max
    length = monthrange(year, month + 1)[1]
    if beginning_with and day.day <= length:
        return date(year, month + 1, day.day) - timedelta(days=1)
    return date(year, month + 1, min(day.day, length))
