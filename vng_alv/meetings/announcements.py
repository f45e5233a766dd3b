"""Messages of the chair to every screen of a meeting: the table, saying one, taking it back, and reading it."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.db import Base, uuid_key
from vng_alv.domain import announcing
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.jobs import Job, defer
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import lock_meeting


class Announcement(Base):
    """A message to every screen of a meeting. One stands at a time: the next one ends it."""

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint(f"length(text) BETWEEN 1 AND {announcing.MAX_TEXT}", name="text_is_short"),
        CheckConstraint("until > said_at", name="until_after_saying"),
        Index(
            "uq_announcement_stands",
            "meeting_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"))
    text: Mapped[str] = mapped_column(String(announcing.MAX_TEXT))
    said_at: Mapped[datetime]
    #: When it takes itself away.
    until: Mapped[datetime]
    #: When it was taken back, or another one took its place.
    ended_at: Mapped[datetime | None]
    #: Who said it; nobody where that was done at the terminal.
    said_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))


def say(meeting: Meeting, words: str, minutes: int, actor: Actor | None) -> Announcement:
    """Show a message on every screen of a meeting, in the place of the one that stands.

    Raises ``Refused(NOT_ALLOWED, ANNOUNCEMENT_TEXT or ANNOUNCEMENT_TIME)``.
    """
    _allowed(actor)
    words = announcing.tidy(words)
    if refusal := announcing.may_say(words, minutes):
        raise Refused(refusal, most=announcing.MAX_TEXT, longest=announcing.LONGEST)
    lock_meeting(meeting.id)
    now = db.now()
    _end(meeting.id, now)
    made = Announcement(
        id=uuid.uuid4(),
        meeting_id=meeting.id,
        text=words,
        said_at=now,
        until=announcing.ends(now, minutes),
        said_by=actor.id if actor else None,
    )
    db.session.add(made)
    db.session.flush()
    record("meeting.say", actor, f"meeting:{meeting.id}", text=words, until=made.until.isoformat())
    _tell(meeting.id)
    return made


def take_back(meeting: Meeting, actor: Actor | None) -> bool:
    """Take the message that stands off every screen; False where there is none any more."""
    _allowed(actor)
    lock_meeting(meeting.id)
    now = db.now()
    ended = _end(meeting.id, now)
    if ended is None or ended.until <= now:
        return False
    record("meeting.unsay", actor, f"meeting:{meeting.id}", text=ended.text)
    _tell(meeting.id)
    return True


def find_announcement(meeting_id: uuid.UUID) -> Announcement | None:
    """What every screen of a meeting is to show now."""
    return db.session.scalars(
        select(Announcement).where(
            Announcement.meeting_id == meeting_id, Announcement.ended_at.is_(None), Announcement.until > db.now()
        )
    ).one_or_none()


def announcing_meetings(since: datetime) -> Sequence[uuid.UUID]:
    """The meetings whose screens may have a message to show, or to take away, that changed after ``since``."""
    return db.session.scalars(
        select(Announcement.meeting_id)
        .where((Announcement.until > since) | (Announcement.ended_at > since))
        .distinct()
        .order_by(Announcement.meeting_id)
    ).all()


def _allowed(actor: Actor | None) -> None:
    if actor is not None and not actor.may(Permission.RUN_ROUNDS):
        raise Refused(Refusal.NOT_ALLOWED)


def _end(meeting_id: uuid.UUID, now: datetime) -> Announcement | None:
    """End the message that no other one ended yet; its time may be over."""
    standing = db.session.scalars(
        select(Announcement).where(Announcement.meeting_id == meeting_id, Announcement.ended_at.is_(None))
    ).one_or_none()
    if standing is not None:
        standing.ended_at = now
        db.session.flush()
    return standing


def _tell(meeting_id: uuid.UUID) -> None:
    defer(Job.PUBLISH_STANDING, meeting_id=str(meeting_id))
