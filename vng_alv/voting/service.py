"""Preparing, opening, closing, counting and publishing rounds (docs/rules.md, rounds and states)."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, cast, func, insert, select

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain import chain
from vng_alv.domain.ballots import Choice
from vng_alv.domain.clock import day_of
from vng_alv.domain.majority import RULES
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind, RoundState, may_follow
from vng_alv.domain.weights import weigh
from vng_alv.errors import Conflict, Refused
from vng_alv.jobs import Job, defer
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.queries import get_association, members_on, people_of_members
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.proposals.models import Proposal, ProposalKind
from vng_alv.proposals.queries import published
from vng_alv.proposals.service import section_text
from vng_alv.voting import queries
from vng_alv.voting.models import RollEntry, Round

#: Kinds of proposal that are voted on section by section, and then as a whole.
BY_SECTION = {ProposalKind.RESOLUTION}


def _allowed(actor: Actor | None) -> None:
    if actor is not None and not actor.may(Permission.RUN_ROUNDS):
        raise Refused(Refusal.NOT_ALLOWED)


def prepare(proposal: Proposal, actor: Actor | None, *, rule: str | None = None) -> list[Round]:
    """Rounds in draft for the published text: one for each section of a resolution, and one for the whole.

    ``rule`` is a name in ``domain.majority.RULES``; without it the association's own, and two thirds for statutes.
    """
    _allowed(actor)
    lock_meeting(proposal.meeting_id)
    version = published(proposal)
    if version is None:
        raise Refused(Refusal.NOT_PUBLISHED_TEXT)
    if rule is None:
        rule = "two_thirds" if proposal.kind is ProposalKind.STATUTES else get_association().rule
    existing = queries.rounds_of(proposal.meeting_id)
    has = {r.section_id for r in existing if r.proposal_id == proposal.id and r.state is not RoundState.ANNULLED}
    number = max((r.number for r in existing), default=0)
    made: list[Round] = []
    sections = version.sections if proposal.kind in BY_SECTION else []
    questions = [(s.section_id, f"{s.number}. {s.heading}") for s in sections] + [(None, version.title)]
    for section_id, title in questions:
        if section_id in has:
            continue
        number += 1
        made.append(
            Round(
                id=uuid.uuid4(),
                meeting_id=proposal.meeting_id,
                number=number,
                kind=RoundKind.SECTION if section_id else RoundKind.WHOLE,
                title=title[:300],
                proposal_id=proposal.id,
                version_id=version.id,
                section_id=section_id,
                rule=RULES[rule].to_data(),
                state=RoundState.DRAFT,
            )
        )
    db.session.add_all(made)
    db.session.flush()
    for new in made:
        record("round.prepare", actor, f"round:{new.id}", number=new.number, title=new.title)
    return made


def _step(found: Sequence[Round], then: RoundState) -> None:
    for one in found:
        if not may_follow(one.state, then):
            raise Conflict(Refusal.ROUND_STATE, number=one.number, state=one.state.value, wanted=then.value)


def _tell(found: Sequence[Round]) -> None:
    for meeting_id in {one.meeting_id for one in found}:
        defer(Job.PUBLISH_STANDING, meeting_id=str(meeting_id))


def _frozen_text(found: Round) -> str:
    if found.section_id is None:
        return found.version.text_hash
    section = next(s for s in found.version.sections if s.section_id == found.section_id)
    return chain.digest(vars(section_text(section)))


def open_rounds(
    round_ids: Sequence[uuid.UUID], actor: Actor | None, *, closes_at: datetime | None = None
) -> list[Round]:
    """Open rounds of one meeting together: electorate, weights, text and rule stand from here on.

    Raises ``Conflict(ROUND_STATE)``, ``Refused(CLOCK_IN_PAST)`` or ``Refused(NO_ELECTORATE)``.
    """
    _allowed(actor)
    found = queries.lock_rounds(round_ids)
    _step(found, RoundState.OPEN)
    now = db.now()
    if closes_at is not None and closes_at <= now:
        raise Refused(Refusal.CLOCK_IN_PAST)
    association = get_association()
    roll = [
        {
            "member_id": m.id,
            "code": m.code,
            "name": m.name,
            "province": m.province,
            "population": m.population,
            "weight": weigh(m.population, association.weight_rule),
            "advisory": m.advisory,
        }
        for m in members_on(day_of(now))
    ]
    if not any(not entry["advisory"] for entry in roll):
        raise Refused(Refusal.NO_ELECTORATE)
    for one in found:  # the roll first: the database takes no more entries once a round is open
        db.session.execute(insert(RollEntry), [{"round_id": one.id, **entry} for entry in roll])
        one.text_hash = _frozen_text(one)
        one.state, one.opened_at, one.closes_at = RoundState.OPEN, now, closes_at
    db.session.flush()
    for one in found:
        record(
            "round.open",
            actor,
            f"round:{one.id}",
            text=one.text_hash,
            rule=one.rule,
            roll=chain.digest({"roll": [[e["code"], e["population"], e["weight"], e["advisory"]] for e in roll]}),
            closes_at=closes_at.isoformat() if closes_at else None,
        )
    _announce(found)
    _tell(found)
    return found


def _announce(found: Sequence[Round]) -> None:
    for meeting_id in {one.meeting_id for one in found}:
        meeting = db.session.get_one(Meeting, meeting_id)
        here = sorted((one.number, one.title) for one in found if one.meeting_id == meeting_id)
        holders = db.session.scalars(
            select(Mandate.person_id).where(Mandate.meeting_id == meeting_id, Mandate.until.is_(None)).distinct()
        ).all()
        closes_at = next((one.closes_at for one in found if one.closes_at), None)
        notify(
            NoticeKind.VOTE_OPENED,
            holders,
            meeting=meeting.code,
            title=meeting.title,
            questions=[title for _, title in here],
            closes_at=closes_at.isoformat() if closes_at else None,
        )


def close(round_ids: Sequence[uuid.UUID], actor: Actor | None) -> list[Round]:
    """Close rounds: what was acknowledged before is in, what comes later is not. The count follows by itself."""
    _allowed(actor)
    found = queries.lock_rounds(round_ids)
    _step(found, RoundState.CLOSED)
    now = db.now()
    for one in found:
        one.state, one.closed_at = RoundState.CLOSED, now
        record("round.close", actor, f"round:{one.id}", by="clock" if actor is None else "hand")
        defer(Job.TALLY, round_id=str(one.id))
    db.session.flush()
    _tell(found)
    return found


def close_by_clock(round_id: uuid.UUID) -> None:
    """Close a round whose announced moment has come; does nothing when it was closed or extended meanwhile."""
    for one in queries.lock_rounds([round_id]):
        if one.state is RoundState.OPEN and one.closes_at is not None and one.closes_at <= db.now():
            close([one.id], None)


def publish(round_ids: Sequence[uuid.UUID], actor: Actor | None) -> list[Round]:
    """Pronounce counted results: from here on everybody may see them, with each member's vote."""
    _allowed(actor)
    found = queries.lock_rounds(round_ids)
    _step(found, RoundState.PUBLISHED)
    now = db.now()
    verdicts = queries.results_of([one.id for one in found])
    for one in found:
        one.state, one.published_at = RoundState.PUBLISHED, now
        result = verdicts[one.id]
        record(
            "round.publish",
            actor,
            f"round:{one.id}",
            weight=[result.weight_for, result.weight_against, result.weight_abstain],
            members=[result.members_for, result.members_against, result.members_abstain],
            verdict=result.verdict.value,
        )
    db.session.flush()
    for meeting_id in {one.meeting_id for one in found}:
        meeting = db.session.get_one(Meeting, meeting_id)
        numbers = sorted(one.number for one in found if one.meeting_id == meeting_id)
        notify(NoticeKind.RESULT, people_of_members(), meeting=meeting.code, title=meeting.title, rounds=numbers)
    _tell(found)
    return found


