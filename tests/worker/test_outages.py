"""What is left when a part is away: votes are recorded without the broker; who cannot help it says so."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

from tests import factories
from tests.worker.conftest import states
from tests.worker.running import Site, until
from vng_alv import db
from vng_alv.demo.play import Browser
from vng_alv.voting import service as rounds
from vng_alv.voting.queries import turnouts


def signed_in(site: Site, code: str) -> Browser:
    """The browser of a member's delegate, by the form."""
    browser = Browser(site.base)
    browser.get("/inloggen")
    browser.post("/inloggen", email=f"griffier-{code.lower()}@test.example", password=factories.PASSWORD)
    return browser


def vote(site: Site, world: factories.World, code: str, choice: str) -> None:
    """A vote in every question, by the forms; it ends at a receipt."""
    browser = signed_in(site, code)
    chosen = {f"choice-{key}": choice for key in world.ids}
    browser.get(f"/stemmen/{world.meeting.code}")
    review = browser.post(f"/stemmen/{world.meeting.code}/controle", gemeente=code, **chosen)
    key = re.search(r'name="key" value="([^"]+)"', review)
    assert key
    browser.post(f"/stemmen/{world.meeting.code}/uitbrengen", gemeente=code, key=key[1], **chosen)
    assert "/stembewijs/" in browser.address


def test_without_a_broker_votes_are_recorded_and_the_count_follows_later(site: Site, world: factories.World) -> None:
    site.broker.kill()
    vote(site, world, "GM0001", "for")
    status, health = site.health()
    assert (status, health["status"], health["database"], health["broker"]) == (200, "degraded", "ok", "missing")
    with db.transaction(write=False):
        assert [t.weight for t in turnouts(world.ids).values()] == [75, 75, 75]
    began = time.monotonic()
    with db.transaction():
        rounds.close(world.ids, world.chair)
    assert time.monotonic() - began < 1  # however many jobs were asked for
    site.start()
    until(lambda: states(world) == {"counted"}, "the worker found the broker again and counted")


@contextmanager
def no_database(site: Site) -> Iterator[None]:
    """Nobody gets into the database while this lasts."""
    url = make_url(site.database)
    server = url.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [url.database])
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true')


def test_without_its_database_the_site_says_so_and_comes_back(site: Site, world: factories.World) -> None:
    if db.is_sqlite():  # the embedded database is a part of the web process itself: it cannot be away
        assert site.health()[0] == 200
        return
    with no_database(site):
        status, health = site.health()
        assert (status, health["status"], health["database"]) == (503, "down", "missing")
    assert site.health()[0] == 200
    vote(site, world, "GM0002", "against")
