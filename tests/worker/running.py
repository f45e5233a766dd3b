"""Real processes to test with: how to wait for them, and a site made of them."""

import asyncio
import contextlib
import email
import email.policy
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from vng_alv.processes import marked
from vng_alv.supervisor import broker_command, broker_program, granian, ping

ROOT = Path(__file__).parents[2]
SECRET = "only for these tests, and long enough for that"

Found = TypeVar("Found")


def until(check: Callable[[], Found], what: str, within: float = 30, every: float = 0.03) -> Found:
    """The first truth that ``check`` returns, asked ``every`` so often; the test fails when there is none in time."""
    deadline = time.monotonic() + within
    while not (found := check()):
        if time.monotonic() > deadline:
            pytest.fail(f"after {within:g} s still not: {what}")
        time.sleep(every)
    return found


def free_ports(number: int = 1) -> int:
    """The first of ``number`` neighbouring ports that nobody listens on, below those that the system hands out."""
    while True:
        first = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for port in range(first, first + number):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first


def fetch(url: str) -> tuple[int, str]:
    """Status and text of an address; status 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


class Program:
    """A process with a group and a log of its own."""

    def __init__(self, command: list[str], log: Path, environ: dict[str, str] | None = None) -> None:
        self.command, self.log, self.environ = command, log, {**os.environ, **(environ or {})}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if not self.alive():
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self.command, cwd=ROOT, env=self.environ, stdout=log, stderr=log, start_new_session=True
                )

    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def end(self, number: int = signal.SIGTERM) -> None:
        """Signal the whole group and wait for its end; what is deaf goes by force."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(8)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def kill(self) -> None:
        """End it as a power failure does."""
        self.end(signal.SIGKILL)


class Broker(Program):
    """The embedded broker."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "broker.sock"
        self.url = f"unix://{self.socket}"
        (folder / "run").mkdir()
        super().__init__(broker_command(broker_program(), self.socket, folder), folder / "broker.log")

    def start(self) -> None:
        """Start it and come back when it answers."""
        if self.alive():
            return
        super().start()
        until(lambda: ping(self.socket), "the broker answers")


class Mailserver:
    """A real SMTP server that keeps what it takes, and refuses when it is told to."""

    def __init__(self) -> None:
        self.port = free_ports()
        self.refusal = ""
        #: Seconds that it takes over each message.
        self.slowness = 0.0
        self.messages: list[EmailMessage] = []
        #: The connection that each of them came by.
        self.connections: list[object] = []
        self.start()

    def start(self) -> None:
        """Listen."""
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self) -> None:
        """Go away."""
        self.controller.stop()

    @property
    def url(self) -> str:
        """Its address."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a message, or refuse it."""
        await asyncio.sleep(self.slowness)
        if self.refusal:
            return self.refusal
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append(message)  # type: ignore[arg-type]
        self.connections.append(session.peer)
        return "250 Kept"


class Site:
    """Everything that serves one database: worker with beat, web server and live stream."""

    def __init__(self, folder: Path, database: str, broker: Broker, mailserver: Mailserver) -> None:
        folder.mkdir()
        self.folder, self.database, self.broker = folder, database, broker
        self.port = free_ports(2)
        self.base = f"http://localhost:{self.port}"
        self.environ = {
            "ALV_DATA": str(folder),
            "ALV_DEMO": "0",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "LIVE_PORT": str(self.port + 1),
            "DATABASE_URL": database,
            "REDIS_URL": broker.url,
            "SECRET_KEY": SECRET,
            "BASE_URL": self.base,
            "SMTP_URL": mailserver.url,
            "MAIL_FROM": "alv@vereniging.example",
        }
        python = [sys.executable, "-m"]
        self.worker = self._program(
            "worker", [*python, "celery", "-A", "worker.celery:app", "worker", "-B", "--without-gossip",
                       "--without-mingle"],
        )  # fmt: skip
        self.web = self._program("web", granian("wsgi", "vng_alv.wsgi:app", "127.0.0.1", self.port))
        self.stream = self._program("stream", granian("asgi", "vng_alv.stream:app", "127.0.0.1", self.port + 1))

    def _program(self, name: str, command: list[str]) -> Program:
        return Program(command, self.folder / f"{name}.log", self.environ)

    def start(self) -> None:
        """Start whatever does not run, as the supervisor does, and come back when all of it works."""

        def works() -> bool:
            for program in (self.broker, self.worker, self.web, self.stream):
                program.start()
            return self.health()[1].get("status") == "ok"

        try:
            until(works, "the site works", 90)
        except pytest.fail.Exception as failed:
            logs = [f"{log.name}:\n{log.read_text()[-2_000:]}" for log in self.folder.glob("*.log")]
            pytest.fail("\n".join([str(failed), repr(self.health()), *logs]))

    def stop(self) -> None:
        """End all but the broker, which is everybody's."""
        for program in (self.web, self.stream, self.worker):
            program.end()

    def health(self) -> tuple[int, dict[str, Any]]:
        """What ``/gezond`` says: its status and its words."""
        status, text = fetch(self.base + "/gezond")
        return status, json.loads(text) if text.startswith("{") else {}

    def alv(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What an ``alv`` command does and says."""
        code = "from vng_alv.main import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=ROOT,
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
        )


class Demo(Program):
    """The demo under its supervisor, on a folder and a port, with further settings where a test needs them."""

    def __init__(self, data: Path, port: int, **settings: str) -> None:
        self.data, self.port, self.base = data, port, f"http://localhost:{port}"
        environ = {"ALV_DATA": str(data), "PORT": str(port), "DATABASE_URL": "", "REDIS_URL": "", "BASE_URL": ""}
        log = data.with_suffix(f".{port}.log")
        super().__init__([sys.executable, "-m", "vng_alv.supervisor", "demo"], log, {**environ, **settings})

    @property
    def secret(self) -> str:
        """What its links are made with."""
        return (self.data / "secret-key").read_text().strip()

    def start(self, within: float = 240) -> None:
        """Start it, and come back when all of it works."""
        super().start()
        until(lambda: not self.alive() or self.healthy(), "the demo works", within)
        assert self.alive(), self.log.read_text()

    def healthy(self) -> bool:
        """Whether database, broker and worker are well, and it is this supervisor that looks after them."""
        status, text = fetch(self.base + "/gezond")
        well = status == 200 and json.loads(text)["status"] == "ok"
        return well and self.process is not None and self.state().get("pid") == self.process.pid

    def state(self) -> dict[str, Any]:
        """What the supervisor says about itself."""
        file = self.data / "run" / "state.json"
        found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return found

    def children(self) -> dict[str, int]:
        """The processes that it looks after, by name."""
        found: dict[str, int] = self.state()["children"]
        return found

    def processes(self) -> list[int]:
        """Everything that runs on its folder."""
        return marked(self.data)
