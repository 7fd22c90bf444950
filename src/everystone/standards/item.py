"""Items: which entry (or state, or missed duty) is meant, by whom, about whom."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from everystone.ledger.kind import Strict
from everystone.standards.condition import Condition
from everystone.standards.limit import Within

ACTOR_OF = "actor of "


class Who(Strict):
    """Who may do it. An exclusion counts only where the record shows it: nobody recorded excludes nobody.

    `not` lists lead, actor of the trigger, subject (of the entry), subject of the trigger, "actor of KIND" (who made
    such an entry up to the trigger), or a person field of the trigger (who took it, say).
    `rank` is the least rank (of the entry's own rank field where it has one, else of the actor); `role` the actor's
    role; `from` demands the other body's own channel.
    """

    rank: str | None = None
    role: str | list[str] | None = None
    detective: bool | None = None
    custody: bool | None = None
    not_: list[str] = Field(default_factory=list, alias="not")
    channel: str | None = None
    since: Literal["the other body"] | None = Field(None, alias="from")


class Counted(Strict):
    """It fires when a number is first reached inside a window; weights by the value of a field."""

    reaches: int
    within: Within | None = Field(None, alias="in")
    weigh: str | None = None
    weights: dict[str, int] = Field(default_factory=dict)


class Item(Strict):
    """One thing that is looked for: an entry of a kind, a state that lasts, a missed duty, or any / all of several.

    `same` pairs it with the trigger: by default with the one asked for; "case" any in the frame; "person" naming
    the same person; "linked" a victim of the suspect asked for or the reverse; "concerned" naming a subject of the
    trigger, somebody linked with one, or nobody; "actor" done by the same person;
    "about the lead" naming who leads the case at that moment; "episode: STATE" inside the same stretch of a state;
    "cites: FIELD" its field cites the trigger; "FIELD as OTHER" its field says what OTHER says in the trigger, where
    both are recorded; any other word: the same value in that field of both.
    """

    kind: str | list[str] | None = None
    where: Condition | None = None
    by: Who | None = None
    same: str | list[str] | None = None
    counted: Counted | None = None
    state: str | None = None
    lasts: Within | None = None
    not_met: str | None = None
    any: list[Item] | None = None
    all: list[Item] | None = None

    @model_validator(mode="after")
    def _one_sort(self) -> Item:
        sorts = [name for name in ("kind", "state", "not_met", "any", "all") if getattr(self, name) is not None]
        if len(sorts) != 1:
            raise ValueError("name exactly one of kind, state, not_met, any, all")
        if (self.lasts is not None) and self.state is None:
            raise ValueError("only a state lasts: give `state` beside `lasts`")
        return self

    @property
    def kinds(self) -> list[str]:
        """The kinds named here, not those inside any / all."""
        if self.kind is None:
            return []
        return [self.kind] if isinstance(self.kind, str) else self.kind


Items = Item | list[Item]


def several(items: Items | None) -> list[Item]:
    """One item or a list of alternatives, as a list."""
    if items is None:
        return []
    return items if isinstance(items, list) else [items]


Condition.model_rebuild(_types_namespace={"Item": Item})
Item.model_rebuild()
