"""How allauth lets people in here: nobody signs up, nothing is sent by e-mail, what it says is ours."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest


class Entrance(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sign-in only: the keeper of access makes people."""

    error_messages = {  # noqa: RUF012 - as allauth has it
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The reference or the password is not right. After five tries you wait a quarter of an hour.",
        "too_many_login_attempts": "Too many tries. Wait a quarter of an hour, or ask the keeper of access.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes their own way in."""
        return False

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """The password again before what protects an account changes; not while the first factor is set up at sign-in."""
        return bool(Authenticator.objects.filter(user=self.request.user).exists())

    def add_message(self, *_: Any, **__: Any) -> None:
        """Pages say what happened; nothing is carried over to the next."""

    def send_notification_mail(self, *_: Any, **__: Any) -> None:
        """No mail: nobody here has an address."""


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Names in an authenticator that say nothing of what this is."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site's own address, under a name that says nothing."""
        return {**super().get_public_key_credential_rp_entity(), "name": settings.MFA_TOTP_ISSUER}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """The reference alone."""
        said: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**said, "name": str(user.reference), "display_name": str(user.reference)}

    def get_totp_label(self, user: Any) -> str:
        """The reference alone."""
        return str(user.reference)

    def send_notification_mail(self, *_: Any, **__: Any) -> None:
        """No mail: nobody here has an address."""


def who_tries(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The reference with which somebody tries to come in, in one spelling, so that all tries with it count together."""
    said = (credentials or {}).get("username") or request.POST.get("login", "")
    return str(said).strip().upper()
