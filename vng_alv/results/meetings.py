"""A meeting as everybody sees it: when and where, its agenda with the texts, and what is open now."""

from datetime import datetime

from flask.typing import ResponseReturnValue

from vng_alv import db
from vng_alv.access import public, signed_in
from vng_alv.consultation.queries import consultations_of
from vng_alv.domain.clock import day_of
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.rounds import RoundState, takes_ballots
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting, meetings, seats_of
from vng_alv.meetings.views import blueprint
from vng_alv.members.queries import offices_of
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import proposals_of, published
from vng_alv.voting.queries import rounds_of
from vng_alv.web import page

__all__ = ["blueprint"]


@blueprint.get("/vergaderingen")
@public
def index() -> ResponseReturnValue:
    """All meetings: what comes, the next one first, and what was, the last one first."""
    today = _day(db.now())
    found = meetings()
    coming = [m for m in reversed(found) if _day(m.starts_at) >= today]
    past = [m for m in found if _day(m.starts_at) < today]
    return page("meetings/index.html", coming=coming, past=past)


@blueprint.get("/vergaderingen/<meeting_code>")
@public
def show(meeting_code: str) -> ResponseReturnValue:
    """One meeting."""
    meeting, person, now = get_meeting(meeting_code), signed_in(), db.now()
    texts, rounds = _texts(meeting, person), rounds_of(meeting.id)
    running = [c for c in consultations_of([p.id for p in texts]) if c.opened_at <= now < c.closes_at]
    return page(
        "meetings/show.html",
        meeting=meeting,
        texts=texts,
        consultations=running,
        asked=[r for r in rounds if takes_ballots(r.state, r.closes_at, now)],
        decided=sum(r.state is RoundState.PUBLISHED for r in rounds),
        seats=seats_of(person.id, meeting.id) if person else [],
        reacts=bool(running and person and offices_of(person.id)),
    )


def _day(moment: datetime) -> str:
    return day_of(moment).isoformat()


def _texts(meeting: Meeting, person: Actor | None) -> list[Proposal]:
    """The published texts; whoever prepares the meeting sees the others too."""
    prepares = person is not None and person.may(Permission.SECRETARIAT)
    return [p for p in proposals_of(meeting.id) if prepares or published(p)]
