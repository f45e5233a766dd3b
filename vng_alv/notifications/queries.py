"""Reading notices."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.errors import Missing
from vng_alv.notifications.models import Notice, NoticeKind, NoticeState


def counts() -> dict[NoticeState, int]:
    """How many notices are in each state; every state has an entry."""
    found = {row[0]: row[1] for row in db.session.execute(select(Notice.state, func.count()).group_by(Notice.state))}
    return {state: found.get(state, 0) for state in NoticeState}


def notices(
    *, page: int, size: int, state: NoticeState | None = None, kind: NoticeKind | None = None
) -> Sequence[Notice]:
    """Notices with their person, newest first; ``page`` counts from 1. One more than ``size``."""
    query = select(Notice).options(joinedload(Notice.person)).order_by(Notice.created_at.desc(), Notice.id)
    if state:
        query = query.where(Notice.state == state)
    if kind:
        query = query.where(Notice.kind == kind)
    return db.session.scalars(query.limit(size + 1).offset((page - 1) * size)).all()


def get_notice(notice_id: uuid.UUID) -> Notice:
    """One notice. Raises ``Missing``."""
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        raise Missing("notice")
    return notice
