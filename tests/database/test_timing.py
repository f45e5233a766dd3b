"""Rounds that the clock opens, that stay open longer, and written consultations (docs/rules.md §3.11, §4.2, §4.4)."""

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.database.acting import bring, state_of, together, vote, waiting
from tests.database.test_rounds import log_of
from tests.database.timing_desk import DAY, HOUR, SetClock, clock, planned, refuses, remind, round_of, sweep
from vng_alv import db
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting import clock_queries, queries, timing
from vng_alv.voting.models import RollEntry, Round
from vng_alv.voting.service import annul, close_by_clock, open_by_clock, open_rounds

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def drafts(database: str) -> factories.World:
    """Three rounds in draft of a meeting next week; members may vote a month before."""
    with db.transaction():
        return factories.world(is_open=False)


@pytest.fixture
def set_clock(drafts: factories.World, monkeypatch: pytest.MonkeyPatch) -> Iterator[SetClock]:
    """A clock that stands still where the test begins."""
    with clock(monkeypatch, datetime.now(UTC)) as found:
        yield found


# --- Planned, opened and closed by the clock


def test_the_clock_opens_what_was_planned_and_closes_it(drafts: factories.World, set_clock: SetClock) -> None:
    start = db.now()
    planned(drafts, HOUR, 3 * HOUR)
    sweep()
    assert {state_of(key) for key in drafts.ids} == {"scheduled"}
    with pytest.raises(Refused):
        vote(drafts, 0)
    set_clock(start + HOUR)
    sweep()
    sweep()
    one = round_of(drafts.ids[0])
    assert (one.state, one.opened_at, one.opens_at, one.closes_at) == (
        "open", start + HOUR, start + HOUR, start + 3 * HOUR,
    )  # fmt: skip
    set_clock(start + 3 * HOUR - timedelta(microseconds=1))
    sweep()
    assert state_of(drafts.ids[0]) == "open"
    set_clock(start + 3 * HOUR)
    sweep()
    assert {state_of(key) for key in drafts.ids} == {"closed"}


def test_opening_by_the_clock_freezes_and_tells_as_by_hand(drafts: factories.World, set_clock: SetClock) -> None:
    planned(drafts)
    with db.transaction():  # between planning and opening the register changes: what counts is the opening
        db.session.execute(update(Member).where(Member.code == "GM0002").values(population=50_000))
        factories.member(9, 9_000)
    set_clock(db.now() + HOUR)
    sweep()
    with db.transaction(write=False):
        roll = select(RollEntry.code, RollEntry.weight).where(RollEntry.round_id == drafts.ids[0])
        assert dict(map(tuple, db.session.execute(roll))) == {"GM0001": 75, "GM0002": 50, "GM0003": 1, "GM0009": 9}
        mails = db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.VOTE_OPENED)).all()
        assert len(mails) == 3
        assert len(mails[0].context["questions"]) == 3
        assert db.session.get_one(Round, drafts.ids[0]).text_hash
    opened = [entry for entry in log_of(drafts.ids[0]) if entry.act == "round.open"]
    assert [entry.actor_id for entry in opened] == [None]
    assert opened[0].data["planned"] is not None
    assert opened[0].data["roll"]


def test_what_was_planned_is_planned_anew_or_taken_back(drafts: factories.World, set_clock: SetClock) -> None:
    start = db.now()
    planned(drafts, HOUR)
    planned(drafts, 2 * HOUR, 4 * HOUR)
    set_clock(start + HOUR)
    sweep()
    assert round_of(drafts.ids[0]).state is RoundState.SCHEDULED
    with db.transaction():
        timing.unschedule(drafts.ids, drafts.chair)
    one = round_of(drafts.ids[0])
    assert (one.state, one.opens_at, one.closes_at) == (RoundState.DRAFT, None, None)
    set_clock(start + 2 * HOUR)
    sweep()
    assert state_of(drafts.ids[0]) == "draft"
    refuses(Refusal.ROUND_STATE, timing.unschedule, drafts.ids, drafts.chair)
    acts = [(entry.act, entry.actor_id) for entry in log_of(drafts.ids[0])]
    assert acts[1:] == [(act, drafts.chair.id) for act in ("round.schedule", "round.schedule", "round.unschedule")]


