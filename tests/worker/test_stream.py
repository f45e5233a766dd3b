"""The live stream: every screen that follows a meeting knows within a second, and again after the broker was away."""

import json
import re
import time
import urllib.request
from contextlib import closing

from tests import factories
from tests.worker.conftest import states
from tests.worker.running import Site, fetch, until
from tests.worker.test_outages import signed_in
from vng_alv import db, jobs
from vng_alv.voting import service as rounds


class Follower:
    """A screen that follows a meeting."""

    def __init__(self, site: Site, code: str, query: str = "") -> None:
        self.answer = urllib.request.urlopen(f"http://localhost:{site.port + 1}/live/{code}{query}", timeout=8)

    def close(self) -> None:
        """Look away."""
        self.answer.close()

    def sees(self, state: str) -> float:
        """The moment at which it hears that every round is in ``state``."""
        for line in self.answer:
            if line.startswith(b"data: ") and {r["state"] for r in json.loads(line[6:])["rounds"]} == {state}:
                return time.monotonic()
        raise AssertionError("the stream ended")


def test_what_is_pronounced_is_heard_within_a_second(site: Site, world: factories.World) -> None:
    with db.transaction():
        rounds.close(world.ids, world.chair)
    until(lambda: states(world) == {"counted"}, "the rounds are counted")
    with closing(Follower(site, world.meeting.code)) as first, closing(Follower(site, world.meeting.code)) as second:
        first.sees("counted")
        with db.transaction():
            rounds.publish(world.ids, world.chair)
        committed = time.monotonic()
        assert max(first.sees("published"), second.sees("published")) - committed < 1


def test_what_no_job_told_is_told_by_the_sweep(site: Site, world: factories.World) -> None:
    with db.transaction():
        rounds.close(world.ids, world.chair)
    until(lambda: states(world) == {"counted"}, "the rounds are counted")
    with closing(Follower(site, world.meeting.code)) as screen:
        screen.sees("counted")
        jobs.configure(jobs.producer, "")  # the job is lost
        with db.transaction():
            rounds.publish(world.ids, world.chair)
        assert screen.sees("published")


def test_the_stream_comes_back_after_the_broker_does(site: Site, world: factories.World) -> None:
    with closing(Follower(site, world.meeting.code)) as screen:
        screen.sees("open")
        site.broker.kill()
        site.start()
        with db.transaction():
            rounds.close(world.ids, world.chair)
        assert screen.sees("counted")


def test_who_comes_later_is_told_at_once_how_it_stands(site: Site, world: factories.World) -> None:
    with closing(Follower(site, world.meeting.code)) as early:
        early.sees("open")
    with closing(Follower(site, world.meeting.code)) as late:
        began = time.monotonic()
        assert late.sees("open") - began < 0.5


def test_only_meetings_have_a_stream(site: Site) -> None:
    for path in ("/", "/live/", "/live/A_B", "/live/alv/x"):
        assert fetch(f"http://localhost:{site.port + 1}{path}") == (404, "")


def test_a_stream_ends_with_the_session_that_it_belongs_to(site: Site, world: factories.World) -> None:
    """The others hear nothing of it, and it cannot be taken up again."""
    browser, code = signed_in(site, "GM0001"), world.meeting.code
    found = re.search(rf"/live/{code}(\?sessie=[0-9a-f-]{{36}})", browser.get(f"/stemmen/{code}"))
    assert found
    with closing(Follower(site, code, found[1])) as own, closing(Follower(site, code)) as other:
        own.sees("open")
        began = time.monotonic()
        browser.post("/uitloggen")
        assert b"event: over\n" in list(own.answer)
        assert time.monotonic() - began < 5
        assert fetch(f"http://localhost:{site.port + 1}/live/{code}{found[1]}") == (204, "")
        with db.transaction():
            rounds.close(world.ids, world.chair)
        assert other.sees("counted")
