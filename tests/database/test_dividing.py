"""Votes that a member divides over the answers (docs/rules.md §4, §5.11)."""

import itertools

import pytest

from tests import factories
from tests.database.options_desk import ABC, MOST_WINS, end, get, refuses, vote
from vng_alv import db
from vng_alv.domain.majority import Verdict
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind
from vng_alv.domain.rulebook import RULES
from vng_alv.exports.outcomes import csv_rows
from vng_alv.members.queries import get_association
from vng_alv.members.service import change_association
from vng_alv.proposals.models import ProposalKind
from vng_alv.voting import choosing, service


@pytest.fixture
def dividing(database: str) -> factories.World:
    """An association where votes can be divided: 75, 40 and 1."""
    with db.transaction():
        made = factories.world(is_open=False)
        change_association(get_association(), None, divides_votes=True)
        service.open_rounds(made.ids, made.chair)
    return made


def test_votes_are_divided_where_the_association_allows_it(dividing: factories.World) -> None:
    key = dividing.ids[0]
    refuses(Refusal.VOTES_LEFT, dividing, key, "for:40+against:34")
    refuses(Refusal.UNKNOWN_CHOICE, dividing, key, "for:40+1:35")
    vote(dividing, key, "for:30+against:45", "for", "against")
    found = end(dividing, key)
    assert {o.key: (o.weight, o.members) for o in found.options} == {
        "for": (70, 1), "against": (46, 1), "abstain": (0, 0),
    }  # fmt: skip
    assert found.members_divided == 1
    assert found.verdict is Verdict.ADOPTED
    assert found.turnout.members == 3
    row = next(row for row in csv_rows(found, "nl", example=False) if row[2] == "GM0001")
    assert "30 voor, 45 tegen" in row


def test_nobody_divides_where_the_association_does_not(world: factories.World) -> None:
    refuses(Refusal.UNKNOWN_CHOICE, world, world.ids[0], "for:40+against:35")


def test_nobody_divides_where_members_are_counted(database: str) -> None:
    with db.transaction():
        made = factories.world(is_open=False)
        change_association(get_association(), None, divides_votes=True)
        made.rounds[0].rule = RULES["double"].to_data()
        service.open_rounds(made.ids, made.chair)
    assert [get(key).divides for key in made.ids] == [False, True, True]
    refuses(Refusal.UNKNOWN_CHOICE, made, made.ids[0], "for:40+against:35")


def test_a_divided_ballot_that_is_changed_counts_once(dividing: factories.World) -> None:
    key = dividing.ids[0]
    vote(dividing, key, "for:30+against:45")
    vote(dividing, key, "for:50+abstain:25")
    vote(dividing, key, "against")
    vote(dividing, key, "for:1+against:74", "for:39+against:1")
    found = end(dividing, key)
    assert [o.weight for o in found.options] == [40, 75, 0]
    assert found.members_divided == 2


def test_every_pair_of_ballots_is_counted_the_same_by_both_ways(dividing: factories.World) -> None:
    """Every way to divide three votes or fewer over two answers, and whole ones."""
    with db.transaction():
        text_ = factories.proposal(db.session.merge(dividing.meeting), "# V\n\nT.\n", "V8", ProposalKind.PROPOSAL)
    ballots = ["1", "2", "abstain", "1:75", "1:40+2:35", "1:1+2:1+abstain:73"]
    for one, other in itertools.islice(itertools.product(ballots, ["1", "1:39+2:1", "2:40"]), 18):
        with db.transaction():
            made = choosing.ask(db.session.merge(text_), RoundKind.CANDIDATES, "Wie?", ABC[:2], MOST_WINS, None)
            service.open_rounds([made.id], dividing.chair)
        vote(dividing, made.id, one, other)
        assert end(dividing, made.id).turnout.weight == 115
