"""The archives of meetings that the worker makes: that one was asked for, how far it is, and what came of it."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.db import Base
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.jobs import Job, defer
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import lock_meeting

#: A worker that said nothing for so long is dead, and another one begins anew.
SILENCE = timedelta(minutes=2)


class MeetingArchive(Base):
    """The archive of a meeting as it was asked for last; the file is in the data folder, and who asked is in the log.

    It is finished with a size and a checksum, or, where it could not be made, without.
    """

    __tablename__ = "meeting_archive"
    __table_args__ = (
        CheckConstraint("done BETWEEN 0 AND total", name="done_of_total"),
        CheckConstraint("(size IS NULL) = (sha256 IS NULL)", name="size_with_sha256"),
        CheckConstraint("sha256 IS NULL OR finished_at IS NOT NULL", name="made_is_finished"),
    )

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    asked_at: Mapped[datetime]
    #: When a worker was last heard of.
    heard_at: Mapped[datetime | None]
    #: Steps done, of how many.
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    #: In bytes.
    size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))


def find_archive(meeting_id: uuid.UUID) -> MeetingArchive | None:
    """The archive of a meeting, if it was ever asked for."""
    return db.session.get(MeetingArchive, meeting_id)


def ask(meeting: Meeting, actor: Actor) -> None:
    """Let the worker make the archive, also once more; one that is being made is left alone.

    Raises ``Refused(NOT_ALLOWED)``.
    """
    if not actor.may(Permission.MANAGE_MEETINGS):
        raise Refused(Refusal.NOT_ALLOWED)
    lock_meeting(meeting.id)
    found = db.session.get(MeetingArchive, meeting.id, populate_existing=True)
    if found is not None and found.finished_at is None:
        return
    found = found or MeetingArchive(meeting_id=meeting.id)
    found.asked_at, found.heard_at, found.finished_at = db.now(), None, None
    found.done = found.total = 0
    found.size = found.sha256 = None
    db.session.add(found)
    db.session.flush()
    record("meeting.archive", actor, f"meeting:{meeting.id}")
    defer(Job.MAKE_ARCHIVE, meeting_id=str(meeting.id))


def _waiting(now: datetime) -> ColumnElement[bool]:
    silent = or_(MeetingArchive.heard_at.is_(None), MeetingArchive.heard_at < now - SILENCE)
    return MeetingArchive.finished_at.is_(None) & silent


def waiting() -> Sequence[uuid.UUID]:
    """The meetings whose archive no worker is making: what the sweep looks for."""
    return db.session.scalars(
        select(MeetingArchive.meeting_id).where(_waiting(db.now())).order_by(MeetingArchive.asked_at)
    ).all()


def take(meeting_id: uuid.UUID) -> str | None:
    """Begin with an archive that waits, and return the code of its meeting; None where another worker has it."""
    found = db.session.scalars(
        select(MeetingArchive)
        .where(MeetingArchive.meeting_id == meeting_id, _waiting(db.now()))
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if found is None:
        return None
    found.heard_at, found.done, found.total = db.now(), 0, 0
    db.session.flush()
    return db.session.get_one(Meeting, meeting_id).code


def reach(meeting_id: uuid.UUID, done: int, total: int) -> None:
    """Say how far it is."""
    db.session.execute(
        update(MeetingArchive)
        .where(MeetingArchive.meeting_id == meeting_id, MeetingArchive.finished_at.is_(None))
        .values(done=done, total=total, heard_at=db.now())
    )


def finish(meeting_id: uuid.UUID, made: tuple[int, str] | None) -> None:
    """Say that it is there, with its size in bytes and its SHA-256, or that it could not be made."""
    size, sha256 = made or (None, None)
    db.session.execute(
        update(MeetingArchive)
        .where(MeetingArchive.meeting_id == meeting_id)
        .values(finished_at=db.now(), size=size, sha256=sha256)
    )
    if made:
        record_made(meeting_id, made)


def record_made(meeting_id: uuid.UUID, made: tuple[int, str]) -> None:
    """Write in the log which file it was."""
    record("meeting.archived", None, f"meeting:{meeting_id}", size=made[0], sha256=made[1])
