"""A socket between a client and the PostgreSQL server that can be cut after any byte, in either direction."""

from __future__ import annotations

import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

SOCKET = ".s.PGSQL.5432"


class Proxy:
    """Forwards connections to the server's socket until it is told to cut."""

    def __init__(self, server: Path) -> None:
        self.server, self.folder = server, Path(tempfile.mkdtemp(prefix="es-cut-"))
        self._left: int | None = None
        self._direction = ""
        self._lock = threading.Lock()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.folder / SOCKET))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: Any) -> None:
        self._listening.close()
        (self.folder / SOCKET).unlink()
        self.folder.rmdir()

    def cut_after(self, count: int, direction: str) -> None:
        """Cut both ways once so many more bytes were `asked` or `answered`."""
        with self._lock:
            self._left, self._direction = count, direction

    def mend(self) -> None:
        """Forward everything again."""
        with self._lock:
            self._left = None

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self.server / SOCKET))
                for one, other, direction in ((client, server, "asked"), (server, client, "answered")):
                    threading.Thread(target=self._forward, args=(one, other, direction), daemon=True).start()

    def _forward(self, one: socket.socket, other: socket.socket, direction: str) -> None:
        with suppress(OSError):
            while said := one.recv(65_536):
                allowed = self._allowed(said, direction)
                other.sendall(allowed)
                if len(allowed) < len(said):
                    break
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _allowed(self, said: bytes, direction: str) -> bytes:
        with self._lock:
            if self._left is None or direction != self._direction:
                return said
            allowed = said[: self._left]
            self._left -= len(allowed)
            return allowed
