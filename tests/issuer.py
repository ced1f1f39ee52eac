"""A company's OpenID Connect issuer on the loopback: discovery, keys, and faults on demand."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"


@dataclass(slots=True)
class Issuer:
    """What it publishes, how often it was asked, and what is wrong with it."""

    url: str = ""
    keys: dict[str, Any] = field(default_factory=lambda: {"k1": ECKey.generate_key("P-256")})
    asked: int = 0
    changes: dict[str, Any] = field(default_factory=dict)
    """Members of the discovery document that are otherwise."""
    body: bytes | None = None
    """What is answered instead of the keys."""
    status: int = 200
    pause: float = 0.0

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked += 1
        time.sleep(self.pause)
        if path == DISCOVERY:
            document = {"issuer": self.url, "jwks_uri": f"{self.url}{KEYS}"} | self.changes
            return self.status, json.dumps(document).encode()
        published = [{**key.as_dict(private=False), "kid": kid} for kid, key in self.keys.items()]
        return self.status, self.body if self.body is not None else json.dumps({"keys": published}).encode()

    def token(self, *, kid: str = "k1", key: Any = None, header: Any = None, **changes: Any) -> str:
        """A token of a rep, with claims changed; None takes one away."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": "portico",
            "sub": "00u1-mira",
            "iat": now,
            "exp": now + 300,
            "roles": ["everybody", "portico-rep"],
        }
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        head = {"alg": "ES256", "kid": kid, **(header or {})}
        return jwt.encode(head, claims, key or self.keys[kid], algorithms=["ES256"])


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer that answers for as long as the block lasts."""
    issuer = Issuer()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = issuer.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # whoever asked may have given up
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: tests read what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
