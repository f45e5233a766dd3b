"""What every step of a round begins and ends with: who may take it, from which state, and who hears of it."""

from collections.abc import Sequence

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState, may_follow
from vng_alv.errors import Conflict, Refused
from vng_alv.jobs import Job, defer
from vng_alv.voting.models import Round


def allowed(actor: Actor | None) -> None:
    """Raises ``Refused(NOT_ALLOWED)`` for who does not run rounds; the clock and the terminal do."""
    if actor is not None and not actor.may(Permission.RUN_ROUNDS):
        raise Refused(Refusal.NOT_ALLOWED)


def step(found: Sequence[Round], then: RoundState) -> None:
    """Raises ``Conflict(ROUND_STATE)`` where a round may not go to a state from the one it is in."""
    for one in found:
        if not may_follow(one.state, then):
            raise not_now(one, then.value)


def by_ballots(found: Sequence[Round], refusal: Refusal) -> None:
    """Raises ``Refused`` where one of these rounds is decided by acclamation, which the chair alone concludes."""
    if any(one.is_acclaimed for one in found):
        raise Refused(refusal)


def not_now(one: Round, wanted: str) -> Conflict:
    """Why something cannot be done with a round in its state."""
    return Conflict(Refusal.ROUND_STATE, number=one.label, state=one.state.value, wanted=wanted)


def miss(one: Round, refusal: Refusal) -> None:
    """The clock will not open a round that was planned: it is a draft again, and keeps the reason."""
    one.state, one.closes_at, one.not_opened = RoundState.DRAFT, None, refusal.value
    db.session.flush()
    record("round.missed", None, f"round:{one.id}", reason=refusal.value)


def tell(found: Sequence[Round]) -> None:
    """Every screen that follows their meetings hears how they stand."""
    for meeting_id in {one.meeting_id for one in found}:
        defer(Job.PUBLISH_STANDING, meeting_id=str(meeting_id))
