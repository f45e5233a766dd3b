"""The live stream: every screen that follows a meeting knows within a second, and again after the broker was away."""

import json
import re
import time
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tests import factories
from tests.worker.conftest import states
from tests.worker.running import Demo, Site, fetch, until
from tests.worker.test_outages import signed_in
from vng_alv import db, jobs
from vng_alv.accounts import service as accounts
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, Person
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Actor, Role
from vng_alv.identity import personal_data
from vng_alv.meetings.offices import end_office, put_out_of_use, set_office
from vng_alv.members.models import Member
from vng_alv.members.queries import offices_of
from vng_alv.secretariat import resets
from vng_alv.secretariat.service import change_roles
from vng_alv.voting import service as rounds


class Follower:
    """A screen that follows a meeting."""

    def __init__(self, site: Site | Demo, code: str, query: str = "") -> None:
        #: All that it was told, as it came.
        self.heard: list[dict[str, Any]] = []
        self.answer = urllib.request.urlopen(f"http://localhost:{site.port + 1}/live/{code}{query}", timeout=8)

    def close(self) -> None:
        """Look away."""
        self.answer.close()

    def sees(self, state: str, number: int | None = None) -> float:
        """The moment at which it hears that every round, or at least this number of them, is in ``state``."""
        for line in self.answer:
            if not line.startswith(b"data: "):
                continue
            self.heard.append(json.loads(line[6:]))
            states = [r["state"] for r in self.heard[-1]["rounds"]]
            if states and states.count(state) >= (number or len(states)):
                return time.monotonic()
        raise AssertionError("the stream ended")


def test_what_is_pronounced_is_heard_within_a_second(site: Site, world: factories.World) -> None:
    with db.transaction():
        rounds.close(world.ids, world.chair)
    until(lambda: states(world) == {"counted"}, "the rounds are counted")
    with closing(Follower(site, world.meeting.code)) as first, closing(Follower(site, world.meeting.code)) as second:
        first.sees("counted")
        waits = []
        for number, key in enumerate(world.ids, 1):
            with db.transaction():
                rounds.publish([key], world.chair)
            committed = time.monotonic()
            waits.append(max(screen.sees("published", number) for screen in (first, second)) - committed)
        assert min(waits) < 1, waits  # a busy machine may hold one of them up


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
        assert late.sees("open") - began < 3


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


# --- What ends sessions, ends their streams


def _reset(person: Person, actor: Actor) -> None:
    """Two people take a lost second step away; the first of them asked."""
    person.totp_secret, person.totp_step = "kwijt", 1
    asked = resets.ask(person, "Kwijt.", factories.actor(f"collega-{uuid.uuid4().hex[:8]}", Role.SECRETARIAT))
    resets.confirm(asked.id, actor, "x" * 40)


ENDING: dict[str, Callable[[Person, Actor], object]] = {
    "a role that was given": lambda person, actor: change_roles(person, {Role.TELLER}, (), actor),
    "the end of an office": lambda person, actor: end_office(person, offices_of(person.id)[0].member, actor),
    "another office": lambda person, actor: set_office(
        person, offices_of(person.id)[0].member, OfficeKind.OFFICIAL, actor
    ),
    "an account out of use": put_out_of_use,
    "another password": lambda person, actor: accounts.set_password(person, "heel lang nieuw wachtwoord", None),
    "the end of one session": lambda person, actor: sessions.end(sessions.of_person(person.id)[0].id, person.id, actor),
    "the end of all sessions": sessions.end_all_of,
    "a second step that two people took away": _reset,
    "erasing": personal_data.erase,
}


@pytest.mark.parametrize("how", ENDING)
def test_whatever_ends_a_session_ends_its_stream_within_five_seconds(
    site: Site, world: factories.World, how: str
) -> None:
    with db.transaction():
        actor = factories.actor(f"secretaris-{uuid.uuid4().hex[:8]}", Role.SECRETARIAT, password=factories.PASSWORD)
        member = db.session.get_one(Member, world.members[2].id)
        person = factories.clerk(member, f"mens-{uuid.uuid4().hex[:8]}", OfficeKind.COUNCILLOR)
        sessions.start(person, hours=1, device="test", entry=Entry.PASSWORD, factor=True)
        name = sessions.of_person(person.id)[0].id
    with closing(Follower(site, world.meeting.code, f"?sessie={name}")) as own:
        own.sees("open")
        with db.transaction():
            ENDING[how](db.session.get_one(Person, person.id), actor)
        committed = time.monotonic()
        assert b"event: over\n" in list(own.answer)
        assert time.monotonic() - committed < 5
