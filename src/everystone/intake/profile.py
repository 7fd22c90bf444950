"""What a column of an extract looks like: how full it is, how its values repeat, whether they are times and in which form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid
from everystone.intake.moment import PARTIAL, SERIAL, STAND_INS, WHOLE, Reading, normal
from everystone.intake.when import trimmed

SAMPLE = 2_000  # rows looked at
WORDS = 300  # different values up to which a column is one of words, not of references or text
_STREAM = "[a-z][a-z_]{1,30}/[^/ ]+"  # the name of a stream with its sort
_SEVERAL = "[^; ]{1,30}(; ?[^; ]{1,30})*"  # references in a row
FITS = 0.9  # share of the filled cells that must be of a form
_FORMS = (
    "", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d-%m-%Y %H:%M", "%d-%m-%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%d-%b-%Y %H:%M", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y%m%d",
    "%d/%m/%y", "%m/%d/%Y %H:%M", "%m/%d/%Y", SERIAL,
)  # fmt: skip
_TIMELY = {
    "date",
    "time",
    "at",
    "on",
    "when",
    "day",
    "start",
    "end",
    "from",
    "to",
    "until",
    "dob",
    "born",
    "birth",
    "month",
}

BORN = frozenset({"born", "birth", "dob"})  # words for a day of birth


@dataclass(frozen=True)
class Column:
    """A column: shares of cells (0 to 1), how many different values, and if they are times the formats ("" is ISO 8601).

    `packed` where each is a JSON object; `split` at what its cells are split into several values (`json`: each is a list),
    "" where they hold one each; `is_stream` where each is the whole name of one (`case/C17`); `values` are the
    different ones of a column of words, most frequent first; `first` and `last` are the days between which times lie.
    """

    name: str
    tokens: frozenset[str]
    filled: float
    distinct: int
    unique: bool
    length: float
    packed: bool = False
    split: str = ""
    is_stream: bool = False
    values: tuple[str, ...] = ()
    form: str | None = None
    share: float = 0.0
    doubtful: bool = False
    first: str = ""
    last: str = ""
    stand_ins: tuple[str, ...] = ()

    @property
    def is_birth(self) -> bool:
        """Whether its values are days of birth."""
        return self.is_time and bool(self.tokens & {stem(each) for each in BORN})

    @property
    def is_time(self) -> bool:
        """Whether its values are times."""
        return self.form is not None


def tokens_of(name: str) -> frozenset[str]:
    """The words in a name: split where letters change case and at anything else, without endings.

    Capitals before small letters are split in both ways that are usual: `XMLFile`, `CINdate`.
    """
    plain = unicodedata.normalize("NFKC", name)
    split = [
        *re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", plain),
        *re.findall(r"[A-Z]{2,}|[A-Z]?[a-z]+|[0-9]+", plain),
    ]
    return frozenset(stem(word.lower()) for word in split)


def stem(word: str) -> str:
    """A word without its usual endings, so that `reported` and `reports` are one."""
    for ending in ("ings", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


def columns(desk: Desk, laid: Laid) -> list[Column]:
    """The columns of a file, judged by its first 2,000 rows; whether a cell holds several references, by all rows."""
    desk.do(f"CREATE OR REPLACE TABLE sample AS SELECT * FROM {laid.table} ORDER BY row LIMIT {SAMPLE}")
    return [_column(desk, name, cell, laid.table) for name, cell in laid.columns.items()]


def _column(desk: Desk, name: str, column: str, whole: str) -> Column:
    cell = trimmed(column)
    shapes = ", ".join(f"coalesce(bool_and({each}), false)" for each in (
        f"left({cell}, 1) = '{{' AND json_valid({cell})", f"left({cell}, 1) = '[' AND json_valid({cell})",
        f"regexp_full_match({cell}, '{_STREAM}')", f"regexp_full_match({cell}, '{_SEVERAL}')",
        f"NOT regexp_matches({cell}, '[0-9]')"))  # fmt: skip
    ((rows, filled, distinct, length, packed, in_json, is_stream, several, bare),) = desk.rows(
        f"SELECT count(*), count({cell}), count(DISTINCT {cell}), coalesce(avg(length({cell})), 0), {shapes} FROM sample"
    )
    parted = several and desk.one(f"SELECT coalesce(bool_or(contains({cell}, ';')), false) FROM {whole}")
    split = "json" if in_json else ";" if parted else ""
    tokens, values = tokens_of("/".join(name.split("/")[-2:])), ()
    if distinct <= WORDS and length <= 40:
        found = desk.rows(
            f"SELECT {cell} AS v, count(*) AS n FROM sample WHERE v IS NOT NULL GROUP BY v ORDER BY n DESC, v"
        )
        values = tuple(value for value, _ in found)
    unique = 0 < filled == distinct == rows
    form, share = _form(desk, cell, tokens, filled) if filled and not bare else (None, 0.0)
    if form is None:
        return Column(name, tokens, filled / max(rows, 1), distinct, unique, length, packed, split, is_stream, values)
    first, last, stand_ins = _span(desk, cell, form)
    return Column(name, tokens, filled / rows, distinct, unique, length, packed, split, is_stream, values, form, share,
                  _is_doubtful(desk, cell, form), first, last, stand_ins)  # fmt: skip


def _normal(cell: str, form: str) -> str:
    return normal(cell, Reading((form,) if form else (), None, "UTC", "either"))


def _form(desk: Desk, cell: str, tokens: frozenset[str], filled: int) -> tuple[str | None, float]:
    """The form that most cells are of, where nearly all are; figures are only times where the name says so."""
    timely = bool(tokens & {stem(each) for each in _TIMELY})
    forms = [form for form in _FORMS if timely or form not in ("%Y%m%d", SERIAL)]
    fitting = (f"count(*) FILTER (regexp_full_match({_normal(cell, form)}, {quoting.text(_shape(form, timely))}))"
               for form in forms)  # fmt: skip
    (fits,) = desk.rows(f"SELECT {', '.join(fitting)} FROM sample")
    return next(((form, n / filled) for form, n in zip(forms, fits, strict=True) if n / filled >= FITS), (None, 0.0))


def _shape(form: str, timely: bool) -> str:
    return f"{WHOLE}|{PARTIAL}" if timely else WHOLE if form else f"{WHOLE}|[0-9]{{4}}-[01][0-9]"


def _span(desk: Desk, cell: str, form: str) -> tuple[str, str, tuple[str, ...]]:
    """The first and last day, and the ways in which stand-ins for a day not known are written."""
    day = f"left({_normal(cell, form)}, 10)"
    stand_in = f"{day} IN ({quoting.texts(STAND_INS)})"
    sound = f"regexp_matches({day}, '^[0-9]{{4}}') AND NOT {stand_in}"
    ((first, last),) = desk.rows(f"SELECT min({day}), max({day}) FROM sample WHERE {sound}")
    return (
        first or "",
        last or "",
        tuple(each for (each,) in desk.rows(f"SELECT DISTINCT {cell} FROM sample WHERE {stand_in} ORDER BY 1")),
    )


def _is_doubtful(desk: Desk, cell: str, form: str) -> bool:
    """Whether day and month could as well be the other way round in every row."""
    if not form.startswith(("%d/%m", "%m/%d")):
        return False
    other = form.replace("%d/%m", "%x").replace("%m/%d", "%d/%m").replace("%x", "%m/%d")
    return not desk.one(
        f"SELECT count(*) FROM sample WHERE {cell} IS NOT NULL AND try_strptime({cell}, {quoting.text(other)}) IS NULL"
    )
