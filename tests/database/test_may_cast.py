"""The statement that records a cast and the rule of the domain say the same, in every case (docs/rules.md §4)."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from tests import factories
from tests.database.acting import bring, stored
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.ballots import CastFacts, may_cast
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import Way
from vng_alv.errors import Refused
from vng_alv.meetings.queries import holders
from vng_alv.meetings.service import give_mandate
from vng_alv.members.models import Member
from vng_alv.voting.cast import cast
from vng_alv.voting.models import RollEntry, Round

pytestmark = pytest.mark.usefixtures("database")

#: Whether a round takes ballots: by its state, and by its announced closing in so many seconds from now.
TAKES = {
    ("draft", None): False,
    ("open", None): True,
    ("open", 3600): True,
    ("open", -1): False,
    ("closed", None): False,
    ("counted", None): False,
    ("published", None): False,
    ("annulled", None): False,
}
#: What somebody is told, if anything, whatever the round: by whether the member is on the roll and the person holds its
#: mandate.
SAID = {
    (True, True): None,
    (True, False): Refusal.NOT_HOLDER,
    (False, True): Refusal.NOT_ON_ROLL,
    (False, False): Refusal.NOT_HOLDER,
}


def facts_of(one: Round, member: Member, who: Actor, choice: str) -> CastFacts:
    """What the database knows of a cast that somebody would make."""
    with db.transaction(write=False):
        found = db.session.get_one(Round, one.id)
        return CastFacts(
            state=found.state,
            closes_at=found.closes_at,
            now=db.now(),
            on_roll=db.session.get(RollEntry, (one.id, member.id)) is not None,
            holds_mandate=holders(found.meeting_id)[member.id].person_id == who.id,
            choice=choice,
            way=found.way,
        )


@pytest.mark.parametrize(
    ("state", "closes_in", "on_roll", "way"),
    [
        *(
            (state, closes_in, on_roll, Way.BALLOTS)
            for state, closes_in in TAKES
            for on_roll in (True, False)
            if not (state == "draft" and on_roll)  # the roll is made when the round opens
        ),
        *(("open", None, on_roll, Way.ACCLAMATION) for on_roll in (True, False)),
    ],
)
def test_the_statement_says_what_the_domain_says(
    database: str, state: str, closes_in: int | None, on_roll: bool, way: Way
) -> None:
    with db.transaction():
        world = factories.world(is_open=False)
        one = world.rounds[0]
        one.way, world.meeting.starts_at = way, db.now()
        bring(one, state, world.chair)
        if closes_in is not None:
            one.closes_at = datetime.now(UTC) + timedelta(seconds=closes_in)
        late = factories.member(50)
        clerk = factories.clerk(late)
        give_mandate(world.meeting, late, clerk, None)
        holder, stranger = get_actor(clerk.id), world.delegates[1]
    member = late
    if on_roll:
        member, holder = world.members[0], world.delegates[0]
    for holds, choice in itertools.product((False, True), ("yes", "for")):
        who = holder if holds else stranger
        facts = facts_of(one, member, who, choice)
        assert (facts.state, facts.on_roll, facts.holds_mandate) == (state, on_roll, holds)
        by_round = None if TAKES[state, closes_in] else Refusal.ROUND_NOT_OPEN
        by_round = Refusal.BY_ACCLAMATION if way is Way.ACCLAMATION else by_round
        said = SAID[on_roll, holds] or by_round or (Refusal.UNKNOWN_CHOICE if choice == "yes" else None)
        assert may_cast(facts) == said, facts
        found = None
        try:
            with db.transaction(write=False):
                cast(world.meeting.code, member.code, {one.id: choice}, uuid.uuid4(), who)
        except Refused as refused:
            found = refused.refusal
        assert found == said, facts
        assert bool(stored()) == (said is None), facts
