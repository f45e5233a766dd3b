"""Members that come and go, at two desks at once, and what the database holds of it (docs/rules.md §13)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.database.acting import together
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.attendance import Coming, How
from vng_alv.domain.majority import Totals
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings import attendance
from vng_alv.meetings.models import Attendance
from vng_alv.meetings.registering import Registration, find_registration, register
from vng_alv.voting.tally import presents


@pytest.fixture
def desks(world: factories.World) -> list[Actor]:
    with db.transaction():
        return [factories.actor(f"balie{n}", Role.SECRETARIAT) for n in range(2)]


def rows() -> list[Attendance]:
    with db.transaction(write=False):
        return list(db.session.scalars(select(Attendance).order_by(Attendance.since)))


def acts() -> list[tuple[str, str | None]]:
    with db.transaction(write=False):
        found = db.session.scalars(
            select(AuditEntry).where(AuditEntry.act.startswith("attendance.")).order_by(AuditEntry.id)
        )
        return [(one.act, one.data.get("how") or one.data.get("what")) for one in found]


def test_two_desks_that_register_one_member_make_one_row(world: factories.World, desks: list[Actor]) -> None:
    def arrives(desk: Actor) -> int:
        with db.transaction():
            return attendance.arrive(world.meeting, [m.id for m in world.members], desk)

    assert sorted(map(str, together([lambda desk=desk: arrives(desk) for desk in desks * 3]))) == ["0"] * 5 + ["3"]
    assert len(rows()) == 3
    assert len(acts()) == 3


def test_with_the_service_bypassed_the_database_still_has_a_member_there_once(world: factories.World) -> None:
    def row(**more: object) -> Attendance:
        return Attendance(meeting_id=world.meeting.id, member_id=world.members[0].id, since=db.now(), **more)

    with pytest.raises(IntegrityError), db.transaction():
        db.session.add_all([row(), row(how=How.REMOTE)])
        db.session.flush()
    with pytest.raises(IntegrityError), db.transaction():
        db.session.add(row(mistaken=True))  # a mistake that is there now
    with db.transaction():
        db.session.add_all([row(mistaken=True, until=db.now() + timedelta(hours=1)), row()])
    assert len(rows()) == 2


def test_from_the_hall_to_elsewhere_is_one_step_that_can_be_taken_back(
    world: factories.World, desks: list[Actor]
) -> None:
    member, (desk, other) = world.members[0], desks
    with db.transaction():
        attendance.arrive(world.meeting, [member.id], desk)
        assert attendance.arrive(world.meeting, [member.id], desk) == 0
        assert attendance.arrive(world.meeting, [member.id], desk, how=How.REMOTE) == 1
        here = attendance.here_now(world.meeting.id)[member.id]
        assert here.how is How.REMOTE
    with db.transaction():
        attendance.undo(world.meeting, here.id, other, there=True)
    with db.transaction(write=False):
        assert attendance.here_now(world.meeting.id)[member.id].how is How.HALL
        found = attendance.history(world.meeting.id, [member.id])[member.id]
        assert [(one.how, one.mistaken, one.until is None) for one in found] == [
            (How.REMOTE, True, False), (How.HALL, False, True),
        ]  # fmt: skip
        assert found[0].ender is not None
        assert found[0].ender.id == other.id
    assert acts() == [
        ("attendance.arrive", "hall"), ("attendance.arrive", "remote"), ("attendance.undo", "arrive"),
    ]  # fmt: skip


def test_a_mistake_never_counts_as_present_and_a_departure_taken_back_does_throughout(
    world: factories.World, desks: list[Actor]
) -> None:
    (round_id, *_), (mistake, stays, _) = world.ids, world.members

    def there(at: object) -> Totals:
        return presents([round_id], world.meeting.id, at)[round_id]  # type: ignore[arg-type]

    with db.transaction():
        attendance.arrive(world.meeting, [mistake.id, stays.id], desks[0])
        during = db.now()
        assert there(during) == Totals(115, 2)
    with db.transaction():
        attendance.leave(world.meeting, [stays.id], desks[0])
        gone = db.now()
        assert there(gone) == Totals(75, 1)
    kept = {one.member_id: one for one in rows()}
    with db.transaction():
        attendance.undo(world.meeting, kept[mistake.id].id, desks[0], there=True)
        attendance.undo(world.meeting, kept[stays.id].id, desks[1], there=False)
        assert there(during) == there(gone) == there(db.now()) == Totals(40, 1)


@pytest.mark.parametrize("there", [True, False])
def test_only_what_was_recorded_last_is_taken_back_and_once(
    world: factories.World, desks: list[Actor], there: bool
) -> None:
    member = world.members[0]
    with db.transaction():
        attendance.arrive(world.meeting, [member.id], desks[0])
        if not there:
            attendance.leave(world.meeting, [member.id], desks[0])
    (step,) = rows()

    def takes_back(desk: Actor) -> object:
        with db.transaction():
            return attendance.undo(world.meeting, step.id, desk, there=there)

    answers = together([lambda desk=desk: takes_back(desk) for desk in desks])
    moved = [one for one in answers if isinstance(one, Conflict)]
    assert [one.refusal for one in moved] == [Refusal.DOOR_MOVED]
    assert len(acts()) == (2 if there else 3)
    with pytest.raises(Conflict), db.transaction():
        attendance.undo(world.meeting, uuid.uuid4(), desks[0], there=True)


def test_only_who_manages_meetings_keeps_the_door(world: factories.World) -> None:
    for act in (attendance.arrive, attendance.leave):
        with pytest.raises(Refused) as refused, db.transaction():
            act(world.meeting, [world.members[0].id], world.delegates[0])
        assert refused.value.refusal is Refusal.NOT_ALLOWED
    assert rows() == []


def test_colleagues_who_tell_at_once_leave_one_answer(world: factories.World) -> None:
    member, clerk = world.members[0], world.delegates[0]

    def tells(coming: Coming) -> object:
        with db.transaction():
            return register(world.meeting, member, coming, 0, clerk)

    answers = together([lambda coming=coming: tells(coming) for coming in Coming])
    assert not [one for one in answers if isinstance(one, Exception)]
    with db.transaction(write=False):
        (kept,) = db.session.scalars(select(Registration)).all()
    assert kept.person_id == clerk.id
    assert [act for act, _ in acts()] == ["attendance.register"] * 3


def test_another_municipality_tells_nothing_for_this_one(world: factories.World) -> None:
    with pytest.raises(Refused) as refused, db.transaction():
        register(world.meeting, world.members[0], Coming.HALL, 0, world.delegates[1])
    assert refused.value.refusal is Refusal.NOT_ALLOWED
    with db.transaction(write=False):
        assert find_registration(world.meeting.id, world.members[0].id) is None


def test_guests_without_the_hall_are_refused_by_service_and_database(world: factories.World) -> None:
    with pytest.raises(Refused) as refused, db.transaction():
        register(world.meeting, world.members[0], Coming.REMOTE, 1, world.delegates[0])
    assert refused.value.refusal is Refusal.GUESTS
    for coming, guests in ((Coming.REMOTE, 1), (Coming.HALL, 51), (Coming.HALL, -1)):
        with pytest.raises(IntegrityError), db.transaction():
            db.session.add(
                Registration(
                    meeting_id=world.meeting.id, member_id=world.members[0].id, coming=coming, guests=guests,
                    person_id=world.delegates[0].id, at=db.now(),
                )
            )  # fmt: skip
