"""A page that stands on its own: one file, no script, nothing fetched, everything escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from everystone.account.disclosure import shown
from everystone.statistics.proportion import Proportion, percent

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, styles: Sequence[str] = ("report.css",), **given: Any) -> str:
    """A template as a page. Its style is inlined and named by its digest, so that no other style and no script can run."""
    environment = _environment()
    style = style_of(styles, **given)
    policy = policy_of(style)
    return environment.get_template(template).render(style=Markup(style), policy=policy, **given)  # noqa: S704 - our own file


def style_of(styles: Sequence[str], **given: Any) -> str:
    """Some style sheets as one text."""
    return "".join(_environment().get_template(each).render(**given) for each in styles)


def policy_of(style: str) -> str:
    """What a browser is told of a page that stands on its own: this style, and nothing else."""
    return f"default-src 'none'; style-src 'sha256-{digest(style)}'; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, shown=shown, percent=percent, bounds=bounds)
    return environment


def digest(style: str) -> str:
    """The digest of a style as a policy names it: SHA-256, base64."""
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def number(n: int) -> str:
    """A number with commas."""
    return f"{n:,}"


def bounds(share: Proportion) -> str:
    """An interval in words; one number, where both ends are the same to the tenth of a percent."""
    low, high = percent(share.low), percent(share.high)
    return low if low == high else f"{low} to {high}"
