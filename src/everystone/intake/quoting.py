"""Text and names written into SQL and YAML so that they are never read as a part of either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable


def text(value: str) -> str:
    """A literal of text. Raises ValueError for U+0000, which would end it early."""
    if "\0" in value:
        raise ValueError("U+0000 cannot stand in a literal")
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Several literals, for IN (...) and lists."""
    return ", ".join(text(value) for value in values)


def among(sql: str, values: Iterable[str]) -> str:
    """A test whether something is one of several literals. (The database makes a join of a longer IN (...), which is asked

    of every row, whatever stands before it.)
    """
    return f"list_contains([{texts(values)}]::VARCHAR[], {sql})"


def name(value: str) -> str:
    """A name of a column."""
    if "\0" in value:
        raise ValueError("U+0000 cannot stand in a name")
    return '"' + value.replace('"', '""') + '"'


_WORDS_OF_YAML = ("yes", "no", "true", "false", "null", "on", "off", "y", "n")


def yaml(said: str) -> str:
    """A text as YAML reads it back: as it is where nothing in it has a meaning, else in quotes."""
    sound = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*", said)
    return said if sound and said.lower() not in _WORDS_OF_YAML else json.dumps(said, ensure_ascii=False)
