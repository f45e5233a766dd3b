"""Preparing, opening, closing, counting and publishing rounds (docs/rules.md, rounds and states)."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from vng_alv import db
from vng_alv.amendments.models import Amendment
from vng_alv.audit.service import record
from vng_alv.domain import chain, weights
from vng_alv.domain.clock import day_of
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import IN_PREPARATION, UNDER_WAY, WITH_OPTIONS, RoundKind, RoundState, Way
from vng_alv.domain.timing import Opening, early_voting_from, may_open
from vng_alv.errors import Conflict, Refused
from vng_alv.jobs import Job, defer
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.queries import get_association, members_on, people_of_members
from vng_alv.motions.queries import in_parts, not_for_vote
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.proposals.models import Proposal, ProposalKind, Version, VersionSection
from vng_alv.proposals.queries import published, sections_of
from vng_alv.proposals.service import AFTER_PUBLISH
from vng_alv.voting import advised, frozen, queries
from vng_alv.voting import clock_queries as clock
from vng_alv.voting.brought import drop_drafts, rounds_about, settle
from vng_alv.voting.models import RollEntry, Round
from vng_alv.voting.noted import noted_in
from vng_alv.voting.order import TextOrder, title_of
from vng_alv.voting.paper import keep_open_for_paper
from vng_alv.voting.roll_call import pronounced
from vng_alv.voting.rules import can_divide, rule_data, usual_rule, why_not_acclaimed
from vng_alv.voting.secret_queries import forget_sealed, without_tellers
from vng_alv.voting.steps import allowed as _allowed
from vng_alv.voting.steps import by_ballots, miss, not_now
from vng_alv.voting.steps import step as _step
from vng_alv.voting.steps import tell as _tell

#: Kinds of proposal that are voted on section by section, and then as a whole.
BY_SECTION = {ProposalKind.RESOLUTION}


def prepare(
    proposal: Proposal, actor: Actor | None, *, rule: str | None = None, amendments: bool = True
) -> list[Round]:
    """Rounds in draft for the published text: one for each of its amendments that waits (unless not ``amendments``),
    one for each section of a resolution, and one for the whole; of a motion in parts one for each part, and none for
    the whole. Their numbers follow the order of voting.

    ``rule`` is the name of a rule of the association; without it the one that it set for such a text.
    """
    _allowed(actor)
    lock_meeting(proposal.meeting_id)
    version = published(proposal)
    if version is None:
        raise Refused(Refusal.NOT_PUBLISHED_TEXT)
    chosen = rule_data(proposal.meeting.kind, rule or usual_rule(proposal.kind, get_association()))
    existing = queries.rounds_of(proposal.meeting_id)
    has = {
        (r.amendment_id, r.section_id)
        for r in existing
        if r.proposal_id == proposal.id
        and r.state is not RoundState.ANNULLED
        and r.kind not in {RoundKind.ADVICE, *WITH_OPTIONS}
    }
    number = max((r.number for r in existing), default=0)
    made: list[Round] = []
    if not_for_vote([proposal.id]):
        raise Refused(Refusal.SUBMISSION_STATE)
    advised.check_free(proposal, existing)
    parts = in_parts([proposal.id])
    sections = version.sections if proposal.kind in BY_SECTION or parts else []
    waiting = TextOrder(proposal).unprepared if amendments else []
    questions: list[tuple[Amendment | None, uuid.UUID | None, str]] = [(a, None, title_of(a)) for a in waiting]
    questions += [(None, s.section_id, section_title(s)) for s in sections]
    if not parts:
        questions.append((None, None, version.title))
    for amendment, section_id, title in questions:
        if (amendment.submission_id if amendment else None, section_id) in has:
            continue
        number += 1
        made.append(
            Round(
                id=uuid.uuid4(),
                meeting_id=proposal.meeting_id,
                number=number,
                kind=RoundKind.AMENDMENT if amendment else RoundKind.SECTION if section_id else RoundKind.WHOLE,
                title=title[:300],
                proposal_id=proposal.id,
                version_id=version.id,
                section_id=section_id,
                amendment_id=amendment.submission_id if amendment else None,
                rule=chosen,
                state=RoundState.DRAFT,
            )
        )
    db.session.add_all(made)
    db.session.flush()
    TextOrder(proposal).put_in_order()
    for new in made:
        record("round.prepare", actor, f"round:{new.id}", number=new.number, title=new.title)
    return made


def prepare_again(proposal: Proposal) -> None:
    """After the text of a motion changed: rounds in preparation on it are made anew, for the text as it is now, and
    planned as they were, or by acclamation if they were. What is in preparation on the advice follows the text."""
    advised.follow_motion(proposal)
    dropped = drop_drafts(proposal.id)
    if dropped:
        made, acclaimed = prepare(proposal, None), all(one.is_acclaimed for one in dropped)
        for one in made:
            one.way = Way.ACCLAMATION if acclaimed else one.way
        _plan_as(dropped, made)


def _follow(proposal: Proposal, _old: Version, new: Version, _actor: Actor | None) -> None:
    """After a new version of a text was published: what is in preparation is about that one, at the moment that was
    planned. Rounds on sections that are gone go, and new sections get one, planned as the others are. Raises
    ``Refused(TEXT_ASKED)`` while an amendment to the text is put to the vote: what is voted on is not changed under it.
    """
    if proposal.kind is ProposalKind.MOTION:  # whoever changes a motion prepares its rounds again
        return
    rounds = queries.lock_rounds([one.id for one in rounds_about(proposal.id)])
    if asked := [one for one in rounds if one.amendment_id and one.state in UNDER_WAY]:
        raise Refused(Refusal.TEXT_ASKED, title=asked[0].title)
    titles: dict[uuid.UUID | None, str] = {s.section_id: section_title(s) for s in sections_of(new.id)}
    titles[None] = new.title
    waiting = [one for one in rounds if one.state in IN_PREPARATION]
    sections = [one for one in waiting if one.kind is RoundKind.SECTION]
    for one in waiting:
        if one.section_id not in titles:
            db.session.delete(one)
            continue
        one.version = new
        if not one.amendment_id and one.kind not in WITH_OPTIONS:
            one.title = titles[one.section_id][:300]
    db.session.flush()
    if any(one.kind in {RoundKind.SECTION, RoundKind.WHOLE} for one in waiting):
        made = prepare(proposal, None, amendments=False)
        _plan_as(sections, [one for one in made if one.kind is RoundKind.SECTION])
    _tell([one for one in waiting if one.state is RoundState.SCHEDULED])


AFTER_PUBLISH.append(_follow)


def _plan_as(before: Sequence[Round], made: Sequence[Round]) -> None:
    """Plan rounds that were made as the first of those that were planned before them."""
    planned = next((one for one in before if one.state is RoundState.SCHEDULED), None)
    if planned and planned.opens_at and made:
        plan(made, planned.opens_at, planned.closes_at, None)


def section_title(section: VersionSection) -> str:
    """What the round on a section is called."""
    return f"{section.number}. {section.heading}"


def open_rounds(
    round_ids: Sequence[uuid.UUID], actor: Actor | None, *, closes_at: datetime | None = None, anyway: bool = False
) -> list[Round]:
    """Open rounds of one meeting together: electorate, weights, text and rule stand from here on. An amendment that no
    longer fits is put to the vote ``anyway``, or not at all.

    Without ``closes_at`` the end that was planned stands. Raises ``Conflict(ROUND_STATE or SUBMISSION_STATE)``,
    ``Refused(CLOCK_IN_PAST or NO_ELECTORATE)``, or what ``domain.timing.may_open`` or ``order.TextOrder.check`` says.
    """
    _allowed(actor)
    found = queries.lock_in_order(round_ids)  # or else two could each open what the order forbids together
    _step(found, RoundState.OPEN)
    # A motion that was withdrawn or changed meanwhile took its rounds in preparation with it.
    if len(found) != len(set(round_ids)):
        raise Conflict(Refusal.SUBMISSION_STATE)
    now = db.now()
    if closes_at is not None and closes_at <= now:
        raise Refused(Refusal.CLOCK_IN_PAST)
    ends = [None if one.is_acclaimed else closes_at or one.closes_at for one in found]
    for refusal in why_not_open(found, now, ends).values():
        raise (Conflict if refusal is Refusal.SUBMISSION_STATE else Refused)(refusal)
    frozen.set_out(found, anyway=anyway)
    for one, end in zip(found, ends, strict=True):
        # Opened by hand: what the clock was to do, or did not do, is over.
        one.state, one.opens_at, one.not_opened, one.closes_at = RoundState.DRAFT, None, "", end
    return _open(found, actor, now)


def why_not_open(found: Sequence[Round], at: datetime, ends: Sequence[datetime | None]) -> dict[uuid.UUID, Refusal]:
    """Of these rounds, those that cannot open at a moment, each with its end, and why."""
    association = get_association()
    gone = not_for_vote([one.proposal_id for one in found if one.proposal_id])
    keyless = without_tellers([one.id for one in found if one.secret])
    refusals = {}
    for one, end in zip(found, ends, strict=True):
        meeting = db.session.get_one(Meeting, one.meeting_id)
        opening = Opening(
            at=at,
            closes_at=end,
            not_before=None
            if one.rehearsal or meeting.is_written
            else early_voting_from(meeting.starts_at, 0 if one.is_acclaimed else association.early_voting_days),
            needs_end=meeting.is_written and not one.rehearsal,
            has_text=one.proposal_id not in gone,
            has_keys=one.id not in keyless,
        )
        refusal = may_open(opening) or (why_not_acclaimed(one, one.rule) if one.is_acclaimed else None)
        if refusal:
            refusals[one.id] = refusal
    return refusals


def _open(found: Sequence[Round], actor: Actor | None, now: datetime) -> list[Round]:
    association = get_association()
    roll = [
        {
            "member_id": m.id,
            "code": m.code,
            "name": m.name,
            "province": m.province,
            "population": m.population,
            "weight": m.votes(association.weight_rule),
            "advisory": m.advisory,
        }
        for m in members_on(day_of(now))
    ]
    if not any(not entry["advisory"] for entry in roll):
        raise Refused(Refusal.NO_ELECTORATE)
    for one in found:  # the roll first: the database takes no more entries once a round is open
        db.session.execute(insert(RollEntry), [{"round_id": one.id, **entry} for entry in roll])
        one.text_hash = frozen.text_hash(one)
        # So many votes for one and so many for another would tell whose they are.
        one.divides = association.divides_votes and can_divide(one.rule) and not one.secret
        one.state, one.opened_at = RoundState.OPEN, now
    db.session.flush()
    for one in found:
        record(
            "round.open",
            actor,
            f"round:{one.id}",
            text=one.text_hash,
            rule=one.rule,
            roll=chain.digest({"roll": [[e["code"], e["population"], e["weight"], e["advisory"]] for e in roll]}),
            planned=one.opens_at.isoformat() if one.opens_at else None,
            closes_at=one.closes_at.isoformat() if one.closes_at else None,
            weights=weights.to_data(association.weight_rule),
            **frozen.logged(one),
        )
    _announce([one for one in found if not one.is_acclaimed])  # the hall hears that one, and nobody votes
    _tell(found)
    return list(found)


def open_by_clock(meeting_id: uuid.UUID) -> list[Round]:
    """Open what was planned in a meeting for a moment that has come, as by hand, and tell of what could not open.

    What could not is a draft again, with the reason, so that it is not tried for ever. Does nothing with what was
    opened, taken back or planned anew meanwhile.
    """
    now = db.now()
    locked = queries.lock_in_order(clock.planned_until(now, meeting_id))
    due = [one for one in locked if one.state is RoundState.SCHEDULED and one.opens_at and one.opens_at <= now]
    refusals = why_not_open(due, now, [one.closes_at for one in due])
    if not any(not m.advisory for m in members_on(day_of(now))):
        refusals = {one.id: refusals.get(one.id, Refusal.NO_ELECTORATE) for one in due}
    refusals = frozen.why_not([one for one in due if one.id not in refusals]) | refusals
    for one in due:
        if one.id in refusals:
            miss(one, refusals[one.id])
    _tell(due)
    able = [one for one in due if one.id not in refusals]
    if not able:
        return []
    frozen.set_out(able, anyway=False)
    return _open(able, None, now)


def plan(found: Sequence[Round], opens_at: datetime, closes_at: datetime | None, actor: Actor | None) -> None:
    """Let the clock open rounds in preparation at a moment, and close them if an end is given; whether that may be is
    for ``voting.timing`` to say."""
    for one in found:
        one.state, one.opens_at, one.closes_at, one.not_opened = RoundState.SCHEDULED, opens_at, closes_at, ""
    db.session.flush()
    end = closes_at.isoformat() if closes_at else None
    for one in found:
        record("round.schedule", actor, f"round:{one.id}", opens_at=opens_at.isoformat(), closes_at=end)


def _announce(found: Sequence[Round]) -> None:
    for meeting_id in {one.meeting_id for one in found}:
        meeting = db.session.get_one(Meeting, meeting_id)
        here = sorted((one.number, one.title) for one in found if one.meeting_id == meeting_id)
        holders = db.session.scalars(
            select(Mandate.person_id).where(Mandate.meeting_id == meeting_id, Mandate.until.is_(None)).distinct()
        ).all()
        closes_at = next((one.closes_at for one in found if one.closes_at), None)
        rehearsal = any(one.rehearsal for one in found)
        notify(
            NoticeKind.VOTE_OPENED,
            holders,
            meeting=meeting.code,
            title=meeting.title,
            questions=[title for _, title in here],
            closes_at=closes_at.isoformat() if closes_at else None,
            rehearsal=rehearsal,
            advice=meeting.is_written and not rehearsal,
        )


def close(round_ids: Sequence[uuid.UUID], actor: Actor | None) -> list[Round]:
    """Close rounds: what was acknowledged before is in, what comes later is not. The count follows by itself."""
    _allowed(actor)
    found = queries.lock_rounds(round_ids)
    by_ballots(found, Refusal.ACCLAMATION_PRONOUNCED)
    _step(found, RoundState.CLOSED)
    keep_open_for_paper(found)
    now = db.now()
    for one in found:
        written = not one.rehearsal and db.session.get_one(Meeting, one.meeting_id).is_written
        if written and one.closes_at is not None and now < one.closes_at:
            raise Refused(Refusal.HAS_END)
        one.state, one.closed_at = RoundState.CLOSED, now
        record("round.close", actor, f"round:{one.id}", by="clock" if actor is None else "hand")
        if not one.rehearsal and not one.secret:
            defer(Job.TALLY, round_id=str(one.id))
    db.session.flush()
    _tell(found)
    return found


def close_by_clock(round_id: uuid.UUID) -> None:
    """Close a round whose announced moment has come; does nothing when it was closed or extended meanwhile."""
    for one in queries.lock_rounds([round_id]):
        if one.id in clock.overdue(db.now()):
            close([one.id], None)


def publish(round_ids: Sequence[uuid.UUID], actor: Actor | None, *, without_numbers: bool = False) -> list[Round]:
    """Pronounce counted results: from here on everybody may see them, with each member's vote.

    Raises ``Refused(NUMBERS_WITHHELD)`` for a secret round whose numbers would tell who chose what, unless somebody
    knows that it is pronounced ``without_numbers``.
    """
    _allowed(actor)
    found = queries.lock_in_order(round_ids)
    _step(found, RoundState.PUBLISHED)
    now = db.now()
    verdicts = queries.results_of([one.id for one in found])
    bare = [one for one in found if verdicts[one.id].withheld]
    if bare and not without_numbers:
        raise Refused(Refusal.NUMBERS_WITHHELD, number=bare[0].number)
    noted = noted_in([one.id for one in found if one.is_acclaimed])
    for one in found:
        one.state, one.published_at = RoundState.PUBLISHED, now
        result = verdicts[one.id]
        told = pronounced(one, result, noted.get(one.id, []))
        record("round.publish", actor, f"round:{one.id}", **told, verdict=result.verdict.value)
    db.session.flush()
    settle(found, actor)
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
    (found,) = queries.lock_in_order([found.id])
    _step([found], RoundState.ANNULLED)
    pronounced = found.state is RoundState.PUBLISHED
    found.state, found.annulled_reason = RoundState.ANNULLED, reason.strip()
    db.session.flush()
    forget_sealed(found.id)
    record("round.annul", actor, f"round:{found.id}", reason=found.annulled_reason)
    if pronounced:
        settle([found], actor)
    _tell([found])


def change_rule(found: Round, rule: str, actor: Actor | None) -> None:
    """Another rule of the association for a round that was not opened yet."""
    _allowed(actor)
    (found,) = queries.lock_rounds([found.id])
    if found.state is not RoundState.DRAFT or found.kind in WITH_OPTIONS:
        raise not_now(found, "draft")
    data = rule_data(db.session.get_one(Meeting, found.meeting_id).kind, rule)
    if found.is_acclaimed and (refusal := why_not_acclaimed(found, data)):
        raise Refused(refusal)
    found.rule = data
    db.session.flush()
    record("round.rule", actor, f"round:{found.id}", rule=rule)
