"""What is public about a meeting, as plain facts: the same for everybody who asks."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from vng_alv import db
from vng_alv.amendments.models import Amendment
from vng_alv.amendments.queries import amendments_of_meeting, get_amendment
from vng_alv.domain.amendments import Wording
from vng_alv.domain.sections import SectionText
from vng_alv.domain.submissions import AdviceKind, CoAnswer, SubmissionState
from vng_alv.errors import Missing
from vng_alv.meetings.models import Meeting
from vng_alv.members.queries import get_association
from vng_alv.motions.models import Motion
from vng_alv.motions.queries import motions_of
from vng_alv.proposals.models import Proposal, ProposalKind, Version, VersionSection
from vng_alv.proposals.queries import proposals_of, published
from vng_alv.proposals.service import section_text
from vng_alv.submissions.models import Submission
from vng_alv.submissions.queries import advice_for


@dataclass(frozen=True)
class Place:
    """Which association and meeting a document belongs to."""

    association: str
    example: bool
    code: str
    title: str
    place: str
    starts_at: datetime


@dataclass(frozen=True)
class Advised:
    """The newest public advice: its kind (None: it has no word), Markdown, version and moment (None: unknown)."""

    kind: AdviceKind | None
    body: str
    number: int = 0
    at: datetime | None = None


@dataclass(frozen=True)
class TextFacts:
    """One published version of a text. ``submitter`` is a municipality, or None for the board."""

    code: str
    kind: ProposalKind
    submitter: str | None
    agenda: int | None
    version: int
    published_at: datetime
    hash: str
    title: str
    preamble: str
    sections: tuple[SectionText, ...]
    advice: Advised | None


@dataclass(frozen=True)
class SectionChange:
    """What an amendment makes of a section; ``number`` is '' for a new one, which comes after section ``after``."""

    number: str
    heading: str
    after: str
    removed: bool
    old: str
    new: str


@dataclass(frozen=True)
class SubmissionFacts:
    """What amendments and motions share; ``submitters`` are names of municipalities, the first one first."""

    key: uuid.UUID
    label: str
    title: str
    submitters: tuple[str, ...]
    state: SubmissionState
    submitted_at: datetime
    reason: str
    advice: Advised | None


@dataclass(frozen=True)
class AmendmentFacts:
    """An amendment that was submitted, on a version of a text."""

    about: SubmissionFacts
    text_code: str
    text_title: str
    text_version: int
    changes: tuple[SectionChange, ...]


@dataclass(frozen=True)
class MotionFacts:
    """A motion that was submitted, with its newest text."""

    about: SubmissionFacts
    text: TextFacts


#: Places of the same section in two versions, None where one of them has it not.
Pair = tuple[int | None, int | None]


@dataclass(frozen=True)
class Item:
    """An agenda item."""

    number: int
    title: str
    note: str


@dataclass(frozen=True)
class MeetingFacts:
    """All of a meeting that goes into its set: texts and amendments by code and number."""

    place: Place
    agenda: tuple[Item, ...]
    texts: tuple[TextFacts, ...]
    amendments: tuple[AmendmentFacts, ...]
    motions: tuple[MotionFacts, ...]


def place_of(meeting: Meeting) -> Place:
    """Which association and meeting it is."""
    association = get_association()
    return Place(association.name, association.example, meeting.code, meeting.title, meeting.place, meeting.starts_at)


def published_version(proposal: Proposal, number: int | None = None) -> Version:
    """The version with a number, or the newest one. Raises ``Missing`` for what is not published."""
    found = published(proposal)
    if number is not None:
        found = next((v for v in proposal.versions if v.number == number and v.published_at), None)
    if found is None:
        raise Missing("version")
    return found


def text_facts(proposal: Proposal, version: Version) -> TextFacts:
    """One version of a text."""
    return _text(proposal, version, sections_in([version.id]))


def compared_facts(proposal: Proposal, old: Version, new: Version) -> tuple[TextFacts, TextFacts, tuple[Pair, ...]]:
    """Two versions, and which sections belong together: in the order of the new one, what is gone where it was."""
    rows = sections_in([old.id, new.id])
    before = [row.section_id for row in rows[old.id]]
    after = [row.section_id for row in rows[new.id]]
    pairs: list[Pair] = []
    waiting = [key for key in before if key not in after]
    for place, key in enumerate(after):
        was = before.index(key) if key in before else None
        while was is not None and waiting and before.index(waiting[0]) < was:
            pairs.append((before.index(waiting.pop(0)), None))
        pairs.append((was, place))
    pairs += [(before.index(key), None) for key in waiting]
    return _text(proposal, old, rows), _text(proposal, new, rows), tuple(pairs)


def amendment_facts(key: uuid.UUID) -> tuple[Place, AmendmentFacts]:
    """An amendment as everybody may read it. Raises ``Missing``, for a draft too."""
    found = get_amendment(key, None)
    return place_of(found.submission.meeting), _amendment(found, sections_in([found.version_id]))


def meeting_facts(meeting: Meeting) -> MeetingFacts:
    """All that is public, in a fixed number of statements."""
    texts = [(p, version) for p in proposals_of(meeting.id) if (version := published(p))]
    amendments = amendments_of_meeting(meeting.id)
    motions = {m.proposal_id: m for m in motions_of(meeting.id, None) if m.proposal_id}
    sections = sections_in({version.id for _, version in texts} | {a.version_id for a in amendments})
    return MeetingFacts(
        place_of(meeting),
        tuple(Item(item.number, item.title, item.note) for item in meeting.agenda),
        tuple(_text(p, version, sections) for p, version in texts if p.id not in motions),
        tuple(_amendment(a, sections) for a in amendments),
        tuple(
            sorted(
                (_motion(motions[p.id], p, version, sections) for p, version in texts if p.id in motions),
                key=lambda motion: int(motion.about.label[1:]),
            )
        ),
    )


_Sections = Mapping[uuid.UUID, Sequence[VersionSection]]


def sections_in(version_ids: Collection[uuid.UUID]) -> _Sections:
    """The sections of versions, in their order."""
    found: dict[uuid.UUID, list[VersionSection]] = {version_id: [] for version_id in version_ids}
    rows: Iterable[VersionSection] = db.session.scalars(
        select(VersionSection).where(VersionSection.version_id.in_(version_ids)).order_by(VersionSection.position)
    )
    for row in rows:
        found[row.version_id].append(row)
    return found


def _text(proposal: Proposal, version: Version, sections: _Sections) -> TextFacts:
    if version.published_at is None:
        raise Missing("version")
    return TextFacts(
        code=proposal.code,
        kind=proposal.kind,
        submitter=proposal.submitter.name if proposal.submitter else None,
        agenda=proposal.agenda_item.number if proposal.agenda_item else None,
        version=version.number,
        published_at=version.published_at,
        hash=version.text_hash,
        title=version.title,
        preamble=version.preamble,
        sections=tuple(map(section_text, sections[version.id])),
        advice=Advised(None, proposal.advice) if proposal.advice else None,
    )


def _about(submission: Submission) -> SubmissionFacts:
    if submission.submitted_at is None:
        raise Missing("submission")
    joined = sorted(c.member.name for c in submission.co_submitters if c.answer is CoAnswer.JOINED)
    public = advice_for(submission, None)
    advised = Advised(public[0].kind, public[0].body, public[0].number, public[0].published_at) if public else None
    return SubmissionFacts(
        key=submission.id,
        label=submission.label,
        title=submission.title,
        submitters=(submission.member.name, *joined),
        state=submission.state,
        submitted_at=submission.submitted_at,
        reason=submission.reason,
        advice=advised,
    )


def _amendment(amendment: Amendment, sections: _Sections) -> AmendmentFacts:
    known = {section.section_id: section for section in sections[amendment.version_id]}
    found = []
    for row in amendment.sections:
        base, after = (None, known.get(row.after_id)) if row.after_id else (known.get(row.section_id), None)
        change = SectionChange(
            number=base.number if base else "",
            heading=base.heading if base else row.heading,
            after=after.number if after else "",
            removed=row.removed,
            old=Wording(base.heading, base.body).text if base else "",
            new="" if row.removed else Wording(row.heading, row.body).text,
        )
        place = base or after
        found.append((place.position if place else 0, base is None, str(row.section_id), change))
    found.sort(key=lambda one: one[:3])
    proposal, version = amendment.proposal, amendment.version
    changes = tuple(change for *_, change in found)
    return AmendmentFacts(_about(amendment.submission), proposal.code, proposal.title, version.number, changes)


def _motion(motion: Motion, proposal: Proposal, version: Version, sections: _Sections) -> MotionFacts:
    return MotionFacts(_about(motion.submission), _text(proposal, version, sections))
