"""Questions with options that are put to the vote; used by the tests of them."""

import uuid
from collections.abc import Sequence

import pytest

from tests import factories
from vng_alv import db
from vng_alv.domain.options import Even, OptionRule, Winning
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind
from vng_alv.errors import Refused
from vng_alv.voting import choosing, service
from vng_alv.voting.cast import cast
from vng_alv.voting.choosing import Option
from vng_alv.voting.models import Round
from vng_alv.voting.summary import Summary, summary
from vng_alv.voting.tally import tally

MOST_WINS = OptionRule(Winning.MOST, Even.LOTS)
MAJORITY = OptionRule(Winning.MAJORITY, Even.LOTS)
ABC = [Option("A", "Tekst van **A**"), Option("B"), Option("C")]


def put(
    world: factories.World, rule: OptionRule, options: Sequence[Option] = ABC, *, is_open: bool = True
) -> uuid.UUID:
    """A question with options on the text of a world."""
    kind = RoundKind.TEXTS if rule.none else RoundKind.CANDIDATES
    with db.transaction():
        proposal = db.session.merge(world.rounds[0]).proposal
        made = choosing.ask(proposal, kind, "Wie?", options, rule, world.chair)
        if is_open:
            service.open_rounds([made.id], world.chair)
    return made.id


def vote(world: factories.World, key: uuid.UUID, *ballots: str) -> None:
    """The first members vote."""
    for who, ballot in enumerate(ballots):
        with db.transaction(write=False):
            cast("alv", world.members[who].code, {key: ballot}, uuid.uuid4(), world.delegates[who])


def end(world: factories.World, key: uuid.UUID) -> Summary:
    """Close, count and pronounce; what everybody sees then."""
    with db.transaction():
        service.close([key], world.chair)
        tally(key)
        service.publish([key], world.chair)
    return shown(key)


def shown(key: uuid.UUID) -> Summary:
    """What everybody sees now."""
    with db.transaction(write=False):
        return summary(db.session.get_one(Round, key), "nl")


def get(key: uuid.UUID) -> Round:
    """As it is in the database now."""
    with db.transaction(write=False):
        return db.session.get_one(Round, key)


def refuses(refusal: Refusal, world: factories.World, key: uuid.UUID, ballot: str) -> None:
    """A ballot is refused, with this reason."""
    with pytest.raises(Refused) as caught:
        vote(world, key, ballot)
    assert caught.value.refusal is refusal
