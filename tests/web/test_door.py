"""Who comes in, and what whoever may not is told: walked over every address, method and post."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from everystone.web import policy
from tests.web.oracle import allowed
from tests.web.site import PASSWORD

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
CASES = {
    "Alder": ("Alder", "North", "O1", {"O1", "S1"}, False, set[str](), set[str]()),
    "Birch": ("Birch", "South", "O2", {"O2", "S2"}, True, set[str](), {"O1"}),
}
POSTS = {
    "lead": ("O1", "investigating officer", "North"), "other officer": ("O2", "investigating officer", "South"),
    "supervisor": ("S1", "supervisor", "North"), "other supervisor": ("S2", "supervisor", "South"),
    "inspector": ("D1", "duty inspector", ""), "standards": ("P1", "professional standards", ""),
    "keeper": ("K1", "keeper of access", ""), "policy lead": ("Q1", "policy lead", ""), "no post": ("N1", "", ""),
}  # fmt: skip


def addresses() -> list[Any]:
    """Every address of the site, from the map itself."""
    from everystone.web.urls import urlpatterns

    return list(urlpatterns)


def rule_of(address: Any) -> str:
    return getattr(address.callback, "rule", "") or policy.OF_OTHERS.get(address.name, "")


def filled(address: Any, case: str) -> str:
    """An address with something in the place of each name; a case where it asks for one."""
    path = re.sub(r"<(?:\w+:)?case>", case, str(address.pattern))
    path = path.replace("<str:reference>", "O1").replace("<path:stream>", "case/Alder")
    path = path.replace("<str:finding>", finding_of(case))
    card = f"?card={card_of(case).mark}" if address.name in ("seen", "done", "reason") else ""
    path = path.replace("<str:name>", "index.html").replace("<int:pk>", "1")
    return "/" + re.sub(r"<[^>]+>", "note.added", path) + card


def finding_of(case: str) -> str:
    """A finding of a case: the one that is said to be wrong, else the first."""
    from everystone.web.store import tables

    sql = ("SELECT finding FROM work_said WHERE frame = ? UNION ALL "
           "SELECT MIN(key) FROM work_finding WHERE frame = ? AND answer = 'not met' LIMIT 1")  # fmt: skip
    return str(tables().one(sql, (f"case/{case}", f"case/{case}"))[0])


def kept_up(finding: str) -> bool:
    """Whether it is open tonight, or cannot be missed."""
    from everystone.web.store import asking, tables

    standard, tier = tables().one("SELECT standard, tier FROM work_finding WHERE key = ?", (finding,))
    duty = asking().duty
    assert duty
    return tier == 0 or any(standard in each.standards for each in duty.cannot_be_missed)


def card_of(case: str) -> Any:
    """The first card of a case."""
    from everystone.web.clock import now
    from everystone.web.store import tables
    from everystone.work.cards import of_case

    return of_case(tables(), case, now())[0]


def test_every_page_names_its_rule(live: Any) -> None:
    for address in addresses():
        rule = rule_of(address)
        assert rule, f"{address.pattern} has no rule"
        assert rule in {*policy.RULES, policy.ANYONE, policy.ENTERING, policy.SIGNED_IN}, rule


def test_every_name_let_through_is_a_page(live: Any) -> None:
    assert set(policy.OF_OTHERS) <= {address.name for address in addresses()}


def test_a_page_without_a_rule_is_not_there(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.http import HttpResponse
    from django.urls import clear_url_caches, path

    from everystone.web import urls

    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, path("open", lambda request: HttpResponse("open"))])
    clear_url_caches()
    try:
        assert live.as_("inspector").get("/open").status_code == 404
    finally:
        monkeypatch.undo()
        clear_url_caches()


@pytest.mark.parametrize("name", POSTS)
def test_every_address_and_method_for_a_post(live: Any, name: str) -> None:
    """What the second statement of the policy allows is shown, what it does not is not there; nothing answers otherwise."""
    reference, role, team = POSTS[name]
    client = live.as_(name)
    for address in addresses():
        rule = rule_of(address)
        for case in CASES if "case>" in str(address.pattern) else [""]:
            may = rule in (policy.ANYONE, policy.ENTERING, policy.SIGNED_IN) or allowed(
                reference, {(role, team)}, set(), rule, CASES.get(case)
            )
            if address.name == "reason" and case and card_of(case).pinned:
                may = may and role == "duty inspector"
            if address.name == "accept" and kept_up(finding_of(case)):
                may = may and role == "duty inspector"
            for method in METHODS if name == "inspector" and case in ("", "Alder") else METHODS[:3]:
                if address.name == "account_logout" and method == "POST":
                    continue
                answer = client.generic(method, filled(address, case))
                where = f"{name}: {method} {filled(address, case)} ({rule}): {answer.status_code}"
                assert answer.status_code < 500, where
                if not may:
                    assert answer.status_code in (404, 405), where
                elif method == "GET" and hasattr(address.callback, "rule") and answer.status_code != 405:
                    assert answer.status_code in (200, 302), where


def test_nobody_sees_anything_before_signing_in(live: Any) -> None:
    client = live.as_("")
    for address in addresses():
        if rule_of(address) == policy.ANYONE:
            continue
        for method in METHODS:
            answer = client.generic(method, filled(address, "Alder"))
            assert answer.status_code == 302, f"{method} {address.pattern}"
            assert answer["Location"].startswith("/sign-in")


def test_nobody_sees_a_page_of_work_without_a_second_factor(live: Any) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user=live.people["lead"]).delete()
    client = live.as_("")
    client.post("/sign-in", {"login": "O1", "password": PASSWORD})
    answer = client.get("/today")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/second-factor?next=%2Ftoday")
    assert b"Set up your second factor" in client.get(answer["Location"], follow=True).content


def test_what_is_not_there_and_what_is_not_open_look_the_same(live: Any) -> None:
    """Byte for byte, but for the mark of the form: so that no refusal says what there is."""
    client = live.as_("lead")
    pages = [client.get(path).content.decode() for path in ("/nothing/here", "/nowhere")]
    shown = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page) for page in pages]
    assert shown[0] == shown[1]
    assert "no such page, or it is not open to you" in shown[0]


# ---- coming in ----------------------------------------------------------------------------------------------------------


def test_whoever_signs_in_comes_to_a_page_of_theirs(live: Any) -> None:
    for name, first in (("lead", "/today"), ("supervisor", "/today"), ("standards", "/sealed"), ("keeper", "/people"),
                        ("policy lead", "/challenges"), ("no post", "/account")):  # fmt: skip
        answer = live.as_(name).get("/", follow=True)
        assert (answer.status_code, answer.redirect_chain[-1][0]) == (200, first), name


def test_password_then_code(live: Any) -> None:
    """From nothing to Today: password, second factor set up at once, and asked for the next time."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    Authenticator.objects.filter(user=live.people["other officer"]).delete()
    client = live.as_("")
    answer = client.post("/sign-in", {"login": "O2", "password": PASSWORD})
    assert answer["Location"] == "/"
    page = client.get("/today", follow=True).content.decode()
    secret = re.search(r'es-code">([A-Z2-7]+)<', page)
    assert secret
    code = format_hotp_value(hotp_value(secret[1], next(yield_hotp_counters_from_time())))
    assert client.post("/sign-in/second-factor", {"code": code}).status_code == 302
    assert client.get("/today").status_code == 200

    again = live.as_("")
    answer = again.post("/sign-in", {"login": "O2", "password": PASSWORD})
    assert answer["Location"] == "/sign-in/code"
    assert again.get("/today").status_code == 302, "a password alone opens nothing"
    assert b"six digits" in again.get("/sign-in/code").content


