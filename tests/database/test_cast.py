"""Casting, closing and counting: acknowledged is counted, once (docs/rules.md §4, §9)."""

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.ballots import CastFacts, Choice, may_cast
from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.service import give_mandate
from vng_alv.members.models import OfficeKind
from vng_alv.members.service import give_office
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting import queries
from vng_alv.voting.cast import Cast, cast
from vng_alv.voting.models import Ballot, Result, Round
from vng_alv.voting.service import annul, close, close_by_clock, open_rounds, publish
from vng_alv.voting.tally import second_count, tally

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def world(database: str) -> factories.World:
    with db.transaction():
        return factories.world()


def vote(
    world: factories.World, who: int, choice: str = "for", *, key: uuid.UUID | None = None, rounds: int = 1
) -> Cast:
    """A cast, as the web does it: a transaction by itself."""
    with db.transaction(write=False):
        return cast(
            world.meeting.code,
            world.members[who].code,
            dict.fromkeys(world.ids[:rounds], choice),
            key or uuid.uuid4(),
            world.delegates[who],
        )


def stored() -> list[Ballot]:
    with db.transaction(write=False):
        return list(db.session.scalars(select(Ballot).order_by(Ballot.round_id, Ballot.member_id, Ballot.version)))


def together(actions: list[Callable[[], object]]) -> list[object]:
    """Run all at the same moment, each in a thread; what each returned or raised."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        gate.wait()
        try:
            return action()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_a_cast_is_stored_with_its_log_entry_and_receipt_notice(world: factories.World) -> None:
    done = vote(world, 0, "against", rounds=3)
    assert set(done.recorded.values()) == {Choice.AGAINST}
    assert {(b.choice, b.version, b.receipt) for b in stored()} == {(Choice.AGAINST, 1, done.receipt)}
    with db.transaction(write=False):
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "ballot.cast")).one()
        notice = db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.RECEIPT)).one()
    assert entry.member_id == world.members[0].id
    assert entry.actor_id == world.delegates[0].id
    assert entry.data == {"receipt": done.receipt, "rounds": sorted(str(r) for r in world.ids)}
    assert notice.context == {"receipt": done.receipt, "member": "GM0001", "meeting": "alv"}
    for said in (entry.data, notice.context):
        assert "against" not in str(said)


def test_the_last_ballot_counts_and_the_earlier_one_is_kept(world: factories.World) -> None:
    first, second = vote(world, 0, "for"), vote(world, 0, "against")
    assert first.receipt != second.receipt
    assert [(b.version, b.choice) for b in stored()] == [(1, Choice.FOR), (2, Choice.AGAINST)]
    with db.transaction():
        close(world.ids[:1], world.chair)
        result = tally(world.ids[0])
    assert result is not None
    assert (result.weight_for, result.weight_against, result.members_against) == (0, 75, 1)


def test_the_same_key_gives_the_same_receipt(world: factories.World) -> None:
    key = uuid.uuid4()
    assert vote(world, 0, key=key) == vote(world, 0, key=key)
    assert len(stored()) == 1


def test_the_same_key_with_another_choice_is_a_conflict(world: factories.World) -> None:
    key = uuid.uuid4()
    vote(world, 0, "for", key=key)
    with pytest.raises(Conflict) as caught:
        vote(world, 0, "against", key=key)
    assert caught.value.refusal is Refusal.KEY_REUSED
    assert [b.choice for b in stored()] == [Choice.FOR]


def test_fifty_identical_casts_at_once_are_one_vote(world: factories.World) -> None:
    key = uuid.uuid4()
    answers = together([lambda: vote(world, 0, key=key, rounds=3)] * 50)
    receipts = {answer.receipt if isinstance(answer, Cast) else repr(answer) for answer in answers}
    assert len(receipts) == 1
    assert len(stored()) == 3
    with db.transaction(write=False):
        assert db.session.scalar(select(func.count()).where(AuditEntry.act == "ballot.cast")) == 1


def test_different_casts_of_one_member_at_once_come_one_after_another(world: factories.World) -> None:
    answers = together([lambda n=n: vote(world, 0, "for" if n % 2 else "against", rounds=1 + n % 3) for n in range(12)])
    assert all(isinstance(answer, Cast) for answer in answers), answers
    versions = Counter((b.round_id, b.version) for b in stored())
    assert set(versions.values()) == {1}
    assert Counter(len(answer.recorded) for answer in answers if isinstance(answer, Cast)) == {1: 4, 2: 4, 3: 4}


@pytest.mark.parametrize("turn", range(3))
def test_closing_loses_no_cast_in_flight(database: str, turn: int) -> None:
    with db.transaction():
        world = factories.world([1_000 * n for n in range(1, 21)])

    def shut() -> None:
        with db.transaction():
            close(world.ids[:1], world.chair)

    actions: list[Callable[[], object]] = [lambda n=n: vote(world, n) for n in range(20)]  # type: ignore[misc]
    actions.insert(random.randrange(20), shut)
    answers = together(actions)
    acknowledged = [a for a in answers if isinstance(a, Cast)]
    late = [a for a in answers if isinstance(a, Refused)]
    assert len(acknowledged) + len(late) == 20, answers
    with db.transaction():
        result = tally(world.ids[0])
    assert result is not None
    assert result.members_for == len(acknowledged) == len(stored())


def test_one_of_many_closings_wins(world: factories.World) -> None:
    def shut() -> str:
        with db.transaction():
            close(world.ids, world.chair)
        return "closed"

    answers = together([shut] * 8)
    assert answers.count("closed") == 1
    assert all(a == "closed" or (isinstance(a, Conflict) and a.refusal is Refusal.ROUND_STATE) for a in answers)


def test_some_closed_meanwhile_are_named_and_the_others_stand(world: factories.World) -> None:
    with db.transaction():
        close(world.ids[:1], world.chair)
    done = vote(world, 0, rounds=3)
    assert set(done.recorded) == set(world.ids[1:])
    assert done.refused == {world.ids[0]: Refusal.ROUND_NOT_OPEN}


@pytest.mark.parametrize(
    ("state", "clock", "on_roll", "holds", "choice"),
    [
        (state, clock, on_roll, holds, choice)
        for state in ("draft", "open", "closed", "annulled")
        for clock in (None, "past", "future")
        for on_roll in (True, False)
        for holds in (True, False)
        for choice in ("for", "yes")
        if (state == "open" or clock is None) and (on_roll or holds)
    ],
)
def test_the_statement_says_what_the_domain_says(
    database: str, state: str, clock: str | None, on_roll: bool, holds: bool, choice: str
) -> None:
    with db.transaction():
        world = factories.world(is_open=False)
        late = factories.member(50)
        late_delegate = factories.clerk(late)
        closes_at = {"past": 0.2, "future": 3600, None: None}[clock]
        moment = datetime.now(UTC) + timedelta(seconds=closes_at) if closes_at is not None else None
        if state != "draft":
            late.valid_from = datetime.now(UTC).date() + timedelta(days=30)  # a member from next month on
            open_rounds(world.ids, world.chair, closes_at=moment)
            give_mandate(world.meeting, late, late_delegate, None)
        if state == "closed":
            close(world.ids, world.chair)
        if state == "annulled":
            annul(world.rounds[0], "fout", world.chair)
    if clock == "past":
        threading.Event().wait(0.25)
    if state == "draft" and not on_roll:
        on_roll = False
    member = world.members[0] if on_roll else late
    who = world.delegates[0] if on_roll else factories_actor(late_delegate.id)
    if not holds:
        who = world.delegates[1]
    facts = CastFacts(world_state(world.ids[0]), moment, datetime.now(UTC), on_roll and state != "draft", holds, choice)
    expected = may_cast(facts)
    try:
        with db.transaction(write=False):
            cast(world.meeting.code, member.code, {world.ids[0]: choice}, uuid.uuid4(), who)
        found = None
    except Refused as refused:
        found = refused.refusal
    if state == "draft" and not on_roll and holds:
        expected = found if found in {Refusal.NOT_HOLDER, Refusal.NOT_ON_ROLL} else expected  # no mandate was given yet
    if expected is Refusal.NOT_ON_ROLL and not holds:
        expected = Refusal.NOT_HOLDER  # the holder is asked for first; both are refusals
    assert found == expected
    assert bool(stored()) == (expected is None)


def factories_actor(person_id: uuid.UUID):  # type: ignore[no-untyped-def]
    from vng_alv.accounts.queries import get_actor  # noqa: PLC0415

    with db.transaction(write=False):
        return get_actor(person_id)


def world_state(round_id: uuid.UUID):  # type: ignore[no-untyped-def]
    with db.transaction(write=False):
        return db.session.get_one(Round, round_id).state


def test_a_vote_for_another_municipality_is_refused(world: factories.World) -> None:
    with pytest.raises(Refused) as caught, db.transaction(write=False):
        cast("alv", "GM0001", {world.ids[0]: "for"}, uuid.uuid4(), world.delegates[1])
    assert caught.value.refusal is Refusal.NOT_HOLDER
    assert not stored()


def test_a_round_of_another_meeting_is_not_touched(world: factories.World) -> None:
    with db.transaction():
        other = factories.meeting("alv-2")
        give_mandate(other, world.members[0], db.session.get_one(factories.Person, world.delegates[0].id), None)
    with pytest.raises(Refused), db.transaction(write=False):
        cast("alv-2", "GM0001", {world.ids[0]: "for"}, uuid.uuid4(), world.delegates[0])
    assert not stored()


def test_the_next_holder_changes_the_members_vote(world: factories.World) -> None:
    vote(world, 0, "for")
    with db.transaction():
        new = factories.person("wethouder")
        give_office(new, world.members[0], OfficeKind.ALDERMAN, None)
        give_mandate(world.meeting, world.members[0], new, None)
    with pytest.raises(Refused):
        vote(world, 0, "against")
    world.delegates[0] = factories_actor(new.id)
    vote(world, 0, "against")
    assert [(b.version, b.choice) for b in stored()] == [(1, Choice.FOR), (2, Choice.AGAINST)]


def test_a_mandate_never_goes_to_another_municipality(world: factories.World) -> None:
    with db.transaction():
        official = factories.clerk(world.members[0], "ambtenaar", OfficeKind.OFFICIAL)
    for wrong in (official.id, world.delegates[1].id):
        with pytest.raises(Refused) as caught, db.transaction():
            give_mandate(world.meeting, world.members[0], db.session.get_one(factories.Person, wrong), None)
        assert caught.value.refusal is Refusal.NO_OFFICE


def test_a_change_of_the_register_changes_no_opened_round(world: factories.World) -> None:
    with db.transaction():
        db.session.merge(world.members[0]).population = 1
        factories.member(77)
    vote(world, 0)
    with db.transaction():
        close(world.ids[:1], world.chair)
        result = tally(world.ids[0])
    assert result is not None
    assert (result.weight_for, result.electorate_weight, result.electorate_members) == (75, 116, 3)


def test_advisory_votes_are_counted_apart(database: str) -> None:
    with db.transaction():
        world = factories.world((40_000, 30_000, 70_000), advisory=1)
    vote(world, 0, "for")
    vote(world, 1, "against")
    vote(world, 2, "against")
    with db.transaction():
        close(world.ids[:1], world.chair)
        result = tally(world.ids[0])
        assert result is not None
    assert result.verdict == "adopted"
    assert (result.weight_for, result.weight_against, result.electorate_weight) == (40, 30, 70)
    assert result.advisory["weight"] == {"for": 0, "against": 70, "abstain": 0}


def test_counting_twice_is_harmless_and_at_once_too(world: factories.World) -> None:
    vote(world, 0)
    with db.transaction():
        close(world.ids[:1], world.chair)

    def run() -> object:
        with db.transaction():
            return tally(world.ids[0])

    answers = together([run] * 5)
    assert sum(isinstance(a, Result) for a in answers) == 1, answers
    assert answers.count(None) == 4
    with db.transaction(write=False):
        assert db.session.scalar(select(func.count()).select_from(Result)) == 1


def test_two_counts_that_differ_keep_nothing(world: factories.World, monkeypatch: pytest.MonkeyPatch) -> None:
    vote(world, 0)
    with db.transaction():
        close(world.ids[:1], world.chair)

    def wrong(round_id: uuid.UUID):  # type: ignore[no-untyped-def]
        full, advisory = second_count(round_id)
        full.weight[Choice.FOR] += 1
        return full, advisory

    monkeypatch.setattr("vng_alv.voting.tally.second_count", wrong)
    with pytest.raises(RuntimeError), db.transaction():
        tally(world.ids[0])
    with pytest.raises(Conflict), db.transaction():
        publish(world.ids[:1], world.chair)
    with db.transaction(write=False):
        assert db.session.scalar(select(func.count()).select_from(Result)) == 0


def test_random_votes_count_as_they_were_cast(database: str) -> None:
    dice = random.Random(7)
    with db.transaction():
        world = factories.world([dice.randrange(500, 120_000) for _ in range(25)])
    last: dict[int, str] = {}
    for _ in range(60):
        who, choice = dice.randrange(25), dice.choice(list(Choice)).value
        vote(world, who, choice)
        last[who] = choice
    with db.transaction():
        close(world.ids[:1], world.chair)
        result = tally(world.ids[0])
        weights = {v.code: v.weight for v in queries.roll_votes(world.ids[0])}
    assert result is not None
    for choice in Choice:
        expected = sum(weights[world.members[who].code] for who, chosen in last.items() if chosen == choice)
        assert getattr(result, f"weight_{choice.value}") == expected


def test_the_clock_closes_what_nobody_closed(database: str) -> None:
    with db.transaction():
        world = factories.world(is_open=False)
        open_rounds(world.ids, world.chair, closes_at=datetime.now(UTC) + timedelta(seconds=0.1))
    threading.Event().wait(0.15)
    with pytest.raises(Refused):
        vote(world, 0)
    with db.transaction():
        overdue = queries.overdue(db.now())
        assert set(overdue) == set(world.ids)
        for round_id in overdue:
            close_by_clock(round_id)
    assert world_state(world.ids[0]) == "closed"


def test_only_the_chair_and_the_secretariat_run_rounds(world: factories.World) -> None:
    for who in (world.delegates[0], None):
        if who is None:
            with db.transaction():
                who = factories.actor("controleur", Role.AUDITOR)
        with pytest.raises(Refused) as caught, db.transaction():
            close(world.ids, who)
        assert caught.value.refusal is Refusal.NOT_ALLOWED
