"""Text and names written into SQL so that they are never read as SQL."""

from __future__ import annotations

from collections.abc import Iterable


def text(value: str) -> str:
    """A literal of text. Raises ValueError for U+0000, which would end it early."""
    if "\0" in value:
        raise ValueError("U+0000 cannot stand in a literal")
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Several literals, for IN (...) and lists."""
    return ", ".join(text(value) for value in values)


def name(value: str) -> str:
    """A name of a column."""
    if "\0" in value:
        raise ValueError("U+0000 cannot stand in a name")
    return '"' + value.replace('"', '""') + '"'
