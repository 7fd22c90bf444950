"""How a term of a list is spelt as a pattern: its words with their forms, what may stand between, apart or as one word."""

from __future__ import annotations

import re
from typing import NamedTuple

_DATE = re.compile(r"#(?:/#)+")  # a number for each part, and no choice between them


class Spelling(NamedTuple):
    """How a pattern spells the parts of a term; another program's patterns may spell them otherwise, and wider."""

    letter: str = r"[\w']"
    blank: str = r"[\s\-]"
    apostrophe: str = "'"
    hyphen: str = r"\-"
    ending: str = "(?:s|es|ed|ing|'s)?"


PLAIN = Spelling()


def pattern_of(term: str, spelling: Spelling = PLAIN) -> str:
    """The pattern of a term."""
    pattern, blank = "", spelling.blank
    for word in term.replace("’", "'").split():
        if word == "...":
            pattern += f"(?:{blank}+{spelling.letter}+){{0,3}}?"
            continue
        optional, lead = word.startswith("("), f"{blank}+" if pattern else ""
        forms = f"{lead}{_choices(word.strip('()'), spelling)}"
        pattern += f"(?:{forms})?" if optional else forms
    return pattern


def _choices(word: str, spelling: Spelling) -> str:
    """One word with its forms; a star stands for any ending, else the usual ones serve; # is a number.

    What a hyphen joins may be written apart or as one word, but for numbers; an apostrophe may be left out.
    """
    ways, joined = [], f"(?:{spelling.blank}|{spelling.hyphen})?"
    for form in forms_of(word):
        spelt = "[0-9]+".join(re.escape(part) for part in form.rstrip("*").split("#"))
        spelt = spelt.replace("'", f"{spelling.apostrophe}?").replace(r"\-", spelling.hyphen if "#" in form else joined)
        ways.append(spelt + (f"{spelling.letter}*" if form.endswith("*") else spelling.ending))
    return f"(?:{'|'.join(sorted(ways, key=len, reverse=True))})"


def forms_of(word: str) -> list[str]:
    """The forms of one word of a term; a date is one form."""
    return [word] if _DATE.fullmatch(word) else word.split("/")
