"""What stands beside the sections of a text, counted by the database; what members said is read with one section."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import ColumnElement, distinct, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from vng_alv import db
from vng_alv.amendments.models import Amendment, AmendmentSection, SectionSource
from vng_alv.consultation.models import Comment, CommentTheme, Consultation, Position, Theme
from vng_alv.consultation.queries import with_answers
from vng_alv.domain.majority import Verdict
from vng_alv.domain.rounds import ASKED, RoundKind, RoundState
from vng_alv.domain.submissions import SubmissionState
from vng_alv.members.models import Member
from vng_alv.proposals.models import Version, VersionSection
from vng_alv.submissions.models import CoSubmitter, Submission
from vng_alv.voting.models import Round
from vng_alv.voting.summary import Summary, summaries


class Margin(NamedTuple):
    """What stands beside a section, as it is drawn: equal where it looks the same."""

    reactions: int
    #: With the number of each, and what part of all it is, in percent.
    positions: tuple[tuple[Position, int, int], ...]
    standing: int
    amendments: tuple[tuple[SubmissionState, int], ...]
    #: Its number, state and (once it is published) verdict.
    round: tuple[int, RoundState, Verdict | None] | None
    changed: bool


@dataclass
class Beside:
    """What stands beside a section, or beside the whole: reactions and positions as numbers, amendments, its round."""

    reactions: int = 0
    positions: Counter[Position] = field(default_factory=Counter)
    amendments: Counter[SubmissionState] = field(default_factory=Counter)
    round: Summary | None = None
    #: Whether the reactions were given to other words than those that stand here.
    changed: bool = False

    @property
    def standing(self) -> int:
        """How many amendments there are, without those that were withdrawn."""
        return self.amendments.total() - self.amendments[SubmissionState.WITHDRAWN]

    @property
    def margin(self) -> Margin:
        """The same as it is drawn."""
        taken = self.positions.total()
        return Margin(
            self.reactions,
            tuple((one, self.positions[one], round(100 * self.positions[one] / taken)) for one in Position
                  if self.positions[one]),
            self.standing,
            tuple((one, self.amendments[one]) for one in SubmissionState if self.amendments[one]),
            (self.round.number, self.round.state, self.round.verdict) if self.round else None,
            self.changed,
        )  # fmt: skip


Besides = dict[uuid.UUID | None, Beside]


def count_reactions(found: Besides, consultation: Consultation) -> None:
    """Put beside each section how many reactions were sent on it, and with which positions."""
    rows = db.session.execute(
        select(Comment.section_id, Comment.sent_position, func.count())
        .where(Comment.consultation_id == consultation.id, Comment.sent_at.is_not(None))
        .group_by(Comment.section_id, Comment.sent_position)
    )
    for section_id, position, number in rows:
        beside = found.setdefault(section_id, Beside())
        beside.reactions += number
        if position:
            beside.positions[position] += number


def count_amendments(found: Besides, proposal_id: uuid.UUID) -> None:
    """Put beside each section how many submitted amendments touch it, by state; a new one counts where it comes."""
    place = func.coalesce(AmendmentSection.after_id, AmendmentSection.section_id)
    rows = db.session.execute(
        select(place, Submission.state, func.count(distinct(Amendment.submission_id)))
        .join(Amendment, Amendment.submission_id == AmendmentSection.amendment_id)
        .join(Submission, Submission.id == Amendment.submission_id)
        .where(Amendment.proposal_id == proposal_id, Submission.state != SubmissionState.DRAFT)
        .group_by(place, Submission.state)
    )
    for section_id, state, number in rows:
        found.setdefault(db.as_uuid(section_id), Beside()).amendments[state] = number


def put_rounds(found: Besides, rounds: Sequence[Round], locale: str) -> None:
    """Put beside each section the last round on it that was opened."""
    shown = [r for r in rounds if r.kind in {RoundKind.SECTION, RoundKind.WHOLE} and r.state in ASKED]
    for one, summary in zip(shown, summaries(shown, locale), strict=True):
        found.setdefault(one.section_id, Beside()).round = summary


# --- One section


def reactions_on(
    consultation: Consultation,
    section_id: uuid.UUID | None,
    members: Sequence[uuid.UUID] | None,
    offset: int,
    limit: int,
) -> Sequence[Comment]:
    """What was sent on one section (None: the whole), with answers, by name of the member; of some members only, or
    (None) of all."""
    here: list[ColumnElement[bool]] = [Comment.consultation_id == consultation.id, Comment.sent_at.is_not(None)]
    here.append(Comment.section_id == section_id if section_id else Comment.section_id.is_(None))
    if members is not None:
        here.append(Comment.member_id.in_(members))
    return db.session.scalars(
        select(Comment)
        .join(Comment.member)
        .options(contains_eager(Comment.member), *with_answers())
        .where(*here)
        .order_by(Member.name, Member.code, Comment.id)
        .offset(offset)
        .limit(limit)
    ).all()


@dataclass(frozen=True)
class Raised:
    """A theme that reactions on a section are under, and how many."""

    theme: Theme
    reactions: int


def themes_on(consultation: Consultation, section_id: uuid.UUID | None) -> list[Raised]:
    """The themes that reactions on one section (None: the whole) are under, in their order."""
    here = Comment.section_id == section_id if section_id else Comment.section_id.is_(None)
    rows = db.session.execute(
        select(CommentTheme.theme_id, func.count())
        .join(Comment, Comment.id == CommentTheme.comment_id)
        .where(Comment.consultation_id == consultation.id, Comment.sent_at.is_not(None), here)
        .group_by(CommentTheme.theme_id)
    )
    counts = {row[0]: row[1] for row in rows}
    themes = db.session.scalars(select(Theme).where(Theme.id.in_(counts)).order_by(Theme.position, Theme.title))
    return [Raised(theme, counts[theme.id]) for theme in themes]


@dataclass(frozen=True)
class Proposed:
    """What an amendment makes of a section, with the words that it changes (none where the section is new)."""

    amendment: Amendment
    change: AmendmentSection
    base: VersionSection | None


def amendments_to(proposal_id: uuid.UUID, section_id: uuid.UUID) -> list[Proposed]:
    """The submitted amendments on one section, new sections right after it too, by number."""
    rows = db.session.execute(
        select(Amendment, AmendmentSection, VersionSection)
        .join(Amendment.submission)
        .join(AmendmentSection, AmendmentSection.amendment_id == Amendment.submission_id)
        .outerjoin(
            VersionSection,
            (VersionSection.version_id == Amendment.version_id)
            & (VersionSection.section_id == AmendmentSection.section_id),
        )
        .options(
            contains_eager(Amendment.submission).options(
                joinedload(Submission.member),
                selectinload(Submission.co_submitters).joinedload(CoSubmitter.member),
                selectinload(Submission.advice),
            )
        )
        .where(
            Amendment.proposal_id == proposal_id,
            Submission.state != SubmissionState.DRAFT,
            func.coalesce(AmendmentSection.after_id, AmendmentSection.section_id) == section_id,
        )
        .order_by(Submission.number)
    ).unique()
    return [Proposed(*row) for row in rows]


def wordings(section_id: uuid.UUID) -> list[tuple[Version, VersionSection]]:
    """A section in every published version that has it, the earliest first."""
    rows = db.session.execute(
        select(Version, VersionSection)
        .join(VersionSection, VersionSection.version_id == Version.id)
        .where(VersionSection.section_id == section_id, Version.published_at.is_not(None))
        .order_by(Version.number)
    )
    return [(row[0], row[1]) for row in rows]


def sources(section_id: uuid.UUID) -> dict[uuid.UUID, list[Submission]]:
    """The amendments that shaped a section, by the version that they shaped."""
    rows = db.session.execute(
        select(SectionSource.version_id, Submission)
        .join(Submission, Submission.id == SectionSource.amendment_id)
        .options(joinedload(Submission.member))
        .where(SectionSource.section_id == section_id)
        .order_by(Submission.number)
    )
    found: dict[uuid.UUID, list[Submission]] = {}
    for version_id, submission in rows:
        found.setdefault(version_id, []).append(submission)
    return found
