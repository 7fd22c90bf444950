"""Before every page: whether the tables are those of this release. An empty list would pass for a quiet day."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from everystone.web.store import is_ready


class Ready:
    """Lets no page through while the tables are not those of this release."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page, or what whoever runs the site is to do."""
        return self.get_response(request) if is_ready() else not_ready(request)


def not_ready(request: HttpRequest) -> HttpResponse:
    """The tables are not those of this release; nothing is shown from them."""
    said = (
        "Nothing is shown until the site is brought up to date, because a list from before would not be right. Whoever runs it "
        "says on its machine: everystone site ready SITE. Until then use the force’s own systems, and ring the control room for "
        "what cannot wait."
    )
    return bare("This site is being brought up to date", said, 503)


def bare(title: str, said: str, status: int) -> HttpResponse:
    """A page that needs nothing else to be right."""
    return HttpResponse(f"<!DOCTYPE html><html lang=en><title>{title}</title><h1>{title}</h1><p>{said}", status=status)
