"""Channels that leave the system: e-mail, and a text gateway by HTTP. What they carry says to look, and nothing of a case."""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Thread
from urllib.parse import urlsplit

from django.core.mail import EmailMessage, get_connection

from everystone.web.site import Telling

SUBJECT = "Look now"


def words(failed: Sequence[str]) -> str:
    """What a message says: to look, and which posts could not be reached; never why, about whom, or where."""
    said = "Look now: something that cannot wait stands on your page of today."
    if failed:
        said += f" A message to this post did not arrive: {', '.join(failed)}."
    return said


class Channels:
    """The addresses and servers of a site. Each message has one deadline; what has no answer by then did not arrive."""

    def __init__(self, said: Telling) -> None:
        self.said = said
        self.mail_secret, self.gateway_secret = said.secret_of(said.mail_secret), said.secret_of(said.gateway_secret)

    def tell(self, post: str, team: str, failed: Sequence[str] = ()) -> bool:
        """Tell a post by every channel it has; whether each of them took it. A post without an address is not reached."""
        address = self.said.posts.get(f"{post}, {team}" if team else post)
        if address is None:
            return False
        text, sends = words(failed), list[Callable[[], bool]]()
        if address.text:
            sends.append(lambda: self._by_text(address.text, text))
        if address.mail:
            sends.append(lambda: self.mail(address.mail, SUBJECT, text))
        return bool(sends) and all(in_time(sends, self.said.wait))

    def mail(self, to: str, subject: str, text: str) -> bool:
        """Send an e-mail; whether the server took it."""
        said = self.said
        if not said.mail_server:
            return False
        host, _, port = said.mail_server.partition(":")
        connection = get_connection(
            "django.core.mail.backends.smtp.EmailBackend", host=host, port=int(port or 25), username=said.mail_name,
            password=self.mail_secret, use_tls=said.mail_tls, timeout=said.wait,
        )  # fmt: skip
        try:
            return bool(EmailMessage(subject, text, said.sender, [to], connection=connection).send())
        except (OSError, smtplib.SMTPException, ssl.SSLError):
            return False

    def _by_text(self, to: str, text: str) -> bool:
        """Hand a text to the gateway; whether it said that it took it. It is sent nowhere else, whatever it answers."""
        place = urlsplit(self.said.gateway)
        kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
        connection = kind(place.hostname or "", place.port, timeout=self.said.wait)
        try:
            connection.request("POST", place.path or "/", json.dumps({"to": to, "text": text}), {
                "Content-Type": "application/json", "Authorization": f"Bearer {self.gateway_secret}",
            })  # fmt: skip
            return 200 <= connection.getresponse().status < 300
        except (OSError, HTTPException, ValueError):
            return False
        finally:
            connection.close()


def in_time(sends: Sequence[Callable[[], bool]], wait: float) -> list[bool]:
    """What each of some sends came to by one deadline (seconds); one that has not come back by then is False."""
    done = [False] * len(sends)

    def send(place: int) -> None:
        done[place] = sends[place]()

    threads = [Thread(target=send, args=(place,), daemon=True) for place in range(len(sends))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(wait)
    return list(done)
