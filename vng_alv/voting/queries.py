"""Reading rounds, turnout and ballots."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.orm import aliased, joinedload

from vng_alv import db
from vng_alv.domain import chain
from vng_alv.domain.majority import Totals
from vng_alv.domain.paper import Medium
from vng_alv.domain.rounds import IN_PREPARATION, RoundState, Way, takes_ballots
from vng_alv.errors import Missing
from vng_alv.meetings.announcements import find_announcement
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.models import Member
from vng_alv.proposals.models import Version, VersionSection
from vng_alv.proposals.service import section_text
from vng_alv.voting.models import Ballot, Lot, Result, RollEntry, Round
from vng_alv.voting.paper_models import PaperBallot, PaperVote

#: A round with a higher number than this is none, whatever an address says; databases keep no such number.
MAX_NUMBER = 100_000


@dataclass(frozen=True)
class Turnout:
    """How many members took part, and with how many votes; advisory members are not in it."""

    members: int
    members_total: int
    weight: int
    weight_total: int


@dataclass(frozen=True)
class RollVote:
    """A member of the roll with the choice that stands, or None when it cast none."""

    member_id: uuid.UUID
    code: str
    name: str
    province: str
    population: int
    weight: int
    advisory: bool
    choice: str | None
    #: The code of the receipt that its ballot is on, and the member that cast it with a proxy.
    receipt: str | None
    via_code: str | None
    via_name: str | None
    #: How it was given, where it was entered by two people.
    medium: Medium | None = None

    @property
    def cast_with(self) -> str | None:
        """'paper' or 'hands' where two people entered it, else 'mandate' or 'proxy'; None when nothing was cast."""
        if self.medium:
            return self.medium.value
        return None if self.choice is None else "proxy" if self.via_code else "mandate"


def get_round(meeting_id: uuid.UUID, number: int) -> Round:
    """One round of a meeting. Raises ``Missing``."""
    if number > MAX_NUMBER:
        raise Missing("round")
    found = db.session.scalars(
        select(Round)
        .options(joinedload(Round.meeting), joinedload(Round.proposal), joinedload(Round.version))
        .where(Round.meeting_id == meeting_id, Round.number == number, ~Round.rehearsal)
    ).one_or_none()
    if found is None:
        raise Missing("round")
    return found


def rounds_of(meeting_id: uuid.UUID) -> Sequence[Round]:
    """The rounds of a meeting with their proposals, by number; rehearsals are none of them."""
    return db.session.scalars(
        select(Round)
        .options(joinedload(Round.proposal))
        .where(Round.meeting_id == meeting_id, ~Round.rehearsal)
        .order_by(Round.number)
    ).all()


def rehearsals_of(meeting_id: uuid.UUID) -> Sequence[Round]:
    """The rehearsals of a meeting, by number."""
    return db.session.scalars(
        select(Round).where(Round.meeting_id == meeting_id, Round.rehearsal).order_by(Round.number)
    ).all()


def open_rounds(meeting_id: uuid.UUID, *, rehearsals: bool = False) -> list[Round]:
    """The rounds of a meeting that take ballots now, or its rehearsals that do, by number."""
    now = db.now()
    found = rehearsals_of(meeting_id) if rehearsals else rounds_of(meeting_id)
    return [r for r in found if takes_ballots(r.state, r.closes_at, now, r.way)]


def acclaimed_now(meeting_id: uuid.UUID) -> list[Round]:
    """The rounds of a meeting that the hall is asked to adopt by acclamation now, by number."""
    return [r for r in rounds_of(meeting_id) if r.is_acclaimed and r.state is RoundState.OPEN]


def find_next_opening(meeting_id: uuid.UUID) -> datetime | None:
    """When the clock opens the next round of a meeting, if that was announced."""
    return min(
        (r.opens_at for r in rounds_of(meeting_id) if r.state is RoundState.SCHEDULED and r.opens_at), default=None
    )


def find_meeting(meeting_id: uuid.UUID) -> Meeting | None:
    """One meeting by its key."""
    return db.session.get(Meeting, meeting_id)


def open_meetings() -> Sequence[Meeting]:
    """The meetings in which something is put to the vote now."""
    return db.session.scalars(
        select(Meeting)
        .where(
            select(Round.id)
            .where(
                Round.meeting_id == Meeting.id,
                Round.state == RoundState.OPEN,
                ~Round.rehearsal,
                Round.way == Way.BALLOTS,
            )
            .exists()
        )
        .order_by(Meeting.starts_at, Meeting.code)
    ).all()


def moving_meetings(since: datetime) -> Sequence[Meeting]:
    """The meetings whose screens may have something to learn: of rounds under way, or pronounced after ``since``."""
    under_way = Round.state.in_([RoundState.OPEN, RoundState.CLOSED, RoundState.COUNTED])
    here = Round.meeting_id == Meeting.id
    return db.session.scalars(
        select(Meeting).where(select(Round.id).where(here, under_way | (Round.published_at > since)).exists())
    ).all()


def lock_rounds(round_ids: Sequence[uuid.UUID]) -> list[Round]:
    """Rounds, locked against every other change until this transaction ends; waits for casts that are under way."""
    return list(
        db.session.scalars(
            select(Round)
            .where(Round.id.in_(round_ids))
            .order_by(Round.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def lock_in_order(round_ids: Sequence[uuid.UUID]) -> list[Round]:
    """The same, with their meetings before them: for whatever depends on other rounds, or goes on to what members
    brought in. Everybody takes the meeting, its rounds and then submissions, so that nobody waits in a circle."""
    for meeting_id in sorted(
        db.session.scalars(select(Round.meeting_id).where(Round.id.in_(round_ids)).distinct()).all()
    ):
        lock_meeting(meeting_id)
    return lock_rounds(round_ids)


def results_of(round_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Result]:
    """The counted results of several rounds."""
    if not round_ids:
        return {}
    return {r.round_id: r for r in db.session.scalars(select(Result).where(Result.round_id.in_(round_ids)))}


def lots_of(round_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Lot]:
    """What lots decided in several rounds."""
    if not round_ids:
        return {}
    return {one.round_id: one for one in db.session.scalars(select(Lot).where(Lot.round_id.in_(round_ids)))}


def electorate(round_id: uuid.UUID) -> Totals:
    """A round's electorate, without advisory members."""
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(cast(RollEntry.weight, BigInteger)), 0)).where(
            RollEntry.round_id == round_id, ~RollEntry.advisory
        )
    ).one()
    return Totals(int(row[1]), int(row[0]))


