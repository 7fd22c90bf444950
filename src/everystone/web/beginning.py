"""Beginning a site: its tables beside the ledger's, the first people; and a whole one on an invented force."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from everystone.ledger.book.connection import open_database
from everystone.ledger.book.keys import open_keys
from everystone.ledger.book.sql import SqlBook, begin
from everystone.ledger.fault import Fault

if TYPE_CHECKING:
    from everystone.web.models import Person
    from everystone.web.ticking import Ticked
    from everystone.work.worklists import Worklists

Progress = Callable[[float], None]
WHAT_TO_DO = "Say: everystone site ready SITE. It asks every standard anew where that is needed; what was told stays."
SAID = """\
# A demonstration on an invented force, for this machine alone. docs/site.md says how a site for a force is set up.
database = "force.ledger"
keys = "force.keys"
secret = "secret.txt"
hosts = ["127.0.0.1", "localhost"]
name = "An invented force"
mark = "A demonstration with an invented force: nobody and nothing here is real."
demonstration = [{began}, {real}]

[[feeds]]
name = "RECORDS"            # put another extract of the force into drop/2026-07-01T0610, then: everystone feed site.toml
drop = "drop"
dated = "%Y-%m-%dT%H%M"
mapping = {mapping}
"""


class SignIn(NamedTuple):
    """One way into a demonstration: as what, under which reference, with which password."""

    role: str
    reference: str
    password: str


def write_demonstration(folder: Path, mapping: Path, began: int, real: int) -> Path:
    """The files of a new demonstration, whose clock stands at `began` when the real one says `real`; the site's own file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "site.toml"
    (folder / "drop").mkdir(mode=0o700, exist_ok=True)
    _private(path, SAID.format(began=began, real=real, mapping=json.dumps(str(mapping.resolve()))))
    _private(folder / "secret.txt", secrets.token_urlsafe(60) + "\n")
    for name in ("force.ledger", "force.ledger-journal", "force.keys", "force.keys-journal"):
        (folder / name).unlink(missing_ok=True)
    begin(open_database(str(folder / "force.ledger")), open_keys(str(folder / "force.keys")))
    return path


def _private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def look() -> None:
    """See whether what the site stands on is installed. Raises ModuleNotFoundError."""
    import allauth.mfa  # noqa: F401


def start(site: Path) -> None:
    """Make Django ready for a site, once in a process."""
    os.environ["EVERYSTONE_SITE"] = str(site)
    os.environ["DJANGO_SETTINGS_MODULE"] = "everystone.web.settings"
    import django

    django.setup()


def make_ready(*, static: bool = True, progress: Progress | None = None) -> None:
    """Bring the tables of the site up to this release, and gather what is served as it is.

    Where those that follow from the ledger were of another release, everything is asked anew; stopped, it goes on.
    """
    from django.core.management import call_command

    from everystone.web.store import tables
    from everystone.work.tables import make_tables

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    if static:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    if make_tables(tables()):
        _ask_anew(progress)


def _ask_anew(progress: Progress | None) -> None:
    from everystone.web import clock
    from everystone.web.store import MACHINE, asking, keys, tables
    from everystone.work.conduct import first_anew
    from everystone.work.readings import readings_anew
    from everystone.work.tables import note_made
    from everystone.work.worklists import Worklists

    lists = Worklists(SqlBook(tables(), keys(), MACHINE, clock.now), asking())
    with lists.book.transaction():
        readings_anew(lists.book)
    ask_all(lists, progress)
    first_anew(lists.book, lists.asking)
    note_made(lists.database)


def must_be_ready() -> None:
    """Raises Fault where the tables of the site are not those of this release, saying what to do."""
    from everystone.web.store import is_ready

    if not is_ready():
        raise Fault(f"The tables of this site are not those of this release. Nothing was done. {WHAT_TO_DO}")


