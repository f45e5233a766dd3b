"""Two who are at the same thing at the same moment: one waits, and acts on what the other left (docs/rules.md §4).

Each test holds a transaction open, sees the other wait for it, and only then lets go.
"""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests import factories
from tests.database.acting import ballot, bring, stored, vote, waiting
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.domain.ballots import Choice
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.meetings.service import give_mandate
from vng_alv.members.models import OfficeKind
from vng_alv.voting.models import Round
from vng_alv.voting.queries import rounds_of
from vng_alv.voting.service import annul, change_rule, close, open_rounds, prepare, publish
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")

#: How many ballots there are after a cast, by what was said to it.
ACKNOWLEDGED: dict[Refusal | None, int] = {None: 1}


def refusal(action: Callable[[], object]) -> Refusal | None:
    """Why it was refused, if it was."""
    try:
        action()
    except Refused as refused:
        return refused.refusal
    return None


def committed(action: Callable[[], object]) -> object:
    """What it returns, in a transaction of its own."""
    with db.transaction():
        return action()


@pytest.fixture
def deputy(world: factories.World) -> Person:
    """Another person who may hold the mandate of the first member."""
    with db.transaction():
        return factories.clerk(world.members[0], "wethouder", OfficeKind.ALDERMAN)


def mandate_to(deputy: Person, world: factories.World) -> None:
    """Give the mandate of the first member to another."""
    give_mandate(world.meeting, world.members[0], db.session.get_one(Person, deputy.id), None)


def test_a_closing_waits_for_the_cast_that_is_under_way(world: factories.World) -> None:
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            # This ballot, which is never committed, holds the cast up after it took the round.
            db.session.add(ballot(world, 0))
            db.session.flush()
            casting = waiting(pool, partial(refusal, partial(vote, world, 0)))
            closing = waiting(pool, partial(committed, partial(close, world.ids[:1], world.chair)))
            db.rollback()
        closing.result()
    with db.transaction():
        result = tally(world.ids[0])
    assert result is not None
    # PostgreSQL queues them in this order; SQLite may let the closing go first, and then the cast is refused.
    expected = {None: 1, Refusal.ROUND_NOT_OPEN: 0} if db.is_sqlite() else ACKNOWLEDGED
    assert result.members_for == len(stored()) == expected[casting.result()]


def test_a_move_of_the_mandate_waits_for_the_cast_that_is_under_way(world: factories.World, deputy: Person) -> None:
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            db.session.add(ballot(world, 0))
            db.session.flush()
            casting = waiting(pool, partial(refusal, partial(vote, world, 0)))
            moving = waiting(pool, partial(committed, partial(mandate_to, deputy, world)))
            db.rollback()
        moving.result()
    expected = {None: 1, Refusal.NOT_HOLDER: 0} if db.is_sqlite() else ACKNOWLEDGED
    assert len(stored()) == expected[casting.result()]


def test_a_cast_waits_for_the_closing_that_is_under_way(world: factories.World) -> None:
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            close(world.ids[:1], world.chair)
            casting = waiting(pool, partial(refusal, partial(vote, world, 0)))
        assert casting.result() is Refusal.ROUND_NOT_OPEN
    assert not stored()


def test_a_cast_waits_for_the_move_of_the_mandate_that_is_under_way(world: factories.World, deputy: Person) -> None:
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            mandate_to(deputy, world)
            casting = waiting(pool, partial(refusal, partial(vote, world, 0)))
        assert casting.result() is Refusal.NOT_HOLDER
    assert not stored()


def test_a_cast_that_meets_another_of_its_member_comes_after_it(world: factories.World) -> None:
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            db.session.add(ballot(world, 0))
            db.session.flush()
            casting = waiting(pool, partial(vote, world, 0, "against"))
        assert casting.result().recorded == {world.ids[0]: Choice.AGAINST}
    assert [(b.version, b.choice) for b in stored()] == [(1, Choice.FOR), (2, Choice.AGAINST)]


def test_the_same_form_at_the_same_moment_has_the_same_receipt(world: factories.World) -> None:
    key = uuid.uuid4()
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            db.session.add(ballot(world, 0, key=key, receipt="2222-3333-4444-5555"))
            db.session.flush()
            casting = waiting(pool, partial(vote, world, 0, key=key))
        assert casting.result().receipt == "2222-3333-4444-5555"
    assert len(stored()) == 1


def step(name: str, one: Round, chair: Actor) -> None:
    """One step of a round, by its use case."""
    match name:
        case "rule":
            change_rule(one, "two_thirds", chair)
        case "open":
            open_rounds([one.id], chair)
        case "close":
            close([one.id], chair)
        case "tally":
            tally(one.id)
        case "publish":
            publish([one.id], chair)
        case "annul":
            annul(one, "fout", chair)


@pytest.mark.parametrize(
    ("state", "first", "second"),
    [
        ("draft", "open", "open"),
        ("draft", "open", "rule"),
        ("open", "close", "close"),
        ("open", "annul", "close"),
        ("counted", "publish", "publish"),
        ("counted", "annul", "publish"),
        ("counted", "annul", "annul"),
    ],
)
def test_of_two_steps_the_second_is_refused(database: str, state: str, first: str, second: str) -> None:
    with db.transaction():
        world = factories.world(is_open=False)
        one = world.rounds[0]
        bring(one, state, world.chair)
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            step(first, one, world.chair)
            following = waiting(pool, partial(refusal, partial(committed, partial(step, second, one, world.chair))))
        assert following.result() is Refusal.ROUND_STATE


@pytest.mark.parametrize("first", ["tally", "annul"])
def test_a_count_waits_and_then_has_nothing_to_count(world: factories.World, first: str) -> None:
    with db.transaction():
        close(world.ids[:1], world.chair)
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            step(first, world.rounds[0], world.chair)
            following = waiting(pool, partial(committed, partial(tally, world.ids[0])))
        assert following.result() is None


def test_rounds_that_are_prepared_at_once_have_numbers_of_their_own(database: str) -> None:
    with db.transaction():
        factories.association()
        at = factories.meeting()
        one, two = (factories.proposal(at, code=code) for code in ("R1", "R2"))
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            prepare(one, None)
            preparing = waiting(pool, partial(committed, partial(prepare, two, None)))
        preparing.result()
    with db.transaction(write=False):
        assert [r.number for r in rounds_of(at.id)] == [1, 2, 3, 4, 5, 6]
