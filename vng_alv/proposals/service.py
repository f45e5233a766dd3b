"""Importing a text as a version of a proposal, and publishing it."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import delete, select

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain import chain
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.sections import Recognition, SectionText, match, recognition
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings import agenda
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.models import Member
from vng_alv.proposals import queries
from vng_alv.proposals.markdown import MAX_SECTIONS, Document
from vng_alv.proposals.models import Proposal, ProposalKind, Section, Version, VersionKind, VersionSection
from vng_alv.proposals.reading import read
from vng_alv.proposals.reading.kinds import MAX_TEXT

#: Characters of a heading or title, and of a number.
MAX_HEADING = 300
MAX_NUMBER = 20

#: What happens after a version was published over another one (proposal, old, new, who): rooms above add to it when
#: they are read in.
AFTER_PUBLISH: list[Callable[[Proposal, Version, Version, Actor | None], None]] = []


def _has_texts(item: AgendaItem) -> bool:
    return db.session.scalar(select(Proposal.id).where(Proposal.agenda_item_id == item.id).limit(1)) is not None


agenda.HANGS.append(_has_texts)


def read_text(data: bytes, file_name: str = "") -> Document:
    """A document from the bytes of a file. Raises ``Refused`` when it cannot be read, is empty or too large."""
    document = read(data, file_name)
    if not (document.title or document.preamble or document.sections):
        raise Refused(Refusal.EMPTY_TEXT)
    headings = [document.title, *(words for s in document.sections for words in (s.heading, s.group))]
    if (
        len(document.sections) > MAX_SECTIONS
        or any(len(words) > MAX_HEADING for words in headings)
        or any(len(s.number) > MAX_NUMBER for s in document.sections)
        or len(document.preamble) + sum(len(s.lead) + len(s.body) for s in document.sections) > MAX_TEXT
    ):
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


def import_text(
    proposal: Proposal, document: Document, actor: Actor | None, *, file_name: str = "", kind: VersionKind | None = None
) -> Version:
    """Keep ``document`` as the version in preparation, in place of the one that was.

    Sections that are recognised from the published version keep their identity; where that is by likeness only, a
    person confirms it before the version is published (``drafting.recognise``).
    """
    earlier = queries.published(proposal)
    was = {s.section_id: section_text(s) for s in queries.sections_of(earlier.id)} if earlier else {}
    matches = match(was, document.sections)
    sections = [
        (key, recognition(was.get(key) if key else None, text), text)
        for key, text in zip(matches, document.sections, strict=True)
    ]
    report = [[remark.code, remark.number, remark.place] for remark in document.remarks]
    version = new_version(
        proposal, document.title, document.preamble, sections, kind=kind, file_name=file_name, report=report
    )
    record("version.import", actor, f"version:{version.id}", number=version.number, sections=len(version.sections))
    return version


def new_version(
    proposal: Proposal,
    title: str,
    preamble: str,
    sections: Sequence[tuple[uuid.UUID | None, Recognition, SectionText]],
    *,
    kind: VersionKind | None = None,
    file_name: str = "",
    report: Sequence[Sequence[Any]] = (),
) -> Version:
    """A version in preparation of these sections (None: a new one), in place of the one that was. Its caller records
    it."""
    earlier = queries.published(proposal)
    _drop_draft(proposal)
    version = Version(
        id=uuid.uuid4(),
        number=earlier.number + 1 if earlier else 1,
        title=title or proposal.title,
        preamble=preamble,
        text_hash=text_hash(title or proposal.title, preamble, [text for _, _, text in sections]),
        kind=kind or VersionKind.CONCEPT,
        file_name=file_name[:200],
        report=list(report),
        created_at=db.now(),
        sections=[],
    )
    for position, (key, how, text) in enumerate(sections, 1):
        section_id = key or new_section(proposal)
        version.sections.append(VersionSection(section_id=section_id, position=position, recognition=how, **vars(text)))
    proposal.versions.append(version)
    db.session.flush()
    return version


def new_section(proposal: Proposal) -> uuid.UUID:
    """A section that no version had before."""
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
    """Publish the version in preparation; from now on it never changes.

    Raises ``Refused(EMPTY_TEXT or NOT_CONFIRMED)``, and what the rooms above refuse.
    """
    lock_meeting(proposal.meeting_id)
    version = queries.draft(proposal)
    if version is None:
        raise Refused(Refusal.EMPTY_TEXT)
    unsure = [s.number for s in queries.sections_of(version.id) if s.recognition is Recognition.ALIKE]
    if unsure:
        raise Refused(Refusal.NOT_CONFIRMED, numbers=", ".join(unsure))
    earlier = queries.published(proposal)
    version.published_at = db.now()
    proposal.title = version.title
    db.session.flush()
    record("version.publish", actor, f"version:{version.id}", number=version.number, hash=version.text_hash)
    if earlier:
        for after in AFTER_PUBLISH:
            after(proposal, earlier, version, actor)
    return version


def place(proposal: Proposal, item: AgendaItem | None, actor: Actor | None) -> None:
    """Put a text under an item of its meeting's agenda, or (None) under no item. Raises ``Missing`` for the item of
    another meeting."""
    if item and item.meeting_id != proposal.meeting_id:
        raise Missing("agenda item")
    proposal.agenda_item = item
    db.session.flush()
    record("proposal.place", actor, f"proposal:{proposal.id}", number=item.number if item else None)


def give_advice(proposal: Proposal, advice: str, actor: Actor | None) -> None:
    """The board's advice on a proposal, in Markdown; empty takes it back."""
    proposal.advice = advice.strip()
    db.session.flush()
    record("advice.give", actor, f"proposal:{proposal.id}")