def test_a_wrong_password_says_the_same_for_whoever_there_is_or_is_not(live: Any) -> None:
    said = {re.sub(r'value="[^"]*"', "", live.as_("").post("/sign-in", {"login": who, "password": "wrong" * 4}).content.decode())
            for who in ("K1", "Z9")}  # fmt: skip
    assert len(said) == 1
    assert "The reference or the password is not right" in said.pop()


def test_five_wrong_tries_lock_and_leave_evidence(live: Any) -> None:
    from axes.models import AccessAttempt

    client = live.as_("")
    for _ in range(5):
        answer = client.post("/sign-in", {"login": "P1", "password": "wrong" * 4})
    assert answer.status_code == 429
    assert b"Wait a quarter of an hour" in answer.content
    assert client.post("/sign-in", {"login": "P1", "password": PASSWORD}).status_code == 429
    (attempt,) = AccessAttempt.objects.filter(username="P1")
    assert attempt.failures_since_start >= 5
    AccessAttempt.objects.all().delete()


def test_sessions_are_listed_and_ended(live: Any) -> None:
    first, second = live.as_("supervisor"), live.as_("supervisor")
    for client in (first, second):
        assert client.get("/today").status_code == 200
    page = first.get("/account/sessions").content.decode()
    assert page.count("127.0.0.1") >= 2
    assert "End all others" in page
    first.post("/account/sessions")
    assert first.get("/today").status_code == 200
    assert second.get("/today").status_code == 302


