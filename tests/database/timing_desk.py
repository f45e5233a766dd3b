"""A clock that tests set, and a written consultation of some weeks."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests import factories
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import MeetingKind
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting import clock_queries, timing
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round
from vng_alv.voting.service import close_by_clock, open_by_clock

#: What sets the clock, of Python and of the database as the application asks it.
SetClock = Callable[[datetime], None]


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def refuses(refusal: Refusal, act: Any, *args: object) -> None:
    """The act is refused for this reason, and nothing of it stays."""
    with pytest.raises(Refused) as caught, db.transaction():
        act(*args)
    assert caught.value.refusal is refusal


def round_of(key: uuid.UUID) -> Round:
    """A round as it is now."""
    with db.transaction(write=False):
        return db.session.get_one(Round, key)


@contextmanager
def clock(monkeypatch: pytest.MonkeyPatch, start: datetime) -> Iterator[SetClock]:
    """The moment stands still at ``start`` until it is set; yields what sets it."""
    monkeypatch.setattr(db, "now", lambda: datetime.now(UTC))
    with time_machine.travel(start, tick=False) as traveller:
        yield traveller.move_to


def consultation(lasts: timedelta, *, publishes_itself: bool = False, code: str = "raadpleging") -> factories.World:
    """A written consultation that began an hour ago, with rounds in draft, and one delegate for each member."""
    factories.association()
    members = [factories.member(n, population) for n, population in enumerate((250_000, 40_500, 999), 1)]
    people = [factories.clerk(m) for m in members]
    start = db.now() - timedelta(hours=1)
    at = meetings.create(
        code, "Raadpleging", MeetingKind.LEDENRAADPLEGING, start, "", None, ends_at=start + lasts,
        publishes_itself=publishes_itself,
    )  # fmt: skip
    for m, p in zip(members, people, strict=True):
        meetings.give_mandate(at, m, p, None)
    made = rounds.prepare(factories.proposal(at), None)
    chair = factories.actor("voorzitter", Role.CHAIR, password=factories.PASSWORD)
    return factories.World(at, members, [factories.get_actor(p.id) for p in people], made, chair)


def planned(world: factories.World, opens_in: timedelta = HOUR, closes_in: timedelta | None = None) -> None:
    now = db.now()
    with db.transaction():
        timing.schedule(world.ids, now + opens_in, now + closes_in if closes_in else None, world.chair)


def sweep() -> None:
    """What the worker does about the clock, each in a transaction of its own."""
    with db.transaction(write=False):
        to_open, overdue = clock_queries.meetings_to_open(db.now()), clock_queries.overdue(db.now())
    for key in to_open:
        with db.transaction():
            open_by_clock(key)
    for key in overdue:
        with db.transaction():
            close_by_clock(key)


def reminded() -> dict[str, dict[str, Any]]:
    """What each person was reminded of, by address."""
    with db.transaction(write=False):
        rows = db.session.execute(
            select(Person.email, Notice.context)
            .join(Person, Person.id == Notice.person_id)
            .where(Notice.kind == NoticeKind.VOTE_REMINDER)
        ).all()
    assert len({email for email, _ in rows}) == len(rows)
    return {email.partition("@")[0]: context for email, context in rows}


def remind() -> int:
    with db.transaction(write=False):
        keys = {one.meeting_id for one in clock_queries.to_remind(db.now())}
    told = 0
    for key in keys:
        with db.transaction():
            told += timing.remind(key)
    return told
