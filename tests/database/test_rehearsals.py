"""Rehearsals: everybody may try, and nothing comes of it (docs/rules.md §4.13)."""

import threading
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests import factories
from tests.database.acting import state_of, together, vote
from tests.database.test_rounds import log_of
from tests.database.test_timing import sweep
from vng_alv import db
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.identity.personal_data import collect
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting import clock_queries, queries, timing
from vng_alv.voting.cast import Cast, cast
from vng_alv.voting.models import Ballot, Result, RollEntry, Round
from vng_alv.voting.service import close, open_rounds, prepare, publish
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def rehearsal(world: factories.World) -> Round:
    """A rehearsal beside three rounds that are open."""
    with db.transaction():
        return timing.rehearse(db.session.merge(world.meeting), world.chair)


def try_out(world: factories.World, who: int, one: Round, choice: str = "for") -> Cast:
    with db.transaction(write=False):
        code = world.members[who].code
        return cast(world.meeting.code, code, {one.id: choice}, uuid.uuid4(), world.delegates[who])


def test_it_is_made_and_opened_in_one_act_with_a_number_of_its_own(world: factories.World, rehearsal: Round) -> None:
    assert (rehearsal.label, rehearsal.state, rehearsal.proposal_id) == ("P1", "open", None)
    assert rehearsal.title.startswith("Proefvraag: ")
    assert rehearsal.text_hash
    with db.transaction():
        second = timing.rehearse(db.session.merge(world.meeting), world.chair)
        more = prepare(factories.proposal(db.session.merge(world.meeting), code="R2"), None)
    assert second.label == "P2"
    assert second.title != rehearsal.title
    assert [one.number for one in more] == [4, 5, 6]  # as if nobody had rehearsed
    assert [entry.act for entry in log_of(rehearsal.id)] == ["round.rehearse", "round.open"]
    with db.transaction(write=False):
        (first, *_) = db.session.scalars(
            select(Notice).where(Notice.kind == NoticeKind.VOTE_OPENED).order_by(Notice.created_at.desc())
        )
        assert first.context["rehearsal"] is True


def test_only_who_runs_rounds_makes_one(world: factories.World) -> None:
    with pytest.raises(Refused) as caught, db.transaction():
        timing.rehearse(db.session.merge(world.meeting), world.delegates[0])
    assert caught.value.refusal is Refusal.NOT_ALLOWED


def test_one_may_be_held_long_before_the_meeting(world: factories.World) -> None:
    """No rule on early voting, nor one on the end of a written consultation, is about it."""
    with db.transaction():
        get_association().early_voting_days = 0
    with pytest.raises(Refused), db.transaction():
        again = prepare(factories.proposal(db.session.merge(world.meeting), code="R2"), None)
        open_rounds([again[0].id], world.chair)
    with db.transaction():
        assert timing.rehearse(db.session.merge(world.meeting), world.chair).state == "open"


def test_many_at_once_have_numbers_one_after_another(world: factories.World) -> None:
    def work() -> str:
        with db.transaction():
            return timing.rehearse(db.session.merge(world.meeting), world.chair).label

    assert sorted(together([work] * 5)) == ["P1", "P2", "P3", "P4", "P5"]  # type: ignore[type-var]


def test_a_ballot_is_recorded_and_changed_as_in_a_vote(world: factories.World, rehearsal: Round) -> None:
    first = try_out(world, 0, rehearsal)
    second = try_out(world, 0, rehearsal, "against")
    assert first.receipt != second.receipt
    with db.transaction(write=False):
        assert [line[3] for line in queries.receipt_lines(first.receipt)] == [True]
        assert queries.turnouts([rehearsal.id])[rehearsal.id] == queries.Turnout(1, 3, 75, 116)
    with db.transaction():
        close([rehearsal.id], world.chair)
    with pytest.raises(Refused):
        try_out(world, 1, rehearsal)


def test_the_clock_closes_it_and_it_may_stay_open_for_weeks(world: factories.World, rehearsal: Round) -> None:
    with db.transaction():
        timing.extend([rehearsal.id], db.now() + timedelta(weeks=5), world.chair)
    sweep()
    assert state_of(rehearsal.id) == "open"
    with db.transaction():
        short = timing.rehearse(db.session.merge(world.meeting), world.chair, closes_at=db.now() + timedelta(seconds=1))
    threading.Event().wait(1)
    while state_of(short.id) == "open":
        sweep()
    assert state_of(short.id) == "closed"


def test_it_is_never_counted_and_never_pronounced(world: factories.World, rehearsal: Round) -> None:
    for who in range(3):
        try_out(world, who, rehearsal)
    with db.transaction():
        close([rehearsal.id], world.chair)
    with db.transaction():
        assert clock_queries.uncounted() == []
        assert tally(rehearsal.id) is None
    with pytest.raises(Conflict), db.transaction():
        publish([rehearsal.id], world.chair)
    with db.transaction(write=False):
        assert not db.session.scalars(select(Result).where(Result.round_id == rehearsal.id)).all()
    assert "round.count" not in {entry.act for entry in log_of(rehearsal.id)}


def test_no_reading_of_rounds_finds_it(world: factories.World, rehearsal: Round) -> None:
    vote(world, 0)
    try_out(world, 0, rehearsal)
    with db.transaction(write=False):
        meeting = db.session.get_one(Meeting, world.meeting.id)
        assert rehearsal.id not in {one.id for one in queries.rounds_of(meeting.id)}
        assert rehearsal.id not in {one.id for one in queries.open_rounds(meeting.id)}
        assert [one.id for one in queries.open_rounds(meeting.id, rehearsals=True)] == [rehearsal.id]
        assert queries.get_round(meeting.id, 1).id == world.ids[0]
        told = queries.standing(meeting)
    assert [one["number"] for one in told["rounds"]] == [1, 2, 3]
    assert [(one["number"], one["members"]) for one in told["rehearsals"]] == [("P1", 1)]
    with db.transaction():
        for one in db.session.scalars(select(Round).where(~Round.rehearsal)):
            close([one.id], world.chair)
    with db.transaction(write=False):
        assert queries.open_meetings() == []  # nothing says that a vote is open
        with pytest.raises(Missing):
            queries.get_round(world.meeting.id, 4)


def test_what_somebody_tried_is_told_to_them_as_such(world: factories.World, rehearsal: Round) -> None:
    try_out(world, 0, rehearsal)
    vote(world, 0)
    with db.transaction(write=False):
        casts = collect(world.delegates[0].id)["casts"]
    assert [(one["round"], one["rehearsal"]) for one in casts] == [("P1", True), (1, False)]


def test_its_roll_is_that_of_its_opening(world: factories.World, rehearsal: Round) -> None:
    with db.transaction():
        db.session.execute(update(Member).values(population=1))
    with db.transaction(write=False):
        total = db.session.scalar(select(func.sum(RollEntry.weight)).where(RollEntry.round_id == rehearsal.id))
        assert total == 116
        assert not db.session.scalars(select(Ballot)).all()
