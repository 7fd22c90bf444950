"""Signing in through the force's own sign-in, played on this machine: for people whom the keeper made, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from everystone.ledger.fault import Fault
from everystone.web.site import SignInElsewhere, read_site
from tests.web.provider import Provider


@pytest.fixture
def live(sites: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    from tests.web.conftest import at_its_instant

    return at_its_instant(sites("sqlite", fresh=True), monkeypatch)


@pytest.fixture
def provider(live: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The site with a sign-in of the force."""
    from django.conf import settings

    played = Provider("everystone")
    (tmp_path / "oidc.txt").write_text("a secret for tests\n")
    said = SignInElsewhere(
        name="the force’s sign-in", server=played.address, client="everystone", secret=tmp_path / "oidc.txt"
    )
    monkeypatch.setattr(settings, "SITE", settings.SITE.model_copy(update={"sign_in": said}))
    monkeypatch.setattr(settings, "SOCIALACCOUNT_PROVIDERS", said.as_provider())
    yield played
    played.close()


def signed_in(client: Any, provider: Provider, **more: str) -> Any:
    """There and back: what the site says to whoever comes back from there."""
    there = client.get("/sign-in/by/force")
    assert there.status_code == 302
    asked = {name: each[0] for name, each in parse_qs(urlsplit(there["Location"]).query).items()}
    assert there["Location"].startswith(f"{provider.address}/authorization?")
    assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (
        "everystone",
        "code",
        "S256",
    )
    assert sorted(asked["scope"].split()) == ["openid", "profile"]
    provider.challenge = asked["code_challenge"]
    return client.get("/sign-in/by/force/back", {"code": "the code", "state": asked["state"], **more})


def test_somebody_whom_the_keeper_made_comes_in_and_is_asked_for_the_second_factor(
    live: Any, provider: Provider
) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user=live.people["lead"]).delete()
    provider.claims = {"sub": "1-2-3", "preferred_username": "o1", "name": "Somebody"}
    client = live.as_("")
    assert "Sign in through the force’s sign-in" in client.get("/sign-in").content.decode()
    assert signed_in(client, provider)["Location"] == "/"
    assert client.get("/today")["Location"].startswith("/sign-in/second-factor")
    Authenticator.objects.create(user=live.people["lead"], type=Authenticator.Type.TOTP, data={"secret": "x"})
    again = live.as_("")
    assert signed_in(again, provider)["Location"] == "/sign-in/code"
    assert again.get("/today").status_code == 302, "the other sign-in alone opens nothing"


@pytest.mark.parametrize("claims", [
    {"sub": "9", "preferred_username": "Z9"}, {"sub": "9"}, {"sub": "9", "preferred_username": ""},
    {"sub": "9", "preferred_username": "o1", "broken": "/token"}, {"sub": "9", "preferred_username": "o1", "broken": "/userinfo"},
    {"preferred_username": "o1"},
])  # fmt: skip
def test_nobody_else_comes_in_and_nobody_is_made(live: Any, provider: Provider, claims: dict[str, str]) -> None:
    from everystone.web.models import Person

    before = Person.objects.count()
    provider.broken = claims.pop("broken", "")
    provider.claims = claims
    client = live.as_("")
    answer = signed_in(client, provider)
    assert answer.status_code == 403
    assert "Only the keeper of access makes people" in answer.content.decode()
    assert client.get("/today")["Location"].startswith("/sign-in")
    assert Person.objects.count() == before


def test_whoever_was_put_out_stays_out(live: Any, provider: Provider) -> None:
    provider.claims = {"sub": "1-2-3", "preferred_username": "O1"}
    person = live.people["lead"]
    person.is_active = False
    person.save()
    assert signed_in(live.as_(""), provider).status_code == 403
    person.is_active = True
    person.save()


def test_the_same_account_there_is_nobody_else_here_later(live: Any, provider: Provider) -> None:
    """Somebody who changes the claim there does not become another here."""
    provider.claims = {"sub": "1-2-3", "preferred_username": "O1"}
    assert signed_in(live.as_(""), provider).status_code == 302
    provider.claims = {"sub": "1-2-3", "preferred_username": "D1"}
    assert signed_in(live.as_(""), provider).status_code == 403


def test_nobody_is_joined_to_whoever_is_signed_in(live: Any, provider: Provider) -> None:
    from allauth.socialaccount.models import SocialAccount

    provider.claims = {"sub": "1-2-3", "preferred_username": "D1"}
    client = live.as_("lead")
    there = client.get("/sign-in/by/force?process=connect")
    asked = parse_qs(urlsplit(there["Location"]).query)
    provider.challenge = asked["code_challenge"][0]
    answer = client.get("/sign-in/by/force/back", {"code": "the code", "state": asked["state"][0]})
    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()


def test_an_answer_that_was_not_asked_for_is_refused(live: Any, provider: Provider) -> None:
    provider.claims = {"sub": "1-2-3", "preferred_username": "O1"}
    assert live.as_("").get("/sign-in/by/force/back", {"code": "the code", "state": "made up"}).status_code == 403
    client = live.as_("")
    assert signed_in(client, provider, error="access_denied").status_code == 403
    assert live.as_("").get("/sign-in/by/other").status_code == 404
    assert live.as_("").post("/sign-in/by/force").status_code == 404


def test_a_sign_in_that_cannot_be_reached_says_so(live: Any, provider: Provider) -> None:
    provider.broken = "openid-configuration"
    assert live.as_("").get("/sign-in/by/force").status_code == 403


def test_off_unless_the_file_says_so(live: Any) -> None:
    assert "Sign in through" not in live.as_("").get("/sign-in").content.decode()
    assert live.as_("").get("/sign-in/by/force").status_code == 404
    assert live.as_("").get("/sign-in/by/force/back").status_code == 404


def test_the_file_names_it_over_tls_and_with_a_secret(live: Any, tmp_path: Path) -> None:
    text = live.path.read_text()
    path = tmp_path / "site.toml"
    part = '\n[sign_in]\nserver = "{}"\nclient = "everystone"\nsecret = "oidc.txt"\n'
    path.write_text(text + part.format("http://login.example"))
    with pytest.raises(Fault, match="begins with https"):
        read_site(path)
    path.write_text(text + part.format("https://login.example"))
    said = read_site(path).sign_in
    assert said
    with pytest.raises(Fault, match=r"oidc\.txt is not there"):
        said.as_provider()
