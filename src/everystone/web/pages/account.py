"""Somebody's own account: who they are here, in which posts, and where they are signed in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from everystone.web import policy
from everystone.web.door import page

#: Where each post begins, in the order in which it is asked.
FIRST = (("see today", "today"), ("see sealed matters", "sealed"), ("keep people", "people"),
         ("see challenges", "challenges"))  # fmt: skip


@page(policy.SIGNED_IN)
def account(request: Any) -> HttpResponse:
    """Who you are here."""
    return render(request, "pages/account.html")


@page(policy.SIGNED_IN)
def first(request: Any) -> HttpResponse:
    """The first page of whoever signs in."""
    name = next((name for rule, name in FIRST if policy.may(request.who, rule)), "account")
    return HttpResponseRedirect(reverse(name))