def turnouts(round_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Turnout]:
    """The turnout of several rounds, in two queries. A member took part when its first ballot is there."""
    took_part = _sums(Ballot, round_ids, Ballot.version == 1)
    found = {}
    for key, (members_total, weight_total) in _sums(RollEntry, round_ids).items():
        members, weight = took_part.get(key, (0, 0))
        found[key] = Turnout(members, members_total, weight, weight_total)
    return found


def _sums(
    table: type[Ballot] | type[RollEntry], round_ids: Sequence[uuid.UUID], *conditions: ColumnElement[bool]
) -> dict[uuid.UUID, tuple[int, int]]:
    """(members, votes) in the rows of each round, without advisory members; ballots carry the roll's own numbers."""
    rows = db.session.execute(
        select(table.round_id, func.count(), func.sum(table.weight))
        .where(table.round_id.in_(round_ids), ~table.advisory, *conditions)
        .group_by(table.round_id)
    )
    return {row[0]: (row[1], int(row[2])) for row in rows}


def standing(meeting: Meeting) -> dict[str, Any]:
    """What every screen may know of a meeting's rounds now: states and turnout, as JSON data."""
    rounds = [r for r in rounds_of(meeting.id) if r.state not in IN_PREPARATION]
    rehearsals = [r for r in rehearsals_of(meeting.id) if r.state not in IN_PREPARATION]
    found = turnouts([r.id for r in (*rounds, *rehearsals)])
    none, said = Turnout(0, 0, 0, 0), find_announcement(meeting.id)

    def told(r: Round) -> dict[str, Any]:
        return {
            "number": r.label if r.rehearsal else r.number,
            "state": r.state.value,
            "closes_at": r.closes_at.isoformat() if r.closes_at else None,
            # By acclamation nothing is counted, and there is no turnout.
            **({"way": r.way.value} if r.is_acclaimed else vars(found.get(r.id, none))),
        }

    return {
        "meeting": meeting.code,
        "rounds": [told(r) for r in rounds],
        # Apart, so that whoever reads rounds never takes one of these for a vote.
        "rehearsals": [told(r) for r in rehearsals],
        # The number of the agenda item that the meeting is at.
        "item": next((item.number for item in meeting.agenda if item.id == meeting.current_item_id), None),
        # What the chair has to say, with the moment at which it takes itself away.
        "announcement": {"text": said.text, "until": said.until.isoformat()} if said else None,
    }


def is_last() -> ColumnElement[bool]:
    """Whether a ballot is its member's last one in its round: the one that counts."""
    later = Ballot.__table__.alias("later")
    return ~(
        select(later.c.version)
        .where(
            later.c.round_id == Ballot.round_id,
            later.c.member_id == Ballot.member_id,
            later.c.version == Ballot.version + 1,
            later.c.version > 1,  # true of every later one, and the index of the few that replace knows it
        )
        .exists()
    )


