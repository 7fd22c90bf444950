"""The grammar of standards: five evaluators' terms, versions by date, exemptions, and what surrounds them."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from everystone.ledger.kind import Strict
from everystone.standards.condition import Condition
from everystone.standards.item import Item, Items, several
from everystone.standards.limit import Every, Field_, Within

Evaluator = Literal["response", "forbidden", "rhythm", "count", "check"]
EVALUATORS: tuple[Evaluator, ...] = ("response", "forbidden", "rhythm", "count", "check")
Failing = Literal["no record shows", "forbidden", "unproven", "wrong person", "not qualified", "not together"]


class Case(BaseModel):
    """One line of a table: on a condition (none: otherwise), other values for any key of the body."""

    model_config = ConfigDict(extra="allow", frozen=True)
    when: Condition | None = None

    @property
    def said_anew(self) -> dict[str, Any]:
        """The keys of the body that this line restates."""
        return dict(self.__pydantic_extra__ or {})


class Recent(Strict):
    """An entry not long before the trigger that excuses: the duty was just done."""

    item: Item
    within: Within


class Limb(Strict):
    """A second limb: its own trigger, expectation, limit and actor; the worst limb is the answer.

    `when`: always, first met, first not met, or a condition on the trigger. `counted_from`: the trigger, or what
    met the first limb (then the limb is asked only where something did).
    """

    when: Literal["always", "first met", "first not met"] | Condition = "always"
    counted_from: Literal["trigger", "first"] = "trigger"
    expect: Items
    within: Within | None = None
    before: Items | None = None
    until: Field_ | None = None
    who_acts: str | None = None
    then: Limb | None = None


class Body(Strict):
    """What every evaluator shares: when it is asked, of which triggers, and what excuses."""

    after: Items
    which: Literal["each", "first", "last"] = "each"
    unless: list[Item] = Field(default_factory=list)
    unless_recent: list[Recent] = Field(default_factory=list, alias="unless recent")
    within: Within | None = None
    choose: list[Case] = Field(default_factory=list)


class Response(Body):
    """After a trigger an entry is expected: within a limit, before something, or (a claim) already.

    `before: trigger` must stand before the trigger; `since` says how far back it may lie ("previous": the trigger
    before this one). `not_before` is what is too soon (in days: before that
    day begins). `until` takes the limit from a field, `moved_by` from a later entry that names it.
    `recorded_within` is the grace for writing a claim's proof down.
    """

    expect: Items
    before: Literal["trigger"] | Items | None = None
    since: Literal["previous"] | Items | None = None
    until: Field_ | None = None
    not_before: Within | None = None
    moved_by: Item | None = None
    clock_stops_while: list[str] = Field(default_factory=list)
    same_day: Literal["counts", "does not count"] | None = None
    recorded_within: Within | None = None
    fails_as: Failing = "no record shows"
    then: Limb | None = None


class Count(Response):
    """As a response, but asked when a number, a weight or a duration is first reached, and again only later."""

    @model_validator(mode="after")
    def _counts(self) -> Count:
        if not any(item.counted or item.lasts for item in several(self.after)):
            raise ValueError("a count has an item under `after` that is `counted` or that `lasts`")
        return self


class Rhythm(Body):
    """A beat is expected again and again from a beginning (`after`) until an end; a new beginning restarts it."""

    until: Items
    beat: Items
    every: Within | Every
    first: Within | None = None
    clock_stops_while: list[str] = Field(default_factory=list)


class Forbidden(Body):
    """After a trigger something must never happen (until an end, where one is named)."""

    never: Items
    until: Items | None = None


class Check(Body):
    """Things that must be together at the trigger (with `within`, at the latest by then)."""

    require: Condition
    fails_as: Failing = "not together"


class Where(Strict):
    """One source: its name, the place in it, the day it was read."""

    name: str
    where: str = ""
    read_on: date | None = None


class Version(BaseModel):
    """What held from a day to a day, how strong it is, and any key of the body said anew."""

    model_config = ConfigDict(extra="allow", frozen=True)
    since: date
    until: date | None = None
    basis: Literal["law", "code", "guidance", "national practice", "local", "own"]
    checked: Literal["verified", "in part", "recalled"]
    confirm: str = ""
    sources: list[Where]
    note: str = ""

    @model_validator(mode="after")
    def _says_what_to_confirm(self) -> Version:
        if self.checked != "verified" and not self.confirm:
            raise ValueError("what is not verified ships as unconfirmed: say under `confirm` what to confirm")
        if self.until is not None and self.until < self.since:
            raise ValueError("the version ends before it begins")
        return self

    @property
    def said_anew(self) -> dict[str, Any]:
        """The keys of the body that this version restates."""
        return dict(self.__pydantic_extra__ or {})


class StillPossible(Strict):
    """What can be put right today if it was missed: by whom, until when, what is lost.

    `until` and `lost` are words for people. Where it can be worked out: `within` so long of the finding (its due instant,
    or with `counted from` its trigger); `while` a condition holds, of the trigger as it stands when asked; `done` by an
    entry after it, where coming late is not what shows it done.
    """

    what: str
    by: str
    until: str = ""
    lost: str = ""
    within: Within | None = None
    counted_from: Literal["finding", "trigger"] = Field("finding", alias="counted from")
    while_: Condition | None = Field(None, alias="while")
    done: Items | None = None


class GamedBy(Strict):
    """How the standard could be met on paper only, and what answers that."""

    how: str
    answered_by: str


class Story(BaseModel):
    """A short timeline with the answers over time (the story format of the pack's stories)."""

    model_config = ConfigDict(extra="allow", frozen=True)
    story: str


class Standard(BaseModel):
    """One standard as its file says it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: str = Field(pattern=r"^[A-Z]{1,4}-[0-9]{2}$")
    title: str
    asks: str
    threatens: Literal["child-safety", "justice", "rights", "record"]
    who_acts: str
    first_told: Literal["worker", "supervisor", "professional standards"] = "supervisor"
    finished: bool = True
    frame: str = "case"
    asked_for: str = "case"
    in_force_at: str = "trigger"
    follows: str | list[str] | None = None
    response: dict[str, Any] | None = None
    forbidden: dict[str, Any] | None = None
    rhythm: dict[str, Any] | None = None
    count: dict[str, Any] | None = None
    check: dict[str, Any] | None = None
    versions: list[Version]
    not_asked: str = ""
    partners_duty: bool = False
    still_possible: StillPossible | None = None
    gamed_by: GamedBy | None = None
    note: str = ""
    stories: list[dict[str, Any]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_evaluator(self) -> Standard:
        given = [name for name in EVALUATORS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"name exactly one of {', '.join(EVALUATORS)}")
        if not self.versions:
            raise ValueError("a standard has at least one version")
        return self

    @property
    def evaluator(self) -> Evaluator:
        """Which of the five it is."""
        return next(name for name in EVALUATORS if getattr(self, name) is not None)

    @property
    def roots(self) -> list[str]:
        """The standards it is folded under when they fail."""
        if self.follows is None:
            return []
        return [self.follows] if isinstance(self.follows, str) else self.follows


BODIES: dict[Evaluator, type[Body]] = {
    "response": Response,
    "forbidden": Forbidden,
    "rhythm": Rhythm,
    "count": Count,
    "check": Check,
}
