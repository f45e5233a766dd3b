"""The agenda: standing items, changing it, who was first, where the meeting is, and blocks of rounds."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from tests import factories
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings import agenda
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import AgendaItem, Meeting, MeetingKind
from vng_alv.meetings.queries import current_item, get_meeting
from vng_alv.members.queries import get_association
from vng_alv.members.service import PRESETS, change_association
from vng_alv.proposals import service as proposals
from vng_alv.proposals.queries import get_proposal, proposals_of
from vng_alv.voting import blocks
from vng_alv.voting import service as rounds
from vng_alv.voting.blocks import BlockRound
from vng_alv.voting.models import Round

USUAL = [title for title, _minutes, _ends in PRESETS["vng"]["standing_agenda"]]  # type: ignore[attr-defined]


@pytest.fixture
def meeting(database: str) -> Meeting:
    with db.transaction():
        factories.association()
        return factories.meeting()


@pytest.fixture
def secretary(meeting: Meeting) -> Actor:
    with db.transaction():
        return factories.actor("secretariaat", Role.SECRETARIAT)


def titles(code: str = "alv") -> list[str]:
    with db.transaction(write=False):
        found = get_meeting(code).agenda
        assert [item.number for item in found] == list(range(1, len(found) + 1))
        return [item.title for item in found]


def acts(kind: str) -> list[dict[str, object]]:
    with db.transaction(write=False):
        return list(db.session.scalars(select(AuditEntry.data).where(AuditEntry.act == kind).order_by(AuditEntry.id)))


def refused(refusal: Refusal) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, match=f"^{refusal.value}$")


def item(meeting: Meeting, number: int) -> uuid.UUID:
    return meeting.agenda[number - 1].id


# --- Standing items


def test_an_assembly_begins_with_the_standing_items_of_its_association(meeting: Meeting) -> None:
    assert titles() == USUAL
    with db.transaction():
        change_association(get_association(), None, standing_agenda=[["Welkom", 5, False], ["Einde", None, True]])
        made = factories.meeting("ander")
        assert [(one.title, one.minutes) for one in made.agenda] == [("Welkom", 5), ("Einde", None)]
    with db.transaction():
        meetings.add_agenda_item(get_meeting("ander"), "Een besluit", None)
    assert titles("ander") == ["Welkom", "Een besluit", "Einde"]
    assert titles() == USUAL, "a meeting that was there keeps its own"


def test_without_them_an_agenda_is_empty_and_grows_at_its_end(meeting: Meeting) -> None:
    with db.transaction():
        bare = meetings.create("kaal", "K", MeetingKind.EXTRAORDINARY, meeting.starts_at, "U", None, standing=False)
        assert bare.agenda == []
        for title in ("Een", "Twee"):
            meetings.add_agenda_item(bare, title, None)
    assert titles("kaal") == ["Een", "Twee"]


# --- Changing it


def test_items_move_and_all_keep_a_number(meeting: Meeting, secretary: Actor) -> None:
    with db.transaction():
        agenda.move_item(db.session.merge(meeting), item(meeting, 5), 1, secretary)
    assert titles() == [USUAL[4], *USUAL[:4], *USUAL[5:]]
    with db.transaction():
        agenda.move_item(get_meeting("alv"), item(meeting, 5), 99, secretary)
    assert titles() == [*USUAL[:4], *USUAL[5:], USUAL[4]]
    assert acts("agenda.move") == [
        {"title": USUAL[4], "before": 5, "number": 1}, {"title": USUAL[4], "before": 1, "number": 7},
    ]  # fmt: skip


def test_an_item_gets_another_name_note_and_duration(meeting: Meeting, secretary: Actor) -> None:
    with db.transaction():
        agenda.change_item(db.session.merge(meeting), item(meeting, 1), " Welkom ", "Door de voorzitter", 15, secretary)
    with db.transaction(write=False):
        first = get_meeting("alv").agenda[0]
        assert (first.title, first.note, first.minutes) == ("Welkom", "Door de voorzitter", 15)
    assert acts("agenda.change") == [{"number": 1, "title": "Welkom", "before": "Opening", "minutes": 15}]


def test_an_item_goes_unless_something_hangs_on_it(meeting: Meeting, secretary: Actor) -> None:
    with db.transaction():
        here = db.session.merge(meeting)
        proposals.place(factories.proposal(here), here.agenda[1], None)
    with db.transaction(), refused(Refusal.ITEM_IN_USE):
        agenda.remove_item(get_meeting("alv"), item(meeting, 2), secretary)
    with db.transaction():
        assert agenda.remove_item(get_meeting("alv"), item(meeting, 1), secretary) == "Opening"
    assert titles() == USUAL[1:]
    assert acts("agenda.remove") == [{"number": 1, "title": "Opening"}]


def test_who_saw_an_older_agenda_changes_nothing(meeting: Meeting, secretary: Actor) -> None:
    with db.transaction():
        agenda.move_item(get_meeting("alv"), item(meeting, 1), 2, secretary, version=0)
    after = titles()
    for late in (
        lambda here: agenda.move_item(here, item(meeting, 1), 5, secretary, version=0),
        lambda here: agenda.change_item(here, item(meeting, 1), "Anders", "", None, secretary, version=0),
        lambda here: agenda.remove_item(here, item(meeting, 1), secretary, version=0),
        lambda here: blocks.put_together(here, [1, 2], secretary, version=0),
    ):
        with db.transaction(), pytest.raises(Conflict, match=Refusal.AGENDA_CHANGED):
            late(get_meeting("alv"))
    assert titles() == after
    with db.transaction():
        meetings.add_agenda_item(get_meeting("alv"), "Erbij", None)
    with db.transaction(), pytest.raises(Conflict, match=Refusal.AGENDA_CHANGED):
        agenda.remove_item(get_meeting("alv"), item(meeting, 1), secretary, version=1)


def test_only_who_may_changes_it(meeting: Meeting) -> None:
    with db.transaction():
        chair, board = factories.actor("voorzitter", Role.CHAIR), factories.actor("bestuur", Role.BOARD)
    for who in (chair, board):
        with db.transaction(), refused(Refusal.NOT_ALLOWED):
            agenda.move_item(get_meeting("alv"), item(meeting, 1), 2, who)
    with db.transaction(), refused(Refusal.NOT_ALLOWED):
        agenda.set_current(get_meeting("alv"), item(meeting, 1), board)
    assert titles() == USUAL


def test_an_item_of_another_meeting_is_none_of_this_one(meeting: Meeting, secretary: Actor) -> None:
    with db.transaction():
        other = factories.meeting("ander").agenda[0].id
    with db.transaction(), pytest.raises(Missing):
        agenda.move_item(get_meeting("alv"), other, 1, secretary)


# --- After a former meeting


def test_a_meeting_after_a_former_one_has_its_agenda_and_limits_and_nothing_else(secretary: Actor) -> None:
    with db.transaction():
        former = get_meeting("alv")
        former.starts_at = datetime(2027, 6, 2, 11, 30, tzinfo=UTC)
        former.amendments_until = datetime(2027, 5, 28, 10, tzinfo=UTC)  # a Friday: three working days before
        former.agenda[1].note = "Met een toelichting"
        proposals.place(factories.proposal(former), former.agenda[2], None)
        chosen = {former.agenda[0].id, former.agenda[1].id}
        then = datetime(2027, 12, 2, 12, 30, tzinfo=UTC)  # a Thursday, in winter
        agenda.copy_meeting(former, "Nieuw", "Nieuw", then, "Zwolle", chosen, secretary)
    with db.transaction(write=False):
        made = get_meeting("nieuw")
        assert [(one.number, one.title, one.note, one.minutes) for one in made.agenda] == [
            (1, USUAL[0], "", 10), (2, USUAL[1], "Met een toelichting", 5),
        ]  # fmt: skip
        assert made.amendments_until == datetime(2027, 11, 29, 11, tzinfo=UTC), "three before, at 12:00 in Amsterdam"
        assert (made.kind, made.place, made.current_item_id) == (MeetingKind.ALV, "Zwolle", None)
        assert not list(proposals_of(made.id))
    assert acts("meeting.copy") == [{"former": "alv", "items": 2}]


def test_a_written_consultation_lasts_as_long_again(meeting: Meeting) -> None:
    with db.transaction():
        starts = meeting.starts_at
        former = meetings.create(
            "raad", "R", MeetingKind.LEDENRAADPLEGING, starts, "", None, ends_at=starts + timedelta(days=14),
            publishes_itself=True,
        )  # fmt: skip
        later = starts + timedelta(days=100)
        made = agenda.copy_meeting(former, "raad-2", "R", later, "", (), None)
        assert (made.ends_at, made.publishes_itself) == (later + timedelta(days=14), True)
        with pytest.raises(Conflict, match=Refusal.CODE_TAKEN):
            agenda.copy_meeting(former, "raad", "R", later, "", (), None)


# --- Where the meeting is


def today(meeting: Meeting) -> None:
    with db.transaction():
        db.session.execute(update(Meeting).values(starts_at=db.now() - timedelta(minutes=5)))


def test_the_meeting_is_at_one_item_on_its_day(meeting: Meeting, secretary: Actor) -> None:
    with db.transaction(), refused(Refusal.NOT_RUNNING):
        agenda.set_current(get_meeting("alv"), item(meeting, 2), secretary)
    today(meeting)
    with db.transaction():
        agenda.set_current(get_meeting("alv"), item(meeting, 2), secretary)
    with db.transaction():
        here = get_meeting("alv")
        now = current_item(here)
        assert now is not None
        assert now.title == USUAL[1]
        since = here.current_since
        agenda.set_current(here, item(meeting, 2), secretary)
        assert here.current_since == since, "it was there already"
    with db.transaction(), refused(Refusal.ITEM_CURRENT):
        agenda.remove_item(get_meeting("alv"), item(meeting, 2), secretary)
    with db.transaction():
        agenda.set_current(get_meeting("alv"), None, secretary)
    with db.transaction(write=False):
        assert current_item(get_meeting("alv")) is None
    assert acts("agenda.current") == [{"number": 2, "title": USUAL[1]}, {"number": None, "title": ""}]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE meeting SET current_item_id = (SELECT id FROM agenda_item LIMIT 1)", "current_has_moment"),
        ("UPDATE agenda_item SET number = 1 WHERE number = 2", "uq_agenda_item|UNIQUE"),
        ("UPDATE agenda_item SET minutes = 0", "minutes"),
        ("UPDATE agenda_item SET minutes = 601", "minutes"),
    ],
)
def test_the_database_holds_it(meeting: Meeting, statement: str, rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule), db.transaction():
        db.session.execute(text(statement))


def test_the_database_knows_whose_item_it_is(meeting: Meeting) -> None:
    with db.transaction():
        other = factories.meeting("ander").agenda[0].id
    with pytest.raises(IntegrityError), db.transaction():
        db.session.execute(
            update(Meeting).where(Meeting.code == "alv").values(current_item_id=other, current_since=db.now())
        )
    with db.transaction():
        db.session.execute(
            update(Meeting).where(Meeting.code == "ander").values(current_item_id=other, current_since=db.now())
        )
    with pytest.raises(IntegrityError), db.transaction():
        db.session.delete(db.session.get_one(AgendaItem, other))


# --- Blocks


def blocked() -> dict[int, list[int]]:
    with db.transaction(write=False):
        return {
            number: [one.number for one in found] for number, found in blocks.blocks_of(get_meeting("alv").id).items()
        }


@pytest.fixture
def voting(database: str) -> factories.World:
    """Rounds in draft: two sections and the whole."""
    with db.transaction():
        return factories.world(is_open=False)


def test_rounds_in_preparation_make_a_block_and_leave_it(voting: factories.World) -> None:
    numbers = [one.number for one in voting.rounds]
    with db.transaction():
        assert blocks.put_together(get_meeting("alv"), numbers[:2], voting.chair) == 1
    assert blocked() == {1: numbers[:2]}
    with db.transaction():
        assert blocks.put_together(get_meeting("alv"), numbers[1:], voting.chair) == 2
    assert blocked() == {2: numbers[1:]}, "one that is left alone is no block"
    with db.transaction():
        blocks.take_apart(get_meeting("alv"), 2, voting.chair)
    assert blocked() == {}
    with db.transaction(), pytest.raises(Missing):
        blocks.take_apart(get_meeting("alv"), 2, voting.chair)
    assert [one["rounds"] for one in acts("block.make")] == [numbers[:2], numbers[1:]]
    assert acts("block.end") == [{"block": 2}]


def test_no_block_of_one_of_what_there_is_not_or_of_what_was_opened(voting: factories.World) -> None:
    numbers = [one.number for one in voting.rounds]
    for wrong, what in (([], Refused), (numbers[:1], Refused), ([numbers[0], 99], Missing)):
        with db.transaction(), pytest.raises(what):
            blocks.put_together(get_meeting("alv"), wrong, voting.chair)
    with db.transaction():
        rounds.open_rounds([voting.rounds[0].id], voting.chair)
    with db.transaction(), pytest.raises(Conflict, match=Refusal.ROUND_STATE):
        blocks.put_together(get_meeting("alv"), numbers, voting.chair)
    assert blocked() == {}


def test_a_draft_that_goes_leaves_its_block(voting: factories.World) -> None:
    numbers = [one.number for one in voting.rounds]
    with db.transaction():
        blocks.put_together(get_meeting("alv"), numbers, voting.chair)
    with db.transaction():
        db.session.delete(db.session.get_one(Round, voting.rounds[0].id))
    assert blocked() == {1: numbers[1:]}


def test_a_block_is_of_one_meeting(voting: factories.World) -> None:
    with db.transaction():
        other = factories.meeting("ander").id
    with pytest.raises(IntegrityError), db.transaction():
        db.session.execute(insert(BlockRound).values(round_id=voting.rounds[0].id, meeting_id=other, block=1))
    with pytest.raises(IntegrityError), db.transaction():
        db.session.execute(
            insert(BlockRound).values(round_id=voting.rounds[0].id, meeting_id=voting.meeting.id, block=0)
        )


def test_changes_of_the_agenda_leave_open_rounds_as_they_are(voting: factories.World) -> None:
    with db.transaction():
        here = get_meeting("alv")
        here.starts_at = db.now()
        proposals.place(get_proposal(here.id, "R1"), here.agenda[1], None)
        rounds.open_rounds(voting.ids, voting.chair)
        secretary = factories.actor("secretariaat", Role.SECRETARIAT)

    def asked() -> list[tuple[object, ...]]:
        with db.transaction(write=False):
            return [tuple(row) for row in db.session.execute(select(*Round.__table__.columns).order_by(Round.number))]

    before = asked()
    with db.transaction():
        here = get_meeting("alv")
        second = here.agenda[1].id
        agenda.move_item(here, second, 6, secretary)
        agenda.change_item(here, second, "Anders genoemd", "", 30, secretary)
        agenda.set_current(here, second, voting.chair)
        agenda.remove_item(here, here.agenda[0].id, secretary)
    assert asked() == before
    with db.transaction(write=False):
        assert {one.state for one in db.session.scalars(select(Round))} == {RoundState.OPEN}
