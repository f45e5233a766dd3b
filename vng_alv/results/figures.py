"""Reading what figures over several meetings are made of. What was pronounced does not change and is counted once."""

import threading
import uuid
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import select

from vng_alv import db
from vng_alv.domain.figures import Figures, MemberVote, Vote, figures
from vng_alv.domain.majority import Verdict
from vng_alv.domain.rounds import WITH_OPTIONS, RoundState, Way
from vng_alv.meetings.models import Meeting
from vng_alv.voting.models import Ballot, Result, RollEntry, Round
from vng_alv.voting.queries import is_last

_counting = threading.Lock()
#: A round that counts: its key, the code of its meeting, what came out, and whether it is a choice of for and against.
Outcome = tuple[uuid.UUID, str, Verdict, bool]


def all_figures() -> Figures:
    """The figures over all meetings, in two statements; in one where nothing was pronounced since."""
    outcomes = tuple(_outcomes())
    with _counting:  # whoever asks first counts for all
        return _counted(outcomes)


def _outcomes() -> Sequence[Outcome]:
    """The rounds that count: pronounced and not void, and neither secret, nor by acclamation, nor a rehearsal."""
    rows = db.session.execute(
        select(Round.id, Meeting.code, Result.verdict, Round.kind)
        .join(Meeting, Meeting.id == Round.meeting_id)
        .join(Result, Result.round_id == Round.id)
        .where(
            Round.state == RoundState.PUBLISHED, ~Round.rehearsal, ~Round.secret, Round.way == Way.BALLOTS
        )
        .order_by(Meeting.starts_at, Meeting.code, Round.number)
    )  # fmt: skip
    return [(row[0], row[1], row[2], row[3] not in WITH_OPTIONS) for row in rows]


@lru_cache(1)
def _counted(outcomes: tuple[Outcome, ...]) -> Figures:
    rows = db.session.execute(
        select(RollEntry.round_id, RollEntry.code, RollEntry.name, RollEntry.province, RollEntry.population,
               RollEntry.weight, Ballot.choice)
        .outerjoin(
            Ballot, (Ballot.round_id == RollEntry.round_id) & (Ballot.member_id == RollEntry.member_id) & is_last()
        )
        .where(RollEntry.round_id.in_([one[0] for one in outcomes]), ~RollEntry.advisory)
        .order_by(RollEntry.code)
    )  # fmt: skip
    rolls: dict[uuid.UUID, list[MemberVote]] = defaultdict(list)
    for row in rows:
        rolls[row[0]].append(MemberVote(*row[1:]))
    return figures([Vote(code, verdict, plain, rolls[key]) for key, code, verdict, plain in outcomes])
