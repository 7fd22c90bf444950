"""The people of a frame: the parts they take, how old they were, whom an entry is about."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from everystone.ledger.entry import Entry
from everystone.ledger.vocabulary import Vocabulary

CARED_FOR = frozenset({"victim", "child"})
_NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class Person:
    """One person as the record describes them; `born` is the span of possible days, None if not recorded."""

    name: str
    roles: set[str] = field(default_factory=set)
    born: tuple[date, date] | None = None
    details: dict[str, Any] = field(default_factory=dict)
    _ages: dict[tuple[date, date], tuple[int, int]] = field(default_factory=dict)

    def ages(self, first: date, last: date) -> tuple[int, int] | None:
        """The least and greatest age in whole years over a span of days; None if birth is not recorded."""
        if self.born is None:
            return None
        ages = self._ages.get((first, last))
        if ages is None:
            ages = self._ages[first, last] = age_on(self.born[1], first), age_on(self.born[0], last)
        return ages


def age_on(born: date, day: date) -> int:
    """Age in whole years on a day; somebody born on 29 February grows a year older on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class People:
    """Who is who in a frame, worked out once from its entries."""

    def __init__(self, entries: Sequence[Entry], words: Vocabulary) -> None:
        self.words = words
        self.by_name: dict[str, Person] = {}
        self.victims: list[str] = []
        self.suspects: list[str] = []
        self.victims_of: dict[str, set[str]] = {}
        self.suspects_of: dict[str, set[str]] = {}
        self.own: People | None = None  # the people of the case itself, where entries of other cases stand beside
        self._named: dict[tuple[Hashable, str], frozenset[str]] = {}
        self._reached: dict[tuple[Hashable, str], frozenset[str] | None] = {}
        self._meant: dict[tuple[Hashable, str], frozenset[str] | None] = {}
        self._read(entries)

    def __getitem__(self, name: str) -> Person:
        person = self.by_name.get(name)
        if person is None:
            person = self.by_name[name] = Person(name)
        return person

    # ---- reading -----------------------------------------------------------------------------------------------

    def _read(self, entries: Sequence[Entry]) -> None:
        kinds, yielding = self.words.kinds, list[tuple[str, str]]()
        present = {entry.kind for entry in entries}
        for entry in entries:
            kind = entry.kind
            if kind in kinds.describing:
                self._describe(entry)
            if kind in kinds.age_field:
                self._age_recorded(entry, kinds.age_field[kind])
            if kind in kinds.links:
                self._link(entry, *kinds.links[kind])
            if kinds.makes.get(kind):
                yields = kinds.by_name[kind].yields_to
                for name, role in self._made(entry):
                    if yields and yields in present and not self[name].roles & CARED_FOR:
                        yielding.append((name, role))
                    else:
                        self._add(name, role)
        if not self.victims:
            for name, role in yielding:
                self._add(name, role)

    def _made(self, entry: Entry) -> Iterable[tuple[str, str]]:
        for name_of_field, role in self.words.kinds.makes[entry.kind]:
            for name in listed(entry.data.get(name_of_field)) if name_of_field else entry.subjects:
                yield name, role

    def _add(self, name: str, role: str) -> None:
        self[name].roles.add(role)
        group = self.victims if role == "victim" else self.suspects
        if name not in group:
            group.append(name)

    def _describe(self, entry: Entry) -> None:
        for name in entry.subjects:
            person = self[name]
            person.details.update({key: value for key, value in entry.data.items() if value not in (None, "")})
            born = entry.data.get("born")
            if born not in (None, ""):
                lo, hi = self.words.calendar.span(str(born))
                person.born = self.words.calendar.day_of(lo), self.words.calendar.day_of(hi)
            role = entry.data.get("role")
            if role in ("victim", "suspect"):
                self._add(name, str(role))
            if role:
                person.roles.add(str(role))

    def _age_recorded(self, entry: Entry, name_of_field: str) -> None:
        age = entry.data.get(name_of_field)
        if not isinstance(age, int) or not entry.subjects:
            return
        person = self[entry.subjects[0]]
        if person.born is None:  # aged 12 on a day: born in the year that ends on that day twelve years before
            day = self.words.calendar.day_of(entry.lo)
            person.born = _years_before(day, age + 1, 1), _years_before(day, age, 0)

    def _link(self, entry: Entry, victim_field: str, suspect_field: str) -> None:
        victims = listed(entry.data.get(victim_field)) or list(entry.subjects)
        for suspect in listed(entry.data.get(suspect_field)):
            self.victims_of.setdefault(suspect, set()).update(victims)
            for victim in victims:
                self.suspects_of.setdefault(victim, set()).add(suspect)

    # ---- asking ------------------------------------------------------------------------------------------------

    @property
    def children(self) -> list[str]:
        """Those whom the record treats as the children of the frame: victims where there are any."""
        return self.victims or [name for name, person in self.by_name.items() if "child" in person.roles]

    def candidates(self, role: str) -> list[str]:
        """Those of whom a duty to this role could be meant when an entry names nobody."""
        people = self.own or self
        return people.suspects if role == "suspect" else people.children

    def named(self, entry: Entry, role: str) -> frozenset[str]:
        """The persons an entry names in this role (or in one that does not exclude it)."""
        memo = self._alike(entry), role
        found = self._named.get(memo)
        if found is None:
            found = self._named[memo] = frozenset(self._naming(entry, role)) or _NOBODY
        return found

    def _alike(self, entry: Entry) -> Hashable:
        """What is the same for entries that name the same persons in the same parts, where subjects are all they name."""
        kinds = self.words.kinds
        if kinds.people.get(entry.kind):
            return entry.source.key
        return kinds.subject_role.get(entry.kind, "anyone"), entry.subjects

    def _naming(self, entry: Entry, role: str) -> Iterable[str]:
        kinds = self.words.kinds
        subject_role = kinds.subject_role.get(entry.kind, "anyone")
        for name in entry.subjects:
            if self._takes(name, subject_role, role):
                yield name
        for name_of_field, field_role in kinds.people.get(entry.kind, ()):
            for name in listed(entry.data.get(name_of_field)):
                if self._takes(name, field_role, role):
                    yield name

    def _takes(self, name: str, given: str, role: str) -> bool:
        """Whether a person named in the role a kind gives counts for a duty owed to, or asked of, `role`."""
        if role == "officer":
            return given == "officer" or (given == "anyone" and "officer" in self[name].roles)
        if given == role:
            return role != "victim" or name in self.victims or not self.victims
        roles = self[name].roles
        if role == "suspect":
            return given in ("anyone", "child") and name in self.suspects
        if given in CARED_FOR:
            return name in self.victims if role == "victim" else True
        if given != "anyone":
            return False
        return name in self.victims if role == "victim" else bool(roles & CARED_FOR)

    def reached(self, entry: Entry, role: str) -> frozenset[str] | None:
        """Whom a trigger concerns in a role; None where several might be meant and no link tells which.

        A trigger about a suspect reaches each of that suspect's victims, and the reverse; one that names nobody,
        or nobody with a link, means the only one there is.
        """
        memo = self._alike(entry), role
        if memo not in self._reached:
            self._reached[memo] = self._reach(entry, role)
        return self._reached[memo]

    def _reach(self, entry: Entry, role: str) -> frozenset[str] | None:
        named = self.named(entry, role)
        if named:
            return named
        others, links = (
            (self.named(entry, "victim"), self.suspects_of)
            if role == "suspect"
            else (self.named(entry, "suspect"), self.victims_of)
        )
        linked = frozenset(name for other in others for name in links.get(other, ()))
        return linked or self._the_only(role)

    def meant(self, entry: Entry, role: str) -> frozenset[str] | None:
        """Whom an expected entry is about in a role: those it names, else the only one where it names none of them."""
        memo = self._alike(entry), role
        if memo not in self._meant:
            self._meant[memo] = self._mean(entry, role)
        return self._meant[memo]

    def _mean(self, entry: Entry, role: str) -> frozenset[str] | None:
        named = self.named(entry, role)
        if named:
            return named
        other = "victim" if role == "suspect" else "suspect"
        if self.named(entry, other) or self.named(entry, "child"):
            return _NOBODY
        return self._the_only(role)

    def _the_only(self, role: str) -> frozenset[str] | None:
        candidates = self.candidates(role)
        return frozenset(candidates) if len(candidates) < 2 else None


def listed(value: Any) -> list[str]:
    """A field that names one person or several, as a list."""
    if value in (None, "", []):
        return []
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def _years_before(day: date, years: int, days_later: int) -> date:
    shifted = day.replace(year=day.year - years, day=min(day.day, 28) if day.month == 2 else day.day)
    return date.fromordinal(shifted.toordinal() + days_later)
