"""What whoever wrote a text is asked about its words: first whose they are, then why they harm and what is better.

Nothing is changed and nobody is counted: a prompt is about a text.
"""

from __future__ import annotations

from typing import NamedTuple

from everystone.standards.language import Lists, Place

WHOSE = "Whose words are these? If they are somebody else's, put them into quotation marks and say who spoke."
AROUND = 40  # letters shown on either side


class Prompt(NamedTuple):
    """One place to look at: the words, as they stand among others, why they harm, better words, when they are right."""

    list: str
    title: str
    words: str
    shown: str
    whose: str
    why: str
    better: str
    right_when: str


class Looked(NamedTuple):
    """What one look at a text gives: what to ask about, and how many places assert nothing (quoted, denied, ...)."""

    prompts: list[Prompt]
    left_alone: int


def prompts(lists: Lists, text: str, spoken_by: str = "") -> Looked:
    """What to ask about a text; what is quoted needs no prompt where its speaker is named, in the text or beside it."""
    places = lists.look(text)
    raised = [place for place in places if place.raised and not (place.quoted and spoken_by)]
    return Looked([_prompt(lists, text, place) for place in raised], len(places) - len(raised))


def _prompt(lists: Lists, text: str, place: Place) -> Prompt:
    held, term = lists.by_name[place.list], place.term
    return Prompt(
        place.list,
        held.title,
        place.words,
        _shown(text, place),
        WHOSE,
        (term.why if term else "") or held.why,
        (term.better if term else "") or held.better,
        term.right_when if term else "",
    )


def _shown(text: str, place: Place) -> str:
    """The words with a little of what stands around them, on one line."""
    first, last = max(0, place.start - AROUND), min(len(text), place.end + AROUND)
    said = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{said}{'…' if last < len(text) else ''}"