def annul(found: Round, reason: str, actor: Actor | None) -> None:
    """Declare a round void, with a reason. It stays visible as such, and the question can be put again."""
    _allowed(actor)
    if not reason.strip():
        raise Refused(Refusal.EMPTY_TEXT)
    (found,) = queries.lock_rounds([found.id])
    _step([found], RoundState.ANNULLED)
    found.state, found.annulled_reason = RoundState.ANNULLED, reason.strip()
    db.session.flush()
    record("round.annul", actor, f"round:{found.id}", reason=found.annulled_reason)
    _tell([found])


def change_rule(found: Round, rule: str, actor: Actor | None) -> None:
    """Another rule for a round that was not opened yet."""
    _allowed(actor)
    (found,) = queries.lock_rounds([found.id])
    if found.state is not RoundState.DRAFT:
        raise Conflict(Refusal.ROUND_STATE, number=found.number, state=found.state.value, wanted="draft")
    found.rule = RULES[rule].to_data()
    db.session.flush()
    record("round.rule", actor, f"round:{found.id}", rule=rule)


def electorate(round_id: uuid.UUID) -> tuple[int, int]:
    """Members and votes of a round's electorate, without advisory members."""
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(cast(RollEntry.weight, BigInteger)), 0)).where(
            RollEntry.round_id == round_id, ~RollEntry.advisory
        )
    ).one()
    return int(row[0]), int(row[1])


def as_numbers(weight: dict[Choice, int], members: dict[Choice, int]) -> dict[str, Any]:
    """Sums as data, by the value of the choice."""
    return {
        "weight": {choice.value: weight[choice] for choice in Choice},
        "members": {choice.value: members[choice] for choice in Choice},
    }
