"""A site for tests: the small force in a ledger of its own on either database, one person for each post."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from everystone.ledger.book.connection import open_database
from everystone.ledger.book.keys import open_keys
from everystone.ledger.book.sql import begin
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack
from everystone.standards.story import Order, read_stories

HERE = Path(__file__).parent
PASSWORD = "four words that do not belong"
SITE = """
database = "{database}"
keys = "{keys}"
secret = "secret.txt"
hosts = ["testserver", "localhost", "127.0.0.1"]
"""


def world(pack: Pack) -> tuple[list[Entry], int]:
    """The entries of the small force, each once, and the instant at which it is looked at."""
    (told,) = read_stories(HERE / "world.yaml", pack)
    assert isinstance(told, Order)
    entries = {entry.key: entry for case in told.cases for entry in case.entries}
    as_at = told.cases[0].as_at
    assert as_at is not None
    return sorted(entries.values(), key=lambda entry: (entry.recorded, entry.key)), as_at


def challenge(lists: Any, case: str, now: int, key: str = "") -> str:
    """Say of a finding of a case (the first, or one by its key) that its check is wrong, long ago; its key."""
    from everystone.ledger.entry import Capacity, Source

    if not key:
        (key,) = lists.database.one(
            "SELECT MIN(key) FROM work_finding WHERE frame = ? AND answer = 'not met'", (f"case/{case}",)
        )
    (standard,) = lists.database.one("SELECT standard FROM work_finding WHERE key = ?", (key,))
    data = {"finding": key, "standard": standard, "reason": "It stands on paper, in the other system."}
    lists.take([Entry(0, f"case/{case}", "finding.challenged", (), now, now, now, now, "O2",
                      Capacity("investigating officer", "constable", "South"), data, Source("paper", "force", f"said/{key}"))])  # fmt: skip
    return str(key)


def opening(lists: Any, case: str, by: str, at: int) -> str:
    """Somebody opened a case outside their duties at an instant, with nobody having reviewed it; the entry's key."""
    from everystone.ledger.entry import Capacity, Entry, Source

    data = {"emergency": "a child may be in danger now", "reason": "Nobody could be reached that night."}
    entry = Entry(0, f"case/{case}", "access.opened", (), at, at, at, at, by, Capacity("investigating officer", "constable", "North"),
                  data, Source("paper", "force", f"opened/{case}/{by}/{at}"))  # fmt: skip
    lists.take([entry])
    return entry.key


def write_site(folder: Path, database: str) -> Path:
    """The files of a site over a new, empty ledger."""
    keys = str(folder / "keys")
    begin(open_database(database), open_keys(keys))
    (folder / "secret.txt").write_text("s" * 60)
    path = folder / "site.toml"
    path.write_text(SITE.format(database=database, keys=keys))
    return path


def configure(path: Path) -> None:
    """Make Django ready, with what only tests may do: quick passwords, files served as they lie, no TLS."""
    os.environ.update(EVERYSTONE_SITE=str(path), DJANGO_SETTINGS_MODULE="everystone.web.settings")
    from django.conf import settings

    if not settings.configured:
        import django

        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }
        settings.SECURE_SSL_REDIRECT = False
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
        settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "session", "form"
        settings.WHITENOISE_USE_FINDERS = True
        django.setup()


def use(path: Path) -> None:
    """Point a process in which Django is ready at another site."""
    from django.conf import settings
    from django.db import connections

    from everystone.web.settings import database_of
    from everystone.web.site import read_site

    site = read_site(path)
    settings.SITE = site
    connections["default"].close()
    settings.DATABASES["default"] = database_of(site.database)
    connections.settings = connections.configure_settings(settings.DATABASES)
    del connections["default"]


def people(now: int) -> dict[str, Any]:
    """One person for each post, and what it is called in the tests."""
    from everystone.web import policy
    from everystone.web.models import Person, Post
    from everystone.web.store import pack

    day = pack().words.calendar.day_of(now)
    made = {}
    for name, reference, role, team in (
        ("lead", "O1", policy.OFFICER, "North"), ("other officer", "O2", policy.OFFICER, "South"),
        ("supervisor", "S1", policy.SUPERVISOR, "North"), ("other supervisor", "S2", policy.SUPERVISOR, "South"),
        ("inspector", "D1", policy.INSPECTOR, ""), ("standards", "P1", policy.STANDARDS, ""), ("keeper", "K1", policy.KEEPER, ""),
        ("policy lead", "Q1", policy.POLICY, ""),
        ("no post", "N1", "", ""),
    ):  # fmt: skip
        person = made[name] = Person.objects.create_user(reference, f"Somebody ({reference})", PASSWORD)
        if role:
            Post.objects.create(person=person, role=role, team=team, since=day)
    return made


def copied(live: Live, folder: Path, again: Callable[[str], str] | None = None) -> Live:
    """The same site once more, for a test that changes it; `again` makes a database anew that is not a file beside it."""
    from django.db import connections

    from everystone.web.site import read_site

    connections["default"].close()
    for path in live.path.parent.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    text = live.path.read_text().replace(str(live.path.parent), str(folder))
    if again is not None:
        place = read_site(live.path).database
        text = text.replace(place, again(place))
    (folder / "site.toml").write_text(text)
    made = Live(folder / "site.toml", live.now)
    use(made.path)
    made.people = dict(live.people)
    return made


class Live:
    """A site in use: its people, its instant, a browser for each of them."""

    def __init__(self, path: Path, now: int) -> None:
        self.path, self.now = path, now
        self.people: dict[str, Any] = {}
        self.undo = ExitStack()

    def as_(self, name: str, *, second_factor: bool = True) -> Any:
        """A client signed in as one of the people, in a session of its own."""
        from allauth.mfa.models import Authenticator
        from django.test import Client

        client = Client()
        if name:
            person = self.people[name]
            if second_factor:
                Authenticator.objects.get_or_create(
                    user=person, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "x"}}
                )
            client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client
