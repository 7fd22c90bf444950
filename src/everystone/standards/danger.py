"""What danger.yaml says: who may harm, who is in reach, what protects, and what is urgent, in the grammar's terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field

from everystone.ledger.kind import Strict
from everystone.standards.condition import Condition
from everystone.standards.item import Item, Items, several
from everystone.standards.limit import Within


class Naming(Strict):
    """An entry that names people: its subjects, or the persons in one field or several."""

    kind: str | list[str]
    where: Condition | None = None
    whose: str | list[str] = "subject"


class Child(Strict):
    """Who is a child today. Where no birth is recorded, one of the roles `called` is believed for a time (`kept`)
    after the last entry that names the person, and one of `grown_up` always; anybody else's age is not known."""

    under: int
    called: list[str] = Field(default_factory=list)
    kept: Within | None = None
    grown_up: list[str] = Field(default_factory=list)


class Harmed(Strict):
    """Who was harmed, as a child unless the record shows a grown-up age over all of the alleged interval.

    `between` names the two fields of an entry that hold the interval. Without one, somebody who was a child when
    the entry was made was one before; of anybody else it is not known.
    """

    by: list[Naming]
    between: tuple[str, str]


class Believed(Naming):
    """An entry that names somebody as believed to harm; `alone`: also in a case where nobody harmed is recorded."""

    alone: bool = False


class Statement(Naming):
    """An entry that says whether a person can reach children; the latest one that says so decides.

    `yes` (none: always) and `no` are its answers; where they cannot be told, an earlier "no" stands no longer.
    `children`: "harmed" (those harmed in the person's cases, and those of `around`), "subject", or a field
    (without it: as "harmed"); they are added to those of earlier answers, unless it names all there are
    (`nobody_else`). `others`: children whom nobody named may be reached too. `inferred`: it shows it without
    saying so.
    """

    yes: Condition | None = None
    no: Condition | None = None
    children: str = "harmed"
    nobody_else: bool = False
    others: Condition | None = None
    inferred: bool = False


class InReach(Strict):
    """What says that a person can reach children, and which entries name the children around a person."""

    said_by: list[Statement]
    around: list[Naming] = Field(default_factory=list)


class Part(Strict):
    """A part of a number of months that stands in a field."""

    months_in: str
    part: float = 1.0


class Moving(Item):
    """An entry that moves an end: to the date in a field, or to so many hours (a field) from the beginning."""

    until: str | None = None
    hours: str | None = None


class Ending(Item):
    """An entry that ends something, when it happened or at the instant in a field."""

    at: str | None = None


class Lasting(Strict):
    """Something that lasts, from an entry (or a field of it, or part of a term) to an end.

    The end is a date in a field (`until`), a part of a term, or a duration (`within`); `moved_by` moves it, `ends`
    cuts it short. `without_a_date` says what it means that the field is not recorded; where the last day does not
    count, a bare date means its first second.
    """

    called: str
    after: Items
    whose: str | list[str] = "subject"
    begins: str | Part | None = Field(None, alias="from")
    until: str | Part | None = None
    within: Within | None = None
    without_a_date: Literal["no end", "not known"] = "no end"
    last_day: Literal["counts", "does not count"] = "counts"
    moved_by: list[Moving] = Field(default_factory=list)
    ends: list[Ending] = Field(default_factory=list)


class Saying(Strict):
    """Why somebody stands where they stand, what can be done about it, and by whom.

    In `because` one may write {called}, {end} and {kinds}.
    """

    because: str
    step: str = ""
    by: str = ""


class Keeping(Lasting):
    """What keeps a person from reaching anybody; `lost`: its end is a loss to be seen coming."""

    lost: bool = False


class Protecting(Keeping):
    """What protects: it holds the person named back, or keeps the child.

    Held back, `covers` says from whom: every child, or those harmed in that case, under a condition on the entry (or
    the last one of `restated_by`, where a condition that cannot be told is not known). `only` is a field that lists
    the children (or persons kept away) it is about; where it is not recorded it is about all.
    """

    of: Literal["the person named", "the child"] = "the person named"
    covers: Literal["every child", "the harmed"] = "every child"
    where: Condition | None = None
    restated_by: list[Item] = Field(default_factory=list)
    only: str = ""


class Concern(Lasting):
    """Something that needs somebody until it is answered (`ends`).

    `which` of its entries: each, or the last of its kinds only. `answered`: later, or ever. `row`: whose card it
    is: the subject's; the harmed's (the children among them first); or the child's, else of those named, else the
    case's own. `age_not_known`: whether somebody whose age is not recorded stands here as a child or is found out
    about first. `shows_in`: the kinds that the sources must hold for an absence to count (none said: all of
    `ends`). `beyond`: what is said once its time has run out.
    """

    says: Saying
    which: Literal["each", "last"] = "each"
    answered: Literal["later", "ever"] = "later"
    row: Literal["subject", "harmed", "child or person named"] = "subject"
    age_not_known: Literal["find out first", "as a child"] = "find out first"
    not_while_closed: bool = False
    while_one_may_harm: bool = False
    shows_in: list[str] = Field(default_factory=list)
    beyond: Saying | None = None


class Lost(Strict):
    """What is about to be lost for good: how long before its end it is seen coming, and each thing."""

    within: Within
    each: list[Concern]


class Reached(Strict):
    """What is said of somebody in reach, and of each fact about it that is not known."""

    named: Saying
    unnamed: Saying
    protection_ends: Saying
    reach_not_known: Saying
    where_not_known: Saying
    end_not_known: Saying
    age_not_known: Saying
    harm_not_known: Saying
    not_held: Saying


class Gravity(Strict):
    """How grave what is alleged is: a property of the offence, from a field of the entry or from the table.

    `order` runs from the gravest; "" stands for what nobody has classified.
    """

    by: list[Naming]
    field: str
    property: str
    order: list[str]


class Episodes(Strict):
    """Entries about the same child that repeat inside a time."""

    kind: str
    within: Within


class DangerFile(Strict):
    """The file as a whole. danger.py adds nothing to it but the order of the tiers."""

    child: Child
    gone: list[Naming]
    harmed: Harmed
    may_harm: list[Believed]
    in_reach: InReach
    out_of_reach: list[Keeping] = Field(default_factory=list)
    where_not_known: list[Lasting] = Field(default_factory=list)
    protects: list[Protecting] = Field(default_factory=list)
    protection_shows_in: list[str] = Field(default_factory=list)
    closed: str
    tonight: list[Concern]
    about_to_be_lost: Lost
    find_out: list[Concern]
    says: Reached
    gravity: Gravity
    repeats: Episodes
    newest: list[str]

    @property
    def beginning(self) -> frozenset[str]:
        """The kinds without one of which nobody has a place in the first three tiers."""
        concerns = [*self.tonight, *self.about_to_be_lost.each, *self.find_out]
        said = [naming.kind for naming in (*self.harmed.by, *self.may_harm)]
        said += [item.kind for concern in concerns for item in several(concern.after) if item.kind]
        return frozenset(kind for each in said for kind in _listed(each))

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind that the file names."""
        return frozenset(_kinds_in(self.model_dump()))


def _kinds_in(said: object) -> Iterable[str]:
    if isinstance(said, Mapping):
        for key, value in said.items():
            yield from _listed(value) if key in ("kind", "newest") else _kinds_in(value)
    elif isinstance(said, list | tuple):
        for each in said:
            yield from _kinds_in(each)


def _listed(said: str | list[str] | None) -> list[str]:
    return [] if said is None else [said] if isinstance(said, str) else said
