"""A town with members, clerks and a text, to write amendments in; used by the tests of amendments."""

import uuid
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import service
from vng_alv.amendments.models import Amendment
from vng_alv.amendments.service import SectionChange
from vng_alv.domain.amendments import Wording
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import SubmissionState
from vng_alv.errors import Refused
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import published, sections_of
from vng_alv.submissions.models import Submission

S = SubmissionState


def acting() -> AbstractContextManager[None]:
    """A transaction, unless one is under way."""
    return nullcontext() if db.in_use() else db.transaction()


@dataclass
class Town:
    """Two municipalities with people, the secretariat and the board, and a text with a deadline to come."""

    members: list[uuid.UUID] = field(default_factory=list)
    clerks: list[Actor] = field(default_factory=list)
    official: Actor | None = None
    staff: Actor | None = None
    board: Actor | None = None
    proposal_id: uuid.UUID | None = None
    sections: list[uuid.UUID] = field(default_factory=list)


def make_town() -> Town:
    """Three members with their clerks, staff, and a text that can be amended."""
    found = Town()
    with db.transaction():
        factories.association()
        members = [factories.member(n) for n in (1, 2, 3)]
        found.members = [m.id for m in members]
        found.clerks = [get_actor(factories.clerk(m).id) for m in members]
        found.official = get_actor(factories.clerk(members[0], "ambtenaar", OfficeKind.OFFICIAL).id)
        found.staff = factories.actor("secretariaat", Role.SECRETARIAT)
        found.board = factories.actor("bestuur", Role.BOARD)
        meeting = factories.meeting()
        meeting.amendments_until = db.now() + timedelta(hours=1)
        proposal = factories.proposal(meeting)
        found.proposal_id = proposal.id
        version = published(proposal)
        assert version is not None
        found.sections = [s.section_id for s in sections_of(version.id)]
    return found


def words(body: str, heading: str = "Wonen") -> Wording:
    return Wording(heading, body)


def draft(town: Town, *, who: int = 0, body: str = "Wij bouwen meer.", section: int = 0) -> uuid.UUID:
    with db.transaction():
        proposal, member = db.session.get_one(Proposal, town.proposal_id), db.session.get_one(Member, town.members[who])
        wanted = [SectionChange(town.sections[section], words(body, ("Wonen", "Water")[section]))]
        return service.begin(proposal, member, "Meer bouwen", "Nodig.", wanted, town.clerks[who]).submission_id


def submit(town: Town, key: uuid.UUID, actor: Actor | None = None, *, late: str = "", revision: int = 1) -> None:
    with acting():
        service.submit(db.session.get_one(Amendment, key), revision, actor or town.clerks[0], late_reason=late)


def close(hours: float = -1.0) -> None:
    """Let the deadline be so far from now."""
    with db.transaction():
        db.session.scalars(select(Meeting)).one().amendments_until = db.now() + timedelta(hours=hours)


def found(key: uuid.UUID) -> Submission:
    with db.transaction(write=False):
        one = db.session.get_one(Submission, key)
        db.session.refresh(one)
        return one


def refusal_of(call: object, *args: object, **more: object) -> Refusal:
    with pytest.raises(Refused) as told, db.transaction():
        call(*args, **more)  # type: ignore[operator]
    return told.value.refusal


def of(key: uuid.UUID) -> Submission:
    return db.session.get_one(Submission, key)
