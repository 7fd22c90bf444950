"""A version of a standard in words: what begins it, what is then asked, by when, what excuses."""

from __future__ import annotations

from collections.abc import Iterator

from everystone.account.manual.conditions import LONGEST, condition, length, listed, thing, things
from everystone.findings.explain import called, title
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.grammar import Body, Check, Forbidden, Limb, Response, Rhythm
from everystone.standards.limit import Every, Field_, Within
from everystone.standards.pack import Dated

Part = tuple[str, str]  # what is said, and of which side of the rule


def parts(dated: Dated, words: Vocabulary) -> list[Part]:
    """The sides of a version in words, in the order in which one asks for them; lines of a table are joined."""
    said: dict[str, list[str]] = {}
    for when, body in dated.bodies:
        for side, text in _sides(body, words):
            lines = said.setdefault(side, [])
            if text and text not in lines:
                lines.append(text)
        if when is not None:
            said.setdefault("Depends on", ["a table of the rule below, by what the record says"])
    return [(side, "; or, by the table, ".join(lines)) for side, lines in said.items() if lines]


def begins_with(dated: Dated, words: Vocabulary) -> str:
    """What begins the duty: entries by their titles, states, missed duties."""
    return things(dated.body.after, words)


def _sides(body: Body, words: Vocabulary) -> Iterator[Part]:
    yield "Begins with", things(body.after, words)
    if isinstance(body, Response):
        yield "Then asked for", things(body.expect, words)
        yield "By when", _limit(body, words)
        if body.not_before is not None:
            yield "Not before", length(body.not_before, words)
        yield from _further(body.then, words)
    elif isinstance(body, Rhythm):
        yield "Asked again and again", things(body.beat, words)
        yield "How often", _rhythm(body, words)
        yield "Until", things(body.until, words)
    elif isinstance(body, Forbidden):
        yield "Must not follow", things(body.never, words)
        yield "Until", things(body.until, words)
    elif isinstance(body, Check):
        must = condition(body.require, words)
        yield "Must be so", must if len(must) <= LONGEST else "the conditions of the rule below, together"
        yield "By when", length(body.within, words) if body.within else "at that entry"
    yield "Does not apply where there is", listed(_exemptions(body, words), "or")
    yield (
        "The clock stops while",
        listed([called(each, words) for each in getattr(body, "clock_stops_while", ())], "or"),
    )


def _exemptions(body: Body, words: Vocabulary) -> list[str]:
    recent = [f"{thing(each.item, words)} in the {length(each.within, words)} before" for each in body.unless_recent]
    return [*(thing(each, words) for each in body.unless), *recent]


def _limit(body: Response, words: Vocabulary) -> str:
    said = []
    if body.within is not None:
        said.append(f"within {length(body.within, words)}")
    if body.until is not None:
        said.append(f"by {_field(body.until, words)}")
    if body.before == "trigger":
        said.append("before what begins it")
    elif body.before is not None:
        said.append(f"before {things(body.before, words)}")
    if body.moved_by is not None:
        said.append(f"moved by {thing(body.moved_by, words)}")
    return ", ".join(said)


def _further(limb: Limb | None, words: Vocabulary) -> Iterator[Part]:
    while limb is not None:
        within = f", within {length(limb.within, words)}" if limb.within else ""
        before = f", before {things(limb.before, words)}" if limb.before else ""
        until = f", by {_field(limb.until, words)}" if limb.until else ""
        when = {"first met": ", where that was done", "first not met": ", where that was not done"}
        on = when.get(limb.when, "") if isinstance(limb.when, str) else f", where {condition(limb.when, words)}"
        yield "And further", f"{things(limb.expect, words)}{within}{before}{until}{on}"
        limb = limb.then


def _rhythm(body: Rhythm, words: Vocabulary) -> str:
    first = f"first within {length(body.first, words)}, then " if body.first else ""
    if isinstance(body.every, Within):
        return f"{first}every {length(body.every, words)}"
    return f"{first}{_by_value(body.every, words)}"


def _by_value(every: Every, words: Vocabulary) -> str:
    said = [f"{value}: every {length(each, words)}" for value, each in every.when.items()]
    if every.agreed is not None:
        said.append(f"as agreed under {_field(every.agreed, words)}")
    if every.otherwise is not None:
        said.append(f"otherwise every {length(every.otherwise, words)}")
    return f"by {called(every.by, words)}: {'; '.join(said)}" if every.by else "; ".join(said)


def _field(field: Field_, words: Vocabulary) -> str:
    of = f" of “{title(field.kind, words)}”" if field.kind else ""
    return f"the date under “{called(field.field, words)}”{of}"
