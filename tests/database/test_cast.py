"""Casting: recorded once, or refused with its reason (docs/rules.md §4, §9)."""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.database.acting import stored, together, vote
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.ballots import Choice
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.service import give_mandate
from vng_alv.members.models import OfficeKind
from vng_alv.members.service import give_office
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting.cast import Cast, cast
from vng_alv.voting.service import close
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")


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
    answers = together([partial(vote, world, 0, "for" if n % 2 else "against", rounds=1 + n % 3) for n in range(12)])
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

    actions: list[Callable[[], object]] = [partial(vote, world, n) for n in range(20)]
    actions.insert(random.randrange(20), shut)
    answers = together(actions)
    acknowledged = [a for a in answers if isinstance(a, Cast)]
    late = [a for a in answers if isinstance(a, Refused)]
    assert len(acknowledged) + len(late) == 20, answers
    with db.transaction():
        result = tally(world.ids[0])
    assert result is not None
    assert result.members_for == len(acknowledged) == len(stored())


def test_some_closed_meanwhile_are_named_and_the_others_stand(world: factories.World) -> None:
    with db.transaction():
        close(world.ids[:1], world.chair)
    done = vote(world, 0, rounds=3)
    assert set(done.recorded) == set(world.ids[1:])
    assert done.refused == {world.ids[0]: Refusal.ROUND_NOT_OPEN}


def test_a_vote_for_another_municipality_is_refused(world: factories.World) -> None:
    with pytest.raises(Refused) as caught, db.transaction(write=False):
        cast("alv", "GM0001", {world.ids[0]: "for"}, uuid.uuid4(), world.delegates[1])
    assert caught.value.refusal is Refusal.NOT_HOLDER
    assert not stored()


def test_a_round_of_another_meeting_is_not_touched(world: factories.World) -> None:
    with db.transaction():
        other = factories.meeting("alv-2")
        give_mandate(other, world.members[0], db.session.get_one(Person, world.delegates[0].id), None)
    with pytest.raises(Refused), db.transaction(write=False):
        cast("alv-2", "GM0001", {world.ids[0]: "for"}, uuid.uuid4(), world.delegates[0])
    assert not stored()


def test_the_next_holder_changes_the_members_vote(world: factories.World) -> None:
    vote(world, 0, "for")
    with db.transaction():
        new = factories.person("wethouder")
        give_office(new, world.members[0], OfficeKind.ALDERMAN, None)
        give_mandate(world.meeting, world.members[0], new, None)
        holder = get_actor(new.id)
    with pytest.raises(Refused):
        vote(world, 0, "against")
    world.delegates[0] = holder
    vote(world, 0, "against")
    assert [(b.version, b.choice) for b in stored()] == [(1, Choice.FOR), (2, Choice.AGAINST)]


def test_a_mandate_never_goes_to_another_municipality(world: factories.World) -> None:
    with db.transaction():
        official = factories.clerk(world.members[0], "ambtenaar", OfficeKind.OFFICIAL)
    for wrong in (official.id, world.delegates[1].id):
        with pytest.raises(Refused) as caught, db.transaction():
            give_mandate(world.meeting, world.members[0], db.session.get_one(Person, wrong), None)
        assert caught.value.refusal is Refusal.NO_OFFICE
