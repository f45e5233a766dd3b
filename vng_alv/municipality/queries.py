"""What a municipality sees of itself. No number of queries grows with its people."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.accounts.models import Invitation, Person
from vng_alv.accounts.queries import has_account, open_invitations
from vng_alv.consultation.models import Comment, Consultation
from vng_alv.consultation.queries import open_consultations
from vng_alv.domain.clock import start_of_day
from vng_alv.domain.rounds import RoundState, takes_ballots
from vng_alv.meetings.models import Mandate, Meeting, Proxy
from vng_alv.meetings.queries import coming_meetings, holders, mandates_at, proxies_of
from vng_alv.members.models import Member, Office
from vng_alv.voting.models import Ballot, RollEntry, Round
from vng_alv.voting.queries import open_meetings


@dataclass(frozen=True)
class Worker:
    """Somebody who works for the member."""

    office: Office
    accepted: bool
    invitation: Invitation | None


@dataclass(frozen=True)
class AtMeeting:
    """Who votes for the member at a meeting, now and before."""

    meeting: Meeting
    #: The mandate that its votes are cast with: its own, or that of the member that has its proxy.
    mandate: Mandate | None
    history: list[Mandate]
    given: Proxy | None
    received: list[Proxy]
    ended_proxies: list[Proxy]


@dataclass(frozen=True)
class ToReact:
    """A consultation that runs, and whether the member sent its reaction."""

    consultation: Consultation
    sent: bool


@dataclass(frozen=True)
class ToVote:
    """A meeting in which the member is asked something now."""

    meeting: Meeting
    questions: int
    left: int
    closes_at: datetime | None


def people_of(member_id: uuid.UUID) -> list[Worker]:
    """Everybody who works for a member, by office and name."""
    rows = db.session.execute(
        select(Office, has_account())
        .join(Office.person)
        .options(joinedload(Office.person))
        .where(Office.member_id == member_id)
        .order_by(Person.name, Person.id)
    ).all()
    invitations = open_invitations([office.person_id for office, _ in rows])
    return [Worker(office, bool(accepted), invitations.get(office.person_id)) for office, accepted in rows]


def at_meeting(meeting: Meeting, member: Member) -> AtMeeting:
    """Who votes for a member at one meeting."""
    return _at(member, [meeting])[0]


def at_meetings(member: Member, now: datetime) -> list[AtMeeting]:
    """Who votes for a member at the meetings that are to come or under way, the first one first."""
    coming = {m.id: m for m in (*coming_meetings(start_of_day(now)), *open_meetings())}
    return _at(member, sorted(coming.values(), key=lambda m: (m.starts_at, m.code)))


def _at(member: Member, meetings: Sequence[Meeting]) -> list[AtMeeting]:
    ids = [m.id for m in meetings]
    mandates, proxies = mandates_at(ids, member.id), proxies_of(ids, member.id)
    found = []
    for meeting in meetings:
        own = [m for m in mandates if m.meeting_id == meeting.id]
        here = [p for p in proxies if p.meeting_id == meeting.id]
        given = next((p for p in here if p.until is None and p.member_id == member.id), None)
        received = [p for p in here if p.until is None and p.to_member_id == member.id]
        mandate = holders(meeting.id).get(member.id) if given else next((m for m in own if m.until is None), None)
        ended = [p for p in here if p.until is not None]
        found.append(AtMeeting(meeting, mandate, own, given, received, ended))
    return found


def to_react(member_id: uuid.UUID, now: datetime) -> list[ToReact]:
    """The consultations that run, the nearest deadline first."""
    found = open_consultations(now)
    sent = set(
        db.session.scalars(
            select(Comment.consultation_id).where(
                Comment.consultation_id.in_([c.id for c in found]),
                Comment.member_id == member_id,
                Comment.sent_at.is_not(None),
            )
        )
    )
    return [ToReact(c, c.id in sent) for c in found]


def to_vote(member_id: uuid.UUID, now: datetime) -> list[ToVote]:
    """The meetings in which the member may vote now."""
    voted = (
        select(func.count())
        .select_from(Ballot)
        .where(Ballot.round_id == Round.id, Ballot.member_id == member_id, Ballot.version == 1)
        .correlate(Round)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Round, voted)
        .join(RollEntry, (RollEntry.round_id == Round.id) & (RollEntry.member_id == member_id))
        .options(joinedload(Round.meeting))
        .where(Round.state == RoundState.OPEN, ~Round.rehearsal)
        .order_by(Round.number)
    ).all()
    found: dict[uuid.UUID, ToVote] = {}
    for one, done in rows:
        if not takes_ballots(one.state, one.closes_at, now, one.way):
            continue
        before = found.get(one.meeting_id, ToVote(one.meeting, 0, 0, None))
        ends = min((at for at in (before.closes_at, one.closes_at) if at), default=None)
        found[one.meeting_id] = ToVote(one.meeting, before.questions + 1, before.left + (not done), ends)
    return list(found.values())
