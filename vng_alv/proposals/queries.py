"""Reading proposals, versions and sections."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from vng_alv import db
from vng_alv.errors import Missing
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


def published(proposal: Proposal) -> Version | None:
    """The newest published version."""
    return next((v for v in reversed(proposal.versions) if v.published_at is not None), None)


def draft(proposal: Proposal) -> Version | None:
    """The version that is being prepared."""
    return next((v for v in reversed(proposal.versions) if v.published_at is None), None)


def sections_of(version_id: uuid.UUID) -> Sequence[VersionSection]:
    """The sections of a version in their order."""
    return db.session.scalars(
        select(VersionSection).where(VersionSection.version_id == version_id).order_by(VersionSection.position)
    ).all()
