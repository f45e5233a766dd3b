"""What is left when a part is away: votes are recorded without the broker; who cannot help it says so."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select, text, update

from tests import factories
from tests.database.acting import waiting
from tests.worker.conftest import states
from tests.worker.running import Mailserver, Site, until
from vng_alv import db
from vng_alv.accounts.models import LoginSession, Person
from vng_alv.demo.browsing import Browser
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.voting import service as rounds
from vng_alv.voting.queries import turnouts


def signed_in(site: Site, code: str) -> Browser:
    """The browser of a member's delegate, by the form; that a second step was shown is put into the session."""
    browser = Browser(site.base)
    browser.get("/inloggen")
    browser.post("/inloggen", email=f"griffier-{code.lower()}@test.example", password=factories.PASSWORD)
    with db.transaction():
        db.session.execute(update(LoginSession).values(factor_at=db.now()))
    return browser


def about_to_vote(site: Site, world: factories.World, code: str, choice: str) -> Callable[[], None]:
    """Somebody who checked a vote in every question, by the forms; what sends it off, and ends at a receipt."""
    browser = signed_in(site, code)
    chosen = {f"choice-{key}": choice for key in world.ids}
    browser.get(f"/stemmen/{world.meeting.code}")
    review = browser.post(f"/stemmen/{world.meeting.code}/controle", gemeente=code, **chosen)
    key = re.search(r'name="key" value="([^"]+)"', review)
    assert key
    form = {"gemeente": code, "key": key[1], **chosen}

    def send() -> None:
        browser.post(f"/stemmen/{world.meeting.code}/uitbrengen", **form)
        assert "/stembewijs/" in browser.address

    return send


def weights(world: factories.World) -> list[int]:
    """The votes that were cast in each round."""
    with db.transaction(write=False):
        return [t.weight for t in turnouts(world.ids).values()]


def test_without_a_broker_votes_are_recorded_and_the_count_follows_later(site: Site, world: factories.World) -> None:
    site.broker.kill()
    about_to_vote(site, world, "GM0001", "for")()
    status, health = site.health()
    assert (status, health["status"], health["database"], health["broker"]) == (200, "degraded", "ok", "missing")
    assert weights(world) == [75, 75, 75]
    began = time.monotonic()
    with db.transaction():
        rounds.close(world.ids, world.chair)
    assert time.monotonic() - began < 3  # however many jobs were asked for
    site.start()
    until(lambda: states(world) == {"counted"}, "the worker found the broker again and counted")


def test_a_count_does_not_wait_for_a_mailing_that_runs_when_the_broker_dies(
    site: Site, world: factories.World, mailserver: Mailserver
) -> None:
    mailserver.slowness = 2.0
    with db.transaction():
        person = db.session.scalars(select(Person)).first()
        assert person is not None
        for _ in range(60):  # two minutes of mail
            notify(NoticeKind.INVITATION, [person.id], member="")
    sent = len(mailserver.messages)
    until(lambda: len(mailserver.messages) > sent, "a mailing runs")
    site.broker.kill()
    with db.transaction():
        rounds.close(world.ids, world.chair)
    site.start()
    until(lambda: states(world) == {"counted"}, "the count came first", 60)
    assert len(mailserver.messages) < sent + 50


@contextmanager
def moved_away(file: Path) -> Iterator[None]:
    """The file of a database is elsewhere while this lasts; it goes first and comes back last, so it is never alone."""
    away = file.parent / "away"
    away.mkdir()
    names = [file.name, *(f"{file.name}{suffix}" for suffix in ("-wal", "-shm"))]
    for name in names:
        (file.parent / name).rename(away / name)
    yield
    for name in reversed(names):
        (away / name).rename(file.parent / name)
    away.rmdir()


@contextmanager
def no_database(site: Site) -> Iterator[None]:
    """Nobody gets into the database while this lasts."""
    url = make_url(site.database)
    if db.is_sqlite():
        with moved_away(Path(url.database or "")):
            yield
        return
    server = url.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [url.database])
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true')


def test_a_vote_waits_for_whoever_holds_the_database(site: Site, world: factories.World) -> None:
    send = about_to_vote(site, world, "GM0001", "for")
    with ThreadPoolExecutor() as pool:
        with db.transaction():  # on SQLite this is already the lock of all who write
            if not db.is_sqlite():
                db.session.execute(text("LOCK TABLE ballot IN SHARE MODE"))
            sending = waiting(pool, send)
            assert site.health()[0] == 200
        sending.result()
    assert weights(world) == [75, 75, 75]


def test_without_its_database_the_site_says_so_and_comes_back(site: Site, world: factories.World) -> None:
    about_to_vote(site, world, "GM0001", "for")()
    send = about_to_vote(site, world, "GM0002", "against")
    with no_database(site):
        status, health = site.health()
        assert (status, health["status"], health["database"]) == (503, "down", "missing")
        with pytest.raises(RuntimeError, match="500"):
            send()
        assert not Path(f"{make_url(site.database).database}").exists()  # nobody made an empty one in its place
    assert site.health()[0] == 200
    assert weights(world) == [75, 75, 75]
    send()
    assert weights(world) == [115, 115, 115]
