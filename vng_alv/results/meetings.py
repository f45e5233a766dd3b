"""A meeting as everybody sees it: when and where, its agenda with the texts, and what is open now."""

from datetime import datetime

from flask.typing import ResponseReturnValue

from vng_alv import db
from vng_alv.access import public, signed_in
from vng_alv.consultation.queries import consultations_of
from vng_alv.convening.queries import papers_of
from vng_alv.domain.clock import day_of
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.rounds import RoundState, takes_ballots
from vng_alv.domain.timing import early_voting_from
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting, meetings, seats_of
from vng_alv.meetings.views import blueprint
from vng_alv.members.queries import get_association, offices_of
from vng_alv.motions.queries import accounts_at
from vng_alv.motions.service import ACCOUNT_ITEM
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import proposals_of, published
from vng_alv.voting.about import amendment_votes
from vng_alv.voting.queries import open_rounds, rounds_of
from vng_alv.web import page

__all__ = ["blueprint"]


@blueprint.get("/vergaderingen")
@public
def index() -> ResponseReturnValue:
    """All meetings: what comes, the next one first, and what was, the last one first."""
    today = _day(db.now())
    found = meetings()
    coming = [m for m in reversed(found) if _day(m.is_coming_until) >= today]
    past = [m for m in found if _day(m.is_coming_until) < today]
    return page("meetings/index.html", coming=coming, past=past)


@blueprint.get("/vergaderingen/<meeting_code>")
@public
def show(meeting_code: str) -> ResponseReturnValue:
    """One meeting."""
    meeting, person, now = get_meeting(meeting_code), signed_in(), db.now()
    texts, rounds = _texts(meeting, person), rounds_of(meeting.id)
    offices = offices_of(person.id) if person else []
    running = [c for c in consultations_of([p.id for p in texts]) if c.opened_at <= now < c.closes_at]
    return page(
        "meetings/show.html",
        meeting=meeting,
        texts=texts,
        consultations=running,
        planned=[r for r in rounds if r.state is RoundState.SCHEDULED],
        rehearsing=bool(open_rounds(meeting.id, rehearsals=True)),
        early=_early(meeting, now),
        asked=[r for r in rounds if takes_ballots(r.state, r.closes_at, now, r.way)],
        hall=[r for r in rounds if r.is_acclaimed and r.state is RoundState.OPEN],
        decided=sum(r.state is RoundState.PUBLISHED for r in rounds),
        seats=seats_of(person.id, meeting.id) if person else [],
        reacts=bool(running and offices),
        prepares=[office.member for office in offices if rounds],
        accounts=accounts_at(meeting.id),
        account_item=ACCOUNT_ITEM,
        amended=amendment_votes(rounds),
        papers=papers_of(meeting, texts, now),
    )


def _early(meeting: Meeting, now: datetime) -> datetime | None:
    """From when members may vote before an assembly that is still to come; None where they may not."""
    days = get_association().early_voting_days
    if meeting.is_written or not days or day_of(meeting.starts_at) < day_of(now):
        return None
    return early_voting_from(meeting.starts_at, days)


def _day(moment: datetime) -> str:
    return day_of(moment).isoformat()


def _texts(meeting: Meeting, person: Actor | None) -> list[Proposal]:
    """The published texts; whoever prepares the meeting sees the others too."""
    prepares = person is not None and person.may(Permission.SECRETARIAT)
    return [p for p in proposals_of(meeting.id) if prepares or published(p)]