def test_a_planned_round_opens_by_hand_too_and_can_be_scrapped(drafts: factories.World, set_clock: SetClock) -> None:
    planned(drafts, 2 * HOUR, 3 * HOUR)
    end = db.now() + 3 * HOUR
    with db.transaction():
        open_rounds(drafts.ids[:1], drafts.chair)
        annul(drafts.rounds[1], "Toch niet", drafts.chair)
    one = round_of(drafts.ids[0])
    assert (one.state, one.opens_at, one.closes_at) == (RoundState.OPEN, None, end)
    set_clock(db.now() + 2 * HOUR)
    sweep()
    assert [state_of(key) for key in drafts.ids] == ["open", "annulled", "open"]


def test_a_plan_that_cannot_be_is_refused_and_changes_nothing(drafts: factories.World, set_clock: SetClock) -> None:
    now = db.now()
    for refusal, opens_at, closes_at in (
        (Refusal.CLOCK_IN_PAST, now, None),
        (Refusal.CLOCK_IN_PAST, now - HOUR, now + HOUR),
        (Refusal.CLOSES_FIRST, now + HOUR, now + HOUR),
        (Refusal.CLOSES_FIRST, now + HOUR, now - HOUR),
    ):
        refuses(refusal, timing.schedule, drafts.ids, opens_at, closes_at, drafts.chair)
    refuses(Refusal.NOT_ALLOWED, timing.schedule, drafts.ids, now + HOUR, None, drafts.delegates[0])
    refuses(Refusal.NOT_ALLOWED, timing.unschedule, drafts.ids, drafts.delegates[0])
    refuses(Refusal.SUBMISSION_STATE, timing.schedule, [*drafts.ids, uuid.uuid4()], now + HOUR, None, drafts.chair)
    assert {(round_of(key).state, round_of(key).opens_at) for key in drafts.ids} == {("draft", None)}
    with db.transaction():
        bring(db.session.get_one(Round, drafts.ids[0]), "open", drafts.chair)
    refuses(Refusal.ROUND_STATE, timing.schedule, drafts.ids, now + HOUR, None, drafts.chair)


# --- What the clock cannot open


def test_what_cannot_open_is_tried_once_and_tells_why(drafts: factories.World, set_clock: SetClock) -> None:
    """Nobody is a member: the rounds are drafts again, with the reason, and the next sweep leaves them alone."""
    planned(drafts, HOUR, 3 * HOUR)
    set_clock(db.now() + HOUR)
    with db.transaction():
        db.session.execute(update(Member).values(advisory=True))
    for _ in range(3):
        sweep()
    one = round_of(drafts.ids[0])
    assert (one.state, one.not_opened, one.closes_at) == (RoundState.DRAFT, Refusal.NO_ELECTORATE, None)
    missed = [entry for entry in log_of(one.id) if entry.act == "round.missed"]
    assert [(entry.actor_id, entry.data) for entry in missed] == [(None, {"reason": "no_electorate"})]
    with db.transaction():
        db.session.execute(update(Member).values(advisory=False))
        open_rounds(drafts.ids, drafts.chair)
    one = round_of(drafts.ids[0])
    assert (one.state, one.not_opened, one.opens_at) == (RoundState.OPEN, "", None)


def test_a_clock_that_stood_still_opens_nothing_that_should_be_closed(
    drafts: factories.World, set_clock: SetClock
) -> None:
    """The worker was away over the whole of the time: nobody could have voted."""
    planned(drafts, HOUR, 3 * HOUR)
    set_clock(db.now() + 4 * HOUR)
    sweep()
    assert {(round_of(key).state, round_of(key).not_opened) for key in drafts.ids} == {("draft", Refusal.CLOSES_FIRST)}
    with db.transaction(write=False):
        assert not db.session.scalars(select(RollEntry)).all()


def test_one_that_cannot_open_does_not_keep_the_others(drafts: factories.World, set_clock: SetClock) -> None:
    now = db.now()
    with db.transaction():
        timing.schedule(drafts.ids[:1], now + HOUR, now + 2 * HOUR, drafts.chair)
        timing.schedule(drafts.ids[1:], now + HOUR, None, drafts.chair)
    set_clock(now + 3 * HOUR)
    sweep()
    assert [state_of(key) for key in drafts.ids] == ["draft", "open", "open"]


