"""The register changes while rounds open and members vote: a roll is the register of one moment (docs/rules.md §4)."""

import pytest
from sqlalchemy import select

from tests import factories
from tests.database.acting import stored, together, vote
from vng_alv import db
from vng_alv.members import importing
from vng_alv.voting.models import RollEntry
from vng_alv.voting.service import close, open_rounds
from vng_alv.voting.tally import tally

#: Two registers of the same three members, and what they weigh by each.
REGISTERS = {(250_000, 40_500, 999): (75, 40, 1), (1_499, 74_000, 60_600): (1, 74, 60)}
CHANGES = 6


def register(populations: tuple[int, ...]) -> bytes:
    """A file with these inhabitants."""
    rows = [f"GM{n:04},Gemeente {n},Utrecht,{one}" for n, one in enumerate(populations, 1)]
    return "\n".join(["code,naam,provincie,inwoners", *rows]).encode()


@pytest.fixture
def drafts(database: str) -> factories.World:
    with db.transaction():
        return factories.world(next(iter(REGISTERS)), is_open=False)


def test_a_roll_is_the_register_of_one_moment_and_its_ballots_weigh_what_it_says(drafts: factories.World) -> None:
    def change() -> None:
        for n in range(CHANGES):
            with db.transaction():
                kept, _, faults = importing.prepare(register(list(REGISTERS)[(n + 1) % 2]), "leden.csv", None)
                assert not faults
                assert kept is not None
            with db.transaction():
                importing.apply(db.session.merge(kept), None)

    def vote_meanwhile() -> None:
        for one in drafts.ids:
            with db.transaction():
                open_rounds([one], drafts.chair)
        for who in range(3):
            vote(drafts, who, rounds=len(drafts.ids))

    assert together([change, vote_meanwhile]) == [None, None]
    with db.transaction(write=False):
        rows = db.session.scalars(select(RollEntry).order_by(RollEntry.round_id, RollEntry.code)).all()
    rolls = {key: [row for row in rows if row.round_id == key] for key in drafts.ids}
    for roll in rolls.values():
        assert tuple(row.weight for row in roll) == REGISTERS[tuple(row.population for row in roll)]
    weights = {(row.round_id, row.member_id): row.weight for row in rows}
    assert len(stored()) == 3 * len(drafts.ids)
    assert all(ballot.weight == weights[ballot.round_id, ballot.member_id] for ballot in stored())
    with db.transaction():
        close(drafts.ids, drafts.chair)
        for key, roll in rolls.items():
            result = tally(key)
            assert result is not None
            assert result.weight_for == result.electorate_weight == sum(row.weight for row in roll)
