"""Conditions: a small closed language, three-valued; what is not recorded cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from everystone.ledger.kind import Strict
from everystone.standards.limit import Within

if TYPE_CHECKING:
    from everystone.standards.item import Item

Scalar = bool | int | float | str | None


class Age(Strict):
    """The age of somebody in whole years at a date.

    `of`: asked (the one asked for), subject (of the entry), victim, suspect, or the name of a person field.
    `at`: entry, trigger, or alleged (the alleged interval of the crime, else of the report).
    """

    of: str = "asked"
    at: Literal["entry", "trigger", "alleged"] = "entry"
    under: int | None = None
    at_least: int | None = Field(None, alias="at least")


class Number(Strict):
    """A number field against figures."""

    of: str
    at_least: float | None = Field(None, alias="at least")
    at_most: float | None = Field(None, alias="at most")
    over: float | None = None
    under: float | None = None


class AddsUp(Strict):
    """Number fields whose sum is that of another field; one that is not recorded counts as nothing if any is recorded."""

    parts: list[str]
    to: str


class RankOf(Strict):
    """A field that holds a rank, in any of the words for it: as high as one or higher."""

    of: str
    at_least: str = Field(alias="at least")


class ListOf(Strict):
    """A list field: any of, all of or none of some values are in it (empty is false for any)."""

    of: str
    any_of: list[Scalar] | None = Field(None, alias="any of")
    all_of: list[Scalar] | None = Field(None, alias="all of")
    none_of: list[Scalar] | None = Field(None, alias="none of")


class Someone(Strict):
    """Somebody named in a person field who is of an age and is not recorded in one of some roles.

    `not linked` lists fields of people: somebody whom such a field of the one asked for names, or whose own field
    names the one asked for, is not meant.
    """

    within: str = Field(alias="in")
    not_linked: list[str] = Field(default_factory=list, alias="not linked")
    not_role: list[str] = Field(default_factory=list, alias="not role")
    role: list[str] = Field(default_factory=list)
    at_least: int | None = Field(None, alias="at least")


class Gap(Strict):
    """The time between two instants of an entry (happened, recorded, trigger, or a date field) against a duration."""

    since: str = Field(alias="from")
    to: str
    at_most: Within = Field(alias="at most")


class Sex(Strict):
    """The recorded sex of somebody: asked (the one asked for), victim, suspect, or the name of a person field."""

    of: str = "asked"
    is_: str = Field(alias="is")


class Qualified(Strict):
    """Everybody in a person field (or the actor, "by") holds a fact of this value on the day.

    `for at most` counts it only so long after it began (somebody acting in a rank for a time).
    """

    who: str = "by"
    fact: str
    value: str | list[str]
    for_at_most: Within | None = Field(None, alias="for at most")


class Words(Strict):
    """A text of at least so many words; text not recorded has none. `besides` leaves out the words of a list."""

    within: str = Field(alias="in")
    at_least: int = Field(alias="at least")
    besides: str | None = None


class Hits(Strict):
    """Words of a list, asserted and not quoted, stand in one of these text fields (none named: in any)."""

    list_: str = Field(alias="list")
    within: list[str] = Field(default_factory=list, alias="in")


class Copied(Strict):
    """A text that is nearly a copy of an earlier one in the same field of the same kind, in this case or in another.

    By likeness: numbers and days count as the same, so that a copy under another day is one; so is a copy with a line
    added. A text too short to compare is none.
    """

    within: str | list[str] = Field(alias="in")
    of: Literal["this case", "another case", "any case"] = "any case"


class InState(Strict):
    """A state holds (or not), of the one asked for, of the case, or of somebody else, with a value where given."""

    name: str
    of: str = "asked"
    value: Scalar = None
    at: Literal["entry", "trigger", "asking"] = "entry"


class OpenCases(Strict):
    """How many cases the person in a field leads at that moment."""

    of: str
    over: int


class Condition(BaseModel):
    """All that stands here must be so. Any other key is the name of a field: its value, or one of a list.

    Three-valued: a comparison with something not recorded cannot be told; `present` of it is false. `reasons` of a text
    (of one of several) is that it says something of its own: more than the outcome, small words, and words of empty lists.
    """

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)
    __pydantic_extra__: dict[str, Scalar | list[Scalar]] = Field(init=False)

    all: list[Condition] | None = None
    any: list[Condition] | None = None
    not_: Condition | None = Field(None, alias="not")
    present: str | list[str] | None = None
    age: Age | None = None
    number: Number | None = None
    adds_up: AddsUp | None = Field(None, alias="adds up")
    rank_of: RankOf | None = Field(None, alias="rank of")
    list_: ListOf | None = Field(None, alias="list")
    someone: Someone | None = None
    sex: Sex | None = None
    gap: Gap | None = None
    qualified: Qualified | None = None
    words: Words | None = None
    hits: Hits | None = None
    reasons: str | list[str] | None = None
    copied: Copied | None = None
    state: str | InState | None = None
    offence: str | dict[str, Scalar | list[Scalar]] | None = None
    offence_in_force: Literal["alleged"] | None = Field(None, alias="offence in force")
    same_person: list[str] | None = Field(None, alias="same person")
    is_: str | list[str] | None = Field(None, alias="is")
    earlier: Item | None = None
    later: Item | None = None
    none_earlier: Item | None = Field(None, alias="none earlier")
    on_record: Item | None = Field(None, alias="on record")
    open_cases: OpenCases | None = Field(None, alias="open cases")
    not_on_record: str | None = Field(None, alias="not on record")

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if not self.model_fields_set:
            raise ValueError("an empty condition says nothing: name a field, or leave the key out")
        return self

    @property
    def fields(self) -> dict[str, Any]:
        """The plain comparisons: field name to value or values."""
        return dict(self.__pydantic_extra__ or {})
