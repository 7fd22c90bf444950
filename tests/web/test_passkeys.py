"""Passkeys, by a device that Chromium plays: made, asked for after the password, in with one alone, given up; one script, named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.account.test_browser import needs_chromium
from tests.web.site import PASSWORD
from tests.web.test_browser import Seat, address, browser

__all__ = ["address", "browser"]
WITH_A_SCRIPT = {"mfa_login_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_authenticate"}


def device(page: Any) -> Any:
    """A device that holds passkeys and sees who holds it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True}})  # fmt: skip
    return session


def test_the_script_runs_on_the_pages_of_passkeys_alone_and_from_this_site(live: Any) -> None:
    """By every address that somebody signed in or signing in can get: `script-src` is 'self' on these, and 'none' on others."""
    from django.urls import reverse

    from everystone.web.urls import urlpatterns

    said = {}
    for client in (live.as_("lead"), live.as_("")):
        for each in urlpatterns:
            if "<" not in str(each.pattern):
                answer = client.get(reverse(each.name))
                parts = answer["Content-Security-Policy"].split("; ")
                allowed = [part for part in parts if part.startswith("script-src")]
                if allowed not in ([], ["script-src 'none'"]):
                    assert allowed == ["script-src 'self'"], each.name
                    said[each.name] = answer
    assert set(said) <= WITH_A_SCRIPT
    assert "mfa_login_webauthn" in said
    page = said["mfa_login_webauthn"].content.decode()
    assert page.count("<script") == 1
    assert 'src="/static/everystone/passkey.js"' in page
    assert "unsafe" not in said["mfa_login_webauthn"]["Content-Security-Policy"]


def test_the_script_fetches_nothing_and_makes_no_markup() -> None:
    import everystone.web as room

    script = (Path(room.__file__).parent / "static" / "everystone" / "passkey.js").read_text()
    for word in ("fetch", "XMLHttpRequest", "innerHTML", "eval", "http:", "https:", "import", "document.write"):
        assert word not in script, word


def test_a_passkey_that_is_none_says_the_same_whatever_is_wrong(live: Any) -> None:
    pages = set()
    for credential in (
        "",
        "{}",
        '{"id": "x", "response": {}}',
        '{"response": {"userHandle": "MQ"}}',
        "[1]",
        '"text"',
        "null",
    ):
        client = live.as_("")
        client.get("/sign-in/passkey")
        answer = client.post("/sign-in/passkey", {"credential": credential})
        assert answer.status_code == 200, credential
        assert "That passkey does not open anything here." in answer.content.decode()
        pages.add(answer.status_code)
    assert pages == {200}


@pytest.mark.browser
@needs_chromium
def test_made_used_and_given_up(browser: Any, address: tuple[Any, str]) -> None:
    from allauth.mfa.models import Authenticator

    live, at = address
    seat = Seat(browser, live, at.replace("127.0.0.1", "localhost"), "no post", viewport={"width": 390, "height": 844})
    Authenticator.objects.filter(user=live.people["lead"]).delete()
    seat.context.clear_cookies()
    page = seat.page
    device(page)
    seat.open("/sign-in")
    page.get_by_label("Your reference").fill("O1")
    page.get_by_label("Password").fill(PASSWORD)
    seat.click("button", "Continue")
    seat.click("link", "make a passkey on this device")
    assert not page.get_by_text("The device gave no passkey.").is_visible()
    assert not page.get_by_text("runs no script here").is_visible()
    seat.click("button", "Make it on this device")
    page.wait_for_url("**/today")
    made = Authenticator.objects.get(user=live.people["lead"])
    assert made.type == Authenticator.Type.WEBAUTHN
    assert made.wrap().is_passwordless

    seat.click("button", "Sign out")
    page.wait_for_url("**/sign-in")
    seat.open("/sign-in/passkey")
    seat.click("button", "Use the passkey of this device")
    page.wait_for_url("**/today")

    seat.click("button", "Sign out")
    page.wait_for_url("**/sign-in")
    seat.open("/sign-in")
    page.get_by_label("Your reference").fill("O1")
    page.get_by_label("Password").fill(PASSWORD)
    seat.click("button", "Continue")
    seat.click("button", "Use your passkey instead")
    page.wait_for_url("**/today")

    live.people["lead"].is_active = False
    live.people["lead"].save()
    seat.open("/sign-in/passkey")
    seat.click("button", "Use the passkey of this device")
    page.get_by_text("That passkey does not open anything here.").wait_for()
    live.people["lead"].is_active = True
    live.people["lead"].save()

    seat.open("/account/passkeys")
    seat.click("link", "Give it up")
    if "/account/" in page.url and "again" in page.url:
        seat.click("link", "Use a passkey instead")
        seat.click("button", "Use the passkey")
    seat.click("button", "Give it up")
    page.wait_for_url("**/sign-in/second-factor**")
    assert not Authenticator.objects.filter(user=live.people["lead"]).exists()
    assert [each for each in seat.complaints if "Password" not in each] == []


@pytest.mark.browser
@needs_chromium
def test_without_a_script_it_says_what_works(browser: Any, address: tuple[Any, str]) -> None:
    live, at = address
    seat = Seat(browser, live, at, "lead", java_script_enabled=False)
    seat.context.clear_cookies()
    page = seat.open("/sign-in/passkey")
    assert page.get_by_text("runs no script here").is_visible()
    assert not page.get_by_role("button", name="Use the passkey of this device").is_visible()
    assert page.get_by_role("link", name="Sign in with your password").is_visible()
