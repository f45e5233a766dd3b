"""``./run bench verify``: counting 50 votes of 342 members again, with both programs, from the bundle of the demo's own
meeting. The floor is reading the same files as JSON and computing one SHA-256 of each."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.screenshots import FLAGS
from tests.verify.programs import FOLDER, in_python
from tests.worker.running import Demo, fetch, free_ports
from vng_alv.demo.seed import MEETING

ROUNDS = 50


def seconds(act: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def in_the_page(text: str) -> float:
    """Seconds that the page takes in a browser, from its file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=FLAGS)
        page = browser.new_page()
        page.goto((FOLDER / "verify.html").as_uri())
        ask = """async ([text, rounds]) => {
            const began = performance.now();
            for (let n = 0; n < rounds; n++) if ((await verify(text, null)).faults.length) throw new Error("wrong");
            return (performance.now() - began) / 1000;
        }"""
        found: float = page.evaluate(ask, [text, ROUNDS])
        browser.close()
    return found


def main() -> None:
    """Print a table and, last, one JSON object."""
    with tempfile.TemporaryDirectory(prefix="alv", ignore_cleanup_errors=True) as folder:
        demo = Demo(Path(folder) / "verify", free_ports(2))
        demo.start()
        try:
            status, text = fetch(f"{demo.base}/vergaderingen/{MEETING}/uitslagen/1/bundel.json")
        finally:
            demo.end()
    if status != 200:
        raise SystemExit(f"the bundle: {status}")
    file = json.loads(text)
    if in_python([file]) != [[]]:
        raise SystemExit("the bundle does not fit")
    floor = seconds(lambda: [hashlib.sha256(json.dumps(json.loads(text)).encode()) for _ in range(ROUNDS)])
    figures = {
        "members": len(file["bundle"]["roll"]),
        "rounds": ROUNDS,
        "bytes_each": len(text.encode()),
        "floor_s": round(floor, 3),
        "python_s": round(seconds(lambda: in_python([file] * ROUNDS)), 3),
        "page_s": round(in_the_page(text), 3),
    }
    for key, value in figures.items():
        print(f"{key:12} {value}")
    print(json.dumps({"bench": "verify", **figures, "python_of_floor": round(figures["python_s"] / floor, 1)}))


if __name__ == "__main__":
    main()
