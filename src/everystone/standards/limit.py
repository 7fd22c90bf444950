"""Limits: how long, counted how, from what."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from everystone.ledger.duration import Duration, Unit
from everystone.ledger.kind import Strict

_UNITS: dict[str, Unit] = {
    "minutes": "minutes",
    "hours": "hours",
    "days": "days",
    "working_days": "working days",
    "school_days": "school days",
    "months": "months",
    "years": "years",
}


class Within(Strict):
    """A duration: exactly one unit; "counting: beginning with" makes the trigger's day day 1.

    "counting: beginning with the next working day" makes the first working day after the trigger's day 1.

    `from` counts from another entry (the last one of that kind up to the trigger) instead of the trigger,
    from the day after it with `from the day after`; `from the field` from a date in a field of the trigger, where
    it is recorded. `at` ends it at a time of the day: of the days that count, the nth such time that comes.
    """

    minutes: int | None = None
    hours: int | None = None
    days: int | None = None
    working_days: int | None = Field(None, alias="working days")
    school_days: int | None = Field(None, alias="school days")
    months: int | None = None
    years: int | None = None
    counting: Literal["beginning with", "beginning with the next working day"] | None = None
    since: str | None = Field(None, alias="from")
    since_day_after: str | None = Field(None, alias="from the day after")
    since_field: str | None = Field(None, alias="from the field")
    at: str | None = Field(None, pattern=r"^[0-2][0-9]:[0-5][0-9]$")

    @model_validator(mode="after")
    def _one_unit(self) -> Within:
        given = [name for name in _UNITS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("a limit has exactly one unit, for instance {working days: 3}")
        if self.at is not None and (self.duration.n < 1 or not self.by_the_day or self.counting):
            raise ValueError("a time of the day ends a limit of one or more whole days, not beginning with the first")
        self.duration  # noqa: B018 - says at the door what does not fit together
        return self

    @cached_property
    def duration(self) -> Duration:
        """The same, as the calendar takes it."""
        for name, unit in _UNITS.items():
            number = getattr(self, name)
            if number is not None:
                with_that_day = self.counting == "beginning with"
                return Duration(number, unit, with_that_day, bool(self.counting) and not with_that_day)
        raise AssertionError("a limit has exactly one unit")

    @property
    def by_the_day(self) -> bool:
        """Whether it is counted in days or longer, so that the same day counts where no order is known."""
        return self.minutes is None and self.hours is None


class Field_(Strict):
    """A date that stands in a field: of the trigger, or of another entry that shares a reference with it."""

    field: str
    kind: str | None = None
    same: str | None = None


class Every(Strict):
    """How often: by the value of a state, or as agreed in a field (in days) and else a default."""

    by: str | None = None
    when: dict[str, Within] = Field(default_factory=dict)
    agreed: Field_ | None = None
    otherwise: Within | None = Field(None, alias="else")
