"""Moving a mandate and giving proxies, at once and against casts that are under way (docs/rules.md, mandate)."""

import itertools
import random
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.database.acting import waiting
from tests.database.test_cast import together
from vng_alv import db
from vng_alv.accounts import service as accounts
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, LoginSession, Person
from vng_alv.accounts.queries import get_actor
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.ballots import Choice
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.meetings.offices import end_office, put_out_of_use, set_office
from vng_alv.meetings.queries import mandates_at, seats_of
from vng_alv.meetings.service import give_mandate, take_back
from vng_alv.members.models import Member
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting.cast import Cast, cast
from vng_alv.voting.models import Ballot
from vng_alv.voting.queries import choices_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def world(database: str) -> factories.World:
    with db.transaction():
        return factories.world()


def colleague(world: factories.World, name: str, kind: OfficeKind = OfficeKind.ALDERMAN, of: int = 0) -> Actor:
    """Somebody else who works for a member."""
    with db.transaction():
        return get_actor(factories.clerk(world.members[of], name, kind).id)


def move(world: factories.World, to: Actor, by: Actor | None, of: int = 0) -> uuid.UUID:
    """Give the mandate of a member to somebody, in a transaction of its own."""
    with db.transaction():
        meeting = db.session.get_one(Meeting, world.meeting.id)
        member = db.session.get_one(Member, world.members[of].id)
        return give_mandate(meeting, member, db.session.get_one(Person, to.id), by).id


def vote(world: factories.World, by: Actor, choice: str = "for", of: int = 0) -> Cast:
    with db.transaction(write=False):
        choices = dict.fromkeys(world.ids[:1], choice)
        return cast(world.meeting.code, world.members[of].code, choices, uuid.uuid4(), by)


def history(world: factories.World, of: int = 0) -> list[Mandate]:
    """The custody of a member's mandate, the oldest first."""
    with db.transaction(write=False):
        return list(reversed(mandates_at([world.meeting.id], world.members[of].id)))


def mails(kind: NoticeKind) -> list[tuple[uuid.UUID, dict[str, object]]]:
    with db.transaction(write=False):
        return [(n.person_id, n.context) for n in db.session.scalars(select(Notice).where(Notice.kind == kind))]


def test_the_custody_of_a_mandate_says_who_had_it_and_who_gave_and_ended_it(world: factories.World) -> None:
    clerk, alderman, mayor = world.delegates[0], colleague(world, "wet"), colleague(world, "bur", OfficeKind.MAYOR)
    move(world, alderman, clerk)
    move(world, mayor, clerk)
    with db.transaction():
        take_back(db.session.merge(world.meeting), db.session.merge(world.members[0]), clerk)
    held = history(world)
    assert [m.person.id for m in held] == [clerk.id, alderman.id, mayor.id]
    assert [m.given_by for m in held] == [None, clerk.id, clerk.id]
    assert [m.ended_by for m in held] == [clerk.id, clerk.id, clerk.id]
    assert held[0].until is not None
    assert held[0].until <= held[1].since
    with db.transaction(write=False):
        acts = [(e.act, e.data["person"]) for e in db.session.scalars(
            select(AuditEntry).where(AuditEntry.act.like("mandate.%"), AuditEntry.actor_id == clerk.id)
            .order_by(AuditEntry.id)
        )]  # fmt: skip
    assert acts == [
        ("mandate.end", str(clerk.id)), ("mandate.give", str(alderman.id)),
        ("mandate.end", str(alderman.id)), ("mandate.give", str(mayor.id)), ("mandate.end", str(mayor.id)),
    ]  # fmt: skip
    assert [person for person, _ in mails(NoticeKind.MANDATE_GIVEN)] == [alderman.id, mayor.id]
    ended = mails(NoticeKind.MANDATE_ENDED)
    assert [(person, told["then"]) for person, told in ended] == [
        (clerk.id, alderman.name), (alderman.id, mayor.name), (mayor.id, ""),
    ]  # fmt: skip


def test_who_has_it_already_is_told_nothing(world: factories.World) -> None:
    with db.transaction():
        people = get_actor(world.delegates[0].id)
    before = history(world)
    assert move(world, people, people) == before[0].id
    assert not mails(NoticeKind.MANDATE_GIVEN)


def test_only_a_secretary_of_the_member_and_the_staff_name_a_holder(world: factories.World) -> None:
    alderman, official = colleague(world, "wet"), colleague(world, "amb", OfficeKind.OFFICIAL)
    with db.transaction():
        staff = factories.actor("medewerker", Role.SECRETARIAT)
        auditor = factories.actor("controleur", Role.AUDITOR)
    for who in (alderman, official, world.delegates[1], world.chair, auditor):
        with pytest.raises(Refused) as caught:
            move(world, alderman, who)
        assert caught.value.refusal is Refusal.NOT_ALLOWED
        with pytest.raises(Refused) as caught, db.transaction():
            take_back(db.session.merge(world.meeting), db.session.merge(world.members[0]), who)
        assert caught.value.refusal is Refusal.NOT_ALLOWED
    for who in (staff, world.delegates[0]):
        move(world, alderman, who)
        move(world, world.delegates[0], who)
    for somebody in (official, world.delegates[1]):
        with pytest.raises(Refused) as caught:
            move(world, somebody, world.delegates[0])
        assert caught.value.refusal is Refusal.NO_OFFICE


