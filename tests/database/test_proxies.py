"""Proxies: where the association has them, without chains, never overtaken by a cast (docs/rules.md, mandate)."""

import random
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests import factories
from tests.database.test_cast import together
from tests.database.test_mandates import colleague, history, mails, move, vote
from vng_alv import db
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.meetings.models import Meeting, Proxy
from vng_alv.meetings.queries import holders, seats_of
from vng_alv.meetings.service import give_proxy, take_proxy_back
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association
from vng_alv.notifications.models import NoticeKind
from vng_alv.voting.cast import Cast
from vng_alv.voting.models import Ballot
from vng_alv.voting.service import close
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")


def made(limit: int = 1, members: int = 3, advisory: int = 0) -> factories.World:
    with db.transaction():
        world = factories.world([1_000 * (n + 1) for n in range(members)], advisory=advisory)
        get_association().proxies_per_member = limit
        return world


def lend(world: factories.World, giver: int, receiver: int, by: Actor | None = None) -> str:
    """Give a proxy, in a transaction of its own."""
    with db.transaction():
        meeting = db.session.get_one(Meeting, world.meeting.id)
        pair = [db.session.get_one(Member, world.members[n].id) for n in (giver, receiver)]
        give_proxy(meeting, *pair, by or world.delegates[giver])
    return "given"


def take(world: factories.World, giver: int) -> str:
    with db.transaction():
        meeting = db.session.get_one(Meeting, world.meeting.id)
        take_proxy_back(meeting, db.session.get_one(Member, world.members[giver].id), world.delegates[giver])
    return "taken"


def standing() -> list[Proxy]:
    with db.transaction(write=False):
        return list(db.session.scalars(select(Proxy).where(Proxy.until.is_(None))))


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.refusal


def test_the_receiver_casts_both_and_each_counts_with_its_own_weight() -> None:
    world = made()
    lend(world, 0, 2)
    vote(world, world.delegates[2], "against", of=0)
    vote(world, world.delegates[2], "for", of=2)
    with db.transaction(write=False):
        through = {b.member_id: b.via_id for b in db.session.scalars(select(Ballot))}
    assert through == {world.members[0].id: world.members[2].id, world.members[2].id: None}
    assert refused(lambda: vote(world, world.delegates[0], of=0)) is Refusal.NOT_HOLDER
    assert refused(lambda: vote(world, world.delegates[1], of=0)) is Refusal.NOT_HOLDER
    with db.transaction(write=False):
        seats = seats_of(world.delegates[2].id, world.meeting.id)
        assert [(s.member.code, s.through and s.through.code) for s in seats] == [
            ("GM0001", "GM0003"), ("GM0003", None),
        ]  # fmt: skip
        assert seats_of(world.delegates[0].id) == []
        found = holders(world.meeting.id)
        assert [found[m.id].person.id for m in world.members] == [world.delegates[n].id for n in (2, 1, 2)]
    with db.transaction():
        close(world.ids[:1], world.chair)
        result = tally(world.ids[0])
    assert result is not None
    assert (result.weight_for, result.weight_against) == (3, 1)


def test_advisory_members_follow_the_same_rules() -> None:
    world = made(advisory=1)
    assert lend(world, 2, 0) == "given"
    assert refused(lambda: lend(world, 1, 2)) is Refusal.PROXY_CHAIN


def test_no_proxies_where_the_association_has_none() -> None:
    world = made(limit=0)
    assert refused(lambda: lend(world, 0, 1)) is Refusal.PROXIES_OFF


def test_oneself_twice_chains_and_the_limit_are_refused() -> None:
    world = made(members=5)
    assert refused(lambda: lend(world, 0, 0)) is Refusal.PROXY_ONESELF
    lend(world, 0, 1)
    assert refused(lambda: lend(world, 0, 2)) is Refusal.PROXY_TWICE
    assert refused(lambda: lend(world, 1, 2)) is Refusal.PROXY_CHAIN
    assert refused(lambda: lend(world, 2, 0)) is Refusal.PROXY_CHAIN
    assert refused(lambda: lend(world, 2, 1)) is Refusal.PROXY_FULL
    assert refused(lambda: move(world, world.delegates[0], world.delegates[0])) is Refusal.PROXY_GIVEN
    take(world, 0)
    assert refused(lambda: take(world, 0)) is Refusal.NO_PROXY
    assert lend(world, 2, 1) == "given"


