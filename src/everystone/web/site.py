"""One file says where a site's ledger and keys are, under which names it is reached, how it is marked.

    database = "postgresql://…" or "force.ledger"     keys = "force.keys"        secret = "secret.txt"
    hosts = ["everystone.force.example"]               packs = ["england_wales"]  name = "A force"

    [[feeds]]   name = "CRIMES"   drop = "drop"   mapping = "mapping.yaml"   every = 60

Places that are no address are meant from the folder of the file. No secret stands in it: `secret` names a file.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from everystone.ledger.book.connection import SERVER
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED
from everystone.work.feeds import Feed

SHORTEST = 50
PROVIDER = "force"  # what the force's own sign-in is called in an address


def over_tls(place: str) -> str:
    """An address that is reached over TLS, or on this machine. Raises ValueError for any other."""
    said = urlsplit(place)
    if said.scheme != "https" and said.hostname not in ("127.0.0.1", "localhost"):
        raise ValueError("give an address that begins with https://")
    return place


def secret_of(file: Path, part: str) -> str:
    """The secret in a file that a part of the site's file names. Raises Fault where it is not there."""
    if not file.is_file():
        raise Fault(f"The secret {file.name} is not there. The file of the site names it under {part}.")
    return file.read_text(encoding="utf-8").strip()


class Address(BaseModel):
    """Where a post is reached: a mailbox, a number for texts, or both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mail: str = ""
    text: str = ""


class Telling(BaseModel):
    """How what cannot be missed leaves the system. Posts as the pack names them; of a team "duty sergeant, North".

    `wait` is the deadline of one message in seconds. `sheets` are the mailboxes of teams for the weekly sheet,
    `chief` that of the chief officer for the daily figure. Secrets stand in files.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    posts: dict[str, Address]
    sender: str = ""
    mail_server: str = ""
    mail_name: str = ""
    mail_secret: Path | None = None
    mail_tls: bool = True
    gateway: str = ""
    gateway_secret: Path | None = None
    wait: float = Field(default=10, gt=0, le=60)
    sheets: dict[str, str] = {}
    chief: str = ""

    @field_validator("gateway")
    @classmethod
    def _is_safe(cls, place: str) -> str:
        """A gateway is reached over TLS, but for one on this machine."""
        return over_tls(place) if place else place

    @model_validator(mode="after")
    def _has_its_channels(self) -> Telling:
        """No address without a channel that reaches it."""
        if not self.gateway and any(each.text for each in self.posts.values()):
            raise ValueError("a post has a number for texts, and there is no gateway")
        mails = any(each.mail for each in self.posts.values()) or self.sheets or self.chief
        if mails and not (self.mail_server and self.sender):
            raise ValueError("a post or a sheet has a mailbox, and there is no mail_server or no sender")
        return self

    @staticmethod
    def secret_of(file: Path | None) -> str:
        """The secret in a file, "" where none is named. Raises Fault where it is not there."""
        return "" if file is None else secret_of(file, "telling")


class SignInElsewhere(BaseModel):
    """The force's own sign-in, by OpenID Connect: off unless it stands in the file.

    `server` is its address (or that of its openid-configuration), `claim` what there holds the reference of a person here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "the force’s sign-in"
    server: str
    client: str
    secret: Path
    claim: str = "preferred_username"

    @field_validator("server")
    @classmethod
    def _is_safe(cls, place: str) -> str:
        """It is reached over TLS, but for one on this machine."""
        return over_tls(place)

    def secret_text(self) -> str:
        """The secret of this site there. Raises Fault where its file is not there."""
        return secret_of(self.secret, "sign_in")

    def as_provider(self) -> dict[str, Any]:
        """As allauth is told of it. Raises Fault where the secret's file is not there."""
        app = {"provider_id": PROVIDER, "name": self.name, "client_id": self.client, "secret": self.secret_text(),
               "settings": {"server_url": self.server}}  # fmt: skip
        return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "SCOPE": ["openid", "profile"], "APPS": [app]}}


class Site(BaseModel):
    """What the file of a site says. `demonstration`: the instant (seconds UTC) and the real one at which it began."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: str
    keys: str
    secret: Path
    hosts: list[str] = Field(min_length=1)
    packs: list[str] = [SHIPPED]
    name: str = "A force"
    mark: str = "Sensitive: about children and investigations. For this force only."
    feeds: list[Feed] = []
    demonstration: tuple[int, int] | None = None
    telling: Telling | None = None
    sign_in: SignInElsewhere | None = None

    def secret_text(self) -> str:
        """The secret that signs sessions. Raises Fault for one that is missing or short."""
        text = self.secret.read_text(encoding="utf-8").strip() if self.secret.is_file() else ""
        if len(text) < SHORTEST:
            raise Fault(
                f"The secret of the site must stand in {self.secret.name} and have {SHORTEST} characters or more."
            )
        return text

    def now(self, real: int) -> int:
        """The instant of the site when the clock says `real`: in a demonstration it goes on from that of the force."""
        return real if self.demonstration is None else self.demonstration[0] + real - self.demonstration[1]


def read_site(path: Path) -> Site:
    """The site that a file describes. Raises Fault naming the key that cannot be used."""
    if not path.is_file():
        raise Fault(f"There is no file {path}. `everystone demo` makes one; docs/site.md says what stands in it.")
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        site = Site.model_validate(said)
    except (tomllib.TOMLDecodeError, ValidationError) as fault:
        first = str(fault).splitlines()[0] if isinstance(fault, tomllib.TOMLDecodeError) else _first(fault)
        raise Fault(f"{path.name} cannot be used. {first}") from fault
    return site.model_copy(update={
        "database": _from(path, site.database), "keys": _from(path, site.keys), "secret": path.parent / site.secret,
        "feeds": [_placed(path, each) for each in site.feeds],
        "sign_in": site.sign_in and site.sign_in.model_copy(update={"secret": path.parent / site.sign_in.secret}),
        "telling": site.telling and site.telling.model_copy(update={
            name: path.parent / file for name in ("mail_secret", "gateway_secret") if (file := getattr(site.telling, name))}),
    })  # fmt: skip


def _from(path: Path, place: str) -> str:
    return place if place.startswith(SERVER) else str((path.parent / place).resolve())


def _placed(path: Path, feed: Feed) -> Feed:
    """A feed with its places meant from the folder of the file."""
    places = {
        name: path.parent / place
        for name in ("mapping", "drop", "queries")
        if (place := getattr(feed, name)) is not None
    }
    return feed.model_copy(update=places)


def _first(fault: ValidationError) -> str:
    first = fault.errors()[0]
    return f"{' > '.join(map(str, first['loc']))}: {first['msg']}."
