"""Reading who reacted where: sections by municipalities, positions by weight, and who is silent."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import contains_eager

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.answering.queries import of_size
from vng_alv.consultation.models import Comment, Consultation, Position
from vng_alv.consultation.queries import answered
from vng_alv.domain.answering import Counted, Size, count_positions, size_of
from vng_alv.domain.clock import day_of
from vng_alv.domain.mandates import MEMBER_SECRETARIES
from vng_alv.members.models import Member, Office
from vng_alv.members.queries import get_association, members_on
from vng_alv.proposals.queries import sections_of

#: The key of a section, or None for the whole.
Key = uuid.UUID | None


class Cell(NamedTuple):
    """A reaction in force: its position, if it takes one, and whether it is answered."""

    position: Position | None
    answered: bool


@dataclass(frozen=True)
class Row:
    """A municipality with its reactions, by section."""

    member: Member
    cells: Mapping[Key, Cell]

    @property
    def unanswered(self) -> int:
        """How many of its reactions are not answered."""
        return sum(not cell.answered for cell in self.cells.values())


@dataclass
class Total:
    """What the municipalities that were asked for did at one section."""

    reactions: int = 0
    unanswered: int = 0
    positions: dict[Position, int] = field(default_factory=lambda: dict.fromkeys(Position, 0))


@dataclass(frozen=True)
class Matrix:
    """A page of municipalities, and the totals of all that were asked for."""

    rows: Sequence[Row]
    totals: Mapping[Key, Total]
    #: Municipalities that were asked for, and how many of them reacted.
    members: int
    reacted: int


def day_for(consultation: Consultation) -> date:
    """The day on which somebody has to be a member to count here: that of closing, today while it is open."""
    return day_of(min(consultation.closes_at, db.now()))


def _reacted(consultation: Consultation) -> set[uuid.UUID]:
    """The members of which something is in force."""
    sent = select(Comment.member_id).where(Comment.consultation_id == consultation.id, Comment.sent_at.is_not(None))
    return set(db.session.scalars(sent.distinct()))


def _electorate(consultation: Consultation, reacted: set[uuid.UUID]) -> list[Member]:
    """The members on that day and whoever reacted besides, by name."""
    found = {member.id: member for member in members_on(day_for(consultation))}
    if gone := reacted - found.keys():
        found |= {member.id: member for member in db.session.scalars(select(Member).where(Member.id.in_(gone)))}
    return sorted(found.values(), key=lambda member: (member.name, member.code))


def provinces() -> Sequence[str]:
    """All provinces in the register, by name."""
    return db.session.scalars(select(Member.province).distinct().order_by(Member.province)).all()


def matrix(consultation: Consultation, province: str, size: Size | None, first: int, number: int) -> Matrix:
    """Municipalities from place ``first`` (from 0) by name, with their reactions; and the totals."""
    reacted = _reacted(consultation)
    asked = [member for member in _electorate(consultation, reacted) if _fits(member, province, size)]
    shown = asked[first : first + number]
    cells: dict[uuid.UUID, dict[Key, Cell]] = {member.id: {} for member in shown}
    found = select(Comment.member_id, Comment.section_id, Comment.sent_position, answered()).where(
        Comment.consultation_id == consultation.id,
        Comment.sent_at.is_not(None),
        Comment.member_id.in_([member.id for member in shown]),
    )
    for member_id, section_id, position, done in db.session.execute(found):
        cells[member_id][section_id] = Cell(position, bool(done))
    rows = [Row(member, cells[member.id]) for member in shown]
    totals = _totals(consultation, province, size)
    return Matrix(rows, totals, len(asked), sum(member.id in reacted for member in asked))


def _fits(member: Member, province: str, size: Size | None) -> bool:
    return province in ("", member.province) and size in (None, size_of(member.population))


def _totals(consultation: Consultation, province: str, size: Size | None) -> dict[Key, Total]:
    found: dict[Key, Total] = {}
    query = (
        select(
            Comment.section_id,
            Comment.sent_position,
            func.count(),
            func.sum(case((answered(), 0), else_=1)),
        )
        .join(Comment.member)
        .where(Comment.consultation_id == consultation.id, Comment.sent_at.is_not(None), *of_size(size))
        .group_by(Comment.section_id, Comment.sent_position)
    )
    if province:
        query = query.where(Member.province == province)
    for section_id, position, reactions, unanswered in db.session.execute(query):
        total = found.setdefault(section_id, Total())
        total.reactions += reactions
        total.unanswered += unanswered
        if position:
            total.positions[position] += reactions
    return found


# --- Positions


def positions(consultation: Consultation) -> Counted[Key]:
    """The positions of all full members on the day that counts, by weight and by members, for each section."""
    rule = get_association().weight_rule
    weights = {member.id: member.votes(rule) for member in members_on(day_for(consultation)) if not member.advisory}
    taken = db.session.execute(
        select(Comment.section_id, Comment.member_id, Comment.sent_position).where(
            Comment.consultation_id == consultation.id, Comment.sent_position.is_not(None)
        )
    )
    keys: list[Key] = [section.section_id for section in sections_of(consultation.version_id)]
    return count_positions([None, *keys], [(key, member, stand or "") for key, member, stand in taken], weights)


# --- Who is silent


@dataclass(frozen=True)
class Silent:
    """A municipality that sent nothing, with whoever can send for it. Its drafts are its own."""

    member: Member
    people: Sequence[Person]


def silent(consultation: Consultation, province: str, size: Size | None) -> list[Silent]:
    """The members that sent no reaction, by name, with their secretaries and clerks who have an account in use."""
    reacted = _reacted(consultation)
    found = [
        member for member in members_on(day_for(consultation))
        if member.id not in reacted and _fits(member, province, size)
    ]  # fmt: skip
    people: dict[uuid.UUID, list[Person]] = {}
    offices = (
        select(Office)
        .join(Office.person)
        .options(contains_eager(Office.person))
        .where(Office.kind.in_(MEMBER_SECRETARIES), Person.active)
        .order_by(Person.name, Office.id)
    )
    for office in db.session.scalars(offices):
        people.setdefault(office.member_id, []).append(office.person)
    return [Silent(member, people.get(member.id, [])) for member in found]
