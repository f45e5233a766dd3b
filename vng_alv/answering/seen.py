"""Which texts of reactions a page showed, as its form carries them: a key and a moment of sending for each."""

import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from vng_alv.domain.answering import Moments

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def written(shown: Moments) -> str:
    """In a line: '<key>.<microseconds, hexadecimal>' for each reaction that is in force."""
    return " ".join(f"{key.hex}.{(sent - _EPOCH) // _TICK:x}" for key, sent in shown.items() if sent)


def read(line: str) -> dict[uuid.UUID, datetime | None]:
    """The reactions of such a line; what is not written like that is left out."""
    found: dict[uuid.UUID, datetime | None] = {}
    for word in line.split():
        key, _, moment = word.partition(".")
        with suppress(ValueError, OverflowError):
            found[uuid.UUID(hex=key)] = _EPOCH + int(moment, 16) * _TICK
    return found
