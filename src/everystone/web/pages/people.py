"""People who sign in: made, given posts, reset, put out, kept away, by the keeper of access; with the evidence of tries."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from axes.utils import reset
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.web import policy
from everystone.web.door import page, refused
from everystone.web.models import KeptAway, Person, Post
from everystone.web.store import pack, reader_of, worklists

RULE = "keep people"


@page(RULE, "GET", "POST")
def people(request: Any) -> HttpResponse:
    """Everybody who may sign in, found by typing; a form to make somebody; who is locked out, and from where it was tried."""
    typed, fault, made = request.GET.get("find", "").strip()[:80], "", None
    if request.method == "POST":
        made, fault = _make(request)
    found = Person.objects.order_by("reference")
    if typed:
        found = found.filter(reference__icontains=typed) | found.filter(name__icontains=typed)
    given = {"people": found[:50], "total": found.count(), "typed": typed, "fault": fault, "made": made, "said": request.POST,
             "tries": AccessAttempt.objects.order_by("-attempt_time")[:20]}  # fmt: skip
    return render(request, "pages/people.html", given)


def _make(request: Any) -> tuple[tuple[Person, str] | None, str]:
    reference, name = (" ".join(request.POST.get(each, "").split()) for each in ("reference", "name"))
    if not reference or not name or len(reference) > 40 or len(name) > 120:
        return None, "Write a reference, as it stands in the record, and a name."
    password = new_password()
    try:
        with transaction.atomic():
            person = Person.objects.create_user(
                reference.upper(), name, password, rank=request.POST.get("rank", "")[:40]
            )
            _noted(request, "made", person)
    except IntegrityError:
        return None, f"{reference.upper()} is here already. Find the person below and reset them, if need be."
    return (person, password), ""


@page(RULE, "GET", "POST")
def person(request: Any, reference: str) -> HttpResponse:
    """One person: posts, sessions, what is kept from them; what the keeper does with them, each noted."""
    found = Person.objects.filter(reference=reference).first()
    if found is None:
        raise refused(request, RULE)
    password, fault = "", ""
    if request.method == "POST":
        do = ACTS.get(request.POST.get("do", ""))
        if do is None:
            raise refused(request, RULE)
        try:
            with transaction.atomic():
                password = do(request, found) or ""
                _noted(request, request.POST["do"], found)
        except (ValueError, ValidationError):
            fault = "Write days as 2026-03-31, choose a post, and a team for an officer or a supervisor. Nothing was changed."
        if not password and not fault:
            return HttpResponseRedirect(reverse("person", args=[reference]))
    today = pack().words.calendar.day_of(request.moment)
    given = {
        "found": found, "password": password, "fault": fault, "today": today, "roles": policy.ROLES,
        "posts": Post.objects.filter(person=found).order_by("-since", "role"),
        "away": KeptAway.objects.filter(person=found).order_by("case"),
        "sessions": UserSession.objects.filter(user=found).order_by("-last_seen_at"),
        "second": Authenticator.objects.filter(user=found).exists(),
        "tries": AccessAttempt.objects.filter(username__iexact=found.reference).order_by("-attempt_time"),
    }  # fmt: skip
    return render(request, "pages/person.html", given)


def new_password() -> str:
    """A password that is told once and changed at the first opportunity."""
    return secrets.token_urlsafe(15)


def _noted(request: Any, what: str, person: Person) -> None:
    """What the keeper did with whom, in the log of readings of the ledger: it is never changed there."""
    with worklists(reader_of(request, "Keeping people"), request.moment) as lists:
        lists.book.shown({"people": what, "person": person.reference})


# ---- what the keeper does -----------------------------------------------------------------------------------------------


def _give(request: Any, person: Person) -> None:
    role, team = request.POST.get("role", ""), " ".join(request.POST.get("team", "").split())[:80]
    if role not in policy.ROLES or (role in (policy.OFFICER, policy.SUPERVISOR)) != bool(team):
        raise ValueError
    until = request.POST.get("until", "").strip()
    since = pack().words.calendar.day_of(request.moment)
    last = date.fromisoformat(until) if until else None
    if last is not None and last < since:
        raise ValueError
    Post.objects.create(person=person, role=role, team=team, since=since, until=last)


def _end_post(request: Any, person: Person) -> None:
    """Ended as of yesterday, so that it opens nothing more; that it was held stays."""
    yesterday = pack().words.calendar.day_of(request.moment) - timedelta(days=1)
    Post.objects.filter(person=person, pk=int(request.POST.get("post", "0"))).update(until=yesterday)


def _reset(_request: Any, person: Person) -> str:
    """A new password, no second factor, every session ended: somebody who lost either begins again, in person."""
    password = new_password()
    person.set_password(password)
    person.save()
    Authenticator.objects.filter(user=person).delete()
    reset(username=person.reference)
    _end_sessions(_request, person)
    return password


def _end_sessions(_request: Any, person: Person) -> None:
    for each in UserSession.objects.filter(user=person):
        each.end()


def _put_out(request: Any, person: Person) -> None:
    if person.pk == request.user.pk:
        raise ValueError
    person.is_active = False
    person.save()
    _end_sessions(request, person)


def _let_in(_request: Any, person: Person) -> None:
    person.is_active = True
    person.save()


def _unlock(_request: Any, person: Person) -> None:
    reset(username=person.reference)


def _keep_away(request: Any, person: Person) -> None:
    case = request.POST.get("case", "").strip()[:120]
    if not case:
        raise ValueError
    KeptAway.objects.get_or_create(person=person, case=case)


def _no_longer_away(request: Any, person: Person) -> None:
    KeptAway.objects.filter(person=person, case=request.POST.get("case", "")).delete()


ACTS = {
    "give a post": _give, "end a post": _end_post, "reset": _reset, "end sessions": _end_sessions, "put out": _put_out,
    "let in": _let_in, "unlock": _unlock, "keep away": _keep_away, "no longer keep away": _no_longer_away,
}  # fmt: skip
