"""What the clock brings: ends of terms, openings and closings, and meetings, of today and of the days after it.

No number of queries grows with what there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.consultation.models import Consultation
from vng_alv.domain.clock import day_of, start_of_day
from vng_alv.domain.rounds import RoundState
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import coming_meetings
from vng_alv.members.queries import get_association
from vng_alv.proposals.models import Proposal
from vng_alv.submissions.queries import closes_at
from vng_alv.voting.models import Round

#: So many days after today are shown with it.
DAYS = 7


class What(StrEnum):
    """What happens at a moment."""

    MEETING = "meeting"
    MEETING_ENDS = "meeting_ends"
    REACTING_ENDS = "reacting_ends"
    SUBMITTING_ENDS = "submitting_ends"
    ROUNDS_OPEN = "rounds_open"
    ROUNDS_CLOSE = "rounds_close"


@dataclass(frozen=True)
class Event:
    """Something that happens at a moment, of a meeting or of one text of it."""

    at: datetime
    what: What
    meeting: Meeting
    proposal: Proposal | None = None
    number: int = 1


@dataclass(frozen=True)
class Agenda:
    """What today brings, and what the days after it do."""

    today: Sequence[Event]
    soon: Sequence[Event]


def agenda(now: datetime) -> Agenda:
    """The events from the start of today on, the first one first; what was earlier today is there too."""
    first = start_of_day(now)
    last = start_of_day(first + timedelta(days=DAYS + 1, hours=3))  # the clock may go forward or back meanwhile
    found = [*_meetings(first), *_consultations(first, last), *_rounds(first, last)]
    found = [one for one in found if first <= one.at < last]
    events = sorted(found, key=lambda one: (one.at, one.what, one.meeting.code))
    here = day_of(now)
    return Agenda([e for e in events if day_of(e.at) == here], [e for e in events if day_of(e.at) != here])


def _meetings(first: datetime) -> list[Event]:
    association, found = get_association(), []
    for meeting in coming_meetings(first):
        found.append(Event(meeting.starts_at, What.MEETING, meeting))
        found.append(Event(closes_at(meeting, association), What.SUBMITTING_ENDS, meeting))
        if meeting.ends_at:
            found.append(Event(meeting.ends_at, What.MEETING_ENDS, meeting))
    return found


def _consultations(first: datetime, last: datetime) -> list[Event]:
    rows = db.session.scalars(
        select(Consultation)
        .options(joinedload(Consultation.proposal).joinedload(Proposal.meeting))
        .where(Consultation.closes_at >= first, Consultation.closes_at < last)
    )
    return [Event(one.closes_at, What.REACTING_ENDS, one.proposal.meeting, one.proposal) for one in rows]


def _rounds(first: datetime, last: datetime) -> list[Event]:
    """What was planned and did not happen yet; what was opened or closed stands with the rounds."""
    rows = db.session.execute(
        select(Meeting, Round.state, Round.opens_at, Round.closes_at, func.count())
        .join(Round, Round.meeting_id == Meeting.id)
        .where(Round.state.in_((RoundState.SCHEDULED, RoundState.OPEN)), ~Round.rehearsal)
        .group_by(Meeting.id, Round.state, Round.opens_at, Round.closes_at)
    )
    found: dict[tuple[datetime, What, str], Event] = {}
    for meeting, state, opens, closes, number in rows:
        moments = [(closes, What.ROUNDS_CLOSE)] + [(opens, What.ROUNDS_OPEN)] * (state is RoundState.SCHEDULED)
        for at, what in moments:
            if at is not None and first <= at < last:
                key = (at, what, meeting.code)  # those that are open and those that are planned may close together
                before = found[key].number if key in found else 0
                found[key] = Event(at, what, meeting, None, number + before)
    return list(found.values())
