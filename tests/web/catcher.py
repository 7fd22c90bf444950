"""Servers that catch what leaves the site: a text gateway and a mail server that take, fail, are slow or stay silent."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

TAKES, FAILS, SLOW, SILENT, SENDS_ON = "takes", "fails", "slow", "silent", "sends on"


class Catcher:
    """One server on a port of this machine; `mood` says how it behaves, for everybody or for one receiver."""

    def __init__(self) -> None:
        self.mood, self.moods = TAKES, dict[str, str]()
        self.caught: list[dict[str, Any]] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                threading.Thread(target=self._met, args=(connection,), daemon=True).start()

    def _met(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError, IndexError), connection, connection.makefile("rwb") as file:
            self.answer(file)

    def answer(self, file: Any) -> None:
        raise NotImplementedError

    def mood_for(self, receiver: str) -> str:
        """How it behaves now; slow waits here, silent never comes back."""
        mood = self.moods.get(receiver, self.mood)
        if mood == SLOW:
            time.sleep(0.15)
        if mood == SILENT:
            time.sleep(3)
            raise OSError
        return mood

    def received(self) -> list[str]:
        """Who got something, in order."""
        return [each["to"] for each in self.caught]

    def close(self) -> None:
        self.socket.close()


class Gateway(Catcher):
    """A text gateway: JSON over HTTP."""

    def answer(self, file: Any) -> None:
        head = [file.readline().decode()]
        while head[-1].strip():
            head.append(file.readline().decode())
        length = next(int(line.split(":")[1]) for line in head if line.lower().startswith("content-length"))
        said = json.loads(file.read(length))
        mood = self.mood_for(said["to"])
        if mood == SENDS_ON:
            file.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
            return
        if mood == FAILS:
            file.write(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n")
            return
        self.caught.append({**said, "head": "".join(head)})
        file.write(b"HTTP/1.1 202 Taken\r\nContent-Length: 0\r\n\r\n")


class Mailbox(Catcher):
    """A mail server, as far as one letter needs it."""

    def answer(self, file: Any) -> None:
        def say(line: str) -> None:
            file.write(line.encode() + b"\r\n")
            file.flush()

        say("220 caught here")
        to = ""
        while line := file.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "RCPT":
                to = line.split("<")[1].rstrip(">")
                say("550 no" if self.mood_for(to) == FAILS else "250 yes")
            elif word == "DATA":
                say("354 go on")
                text = []
                while (each := file.readline().decode()) != ".\r\n":
                    text.append(each)
                self.caught.append({"to": to, "text": "".join(text)})
                say("250 taken")
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                say("250 yes")


@contextmanager
def catching() -> Iterator[tuple[Gateway, Mailbox]]:
    """A gateway and a mail server for one test."""
    gateway, mailbox = Gateway(), Mailbox()
    try:
        yield gateway, mailbox
    finally:
        gateway.close()
        mailbox.close()
