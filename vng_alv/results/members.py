"""What everybody may know of one member: how it voted through the years, and what it brought in."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import case, select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.access import public
from vng_alv.domain.figures import Part
from vng_alv.domain.majority import Verdict
from vng_alv.domain.option_sentences import ballot_words
from vng_alv.domain.rounds import RoundState
from vng_alv.domain.sentences import verdict_word
from vng_alv.domain.submissions import CoAnswer
from vng_alv.exports.tables import Table, table
from vng_alv.meetings.models import Meeting
from vng_alv.members.queries import get_association, get_member
from vng_alv.submissions.models import CoSubmitter, Submission
from vng_alv.submissions.queries import may_see
from vng_alv.voting.models import Ballot, Lot, Result, RollEntry, Round
from vng_alv.voting.noted import noted_in
from vng_alv.voting.queries import is_last
from vng_alv.web import locale, page

blueprint = Blueprint("member_pages", __name__)

HERE = "/leden/<listed>"


@dataclass(frozen=True)
class Said:
    """What a member did in a round that was pronounced. Of a secret round the choice is 'secret'."""

    meeting: Meeting
    round: Round
    verdict: Verdict
    weight: int
    advisory: bool
    choice: str | None
    #: By acclamation: whether it had it noted that it is against.
    noted: bool

    @property
    def void(self) -> bool:
        """Whether the round was declared void afterwards."""
        return self.round.state is RoundState.ANNULLED


@blueprint.get(HERE)
@public
def show(listed: str) -> ResponseReturnValue:
    """A municipality: its votes now, its turnout, each vote by meeting, and its motions and amendments."""
    member = get_member(listed)
    found = said_by(member.id)
    return page(
        "results/member.html",
        member=member,
        votes=member.votes(get_association().weight_rule),
        turnout=turnout_of(found),
        meetings=_by_meeting(found),
        brought=brought_by(member.id),
    )


@table(blueprint, HERE + "/stemmingen", None)
def votes(listed: str) -> Table:
    """Each vote of a municipality."""
    member = get_member(listed)
    header = (
        _("vergadering"), _("datum"), _("stemming"), _("vraag"), _("uitslag"), _("ongeldig"), _("stemmen"), _("keuze"),
    )  # fmt: skip
    rows = [
        (one.meeting.code, one.round.published_at, one.round.number, one.round.title,
         verdict_word(one.verdict, locale()), _("ja") if one.void else "", one.weight, choice_words(one))
        for one in said_by(member.id)
    ]  # fmt: skip
    return Table(f"{member.code}-stemmingen", header, rows)


def choice_words(one: Said) -> str:
    """What it chose, in words; by acclamation only whether it is against."""
    if one.round.is_acclaimed:
        return _("tegen, aangetekend") if one.noted else ""
    return ballot_words(one.choice, one.round.titles, locale()) if one.choice else _("niet gestemd")


def said_by(member_id: uuid.UUID) -> Sequence[Said]:
    """What a member did in every round that was pronounced, the latest first; two statements."""
    drawn = case((Lot.round_id.is_not(None), Verdict.CHOSEN.value), else_=Result.verdict)
    rows = db.session.execute(
        select(Meeting, Round, drawn, RollEntry.weight, RollEntry.advisory, Ballot.choice)
        .select_from(RollEntry)
        .join(Round, Round.id == RollEntry.round_id)
        .join(Meeting, Meeting.id == Round.meeting_id)
        .join(Result, Result.round_id == Round.id)
        .outerjoin(Lot, Lot.round_id == Round.id)
        .outerjoin(
            Ballot, (Ballot.round_id == RollEntry.round_id) & (Ballot.member_id == RollEntry.member_id) & is_last()
        )
        .where(RollEntry.member_id == member_id, Round.published_at.is_not(None), ~Round.rehearsal)
        .order_by(Meeting.starts_at.desc(), Meeting.code, Round.number)
    ).all()
    noted = noted_in([row[1].id for row in rows if row[1].is_acclaimed])
    against = {key for key, those in noted.items() if any(one.member_id == member_id for one in those)}
    return [
        Said(meeting, one, Verdict(verdict), weight, advisory, choice, one.id in against)
        for meeting, one, verdict, weight, advisory, choice in rows
    ]


def turnout_of(found: Sequence[Said]) -> Part:
    """In how many of the votes that counted ballots, and are not void, it cast one."""
    counted = [one for one in found if not one.round.is_acclaimed and not one.void]
    return Part(sum(one.choice is not None for one in counted), len(counted))


def _by_meeting(found: Sequence[Said]) -> dict[Meeting, list[Said]]:
    by: dict[Meeting, list[Said]] = {}
    for one in found:
        by.setdefault(one.meeting, []).append(one)
    return by


def brought_by(member_id: uuid.UUID) -> Sequence[Submission]:
    """What a member submitted, or submitted along, the latest first."""
    along = select(CoSubmitter.submission_id).where(
        CoSubmitter.member_id == member_id, CoSubmitter.answer == CoAnswer.JOINED
    )
    return db.session.scalars(
        select(Submission)
        .options(joinedload(Submission.meeting), joinedload(Submission.member))
        .where((Submission.member_id == member_id) | Submission.id.in_(along), may_see(None))
        .order_by(Submission.submitted_at.desc(), Submission.number.desc())
    ).all()
