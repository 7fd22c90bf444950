"""The door: every page names its rule, and is not there for whoever may not see it. Nothing is let through by default."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from everystone.web import clock, policy
from everystone.web.models import Person
from everystone.web.pinned import pinned
from everystone.web.second import has_second_factor
from everystone.web.store import Known, about_case, posts_now

#: The pages in the head of every page: its name, its rule, what it is called.
PAGES = (
    ("today", "see today", "Today"),
    ("board", "see the board", "Board"),
    ("duty", "see duty", "Duty"),
    ("handover", "hand over", "Handover"),
    ("told", "see what was told", "Told"),
    ("challenges", "see challenges", "Challenges"),
    ("beside", "see the other systems", "Other systems"),
    ("people", "keep people", "People"),
    ("sealed", "see sealed matters", "Sealed matters"),
    ("openings", "see openings", "Opened outside duties"),
)
View = Callable[..., HttpResponse]
refusals = logging.getLogger("everystone.refusals")


class Asked(HttpRequest):
    """A request that came through the door: who asks, when, and about which case."""

    who: policy.Who
    moment: int
    about: policy.About
    user: Person


def page(rule: str, *methods: str) -> Callable[[View], View]:
    """A page under a rule. Where its address names a case, the rule is asked about that case before anything is read."""

    def made(view: View) -> View:
        @functools.wraps(view)
        def behind(request: Any, **named: str) -> HttpResponse:
            if request.method not in (methods or ("GET", "HEAD")):
                return HttpResponseNotAllowed(methods or ("GET", "HEAD"))
            request.about = about_case(named["case"], request.moment) if "case" in named else None
            if "case" in named and request.about is None:
                raise refused(request, rule)
            if rule not in (policy.ANYONE, policy.SIGNED_IN) and not policy.may(request.who, rule, request.about):
                raise refused(request, rule)
            return view(request, **named)

        behind.rule = rule  # type: ignore[attr-defined]
        return behind

    return made


def refused(request: Any, rule: str) -> Http404:
    """What whoever may not see a page gets: the same as for one that is not there. It is noted, without the case."""
    refusals.warning("refused %s to %s", rule, request.user.pk)
    request.rule = rule
    return Http404(rule)


class Door:
    """Looks at each request before any page does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Set who asks and when; nothing of a page stays in a browser's store."""
        request.moment = clock.now()
        request.who = posts_now(request.user, request.moment)
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    def process_view(self, request: Any, view: Any, _args: object, _named: object) -> HttpResponse | None:
        """Not there without a rule; first signed in, then with a second factor, then the rule itself."""
        rule = getattr(view, "rule", "") or policy.OF_OTHERS.get(request.resolver_match.view_name, "")
        if not rule:
            raise Http404("no rule")
        request.rule = rule
        if rule == policy.ANYONE:
            return None
        if not request.user.is_authenticated:
            return _to("account_login", request)
        if self._too_long(request):
            logout(request)
            return _to("account_login", request)
        if rule != policy.ENTERING and not has_second_factor(request.user):
            return _to("mfa_activate_totp", request)
        return None

    @staticmethod
    def _too_long(request: Any) -> bool:
        """Whether the session has lasted for as long as any may; it is counted from the first page."""
        began = request.session.setdefault("began", request.moment)
        return bool(request.moment - began > settings.LONGEST)


def _to(name: str, request: HttpRequest) -> HttpResponse:
    """To a page of the entrance, and from there back to the one asked for."""
    back = urlencode({"next": request.path}) if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse(name)}?{back}" if back else reverse(name))


def shown_everywhere(request: Any) -> dict[str, Any]:
    """What the frame of every page shows."""
    who, found = getattr(request, "who", None), request.resolver_match
    return {
        "site": settings.SITE,
        "who": who,
        "person": request.user,
        "moment": getattr(request, "moment", None) or clock.now(),
        "pages": PAGES,
        "pinned": functools.partial(pinned, request),
        "here": found.url_name if found else "",
        "known": Known(),
        "can": functools.partial(policy.may, who) if who else lambda *_: False,
    }
