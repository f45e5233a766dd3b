"""Reading convocations, the documents of a meeting, and what came after the convocation."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer

from vng_alv import db
from vng_alv.convening.models import Convocation, MeetingDocument, Supplement
from vng_alv.domain.clock import day_of
from vng_alv.domain.convening import Condition, conditions, days_needed, is_supplement, last_day, may_announce
from vng_alv.domain.texts import ProposalKind
from vng_alv.domain.timing import early_voting_from
from vng_alv.errors import Missing
from vng_alv.meetings.models import Meeting
from vng_alv.members.queries import get_association
from vng_alv.proposals.models import Proposal, Version
from vng_alv.proposals.queries import proposals_of, published


@dataclass(frozen=True)
class CalledItem:
    """An item of the agenda as it was called: its number, its title, and the papers under it."""

    number: int
    title: str
    papers: list[str]


@dataclass(frozen=True)
class Call:
    """What a convocation says of its meeting, beside what the secretariat writes. Moments are ISO text."""

    title: str
    place: str
    starts_at: str
    ends_at: str
    early_from: str
    agenda: list[CalledItem]
    #: Papers that stand under no item.
    papers: list[str]
    conditions: list[Condition]
    #: How many days had to lie between, and whether there were fewer.
    days: int
    late: bool

    @property
    def moments(self) -> tuple[datetime, datetime | None, datetime | None]:
        """When it starts, when it ends, and from when members may vote before it; what there is of these."""
        end, early = (datetime.fromisoformat(one) if one else None for one in (self.ends_at, self.early_from))
        return datetime.fromisoformat(self.starts_at), end, early

    def to_data(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Call":
        """As it was stored."""
        items = [CalledItem(**one) for one in data["agenda"]]
        return cls(**{**data, "agenda": items, "conditions": [Condition(one) for one in data["conditions"]]})


def call_of(meeting: Meeting, now: datetime) -> Call:
    """What the convocation of a meeting would say now."""
    texts = [p for p in proposals_of(meeting.id) if published(p)]
    papers = [(p.agenda_item_id, f"{p.code} {p.title}") for p in texts]
    files = [d for d in documents_of(meeting.id) if d.publish_at <= now and not d.withdrawn_at]
    papers += [(file.agenda_item_id, file.title) for file in files]
    association = get_association()
    days = days_needed(
        association.convocation_days, changes_statutes=any(p.kind is ProposalKind.STATUTES for p in texts)
    )
    early = 0 if meeting.is_written else association.early_voting_days
    return Call(
        title=meeting.title,
        place=meeting.place,
        starts_at=meeting.starts_at.isoformat(),
        ends_at=meeting.ends_at.isoformat() if meeting.ends_at else "",
        early_from=early_voting_from(meeting.starts_at, early).isoformat() if early else "",
        agenda=[
            CalledItem(item.number, item.title, [words for key, words in papers if key == item.id])
            for item in meeting.agenda
        ],
        papers=[words for key, words in papers if key is None],
        conditions=conditions(early=bool(early), written=meeting.is_written),
        days=days,
        late=day_of(now) > last_day(meeting.starts_at, days),
    )


def last_day_of(meeting: Meeting, call: Call) -> date:
    """The last day on which its convocation is in time."""
    return last_day(meeting.starts_at, call.days)


def find_convocation(meeting_id: uuid.UUID) -> Convocation | None:
    """That a meeting was called together, or None."""
    return db.session.get(Convocation, meeting_id)


def documents_of(meeting_id: uuid.UUID) -> Sequence[MeetingDocument]:
    """All documents of a meeting, in the order of their publication; those that are still to come too."""
    return db.session.scalars(
        select(MeetingDocument)
        .options(joinedload(MeetingDocument.agenda_item))
        .where(MeetingDocument.meeting_id == meeting_id)
        .order_by(MeetingDocument.publish_at, MeetingDocument.added_at, MeetingDocument.id)
    ).all()


def get_document(
    meeting_id: uuid.UUID, document_id: uuid.UUID, *, lock: bool = False, content: bool = False
) -> MeetingDocument:
    """One of them. Raises ``Missing``."""
    wanted = select(MeetingDocument).where(MeetingDocument.id == document_id, MeetingDocument.meeting_id == meeting_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    if content:
        wanted = wanted.options(undefer(MeetingDocument.content))
    found = db.session.scalars(wanted).one_or_none()
    if found is None:
        raise Missing("document")
    return found


@dataclass(frozen=True)
class Papers:
    """What everybody sees beside the texts of a meeting."""

    convocation: Convocation | None
    documents: Sequence[MeetingDocument]
    #: The documents and texts that came after the convocation, by key.
    supplements: set[uuid.UUID] = field(default_factory=set)


def papers_of(meeting: Meeting, texts: Iterable[Proposal], now: datetime) -> Papers:
    """The convocation, the documents that are public, and which of all papers came after the convocation."""
    called = find_convocation(meeting.id)
    public = [one for one in documents_of(meeting.id) if one.publish_at <= now]
    since = called.sent_at if called else None
    late = {one.id for one in public if is_supplement(one.publish_at, since)}
    late |= {p.id for p in texts if (first := _first_published(p)) and is_supplement(first, since)}
    return Papers(called, public, late)


def _first_published(proposal: Proposal) -> datetime | None:
    return min((v.published_at for v in proposal.versions if v.published_at), default=None)


@dataclass(frozen=True)
class ToAnnounce:
    """What came after the convocation of a meeting and nobody was told yet."""

    documents: Sequence[MeetingDocument]
    proposals: Sequence[Proposal]

    @property
    def titles(self) -> list[str]:
        """What they are called, texts first."""
        return [f"{p.code} {p.title}" for p in self.proposals] + [d.title for d in self.documents]


def meetings_to_announce(now: datetime) -> list[uuid.UUID]:
    """The meetings that are still to come, with papers that came after the convocation and can be announced now."""
    moments: defaultdict[uuid.UUID, list[Any]] = defaultdict(list)
    coming = func.coalesce(Meeting.ends_at, Meeting.starts_at) > now
    told = select(Supplement.id).where(Supplement.document_id == MeetingDocument.id)
    documents = (
        select(MeetingDocument.meeting_id, MeetingDocument.publish_at)
        .join(Convocation, Convocation.meeting_id == MeetingDocument.meeting_id)
        .join(Meeting, Meeting.id == MeetingDocument.meeting_id)
        .where(
            coming,
            MeetingDocument.publish_at > Convocation.sent_at,
            MeetingDocument.publish_at <= now,
            MeetingDocument.withdrawn_at.is_(None),
            ~told.exists(),
        )
    )
    said = select(Supplement.id).where(Supplement.proposal_id == Proposal.id)
    first = func.min(Version.published_at)
    texts = (
        select(Proposal.meeting_id, first)
        .join(Version, Version.proposal_id == Proposal.id)
        .join(Convocation, Convocation.meeting_id == Proposal.meeting_id)
        .join(Meeting, Meeting.id == Proposal.meeting_id)
        .where(coming, ~said.exists())
        .group_by(Proposal.id, Proposal.meeting_id, Convocation.sent_at)
        .having(first > Convocation.sent_at)
    )
    for wanted in (documents, texts):
        for meeting_id, moment in db.session.execute(wanted):
            moments[meeting_id].append(moment)
    return [key for key, published_at in moments.items() if may_announce(published_at, now)]


def to_announce(meeting: Meeting, now: datetime) -> ToAnnounce:
    """What came after the convocation of a meeting and was not announced."""
    texts = proposals_of(meeting.id)
    found = papers_of(meeting, texts, now)
    rows = db.session.scalars(select(Supplement).where(Supplement.meeting_id == meeting.id)).all()
    told = {row.document_id or row.proposal_id for row in rows}
    new = found.supplements - told
    return ToAnnounce(
        [one for one in found.documents if one.id in new and not one.withdrawn_at], [p for p in texts if p.id in new]
    )
