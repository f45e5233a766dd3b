"""Declaring a vote void takes two people: one asks, with a reason, and another one does it (docs/rules.md §4.9)."""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.voting import queries, service
from vng_alv.voting.models import Dispute, Round


def disputes_at(meeting_id: uuid.UUID) -> Sequence[Dispute]:
    """What waits for a second person at a meeting, with round and asker, the oldest first."""
    return db.session.scalars(
        select(Dispute)
        .join(Dispute.round)
        .options(joinedload(Dispute.round), joinedload(Dispute.asker))
        .where(Round.meeting_id == meeting_id, Dispute.ended_at.is_(None), Round.state != RoundState.ANNULLED)
        .order_by(Dispute.asked_at, Dispute.id)
    ).all()


def ask(found: Round, reason: str, actor: Actor) -> Dispute | None:
    """Ask that a round is declared void. What was not opened yet goes at once, and then there is nothing to confirm.

    Raises ``Refused(NOT_ALLOWED or EMPTY_TEXT)``, ``Conflict(DISPUTE_ASKED)`` where somebody asked already.
    """
    _may(actor)
    (found,) = queries.lock_rounds([found.id])
    if found.opened_at is None:
        service.annul(found, reason, actor)
        return None
    if found.state is RoundState.ANNULLED:
        raise Conflict(Refusal.ROUND_STATE, number=found.number, state=found.state.value, wanted="annulled")
    if not reason.strip():
        raise Refused(Refusal.EMPTY_TEXT)
    if _waiting(found.id) is not None:
        raise Conflict(Refusal.DISPUTE_ASKED, number=found.number)
    made = Dispute(
        id=uuid.uuid4(), round_id=found.id, reason=reason.strip(), asked_by=actor.id, asked_at=db.now(), annulled=False
    )
    db.session.add(made)
    db.session.flush()
    record("round.dispute", actor, f"round:{found.id}", reason=made.reason)
    return made


def confirm(found: Round, actor: Actor) -> None:
    """Declare void what somebody else asked for. Raises ``Missing``, ``Refused(NOT_ALLOWED or TWO_PEOPLE)``."""
    _may(actor)
    dispute = _taken(found)
    if dispute.asked_by == actor.id:
        raise Refused(Refusal.TWO_PEOPLE)
    dispute.ended_at, dispute.ended_by, dispute.annulled = db.now(), actor.id, True
    service.annul(found, dispute.reason, actor)


def withdraw(found: Round, actor: Actor) -> None:
    """Leave the round as it is after all: by whoever asked, or by somebody else who may run rounds."""
    _may(actor)
    dispute = _taken(found)
    dispute.ended_at, dispute.ended_by = db.now(), actor.id
    db.session.flush()
    record("round.undispute", actor, f"round:{found.id}")


def _may(actor: Actor) -> None:
    if not actor.may(Permission.RUN_ROUNDS):
        raise Refused(Refusal.NOT_ALLOWED)


def _taken(found: Round) -> Dispute:
    """What waits about a round, held until this transaction ends: of two who confirm the second finds nothing."""
    queries.lock_in_order([found.id])
    dispute = _waiting(found.id)
    if dispute is None:
        raise Missing("dispute")
    return dispute


def _waiting(round_id: uuid.UUID) -> Dispute | None:
    return db.session.scalars(
        select(Dispute)
        .where(Dispute.round_id == round_id, Dispute.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def again(found: Round) -> tuple[int | None, int | None]:
    """(the number of the annulled round that this one puts again, that of the one that was put after this void one)."""
    same = select(Round).where(Round.meeting_id == found.meeting_id, Round.proposal_id == found.proposal_id)
    return repeated(found, db.session.scalars(same.order_by(Round.number)).all())


def repeated(found: Round, rounds: Iterable[Round]) -> tuple[int | None, int | None]:
    """The same, among the rounds of its text or its meeting, which are given by number."""
    same = [one for one in rounds if one.opened_at is not None and _question(one) == _question(found)]
    before = [one.number for one in same if one.number < found.number and one.state is RoundState.ANNULLED]
    after = [one.number for one in same if one.number > found.number] if found.state is RoundState.ANNULLED else []
    return (before[-1] if before else None, after[0] if after else None)


def _question(one: Round) -> tuple[uuid.UUID | None, ...]:
    return (one.proposal_id, one.section_id, one.amendment_id, one.advice_id)