def fill(extracts: Sequence[Path], moment: int, progress: Progress | None = None) -> None:
    """Take a force's extract as the first delivery of the site's feed, and ask every standard of it. Raises Fault."""
    from django.conf import settings

    from everystone.web.store import MACHINE, worklists
    from everystone.work.feeds import Item, asked_at, take_item

    with worklists(MACHINE, moment) as lists:
        done = take_item(
            lists, settings.SITE.feeds[0], Item("the first extract", extracts, "first", moment, asked_at(moment))
        )
        if done.fault:
            raise Fault(done.fault)
        ask_all(lists, progress)


def ask_all(lists: Worklists, progress: Progress | None = None) -> None:
    """Ask everything that is new or due, and register the worklists as a copy of the ledger."""
    from everystone.ledger.book.copies import note
    from everystone.work.worklists import AtHand

    lists.follow()
    while lists.tick(most=1_000_000, progress=progress):
        pass
    note(lists.book, AtHand.name, AtHand.place_of(lists.asking.pack), lists.follow())


def tick() -> Ticked:
    """One tick of the site, as of its own clock."""
    from everystone.web import clock, ticking

    return ticking.tick(clock.now())


def tells() -> bool:
    """Whether this site tells anybody by a channel that leaves it."""
    from django.conf import settings

    return settings.SITE.telling is not None


def somebody_for_each_post(moment: int) -> list[SignIn]:
    """One person for each post: the lead of the first child in the order, the sergeant of that team, who is on duty."""
    from everystone.web.policy import INSPECTOR, KEEPER, OFFICER, POLICY, STANDARDS, SUPERVISOR
    from everystone.web.store import pack, tables
    from everystone.work.cards import cards
    from everystone.work.duty import on_duty

    database = tables()
    first = next(card for card in cards(database, [None], moment, most=500).shown if card.lead and card.team)
    supervisor = on_duty(database, moment, [first.team])
    of_team = next((each.officer for each in supervisor if each.team == first.team), "T00001")
    inspector = next((each.officer for each in supervisor if each.post == INSPECTOR), "T00002")
    day = pack().words.calendar.day_of(moment)
    return [
        sign_in(f"An investigating officer ({first.lead})", first.lead, OFFICER, first.team, day),
        sign_in(f"A supervisor ({of_team})", of_team, SUPERVISOR, first.team, day),
        sign_in(f"A duty inspector ({inspector})", inspector, INSPECTOR, "", day),
        sign_in("Professional standards (T00003)", "T00003", STANDARDS, "", day),
        sign_in("The keeper of access (T00004)", "T00004", KEEPER, "", day),
        sign_in("The policy lead (T00005)", "T00005", POLICY, "", day),
    ]


def sign_in(name: str, reference: str, role: str, team: str, since: date) -> SignIn:
    """Make a person with one post, and a password that is told once."""
    from everystone.web.models import Person, Post

    password = secrets.token_urlsafe(12)
    person: Person = Person.objects.create_user(reference, name, password)
    Post.objects.create(person=person, role=role, team=team, since=since)
    return SignIn(role, reference, password)


def somebody(name: str, reference: str, role: str, team: str) -> SignIn:
    """Make a person of a site in use. Raises Fault for a post that is none, or a reference that is taken."""
    from everystone.web.clock import now
    from everystone.web.models import Person
    from everystone.web.policy import ROLES
    from everystone.web.store import pack

    if role not in ROLES:
        raise Fault(f"{role!r} is no post. There are: {', '.join(ROLES)}.")
    if Person.objects.filter(reference__iexact=reference).exists():
        raise Fault(f"There is somebody with the reference {reference} already. Nothing was made.")
    return sign_in(name, reference, role, team, pack().words.calendar.day_of(now()))


def put_out(reference: str) -> None:
    """Put somebody out; their sessions end with the next page. Raises Fault where there is nobody of that reference."""
    from everystone.web.models import Person

    if not Person.objects.filter(reference=reference).update(is_active=False):
        raise Fault(f"There is nobody with the reference {reference}.")


def serve(port: int) -> None:
    """Serve the site on this machine alone, until it is stopped. For a force: gunicorn behind a proxy (docs/site.md)."""
    from django.core.servers.basehttp import run

    from everystone.web.wsgi import application

    run("127.0.0.1", port, application, threading=True)
