"""Live messages over Redis: small, the same for every receiver, and never more than anyone may know."""

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import redis

PREFIX = "alv:live:"
#: Sessions that ended: told to the streams at once, and kept for those that come back.
ENDED = "alv:ended"
WORKER_SEEN = "alv:worker:seen"
#: How long the last message of a meeting is kept for those who come in later, in seconds.
KEEP = 24 * 3600
#: How long an ended session is remembered: longer than any session lasts.
KEEP_ENDED = 15 * 24 * 3600
#: An older sign of life than this, in seconds, means that the worker is gone.
WORKER_SILENT = 30
TIMEOUT = 2.0
#: What site and stream both say where they are reached over TLS: never come without it.
HSTS = "max-age=63072000; includeSubDomains"

_client: "redis.Redis[bytes] | None" = None


def connect(redis_url: str) -> None:
    """Use the server at ``redis_url``; an empty address means that there is none."""
    global _client  # noqa: PLW0603
    _client = (
        redis.Redis.from_url(redis_url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT) if redis_url else None
    )


def publish(meeting_code: str, message: dict[str, Any]) -> None:
    """Send ``message`` to all who follow the meeting, unless it says what the last one said."""
    if _client is None:
        return
    data = json.dumps(message, separators=(",", ":")).encode()
    key = PREFIX + meeting_code
    if _client.get(key) == data:
        return
    _client.set(key, data, ex=KEEP)
    _client.publish(key, data)


def revoke(session_ids: Iterable[uuid.UUID]) -> None:
    """End the streams of these sessions, and let none of them come back."""
    if _client is None:
        return
    pipe = _client.pipeline(transaction=False)
    for session_id in session_ids:
        pipe.set(f"{ENDED}:{session_id}", b"1", ex=KEEP_ENDED)
        pipe.publish(ENDED, str(session_id))
    pipe.execute()


def sign_of_life() -> None:
    """Said by the worker each time it sweeps."""
    if _client is not None:
        _client.set(WORKER_SEEN, datetime.now(UTC).isoformat())


def queued(name: str) -> int | None:
    """How many jobs lie with the broker under this name, or None where it does not answer."""
    if _client is None:
        return None
    try:
        return int(_client.llen(name))
    except (redis.RedisError, OSError):
        return None


def health() -> tuple[bool, datetime | None]:
    """Whether the broker answers, and when the worker last gave a sign of life."""
    if _client is None:
        return False, None
    try:
        seen = _client.get(WORKER_SEEN)
    except (redis.RedisError, OSError):
        return False, None
    return True, datetime.fromisoformat(bytes(seen).decode()) if isinstance(seen, bytes) else None
