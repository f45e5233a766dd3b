"""Reading what goes into a text: accepted amendments, the work that is under way, and what no longer fits."""

import uuid
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from vng_alv import db
from vng_alv.amendments.models import Amendment, Merge, MergeSection
from vng_alv.domain.submissions import ACCEPTED, OPEN, SubmissionState
from vng_alv.proposals.models import Proposal, Version, VersionSection
from vng_alv.submissions.models import Submission
from vng_alv.submissions.queries import whole

#: What may still change a text: what waits for a decision, what was accepted, and drafts.
LIVE = OPEN | ACCEPTED | {SubmissionState.DRAFT}


def accepted(proposal_id: uuid.UUID) -> Sequence[Amendment]:
    """The amendments of a text that were adopted or taken over and did not go in yet, by number."""
    return db.session.scalars(
        select(Amendment)
        .join(Amendment.submission)
        .options(contains_eager(Amendment.submission).joinedload(Submission.member), selectinload(Amendment.sections))
        .where(Amendment.proposal_id == proposal_id, Submission.state.in_(ACCEPTED))
        .order_by(Submission.number)
    ).all()


def amendments_by_key(keys: Iterable[uuid.UUID]) -> Sequence[Amendment]:
    """These amendments, by number."""
    return db.session.scalars(
        select(Amendment)
        .join(Amendment.submission)
        .options(contains_eager(Amendment.submission).joinedload(Submission.member), selectinload(Amendment.sections))
        .where(Amendment.submission_id.in_(list(keys)))
        .order_by(Submission.number)
    ).all()


def not_fitting(proposal_id: uuid.UUID) -> list[Amendment]:
    """The submitted amendments of a text with a part that no longer fits it, by number."""
    found = db.session.scalars(
        select(Amendment)
        .join(Amendment.submission)
        .options(contains_eager(Amendment.submission).joinedload(Submission.member), selectinload(Amendment.sections))
        .where(Amendment.proposal_id == proposal_id, Submission.state.in_(OPEN | ACCEPTED))
        .order_by(Submission.number)
    )
    return [amendment for amendment in found if amendment.misfits]


def count_alive(proposal_id: uuid.UUID, but: Iterable[str]) -> int:
    """How many submitted amendments of a text wait for a decision or were accepted, without these keys."""
    gone = [uuid.UUID(key) for key in but]
    number = db.session.scalar(
        select(func.count())
        .select_from(Amendment)
        .join(Amendment.submission)
        .where(
            Amendment.proposal_id == proposal_id,
            Submission.state.in_(OPEN | ACCEPTED),
            Amendment.submission_id.not_in(gone),
        )
    )
    return number or 0


def lock_live(proposal_id: uuid.UUID) -> Sequence[Amendment]:
    """The amendments that a new version of a text is about, for this transaction alone."""
    mine = select(Amendment.submission_id).where(Amendment.proposal_id == proposal_id)
    db.session.scalars(
        select(Submission)
        .where(Submission.id.in_(mine))
        .order_by(Submission.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    return db.session.scalars(
        select(Amendment)
        .join(Amendment.submission)
        .options(
            contains_eager(Amendment.submission).options(*whole(), joinedload(Submission.meeting)),
            selectinload(Amendment.sections),
        )
        .where(Amendment.proposal_id == proposal_id, Submission.state.in_(LIVE))
        .order_by(Submission.number.is_(None), Submission.number, Submission.created_at)
        .execution_options(populate_existing=True)
    ).all()


def find_merge(proposal_id: uuid.UUID) -> Merge | None:
    """The work on a text that is under way."""
    return db.session.scalars(
        select(Merge)
        .options(joinedload(Merge.person), joinedload(Merge.base), selectinload(Merge.sections))
        .where(Merge.proposal_id == proposal_id, Merge.ended_at.is_(None))
    ).one_or_none()


def lock_merge(merge_id: uuid.UUID) -> Merge:
    """One merge, for this transaction alone, with the sections as they are in the database now."""
    found = db.session.scalars(
        select(Merge)
        .where(Merge.id == merge_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    db.session.scalars(
        select(MergeSection).where(MergeSection.merge_id == merge_id).execution_options(populate_existing=True)
    ).all()
    db.session.refresh(found, ["sections"])
    return found


def reread(proposal: Proposal) -> None:
    """Read the versions of a proposal anew, after waiting for somebody who may have published one."""
    db.session.scalars(
        select(Version).where(Version.proposal_id == proposal.id).execution_options(populate_existing=True)
    ).all()
    db.session.refresh(proposal, ["versions"])


def sections_by_version(version_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, VersionSection]]:
    """The sections of these versions, by version and section, in their order."""
    found: dict[uuid.UUID, dict[uuid.UUID, VersionSection]] = {version_id: {} for version_id in version_ids}
    for row in db.session.scalars(
        select(VersionSection)
        .where(VersionSection.version_id.in_(list(version_ids)))
        .order_by(VersionSection.version_id, VersionSection.position)
    ):
        found[row.version_id][row.section_id] = row
    return found
