"""People who sign in: who they are in the ledger, in which posts and teams, from which of whose cases they are kept away."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class People(BaseUserManager["Person"]):
    """Everybody who may sign in."""

    def create_user(self, reference: str, name: str, password: str | None = None, **more: Any) -> Person:
        """A new person, who holds no post yet and so may see nothing."""
        person = self.model(reference=reference, name=name, **more)
        person.set_password(password)
        person.save()
        return person


class Person(AbstractBaseUser):
    """Somebody who signs in; `reference` is who it is in the ledger."""

    reference: models.CharField[str, str] = models.CharField(max_length=40, unique=True)
    name: models.CharField[str, str] = models.CharField(max_length=120)
    rank: models.CharField[str, str] = models.CharField(max_length=40, blank=True)
    is_active: models.BooleanField[bool, bool] = models.BooleanField(default=True)

    objects: ClassVar[People] = People()
    USERNAME_FIELD = "reference"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A post that somebody holds in a team ("" for the whole force), from one day to another (none: still)."""

    person: models.ForeignKey[Person, Person] = models.ForeignKey(Person, models.CASCADE, related_name="posts")
    role: models.CharField[str, str] = models.CharField(max_length=40)
    team: models.CharField[str, str] = models.CharField(max_length=80, blank=True)
    since: models.DateField[date, date] = models.DateField()
    until: models.DateField[date | None, date | None] = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.role}, {self.team}" if self.team else self.role


class KeptAway(models.Model):
    """A case from which somebody is kept away: party to it, family, or named in a matter about it. It always wins."""

    person: models.ForeignKey[Person, Person] = models.ForeignKey(Person, models.CASCADE, related_name="kept_away")
    case: models.CharField[str, str] = models.CharField(max_length=120)

    class Meta:
        """Once a person and case."""

        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["person", "case"], name="kept_away_once")]

    def __str__(self) -> str:
        return self.case


class Draft(models.Model):
    """What somebody began to record and did not finish: theirs alone, no part of the record, kept for a week."""

    person: models.ForeignKey[Person, Person] = models.ForeignKey(Person, models.CASCADE, related_name="drafts")
    case: models.CharField[str, str] = models.CharField(max_length=120)
    kind: models.CharField[str, str] = models.CharField(max_length=80)
    said: models.JSONField[Any, Any] = models.JSONField()
    kept_at: models.BigIntegerField[int, int] = models.BigIntegerField()

    class Meta:
        """One of a person, case and kind."""

        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "case", "kind"], name="one_draft")
        ]

    def __str__(self) -> str:
        return self.kind
