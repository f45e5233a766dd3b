"""A load generator in a process of its own: sends prepared requests over kept-alive connections.

``python -m bench._load HOST PORT CONNECTIONS FILE``: FILE holds requests, each preceded by its length in 4 bytes.
Prints one JSON object: seconds in all, the milliseconds of each request, how often each status came.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

TIMEOUT = 120


class Connection(asyncio.Protocol):
    """One connection that sends a request, waits for its answer and takes the next."""

    def __init__(self, work: deque[bytes], times: list[float], statuses: list[int], done: asyncio.Future[None]) -> None:
        self.work, self.times, self.statuses, self.done = work, times, statuses, done
        self.seen = b""
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.next()

    def next(self) -> None:
        if not self.work:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.began = time.perf_counter()
        self.transport.write(self.work.popleft())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.seen += data
        head, found, body = self.seen.partition(b"\r\n\r\n")
        if not found:
            return
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if len(body) < length:
            return
        self.times.append((time.perf_counter() - self.began) * 1000)
        self.statuses.append(int(self.seen[9:12]))
        self.seen = b""
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("closed by the server"))


async def run(host: str, port: int, connections: int, requests: list[bytes]) -> dict[str, object]:
    """Send all requests over ``connections``; all connections begin together."""
    loop = asyncio.get_running_loop()
    work, times, statuses = deque(requests), [], []  # type: ignore[var-annotated]
    waiting = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    await asyncio.gather(
        *(loop.create_connection(lambda d=d: Connection(work, times, statuses, d), host, port) for d in waiting)  # type: ignore[misc]
    )
    await asyncio.wait_for(asyncio.gather(*waiting), TIMEOUT)
    counted = {status: statuses.count(status) for status in set(statuses)}
    return {"seconds": time.perf_counter() - began, "times": times, "statuses": counted}


def fire(port: int, connections: int, requests: list[bytes]) -> tuple[float, list[float], dict[str, int]]:
    """Run a load in its own process: seconds, milliseconds of each request, and how often each status came."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join(len(request).to_bytes(4, "big") + request for request in requests))
        file.flush()
        command = [sys.executable, "-m", "bench._load", "127.0.0.1", str(port), str(connections), file.name]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return answer["seconds"], answer["times"], answer["statuses"]


def main() -> None:
    """The process's own entry."""
    host, port, connections, name = sys.argv[1:]
    data, requests, at = Path(name).read_bytes(), [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        requests.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    print(json.dumps(asyncio.run(run(host, int(port), int(connections), requests))))


if __name__ == "__main__":
    main()
