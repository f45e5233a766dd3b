"""Counting: each member's last ballot, with the weight of the roll, once (docs/rules.md §5)."""

import random
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from tests import factories
from tests.database.acting import ballot, stored, together, vote
from vng_alv import db
from vng_alv.domain.ballots import Choice
from vng_alv.errors import Conflict
from vng_alv.voting import queries
from vng_alv.voting.models import Result, Round
from vng_alv.voting.service import close, publish
from vng_alv.voting.tally import Votes, lines, second_count, tally

pytestmark = pytest.mark.usefixtures("database")


def test_the_last_ballot_counts_and_the_earlier_one_is_kept(world: factories.World) -> None:
    first, second = vote(world, 0, "for"), vote(world, 0, "against")
    assert first.receipt != second.receipt
    assert [(b.version, b.choice) for b in stored()] == [(1, Choice.FOR), (2, Choice.AGAINST)]
    with db.transaction():
        close(world.ids[:1], world.chair)
        result = tally(world.ids[0])
    assert result is not None
    assert (result.weight_for, result.weight_against, result.members_against) == (0, 75, 1)


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


def first_count_off(round_id: uuid.UUID) -> list[tuple[Choice, int, bool, int]]:
    """The first count, which misses a ballot."""
    return list(lines(round_id))[1:]


def second_count_off(found: Round) -> Votes:
    """The second count, which counts one vote more."""
    full = second_count(found)
    weight, *members = full["for", False]
    return full | {("for", False): (weight + 1, *members)}


@pytest.mark.parametrize(("counting", "wrong"), [("lines", first_count_off), ("second_count", second_count_off)])
def test_two_counts_that_differ_keep_nothing(
    world: factories.World, monkeypatch: pytest.MonkeyPatch, counting: str, wrong: Callable[..., object]
) -> None:
    vote(world, 0)
    with db.transaction():
        close(world.ids[:1], world.chair)
    monkeypatch.setattr(f"vng_alv.voting.tally.{counting}", wrong)
    with pytest.raises(RuntimeError), db.transaction():
        tally(world.ids[0])
    with pytest.raises(Conflict), db.transaction():
        publish(world.ids[:1], world.chair)
    with db.transaction(write=False):
        assert db.session.scalar(select(func.count()).select_from(Result)) == 0


def test_a_ballot_that_was_given_another_weight_is_not_counted(world: factories.World, database: str) -> None:
    """Somebody got past the foreign key: the second count, which asks the roll, does not agree with the first."""
    engine = create_engine(database)  # where SQLite minds no foreign keys
    with Session(engine) as past_the_guards:
        if not db.is_sqlite():
            past_the_guards.execute(text("SET LOCAL session_replication_role = replica"))
        past_the_guards.add(ballot(world, 2, weight=75))
        past_the_guards.commit()
    engine.dispose()
    with db.transaction():
        close(world.ids[:1], world.chair)
    with pytest.raises(RuntimeError), db.transaction():
        tally(world.ids[0])


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
