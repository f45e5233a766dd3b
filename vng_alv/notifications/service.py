"""Asking for notices, and sending them. The row is the outbox; the worker sends what is due (docs/operating.md)."""

import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import structlog
from sqlalchemy import case, insert, select, update
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor
from vng_alv.jobs import Job, defer
from vng_alv.notifications.models import Notice, NoticeKind, NoticeState
from vng_alv.notifications.queries import Failed, failed

log = structlog.get_logger()

#: Pauses before the next attempt, in seconds; after the last one a notice is given up and shown.
PAUSES = (10, 60, 300, 1_800, 7_200, 21_600)
#: A worker that took a notice has this long, in seconds, before another may take it.
LEASE = 120
BATCH = 20
#: Somebody waits for these while they look at a page, so a mailing to everybody does not go before them.
URGENCY = {NoticeKind.RECEIPT: 0, NoticeKind.INVITATION: 1}


def notify(kind: NoticeKind, person_ids: Iterable[uuid.UUID], **context: Any) -> int:
    """Ask for one notice of ``kind`` for each person, with facts for its texts; returns how many."""
    return notify_each(kind, [(person_id, context) for person_id in person_ids])


def notify_each(kind: NoticeKind, people: Iterable[tuple[uuid.UUID, dict[str, Any]]]) -> int:
    """The same with facts of each person's own."""
    now = db.now()
    rows = [
        {
            "id": uuid.uuid4(),
            "kind": kind,
            "person_id": person_id,
            "context": context,
            "state": NoticeState.QUEUED,
            "created_at": now,
            "next_attempt_at": now,
            "attempts": 0,
            "last_error": "",
        }
        for person_id, context in people
    ]
    if rows:
        db.session.execute(insert(Notice), rows)
        defer(Job.SEND_NOTICES)
    return len(rows)


def _take() -> list[uuid.UUID]:
    """Lease a batch of due notices to this worker: the urgent kinds first, then the oldest."""
    now = db.now()
    due = (
        select(Notice.id)
        .where(Notice.state == NoticeState.QUEUED, Notice.next_attempt_at <= now)
        .order_by(case(URGENCY, value=Notice.kind, else_=len(URGENCY)), Notice.next_attempt_at, Notice.created_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = list(db.session.scalars(due))
    if ids:
        db.session.execute(
            update(Notice)
            .where(Notice.id.in_(ids))
            .values(next_attempt_at=now + timedelta(seconds=LEASE), attempts=Notice.attempts + 1)
        )
    return ids


def _mark(notice_id: uuid.UUID, error: Exception | None) -> None:
    notice = db.session.get_one(Notice, notice_id)
    if error is None:
        notice.state, notice.sent_at, notice.last_error = NoticeState.SENT, db.now(), ""
        return
    notice.last_error = f"{type(error).__name__}: {error}"[:500]
    if notice.attempts > len(PAUSES):
        notice.state = NoticeState.FAILED
    else:
        notice.next_attempt_at = db.now() + timedelta(seconds=PAUSES[notice.attempts - 1])


def send_due(compose: Callable[[Notice, Person], EmailMessage], deliver: Callable[[EmailMessage], None]) -> int:
    """Send a batch of what is due; returns how many were taken. No transaction is open meanwhile.

    ``deliver`` raises ``OSError`` (which SMTP errors are) when a message was not accepted. A worker that dies between
    that and the mark sends it again with the same Message-ID, which mail systems recognise.
    """
    with db.transaction():
        taken = _take()
    for notice_id in taken:
        failed: Exception | None = None
        try:
            with db.transaction(write=False):
                notice = db.session.get_one(Notice, notice_id, options=[joinedload(Notice.person)])
                message = compose(notice, notice.person)
            deliver(message)
        except Exception as error:  # a text that cannot be made must not stop the others
            failed = error
            log.warning("notice_not_sent", notice=str(notice_id), error=repr(error)[:500])
        with db.transaction():
            _mark(notice_id, failed)
    return len(taken)


def resend_failed(actor: Actor | None, kind: NoticeKind | None = None) -> Failed:
    """Try again now all that was given up (of one kind), less what is over; returns what is sent."""
    found = failed(db.now(), kind, lock=True)
    if found.ids:
        fresh = {"state": NoticeState.QUEUED, "attempts": 0, "next_attempt_at": db.now()}
        db.session.execute(
            update(Notice).where(Notice.id.in_(found.ids)).values(fresh).execution_options(synchronize_session=False)
        )
        record("notices.resend", actor, "notices", number=len(found.ids), people=len(found.people))
        defer(Job.SEND_NOTICES)
    return found


def resend(notice: Notice) -> None:
    """Try again now what was given up or waits."""
    if notice.state is not NoticeState.SENT:
        notice.state, notice.attempts, notice.next_attempt_at = NoticeState.QUEUED, 0, db.now()
        db.session.flush()
        defer(Job.SEND_NOTICES)