def test_a_setting_that_changed_meanwhile_counts_at_the_opening(drafts: factories.World, set_clock: SetClock) -> None:
    planned(drafts)
    with db.transaction():
        get_association().early_voting_days = 0
    set_clock(db.now() + HOUR)
    sweep()
    assert round_of(drafts.ids[0]).not_opened == Refusal.TOO_EARLY


@pytest.mark.parametrize("meanwhile", ["taken back", "opened", "scrapped", "planned anew"])
def test_the_clock_leaves_alone_what_changed_meanwhile(
    drafts: factories.World, set_clock: SetClock, meanwhile: str
) -> None:
    """Between the sweep that found it due and its opening."""
    planned(drafts)
    set_clock(db.now() + HOUR)
    with db.transaction():
        (due,) = clock_queries.meetings_to_open(db.now())
        if meanwhile == "taken back":
            timing.unschedule(drafts.ids, drafts.chair)
        elif meanwhile == "opened":
            open_rounds(drafts.ids, drafts.chair)
        elif meanwhile == "planned anew":
            timing.schedule(drafts.ids, db.now() + HOUR, None, drafts.chair)
        else:
            for one in drafts.rounds:
                annul(one, "fout", drafts.chair)
    expected = [round_of(key).state for key in drafts.ids]
    with db.transaction():
        assert open_by_clock(due) == []
    assert [round_of(key).state for key in drafts.ids] == expected


def test_two_workers_open_once(drafts: factories.World) -> None:
    with db.transaction():
        timing.schedule(drafts.ids, datetime.now(UTC) + timedelta(seconds=1), None, drafts.chair)
    threading.Event().wait(1.05)

    def work() -> int:
        with db.transaction():
            return len(open_by_clock(drafts.meeting.id))

    assert sorted(together([work] * 6)) == [0, 0, 0, 0, 0, 3]  # type: ignore[type-var]
    assert [entry.act for entry in log_of(drafts.ids[0])].count("round.open") == 1


# --- Early voting


def test_nobody_votes_earlier_than_the_statutes_allow(drafts: factories.World, set_clock: SetClock) -> None:
    with db.transaction():
        get_association().early_voting_days = 3
    meeting = drafts.meeting
    first = datetime.combine((meeting.starts_at - 3 * DAY).date(), datetime.min.time(), UTC) + DAY
    refuses(Refusal.TOO_EARLY, open_rounds, drafts.ids, drafts.chair)
    refuses(Refusal.TOO_EARLY, timing.schedule, drafts.ids, db.now() + HOUR, None, drafts.chair)
    with db.transaction():
        timing.schedule(drafts.ids, first, None, drafts.chair)
    assert state_of(drafts.ids[0]) == "scheduled"
    set_clock(first)
    sweep()
    assert state_of(drafts.ids[0]) == "open"


def test_without_the_setting_members_vote_on_the_day_itself(drafts: factories.World, set_clock: SetClock) -> None:
    with db.transaction():
        get_association().early_voting_days = 0
    set_clock(drafts.meeting.starts_at - DAY)
    refuses(Refusal.TOO_EARLY, open_rounds, drafts.ids, drafts.chair)
    set_clock(drafts.meeting.starts_at)
    with db.transaction():
        open_rounds(drafts.ids, drafts.chair)
    assert state_of(drafts.ids[0]) == "open"


def test_the_database_keeps_the_limit_of_the_law(drafts: factories.World) -> None:
    for days in (-1, 31):
        with pytest.raises(Exception, match="early_voting_days"), db.transaction():
            get_association().early_voting_days = days


# --- Staying open longer


