"""Closing rounds: by one hand, by the clock, by who may (docs/rules.md §4)."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.database.acting import bring, state_of, together, vote
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.voting import clock_queries
from vng_alv.voting.models import Round
from vng_alv.voting.service import annul, close, close_by_clock, open_rounds

pytestmark = pytest.mark.usefixtures("database")


def test_one_of_many_closings_wins(world: factories.World) -> None:
    def shut() -> str:
        with db.transaction():
            close(world.ids, world.chair)
        return "closed"

    answers = together([shut] * 8)
    assert answers.count("closed") == 1
    assert all(a == "closed" or (isinstance(a, Conflict) and a.refusal is Refusal.ROUND_STATE) for a in answers)


def test_the_clock_closes_what_nobody_closed(database: str) -> None:
    with db.transaction():
        world = factories.world(is_open=False)
        open_rounds(world.ids, world.chair, closes_at=datetime.now(UTC) + timedelta(seconds=1))
    threading.Event().wait(1.05)
    with pytest.raises(Refused):
        vote(world, 0)
    with db.transaction():
        overdue = clock_queries.overdue(db.now())
        assert set(overdue) == set(world.ids)
        for round_id in overdue:
            close_by_clock(round_id)
    assert state_of(world.ids[0]) == "closed"
    (entry,) = (entry for entry in log_of(world.ids[0]) if entry.act == "round.close")
    assert (entry.actor_id, entry.data) == (None, {"by": "clock"})


def test_the_clock_leaves_alone_what_changed_meanwhile(world: factories.World) -> None:
    """Between the sweep that found a round overdue and its closing, somebody extended it, or closed it by hand."""
    without, extended, closed = world.ids[:3]
    with db.transaction():
        db.session.get_one(Round, extended).closes_at = datetime.now(UTC) + timedelta(hours=1)
        db.session.get_one(Round, closed).closes_at = datetime.now(UTC) - timedelta(seconds=1)
        close([closed], world.chair)
    with db.transaction():
        for round_id in world.ids:
            close_by_clock(round_id)
    assert [state_of(round_id) for round_id in (without, extended, closed)] == ["open", "open", "closed"]
    assert [(entry.actor_id, entry.data) for entry in log_of(closed) if entry.act == "round.close"] == [
        (world.chair.id, {"by": "hand"})
    ]


def log_of(round_id: uuid.UUID) -> list[AuditEntry]:
    """What the log says of a round, in order."""
    about = select(AuditEntry).where(AuditEntry.subject == f"round:{round_id}").order_by(AuditEntry.id)
    with db.transaction(write=False):
        return list(db.session.scalars(about))


def test_the_log_names_who_did_each_step(database: str) -> None:
    with db.transaction():
        world = factories.world(is_open=False)
        bring(world.rounds[0], "published", world.chair)
        annul(world.rounds[0], "fout", world.chair)
    entries = log_of(world.ids[0])
    assert [(entry.act, entry.actor_id) for entry in entries] == [
        ("round.prepare", None),
        ("round.open", world.chair.id),
        ("round.close", world.chair.id),
        ("round.count", None),
        ("round.publish", world.chair.id),
        ("round.annul", world.chair.id),
    ]
    assert [entry.data for entry in entries if entry.act == "round.count"] == [{}]  # what was counted is not said yet


def test_only_the_chair_and_the_secretariat_run_rounds(world: factories.World) -> None:
    with db.transaction():
        auditor = factories.actor("controleur", Role.AUDITOR)
    for who in (world.delegates[0], auditor):
        with pytest.raises(Refused) as caught, db.transaction():
            close(world.ids, who)
        assert caught.value.refusal is Refusal.NOT_ALLOWED
