"""Reading proposals, versions and sections."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from vng_alv import db
from vng_alv.domain.texts import ProposalKind, first_named
from vng_alv.errors import Missing
from vng_alv.meetings.models import AgendaItem
from vng_alv.proposals.models import Proposal, Version, VersionSection


def get_proposal(meeting_id: uuid.UUID, code: str) -> Proposal:
    """One proposal of a meeting with its versions. Raises ``Missing``."""
    proposal = db.session.scalars(
        select(Proposal)
        .options(selectinload(Proposal.versions), joinedload(Proposal.submitter), joinedload(Proposal.agenda_item))
        .where(Proposal.meeting_id == meeting_id, Proposal.code == code)
    ).one_or_none()
    if proposal is None:
        raise Missing("proposal")
    return proposal


def proposals_of(meeting_id: uuid.UUID) -> Sequence[Proposal]:
    """The proposals of a meeting with their versions, by code."""
    return db.session.scalars(
        select(Proposal)
        .options(selectinload(Proposal.versions), joinedload(Proposal.submitter))
        .where(Proposal.meeting_id == meeting_id)
        .order_by(Proposal.code)
    ).all()


def item_of_named(proposal: Proposal) -> AgendaItem | None:
    """The item of the agenda under which the text stands that a motion is about, as far as its words say so by a
    code."""
    version = published(proposal)
    if version is None or proposal.kind is not ProposalKind.MOTION:
        return None
    others = {one.code: one for one in proposals_of(proposal.meeting_id) if one.agenda_item_id and one is not proposal}
    words = [version.title, version.preamble, *(section.body for section in sections_of(version.id))]
    code = first_named(others, "\n".join(words))
    return others[code].agenda_item if code else None


def published(proposal: Proposal) -> Version | None:
    """The newest published version."""
    return next((v for v in reversed(proposal.versions) if v.published_at is not None), None)


def draft(proposal: Proposal) -> Version | None:
    """The version that is being prepared."""
    return next((v for v in reversed(proposal.versions) if v.published_at is None), None)


class Heading(NamedTuple):
    """A section without its text."""

    section_id: uuid.UUID
    position: int
    number: str
    heading: str


def headings_of(version_id: uuid.UUID) -> list[Heading]:
    """The sections of a version in their order, without their texts."""
    here = VersionSection
    rows = db.session.execute(
        select(here.section_id, here.position, here.number, here.heading)
        .where(here.version_id == version_id)
        .order_by(here.position)
    )
    return [Heading(*row) for row in rows]


def sections_of(version_id: uuid.UUID) -> Sequence[VersionSection]:
    """The sections of a version in their order."""
    return db.session.scalars(
        select(VersionSection).where(VersionSection.version_id == version_id).order_by(VersionSection.position)
    ).all()
