"""How pages word instants and numbers, and the one place where templates are made: escaped, and strict about names."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from everystone.findings.explain import day_in_words
from everystone.web.store import pack


def environment(**options: Any) -> Environment:
    """The environment of every template of ours."""
    made = Environment(loader=options["loader"], autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                       lstrip_blocks=True, auto_reload=options["auto_reload"])  # fmt: skip
    made.globals.update(static=static, url=reverse, fresh=fresh)
    made.filters.update(instant=instant, day=day, clock=clock, number=number, plural=plural, at=at)
    return made


def fresh() -> str:
    """The key of a new form: sent twice it is one entry."""
    return uuid4().hex


def instant(seconds: int) -> str:
    """10 June 2011, 17:30, local time."""
    local = pack().words.calendar.local(int(seconds))
    return f"{local.day} {local:%B %Y}, {local:%H:%M}"


def day(seconds: int) -> str:
    """Friday 10 June 2011, the local day of an instant."""
    return day_in_words(pack().words.calendar.local(int(seconds)).date())


def clock(seconds: int) -> str:
    """17:30, local time."""
    return f"{pack().words.calendar.local(int(seconds)):%H:%M}"


def at(seconds: int, moment: int) -> str:
    """at 06:10, on the day of `moment`; on any other day on 9 June 2011 at 06:10."""
    local, here = pack().words.calendar.local(int(seconds)), pack().words.calendar.local(int(moment))
    return f"at {local:%H:%M}" if local.date() == here.date() else f"on {local.day} {local:%B %Y} at {local:%H:%M}"


def number(n: int) -> str:
    """A number with commas."""
    return f"{n:,}"


def plural(n: int, one: str, several: str = "") -> str:
    """1 child, 3 children."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"
