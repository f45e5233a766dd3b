"""Sign-in services to test against: a real one that runs in a process, and one that answers whatever it is told to."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from config import Provider


def free_port() -> int:
    """A port below those that the system hands out for connections; each test process looks somewhere else."""
    first = 20_000 + os.getpid() * 7 % 11_000
    for port in range(first, first + 1_000):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port")


def settings_of(issuer: str, **changes: Any) -> Provider:
    """What the site knows of a service."""
    given = {"name": "stad", "label": "Stad", "issuer": issuer, "client_id": "alv", "client_secret": "geheim"}
    return Provider.model_validate({**given, **changes})


@contextlib.contextmanager
def real_service(*options: str) -> Iterator[str]:
    """The service of `oidc-provider-mock` in a process of its own; its issuer."""
    port = free_port()
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--require-nonce",
        "true",
    ]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(issuer + "/.well-known/openid-configuration", timeout=1).status_code == 200:
                    break
            time.sleep(0.1)
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


def sign_in_at(where: str, subject: str) -> str:
    """Sign in at the service, as its page does; where it sends the browser back to."""
    answer = httpx.post(where, data={"sub": subject}, timeout=10)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def claims_of(issuer: str, subject: str, **claims: Any) -> None:
    """Let the service know somebody."""
    httpx.put(f"{issuer}/users/{subject}", json=claims, timeout=10).raise_for_status()


class Crooked:
    """A service whose every answer a test decides, signed with its own key."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key, self.other_key = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
        self.discovery: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        self.token, self.userinfo = "", {}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []

    def sign(self, key: RSAKey | None = None, **claims: Any) -> None:
        """The ID token that it gives next."""
        now = int(time.time())
        said = {
            "iss": self.issuer, "aud": "alv", "sub": "s-1", "iat": now, "exp": now + 300,
            "email": "griffier-gm0001@test.example", "email_verified": True, **claims,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        self.token = jwt.encode({"alg": "RS256"}, said, key or self.key)

    def answer(self, path: str) -> Any:
        """What it says at an address."""
        return {
            "/.well-known/openid-configuration": self.discovery,
            "/keys": {"keys": [self.key.as_dict(private=False)]},
            "/token": {"access_token": "a", "token_type": "Bearer", "id_token": self.token},
            "/userinfo": self.userinfo,
        }.get(path)


@contextlib.contextmanager
def crooked_service() -> Iterator[Crooked]:
    """One that runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            path = urlsplit(self.path).path
            service.asked.append((path, parse_qs(body)))
            said = service.answer(path)
            self.send_response(200 if said else 404)
            self.end_headers()
            self.wfile.write(json.dumps(said or {}).encode())

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            """Silent."""

    port = free_port()
    service = Crooked(port)
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
