"""The minutes that the secretariat published: files as they were drawn up, each in the place of the one before it."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, undefer

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.db import Base, enum_of
from vng_alv.domain.consultation import FileKind, safe_name
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import lock_meeting


class Minutes(Base):
    """One version of the minutes of a meeting. Append-only; the newest counts, the others stay to be read."""

    __tablename__ = "minutes"
    __table_args__ = (
        UniqueConstraint("meeting_id", "sha256"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("size BETWEEN 1 AND 10000000", name="size"),
    )

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[FileKind] = mapped_column(enum_of(FileKind))
    #: In bytes.
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: Who did it is in the log.
    published_at: Mapped[datetime]


def minutes_of(meeting_id: uuid.UUID) -> Sequence[Minutes]:
    """The versions of a meeting, the newest first, without what is in them."""
    return db.session.scalars(
        select(Minutes).where(Minutes.meeting_id == meeting_id).order_by(Minutes.number.desc())
    ).all()


def get_minutes(meeting_id: uuid.UUID, number: int) -> Minutes:
    """One version with what is in it. Raises ``Missing``."""
    found = None
    if 1 <= number <= MOST:
        found = db.session.scalars(
            select(Minutes)
            .options(undefer(Minutes.content))
            .where(Minutes.meeting_id == meeting_id, Minutes.number == number)
        ).one_or_none()
    if found is None:
        raise Missing("minutes")
    return found


#: More versions than this no meeting has, whatever an address says.
MOST = 1_000


def publish(meeting: Meeting, name: str, data: bytes, kind: FileKind, actor: Actor) -> Minutes:
    """Publish a file that was checked as the next version. Raises ``Refused(NOT_ALLOWED)``, ``Conflict(SAME_FILE)``."""
    if not actor.may(Permission.MANAGE_MEETINGS):
        raise Refused(Refusal.NOT_ALLOWED)
    lock_meeting(meeting.id)
    sha256, before = hashlib.sha256(data).hexdigest(), minutes_of(meeting.id)
    if any(one.sha256 == sha256 for one in before):
        raise Conflict(Refusal.SAME_FILE)
    made = Minutes(
        meeting_id=meeting.id, number=before[0].number + 1 if before else 1, name=safe_name(name, kind), kind=kind,
        size=len(data), sha256=sha256, content=data, published_at=db.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    record("minutes.publish", actor, f"meeting:{meeting.id}", number=made.number, name=made.name, sha256=sha256)
    return made
