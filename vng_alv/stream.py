"""The live stream: an ASGI application of its own that touches only Redis, so that viewers cost the votes nothing.

``GET /live/<meeting code>`` answers with server-sent events. Everything in them is public.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import Awaitable, Callable
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from vng_alv.live import PREFIX

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATH = re.compile(r"/live/([a-z0-9-]{1,60})")
#: A comment line this often, in seconds, keeps connections through proxies open.
HEARTBEAT = 20
#: Wait for the broker after it went away, in seconds.
RETRY = 1


class Hub:
    """One subscription to Redis for all viewers of this process."""

    def __init__(self, redis_url: str) -> None:
        self.client = redis.asyncio.Redis.from_url(redis_url)
        self.viewers: dict[str, set[asyncio.Queue[bytes]]] = {}

    async def run(self) -> None:
        """Pass on every message, for ever; comes back by itself when the broker does."""
        while True:
            try:
                async with self.client.pubsub() as subscription:
                    await subscription.psubscribe(PREFIX + "*")
                    await self._catch_up()
                    async for message in subscription.listen():
                        if message["type"] == "pmessage":
                            self._tell(message["channel"].decode().removeprefix(PREFIX), message["data"])
            except (RedisError, OSError):
                await asyncio.sleep(RETRY)

    async def _catch_up(self) -> None:
        for code in list(self.viewers):
            data = await self.last(code)
            if data:
                self._tell(code, data)

    def _tell(self, code: str, data: bytes) -> None:
        for queue in self.viewers.get(code, ()):
            if queue.full():
                queue.get_nowait()  # only the newest matters to a slow viewer
            queue.put_nowait(data)

    async def last(self, code: str) -> bytes | None:
        """The last message of a meeting, or None when there is none or no broker."""
        try:
            value = await self.client.get(PREFIX + code)
        except (RedisError, OSError):
            return None
        return bytes(value) if value else None

    @contextlib.contextmanager
    def viewer(self, code: str) -> Any:
        """A queue that receives the messages of one meeting while the block runs."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=1)
        self.viewers.setdefault(code, set()).add(queue)
        try:
            yield queue
        finally:
            self.viewers[code].discard(queue)
            if not self.viewers[code]:
                del self.viewers[code]


class Stream:
    """The ASGI application."""

    def __init__(self) -> None:
        self.hub: Hub | None = None
        self.task: asyncio.Task[None] | None = None
        self.origin = os.environ.get("BASE_URL", "").rstrip("/")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http":
            return
        if self.hub is None:
            self.hub = Hub(os.environ.get("REDIS_URL") or "redis://localhost")
            self.task = asyncio.create_task(self.hub.run())
        found = PATH.fullmatch(scope["path"])
        if scope["method"] != "GET" or not found:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await self.events(self.hub, found[1], receive, send)

    async def events(self, hub: Hub, code: str, receive: Receive, send: Send) -> None:
        """Send events until the viewer goes away."""
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            (b"x-content-type-options", b"nosniff"),
            (b"access-control-allow-origin", (self.origin or "null").encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        with hub.viewer(code) as queue:
            last = await hub.last(code)
            await send(_body(b"retry: 2000\n\n" + (_event(last) if last else b": hello\n\n")))
            gone = asyncio.create_task(_gone(receive))
            try:
                while not gone.done():
                    try:
                        data = await asyncio.wait_for(queue.get(), HEARTBEAT)
                    except TimeoutError:
                        await send(_body(b": still here\n\n"))
                        continue
                    await send(_body(_event(data)))
            except Exception:  # the viewer closed the connection while we wrote
                return
            finally:
                gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _event(data: bytes) -> bytes:
    return b"data: " + data + b"\n\n"


def _body(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


app = Stream()
