"""The keeper of access: people are made, given posts, reset and put out; each act is on record and holds at the next page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def keeper(live: Any) -> Iterator[Any]:
    """The keeper, in a site that is afterwards as it was."""
    from django.db import transaction

    with transaction.atomic():
        yield live.as_("keeper")
        transaction.set_rollback(True)


def noted(live: Any) -> list[Any]:
    from everystone.web.store import MACHINE, ledger

    with ledger(MACHINE, live.now) as book:
        return [each.data for each in book.readings_of("K1") if "people" in each.data]


def test_somebody_new_has_a_password_once_and_opens_nothing_without_a_post(live: Any, keeper: Any) -> None:
    page = keeper.post("/people", {"reference": "o77", "name": "Somebody new"}).content.decode()
    password = re.search(r'es-code">([^<]+)<', page)
    assert password
    assert password[1] not in keeper.get("/people").content.decode()
    entered = live.as_("")
    assert entered.post("/sign-in", {"login": "O77", "password": password[1]}).status_code == 302
    assert noted(live)[-1] == {"people": "made", "person": "O77", "why": "Keeping people"}
    assert b"is here already" in keeper.post("/people", {"reference": "O77", "name": "Another"}).content
    assert b"Write a reference" in keeper.post("/people", {"reference": "", "name": "Another"}).content


def test_a_post_opens_at_once_and_its_end_closes_at_once(live: Any, keeper: Any) -> None:
    client = live.as_("no post")
    assert client.get("/today").status_code == 404
    give = {"do": "give a post", "role": "investigating officer", "team": "North"}
    keeper.post("/people/N1", give)
    assert client.get("/today").status_code == 200
    post = live.people["no post"].posts.get()
    keeper.post("/people/N1", {"do": "end a post", "post": post.pk})
    assert client.get("/today").status_code == 404
    for wrong in (
        {"team": ""},
        {"until": "yesterday"},
        {"until": "2020-01-01"},
        {"role": "chief"},
        {"role": "duty inspector"},
    ):
        assert b"Nothing was changed" in keeper.post("/people/N1", {**give, **wrong}).content, wrong
    assert live.people["no post"].posts.count() == 1, "an ended post stays as evidence"


def test_a_reset_ends_every_session_and_the_second_factor(live: Any, keeper: Any) -> None:
    from allauth.mfa.models import Authenticator

    client = live.as_("lead")
    assert client.get("/today").status_code == 200
    assert b"Signed in:" in keeper.get("/people/O1").content
    page = keeper.post("/people/O1", {"do": "reset"}).content.decode()
    assert re.search(r'es-code">([^<]+)<', page)
    assert client.get("/today").status_code == 302
    assert not Authenticator.objects.filter(user=live.people["lead"]).exists()
    assert noted(live)[-1]["people"] == "reset"


def test_put_out_and_let_in(live: Any, keeper: Any) -> None:
    client = live.as_("lead")
    client.get("/today")
    keeper.post("/people/O1", {"do": "put out"})
    assert client.get("/today").status_code == 302
    assert b"cannot sign in" in keeper.get("/people/O1").content
    keeper.post("/people/O1", {"do": "let in"})
    assert live.as_("lead").get("/today").status_code == 200
    assert b"There is a problem" in keeper.post("/people/K1", {"do": "put out"}).content, (
        "not the keeper alone in the house"
    )


def test_a_case_is_kept_away_from_its_lead(live: Any, keeper: Any) -> None:
    client = live.as_("lead")
    assert client.get("/case/Alder").status_code == 200
    keeper.post("/people/O1", {"do": "keep away", "case": "Alder"})
    assert client.get("/case/Alder").status_code == 404
    keeper.post("/people/O1", {"do": "no longer keep away", "case": "Alder"})
    assert client.get("/case/Alder").status_code == 200


def test_a_lockout_is_shown_with_its_evidence_and_ended(live: Any, keeper: Any) -> None:
    client = live.as_("")
    for _ in range(5):
        client.post("/sign-in", {"login": "S2", "password": "wrong" * 4})
    page = keeper.get("/people").content.decode()
    assert "locked for a quarter of an hour" in page
    assert "127.0.0.1" in page
    keeper.post("/people/S2", {"do": "unlock"})
    assert "locked for a quarter" not in keeper.get("/people").content.decode()


def test_who_is_not_there_is_not_there(keeper: Any) -> None:
    assert keeper.get("/people/Z9").status_code == 404
    assert keeper.post("/people/O1", {"do": "become"}).status_code == 404
    assert b"Nobody of that name" in keeper.get("/people?find=nobody").content
