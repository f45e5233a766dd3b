"""The same facts give the same bytes: the moment that a file says it was made at, and packed files without clocks."""

import contextlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime

#: No file in a packed one has a moment of its own.
MOMENT = (2020, 1, 1, 0, 0, 0)

_as_of: ContextVar[datetime | None] = ContextVar("as_of", default=None)


@contextlib.contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Let every document that is made meanwhile say that it is of this moment, and not of now."""
    before = _as_of.set(moment)
    try:
        yield
    finally:
        _as_of.reset(before)


def made_at() -> datetime:
    """What a document says about when it was made, in UTC."""
    return (_as_of.get() or datetime.now(UTC)).astimezone(UTC)


def add(pack: zipfile.ZipFile, path: str, content: bytes) -> None:
    """Put a file into a packed one."""
    pack.writestr(zipfile.ZipInfo(path, MOMENT), content, zipfile.ZIP_DEFLATED)


def packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Files as one ZIP, in their order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for path, content in files:
            add(pack, path, content)
    return out.getvalue()


def repacked(data: bytes) -> bytes:
    """A packed file without the clocks that another program put in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        return packed((name, pack.read(name)) for name in pack.namelist())
