"""Working on a version before it is published: correcting what was read, and saying which section continues which."""

import uuid
from collections.abc import Mapping

from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.sections import Recognition, SectionText, match, recognition
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.proposals import queries, service
from vng_alv.proposals.markdown import Document, to_markdown
from vng_alv.proposals.models import Proposal, Version


def _draft(proposal: Proposal, seen: str) -> Version:
    """The version in preparation, if it still is the one that somebody saw."""
    version = queries.draft(proposal)
    if version is None:
        raise Missing("version")
    if version.text_hash != seen:
        raise Conflict(Refusal.DRAFT_STALE)
    return version


def document_of(version: Version) -> Document:
    """A version as a document, to correct as Markdown."""
    sections = tuple(service.section_text(s) for s in queries.sections_of(version.id))
    return Document(version.title, version.preamble, sections)


def markdown_of(version: Version) -> str:
    """A version as Markdown that reads back as itself."""
    return to_markdown(document_of(version))


def correct(proposal: Proposal, document: Document, seen: str, actor: Actor | None) -> Version:
    """Put a corrected text in the place of the version in preparation; ``seen`` is the hash of what was corrected.

    Sections keep the identity, and what was said of it, that they have in the version that is corrected. The report on
    the file stays. Raises ``Missing`` or ``Conflict(DRAFT_STALE)``.
    """
    version = _draft(proposal, seen)
    kept, earlier = queries.sections_of(version.id), queries.published(proposal)
    older = {s.section_id: service.section_text(s) for s in queries.sections_of(earlier.id)} if earlier else {}
    now = {s.section_id: service.section_text(s) for s in kept}
    said = {s.section_id: s.recognition for s in kept}
    sections: list[tuple[uuid.UUID | None, Recognition, SectionText]] = []
    keys: list[uuid.UUID | None] = match(now, document.sections)
    for key, text in zip(keys, document.sections, strict=True):
        how = said[key] if key else Recognition.NEW
        sections.append((key, recognition(older[key], text) if key in older and how is Recognition.SAME else how, text))
    made = service.new_version(
        proposal, document.title, document.preamble, sections,
        kind=version.kind, file_name=version.file_name, report=version.report,
    )  # fmt: skip
    record("version.correct", actor, f"version:{made.id}", number=made.number, hash=made.text_hash)
    return made


def recognise(proposal: Proposal, chosen: Mapping[int, uuid.UUID | None], seen: str, actor: Actor | None) -> Version:
    """Say for sections, by position, which section of the published version they continue; None: they are new.

    Raises ``Missing``, ``Conflict(DRAFT_STALE)`` or ``Refused(CHOSEN_TWICE)``.
    """
    version = _draft(proposal, seen)
    earlier = queries.published(proposal)
    older = {s.section_id: s for s in queries.sections_of(earlier.id)} if earlier else {}
    sections: list[tuple[uuid.UUID | None, Recognition, SectionText]] = []
    for section in queries.sections_of(version.id):
        text, now = service.section_text(section), section.section_id if section.section_id in older else None
        key = chosen.get(section.position, now)
        if key is not None and key not in older:
            raise Missing("section")
        if section.position not in chosen or (key == now and section.recognition is Recognition.SAME):
            sections.append((section.section_id, section.recognition, text))
        else:
            how = Recognition.CHOSEN if key else Recognition.NEW
            sections.append((key or (None if now else section.section_id), how, text))
    taken = [key for key, _, _ in sections if key]
    twice = sorted({older[key].number for key in taken if key in older and taken.count(key) > 1})
    if twice:
        raise Refused(Refusal.CHOSEN_TWICE, numbers=", ".join(twice))
    made = service.new_version(
        proposal, version.title, version.preamble, sections,
        kind=version.kind, file_name=version.file_name, report=version.report,
    )  # fmt: skip
    record("version.recognise", actor, f"version:{made.id}", number=made.number)
    return made
