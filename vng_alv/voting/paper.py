"""Entering votes from paper or from a show of hands, when the network of the hall is gone (docs/rules.md §14).

Whoever enters takes the round FOR UPDATE: casts under way are in before it, later ones wait, and then have a later
version. So a vote that was cast online is never replaced by one on paper unless somebody saw it and decided so.
"""

import uuid
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.audit.service import record
from vng_alv.domain.paper import Asked, Medium, Reading, may_choose, may_read, reading_of
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import holders
from vng_alv.members.models import Member
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.voting import queries
from vng_alv.voting.cast import new_receipt
from vng_alv.voting.models import Ballot, RollEntry, Round
from vng_alv.voting.paper_models import PaperBallot, PaperVote
from vng_alv.voting.steps import allowed, not_now, tell


def find_paper_vote(round_id: uuid.UUID) -> PaperVote | None:
    """How votes are entered in a round, or None where none are."""
    return db.session.get(PaperVote, round_id)


def entries_of(round_id: uuid.UUID) -> Sequence[PaperBallot]:
    """All that was entered in a round, with who read it; the newest first."""
    return db.session.scalars(
        select(PaperBallot)
        .options(joinedload(PaperBallot.first), joinedload(PaperBallot.second))
        .where(PaperBallot.round_id == round_id)
        .order_by(PaperBallot.first_at.desc(), PaperBallot.member_id)
    ).all()


class Entered(NamedTuple):
    """Who entered a ballot and who confirmed it."""

    medium: Medium
    first: str
    second: str


def entered_on(receipt: str) -> dict[uuid.UUID, Entered]:
    """The ballots of a receipt that two people entered, by round."""
    first, second = aliased(Person), aliased(Person)
    rows = db.session.execute(
        select(PaperBallot.round_id, PaperVote.medium, first.name, second.name)
        .join(Ballot, (Ballot.round_id == PaperBallot.round_id) & (Ballot.key == PaperBallot.key))
        .join(PaperVote, PaperVote.round_id == PaperBallot.round_id)
        .join(first, first.id == PaperBallot.first_by)
        .join(second, second.id == PaperBallot.second_by)
        .where(Ballot.receipt == receipt, Ballot.member_id == PaperBallot.member_id)
    )
    return {row[0]: Entered(*row[1:]) for row in rows}


def roll_of(round_id: uuid.UUID) -> Sequence[RollEntry]:
    """The members that may vote in a round, by name."""
    return db.session.scalars(
        select(RollEntry).where(RollEntry.round_id == round_id).order_by(RollEntry.name, RollEntry.code)
    ).all()


def why_not(found: Round) -> Refusal | None:
    """Why votes in a round are not entered, or None."""
    written = db.session.get_one(Meeting, found.meeting_id).is_written
    return may_choose(Asked(found.state, found.way, found.secret, found.rehearsal, written, found.picks))


def choose(found: Round, medium: Medium, actor: Actor) -> PaperVote:
    """Votes in this open round are entered too, from here on. Raises ``Refused`` with what ``may_choose`` says."""
    found = _locked(found, actor)
    here = find_paper_vote(found.id)
    if here is not None:
        raise not_now(found, "paper")
    here = PaperVote(round_id=found.id, medium=medium, chosen_by=actor.id, chosen_at=db.now())
    db.session.add(here)
    db.session.flush()
    record("round.paper", actor, f"round:{found.id}", medium=medium.value)
    return here