def test_both_are_members_on_the_day_of_the_meeting() -> None:
    world = made()
    with db.transaction():
        db.session.get_one(Member, world.members[1].id).valid_until = world.meeting.starts_at.date()
    assert refused(lambda: lend(world, 0, 1)) is Refusal.PROXY_NO_MEMBER


def test_only_a_secretary_of_the_giver_and_the_staff_give_a_proxy() -> None:
    world = made()
    alderman = colleague(world, "wet")
    with db.transaction():
        staff = factories.actor("medewerker", Role.SECRETARIAT)
    for who in (alderman, world.delegates[1], world.chair):
        assert refused(lambda who=who: lend(world, 0, 1, who)) is Refusal.NOT_ALLOWED
    assert lend(world, 0, 1, staff) == "given"


def test_everybody_concerned_gets_mail_and_what_was_is_kept() -> None:
    world = made()
    lend(world, 0, 1)
    assert [(p, m["then"]) for p, m in mails(NoticeKind.MANDATE_ENDED)] == [(world.delegates[0].id, "Gemeente 2")]
    assert [(p, m["member"], m["through"]) for p, m in mails(NoticeKind.MANDATE_GIVEN)] == [
        (world.delegates[1].id, "Gemeente 1", "Gemeente 2")
    ]
    done = vote(world, world.delegates[1], of=0)
    take(world, 0)
    assert refused(lambda: vote(world, world.delegates[1], of=0)) is Refusal.NOT_HOLDER
    move(world, world.delegates[0], world.delegates[0])
    with db.transaction(write=False):
        ballot = db.session.scalars(select(Ballot).where(Ballot.receipt == done.receipt)).one()
        assert ballot.via_id == world.members[1].id
    assert [m.until is None for m in history(world)] == [False, True]


@pytest.mark.parametrize("turn", range(3))
def test_proxies_given_at_once_keep_to_the_limit_and_make_no_chain(turn: int) -> None:
    world = made(limit=2, members=8)
    dice = random.Random(turn)
    pairs = [(g, r) for g in range(8) for r in dice.sample(range(8), 2)]
    dice.shuffle(pairs)
    answers = together([lambda g=g, r=r: lend(world, g, r) for g, r in pairs])
    assert all(a == "given" or isinstance(a, Refused) for a in answers), answers
    found = standing()
    assert len(found) == answers.count("given") > 0
    givers, receivers = [p.member_id for p in found], [p.to_member_id for p in found]
    assert len(set(givers)) == len(givers)
    assert not set(givers) & set(receivers)
    assert all(receivers.count(one) <= 2 for one in receivers)


def test_the_same_proxy_twenty_times_at_once_is_one_proxy() -> None:
    world = made(limit=5)
    answers = together([lambda: lend(world, 0, 1)] * 20)
    assert answers.count("given") == 1
    assert {a.refusal for a in answers if isinstance(a, Refused)} == {Refusal.PROXY_TWICE}
    assert len(standing()) == 1


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("way", ["given", "taken"])
def test_no_cast_overtakes_a_proxy_that_is_given_or_taken_back(way: str, turn: int) -> None:
    world = made()
    if way == "taken":
        lend(world, 0, 1)
    actions: list[Callable[[], object]] = [lambda n=n: vote(world, world.delegates[n % 2], of=0) for n in range(20)]
    actions.insert(random.randrange(20), lambda: lend(world, 0, 1) if way == "given" else take(world, 0))
    answers = together(actions)
    assert way in answers, answers
    assert all(a == way or isinstance(a, Cast | Refused) for a in answers), answers
    with db.transaction(write=False):
        ballots = list(db.session.scalars(select(Ballot).order_by(Ballot.version)))
        proxy = db.session.scalars(select(Proxy)).one()
    moment = proxy.since if way == "given" else proxy.until
    assert moment is not None
    for ballot in ballots:
        before = ballot.cast_at <= moment
        by_receiver = ballot.person_id == world.delegates[1].id
        assert by_receiver is (before is (way == "taken"))
        assert ballot.via_id == (world.members[1].id if by_receiver else None)
    assert len(ballots) == sum(isinstance(a, Cast) for a in answers)
    assert uuid.UUID(str(proxy.given_by)) == world.delegates[0].id
