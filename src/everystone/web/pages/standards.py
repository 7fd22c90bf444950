"""Standards: what is asked of every case, how often it is on the record, what was said of its findings; the manual itself."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from everystone.account.manual.site import Manual, page_of
from everystone.account.precision import Precision, precision_live
from everystone.statistics.proportion import Proportion, percent
from everystone.web.door import page, refused
from everystone.web.store import asking, pack, tables
from everystone.work.rates import Rate, rates

RULE = "see the standards"
FOR = 900  # seconds for which figures over the whole force are kept; the page says as of when they are


@cache
def manual() -> Manual:
    """The manual of this site's packs, made ready once a process."""
    return Manual(pack())


@page(RULE)
def standards(request: Any) -> HttpResponse:
    """Every standard by area, with its figures as known at an instant; what is told to professional standards alone has none."""
    known_on, live, said = _figures(request.moment)
    sealed = asking().sealed
    areas: dict[str, list[dict[str, Any]]] = {}
    for loaded in manual().standards:
        name = loaded.id
        row = {"id": name, "page": page_of(name), "standard": loaded.standard,
               "rate": None if name in sealed else live.get(name), "said": None if name in sealed else said.get(name)}  # fmt: skip
        areas.setdefault(loaded.area.replace("-", " ").capitalize(), []).append(row)
    given = {"areas": areas, "known_on": known_on, "share": share, "percent": percent}
    return render(request, "pages/standards.html", given)


@page(RULE)
def of_manual(request: Any, name: str) -> HttpResponse:
    """One page of the manual, as `everystone manual` writes it; its own style is named by digest, and no other runs."""
    made = manual().makers().get(name)
    if made is None:
        raise refused(request, RULE)
    return HttpResponse(made(), headers={"Content-Security-Policy": f"{manual().policy}; frame-ancestors 'none'"})


def share(part: Proportion) -> str:
    """38.2% of 576, likely between 34.3% and 42.2%."""
    return f"{percent(part.value)} of {part.n:,}, likely between {percent(part.low)} and {percent(part.high)}"


Figures = tuple[int, dict[str, Rate], dict[str, Precision]]
_kept: dict[str, Figures] = {}


def _figures(moment: int) -> Figures:
    """As of when the figures are, and by standard how often it is met and what was said of its findings."""
    key = settings.SITE.database
    if key not in _kept or not _kept[key][0] <= moment < _kept[key][0] + FOR:
        database = tables()
        live, said = rates(database), precision_live(database)
        _kept[key] = moment, {each.standard: each for each in live}, {each.standard: each for each in said}
    return _kept[key]