def enter(found: Round, member: Member, choice: str, actor: Actor, *, over: bool = False) -> PaperBallot:
    """What ``actor`` reads as the vote of a member. Once two different people read the same, it is its ballot.

    Raises ``Refused(PAPER_NOT_CHOSEN, NOT_ON_ROLL, UNKNOWN_CHOICE, NO_HOLDER or PAPER_OTHERS)``, and
    ``Conflict(PAPER_VOTED)`` where the member has a ballot in this round that nobody decided to replace (``over``).
    """
    found = _locked(found, actor)
    if find_paper_vote(found.id) is None:
        raise Refused(Refusal.PAPER_NOT_CHOSEN)
    entry = db.session.get(RollEntry, (found.id, member.id))
    if entry is None:
        raise Refused(Refusal.NOT_ON_ROLL)
    if refusal := may_read(choice, found.paper, entry.weight):
        raise Refused(refusal)
    latest, now = _latest(found.id, member.id), db.now()
    waiting = _waiting(found.id, member.id)
    if waiting is None:
        if latest and not over:
            raise Conflict(Refusal.PAPER_VOTED, member=member.name)
        last = db.session.scalar(
            select(func.max(PaperBallot.number)).where(
                PaperBallot.round_id == found.id, PaperBallot.member_id == member.id
            )
        )
        waiting = PaperBallot(
            round_id=found.id, member_id=member.id, number=(last or 0) + 1, over_version=latest, key=uuid.uuid4(),
            first_choice=choice, first_by=actor.id, first_at=now,
        )  # fmt: skip
        db.session.add(waiting)
        db.session.flush()
        record("ballot.read", actor, f"round:{found.id}", member_id=member.id, reading="first", over=latest)
        return waiting
    reading = reading_of(waiting.first_by, waiting.second_by, actor.id)
    if isinstance(reading, Refusal):
        raise Refused(reading)
    if reading is Reading.AGAIN_FIRST:
        waiting.first_choice, waiting.first_at = choice, now
    else:
        waiting.second_choice, waiting.second_by, waiting.second_at = choice, actor.id, now
    db.session.flush()
    record("ballot.read", actor, f"round:{found.id}", member_id=member.id, reading=reading.value)
    if waiting.second_choice == waiting.first_choice:
        if latest != waiting.over_version:
            raise Conflict(Refusal.PAPER_VOTED, member=member.name)
        _settle(found, member, entry, waiting, actor)
    return waiting


def withdraw(found: Round, member: Member, actor: Actor) -> None:
    """Take away what was read of a member and is no ballot yet. Raises ``Missing`` where there is none."""
    found = _locked(found, actor)
    waiting = _waiting(found.id, member.id)
    if waiting is None:
        raise Missing("paper ballot")
    db.session.delete(waiting)
    db.session.flush()
    record("ballot.unread", actor, f"round:{found.id}", member_id=member.id)


def keep_open_for_paper(found: Collection[Round]) -> None:
    """Raises ``Refused(PAPER_WAITS)`` where votes were read by one person only, or differently by two."""
    waits = db.session.scalar(
        select(func.count())
        .select_from(PaperBallot)
        .where(PaperBallot.round_id.in_([one.id for one in found]), PaperBallot.ballot_version.is_(None))
    )
    if waits:
        raise Refused(Refusal.PAPER_WAITS, number=waits)


def _settle(found: Round, member: Member, entry: RollEntry, read: PaperBallot, actor: Actor) -> None:
    """Make it the member's ballot, of whoever holds its mandate, who gets the receipt."""
    held = holders(found.meeting_id).get(member.id)
    if held is None:
        raise Refused(Refusal.NO_HOLDER, member=member.name)
    receipt, version = new_receipt(), read.over_version + 1
    db.session.add(
        Ballot(
            round_id=found.id, member_id=member.id, version=version, choice=read.first_choice, weight=entry.weight,
            advisory=entry.advisory, person_id=held.person_id, cast_at=db.now(), receipt=receipt, key=read.key,
            via_id=held.member_id if held.member_id != member.id else None,
        )
    )  # fmt: skip
    db.session.flush()
    read.ballot_version = version
    db.session.flush()
    record(
        "ballot.paper", actor, f"round:{found.id}", member_id=member.id, receipt=receipt,
        entered_by=str(read.first_by), confirmed_by=str(read.second_by), over=read.over_version,
    )  # fmt: skip
    meeting = db.session.get_one(Meeting, found.meeting_id)
    notify(NoticeKind.RECEIPT, [held.person_id], receipt=receipt, member=member.code, meeting=meeting.code)
    tell([found])


def _locked(found: Round, actor: Actor) -> Round:
    """The round, once the casts under way are in. Raises ``Refused`` with what ``may_choose`` says."""
    allowed(actor)
    (found,) = queries.lock_rounds([found.id])
    refusal = why_not(found)
    if refusal is Refusal.ROUND_STATE:
        raise not_now(found, "paper")
    if refusal:
        raise Refused(refusal)
    return found


def _latest(round_id: uuid.UUID, member_id: uuid.UUID) -> int:
    mine = (Ballot.round_id == round_id, Ballot.member_id == member_id)
    return db.session.scalar(select(func.max(Ballot.version)).where(*mine)) or 0


def _waiting(round_id: uuid.UUID, member_id: uuid.UUID) -> PaperBallot | None:
    return db.session.scalars(
        select(PaperBallot)
        .where(
            PaperBallot.round_id == round_id,
            PaperBallot.member_id == member_id,
            PaperBallot.ballot_version.is_(None),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
