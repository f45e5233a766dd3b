"""Screens that follow a meeting, in a process of their own: ``python -m bench._viewers PORT NUMBER MEETING``.

Each opens the stream, as an open ballot does; when it hears of a round that it did not know it fetches the questions,
after a chance wait of at most half a second, as the page's own script does. Prints ``ready`` once all have heard how
the meeting stands, waits for a line on its input, and then prints one JSON object: for each screen the moments
(``time.time``) at which it heard of the new round and had its question, and the bytes that came to it from then on.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field

TIMEOUT = 60
JITTER = 0.5


@dataclass
class Screen:
    """What one screen heard, and when."""

    known: set[int] = field(default_factory=set)
    heard: float = 0.0
    shown: float = 0.0
    bytes: int = 0


async def follow(port: int, meeting: str, screen: Screen, ready: asyncio.Event) -> None:
    """One screen, until it has the new question."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port + 1)
    writer.write(f"GET /live/{meeting} HTTP/1.1\r\nHost: localhost:{port + 1}\r\n\r\n".encode())
    while True:
        line = await reader.readline()
        if not line:
            raise ConnectionError("the stream ended")
        screen.bytes += len(line)
        if not line.startswith(b"data: "):
            continue
        rounds = {one["number"] for one in json.loads(line[6:])["rounds"] if one["state"] == "open"}
        if not ready.is_set():
            screen.known, screen.bytes = rounds, 0
            ready.set()
        elif rounds - screen.known:
            screen.heard = time.time()
            await asyncio.sleep(random.uniform(0, JITTER))
            screen.bytes += await fetch(port, f"/stemmen/{meeting}/vragen")
            screen.shown = time.time()
            writer.close()
            return


async def fetch(port: int, path: str) -> int:
    """The bytes of an answer, which must be right."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n".encode()
    )
    answer = await reader.read()
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(answer[:200].decode("latin-1"))
    return len(answer)


async def run(port: int, number: int, meeting: str) -> list[Screen]:
    """All screens at once."""
    screens = [Screen() for _ in range(number)]
    ready = [asyncio.Event() for _ in screens]
    following = []
    for screen, event in zip(screens, ready, strict=True):
        following.append(asyncio.create_task(follow(port, meeting, screen, event)))
        if len(following) % 50 == 0:
            await asyncio.sleep(0.05)  # people come in one after another
    await asyncio.wait_for(asyncio.gather(*(event.wait() for event in ready)), TIMEOUT)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await asyncio.wait_for(asyncio.gather(*following), TIMEOUT)
    return screens


def main() -> None:
    """The process's own entry."""
    port, number, meeting = sys.argv[1:]
    found = asyncio.run(run(int(port), int(number), meeting))
    print(json.dumps([{"heard": one.heard, "shown": one.shown, "bytes": one.bytes} for one in found]))


if __name__ == "__main__":
    main()
