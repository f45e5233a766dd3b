"""``./run bench live [NUMBER …]``: opening a vote while 342 and 2,000 screens look on, on the whole demo.

Web, stream, worker and broker run as in real use. Told is: how long it takes from the chair's press until the last
screen has heard of it and has the question, what the processes did meanwhile, what came to each screen, and how fast
a page was served before and during it. The floor is the same page while nothing happens.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from bench._site import quantile
from tests.worker.running import Demo, free_ports
from vng_alv.demo.play import Play
from vng_alv.demo.seed import MEETING

SIZES = (342, 2_000)
PAGE = f"/vergaderingen/{MEETING}"
#: Seconds of asking for pages before anything happens.
CALM = 3.0


class Asking(threading.Thread):
    """Somebody who asks for a page, again and again; the milliseconds of each answer."""

    def __init__(self, base: str) -> None:
        super().__init__(daemon=True)
        self.base, self.times, self.going = base, list[float](), True

    def run(self) -> None:
        while self.going:
            began = time.perf_counter()
            urllib.request.urlopen(self.base + PAGE, timeout=30).read()
            self.times.append((time.perf_counter() - began) * 1000)

    def taken(self) -> list[float]:
        """The times since the last call."""
        found, self.times = self.times, []
        return found


def processor(demo: Demo) -> dict[str, float]:
    """Seconds of processor time that each process of the demo has used, with its children."""
    found = {}
    for name, pid in demo.children().items():
        parent = psutil.Process(pid)
        times = [one.cpu_times() for one in (parent, *parent.children(recursive=True))]
        found[name] = sum(one.user + one.system for one in times)
    return found


def measured(demo: Demo, port: int, number: int) -> dict[str, Any]:
    """One opening with so many screens."""
    acting = Play(demo.base, 1)
    acting.prepare()
    command = [sys.executable, "-m", "bench._viewers", str(port), str(number), MEETING]
    screens = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert screens.stdin is not None
    assert screens.stdout is not None
    assert screens.stdout.readline() == "ready\n"
    asking = Asking(demo.base)
    asking.start()
    time.sleep(CALM)
    calm, before = asking.taken(), processor(demo)
    screens.stdin.write("\n")
    screens.stdin.flush()
    pressed = time.time()
    acting.open()
    answered = time.time()
    found = json.loads(screens.stdout.readline())
    busy, after = asking.taken(), processor(demo)
    asking.going = False
    screens.wait()
    acting.finish()
    return {
        "chair_answered_ms": round((answered - pressed) * 1000),
        "first_heard_ms": round((min(one["heard"] for one in found) - pressed) * 1000),
        "last_heard_ms": round((max(one["heard"] for one in found) - pressed) * 1000),
        "last_shown_ms": round((max(one["shown"] for one in found) - pressed) * 1000),
        "bytes_each": round(statistics.mean(one["bytes"] for one in found)),
        "processor_s": {name: round(after[name] - before.get(name, 0), 2) for name in after},
        "page_p50_ms": round(statistics.median(calm), 1),
        "page_p50_meanwhile_ms": round(statistics.median(busy), 1),
        "page_p95_meanwhile_ms": round(quantile(busy, 0.95), 1),
        "page_of_calm": round(statistics.median(busy) / statistics.median(calm), 2),
        "pages_meanwhile": len(busy),
    }


def main() -> None:
    """Print a table and, last, one JSON object."""
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    figures = {}
    with tempfile.TemporaryDirectory(prefix="alv", ignore_cleanup_errors=True) as folder:
        port = free_ports(2)
        demo = Demo(Path(folder) / "live", port)
        demo.start()
        try:
            for number in sizes:
                figures[str(number)] = found = measured(demo, port, number)
                print(f"{number} screens")
                for key, value in found.items():
                    print(f"  {key:24} {value}")
        finally:
            demo.end()
    print(json.dumps({"bench": "live", **figures}))


if __name__ == "__main__":
    main()
