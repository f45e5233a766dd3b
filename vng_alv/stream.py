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

from vng_alv.live import ENDED, HSTS, PREFIX

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATH = re.compile(r"/live/([a-z0-9-]{1,60})")
SESSION = re.compile(rb"sessie=([0-9a-f-]{36})")
#: What a queue holds when the session has ended that its viewer is signed in with.
OVER = b"over"
#: A comment line this often, in seconds, keeps connections through proxies open.
HEARTBEAT = 20
#: Wait for the broker after it went away, in seconds.
RETRY = 1


class Hub:
    """One subscription to Redis for all viewers of this process."""

    def __init__(self, redis_url: str) -> None:
        self.client = redis.asyncio.Redis.from_url(redis_url)
        self.viewers: dict[str, set[asyncio.Queue[bytes]]] = {}
        #: Those who are signed in, by their session: (meeting, queue).
        self.signed_in: dict[str, set[tuple[str, asyncio.Queue[bytes]]]] = {}

    async def run(self) -> None:
        """Pass on every message, for ever; comes back by itself when the broker does."""
        while True:
            try:
                async with self.client.pubsub() as subscription:
                    await subscription.psubscribe(PREFIX + "*")
                    await subscription.subscribe(ENDED)
                    await self._catch_up()
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._end(message["data"].decode())
                        elif message["type"] == "pmessage":
                            self._tell(message["channel"].decode().removeprefix(PREFIX), message["data"])
            except (RedisError, OSError):
                await asyncio.sleep(RETRY)

    async def _catch_up(self) -> None:
        for code in list(self.viewers):
            data = await self.last(code)
            if data:
                self._tell(code, data)
        for session in list(self.signed_in):
            if await self.has_ended(session):
                self._end(session)

    def _end(self, session: str) -> None:
        for code, queue in self.signed_in.get(session, ()):
            self.viewers[code].discard(queue)  # nothing comes after the end
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(OVER)

    async def has_ended(self, session: str) -> bool:
        """Whether a session was ended."""
        try:
            return bool(await self.client.exists(f"{ENDED}:{session}"))
        except (RedisError, OSError):
            return False

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
    def viewer(self, code: str, session: str) -> Any:
        """A queue that receives a meeting's messages while the block runs, and ``OVER`` when the session ends."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=1)
        follower = (code, queue)
        self.viewers.setdefault(code, set()).add(queue)
        if session:
            self.signed_in.setdefault(session, set()).add(follower)
        try:
            yield queue
        finally:
            _leave(self.viewers, code, queue)
            _leave(self.signed_in, session, follower)


def _leave(groups: dict[str, set[Any]], key: str, one: Any) -> None:
    group = groups.get(key, set())
    group.discard(one)
    if not group:
        groups.pop(key, None)


class Stream:
    """The ASGI application."""

    def __init__(self) -> None:
        self.hub: Hub | None = None
        self.task: asyncio.Task[None] | None = None
        origin = os.environ.get("BASE_URL", "").rstrip("/")
        self.headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            (b"x-content-type-options", b"nosniff"),
            (b"access-control-allow-origin", (origin or "null").encode()),
            *([(b"strict-transport-security", HSTS.encode())] if origin.startswith("https://") else []),
        ]

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
        session = SESSION.fullmatch(scope.get("query_string", b""))
        name = session[1].decode() if session else ""
        if name and await self.hub.has_ended(name):  # 204 tells the browser not to come back
            await send({"type": "http.response.start", "status": 204, "headers": self.headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await self.events(self.hub, found[1], name, receive, send)

    async def events(self, hub: Hub, code: str, session: str, receive: Receive, send: Send) -> None:
        """Send events until the viewer goes away or their session ends."""
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        with hub.viewer(code, session) as queue:
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
                    if data is OVER:
                        await send({"type": "http.response.body", "body": b"event: over\ndata: {}\n\n"})
                        return
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
