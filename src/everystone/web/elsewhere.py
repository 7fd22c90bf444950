"""Signing in through the force's own sign-in (OpenID Connect), for people whom the keeper has made, and nobody else."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException

from everystone.web.models import Person
from everystone.web.site import PROVIDER


class Elsewhere(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """In, if who signed in there is somebody here. Nobody is made, nobody is joined to anybody else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody makes their own way in."""
        return False

    def pre_social_login(self, request: Any, sociallogin: Any) -> None:
        """Find the person by the claim that holds the reference. Raises ImmediateHttpResponse for everybody else."""
        said = sociallogin.account.extra_data
        claims = said.get("userinfo") or said.get("id_token") or {}
        reference = str(claims.get(settings.SITE.sign_in.claim, "")).strip()
        person = Person.objects.filter(reference__iexact=reference, is_active=True).first() if reference else None
        joined = sociallogin.user.pk if sociallogin.is_existing else None
        if person is None or joined not in (None, person.pk) or request.user.is_authenticated:
            raise ImmediateHttpResponse(not_in(request))
        if joined is None:
            sociallogin.connect(request, person)

    def on_authentication_error(self, request: HttpRequest, *_: Any, **__: Any) -> None:
        """The same words whatever was wrong. Raises ImmediateHttpResponse."""
        raise ImmediateHttpResponse(not_in(request))

    def send_notification_mail(self, *_: Any, **__: Any) -> None:
        """No mail: nobody here has an address."""


def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the force's sign-in."""
    return _through(views.login, request, provider_id)


def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from there."""
    return _through(views.callback, request, provider_id)


def _through(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    if settings.SITE.sign_in is None or provider_id != PROVIDER or request.method not in ("GET", "HEAD"):
        raise Http404("no such sign-in")
    try:
        answer: HttpResponse = view(request, provider_id)
    except (RequestException, LookupError):
        return not_in(request)
    return answer


def not_in(request: HttpRequest) -> HttpResponse:
    """What everybody gets who does not come in by this way."""
    return render(request, "account/elsewhere.html", status=403)
