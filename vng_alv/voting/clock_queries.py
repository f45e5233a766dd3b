"""What the clock has to do with rounds: what the sweep looks for."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select

from vng_alv import db
from vng_alv.domain.rounds import RoundState
from vng_alv.domain.timing import REMIND_BEFORE, is_to_be_reminded
from vng_alv.meetings.models import Meeting, MeetingKind
from vng_alv.voting.models import Ballot, RollEntry, Round
from vng_alv.voting.paper_models import PaperVote


def has_paper() -> ColumnElement[bool]:
    """Whether votes in a round are entered from paper: then no clock closes it, but a person, once they are in."""
    return select(PaperVote.round_id).where(PaperVote.round_id == Round.id).exists()


def uncounted() -> list[uuid.UUID]:
    """Rounds that were closed and not counted: what the sweep looks for. Secret ones wait for their tellers."""
    return list(
        db.session.scalars(
            select(Round.id)
            .where(Round.state == RoundState.CLOSED, ~Round.rehearsal, ~Round.secret)
            .order_by(Round.closed_at)
        )
    )


def planned_until(now: datetime, meeting_id: uuid.UUID) -> list[uuid.UUID]:
    """The rounds of a meeting that the clock is to open by now."""
    return list(
        db.session.scalars(
            select(Round.id).where(
                Round.meeting_id == meeting_id, Round.state == RoundState.SCHEDULED, Round.opens_at <= now
            )
        )
    )


def meetings_to_open(now: datetime) -> list[uuid.UUID]:
    """The meetings with rounds that the clock is to open by now."""
    return list(
        db.session.scalars(
            select(Round.meeting_id).where(Round.state == RoundState.SCHEDULED, Round.opens_at <= now).distinct()
        )
    )


def meetings_to_publish() -> list[uuid.UUID]:
    """The meetings that pronounce by themselves, where all that was closed is counted and not pronounced yet. Of what
    is secret a person looks first at what it would tell."""
    here = select(Round.id).where(Round.meeting_id == Meeting.id, ~Round.rehearsal, ~Round.secret)
    counted = here.where(Round.state == RoundState.COUNTED).exists()
    under_way = here.where(Round.state == RoundState.CLOSED).exists()
    return list(db.session.scalars(select(Meeting.id).where(Meeting.publishes_itself, counted, ~under_way)))


def to_remind(now: datetime) -> list[Round]:
    """The rounds of written consultations that close within some days, and of which nobody was reminded."""
    rows = db.session.scalars(
        select(Round)
        .join(Round.meeting)
        .where(
            Meeting.kind == MeetingKind.LEDENRAADPLEGING,
            Round.state == RoundState.OPEN,
            Round.reminded_at.is_(None),
            Round.closes_at > now,
            Round.closes_at <= now + REMIND_BEFORE,
            ~Round.rehearsal,
        )
    )
    return [one for one in rows if is_soon(one, now)]


def is_soon(one: Round, now: datetime) -> bool:
    """Whether a round is open and it is time to tell who has not voted in it."""
    if one.state is not RoundState.OPEN or one.opened_at is None or one.closes_at is None:
        return False
    return is_to_be_reminded(one.opened_at, one.closes_at, now)


def overdue(now: datetime) -> list[uuid.UUID]:
    """Rounds that are open after their announced closing."""
    return list(
        db.session.scalars(
            select(Round.id)
            .where(Round.state == RoundState.OPEN, Round.closes_at <= now, ~has_paper())
            .order_by(Round.closes_at)
        )
    )


def members_without_ballot(round_ids: Sequence[uuid.UUID]) -> list[tuple[uuid.UUID, uuid.UUID, str]]:
    """(round, member, name of the member) for each member of a roll that cast nothing in that round, by name."""
    cast = select(Ballot.version).where(
        Ballot.round_id == RollEntry.round_id, Ballot.member_id == RollEntry.member_id, Ballot.version == 1
    )
    rows = db.session.execute(
        select(RollEntry.round_id, RollEntry.member_id, RollEntry.name)
        .where(RollEntry.round_id.in_(round_ids), ~cast.exists())
        .order_by(RollEntry.name, RollEntry.code)
    )
    return [(row[0], row[1], row[2]) for row in rows]
