"""Processes and what they need of the machine: groups, logs, marks, locks, ports. Knows nothing of our site.

Children lead process groups of their own, carry the data folder in their environment (``ALV_SUPERVISED``) and on Linux
get SIGTERM from the kernel when the process that started them dies. What still lives of an earlier, killed supervisor
is found by that mark.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
MARK = "ALV_SUPERVISED"
LONGEST_PAUSE = 10.0  # seconds between two starts of a child that keeps dying
STEADY_AFTER = 30.0  # seconds of life after which a child's earlier deaths are forgotten
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Fault(Exception):
    """The site cannot start or run; the message says why, for the person at the terminal."""


class Child:
    """One process with its group, its log and its history of deaths."""

    def __init__(self, name: str, command: list[str], logs: Path) -> None:
        self.name = name
        self.command = command
        self.log = logs / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.deaths = 0
        self.again = 0.0  # when it may be started again

    def start(self, environ: dict[str, str], output: IO[bytes] | None = None) -> None:
        """Start it as the leader of a new process group; its output goes to its log, or to ``output``."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output or log,
                stderr=output or log,
                process_group=0,
                preexec_fn=tie_to(os.getpid()),  # noqa: PLW1509  safe: this process has one thread
            )
        self.started = time.monotonic()

    def alive(self) -> bool:
        """Whether its leading process runs."""
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to the whole group, also when its leader is gone already."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def end(self, patience: float) -> None:
        """Ask it to stop, and after ``patience`` seconds make its whole group stop."""
        self.signal(signal.SIGTERM)
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
            self.signal(signal.SIGKILL)
            self.process.wait()

    def died(self) -> None:
        """Note a death: end what is left of the group and pause longer each time (0.5 s, 1 s … 10 s)."""
        self.signal(signal.SIGKILL)
        self.deaths = 1 if time.monotonic() - self.started > STEADY_AFTER else self.deaths + 1
        self.again = time.monotonic() + min(LONGEST_PAUSE, 0.25 * 2**self.deaths)
        self.process = None

    def last_words(self, lines: int = 12) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


def tie_to(parent: int) -> Callable[[], None] | None:
    """What a child does before it becomes its program: ask the kernel for SIGTERM when its parent dies (Linux)."""
    if LIBC is None:
        return None
    libc = LIBC

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return tie


# What an earlier supervisor left, and what is in the way


def marked(data: Path) -> list[int]:
    """Processes that carry the mark of this data folder, other than this one."""
    mark = f"{MARK}={data}"
    if Path("/proc/self/environ").exists():
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
    else:
        listing = subprocess.run(["ps", "-axEwwo", "pid=,command="], capture_output=True, text=True, check=False).stdout
        found = [int(line.split()[0]) for line in listing.splitlines() if f" {mark} " in f"{line} "]
    return [pid for pid in found if pid != os.getpid()]


def sweep(data: Path, patience: float = 3.0) -> None:
    """End the children of a supervisor that was killed: by request, and after ``patience`` seconds by force."""
    force_at = time.monotonic() + patience
    number = signal.SIGTERM
    while orphans := marked(data):
        if time.monotonic() > force_at:
            number = signal.SIGKILL
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        time.sleep(0.1)


@contextlib.contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the data folder; raises :class:`Fault` when another supervisor does."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    data.chmod(0o700)
    with (data / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Fault(f"The site already runs on {data} (process {lock.read().strip()}).") from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def ensure_free(host: str, port: int, variable: str) -> None:
    """Raises :class:`Fault` when the port cannot be listened on."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise Fault(f"Port {port} on {host} cannot be used ({reason}): set {variable} to another one.") from None


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
