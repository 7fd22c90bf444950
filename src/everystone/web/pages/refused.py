"""What is said where a page is not shown: one answer for what is not there and what is not open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from everystone.web.policy import RULES, WHO_CAN
from everystone.web.ready import bare


def not_here(request: Any, exception: Exception | None = None) -> HttpResponse:
    """The same page for what is not there and for what is not open; who can is told from the rule, never from the case."""
    rule = getattr(request, "rule", "")
    given = {"who_can": WHO_CAN.get(rule, ""), "of_a_case": any(RULES.get(rule, {}).values())}
    return render(request, "pages/refused.html", given, status=404)


def went_wrong(request: HttpRequest) -> HttpResponse:
    """Something failed here: nothing was changed, since everything of a request is one transaction."""
    said = "Nothing was saved. Try again; if it happens again, tell whoever runs this site the time of day."
    return bare("Something went wrong", said, 500)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was sent without its mark: it is too old, or was not made here."""
    given = {"title": "This form is too old", "said": "Nothing was saved. Open the page again and send it from there."}
    return render(request, "pages/fault.html", given, status=403)
