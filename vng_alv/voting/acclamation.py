"""Deciding by acclamation: choosing it, noting who is against, pronouncing, and what an objection makes of it
(docs/rules.md §4.12)."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.acclamation import may_note
from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import Verdict
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState, Way
from vng_alv.errors import Refused
from vng_alv.meetings.queries import holders
from vng_alv.voting import queries, service
from vng_alv.voting.models import Result, RollEntry, Round
from vng_alv.voting.noted import NotedAgainst, noted_in
from vng_alv.voting.order import TextOrder
from vng_alv.voting.rules import why_not_acclaimed
from vng_alv.voting.steps import allowed, not_now, step

#: What everybody reads of a round that was not decided by acclamation after all; in Dutch, as all reasons are.
OBJECTION = "Er was bezwaar tegen besluiten bij acclamatie."
#: All columns of a round.
COLUMNS = frozenset(column.name for column in Round.__table__.columns)
#: Columns of a round that say what became of it; the others say what it asks, and a round that asks it again has them.
OF_ONE_ROUND = frozenset(
    {
        "id", "number", "way", "dropped", "state", "opens_at", "not_opened", "reminded_at", "closes_at", "text_hash",
        "opened_at", "closed_at", "published_at", "annulled_reason",
    }
)  # fmt: skip


def choose(found: Round, way: Way, actor: Actor | None) -> None:
    """Let a draft be decided in this way. Raises ``Conflict(ROUND_STATE)``, or ``Refused(ACCLAMATION_WRITTEN or
    ACCLAMATION_RULE)`` where it cannot be decided by acclamation."""
    allowed(actor)
    (found,) = queries.lock_rounds([found.id])
    if found.way is way:
        return
    if found.state is not RoundState.DRAFT or found.rehearsal:
        raise not_now(found, "draft")
    if way is Way.ACCLAMATION:
        if refusal := why_not_acclaimed(found, found.rule):
            raise Refused(refusal)
        found.opens_at, found.closes_at, found.not_opened = None, None, ""
    found.way = way
    db.session.flush()
    record("round.way", actor, f"round:{found.id}", way=way.value)


def note(found: Round, member_id: uuid.UUID, actor: Actor | None, *, against: bool = True) -> None:
    """Note that a member is against, or take that back: by whoever runs the rounds, or for its own member by whoever
    has its mandate. What is noted already stays so.

    Raises ``Conflict(ROUND_STATE)``, ``Refused(NOT_HOLDER, NOT_ON_ROLL or NOTE_ADVISORY)``.
    """
    if actor is not None and not actor.may(Permission.RUN_ROUNDS):
        held = holders(found.meeting_id).get(member_id)
        if held is None or held.person_id != actor.id:
            raise Refused(Refusal.NOT_HOLDER)
    (found,) = queries.lock_rounds([found.id])  # who notes at the same moment waits, and so does pronouncing
    entry = db.session.get(RollEntry, (found.id, member_id))
    refusal = may_note(found.state, found.way, on_roll=entry is not None, advisory=bool(entry and entry.advisory))
    if refusal is Refusal.ROUND_STATE:
        raise not_now(found, "noted")
    if refusal:
        raise Refused(refusal)
    mine = (NotedAgainst.round_id == found.id, NotedAgainst.member_id == member_id)
    last = db.session.scalar(select(func.max(NotedAgainst.version)).where(*mine)) or 0
    if any(one.member_id == member_id for one in noted_in([found.id]).get(found.id, [])) is against:
        return
    db.session.add(
        NotedAgainst(
            round_id=found.id, member_id=member_id, version=last + 1, against=against,
            person_id=actor.id if actor else None, at=db.now(),
        )
    )  # fmt: skip
    db.session.flush()
    record("round.note" if against else "round.unnote", actor, f"round:{found.id}", member_id=member_id)


def pronounce(round_ids: Sequence[uuid.UUID], actor: Actor | None) -> list[Round]:
    """Pronounce that questions are adopted by acclamation: closed, concluded and published in one act.

    Raises ``Conflict(ROUND_STATE)`` for what is not put to the hall now.
    """
    allowed(actor)
    found = queries.lock_in_order(round_ids)
    for one in found:
        if not one.is_acclaimed:
            raise not_now(one, "acclaimed")
    step(found, RoundState.CLOSED)
    now, nobody = db.now(), dict.fromkeys((choice.value for choice in Choice), 0)
    for one in found:
        one.state, one.closed_at = RoundState.CLOSED, now
    db.session.flush()
    for one in found:
        everybody = queries.electorate(one.id)
        db.session.add(
            Result(
                round_id=one.id, weight_for=0, weight_against=0, weight_abstain=0,
                members_for=0, members_against=0, members_abstain=0,
                electorate_weight=everybody.weight, electorate_members=everybody.members,
                advisory={"weight": nobody, "members": nobody},
                verdict=Verdict.ADOPTED, base=0, counted_at=now,
            )
        )  # fmt: skip
    db.session.flush()  # while they are closed: the database takes no result in another state
    for one in found:
        one.state = RoundState.COUNTED
    db.session.flush()
    return service.publish(round_ids, actor)


def object_to(found: Round, actor: Actor | None) -> Round:
    """Somebody objects: the round is void, and the same question is ready for an ordinary vote. Raises
    ``Conflict(ROUND_STATE)``."""
    allowed(actor)
    (found,) = queries.lock_in_order([found.id])
    if not found.is_acclaimed or found.state is not RoundState.OPEN:
        raise not_now(found, "annulled")
    service.annul(found, OBJECTION, actor)
    last = max(one.number for one in queries.rounds_of(found.meeting_id))
    asked = {name: getattr(found, name) for name in COLUMNS - OF_ONE_ROUND}
    again = Round(id=uuid.uuid4(), number=last + 1, **asked)
    db.session.add(again)
    db.session.flush()
    if again.proposal:
        TextOrder(again.proposal).put_in_order()
    record("round.prepare", actor, f"round:{again.id}", number=again.number, title=again.title)
    return again
