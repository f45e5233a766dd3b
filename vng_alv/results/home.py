"""What a person's first page shows: what is asked of them, until when, and what was decided lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vng_alv import db
from vng_alv.consultation.queries import open_consultations
from vng_alv.domain.attendance import Coming
from vng_alv.domain.clock import day_of, start_of_day
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.rounds import RoundState
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import Seat, meetings, seats_of
from vng_alv.meetings.registering import registered_for
from vng_alv.members.queries import get_association, offices_of
from vng_alv.submissions.queries import asked_of, closes_at, drafts_of
from vng_alv.voting.queries import choices_of, open_rounds, rounds_of, weight_in
from vng_alv.voting.secret_queries import tasks_of
from vng_alv.voting.summary import summaries

#: So many outcomes of the latest meeting are on the first page.
OUTCOMES = 6


@dataclass(frozen=True)
class ToVote:
    """A meeting where this person votes now: how many questions, and how many are still without a vote."""

    meeting: Meeting
    member_code: str
    member: str
    weight: int
    questions: int
    left: int
    closes_at: datetime | None


@dataclass(frozen=True)
class ToAttend:
    """A meeting for which a municipality has to tell whether it comes; or, if it ``told``, where its code is asked."""

    meeting: Meeting
    member_code: str
    member: str
    told: bool


def home_of(person: Actor | None, locale: str) -> dict[str, Any]:
    """The values of the first page."""
    now = db.now()
    all_meetings = meetings()
    seats = seats_of(person.id) if person else []
    return {
        "to_vote": _to_vote(seats),
        "to_rehearse": _to_rehearse(seats),
        "to_tell": tasks_of(person.id) if person and person.may(Permission.TELL) else [],
        "to_attend": _to_attend(seats, now),
        "offices": offices_of(person.id) if person else [],
        "consultations": open_consultations(now),
        **(_submissions(person, now) if person else {}),
        "coming": [m for m in reversed(all_meetings) if m.is_coming_until > now],
        **_latest(list(all_meetings), locale),
    }


def _submissions(person: Actor, now: datetime) -> dict[str, Any]:
    """What somebody's municipalities are asked to submit along, and their own drafts with their deadlines."""
    since = start_of_day(now)
    asked, drafts = asked_of(person.id, since), drafts_of(person.id, since)
    if not asked and not drafts:
        return {}
    association = get_association()
    own = [(draft, closes_at(draft.meeting, association)) for draft in drafts]
    return {"asked_along": asked, "own_drafts": own}


def _to_vote(seats: Sequence[Seat]) -> list[ToVote]:
    found = []
    for seat in seats:
        rounds = open_rounds(seat.meeting.id)
        if not rounds:
            continue
        ids = [r.id for r in rounds]
        cast = choices_of(seat.member.id, ids)
        found.append(
            ToVote(
                seat.meeting,
                seat.member.code,
                seat.member.name,
                weight_in(ids, seat.member.id),
                len(ids),
                len(ids) - len(cast),
                min((r.closes_at for r in rounds if r.closes_at), default=None),
            )
        )
    return found


def _to_attend(all_seats: Sequence[Seat], now: datetime) -> list[ToAttend]:
    """The meetings to come where a person votes for their own municipality: does it come, or its code."""
    today = start_of_day(now)
    seats = [
        seat
        for seat in all_seats
        if seat.through is None and not seat.meeting.is_written and seat.meeting.starts_at >= today
    ]
    told = registered_for([seat.meeting.id for seat in seats], [seat.member.id for seat in seats])
    found = []
    for seat in seats:
        answer = told.get((seat.meeting.id, seat.member.id))
        is_today = day_of(seat.meeting.starts_at) == day_of(now)
        if answer is None or (is_today and answer.coming is not Coming.ABSENT):
            found.append(ToAttend(seat.meeting, seat.member.code, seat.member.name, answer is not None))
    return found


def _to_rehearse(seats: Sequence[Seat]) -> list[Meeting]:
    """The meetings where a person may try how voting goes."""
    found = {seat.meeting.id: seat.meeting for seat in seats}
    return [meeting for key, meeting in found.items() if open_rounds(key, rehearsals=True)]


def _latest(all_meetings: list[Meeting], locale: str) -> dict[str, Any]:
    for meeting in all_meetings:
        done = [r for r in rounds_of(meeting.id) if r.state is RoundState.PUBLISHED]
        if done:
            newest = sorted(done, key=lambda r: (r.kind != "whole", r.number))[:OUTCOMES]
            return {"latest": meeting, "outcomes": summaries(newest, locale), "more": len(done) - len(newest)}
    return {"latest": None, "outcomes": [], "more": 0}
