"""What the secretariat looks at across all features. No number of queries grows with the members."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from vng_alv import db
from vng_alv.accounts.models import Invitation, Person
from vng_alv.accounts.queries import has_account
from vng_alv.consultation.models import Comment, Consultation
from vng_alv.consultation.queries import open_consultations
from vng_alv.domain.rounds import RoundState
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.meetings.queries import holders
from vng_alv.members.models import Member, Office
from vng_alv.members.queries import members_on
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting.models import Round

#: Nobody is reminded again within this.
REMIND_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Due:
    """Rounds of one meeting in one state that waits for somebody."""

    meeting_code: str
    meeting_title: str
    state: RoundState
    number: int


def rounds_due() -> list[Due]:
    """What is prepared, open, being counted or to be pronounced, by meeting."""
    waiting = (RoundState.DRAFT, RoundState.SCHEDULED, RoundState.OPEN, RoundState.CLOSED, RoundState.COUNTED)
    rows = db.session.execute(
        select(Meeting.code, Meeting.title, Round.state, func.count())
        .join(Round, Round.meeting_id == Meeting.id)
        .where(Round.state.in_(waiting), ~Round.rehearsal)
        .group_by(Meeting.id, Meeting.code, Meeting.title, Meeting.starts_at, Round.state)
        .order_by(Meeting.starts_at, Meeting.code, Round.state)
    )
    return [Due(*row) for row in rows]


def find_next_meeting(since: datetime) -> Meeting | None:
    """The first meeting that starts at ``since`` or later."""
    return db.session.scalars(
        select(Meeting).where(Meeting.starts_at >= since).order_by(Meeting.starts_at, Meeting.code).limit(1)
    ).first()


def reactions(now: datetime, members: Sequence[Member]) -> list[tuple[Consultation, int]]:
    """The consultations in which members may react now, with how many of ``members`` sent something."""
    found, here = open_consultations(now), {member.id for member in members}
    sent: Counter[uuid.UUID] = Counter()
    rows = db.session.execute(
        select(Comment.consultation_id, Comment.member_id)
        .distinct()
        .where(Comment.consultation_id.in_([c.id for c in found]), Comment.sent_at.is_not(None))
    )
    for consultation_id, member_id in rows:
        sent[consultation_id] += member_id in here
    return [(consultation, sent[consultation.id]) for consultation in found]


def delegates(meeting_id: uuid.UUID, day: date) -> list[tuple[Member, Mandate | None]]:
    """The members of a day by name, each with the mandate that its votes are cast with now; a proxy's is another's."""
    held = holders(meeting_id)
    return [(member, held.get(member.id)) for member in members_on(day)]


def _pattern(search: str) -> str:
    return "%" + search.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"


class Stage(StrEnum):
    """How far somebody's invitation is."""

    ACCEPTED = "accepted"
    WAITING = "waiting"
    EXPIRED = "expired"


def _at(stage: Stage, now: datetime) -> ColumnElement[bool]:
    usable = select(Invitation.id).where(
        Invitation.person_id == Person.id, Invitation.accepted_at.is_(None), Invitation.expires_at > now
    )
    if stage is Stage.ACCEPTED:
        return has_account()
    waiting = ~has_account() & Person.active
    return waiting if stage is Stage.WAITING else waiting & ~usable.exists()


def people(*, page: int, size: int, now: datetime, search: str = "", stage: Stage | None = None) -> Sequence[Person]:
    """People by name, found by a part of their name, address or municipality; ``page`` counts from 1.

    ``WAITING`` are all who have no account yet, ``EXPIRED`` those of them without a link that works. One more than
    ``size``, to know of a next page.
    """
    query = select(Person).options(selectinload(Person.roles)).order_by(func.lower(Person.name), Person.id)
    if search:
        like = _pattern(search)
        works_there = (
            select(Office.id)
            .join(Office.member)
            .where(Office.person_id == Person.id, func.lower(Member.name).like(like, escape="\\"))
        )
        named = func.lower(Person.name).like(like, escape="\\") | Person.email.like(like, escape="\\")
        query = query.where(named | works_there.exists())
    if stage:
        query = query.where(_at(stage, now))
    return db.session.scalars(query.limit(size + 1).offset((page - 1) * size)).all()


def count_waiting(now: datetime) -> int:
    """How many people have no account yet."""
    return db.session.execute(select(func.count()).select_from(Person).where(_at(Stage.WAITING, now))).scalar_one()


def to_remind(now: datetime, since: datetime | None = None) -> Sequence[uuid.UUID]:
    """Who has no account yet and got no invitation or reminder in the last day (or since another moment)."""
    told = select(Notice.id).where(
        Notice.person_id == Person.id,
        Notice.kind.in_([NoticeKind.INVITATION, NoticeKind.INVITATION_REMINDER]),
        Notice.created_at > (since or now - REMIND_AFTER),
    )
    return db.session.scalars(
        select(Person.id).where(_at(Stage.WAITING, now), ~told.exists()).order_by(Person.id)
    ).all()


def names_of_people(person_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names of several people."""
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(set(person_ids))))
    return {row[0]: row[1] for row in rows}


def names_of_members(member_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names of several members."""
    rows = db.session.execute(select(Member.id, Member.name).where(Member.id.in_(set(member_ids))))
    return {row[0]: row[1] for row in rows}


def all_names_of_people() -> dict[uuid.UUID, str]:
    """The names of all people."""
    return {row[0]: row[1] for row in db.session.execute(select(Person.id, Person.name))}


def all_names_of_members() -> dict[uuid.UUID, str]:
    """The names of all members, former ones too."""
    return {row[0]: row[1] for row in db.session.execute(select(Member.id, Member.name))}
