"""Kinds of entry, built from a pack's files: what each says, who takes which part in it, what its fields hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from everystone.ledger.fault import Fault

Role = Literal["victim", "suspect", "child", "officer", "partner", "anyone"]
FieldType = Literal[
    "text", "word", "words", "number", "yes or no", "date", "reference", "references", "person", "people",
    "rank", "age", "offence", "offences", "entry", "entries",
]  # fmt: skip
LISTS = frozenset({"words", "references", "people", "offences", "entries"})


class Strict(BaseModel):
    """A part of a pack's file: an unknown key is refused, and nothing is changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldOf(Strict):
    """One field of a kind; `called` is what it is called on screen, where its name in words does not say it.

    A text that is `compared` should be written for this case: it is looked at for likeness with others and for reasons.
    """

    type: FieldType
    called: str = ""
    role: Role = "anyone"
    makes: Literal["victim", "suspect"] | None = None
    values: list[str] = Field(default_factory=list)
    codes: dict[str, list[str]] = Field(default_factory=dict)
    unrecorded_means: str | bool | float | None = None
    words_mean_yes: bool = False  # a yes or no that records answer by saying what: `online: chat`
    guarded: bool = False
    privileged: bool = False
    compared: bool = False
    note: str = ""

    @cached_property
    def meanings(self) -> dict[str, str]:
        """What each known word means, by the word as `bare` has it: itself, or the code it stands for."""
        said = {word: code for code, words in self.codes.items() for word in (*words, code)}
        return {bare(word): code for word, code in ({value: value for value in self.values} | said).items()}


class Kind(Strict):
    """One sort of entry, as a pack's file describes it."""

    title: str
    says: str
    subject: Role = "anyone"
    level: Literal["person", "case", "officer"] = "person"
    substantive: bool = True
    act_of: str = "force"
    makes: Literal["victim", "suspect"] | None = None
    yields_to: str = ""
    opens: bool = False
    verbatim: bool = False
    describes: bool = False
    sealed: bool = False
    of_a_finding: Literal["", "excused", "challenged", "upheld"] = (
        ""  # what it says of the finding in its field `finding`
    )
    extension: bool = False  # added to the vocabulary that the pack's standards were catalogued with
    note: str = ""
    fields: dict[str, FieldOf] = Field(default_factory=dict)

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """The words that its form offers: its title, and every value and code of its fields."""
        fields = self.fields.values()
        return (
            self.title,
            *(word for of in fields for word in (*of.values, *(each for said in of.codes.values() for each in said))),
        )


