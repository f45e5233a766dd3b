"""What waits for whoever has a role, in the numbers of the lists that it stands in.

The rounds that wait are ``queries.rounds_due``. No number of queries grows with what there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from vng_alv import db, jobs, live
from vng_alv.amendments.models import Amendment
from vng_alv.consultation.models import Comment, Consultation
from vng_alv.consultation.queries import answered
from vng_alv.domain.clock import start_of_day
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.submissions import ACCEPTED, OPEN
from vng_alv.meetings.models import Meeting
from vng_alv.motions.queries import account_numbers
from vng_alv.proposals.models import Proposal
from vng_alv.submissions.models import Advice, Submission


@dataclass(frozen=True)
class Pile:
    """So many of one kind at a meeting, or on one text of it."""

    number: int
    meeting_code: str
    meeting: str
    proposal_code: str = ""
    proposal: str = ""


@dataclass(frozen=True)
class Waiting:
    """What waits for one person; what that person may not do does not."""

    #: Reactions without an answer, by text.
    unanswered: Sequence[Pile]
    #: Amendments and motions without advice, by meeting.
    unadvised: Sequence[Pile]
    #: Amendments that were adopted or taken over and did not go in yet, by text.
    unmerged: Sequence[Pile]
    #: Motions that were adopted or taken over, and of which no account was given.
    unaccounted: int

    def __bool__(self) -> bool:
        return bool(self.unanswered or self.unadvised or self.unmerged or self.unaccounted)


def waiting_for(person: Actor, now: datetime) -> Waiting:
    """What waits for somebody at ``now``."""
    manages = person.may(Permission.MANAGE_MEETINGS)
    return Waiting(
        unanswered=_unanswered() if person.may(Permission.ANSWER) else (),
        unadvised=_unadvised(now) if person.may(Permission.ADVISE) else (),
        unmerged=_unmerged() if manages else (),
        unaccounted=account_numbers().get(None, 0) if manages else 0,
    )


@dataclass(frozen=True)
class LeftAt:
    """How much of each waits at one meeting."""

    unanswered: int
    unadvised: int
    unmerged: int


def left_at(meeting: Meeting) -> LeftAt:
    """What of a meeting waits, for whoever it is; advice waits as long as its submission is undecided."""

    def of(piles: Sequence[Pile]) -> int:
        return sum(pile.number for pile in piles if pile.meeting_code == meeting.code)

    return LeftAt(of(_unanswered()), of(_unadvised(meeting.starts_at)), of(_unmerged()))


def _unanswered() -> list[Pile]:
    return _by_text(
        select(func.count())
        .select_from(Comment)
        .join(Consultation, Consultation.id == Comment.consultation_id)
        .join(Consultation.proposal)
        .where(Comment.sent_at.is_not(None), ~answered())
    )


def _unmerged() -> list[Pile]:
    return _by_text(
        select(func.count())
        .select_from(Amendment)
        .join(Amendment.submission)
        .join(Amendment.proposal)
        .where(Submission.state.in_(ACCEPTED))
    )


def _by_text(number: Select[int]) -> list[Pile]:
    """What was found on proposals, by proposal."""
    by = (Meeting.code, Meeting.title, Proposal.code, Proposal.title)
    rows = number.add_columns(*by).join(Proposal.meeting).group_by(*by, Meeting.starts_at)
    return [Pile(*row) for row in db.session.execute(rows.order_by(Meeting.starts_at, Meeting.code, Proposal.code))]


def _unadvised(now: datetime) -> list[Pile]:
    """Of meetings that were held nothing waits for advice any more."""
    advice, by = select(Advice.id).where(Advice.submission_id == Submission.id), (Meeting.code, Meeting.title)
    rows = (
        select(func.count(), *by)
        .select_from(Submission)
        .join(Submission.meeting)
        .where(Submission.state.in_(OPEN), Meeting.starts_at >= start_of_day(now), ~advice.exists())
        .group_by(*by, Meeting.starts_at)
    )
    return [Pile(*row) for row in db.session.execute(rows.order_by(Meeting.starts_at, Meeting.code))]


@dataclass(frozen=True)
class Health:
    """Whether what counts and mails is at work."""

    broker: bool
    #: When the worker last swept, if that is known.
    seen: datetime | None
    #: Jobs that lie with the broker; a worker that is at work leaves next to none.
    jobs: int | None
    worker: bool


def system_health(now: datetime) -> Health:
    """What broker and worker say of themselves."""
    broker, seen = live.health()
    lying = live.queued(jobs.producer.conf.task_default_queue) if broker else None
    return Health(broker, seen, lying, seen is not None and now - seen < timedelta(seconds=live.WORKER_SILENT))
