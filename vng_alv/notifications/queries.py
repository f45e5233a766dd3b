"""Reading notices."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.errors import Missing
from vng_alv.notifications.models import Notice, NoticeKind, NoticeState

#: What carries a link that works for some hours only: whoever still needs one asks for another.
SHORT = frozenset({NoticeKind.RESET_PASSWORD, NoticeKind.LEAVE_ADDRESS, NoticeKind.TAKE_ADDRESS})

#: A vote without an announced end is taken to be open for this long at most.
OPEN_FOR = timedelta(hours=12)


def counts() -> dict[NoticeState, int]:
    """How many notices are in each state; every state has an entry."""
    found = {row[0]: row[1] for row in db.session.execute(select(Notice.state, func.count()).group_by(Notice.state))}
    return {state: found.get(state, 0) for state in NoticeState}


def notices(
    *, page: int, size: int, state: NoticeState | None = None, kind: NoticeKind | None = None
) -> Sequence[Notice]:
    """Notices with their person, newest first; ``page`` counts from 1. One more than ``size``."""
    return db.session.scalars(_newest(state, kind).limit(size + 1).offset((page - 1) * size)).all()


def all_notices(*, state: NoticeState | None = None, kind: NoticeKind | None = None) -> Iterator[Notice]:
    """All of them in one statement; a thousand at a time are in memory."""
    return iter(db.session.scalars(_newest(state, kind).execution_options(yield_per=1_000)))


def _newest(state: NoticeState | None, kind: NoticeKind | None) -> Select[Notice]:
    query = select(Notice).options(joinedload(Notice.person)).order_by(Notice.created_at.desc(), Notice.id)
    if state:
        query = query.where(Notice.state == state)
    return query.where(Notice.kind == kind) if kind else query


def get_notice(notice_id: uuid.UUID) -> Notice:
    """One notice. Raises ``Missing``."""
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        raise Missing("notice")
    return notice


def find_oldest_queued() -> datetime | None:
    """When the mail was asked for that waits longest to be sent."""
    return db.session.scalar(select(func.min(Notice.created_at)).where(Notice.state == NoticeState.QUEUED))


def told_since(kind: NoticeKind, since: datetime) -> list[tuple[uuid.UUID, dict[str, Any]]]:
    """Who was told something of this kind after a moment, with what it was about."""
    rows = db.session.execute(
        select(Notice.person_id, Notice.context).where(Notice.kind == kind, Notice.created_at > since)
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True)
class Failed:
    """What was given up: the keys of what is still worth sending, its people, and how many others are over."""

    ids: Sequence[uuid.UUID]
    people: frozenset[uuid.UUID]
    over: int


def failed(now: datetime, kind: NoticeKind | None = None, *, lock: bool = False) -> Failed:
    """What was given up (of one kind); with ``lock``, for this transaction alone."""
    query = select(Notice.id, Notice.person_id, Notice.kind, Notice.context, Notice.created_at).where(
        Notice.state == NoticeState.FAILED
    )
    if kind:
        query = query.where(Notice.kind == kind)
    rows = db.session.execute(query.with_for_update() if lock else query).all()
    kept = [row for row in rows if not _is_over(row.kind, row.context, row.created_at, now)]
    return Failed([row.id for row in kept], frozenset(row.person_id for row in kept), len(rows) - len(kept))


def _is_over(kind: NoticeKind, context: dict[str, Any], asked_at: datetime, now: datetime) -> bool:
    """Whether a mail would say what is no longer so: its link works for hours only, or what it calls for has ended."""
    if ends := context.get("closes_at") or context.get("starts_at"):
        return datetime.fromisoformat(ends) <= now
    return kind in SHORT or (kind is NoticeKind.VOTE_OPENED and asked_at <= now - OPEN_FOR)
