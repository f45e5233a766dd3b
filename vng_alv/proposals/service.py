"""Importing a text as a version of a proposal, and publishing it."""

import re
import uuid
from collections.abc import Sequence

from sqlalchemy import delete

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain import chain
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.sections import SectionText, match
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.members.models import Member
from vng_alv.proposals import queries
from vng_alv.proposals.markdown import MAX_SECTIONS, Document, parse
from vng_alv.proposals.models import Proposal, ProposalKind, Section, Version, VersionSection

#: Characters of a text: ten times the longest that an assembly saw, and read in seconds whatever stands in it.
MAX_TEXT = 400_000
#: What no text has: its bytes are something else.
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def read_text(data: bytes) -> Document:
    """A document from the bytes of a Markdown file. Raises ``Refused`` when it is not text, empty or too large."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if CONTROL.search(text):
        raise Refused(Refusal.NOT_TEXT)
    if len(text) > MAX_TEXT:
        raise Refused(Refusal.TOO_LARGE)
    if not text.strip():
        raise Refused(Refusal.EMPTY_TEXT)
    document = parse(text)
    if len(document.sections) > MAX_SECTIONS or len(document.title) > 300:
        raise Refused(Refusal.TOO_LARGE)
    if any(len(s.heading) > 300 or len(s.group) > 300 or len(s.number) > 20 for s in document.sections):
        raise Refused(Refusal.TOO_LARGE)
    return document


def create(
    meeting: Meeting,
    code: str,
    kind: ProposalKind,
    title: str,
    actor: Actor | None,
    *,
    agenda_item: AgendaItem | None = None,
    submitter: Member | None = None,
    advice: str = "",
) -> Proposal:
    """A proposal without a text yet. Raises ``Conflict(CODE_TAKEN)``."""
    if any(p.code == code for p in queries.proposals_of(meeting.id)):
        raise Conflict(Refusal.CODE_TAKEN, code=code)
    proposal = Proposal(
        id=uuid.uuid4(),
        meeting=meeting,
        code=code,
        kind=kind,
        title=title.strip(),
        agenda_item=agenda_item,
        submitter=submitter,
        advice=advice,
        created_at=db.now(),
        versions=[],
    )
    db.session.add(proposal)
    db.session.flush()
    record("proposal.create", actor, f"proposal:{proposal.id}", code=code)
    return proposal


def text_hash(title: str, preamble: str, sections: Sequence[SectionText]) -> str:
    """SHA-256 of a whole text, in the canonical spelling of docs/formats.md."""
    return chain.digest({"title": title, "preamble": preamble, "sections": [vars(s) for s in sections]})


def section_text(section: VersionSection) -> SectionText:
    """A stored section as the domain sees it."""
    return SectionText(section.number, section.heading, section.body, section.group, section.lead)


def import_text(proposal: Proposal, document: Document, actor: Actor | None) -> Version:
    """Keep ``document`` as the version in preparation, in place of the one that was; sections keep their identity."""
    earlier = queries.published(proposal)
    _drop_draft(proposal)
    was: dict[uuid.UUID, SectionText] = (
        {s.section_id: section_text(s) for s in queries.sections_of(earlier.id)} if earlier else {}
    )
    version = Version(
        id=uuid.uuid4(),
        number=earlier.number + 1 if earlier else 1,
        title=document.title or proposal.title,
        preamble=document.preamble,
        text_hash=text_hash(document.title or proposal.title, document.preamble, document.sections),
        created_at=db.now(),
        sections=[],
    )
    matches = match(was, document.sections)
    for position, (text, same) in enumerate(zip(document.sections, matches, strict=True), 1):
        section_id = same or _new_section(proposal)
        version.sections.append(VersionSection(section_id=section_id, position=position, **vars(text)))
    proposal.versions.append(version)
    db.session.flush()
    record("version.import", actor, f"version:{version.id}", number=version.number, sections=len(version.sections))
    return version


def _new_section(proposal: Proposal) -> uuid.UUID:
    section = Section(id=uuid.uuid4(), proposal_id=proposal.id)
    db.session.add(section)
    db.session.flush()
    return section.id


def _drop_draft(proposal: Proposal) -> None:
    version = queries.draft(proposal)
    if version is None:
        return
    db.session.execute(delete(VersionSection).where(VersionSection.version_id == version.id))
    db.session.execute(delete(Version).where(Version.id == version.id))
    db.session.expunge(version)
    db.session.expire(proposal, ["versions"])


def publish(proposal: Proposal, actor: Actor | None) -> Version:
    """Publish the version in preparation; from now on it never changes. Raises ``Refused(EMPTY_TEXT)``."""
    version = queries.draft(proposal)
    if version is None:
        raise Refused(Refusal.EMPTY_TEXT)
    version.published_at = db.now()
    proposal.title = version.title
    db.session.flush()
    record("version.publish", actor, f"version:{version.id}", number=version.number, hash=version.text_hash)
    return version


def give_advice(proposal: Proposal, advice: str, actor: Actor | None) -> None:
    """The board's advice on a proposal, in Markdown; empty takes it back."""
    proposal.advice = advice.strip()
    db.session.flush()
    record("advice.give", actor, f"proposal:{proposal.id}")
