"""The second factor: whether somebody has one, and setting it up. Nobody sees a page of work without."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.conf import settings
from django.urls import reverse

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(person: Any) -> bool:
    """Whether somebody has set up a second factor; in a demonstration on this machine nobody need."""
    if settings.SHOWN_HERE_ONLY:
        return True
    return bool(Authenticator.objects.filter(user=person, type__in=FACTORS).exists())


class SetUp(ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Setting up an authenticator, and from there to the first page."""

    def get_success_url(self) -> str:
        """Where the work begins."""
        return reverse("first")