class Kinds:
    """The kinds of a pack, with what the evaluators look up in each entry worked out once."""

    def __init__(self, described: Mapping[str, Kind]) -> None:
        self.by_name = dict(described)
        self.case_level = frozenset(name for name, kind in described.items() if kind.level == "case")
        self.officer_level = frozenset(name for name, kind in described.items() if kind.level == "officer")
        self.opening = frozenset(name for name, kind in described.items() if kind.opens)
        self.extensions = frozenset(name for name, kind in described.items() if kind.extension)
        self.describing = frozenset(name for name, kind in described.items() if kind.describes)
        self.substantive = frozenset(name for name, kind in described.items() if kind.substantive)
        self.of_another_body = {name: kind.act_of for name, kind in described.items() if kind.act_of != "force"}
        self.subject_role: dict[str, Role] = {name: kind.subject for name, kind in described.items()}
        self.people: dict[str, tuple[tuple[str, Role], ...]] = {}
        self.makes: dict[str, tuple[tuple[str, str], ...]] = {}
        self.links: dict[str, tuple[str, str]] = {}
        self.rank_field: dict[str, str] = {}
        self.age_field: dict[str, str] = {}
        self.defaults: dict[str, dict[str, Any]] = {}
        self.called = _called(described)
        self.texts: dict[str, tuple[str, ...]] = {}
        self.offences: dict[str, tuple[str, ...]] = {}
        for name, kind in described.items():
            self._work_out(name, kind)
        self.compared = frozenset(
            name for name, kind in described.items() if any(of.compared for of in kind.fields.values())
        )

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def _work_out(self, name: str, kind: Kind) -> None:
        fields = kind.fields
        self.people[name] = tuple((field, of.role) for field, of in fields.items() if of.type in ("person", "people"))
        makes = [("", kind.makes)] if kind.makes else []
        self.makes[name] = (*makes, *((field, of.makes) for field, of in fields.items() if of.makes))
        made = {role: field for field, role in self.makes[name] if field}
        if len(made) == 2:
            self.links[name] = (made["victim"], made["suspect"])
        ranks = [field for field, of in fields.items() if of.type == "rank"]
        ages = [field for field, of in fields.items() if of.type == "age"]
        if ranks:
            self.rank_field[name] = ranks[0]
        if ages:
            self.age_field[name] = ages[0]
        self.defaults[name] = {
            field: of.unrecorded_means for field, of in fields.items() if of.unrecorded_means is not None
        }
        self.offences[name] = tuple(field for field, of in fields.items() if of.type in ("offence", "offences"))
        self.texts[name] = tuple(field for field, of in fields.items() if of.type == "text")

    # ---- the door ----------------------------------------------------------------------------------------------

    def admit(self, kind: str, data: Mapping[str, Any], *, lenient: bool = False) -> dict[str, Any]:
        """The fields of an entry as the ledger keeps them: coded words, lists as lists, yes or no as true or false.

        Raises Fault for a kind or field not known here, or a value that is not of the field's type. `lenient` keeps
        an unknown field as it is written (a story may be ahead of the vocabulary).
        """
        if kind not in self.by_name:
            near = get_close_matches(kind, self.by_name, 1)
            raise Fault(f"The kind {kind!r} is not known." + (f" Was {near[0]!r} meant?" if near else ""))
        fields = self.by_name[kind].fields
        admitted: dict[str, Any] = {}
        for name, value in data.items():
            if value is None or value == "" or (lenient and _not_recorded(fields.get(name), value)):
                continue
            of = fields.get(name)
            if of is None and not lenient:
                raise Fault(f"{kind} has no field {name!r}. It has: {', '.join(sorted(fields)) or 'none'}.")
            admitted[name] = value if of is None else _typed(kind, name, of, value)
        return admitted


def _called(described: Mapping[str, Kind]) -> dict[str, str]:
    """What a field is called wherever it stands: only where all kinds that have one of this name call it alike."""
    said: dict[str, set[str]] = {}
    for kind in described.values():
        for name, of in kind.fields.items():
            said.setdefault(name, set()).add(of.called)
    return {name: called for name, (called, *others) in said.items() if called and not others}


_YES = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}


_NOT_RECORDED = frozenset({"unknown", "not known", "not recorded", "not stated"})


def _not_recorded(of: FieldOf | None, value: Any) -> bool:
    """Whether a value only says that nothing was recorded, where a yes or no, a number or a date should stand."""
    exact = of is not None and of.type in ("yes or no", "number", "age", "date")
    return exact and str(value).strip().lower() in _NOT_RECORDED


def _typed(kind: str, name: str, of: FieldOf, value: Any) -> Any:
    if of.type in LISTS:
        values = value if isinstance(value, list | tuple) else [value]
        return [_coded(of, str(each)) for each in values if each not in (None, "")]
    if of.type == "yes or no":
        said = value if isinstance(value, bool) else _YES.get(str(value).strip().lower())
        if said is None and of.words_mean_yes:
            said = value not in ([], ["none"], "none")
        if said is None:
            raise Fault(f"{kind}: {name} is {str(value)[:40]!r}, and should be yes or no.")
        return said
    if of.type in ("number", "age"):
        return _number(kind, name, value)
    return _coded(of, str(value) if not isinstance(value, str) else value)


def _number(kind: str, name: str, value: Any) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", str(value).strip(), re.ASCII):
        raise Fault(f"{kind}: {name} is {str(value)[:40]!r}, and should be a plain number.")
    number = float(str(value))
    return int(number) if number.is_integer() else number


def _coded(of: FieldOf, word: str) -> str:
    return of.meanings.get(bare(word), word) if of.meanings else word


def bare(word: str) -> str:
    """A word as it is compared: small letters, and a space for every line that joins words."""
    return word.strip().lower().replace("_", " ").replace("-", " ")