def test_somebody_put_out_is_out_at_the_next_page(live: Any) -> None:
    client, person = live.as_("no post"), live.people["no post"]
    assert client.get("/account").status_code == 200
    person.is_active = False
    person.save()
    assert client.get("/account").status_code == 302
    person.is_active = True
    person.save()


def test_a_session_ends_after_ten_hours(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from everystone.web import clock

    client = live.as_("lead")
    client.get("/today")
    monkeypatch.setattr(clock, "now", lambda: live.now + 10 * 3600 + 1)
    assert client.get("/today")["Location"].startswith("/sign-in")


def test_a_post_ends_with_its_day(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from everystone.web import clock

    person = live.people["lead"]
    post = person.posts.get()
    post.until = post.since
    post.save()
    client = live.as_("lead")
    assert client.get("/today").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: live.now + 86_400)
    client = live.as_("lead")
    assert client.get("/today").status_code == 404
    post.until = None
    post.save()


# ---- what a browser is told ---------------------------------------------------------------------------------------------


def test_what_a_browser_is_told(live: Any) -> None:
    answer = live.as_("lead").get("/today")
    assert set(answer["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'", "script-src 'none'", "style-src 'self'", "img-src 'self' data:", "form-action 'self'",
        "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'"}  # fmt: skip
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_styled_in_a_page(live: Any) -> None:
    page = live.as_("lead").get("/today").content.decode()
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", page)
    assert not re.search(r"""\sstyle=|\son\w+=|<script|<style""", page)


def test_a_form_without_its_mark_is_refused(live: Any) -> None:
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post("/sign-in", {"login": "O1", "password": PASSWORD})
    assert answer.status_code == 403
    assert b"This form is too old" in answer.content


def test_a_page_of_today_is_a_reading_on_record(both: Any) -> None:
    from everystone.web.store import MACHINE, ledger

    both.as_("lead").get("/today")
    with ledger(MACHINE, both.now) as book:
        last = [each for each in book.readings_of("O1") if each.data["why"] == "Today"][-1]
    assert last.data == {"page": "today", "cases": ["Alder", "Cedar"], "why": "Today"}
    assert last.capacity.role == "investigating officer"


def test_no_template_lets_markup_through(live: Any) -> None:
    import everystone.web as room

    folder = Path(room.__file__).parent
    for path in folder.rglob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape", path.read_text()), path
    for path in folder.rglob("*.py"):
        called = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(ast.parse(path.read_text()))}
        assert not called & {"mark_safe", "Markup", "SafeString", "raw", "extra", "RawSQL"}, path
