"""Which columns name what every entry has: the case, the person, who did it and in what capacity. By their names, above all."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set

from everystone.intake.profile import Column, stem


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


#: Words by which extracts name what every entry has; stems are compared.
_CASES = _stems("case incident investigation file crime occurrence record stream")
_REFERENCES = _CASES | _stems("id ref reference number no nr num key identifier urn eid")
_PERSONS = _stems("person subject child victim client pupil complainant nominal")
_OFFICERS = _stems("officer user worker resource actor author oic staff collar")
CAPACITY = {
    "role": _stems("role"),
    "rank": _stems("rank grade"),
    "team": _stems("team unit department station group"),
}
_IN_A_CAPACITY = frozenset().union(*CAPACITY.values())
_ANSWERS = frozenset({"y", "n", "yes", "no", "true", "false", "1", "0"})
_LONGEST = 80  # characters of a reference, on average


def most_like(words: Set[str], columns: Sequence[Column]) -> Column | None:
    """The column at least half of whose name is of these words (stems); of several the one with least beside, then fullest."""
    fits = [each for each in columns if len(each.tokens & words) * 2 >= len(each.tokens) > 0]
    return max(fits, key=lambda each: (len(each.tokens & words) / len(each.tokens), each.filled), default=None)


def references(columns: Sequence[Column]) -> list[Column]:
    """The columns that hold references to something."""
    return [each for each in columns if _is_short(each) and each.filled > 0.5 and each.tokens & _REFERENCES]


def _is_short(column: Column) -> bool:
    return not column.is_time and 0 < column.length <= _LONGEST


def person(columns: Sequence[Column]) -> Column | None:
    """The column that refers to a person, or to several: by a reference, or where nothing but a person is its name."""
    alone = [each for each in columns if _is_short(each) and each.tokens and each.tokens <= _PERSONS
             and not {value.lower() for value in each.values} <= _ANSWERS]  # fmt: skip
    return next((each for each in [*references(columns), *alone] if each.tokens & _PERSONS), None)


def stream(columns: Sequence[Column], joined: Collection[str]) -> tuple[Column | None, float]:
    """The column that says to which case a row belongs, and how sure that is; `joined` columns refer to other tables."""

    def most(each: Column) -> tuple[bool, ...]:
        return (
            each.is_stream,
            not each.tokens & _OFFICERS and "by" not in each.tokens and not each.split,
            bool(each.tokens & _CASES),
            not each.tokens & _PERSONS,
            each.name in joined,
            not each.unique,
            each.filled == 1,
        )

    found = max(references(columns), key=most, default=None)
    return found, 0.8 if found and (found.is_stream or found.tokens & _CASES) else 0.5


def officer(columns: Sequence[Column]) -> Column | None:
    """The column that says who did it."""
    return most_like(_OFFICERS, [each for each in columns if _is_short(each) and not each.tokens & _IN_A_CAPACITY])


def capacity(part: str, columns: Sequence[Column]) -> Column | None:
    """The column that says the role, rank or team (`part`) of who did it."""
    return most_like(CAPACITY[part], [each for each in columns if _is_short(each)])
