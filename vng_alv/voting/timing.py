"""Rounds and the clock: planning, taking back, extending, reminding, pronouncing by itself; and rehearsals.

Opening and closing themselves stand in ``voting.service``, the same for hand and clock (docs/rules.md §4).
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.majority import SIMPLE
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind, RoundState
from vng_alv.domain.timing import may_extend
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import holders, lock_meeting
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.voting import clock_queries as clock
from vng_alv.voting import queries
from vng_alv.voting.models import Round
from vng_alv.voting.service import open_rounds, plan, publish, why_not_open
from vng_alv.voting.steps import allowed, by_ballots, not_now, step, tell

#: Questions that nobody minds about; the next rehearsal of a meeting has the next one.
QUESTIONS = (
    "Proefvraag: is appeltaart lekkerder dan vlaai?",
    "Proefvraag: is fietsen leuker dan wandelen?",
    "Proefvraag: is de lente mooier dan de herfst?",
    "Proefvraag: is thee beter dan koffie?",
    "Proefvraag: is de zee mooier dan het bos?",
)


def schedule(
    round_ids: Sequence[uuid.UUID], opens_at: datetime, closes_at: datetime | None, actor: Actor | None
) -> list[Round]:
    """Announce when the clock opens rounds, and when it closes them if an end is given; planned ones are planned anew.

    Raises ``Conflict(ROUND_STATE or SUBMISSION_STATE)``, ``Refused(CLOCK_IN_PAST)`` or what ``domain.timing.may_open``
    says of that moment. Electorate, weights, text and rule are frozen at the opening, not now.
    """
    allowed(actor)
    found = queries.lock_rounds(round_ids)
    by_ballots(found, Refusal.ACCLAMATION_CLOCK)
    for one in found:
        if one.state is not RoundState.SCHEDULED:
            step([one], RoundState.SCHEDULED)
    if len(found) != len(set(round_ids)):
        raise Conflict(Refusal.SUBMISSION_STATE)
    if opens_at <= db.now():
        raise Refused(Refusal.CLOCK_IN_PAST)
    if closes_at is not None and closes_at <= opens_at:
        raise Refused(Refusal.CLOSES_FIRST)
    for refusal in why_not_open(found, opens_at, [closes_at] * len(found)).values():
        raise (Conflict if refusal is Refusal.SUBMISSION_STATE else Refused)(refusal)
    plan(found, opens_at, closes_at, actor)
    tell(found)
    return found


def unschedule(round_ids: Sequence[uuid.UUID], actor: Actor | None) -> list[Round]:
    """Take back what was planned: the rounds are drafts again. Raises ``Conflict(ROUND_STATE)``."""
    allowed(actor)
    found = queries.lock_rounds(round_ids)
    for one in found:
        if one.state is not RoundState.SCHEDULED:
            raise not_now(one, "draft")
        one.state, one.opens_at, one.closes_at = RoundState.DRAFT, None, None
    db.session.flush()
    for one in found:
        record("round.unschedule", actor, f"round:{one.id}")
    tell(found)
    return found


def extend(round_ids: Sequence[uuid.UUID], closes_at: datetime, actor: Actor | None) -> list[Round]:
    """Let open rounds close later than was announced. Raises ``Refused`` with what ``domain.timing.may_extend`` says.

    It waits for casts under way, and later ones wait for it; a written consultation lasts as long as its rounds.
    """
    allowed(actor)
    found = queries.lock_in_order(round_ids)
    by_ballots(found, Refusal.ACCLAMATION_CLOCK)
    now = db.now()
    for one in found:
        refusal = may_extend(one.state, one.closes_at, closes_at, now)
        if refusal is Refusal.ROUND_STATE:
            raise not_now(one, "extended")
        if refusal:
            raise Refused(refusal)
    for one in found:
        before, one.closes_at = one.closes_at, closes_at
        db.session.flush()
        was = before.isoformat() if before else None
        record("round.extend", actor, f"round:{one.id}", before=was, closes_at=closes_at.isoformat())
        meeting = db.session.get_one(Meeting, one.meeting_id)
        if meeting.ends_at is not None and not one.rehearsal:
            meeting.ends_at = max(meeting.ends_at, closes_at)
    db.session.flush()
    tell(found)
    return found


def rehearse(meeting: Meeting, actor: Actor | None, *, closes_at: datetime | None = None) -> Round:
    """Make a rehearsal with an invented question, and open it: everybody with a mandate may try how voting goes.

    It is no vote: it has a number of its own, is never counted, and stands in no list of outcomes (§4.13).
    """
    allowed(actor)
    lock_meeting(meeting.id)
    last = db.session.scalar(select(func.max(Round.number)).where(Round.meeting_id == meeting.id, Round.rehearsal)) or 0
    made = Round(
        id=uuid.uuid4(),
        meeting_id=meeting.id,
        number=last + 1,
        kind=RoundKind.WHOLE,
        title=QUESTIONS[last % len(QUESTIONS)],
        rehearsal=True,
        rule=SIMPLE.to_data(),  # nothing is counted
        state=RoundState.DRAFT,
    )
    db.session.add(made)
    db.session.flush()
    record("round.rehearse", actor, f"round:{made.id}", number=made.label, title=made.title)
    return open_rounds([made.id], actor, closes_at=closes_at)[0]


def remind(meeting_id: uuid.UUID) -> int:
    """Tell the holders of members that have not voted that a written consultation closes soon; once for each round.

    Who voted on everything hears nothing. Returns how many people were told.
    """
    now = db.now()
    locked = queries.lock_rounds([one.id for one in clock.to_remind(now) if one.meeting_id == meeting_id])
    due = [one for one in locked if one.reminded_at is None and clock.is_soon(one, now)]
    if not due:
        return 0
    meeting = db.session.get_one(Meeting, meeting_id)
    held, left = holders(meeting_id), clock.members_without_ballot([one.id for one in due])
    people: dict[uuid.UUID, tuple[set[uuid.UUID], list[str]]] = {}
    for round_id, member_id, name in left:
        if member_id in held:
            rounds, members = people.setdefault(held[member_id].person_id, (set(), []))
            rounds.add(round_id)
            members += [] if name in members else [name]
    closing = min(one.closes_at for one in due if one.closes_at)
    for person_id, (rounds, members) in people.items():
        questions = [one.title for one in sorted(due, key=lambda one: one.number) if one.id in rounds]
        notify(
            NoticeKind.VOTE_REMINDER,
            [person_id],
            meeting=meeting.code,
            title=meeting.title,
            members=members,
            questions=questions,
            closes_at=closing.isoformat(),
        )
    for one in due:
        one.reminded_at = now
    db.session.flush()
    record("round.remind", None, f"meeting:{meeting_id}", rounds=sorted(one.number for one in due), people=len(people))
    return len(people)


def publish_by_itself(meeting_id: uuid.UUID) -> list[Round]:
    """Pronounce what was counted in a meeting that does so without a chair; nothing while a count is under way, and
    nothing that is secret."""
    found = queries.lock_in_order([one.id for one in queries.rounds_of(meeting_id)])
    locked = [one for one in found if not one.secret]
    meeting = db.session.get_one(Meeting, meeting_id)
    counted = [one.id for one in locked if one.state is RoundState.COUNTED]
    waiting = any(one.state is RoundState.CLOSED for one in locked)
    return publish(counted, None) if meeting.publishes_itself and counted and not waiting else []