def test_an_open_round_stays_open_longer_and_only_longer(drafts: factories.World, set_clock: SetClock) -> None:
    start = db.now()
    with db.transaction():
        open_rounds(drafts.ids[:2], drafts.chair, closes_at=start + HOUR)
        open_rounds(drafts.ids[2:], drafts.chair)
    for refusal, until in ((Refusal.NOT_LATER, start + HOUR), (Refusal.NOT_LATER, start + HOUR / 2),
                           (Refusal.CLOCK_IN_PAST, start - HOUR)):  # fmt: skip
        refuses(refusal, timing.extend, drafts.ids[:2], until, drafts.chair)
    refuses(Refusal.NOT_ALLOWED, timing.extend, drafts.ids, start + DAY, drafts.delegates[0])
    with db.transaction():
        timing.extend(drafts.ids, start + 2 * HOUR, drafts.chair)
    assert {round_of(key).closes_at for key in drafts.ids} == {start + 2 * HOUR}
    with db.transaction(write=False):
        told = queries.standing(db.session.get_one(Meeting, drafts.meeting.id))
    assert {one["closes_at"] for one in told["rounds"]} == {(start + 2 * HOUR).isoformat()}
    (entry,) = (entry for entry in log_of(drafts.ids[0]) if entry.act == "round.extend")
    assert (entry.actor_id, entry.data) == (
        drafts.chair.id,
        {"before": (start + HOUR).isoformat(), "closes_at": (start + 2 * HOUR).isoformat()},
    )
    set_clock(start + HOUR)
    sweep()
    assert state_of(drafts.ids[0]) == "open"
    set_clock(start + 2 * HOUR)
    refuses(Refusal.CLOCK_RAN_OUT, timing.extend, drafts.ids, start + DAY, drafts.chair)
    sweep()
    refuses(Refusal.ROUND_STATE, timing.extend, drafts.ids, start + DAY, drafts.chair)


def test_of_several_rounds_all_stay_open_longer_or_none(drafts: factories.World, set_clock: SetClock) -> None:
    start = db.now()
    with db.transaction():
        open_rounds(drafts.ids[:1], drafts.chair, closes_at=start + HOUR)
        open_rounds(drafts.ids[1:2], drafts.chair, closes_at=start + 3 * HOUR)
    refuses(Refusal.NOT_LATER, timing.extend, drafts.ids[:2], start + 2 * HOUR, drafts.chair)
    assert round_of(drafts.ids[0]).closes_at == start + HOUR


def test_extending_and_the_clock_at_the_same_moment(drafts: factories.World) -> None:
    """Whichever comes first: it is closed and was not extended, or extended and is open; never both, never neither."""
    for key in drafts.ids:
        end = datetime.now(UTC) + timedelta(seconds=1)
        with db.transaction():
            open_rounds([key], drafts.chair, closes_at=end)
        later = end + HOUR

        def longer(key: uuid.UUID = key, later: datetime = later) -> str:
            with db.transaction():
                timing.extend([key], later, drafts.chair)
            return "extended"

        def clocked(key: uuid.UUID = key) -> str:
            threading.Event().wait(0.02)
            with db.transaction():
                close_by_clock(key)
            return "swept"

        threading.Event().wait(max(0, (end - datetime.now(UTC)).total_seconds() - 0.02))
        answers = together([longer, *[clocked] * 5])
        one = round_of(key)
        if "extended" in answers:
            assert (one.state, one.closes_at) == (RoundState.OPEN, later)
        else:
            assert one.closes_at == end
            told = next(a for a in answers if isinstance(a, Refused))
            assert told.refusal in {Refusal.CLOCK_RAN_OUT, Refusal.ROUND_STATE}


def test_a_cast_that_waits_for_an_extension_is_recorded(drafts: factories.World) -> None:
    """The chair extends in the last moment, and the transaction ends after the old end: the vote counts."""
    end = datetime.now(UTC) + timedelta(seconds=2)
    with db.transaction():
        open_rounds(drafts.ids, drafts.chair, closes_at=end)
    with ThreadPoolExecutor(1) as pool:
        with db.transaction():
            timing.extend(drafts.ids, end + HOUR, drafts.chair)
            cast = waiting(pool, lambda: vote(drafts, 0))
            threading.Event().wait(max(0, (end - datetime.now(UTC)).total_seconds()) + 0.1)
        assert cast.result().recorded
    assert state_of(drafts.ids[0]) == "open"


def test_an_assembly_reminds_nobody(drafts: factories.World, set_clock: SetClock) -> None:
    start = db.now()
    with db.transaction():
        open_rounds(drafts.ids, drafts.chair, closes_at=start + 7 * DAY)
    set_clock(start + 5 * DAY)
    assert remind() == 0
    with db.transaction():
        assert timing.remind(drafts.meeting.id) == 0


def test_conflicts_are_told_apart_from_refusals(drafts: factories.World) -> None:
    with pytest.raises(Conflict), db.transaction():
        timing.extend(drafts.ids, db.now() + HOUR, drafts.chair)
