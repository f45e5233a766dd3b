"""A text with amendments on it, and the secretariat that puts them in."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import merging, service
from vng_alv.amendments.models import Amendment, Merge, SectionSource
from vng_alv.amendments.service import SectionChange
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.amendments import Wording
from vng_alv.domain.merging import Choice
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import SubmissionState
from vng_alv.errors import Refused
from vng_alv.members.models import Member
from vng_alv.notifications.models import Notice
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal, Version
from vng_alv.proposals.queries import published, sections_of
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission

S = SubmissionState
TEXT = """# Resolutie

## Wonen

Wij bouwen 100 woningen per jaar. Wij doen dat met de provincie.

## Water

Wij houden het droog.

## Wegen

Wij leggen wegen aan.
"""


def acting() -> AbstractContextManager[None]:
    """A transaction, unless one is under way."""
    return nullcontext() if db.in_use() else db.transaction()


@dataclass
class Desk:
    """A text of three sections, two municipalities and the secretariat."""

    proposal_id: uuid.UUID
    member_id: uuid.UUID
    clerk: Actor
    other: Actor
    staff: Actor
    sections: list[uuid.UUID] = field(default_factory=list)

    @property
    def proposal(self) -> Proposal:
        return db.session.get_one(Proposal, self.proposal_id)

    def make(self, *wanted: SectionChange, state: S = S.ADOPTED) -> uuid.UUID:
        """An amendment in a state."""
        with acting():
            member = db.session.get_one(Member, self.member_id)
            made = service.begin(self.proposal, member, "Anders", "", wanted, self.clerk)
            if state is not S.DRAFT:
                service.submit(made, 1, self.clerk)
            if state not in {S.DRAFT, S.SUBMITTED}:
                submissions.move(made.submission, state, self.staff)
            return made.submission_id

    def wonen(self, body: str, heading: str = "Wonen") -> SectionChange:
        return SectionChange(self.sections[0], Wording(heading, body))

    def start(self, *keys: uuid.UUID) -> uuid.UUID:
        with acting():
            return merging.start(self.proposal, keys, self.staff).id

    def save(
        self, merge: uuid.UUID, section: int, choices: dict[str, Choice], own: Wording | None = None, revision: int = 0
    ) -> None:
        with acting():
            one = db.session.get_one(Merge, merge)
            merging.save(one, self.sections[section], choices, own, revision, self.staff)

    def finish(self, merge: uuid.UUID, prepared: str = "") -> int:
        with acting():
            return merging.finish(db.session.get_one(Merge, merge), prepared, self.staff).number

    def bodies(self) -> list[str]:
        with db.transaction(write=False):
            version = published(self.proposal)
            assert version is not None
            return [section.body for section in sections_of(version.id)]

    def import_text(self, words: str) -> None:
        """Publish another text by hand."""
        with acting():
            proposals.import_text(self.proposal, proposals.read_text(words.encode()), None)
            proposals.publish(self.proposal, None)


def make_desk() -> Desk:
    """One, in a transaction."""
    with db.transaction():
        factories.association()
        members = [factories.member(n) for n in (1, 2)]
        clerks = [get_actor(factories.clerk(member).id) for member in members]
        staff = factories.actor("secretariaat", Role.SECRETARIAT)
        meeting = factories.meeting()
        meeting.amendments_until = db.now() + timedelta(hours=1)
        proposal = factories.proposal(meeting, TEXT)
        version = published(proposal)
        assert version is not None
        sections = [section.section_id for section in sections_of(version.id)]
        return Desk(proposal.id, members[0].id, clerks[0], clerks[1], staff, sections)


ONE = "Wij bouwen 200 woningen per jaar. Wij doen dat met de provincie."
TWO = "Wij bouwen 300 woningen per jaar. Wij doen dat met de provincie."
TAIL = "Wij bouwen 100 woningen per jaar. Wij doen dat met de provincie. En met het Rijk."


def amendment(key: uuid.UUID) -> Amendment:
    return db.session.get_one(Amendment, key, populate_existing=True)


def state_of(key: uuid.UUID) -> S:
    with db.transaction(write=False):
        return db.session.get_one(Submission, key, populate_existing=True).state


def sources() -> set[tuple[int, uuid.UUID, uuid.UUID]]:
    with db.transaction(write=False):
        rows = db.session.execute(
            select(Version.number, SectionSource.section_id, SectionSource.amendment_id).join(
                Version, Version.id == SectionSource.version_id
            )
        )
        return {(number, db.as_uuid(section), db.as_uuid(key)) for number, section, key in rows}


def refused(call: Callable[..., object], *args: object, **more: object) -> Refusal:
    with pytest.raises(Refused) as told, db.transaction():
        call(*args, **more)
    return told.value.refusal


def told() -> list[tuple[str, str]]:
    """Which amendment mails said what, by label."""
    with db.transaction(write=False):
        found = db.session.scalars(select(Notice).order_by(Notice.id)).all()
        return sorted({(n.context["label"], n.context["what"]) for n in found if "what" in n.context})


def acts() -> set[str]:
    with db.transaction(write=False):
        return set(db.session.scalars(select(AuditEntry.act)))
