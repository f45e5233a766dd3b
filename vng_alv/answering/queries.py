"""Reading themes, and the reactions to answer."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from vng_alv import db
from vng_alv.consultation.models import Comment, CommentRevision, CommentTheme, Consultation, Theme
from vng_alv.consultation.queries import answered, in_order, with_answers
from vng_alv.domain.answering import BOUNDS, Moments, Size
from vng_alv.domain.consultation import RevisionAct
from vng_alv.errors import Missing
from vng_alv.members.models import Member

#: In the place of a section's key: the text as a whole.
WHOLE = "geheel"
#: In the place of a theme's key: under no theme at all.
NO_THEME = "geen"


@dataclass(frozen=True)
class Wanted:
    """What a list of reactions is narrowed to; what is empty narrows nothing."""

    #: The key of a section, or ``WHOLE``.
    section: str = ""
    province: str = ""
    size: Size | None = None
    #: The key of a theme, or ``NO_THEME``.
    theme: str = ""
    unanswered: bool = False
    #: Words in the reaction, or in the name of the municipality.
    text: str = ""
    #: The code of a member.
    member: str = ""


@dataclass(frozen=True)
class Numbers:
    """How many reactions, of how many municipalities, and how many of them are not answered."""

    reactions: int
    members: int
    unanswered: int


def of_size(size: Size | None) -> list[ColumnElement[bool]]:
    """Municipalities of one size, or of all."""
    if size is None:
        return []
    least, beyond = BOUNDS[size]
    return [Member.population >= least, *([Member.population < beyond] if beyond else [])]


def _conditions(consultation_id: uuid.UUID, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [Comment.consultation_id == consultation_id, Comment.sent_at.is_not(None), *of_size(wanted.size)]
    if wanted.section:
        whole = wanted.section == WHOLE
        found.append(Comment.section_id.is_(None) if whole else Comment.section_id == _key(wanted.section))
    if wanted.province:
        found.append(Member.province == wanted.province)
    if wanted.theme:
        under = select(CommentTheme.comment_id).where(CommentTheme.comment_id == Comment.id)
        none = wanted.theme == NO_THEME
        found.append(~under.exists() if none else under.where(CommentTheme.theme_id == _key(wanted.theme)).exists())
    if wanted.unanswered:
        found.append(~answered())
    if wanted.text:
        words = (column.icontains(wanted.text, autoescape=True) for column in (Comment.sent_body, Member.name))
        found.append(or_(*words))
    if wanted.member:
        found.append(Member.code == wanted.member)
    return found


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)  # no such thing: nothing is found


def reactions(consultation: Consultation, wanted: Wanted, first: int, number: int) -> Sequence[Comment]:
    """Sent reactions from place ``first`` (from 0), with member and answers: the whole, then by section and name."""
    query = in_order(consultation, *_conditions(consultation.id, wanted))
    query = query.options(joinedload(Comment.member), *with_answers())
    return db.session.scalars(query.offset(first).limit(number).execution_options(populate_existing=True)).all()


def count(consultation_id: uuid.UUID, wanted: Wanted) -> Numbers:
    """How many there are of them."""
    row = db.session.execute(
        select(
            func.count(),
            func.count(Comment.member_id.distinct()),
            func.coalesce(func.sum(case((answered(), 0), else_=1)), 0),
        )
        .select_from(Comment)
        .join(Comment.member)
        .where(*_conditions(consultation_id, wanted))
    ).one()
    return Numbers(int(row[0]), int(row[1]), int(row[2]))


def in_force(comment_ids: Sequence[uuid.UUID], consultation_id: uuid.UUID) -> Moments:
    """Which of these are reactions in this consultation, and since when each is in force; they stay so for now."""
    rows = db.session.execute(
        select(Comment.id, Comment.sent_at)
        .where(Comment.id.in_(comment_ids), Comment.consultation_id == consultation_id)
        .order_by(Comment.id)
        .with_for_update(read=True)
    )
    return dict(rows.all())


def under(theme_id: uuid.UUID, *, hold: bool = False) -> Moments:
    """Which reactions are under a theme, and since when each is in force; with ``hold`` they stay so for now."""
    linked = select(CommentTheme.comment_id).where(CommentTheme.theme_id == theme_id)
    query = select(Comment.id, Comment.sent_at).where(Comment.id.in_(linked)).order_by(Comment.id)
    rows = db.session.execute(query.with_for_update(read=True) if hold else query)
    return dict(rows.all())


def with_members(comment_ids: Sequence[uuid.UUID]) -> Sequence[Comment]:
    """These reactions as they are now, by name of their members."""
    query = select(Comment).options(contains_eager(Comment.member)).join(Comment.member)
    query = query.where(Comment.id.in_(comment_ids)).order_by(Member.name, Comment.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def get_sent(consultation_id: uuid.UUID, comment_id: uuid.UUID, *, lock: bool = False) -> Comment:
    """One sent reaction with member and answers; with ``lock`` nobody else answers or replaces it. Raises
    ``Missing``."""
    if lock:  # first, so that what is read after it is of now and not of before the wait
        db.session.execute(select(Comment.id).where(Comment.id == comment_id).with_for_update())
    found = db.session.scalars(
        select(Comment)
        .options(joinedload(Comment.member), *with_answers())
        .where(Comment.id == comment_id, Comment.consultation_id == consultation_id, Comment.sent_at.is_not(None))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Missing("comment")
    return found


def was_withdrawn(consultation_id: uuid.UUID, comment_id: uuid.UUID) -> bool:
    """Whether this is a reaction that was sent once, and that nothing of is in force now."""
    taken_back = select(CommentRevision.comment_id).where(
        CommentRevision.comment_id == Comment.id, CommentRevision.act == RevisionAct.WITHDRAWN
    )
    found = select(Comment.id).where(
        Comment.id == comment_id, Comment.consultation_id == consultation_id, Comment.sent_at.is_(None),
        taken_back.exists(),
    )  # fmt: skip
    return db.session.scalar(found) is not None


# --- Themes


def themes_of(consultation_id: uuid.UUID, *, lock: bool = False) -> Sequence[Theme]:
    """The themes of a consultation in their order; with ``lock`` nobody else changes them in this transaction."""
    query = select(Theme).where(Theme.consultation_id == consultation_id)
    if lock:
        db.session.execute(select(Theme.id).where(Theme.consultation_id == consultation_id).order_by(Theme.id)
                           .with_for_update())  # fmt: skip
        query = query.execution_options(populate_existing=True)
    return db.session.scalars(query.order_by(Theme.position, Theme.title)).all()


def find_theme(consultation_id: uuid.UUID, theme_id: uuid.UUID, *, lock: bool = False) -> Theme | None:
    """One theme of a consultation with who changed it last."""
    if lock:  # first, as above
        db.session.execute(select(Theme.id).where(Theme.id == theme_id).with_for_update())
    return db.session.scalars(
        select(Theme)
        .options(joinedload(Theme.person))
        .where(Theme.id == theme_id, Theme.consultation_id == consultation_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def get_theme(consultation_id: uuid.UUID, theme_id: uuid.UUID, *, lock: bool = False) -> Theme:
    """The same. Raises ``Missing``."""
    found = find_theme(consultation_id, theme_id, lock=lock)
    if found is None:
        raise Missing("theme")
    return found


def theme_called(consultation_id: uuid.UUID, title: str) -> Theme | None:
    """The theme with this title."""
    query = select(Theme).where(Theme.consultation_id == consultation_id, Theme.title == title)
    return db.session.scalars(query).one_or_none()


def links_of(theme_id: uuid.UUID) -> Sequence[CommentTheme]:
    """All that is under a theme, also what is not in force now."""
    query = select(CommentTheme).where(CommentTheme.theme_id == theme_id).order_by(CommentTheme.comment_id)
    return db.session.scalars(query).all()


def counts_of_themes(consultation_id: uuid.UUID) -> dict[uuid.UUID, tuple[int, int]]:
    """Reactions in force, and the municipalities that they are of, by theme; a theme without any is not there."""
    rows = db.session.execute(
        select(CommentTheme.theme_id, func.count(), func.count(Comment.member_id.distinct()))
        .join(Comment, Comment.id == CommentTheme.comment_id)
        .where(Comment.consultation_id == consultation_id, Comment.sent_at.is_not(None))
        .group_by(CommentTheme.theme_id)
    )
    return {key: (reactions, members) for key, reactions, members in rows}
