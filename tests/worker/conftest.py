"""A site of real processes for each engine: the worker counts, mails and seals; nobody lends it a hand."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select

from tests import factories
from tests.worker.running import Broker, Mailserver, Site
from vng_alv import db, jobs, live, schema
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.permissions import Role
from vng_alv.meetings import service as meetings
from vng_alv.members.models import Member
from vng_alv.members.queries import find_association
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round

POPULATIONS = (250_000, 40_500, 999)


@pytest.fixture(scope="session")
def broker(scratch: Path) -> Iterator[Broker]:
    """One broker for all sites of this test process."""
    folder = scratch / "broker"
    folder.mkdir()
    broker = Broker(folder)
    yield broker
    jobs.configure(jobs.producer, "")
    live.connect("")
    broker.end()


@pytest.fixture(scope="session")
def _mailserver() -> Iterator[Mailserver]:
    server = Mailserver()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _site(
    engine_name: str, scratch: Path, broker: Broker, _mailserver: Mailserver, request: pytest.FixtureRequest
) -> Iterator[Site]:
    folder = scratch / f"site-{engine_name}"
    url = f"sqlite:///{folder / 'alv.sqlite3'}"
    if engine_name == "postgresql":
        server = request.getfixturevalue("postgresql")
        with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE DATABASE site")
        url = make_url(server).set(database="site").render_as_string(hide_password=False)
    site = Site(folder, url, broker, _mailserver)
    schema.upgrade(db.connect(url))
    with db.transaction():
        factories.association()
        for number, population in enumerate(POPULATIONS, 1):
            factories.clerk(factories.member(number, population))
        factories.person("voorzitter", roles=[Role.CHAIR], password=factories.PASSWORD)
    yield site
    site.stop()
    db.engine().dispose()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def site(_site: Site) -> Site:
    """A site on which everything works; this process acts on its database and asks its worker for jobs."""
    _site.start()
    db.connect(_site.database)
    jobs.configure(jobs.producer, _site.broker.url)
    live.connect(_site.broker.url)
    assert find_association() is not None
    db.session.remove()
    return _site


@pytest.fixture
def mailserver(_mailserver: Mailserver) -> Iterator[Mailserver]:
    """The mail server of the site, which takes everything unless a test makes it refuse."""
    yield _mailserver
    _mailserver.refusal, _mailserver.slowness = "", 0.0


@pytest.fixture
def assembly(site: Site) -> Callable[..., factories.World]:
    """A function that makes a meeting of its own, with rounds that are open; its arguments are those of opening."""

    def assemble(**opening: object) -> factories.World:
        with db.transaction():
            members = list(db.session.scalars(select(Member).order_by(Member.code)))
            people = {p.email: p for p in db.session.scalars(select(Person))}
            clerks = [people[f"griffier-{m.code.lower()}@test.example"] for m in members]
            chair = get_actor(people["voorzitter@test.example"].id)
            at = factories.meeting(f"alv-{uuid.uuid4().hex[:12]}")
            for member, clerk in zip(members, clerks, strict=True):
                meetings.give_mandate(at, member, clerk, None)
            made = rounds.prepare(factories.proposal(at), None)
            rounds.open_rounds([r.id for r in made], chair, **opening)  # type: ignore[arg-type]
            return factories.World(at, members, [get_actor(c.id) for c in clerks], made, chair)

    return assemble


@pytest.fixture
def world(assembly: Callable[..., factories.World]) -> factories.World:
    """A meeting with three open rounds."""
    return assembly()


def states(world: factories.World) -> set[str]:
    """The states of its rounds now."""
    with db.transaction(write=False):
        return {r.state.value for r in db.session.scalars(select(Round).where(Round.id.in_(world.ids)))}
