"""Counting by the worker: once, without a hand, whatever dies (docs/rules.md §9)."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import redis
from sqlalchemy import create_engine, func, select, text

from tests import factories
from tests.worker.conftest import states
from tests.worker.running import Site, until
from vng_alv import db, jobs
from vng_alv.audit.models import AuditEntry
from vng_alv.voting import service as rounds
from vng_alv.voting.cast import cast
from vng_alv.voting.models import Result


def vote(world: factories.World, *choices: str) -> None:
    """Each member in turn casts its choice in every round."""
    for member, delegate, choice in zip(world.members, world.delegates, choices, strict=False):
        with db.transaction(write=False):
            cast(world.meeting.code, member.code, dict.fromkeys(world.ids, choice), uuid.uuid4(), delegate)


def close(world: factories.World) -> None:
    with db.transaction():
        rounds.close(world.ids, world.chair)


def assert_counted_once(world: factories.World, *numbers: int) -> None:
    """Every round has one result with these votes for, against and abstaining, and one entry in the log."""
    until(lambda: states(world) == {"counted"}, "the rounds are counted")
    with db.transaction(write=False):
        results = list(db.session.scalars(select(Result).where(Result.round_id.in_(world.ids))))
        entries = db.session.scalar(
            select(func.count())
            .select_from(AuditEntry)
            .where(AuditEntry.act == "round.count", AuditEntry.subject.in_([f"round:{key}" for key in world.ids]))
        )
    assert [(r.weight_for, r.weight_against, r.weight_abstain) for r in results] == [numbers] * 3
    assert entries == 3


def test_a_closed_round_is_counted_by_the_worker(site: Site, world: factories.World) -> None:
    vote(world, "for", "against", "abstain")
    close(world)
    assert_counted_once(world, 75, 40, 1)


def test_the_clock_closes_and_counts(site: Site, assembly: Callable[..., factories.World]) -> None:
    world = assembly(closes_at=datetime.now(UTC) + timedelta(seconds=4))
    vote(world, "for", "for")
    assert_counted_once(world, 115, 0, 0)
    with db.transaction(write=False):
        by = select(AuditEntry.data).where(
            AuditEntry.act == "round.close", AuditEntry.subject == f"round:{world.ids[0]}"
        )
        assert db.session.scalars(by).all() == [{"by": "clock"}]


def test_a_job_that_was_lost_is_found_by_the_sweep(site: Site, world: factories.World) -> None:
    vote(world, "against")
    site.worker.kill()
    close(world)
    with closing(redis.Redis.from_url(site.broker.url)) as broker:
        assert broker.llen("celery") > 0
        broker.flushall()
    site.start()
    assert_counted_once(world, 0, 75, 0)


def in_hand(site: Site) -> set[str]:
    """The jobs that a worker took and did not finish."""
    with closing(redis.Redis.from_url(site.broker.url)) as broker:
        return {json.loads(raw)[0]["headers"]["task"] for raw in broker.hvals("unacked")}


@contextmanager
def results_held(site: Site) -> Iterator[Callable[[], bool]]:
    """Nobody can write a result while this lasts; yields a function that tells whether somebody waits to."""
    if db.is_sqlite():
        engine = create_engine(site.database)
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield lambda: jobs.Job.TALLY in in_hand(site)
        engine.dispose()
        return
    with psycopg.connect(site.database.replace("+psycopg", "")) as connection:
        connection.execute("LOCK TABLE result IN SHARE MODE")
        waiting = "SELECT FROM pg_locks WHERE relation = 'result'::regclass AND NOT granted"
        yield lambda: bool(connection.execute(waiting).fetchall())
        connection.rollback()


def test_a_worker_that_is_killed_in_mid_tally_is_made_up_for(site: Site, world: factories.World) -> None:
    vote(world, "for", "for", "against")
    site.worker.kill()
    close(world)
    with results_held(site) as somebody_waits:
        site.worker.start()
        # On the embedded database other jobs wait for the same lock, each for its 15 seconds, and may be first.
        until(somebody_waits, "the worker is about to write a result", 120)
        site.worker.kill()
    assert states(world) == {"closed"}
    site.start()
    assert_counted_once(world, 115, 1, 0)


def test_a_round_is_counted_once_however_often_it_is_asked_for(site: Site, world: factories.World) -> None:
    vote(world, "for")
    close(world)
    for _ in range(3):
        for key in world.ids:
            jobs.producer.send_task(jobs.Job.TALLY.value, kwargs={"round_id": str(key)}, ignore_result=True)
    assert_counted_once(world, 75, 0, 0)


def test_a_job_that_fails_is_in_the_log_of_the_worker(site: Site, world: factories.World) -> None:
    strange = uuid.uuid4().hex[:20]
    jobs.producer.send_task(jobs.Job.TALLY.value, kwargs={"round_id": strange}, ignore_result=True)

    def logged() -> list[str]:
        lines = [line for line in site.worker.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if "ValueError" in json.loads(line).get("exception", "")]

    until(logged, "the failure is in the log")
    vote(world, "for")
    close(world)
    assert_counted_once(world, 75, 0, 0)


def test_the_log_is_sealed_and_the_chain_holds(site: Site, world: factories.World) -> None:
    vote(world, "for")
    close(world)
    assert_counted_once(world, 75, 0, 0)
    unsealed = text("SELECT count(*) FROM audit_entry e WHERE NOT EXISTS "
                    "(SELECT 1 FROM audit_seal s WHERE s.entry_id = e.id)")  # fmt: skip

    def all_sealed() -> bool:
        with db.transaction(write=False):
            return db.session.scalar(unsealed) == 0

    until(all_sealed, "every entry is sealed")
    said = site.alv("audit", "verify")
    assert (said.returncode, said.stderr) == (0, "")
    assert "De keten klopt" in said.stdout
    assert "0 wachten nog" in said.stdout
