"""A force's own sign-in, played on this machine: it says who somebody is, whatever the test wants it to say."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from tests.web.catcher import Catcher


class Provider(Catcher):
    """OpenID Connect by the letter, as far as a site that signs people in sees it."""

    def __init__(self, client: str) -> None:
        super().__init__()
        self.client, self.claims = client, dict[str, Any]()
        self.challenge, self.asked, self.broken = "", list[str](), ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, file: Any) -> None:
        line = file.readline().decode()
        length, said = 0, b""
        while (head := file.readline().strip()) != b"":
            if head.lower().startswith(b"content-length:"):
                length = int(head.split(b":")[1])
        said = file.read(length)
        path = line.split(" ")[1]
        self.asked.append(path)
        status, body = self.say(path, parse_qs(said.decode()))
        text = json.dumps(body).encode()
        file.write(b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                   % (status, len(text), text))  # fmt: skip

    def say(self, path: str, said: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        if self.broken and self.broken in path:
            return 500, {}
        if path == "/.well-known/openid-configuration":
            names = ("authorization", "token", "userinfo")
            return 200, {"issuer": self.address, "jwks_uri": f"{self.address}/keys",
                         "token_endpoint_auth_methods_supported": ["client_secret_post"],
                         **{f"{name}_endpoint": f"{self.address}/{name}" for name in names}}  # fmt: skip
        if path == "/token":
            proof = urlsafe_b64encode(sha256(said["code_verifier"][0].encode()).digest()).rstrip(b"=").decode()
            right = (
                proof == self.challenge
                and said["code"] == ["the code"]
                and said["client_secret"] == ["a secret for tests"]
            )
            return (
                (200, {"access_token": "a token", "token_type": "Bearer"})
                if right
                else (400, {"error": "invalid_grant"})
            )
        return 200, self.claims
