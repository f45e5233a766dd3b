"""Rounds that open together: a block is what the console ticks at once, put together in advance.

A block says nothing about its rounds but that they go together: what may open, and when, is asked of each as always.
"""

import uuid
from collections.abc import Collection

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.db import Base
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import IN_PREPARATION
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.agenda import take
from vng_alv.meetings.models import Meeting
from vng_alv.voting.models import Round

Index("uq_round_id_meeting_id", Round.id, Round.meeting_id, unique=True)


class BlockRound(Base):
    """A round in a block, of which it is in at most one. Blocks are numbered in a meeting."""

    __tablename__ = "round_block"
    __table_args__ = (
        # A draft that is made anew goes, and its place in the block with it.
        ForeignKeyConstraint(["round_id", "meeting_id"], ["round.id", "round.meeting_id"], ondelete="CASCADE"),
        CheckConstraint("block >= 1", name="block_from_one"),
        Index("ix_round_block_meeting_id_block", "meeting_id", "block"),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    meeting_id: Mapped[uuid.UUID]
    block: Mapped[int]


def blocks_of(meeting_id: uuid.UUID) -> dict[int, list[Round]]:
    """The blocks of a meeting, with their rounds by number, opened ones too."""
    rows = db.session.execute(
        select(BlockRound.block, Round)
        .join(Round, Round.id == BlockRound.round_id)
        .where(BlockRound.meeting_id == meeting_id)
        .order_by(BlockRound.block, Round.number)
    )
    found: dict[int, list[Round]] = {}
    for block, one in rows:
        found.setdefault(block, []).append(one)
    return found


def put_together(meeting: Meeting, numbers: Collection[int], actor: Actor | None, *, version: int | None = None) -> int:
    """Make a block of rounds in preparation, which leave the block that they were in; its number.

    Raises ``Missing``, ``Refused(BLOCK_TOO_SMALL)`` for fewer than two, and ``Conflict(ROUND_STATE)`` for one that was
    opened.
    """
    take(meeting, version, actor, Permission.RUN_ROUNDS)
    if len(set(numbers)) < 2:
        raise Refused(Refusal.BLOCK_TOO_SMALL)
    chosen = db.session.scalars(
        select(Round)
        .where(Round.meeting_id == meeting.id, ~Round.rehearsal, Round.number.in_(set(numbers)))
        .order_by(Round.number)
    ).all()
    if len(chosen) != len(set(numbers)):
        raise Missing("round")
    for one in chosen:
        if one.state not in IN_PREPARATION:
            raise Conflict(Refusal.ROUND_STATE, number=one.number)
    highest = select(func.max(BlockRound.block)).where(BlockRound.meeting_id == meeting.id)
    block = (db.session.scalar(highest) or 0) + 1
    db.session.execute(delete(BlockRound).where(BlockRound.round_id.in_([one.id for one in chosen])))
    db.session.add_all(BlockRound(round_id=one.id, meeting_id=meeting.id, block=block) for one in chosen)
    db.session.flush()
    _drop_remainders(meeting)
    record("block.make", actor, f"meeting:{meeting.id}", block=block, rounds=[one.number for one in chosen])
    return block


def take_apart(meeting: Meeting, block: int, actor: Actor | None, *, version: int | None = None) -> None:
    """Let the rounds of a block each go their own way again. Raises ``Missing``."""
    take(meeting, version, actor, Permission.RUN_ROUNDS)
    of_block = (BlockRound.meeting_id == meeting.id) & (BlockRound.block == block)
    if not db.session.scalar(select(func.count()).select_from(BlockRound).where(of_block)):
        raise Missing("block")
    db.session.execute(delete(BlockRound).where(of_block))
    db.session.flush()
    record("block.end", actor, f"meeting:{meeting.id}", block=block)


def _drop_remainders(meeting: Meeting) -> None:
    """One round alone is no block."""
    alone = (
        select(BlockRound.block)
        .where(BlockRound.meeting_id == meeting.id)
        .group_by(BlockRound.block)
        .having(func.count() < 2)
    )
    blocks = list(db.session.scalars(alone))
    db.session.execute(delete(BlockRound).where(BlockRound.meeting_id == meeting.id, BlockRound.block.in_(blocks)))
