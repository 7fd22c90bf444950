"""The mapping file: which columns of which extract become which kinds of entry, and what the source holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, field_validator, model_validator

from everystone.ledger.coverage import Held, Holding
from everystone.ledger.kind import Strict

Twice = Literal["refuse", "first", "second", "either"]
Plain = str | int | float | date
Constant = bool | int | float | date | str


def written(said: Any) -> str:
    """A value as an extract writes it: always text. True and false must stand in quotes, as there are many spellings."""
    if isinstance(said, bool):
        raise ValueError("put this in quotes, spelt as the extract spells it")
    if isinstance(said, datetime):
        return said.strftime("%Y-%m-%d %H:%M")
    if not isinstance(said, Plain):
        raise ValueError("a plain value is wanted here, as the extract writes it")
    text = said.isoformat() if isinstance(said, date) else str(said)
    if "\0" in text:
        raise ValueError("a hidden character U+0000 stands here: take it out")
    return text


Written = Annotated[str, BeforeValidator(written, json_schema_input_type=Plain)]


# ---- where a value comes from ------------------------------------------------------------------------------------


class Value(Strict):
    """One value: of a column, or always the same.

    `map` turns what the extract writes into other words; a value it does not name rejects the row, unless
    `otherwise` keeps it as written or leaves it out. `empty` lists what the extract writes for "not recorded".
    """

    column: str | None = None
    value: Constant | list[Constant] | None = None
    map: dict[Written, Constant] | None = None
    otherwise: Literal["reject", "keep", "leave out"] = "reject"
    prefix: str = ""
    empty: list[Written] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_source(self) -> Value:
        if sum(each is not None for each in self._sources()) != 1:
            raise ValueError(f"say exactly one of: {self._spelt()}")
        return self

    def _sources(self) -> list[Any]:
        return [self.column, self.value]

    def _spelt(self) -> str:
        return "column, value"

    @property
    def reads(self) -> list[str]:
        """The columns it reads."""
        return [self.column] if self.column is not None else []


class Several(Value):
    """Several values: of one column, split at a separator (`json` where it holds a list in JSON), or of several columns."""

    columns: list[str] | None = None
    split: str | None = Field(None, min_length=1)

    def _sources(self) -> list[Any]:
        return [self.column, self.value, self.columns]

    def _spelt(self) -> str:
        return "column, columns, value"

    @property
    def reads(self) -> list[str]:
        """The columns it reads."""
        return [*super().reads, *(self.columns or ())]


class Moment(Strict):
    """How a time is written.

    `format` (as strptime spells it, `serial` for days as a spreadsheet counts them, or several in the order in which
    they are tried) where it is not ISO 8601.
    The precision is that of the text, unless `precision` says that the source knows less than it writes. A local
    time that the clocks showed `twice` is refused, unless it says which is meant, or that it may be either.
    """

    format: str | list[str] | None = None
    precision: Literal["day", "month", "year"] | None = None
    zone: str | None = None
    twice: Twice | None = None

    @property
    def formats(self) -> list[str]:
        """The formats, none for ISO 8601."""
        return [self.format] if isinstance(self.format, str) else self.format or []


class Time(Moment):
    """A time, of a column or always the same."""

    column: str | None = None
    value: Written | None = None
    empty: list[Written] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_source(self) -> Time:
        if (self.column is None) == (self.value is None):
            raise ValueError("say exactly one of: column, value")
        return self


class FieldFrom(Several, Moment):
    """The value of a field of a kind; of which type it is the kind says."""


class Stream(Value):
    """The stream of an entry, by default `case/` and the value; `key: true` makes each row a case of its own."""

    prefix: str = "case/"
    key: bool | None = None

    def _sources(self) -> list[Any]:
        return [self.column, self.value, self.key or None]

    def _spelt(self) -> str:
        return "column, value, key: true"


class KindFrom(Strict):
    """The kind by the value of a column: with `map` by what it writes, without as the pack names them."""

    column: str
    map: dict[Written, str] | None = None


def _constant(said: Any) -> Any:
    return said if isinstance(said, dict | Value) else {"value": said}


def _columns(said: Any) -> Any:
    return {"columns": said} if isinstance(said, list) else _constant(said)


ValueSaid = Annotated[Value, BeforeValidator(_constant, json_schema_input_type=Value | Constant)]
SeveralSaid = Annotated[Several, BeforeValidator(_columns, json_schema_input_type=Several | list[str] | Constant)]
FieldSaid = Annotated[
    FieldFrom, BeforeValidator(_constant, json_schema_input_type=FieldFrom | Constant | list[Constant])
]


# ---- which rows --------------------------------------------------------------------------------------------------


class Test(Strict):
    """A column that has a value or none, or none of these."""

    present: bool | None = None
    not_: Written | list[Written] | None = Field(None, alias="not")

    @model_validator(mode="after")
    def _says_something(self) -> Test:
        if not self.model_fields_set:
            raise ValueError("say present or not")
        return self


def _equals(said: Any) -> Any:
    if isinstance(said, dict | Test):
        return said
    return [written(each) for each in said] if isinstance(said, list) else [written(said)]


When = dict[
    str,
    Annotated[list[str] | Test, BeforeValidator(_equals, json_schema_input_type=Plain | list[Plain] | Test)],
]


class How(NamedTuple):
    """How a file is read: see `Source`, which says it."""

    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header: tuple[int, ...] = (1,)
    records: str | None = None
    connection: str | None = None


class Source(Strict):
    """A file, or several of the same form by a pattern for their names, and how it is read where that must be said.

    `delimiter` and `encoding` of a text; `sheet` and `header` (the row or rows in which the names of the columns
    stand) of a workbook; `records` of XML (the path of the elements that are rows) and of an object-centric log (a type
    of object); `connection` of a query (the environment variable in which the address of the database stands).
    """

    file: str
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    encoding: str | None = None
    sheet: str | None = None
    header: list[Annotated[int, Field(ge=1, le=100)]] = Field([1], min_length=1, max_length=5)
    records: str | None = None
    connection: str | None = None

    @field_validator("header", mode="before")
    @classmethod
    def _one_or_several_rows(cls, said: Any) -> Any:
        return said if isinstance(said, list) else [said]

    @property
    def how(self) -> How:
        """How it is read."""
        return How(self.delimiter, self.encoding, self.sheet, tuple(self.header), self.records, self.connection)


class Join(Source):
    """Columns of another file, looked up by equal values; a dict of `columns` renames them."""

    on: dict[str, str] = Field(min_length=1)
    columns: list[str] | dict[str, str]
    where: When = Field(default_factory=dict)

    @property
    def names(self) -> dict[str, str]:
        """Its columns, and what each is called here."""
        return self.columns if isinstance(self.columns, dict) else {name: name for name in self.columns}


# ---- entries, tables, the whole ----------------------------------------------------------------------------------


class Capacity(Strict):
    """Role, rank and team of the actor at that time."""

    role: ValueSaid | None = None
    rank: ValueSaid | None = None
    team: ValueSaid | None = None


class Told(Strict):
    """What an entry says beside its fields; said of a table it holds for all its entries that do not say otherwise.

    Without `row_key` (or where its columns are all empty) a row is known by the digest of all its columns.
    """

    stream: Stream | None = None
    row_key: SeveralSaid | None = None
    subjects: SeveralSaid | None = None
    happened: Time | None = None
    recorded: Time | None = None
    by: ValueSaid | None = None
    capacity: Capacity | None = None
    channel: ValueSaid | None = None
    corrects: ValueSaid | None = None
    withdraws: ValueSaid | None = None
    late_reason: ValueSaid | None = None
    quote_of: ValueSaid | None = None


class EntryFrom(Told):
    """One entry made of each row that fits `when`; `data` is a column that holds all its fields as a JSON object."""

    kind: str | KindFrom
    when: When = Field(default_factory=dict)
    fields: dict[str, FieldSaid] = Field(default_factory=dict)
    data: str | None = None

    @model_validator(mode="after")
    def _one_payload(self) -> EntryFrom:
        if self.data is not None and self.fields:
            raise ValueError("say `fields`, or `data`, not both")
        return self


class Table(Source, Told):
    """A source, the rows of it that are wanted, and the entries that each row makes."""

    where: When = Field(default_factory=dict)
    join: list[Join] = Field(default_factory=list)
    entries: list[EntryFrom] = Field(min_length=1)

    @field_validator("join", mode="before")
    @classmethod
    def _one_or_several(cls, said: Any) -> Any:
        return said if isinstance(said, list) else [said]

    def told(self, entry: EntryFrom) -> Told:
        """What is said of an entry, or else of the table."""
        ours = {name: getattr(self, name) for name in Told.model_fields}
        said = {name: getattr(entry, name) for name in Told.model_fields if getattr(entry, name) is not None}
        return Told.model_construct(**{**ours, **said})


class Holds(Strict):
    """What the source holds: these kinds, from a day to a day (left out: open), for these teams (left out: all)."""

    kinds: list[str]
    since: date | None = Field(None, alias="from")
    to: date | None = None
    teams: list[str] = Field(default_factory=list)
    how: Held = "complete"

    @field_validator("kinds", "teams", mode="before")
    @classmethod
    def _one_or_several(cls, said: Any) -> Any:
        return [said] if isinstance(said, str) else said

    def holding(self, kinds: frozenset[str], end: date | None) -> Holding:
        """The statement for some of its kinds, cut to the end of the extract."""
        ends = [day for day in (self.to, end) if day is not None]
        return Holding(kinds, self.since, min(ends, default=None), frozenset(self.teams), self.how)


class Mapping(Strict):
    """A whole mapping file. `brings`: the whole extract each time, so that a row can be gone, or only what is new in it."""

    name: str
    brings: Literal["everything", "what is new"] = "everything"
    zone: str | None = None
    twice: Twice = "refuse"
    channel: ValueSaid = Value(value="force")
    as_of: date | None = None
    holds: list[Holds] = Field(default_factory=list)
    tables: list[Table] = Field(min_length=1)
