"""Passkeys: made, listed and removed, and signing in with one. These pages alone run a script, and only the site's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from struct import error
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    ListWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse


class WithScript:
    """A page on which the site's own script may run, and no other; all else of what a browser is told stays."""

    def dispatch(self, request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        """The answer, with that said."""
        response: HttpResponse = super().dispatch(request, *args, **named)  # type: ignore[misc]  # of the view beside it
        response._csp_replace = {"script-src": ["'self'"]}  # type: ignore[attr-defined]  # as django-csp reads it
        return response


#: What reading a credential that is none comes to, deep in the library that reads it.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, EOFError, error)


@contextmanager
def refused_if_unreadable() -> Iterator[None]:
    """Refuses like what is wrong what cannot be read. Raises ValidationError."""
    try:
        yield
    except UNREADABLE as fault:
        raise get_adapter().validation_error("incorrect_code") from fault


class Sound:
    """A form with a credential of which nothing can be trusted: what cannot be read is refused like what is wrong."""

    def clean_credential(self) -> Any:
        """The passkey that fits. Raises ValidationError."""
        with refused_if_unreadable():
            return super().clean_credential()  # type: ignore[misc]  # of the form beside it


class SignInForm(Sound, LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """In with a passkey alone."""


class CodeForm(Sound, AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey after the password."""


class AgainForm(Sound, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """The passkey again."""


class MakeForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A new passkey, made for signing in with it alone."""

    def clean(self) -> dict[str, Any]:
        """What the device made, if it can be read. Raises ValidationError."""
        self.cleaned_data["passwordless"] = True
        with refused_if_unreadable():
            said: dict[str, Any] = super().clean()
        return said


class Make(WithScript, AddWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """A new passkey, which the device keeps and opens with a finger, a face or its PIN."""

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """What the browser is asked for: a key that can sign in alone, so that it must know who holds it."""
        given: dict[str, Any] = super().get_context_data(**named)
        given["js_data"] = {"creation_options": auth.begin_registration(self.request.user, True)}
        return given

    def get_success_url(self) -> str:
        """To the list; from the first sign-in to the first page."""
        only = Authenticator.objects.filter(user=self.request.user).count() == 1
        return reverse("first" if only else "mfa_list_webauthn")


class Listed(ListWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """One's own passkeys."""


class Remove(RemoveWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """Give one up."""


class SignIn(WithScript, LoginWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """In with a passkey alone: it is something that one has, and the device saw who holds it."""

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """The page, with what the browser is to sign."""
        return self._asked(request, "")

    def form_invalid(self, form: Any) -> HttpResponse:
        """The same words whatever was wrong."""
        return self._asked(
            self.request, "That passkey does not open anything here. Sign in with your password instead."
        )

    def form_valid(self, form: Any) -> HttpResponse:
        """In, unless the keeper put this person out."""
        if not form.cleaned_data["credential"].user.is_active:
            return self.form_invalid(form)
        answer: HttpResponse = super().form_valid(form)
        return answer

    def _asked(self, request: HttpRequest, fault: str) -> HttpResponse:
        given = {"options": auth.begin_authentication(user=None), "fault": fault}
        return render(request, "mfa/webauthn/sign_in.html", given)


class Again(WithScript, ReauthenticateWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """The passkey again before what protects the account changes."""


class Code(WithScript, AuthenticateView):  # type: ignore[misc]  # allauth has no types
    """After the password: the code of an authenticator, or a passkey."""