def test_taking_back_what_nobody_has_is_refused(world: factories.World) -> None:
    for expected in (None, Refusal.NO_HOLDER):
        try:
            with db.transaction():
                take_back(db.session.merge(world.meeting), db.session.merge(world.members[0]), None)
            found = None
        except Refused as refused:
            found = refused.refusal
        assert found is expected
    with pytest.raises(Refused) as caught:
        vote(world, world.delegates[0])
    assert caught.value.refusal is Refusal.NOT_HOLDER


def test_the_next_holder_sees_the_vote_and_may_change_it(world: factories.World) -> None:
    alderman = colleague(world, "wet")
    vote(world, world.delegates[0], "for")
    move(world, alderman, world.delegates[0])
    with db.transaction(write=False):
        assert choices_of(world.members[0].id, world.ids[:1]) == {world.ids[0]: Choice.FOR}
    vote(world, alderman, "against")
    with pytest.raises(Refused):
        vote(world, world.delegates[0], "for")
    with db.transaction(write=False):
        assert choices_of(world.members[0].id, world.ids[:1]) == {world.ids[0]: Choice.AGAINST}


def test_twenty_moves_at_once_leave_one_holder_and_one_unbroken_custody(world: factories.World) -> None:
    people = [colleague(world, f"raadslid{n}", OfficeKind.COUNCILLOR) for n in range(20)]
    answers = together([lambda p=p: move(world, p, world.delegates[0]) for p in people])
    assert all(isinstance(answer, uuid.UUID) for answer in answers), answers
    held = history(world)
    assert len(held) == 21
    assert [m.until is None for m in held] == [False] * 20 + [True]
    assert all(one.until and one.until <= later.since for one, later in itertools.pairwise(held))
    assert {m.person.id for m in held[1:]} == {p.id for p in people}


@pytest.mark.parametrize("turn", range(3))
def test_a_move_waits_for_the_casts_under_way_and_refuses_later_ones(world: factories.World, turn: int) -> None:
    old, new = world.delegates[0], colleague(world, "wet")
    actions: list[Callable[[], object]] = [lambda: vote(world, old) for _ in range(10)]
    actions += [lambda: vote(world, new, "against") for _ in range(10)]
    actions.insert(random.randrange(20), lambda: move(world, new, old))
    answers = together(actions)
    wrong = [a for a in answers if not isinstance(a, Cast | uuid.UUID) and not isinstance(a, Refused)]
    assert not wrong
    assert sum(isinstance(a, uuid.UUID) for a in answers) == 1
    vote(world, new, "abstain")
    held = history(world)
    with db.transaction(write=False):
        ballots = list(db.session.scalars(select(Ballot).order_by(Ballot.version)))
    assert len(ballots) == sum(isinstance(a, Cast) for a in answers) + 1
    for ballot in ballots:
        mandate = next(m for m in held if m.person.id == ballot.person_id)
        assert mandate.since <= ballot.cast_at
        assert mandate.until is None or ballot.cast_at <= mandate.until
    by_old = [b.version for b in ballots if b.person_id == old.id]
    assert by_old == list(range(1, len(by_old) + 1))  # after the move none of the old holder's comes through
    assert ballots[-1].choice == Choice.ABSTAIN


# --- Offices


def let_in(person: Actor) -> None:
    with db.transaction():
        found = db.session.get_one(Person, person.id)
        sessions.start(found, hours=1, device="test", entry=Entry.PASSWORD, factor=True)


def sessions_of(person: Actor) -> int:
    with db.transaction(write=False):
        return db.session.execute(
            select(func.count()).select_from(LoginSession).where(LoginSession.person_id == person.id)
        ).scalar_one()


def at(world: factories.World, of: int = 0) -> Member:
    return db.session.get_one(Member, world.members[of].id)


@pytest.mark.parametrize("how", ["ended", "official"])
def test_who_leaves_an_office_votes_no_more_and_is_signed_out(world: factories.World, how: str) -> None:
    clerk, alderman = world.delegates[0], colleague(world, "wet")
    move(world, alderman, clerk)
    vote(world, alderman)
    let_in(alderman)
    with db.transaction():
        person = db.session.get_one(Person, alderman.id)
        if how == "ended":
            end_office(person, at(world), clerk)
        else:
            set_office(person, at(world), OfficeKind.OFFICIAL, clerk)
    assert sessions_of(alderman) == 0
    assert history(world)[-1].ended_by == clerk.id
    with db.transaction(write=False):
        assert seats_of(alderman.id) == []
    with pytest.raises(Refused) as caught:
        vote(world, alderman)
    assert caught.value.refusal is Refusal.NOT_HOLDER
    with pytest.raises(Refused):
        move(world, alderman, clerk)
    assert [person for person, _ in mails(NoticeKind.MANDATE_ENDED)][-1] == alderman.id