def roll_votes(round_id: uuid.UUID) -> list[RollVote]:
    """Every member of a round's roll with the choice that stands, by name."""
    carrier = aliased(RollEntry)  # whoever cast for another one has the name that the roll has, if it is on it
    rows = db.session.execute(
        select(
            RollEntry.member_id,
            RollEntry.code,
            RollEntry.name,
            RollEntry.province,
            RollEntry.population,
            RollEntry.weight,
            RollEntry.advisory,
            Ballot.choice,
            Ballot.receipt,
            Member.code,
            func.coalesce(carrier.name, Member.name),
            PaperVote.medium,
        )
        .select_from(RollEntry)
        .outerjoin(
            Ballot, (Ballot.round_id == RollEntry.round_id) & (Ballot.member_id == RollEntry.member_id) & is_last()
        )
        .outerjoin(
            PaperBallot,
            (PaperBallot.round_id == Ballot.round_id)
            & (PaperBallot.member_id == Ballot.member_id)
            & (PaperBallot.ballot_version == Ballot.version),
        )
        .outerjoin(PaperVote, PaperVote.round_id == PaperBallot.round_id)
        .outerjoin(Member, Member.id == Ballot.via_id)
        .outerjoin(carrier, (carrier.round_id == Ballot.round_id) & (carrier.member_id == Ballot.via_id))
        .where(RollEntry.round_id == round_id)
        .order_by(RollEntry.name, RollEntry.code)
    )
    return [RollVote(*row) for row in rows]


def choices_of(member_id: uuid.UUID, round_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The choices of one member that stand; for the eyes of its own people."""
    rows = db.session.execute(
        select(Ballot.round_id, Ballot.choice).where(
            Ballot.member_id == member_id, Ballot.round_id.in_(round_ids), is_last()
        )
    )
    return {row[0]: row[1] for row in rows}


def receipt_lines(receipt: str) -> list[tuple[Ballot, Round, RollEntry, bool]]:
    """The ballots of a receipt with round and roll entry, and whether a later ballot took their place."""
    rows = db.session.execute(
        select(Ballot, Round, RollEntry, is_last())
        .options(joinedload(Ballot.via))
        .join(Round, Round.id == Ballot.round_id)
        .join(RollEntry, (RollEntry.round_id == Ballot.round_id) & (RollEntry.member_id == Ballot.member_id))
        .where(Ballot.receipt == receipt)
        .order_by(Round.number)
    )
    return [(row[0], row[1], row[2], not row[3]) for row in rows]


def labels_published(meeting_id: uuid.UUID) -> set[str]:
    """The rounds of a meeting whose outcome was pronounced."""
    rows = db.session.scalars(select(Round).where(Round.meeting_id == meeting_id, Round.published_at.is_not(None)))
    return {one.label for one in rows}


class NotVoted(NamedTuple):
    """A member that cast nothing, as the roll has it."""

    member_id: uuid.UUID
    name: str
    province: str
    weight: int


def not_voted(round_ids: Sequence[uuid.UUID]) -> list[NotVoted]:
    """The members that cast nothing in any of these rounds, by name."""
    rows = db.session.execute(
        select(RollEntry.member_id, RollEntry.name, RollEntry.province, RollEntry.weight)
        .where(
            RollEntry.round_id.in_(round_ids),
            ~select(Ballot.version)
            .where(Ballot.round_id.in_(round_ids), Ballot.member_id == RollEntry.member_id)
            .exists(),
        )
        .distinct()
        .order_by(RollEntry.name)
    )
    return [NotVoted(*row) for row in rows]


def section_texts(rounds: Sequence[Round]) -> dict[uuid.UUID, VersionSection]:
    """The words that rounds on sections are about, by round."""
    wanted = {(r.version_id, r.section_id): r.id for r in rounds if r.section_id}
    rows = db.session.scalars(
        select(VersionSection).where(VersionSection.version_id.in_({r.version_id for r in rounds if r.section_id}))
    )
    return {wanted[key]: s for s in rows if (key := (s.version_id, s.section_id)) in wanted}


def words_hash(version: Version, section: VersionSection | None) -> str:
    """SHA-256 of what a round is about: a section in this version, or the whole; the same as is frozen at opening."""
    return version.text_hash if section is None else chain.digest(vars(section_text(section)))


def weight_in(round_ids: Sequence[uuid.UUID], member_id: uuid.UUID) -> int:
    """A member's votes in rounds that are open together; 0 when it is on none of their rolls."""
    return (
        db.session.scalar(
            select(func.max(RollEntry.weight)).where(
                RollEntry.round_id.in_(round_ids), RollEntry.member_id == member_id
            )
        )
        or 0
    )


def titles(round_ids: Sequence[uuid.UUID]) -> list[str]:
    """Numbers and titles of rounds that were opened, as a list of lines; of drafts nobody hears."""
    rows = db.session.scalars(
        select(Round).where(Round.id.in_(round_ids), Round.state.not_in(IN_PREPARATION)).order_by(Round.number)
    )
    return [f"{one.label}. {one.title}" for one in rows]
