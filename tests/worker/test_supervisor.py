"""The demo as a newcomer starts it: ready by itself, gone without a trace, started again whatever happened."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.worker.decided import asked_in, decisions, facts, facts_of, lines, read_page
from tests.worker.running import ROOT, Demo, Program, fetch, free_ports, until
from vng_alv import db

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def _demo(scratch: Path) -> Iterator[Demo]:
    found = Demo(scratch / "demo", free_ports(2))
    yield found
    found.end()
    for pid in found.processes():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def demo(_demo: Demo) -> Demo:
    """The demo, running; the first start fills it."""
    _demo.start()
    return _demo


def test_it_starts_by_itself_and_shows_the_demo(demo: Demo) -> None:
    status, text = fetch(demo.base + "/demo")
    assert status == 200
    assert "Stap in het voorbeeld" in text
    assert set(demo.children()) == {"broker", "inbox", "stream", "web", "worker"}


def test_idle_it_takes_less_than_600_megabytes(demo: Demo) -> None:
    assert demo.process
    # What several processes share is counted once: of each its own part (PSS).
    taken = [psutil.Process(pid).memory_full_info().pss for pid in {demo.process.pid, *demo.processes()}]
    assert sum(taken) < 600 * MEGABYTE, sorted(number // MEGABYTE for number in taken)


def play(demo: Demo, *words: str) -> subprocess.CompletedProcess[str]:
    """Act something out in the demo."""
    return subprocess.run(
        [sys.executable, "-c", "from vng_alv.main import main; main()", "demo", "play", "--url", demo.base, *words],
        cwd=ROOT, env=demo.environ | {"ALV_DEMO": "1"}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip


def test_a_whole_vote_can_be_acted_out(demo: Demo) -> None:
    said = play(demo, "--delegates", "4")
    assert (said.returncode, said.stderr) == (0, "")
    assert "4 stemmen vastgelegd" in said.stdout
    assert "Uitslag: " in said.stdout


def test_the_decisions_of_an_acted_afternoon_say_word_for_word_what_the_log_says(demo: Demo) -> None:
    said = play(demo, "--meeting", "--delegates", "6")
    assert (said.returncode, said.stderr) == (0, "")
    meeting = re.search(r"/vergaderingen/(middag-\w+)/besluitenlijst\n\Z", said.stdout)
    assert meeting, said.stdout
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    asked = asked_in(meeting[1])
    assert len(asked) == 16
    assert {one.number: one.again.number for one in asked if one.again} == {11: 12}
    address = f"{demo.base}/vergaderingen/{meeting[1]}/besluitenlijst"
    page, data = read_page(fetch(address)[1]), json.loads(fetch(address + ".json")[1])
    assert page.votes == {one.number: (one.item, lines(one, asked)) for one in asked}
    assert page.decisions == decisions(asked)
    texts = [(f"{item['number']}. {item['title']}", text) for item in data["items"] for text in item["texts"]]
    votes = {
        vote["number"]: (item, vote)
        for item, text in texts
        for vote in [*text["votes"], *(vote for amendment in text["amendments"] for vote in amendment["votes"])]
    }
    assert {number: facts_of(item, vote) for number, (item, vote) in votes.items()} == {
        one.number: facts(one) for one in asked
    }
    told = [one["sentence"] for _item, text in texts for one in [text, *text["amendments"]]]
    assert sorted(told) == sorted(decisions(asked).values())
    db.engine().dispose()


def test_nobody_is_left_after_sigterm(demo: Demo) -> None:
    assert demo.process
    supervisor = demo.process
    assert len(demo.processes()) >= 5
    supervisor.terminate()
    assert supervisor.wait(15) == 0
    assert demo.processes() == []
    assert not (demo.data / "run" / "state.json").exists()


def test_it_starts_again_after_sigkill(demo: Demo) -> None:
    assert demo.process
    before = set(demo.children().values())
    demo.process.kill()
    demo.process.wait()
    demo.start()  # what still answers may be one of the orphans
    until(lambda: not before & set(demo.processes()), "what the killed one had started is gone")
    until(demo.healthy, "the new one answers")


def test_a_second_one_on_the_same_folder_is_refused(demo: Demo) -> None:
    second = Program(demo.command, demo.log, {**demo.environ, "PORT": str(free_ports(2))})
    second.start()
    assert second.process
    assert second.process.wait(15) == 1
    assert "already runs" in demo.log.read_text()
    assert demo.healthy()


def test_what_dies_is_started_again(demo: Demo) -> None:
    before = demo.children()
    for name in ("broker", "web"):
        os.kill(before[name], signal.SIGKILL)

    def all_new() -> bool:
        now = demo.children()
        fresh = all(now.get(name) not in (None, before[name]) for name in ("broker", "web"))
        return fresh and demo.healthy()

    until(all_new, "broker and web are back, and the worker works with them", 90)