def test_who_is_put_out_of_use_votes_no_more_and_their_mandates_are_free(world: factories.World) -> None:
    clerk, alderman = world.delegates[0], colleague(world, "wet")
    move(world, alderman, clerk)
    let_in(alderman)
    with db.transaction():
        staff = factories.actor("medewerker", Role.SECRETARIAT)
        put_out_of_use(db.session.get_one(Person, alderman.id), staff)
    assert sessions_of(alderman) == 0
    last = history(world)[-1]
    assert (last.person.id, last.ended_by) == (alderman.id, staff.id)
    assert last.until is not None
    assert [person for person, _ in mails(NoticeKind.MANDATE_ENDED)][-1] == alderman.id
    with db.transaction():
        accounts.set_active(db.session.get_one(Person, alderman.id), True, staff)
    with db.transaction(write=False):
        assert seats_of(alderman.id) == [], "it does not come back with the account"
    move(world, clerk, staff)
    vote(world, clerk)


@pytest.mark.parametrize("first", ["giving", "putting out of use"])
def test_a_mandate_given_while_its_holder_is_put_out_of_use_does_not_stay(world: factories.World, first: str) -> None:
    """The one that comes second waits, and then sees what the first did."""
    clerk, alderman = world.delegates[0], colleague(world, "wet")
    with db.transaction():
        staff = factories.actor("medewerker", Role.SECRETARIAT)

    def give() -> None:
        member, person = db.session.get_one(Member, world.members[0].id), db.session.get_one(Person, alderman.id)
        give_mandate(db.session.get_one(Meeting, world.meeting.id), member, person, clerk)

    def disable() -> None:
        put_out_of_use(db.session.get_one(Person, alderman.id), staff)

    def in_transaction(act: Callable[[], None]) -> Refusal | None:
        try:
            with db.transaction():
                act()
        except Refused as refused:
            return refused.refusal
        return None

    one, other = (give, disable) if first == "giving" else (disable, give)
    with ThreadPoolExecutor(1) as second:
        with db.transaction():
            one()
            later = waiting(second, lambda: in_transaction(other))
        assert later.result(10) is (None if first == "giving" else Refusal.NO_OFFICE)
    with db.transaction(write=False):
        assert seats_of(alderman.id) == []


def test_a_changed_office_signs_out_and_the_same_one_does_not(world: factories.World) -> None:
    alderman = colleague(world, "wet")
    for kind, left in ((OfficeKind.ALDERMAN, 1), (OfficeKind.MAYOR, 0)):
        with db.transaction():
            db.session.query(LoginSession).delete()
        let_in(alderman)
        with db.transaction():
            set_office(db.session.get_one(Person, alderman.id), at(world), kind, world.delegates[0])
        assert sessions_of(alderman) == left


def test_the_last_secretary_stays_unless_staff_takes_over(world: factories.World) -> None:
    clerk = world.delegates[0]
    with db.transaction():
        staff = factories.actor("medewerker", Role.SECRETARIAT)
    for act in (
        lambda: end_office(db.session.get_one(Person, clerk.id), at(world), clerk),
        lambda: set_office(db.session.get_one(Person, clerk.id), at(world), OfficeKind.MAYOR, clerk),
    ):
        with pytest.raises(Refused) as caught, db.transaction():
            act()
        assert caught.value.refusal is Refusal.LAST_SECRETARY
    with pytest.raises(Refused) as caught, db.transaction():
        end_office(db.session.get_one(Person, clerk.id), at(world), world.delegates[1])
    assert caught.value.refusal is Refusal.NOT_ALLOWED
    with pytest.raises(Missing), db.transaction():
        end_office(db.session.get_one(Person, world.delegates[1].id), at(world), clerk)
    with db.transaction():
        end_office(db.session.get_one(Person, clerk.id), at(world), staff)


def test_two_secretaries_who_leave_at_once_do_not_leave_nobody(world: factories.World) -> None:
    first, second = world.delegates[0], colleague(world, "secretaris", OfficeKind.SECRETARY)

    def leave(who: Actor) -> str:
        with db.transaction():
            end_office(db.session.get_one(Person, who.id), at(world), who)
        return "left"

    answers = together([lambda: leave(first), lambda: leave(second)])
    assert sorted(a if isinstance(a, str) else a.refusal.value for a in answers) == ["last_secretary", "left"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("turn", range(4))
def test_nobody_without_an_office_is_left_with_a_mandate(world: factories.World, turn: int) -> None:
    clerk, alderman = world.delegates[0], colleague(world, "wet")

    def leave() -> str:
        with db.transaction():
            end_office(db.session.get_one(Person, alderman.id), at(world), clerk)
        return "left"

    answers = together([lambda: move(world, alderman, clerk), leave])
    assert "left" in answers, answers
    with db.transaction(write=False):
        assert seats_of(alderman.id) == []
