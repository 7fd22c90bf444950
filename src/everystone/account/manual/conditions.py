"""Entries and conditions of a rule in words: which entry is meant, by whom, where what is so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from everystone.findings.explain import called, title
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.condition import Age, Condition, Copied, InState, ListOf, Number, Someone
from everystone.standards.item import Item, Items, Who, several
from everystone.standards.limit import Within

LONGEST = 700  # characters of a condition; a longer one is easier read in the rule itself
_WHEN = {"entry": "then", "trigger": "at the beginning", "alleged": "at the alleged time", "asking": "when asked"}


def things(items: Items | str | None, words: Vocabulary) -> str:
    """What is looked for: alternatives joined with "or"."""
    if isinstance(items, str):
        return items
    said = list(dict.fromkeys(thing(each, words) for each in several(items)))
    return "; or ".join(said) if any(", " in each for each in said) else listed(said, "or")


def thing(item: Item, words: Vocabulary) -> str:
    """One thing that is looked for: an entry with its conditions, a state, a missed duty, or several."""
    if item.kind is not None:
        said = listed([f"“{title(kind, words)}”" if kind != "any" else "any entry" for kind in item.kinds], "or")
        return said + "".join(_conditions_of(item, words))
    if item.state is not None:
        lasts = f" for {length(item.lasts, words)}" if item.lasts else ""
        return f"the state “{called(item.state, words)}”{lasts}"
    if item.not_met is not None:
        return f"{item.not_met} not met"
    joined = item.any or item.all or []
    return listed([thing(each, words) for each in joined], "or" if item.any else "and")


def _conditions_of(item: Item, words: Vocabulary) -> Iterator[str]:
    if item.by is not None:
        yield f", {_by(item.by, words)}"
    if item.counted is not None:
        within = f" within {length(item.counted.within, words)}" if item.counted.within else ""
        yield f", when their {'weight' if item.counted.weigh else 'number'} reaches {item.counted.reaches}{within}"
    if item.where is not None:
        said = condition(item.where, words)
        yield f", where {said}" if len(said) <= LONGEST else ", on the conditions of the rule below"


def _by(who: Who, words: Vocabulary) -> str:
    said = []
    if who.rank:
        said.append(f"by {_a(who.rank)} or above")
    if who.role:
        said.append(f"by {_value(who.role, 'or')}")
    if who.detective is not None:
        said.append("by a detective" if who.detective else "not by a detective")
    if who.custody is not None:
        said.append("by a custody officer" if who.custody else "not by a custody officer")
    if who.channel or who.since:
        said.append(f"from {who.channel or who.since}")
    if who.not_:
        said.append(f"not by {listed([_person(each, words) for each in who.not_], 'or')}")
    return " and ".join(said)


def _person(name: str, words: Vocabulary) -> str:
    if name.startswith("actor of ") and name != "actor of the trigger":
        return f"whoever made “{title(name.removeprefix('actor of '), words)}”"
    known = {"lead": "the lead", "whoever led": "anybody who led the case",
             "actor of the trigger": "whoever began it", "asked": "the one asked about",
             "subject": "the one named", "subject of the trigger": "the one named at the beginning",
             "victim": "the victim", "suspect": "the suspect", "by": "whoever did it"}  # fmt: skip
    return known.get(name) or f"the one under “{called(name, words)}”"


def condition(said: Condition, words: Vocabulary) -> str:
    """A condition in words."""
    return " and ".join(_parts(said, words))


def _parts(said: Condition, words: Vocabulary) -> Iterator[str]:
    for each in said.all or ():
        yield condition(each, words)
    if said.any:
        yield f"({' or '.join(condition(each, words) for each in said.any)})"
    if said.not_ is not None:
        yield _denied(said.not_, words)
    if said.present is not None:
        yield f"{_fields(said.present, words)} recorded"
    for name, value in said.fields.items():
        yield f"“{called(name, words)}” is {_value(value, 'or')}"
    yield from _of_people(said, words)
    yield from _of_values(said, words)
    yield from _of_others(said, words)


def _denied(said: Condition, words: Vocabulary) -> str:
    if set(said.model_fields_set) == {"present"} and isinstance(said.present, str):
        return f"“{called(said.present, words)}” not recorded"
    if set(said.model_fields_set) == {"copied"} and said.copied is not None:
        return f"{_fields(said.copied.within, words)} is not {_copy(said.copied)}"
    if said.fields and not said.model_fields_set - set(said.fields):
        return " and ".join(f"“{called(name, words)}” is not {_value(v, 'or')}" for name, v in said.fields.items())
    return f"not ({condition(said, words)})"


def _copy(said: Copied) -> str:
    return "nearly a copy of an earlier text" + ("" if said.of == "any case" else f" in {said.of}")


def _of_people(said: Condition, words: Vocabulary) -> Iterator[str]:
    if said.age is not None:
        yield _age(said.age, words)
    if said.sex is not None:
        yield f"{_person(said.sex.of, words)} is {said.sex.is_}"
    if said.someone is not None:
        yield _someone(said.someone, words)
    if said.qualified is not None:
        of = said.qualified
        held = f" for at most {length(of.for_at_most, words)}" if of.for_at_most else ""
        yield f"{_person(of.who, words)} holds {of.fact.replace('_', ' ')}: {_value(of.value, 'or')}{held}"
    if said.same_person is not None:
        yield f"{listed([_person(each, words) for each in said.same_person], 'and')} are the same person"
    if said.open_cases is not None:
        yield f"{_person(said.open_cases.of, words)} leads more than {said.open_cases.over} open cases"


def _of_values(said: Condition, words: Vocabulary) -> Iterator[str]:
    if said.number is not None:
        yield f"“{called(said.number.of, words)}” is {_bounds(said.number)}"
    if said.adds_up is not None:
        yield f"{_fields(said.adds_up.parts, words)} add up to “{called(said.adds_up.to, words)}”"
    if said.rank_of is not None:
        yield f"“{called(said.rank_of.of, words)}” is {_a(said.rank_of.at_least)} or above"
    if said.list_ is not None:
        yield _list(said.list_, words)
    if said.gap is not None:
        sides = [f"“{called(each, words)}”" for each in (said.gap.since, said.gap.to)]
        yield f"from {sides[0]} to {sides[1]} it is at most {length(said.gap.at_most, words)}"
    if said.words is not None:
        besides = " besides stock words" if said.words.besides else ""
        yield f"“{called(said.words.within, words)}” has at least {said.words.at_least} words{besides}"
    if said.hits is not None:
        within = f" in {_fields(said.hits.within, words)}" if said.hits.within else ""
        yield f"words of list {said.hits.list_} stand{within}"
    if said.reasons is not None:
        yield f"{_fields(said.reasons, words)} gives reasons of its own"
    if said.copied is not None:
        yield f"{_fields(said.copied.within, words)} is {_copy(said.copied)}"
    if said.offence is not None:
        yield _offence(said.offence)
    if said.offence_in_force is not None:
        yield "the offence was in force at the alleged time"


def _of_others(said: Condition, words: Vocabulary) -> Iterator[str]:
    if said.is_ is not None:
        kinds = [said.is_] if isinstance(said.is_, str) else said.is_
        yield f"it is {listed([f'“{title(each, words)}”' for each in kinds], 'or')}"
    if said.state is not None:
        yield _state(said.state, words)
    for item, how in ((said.earlier, "there is an earlier"), (said.later, "there is a later"),
                      (said.none_earlier, "there is no earlier"), (said.on_record, "there is on record")):  # fmt: skip
        if item is not None:
            yield f"{how} {thing(item, words)}"
    if said.not_on_record is not None:
        yield f"{said.not_on_record} (which no record holds)"


def _age(age: Age, words: Vocabulary) -> str:
    bounds = [f"under {age.under}"] if age.under is not None else []
    if age.at_least is not None:
        bounds.append(f"{age.at_least} or over")
    return f"{_person(age.of, words)} is {' and '.join(bounds)} {_WHEN[age.at]}"


def _someone(someone: Someone, words: Vocabulary) -> str:
    aged = f" of {someone.at_least} or over" if someone.at_least is not None else ""
    role = f" who is {_value(someone.role, 'or')}" if someone.role else ""
    other = f" who is not {_value(someone.not_role, 'or')}" if someone.not_role else ""
    return f"“{called(someone.within, words)}” names somebody{aged}{role}{other}"


def _bounds(number: Number) -> str:
    said = (("at least", number.at_least), ("at most", number.at_most), ("over", number.over), ("under", number.under))
    return " and ".join(f"{how} {value:g}" for how, value in said if value is not None)


def _list(said: ListOf, words: Vocabulary) -> str:
    sides = (("any of", said.any_of), ("all of", said.all_of), ("none of", said.none_of))
    holds = [f"{how} {_value(values, 'and')}" for how, values in sides if values is not None]
    return f"“{called(said.of, words)}” holds {' and '.join(holds)}"


def _offence(said: str | dict[str, Any]) -> str:
    if isinstance(said, str):
        return f"the offence is {said.replace('_', ' ')}"
    return " and ".join(
        f"the offence's {name.replace('_', ' ')} is {_value(value, 'or')}" for name, value in said.items()
    )


def _state(state: str | InState, words: Vocabulary) -> str:
    if isinstance(state, str):
        return f"the state “{called(state, words)}” holds"
    value = f" with {_value(state.value, 'or')}" if state.value is not None else ""
    return f"the state “{called(state.name, words)}” holds{value} {_WHEN[state.at]}"


def length(within: Within, words: Vocabulary) -> str:
    """A limit in words, with from where it is counted where that is not the beginning."""
    said = str(within.duration)
    if within.duration.n == 0:
        said = f"the same {'working day' if 'working' in said else 'day'}" if within.by_the_day else "the same minute"
    if within.at:
        said += f", ending at {within.at}"
    start = within.since or within.since_day_after
    if start:
        said += f" of {'the day after ' if within.since_day_after else ''}“{title(start, words)}”"
    if within.since_field:
        said += f" of the date under “{called(within.since_field, words)}”"
    return said


def _fields(names: str | list[str], words: Vocabulary) -> str:
    return listed([f"“{called(each, words)}”" for each in ([names] if isinstance(names, str) else names)], "and")


def _value(value: Any, joined: str) -> str:
    if isinstance(value, list):
        return listed([_value(each, joined) for each in value], joined)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value).replace("_", " ")


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def listed(said: Iterable[str], joined: str) -> str:
    """Each once, with commas and a last word between them."""
    unique = list(dict.fromkeys(each for each in said if each))
    return f"{', '.join(unique[:-1])} {joined} {unique[-1]}" if len(unique) > 1 else "".join(unique)
