"""Files that were made, kept by a hash of what they were made from: made once, and given to everybody who asks."""

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger()

HERE = Path(__file__).parent
#: Bytes that all files together may take; the ones that nobody asked for longest go first.
MOST = 300 * 2**20
#: Requests of one process that may wait for a file that is being made, and how long, in seconds.
WAITING = threading.BoundedSemaphore(12)
PATIENCE = 75.0
#: Seconds between two looks whether the file is there.
PAUSE = 0.05


class Busy(Exception):
    """Too many people wait for files, or one takes too long; soon it can be asked for again."""


@lru_cache(1)
def _makers() -> str:
    """Stands for what makes files: another release must not give out what an earlier one made."""
    found = hashlib.sha256()
    for path in sorted([*HERE.glob("*.py"), *HERE.glob("typst/*.typ")]):
        found.update(path.read_bytes())
    return found.hexdigest()


def key_of(kind: str, language: str, facts: object) -> str:
    """What stands for a file: of which kind, in which language, and from which facts it is made."""
    spelled = json.dumps([_makers(), kind, language, facts], default=_spelled, sort_keys=True)
    return hashlib.sha256(spelled.encode()).hexdigest()


def _spelled(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.value if isinstance(value, Enum) else str(value)


class Store:
    """The files in a folder, shared by all processes of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str) -> bytes | None:
        """The file of a key, or None where it was not made yet."""
        path = self.folder / key
        try:
            found = path.read_bytes()
            os.utime(path)  # it was asked for now
        except OSError:
            return None
        return found

    def get(self, key: str, make: Callable[[], bytes]) -> bytes:
        """The file of a key, made now if it was not: one at a time, while all others wait. Raises ``Busy``."""
        if (found := self.find(key)) is not None:
            return found
        if not WAITING.acquire(blocking=False):
            raise Busy
        try:
            with self._turn(key) as there:
                return there if there is not None else self._keep(key, make())
        finally:
            WAITING.release()

    @contextlib.contextmanager
    def _turn(self, key: str) -> Iterator[bytes | None]:
        """Wait to be the only one who makes files; gives the file where somebody else made it meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        until = time.monotonic() + PATIENCE
        with (self.folder / ".making").open("w") as lock:
            while (found := self.find(key)) is None:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise Busy from None
                    time.sleep(PAUSE)
            yield found if found is not None else self.find(key)

    def _keep(self, key: str, made: bytes) -> bytes:
        try:
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as out:
                out.write(made)
            Path(out.name).replace(self.folder / key)
            self._tidy()
        except OSError as error:  # the file is good without being kept
            log.warning("export_not_kept", error=repr(error))
        return made

    def _tidy(self) -> None:
        """Let go of what nobody asked for longest, until there is room again."""
        files = sorted(((p.stat().st_mtime, p.stat().st_size, p) for p in self.folder.iterdir()), reverse=True)
        total = 0
        for moment, size, path in files:
            left_over = path.name.startswith(".") and path.name != ".making" and time.time() - moment > PATIENCE
            total += size
            if left_over or (total > MOST and not path.name.startswith(".")):
                path.unlink(missing_ok=True)
