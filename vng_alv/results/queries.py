"""What everybody may read of rounds."""

import uuid

from sqlalchemy import select

from vng_alv import db
from vng_alv.domain.rounds import IN_PREPARATION
from vng_alv.errors import Missing
from vng_alv.voting.models import Round


def visible(found: Round) -> Round:
    """A round that was opened. Raises ``Missing`` before that: what is being prepared is nobody's business yet."""
    if found.state in IN_PREPARATION:
        raise Missing("round")
    return found


def published(found: Round) -> Round:
    """A round whose outcome was pronounced. Raises ``Missing`` before that."""
    if found.published_at is None:
        raise Missing("result")
    return found


def neighbours(meeting_id: uuid.UUID, number: int) -> tuple[int | None, int | None]:
    """The numbers of the rounds before and after one, among those that were opened."""
    numbers = list(
        db.session.scalars(
            select(Round.number)
            .where(Round.meeting_id == meeting_id, Round.state.not_in(IN_PREPARATION), ~Round.rehearsal)
            .order_by(Round.number)
        )
    )
    before = [n for n in numbers if n < number]
    after = [n for n in numbers if n > number]
    return (before[-1] if before else None), (after[0] if after else None)
