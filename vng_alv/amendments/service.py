"""Writing, submitting and changing amendments. What they share with motions is in ``submissions.service``."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vng_alv import db
from vng_alv.amendments.models import Amendment, AmendmentSection
from vng_alv.domain.amendments import Wording, changes
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import SubmissionKind, SubmissionState
from vng_alv.domain.texts import may_amend
from vng_alv.errors import Missing, Refused
from vng_alv.members.models import Member
from vng_alv.proposals.models import Proposal, Section, Version
from vng_alv.proposals.queries import published, sections_of
from vng_alv.submissions import service as submissions
from vng_alv.submissions.queries import held

#: Characters of the text of one section, and sections of one amendment.
MAX_BODY = 60_000
MAX_HEADING = 300
MAX_SECTIONS = 100


@dataclass(frozen=True)
class SectionChange:
    """What an amendment makes of one section: None for ``words`` takes it out; with ``after`` it is a new one, whose
    own key is None until it was saved."""

    section_id: uuid.UUID | None
    words: Wording | None
    after: uuid.UUID | None = None


def begin(
    proposal: Proposal, member: Member, title: str, reason: str, wanted: Iterable[SectionChange], actor: Actor
) -> Amendment:
    """A new draft of a member on the newest published version. Raises ``Refused``."""
    if refusal := may_amend(proposal.kind, held=held(proposal.meeting)):
        raise Refused(refusal)
    version = published(proposal)
    if version is None:
        raise Refused(Refusal.NOT_PUBLISHED_TEXT)
    kept = real_changes(version, wanted)
    submission = submissions.begin(SubmissionKind.AMENDMENT, proposal.meeting, member, title, reason, actor)
    amendment = Amendment(submission=submission, proposal=proposal, version=version, misfits=[], sections=[])
    db.session.add(amendment)
    _fill(amendment, kept)
    return amendment


def edit(
    amendment: Amendment, title: str, reason: str, wanted: Iterable[SectionChange], revision: int, actor: Actor
) -> None:
    """Change a draft; ``revision`` is the one that the writer saw. Raises ``Refused`` or ``Conflict``."""
    kept = real_changes(amendment.version, wanted)
    submissions.edit(amendment.submission, title, reason, revision, actor)
    _fill(amendment, kept)


def change(
    amendment: Amendment, title: str, reason: str, wanted: Iterable[SectionChange], revision: int, actor: Actor
) -> None:
    """Change what was submitted, until the deadline: it keeps its number, the earlier text stays as a version, and who
    submits along is told. Raises ``Refused`` or ``Conflict``."""
    kept = real_changes(amendment.version, wanted)
    submission = submissions.change(amendment.submission, title, reason, revision, actor)
    _fill(amendment, kept)
    submissions.keep_version(submission, content_of(amendment), actor)
    submissions.tell(submission, "changed", actor)


def submit(amendment: Amendment, revision: int, actor: Actor, *, late_reason: str = "") -> None:
    """Submit a draft as it was looked over. Raises ``Refused`` or ``Conflict``."""
    if refusal := may_amend(amendment.proposal.kind, held=held(amendment.submission.meeting)):
        raise Refused(refusal)
    submissions.submit(amendment.submission, content_of(amendment), actor, late_reason=late_reason, revision=revision)


def offer_late(amendment: Amendment, reason: str, actor: Actor) -> None:
    """Ask the secretariat to take a late draft in; an empty reason takes that back. Raises ``Refused``."""
    submissions.offer_late(amendment.submission, content_of(amendment), reason, actor)


def discard(amendment: Amendment, actor: Actor) -> None:
    """Throw a draft away for good. Raises ``Refused``."""
    submission = amendment.submission
    if submission.state is not SubmissionState.DRAFT:
        raise Refused(Refusal.ALREADY_SUBMITTED)
    _fill(amendment, ())
    db.session.delete(amendment)
    db.session.flush()
    submissions.discard(submission, actor)


def decide(amendment: Amendment, state: SubmissionState, note: str, actor: Actor | None) -> None:
    """What became of an amendment: recorded by hand, or (without an actor) said by a vote. Raises ``Refused``."""
    if actor:
        submissions.decide(amendment.submission, state, note, actor)
    else:
        submissions.move(amendment.submission, state, None, note=note)


def real_changes(version: Version, wanted: Iterable[SectionChange]) -> list[SectionChange]:
    """The changes that change something. Raises ``Missing`` for a section that is not in the version, and ``Refused``
    when nothing changes, a new section is empty, or it is too much."""
    here = {s.section_id: Wording(s.heading, s.body) for s in sections_of(version.id)}
    kept = []
    for one in wanted:
        if (one.after or one.section_id) not in here:
            raise Missing("section")
        base = None if one.after else here[one.section_id]  # type: ignore[index]
        if one.words and (len(one.words.heading) > MAX_HEADING or len(one.words.body) > MAX_BODY):
            raise Refused(Refusal.TOO_LARGE)
        if one.words and not one.words.heading and (base.heading if base else one.words.body):
            raise Refused(Refusal.NO_HEADING)
        if changes(base, one.words):
            kept.append(one)
    if not kept:
        raise Refused(Refusal.NOTHING_CHANGED)
    if len(kept) > MAX_SECTIONS:
        raise Refused(Refusal.TOO_LARGE)
    return kept


def _fill(amendment: Amendment, kept: Sequence[SectionChange]) -> None:
    """Let an amendment be exactly these changes; a section that it no longer adds goes with it."""
    rows = {row.section_id: row for row in amendment.sections}
    mine = {row.section_id for row in amendment.sections if row.after_id}
    # A section that did not fit the newest text does so once it was written anew.
    same = {str(one.section_id) for one in kept if one.section_id in rows and _says(rows[one.section_id], one.words)}
    amendment.misfits = [misfit for misfit in amendment.misfits if misfit[0] in same]
    found = []
    for one in kept:
        section_id = one.section_id if one.section_id and (not one.after or one.section_id in mine) else None
        if section_id is None:
            section_id = _new_section(amendment.proposal.id)
        row = rows.get(section_id) or AmendmentSection(section_id=section_id)
        row.heading, row.body = (one.words.heading, one.words.body) if one.words else ("", "")
        row.removed, row.after_id = one.words is None, one.after
        found.append(row)
    amendment.sections = found
    db.session.flush()
    for section_id in mine - {row.section_id for row in found}:
        db.session.delete(db.session.get_one(Section, section_id))
    db.session.flush()


def _says(row: AmendmentSection, words: Wording | None) -> bool:
    return row.removed if words is None else (row.heading, row.body, row.removed) == (words.heading, words.body, False)


def _new_section(proposal_id: uuid.UUID) -> uuid.UUID:
    section = Section(id=uuid.uuid4(), proposal_id=proposal_id)
    db.session.add(section)
    db.session.flush()
    return section.id


def content_of(amendment: Amendment) -> dict[str, Any]:
    """What an amendment says, as its versions keep it."""
    return {
        "version": str(amendment.version_id),
        "sections": [
            {
                "section": str(row.section_id),
                "heading": row.heading,
                "body": row.body,
                "removed": row.removed,
                "after": str(row.after_id) if row.after_id else None,
            }
            for row in sorted(amendment.sections, key=lambda row: str(row.section_id))
        ],
    }
