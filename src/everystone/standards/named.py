"""What the items and conditions of a standard name: kinds, fields, states, people that are there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from everystone.ledger.kind import LISTS, FieldOf
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.condition import Condition, InState
from everystone.standards.item import ACTOR_OF, Item, Items, Who, several
from everystone.standards.limit import Every, Field_, Within

if TYPE_CHECKING:
    from everystone.standards.pack import Loaded

Path = tuple[str | int, ...]
Scope = frozenset[str]  # the kinds that an entry may be of, at some place of a standard
PEOPLE = frozenset({"person", "people"})
TEXT = frozenset({"text"})
DATES = frozenset({"date"})
NUMBERS = frozenset({"number", "age"})
WHOSE = frozenset({"asked", "subject", "victim", "suspect"})
ACTORS = frozenset({"by", "subject", "lead", "whoever led", "asked", "linked"})
OF_EVERY_ENTRY = frozenset({"late_reason", "quote_of", "import_batch"})  # beside the fields of its kind
OF_STATE = frozenset({"asked", "lead", "subject"})
ROLES = frozenset({"child", "victim", "suspect", "officer", "anyone"})
SPELT = {name: field.alias for name, field in Condition.model_fields.items() if field.alias}
PAIRS = frozenset({"asked", "case", "person", "linked", "concerned", "actor", "about the lead"})
EXCLUDED = frozenset({"lead", "whoever led", "actor of the trigger", "subject", "subject of the trigger"})


class Misfit(NamedTuple):
    """What cannot be used: the keys under which it stands, what is wrong, and what to write instead."""

    path: Path
    says: str


Misfits = Iterator[Misfit]


def near(word: str, known: Iterable[str]) -> str:
    """The word that was probably meant, as a sentence to add; nothing where none is like it."""
    like = get_close_matches(word, list(known), 1, 0.7)
    return f" Was {like[0]!r} meant?" if like else ""


def _it_is(known: Iterable[str]) -> str:
    return f"It is one of: {', '.join(sorted(known))}."


def _one_or_more(said: str | list[str]) -> list[str]:
    return [said] if isinstance(said, str) else said


def placed(items: Items | None, path: Path) -> Iterable[tuple[Item, Path]]:
    """Each item with the path of keys at which it stands."""
    if isinstance(items, list):
        return [(item, (*path, number)) for number, item in enumerate(items)]
    return [] if items is None else [(items, path)]


def _nothing(*_: Any) -> Misfits:
    """Names nothing that would have to be there."""
    return iter(())


class Named:
    """What is known (words, tables, standards, lists of words), and what may be named where.

    `trigger` holds the kinds of the trigger at the place that is being looked at, `asked` who is asked for.
    """

    def __init__(self, words: Vocabulary, standards: Mapping[str, Loaded], lists: Collection[str] = ()) -> None:
        self.words, self.standards, self.lists = words, standards, lists
        self.kinds = words.kinds.by_name
        self.properties = {name for row in words.offences.values() for name in row}
        self.trigger: Scope = frozenset()
        self.asked = ""
        self.tests: dict[str, Callable[[Any, Path, Scope], Misfits]] = {
            "all": self._parts,
            "any": self._parts,
            "not_": self.condition,
            "present": self._present,
            "age": lambda said, path, scope: self._whose(said.of, path, scope, WHOSE),
            "number": self._typed("of", NUMBERS, "a number"),
            "adds_up": self._adds_up,
            "rank_of": self._rank_of,
            "list_": self._typed("of", LISTS, "a list"),
            "someone": self._typed("within", PEOPLE, "people"),
            "sex": self._sex,
            "words": self._words,
            "same_person": self._actors,
            "open_cases": lambda said, path, scope: self._actors([said.of], path, scope),
            "gap": self._gap,
            "qualified": self._qualified,
            "hits": self._hits,
            "reasons": self._compared,
            "copied": lambda said, path, scope: self._compared(said.within, (*path, "in"), scope),
            "state": self._in_state,
            "offence": self._offence,
            "offence_in_force": _nothing,
            "is_": self._is,
            "earlier": self._beside,
            "later": self._beside,
            "none_earlier": self._beside,
            "on_record": self._beside,
            "not_on_record": _nothing,
        }

    # ---- items ---------------------------------------------------------------------------------------------

    def kinds_of(self, items: Items | None, walked: Scope = frozenset()) -> Scope:
        """The kinds of the entries that items stand for; a missed duty stands for what began it."""
        found: set[str] = set()
        for item in several(items):
            found.update(self.kinds if "any" in item.kinds else item.kinds)
            found |= self.kinds_of([*(item.any or ()), *(item.all or ())], walked)
            state, missed = self.words.states.get(str(item.state)), self.standards.get(str(item.not_met))
            if state is not None:
                found.update(kind for edge in state.starts for kind in edge.kinds)
            if missed is not None and missed.id not in walked:
                for dated in missed.versions:
                    found |= self.kinds_of(dated.body.after, walked | {missed.id})
        return frozenset(found)

    def leaf(self, item: Item, path: Path, *, counted: bool = False) -> Misfits:
        """An item that stands where only entries of a kind are looked for."""
        if item.kind is None:
            yield Misfit(path, "Only a `kind` is read here. Name one, or a list of them.")
            return
        for kind in item.kinds:
            if kind != "any":
                yield from self.kind(kind, (*path, "kind"))
        scope = self.kinds_of(item)
        if item.where is not None:
            yield from self.condition(item.where, (*path, "where"), scope)
        if item.by is not None:
            yield from self.who(item.by, (*path, "by"))
        for word in _one_or_more(item.same or []):
            yield from self.pair(word, (*path, "same"), scope)
        if item.counted is not None:
            if not counted:
                yield Misfit((*path, "counted"), "Only lines of `after` itself are counted. Take it out here.")
            if item.counted.weigh is not None:
                yield from self.field(item.counted.weigh, (*path, "counted", "weigh"), scope)

    def whole_state(self, item: Item, path: Path) -> Misfits:
        """An item that is a state: it is known, and nothing else is said of it that would not be read."""
        yield from self.state(str(item.state), (*path, "state"))
        if not item.model_fields_set <= {"state", "lasts"}:
            yield Misfit(path, "Of a state only its name is read here. Declare one in states.yaml that says the rest.")

    def pair(self, word: str, path: Path, scope: Scope) -> Misfits:
        """A word of `same`: one of the fixed ones, a state's stretch, or a field that both sides have."""
        if word.startswith("episode: "):
            yield from self.state(word.removeprefix("episode: "), path)
        elif word.startswith("cites: "):
            yield from self.field(word.removeprefix("cites: "), path, scope)
        elif " as " in word:
            theirs, ours = word.split(" as ", 1)
            yield from self.field(theirs, path, scope)
            yield from self.field(ours, path, self.trigger)
        elif word not in PAIRS:
            yield from self.field(word, path, scope)
            if self.asked.startswith("case") or self.asked.removeprefix("each ") in ROLES:
                yield from self.field(word, path, self.trigger)

    def who(self, who: Who, path: Path) -> Misfits:
        """Who may do it: the rank is known, and a field that is excluded names people."""
        if who.rank is not None and who.rank not in self.words.ranks:
            meant = near(who.rank, self.words.ranks)
            yield Misfit((*path, "rank"), f"The rank {who.rank!r} is not known.{meant}")
        for word in who.not_:
            if word.startswith(ACTOR_OF) and word not in EXCLUDED:
                yield from self.kind(word.removeprefix(ACTOR_OF), (*path, "not"))
            elif word not in EXCLUDED:
                yield from self.field(word, (*path, "not"), self.trigger, PEOPLE, "people")

    def kind(self, kind: str, path: Path) -> Misfits:
        """A kind that is known."""
        if kind not in self.kinds:
            meant = near(kind, self.kinds)
            yield Misfit(path, f"The kind {kind!r} is not known.{meant} Kinds stand in kinds/*.yaml.")

    # ---- limits and states ---------------------------------------------------------------------------------

    def limit(self, within: Within, path: Path) -> Misfits:
        """A duration: the kind it counts from is known."""
        for key, kind in (("from", within.since), ("from the day after", within.since_day_after)):
            if kind is not None:
                yield from self.kind(kind, (*path, key))
        if within.since_field is not None:
            yield from self.field(within.since_field, (*path, "from the field"), self.trigger, DATES, "a date")

    def dated(self, said: Field_, path: Path, moved_by: Item | None = None) -> Misfits:
        """A date in a field: of the trigger, of a kind named here, or first of the entry that moves it."""
        scope = self.trigger | self.kinds_of(moved_by)
        if said.kind is not None:
            yield from self.kind(said.kind, (*path, "kind"))
            scope = frozenset({said.kind})
        yield from self.field(said.field, (*path, "field"), scope)
        if said.same is not None:
            yield from self.pair(said.same, (*path, "same"), scope)

    def every(self, every: Every, path: Path) -> Misfits:
        """How often: the field or state is known, and the state has each value of the table."""
        if every.agreed is not None:
            yield from self.dated(every.agreed, (*path, "agreed"))
        if every.by is not None:
            yield from self.state(every.by, (*path, "by"))
            for value in every.when if not set(every.when) <= {"yes", "no"} else ():
                yield from self._value(every.by, value, (*path, "when", value))

    def _value(self, name: str, value: Any, path: Path) -> Misfits:
        """A value that a state may have, as far as the fields say that it is taken from."""
        state = self.words.states.get(name)
        edges = state.starts if state is not None else ()
        fields = [of for edge in edges for of in self._fields(str(edge.value), frozenset(edge.kinds))]
        known = {each for of in fields for each in (*of.values, *of.codes)}
        if known and value not in known:
            yield Misfit(path, f"{name!r} never is {value!r}.{near(str(value), known)} {_it_is(known)}")

    def state(self, name: str, path: Path) -> Misfits:
        """A state that is known."""
        if name not in self.words.states:
            meant = near(name, self.words.states)
            yield Misfit(path, f"The state {name!r} is not known.{meant} States stand in states.yaml.")

    # ---- conditions ----------------------------------------------------------------------------------------

    def condition(self, said: Condition, path: Path, scope: Scope) -> Misfits:
        """All of a condition, on an entry of one of some kinds; `is` narrows them for what is beside it."""
        for part in (said, *(said.all or ())):
            if part.is_ is not None:
                scope = scope & frozenset(_one_or_more(part.is_)) or scope
        for name in sorted(said.model_fields_set):
            test = self.tests.get(name)
            if test is None:
                yield from self._plain(name, said.fields[name], (*path, name), scope)
            else:
                yield from test(getattr(said, name), (*path, SPELT.get(name, name)), scope)

    def _parts(self, said: Sequence[Condition], path: Path, scope: Scope) -> Misfits:
        for number, part in enumerate(said):
            yield from self.condition(part, (*path, number), scope)

    def _beside(self, item: Item, path: Path, _: Scope) -> Misfits:
        yield from self.leaf(item, path)

    def _is(self, said: str | list[str], path: Path, scope: Scope) -> Misfits:
        for kind in _one_or_more(said):
            if kind in self.kinds and kind not in scope:
                yield Misfit(path, f"The entry meant here is never {kind}. {_it_is(scope)}")
            yield from self.kind(kind, path)

    def _fields(self, name: str, scope: Scope) -> list[FieldOf]:
        kinds = [self.kinds[kind] for kind in scope if kind in self.kinds]
        return [kind.fields[name] for kind in kinds if name in kind.fields]

    def field(
        self, name: str, path: Path, scope: Scope, types: Iterable[str] | None = None, noun: str = ""
    ) -> Misfits:  # fmt: skip
        """A field that some kind meant here has, of one of the types where any are demanded."""
        fields = self._fields(name, scope)
        if not fields and name not in OF_EVERY_ENTRY and not scope.isdisjoint(self.kinds):
            has = sorted({field for kind in scope if kind in self.kinds for field in self.kinds[kind].fields})
            shown = f" It has: {', '.join(has) or 'no fields'}." if len(scope) < 3 else ""
            kinds = " or ".join(sorted(scope)[:3])
            yield Misfit(path, f"{kinds} has no field {name!r}.{near(name, has)}{shown}")
        elif fields and types is not None and not any(of.type in types for of in fields):
            yield Misfit(path, f"{name!r} is not {noun}: its type is {fields[0].type}. Name a field that is.")

    def _typed(self, key: str, types: Iterable[str], noun: str) -> Callable[[Any, Path, Scope], Misfits]:
        """For a part of a condition that names its field under a key: a field of one of the types."""
        return lambda said, path, scope: self.field(getattr(said, key), path, scope, types, noun)

    def _plain(self, name: str, wanted: Any, path: Path, scope: Scope) -> Misfits:
        """A field and the value or values wanted: one that it may hold."""
        yield from self.field(name, path, scope)
        fields, values = self._fields(name, scope), wanted if isinstance(wanted, list) else [wanted]
        if not fields:
            return
        if all(of.type == "yes or no" for of in fields) and not all(isinstance(each, bool) for each in values):
            yield Misfit(path, f"{name!r} is yes or no. Write true or false.")
        if all(of.values for of in fields):
            known = {value for of in fields for value in (*of.values, *of.codes)}
            for value in (each for each in values if each not in known):
                meant = near(str(value), known)
                yield Misfit(path, f"{name!r} never is {value!r}.{meant} {_it_is(known)}")

    def _present(self, said: str | list[str], path: Path, scope: Scope) -> Misfits:
        for name in _one_or_more(said):
            yield from self.field(name, path, scope)

    def _whose(self, name: str, path: Path, scope: Scope, words: Scope) -> Misfits:
        if name not in words:
            yield from self.field(name, path, scope, PEOPLE, "people")

    def _actors(self, names: Sequence[str], path: Path, scope: Scope) -> Misfits:
        for name in names:
            yield from self._whose(name, path, scope, ACTORS)

    def _gap(self, said: Any, path: Path, scope: Scope) -> Misfits:
        for name in (said.since, said.to):
            if name not in ("happened", "recorded", "trigger"):
                yield from self.field(name, path, scope, DATES, "a date")

    def _adds_up(self, said: Any, path: Path, scope: Scope) -> Misfits:
        for name in (*said.parts, said.to):
            yield from self.field(name, path, scope, NUMBERS, "a number")

    def _rank_of(self, said: Any, path: Path, scope: Scope) -> Misfits:
        yield from self.field(said.of, path, scope, frozenset({"rank"}), "a rank")
        if said.at_least not in self.words.ranks:
            yield Misfit((*path, "at least"), f"There is no rank {said.at_least!r}. {_it_is(self.words.ranks)}")

    def _qualified(self, said: Any, path: Path, scope: Scope) -> Misfits:
        yield from self.state(said.fact, (*path, "fact"))
        yield from self._actors([said.who], path, scope)

    def _sex(self, said: Any, path: Path, scope: Scope) -> Misfits:
        yield from self._whose(said.of, path, scope, WHOSE)
        describing = frozenset(self.words.kinds.describing)
        yield from self._plain("sex", said.is_, (*path, "is"), describing)

    def _words(self, said: Any, path: Path, scope: Scope) -> Misfits:
        yield from self.field(said.within, path, scope, TEXT, "a text")
        if said.besides is not None:
            yield from self._list(said.besides, (*path, "besides"))

    def _list(self, name: str, path: Path) -> Misfits:
        if name not in self.lists:
            yield Misfit(path, f"There is no list {name!r}. {_it_is(self.lists)}")

    def _hits(self, said: Any, path: Path, scope: Scope) -> Misfits:
        yield from self._list(said.list_, (*path, "list"))
        for name in said.within:
            yield from self.field(name, path, scope, TEXT, "a text")

    def _compared(self, said: str | list[str], path: Path, scope: Scope) -> Misfits:
        for name in _one_or_more(said):
            yield from self.field(name, path, scope, TEXT, "a text")
            fields = self._fields(name, scope)
            if fields and not any(of.compared for of in fields):
                yield Misfit(
                    path, f"{name!r} is a text that is not compared. Say `compared: true` where its kind describes it."
                )

    def _in_state(self, said: str | InState, path: Path, _: Scope) -> Misfits:
        wanted = InState(name=said) if isinstance(said, str) else said
        yield from self.state(wanted.name, path)
        if wanted.of not in OF_STATE:
            yield Misfit(path, f"A state is not looked up of {wanted.of!r}. {_it_is(OF_STATE)}")
        if isinstance(wanted.value, str):
            yield from self._value(wanted.name, wanted.value, path)

    def _offence(self, said: str | dict[str, Any], path: Path, scope: Scope) -> Misfits:
        for name in [said] if isinstance(said, str) else said:
            fields = self._fields(name, scope) + self._fields(f"offence_{name}", scope)
            if name not in self.properties and not fields:
                meant = near(name, self.properties)
                yield Misfit(path, f"The table of offences has no column {name!r}.{meant}")
