"""Written consultations: their period, their end, and who is reminded (docs/rules.md §3.10, §4.4, §4.8)."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.database.acting import ballot, state_of, together
from tests.database.test_rounds import log_of
from tests.database.timing_desk import (
    DAY,
    HOUR,
    SetClock,
    clock,
    consultation,
    planned,
    refuses,
    remind,
    reminded,
    sweep,
)
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import Meeting, MeetingKind
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting import clock_queries, timing
from vng_alv.voting.service import close, open_rounds, publish
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")


def test_a_written_consultation_has_a_period_and_no_agenda_of_a_gathering(database: str) -> None:
    with db.transaction():
        world = consultation(14 * DAY)
        meeting = db.session.get_one(Meeting, world.meeting.id)
        assert (meeting.is_written, meeting.agenda) == (True, [])
    now = datetime.now(UTC)
    with pytest.raises(Refused) as caught, db.transaction():
        meetings.create("x", "x", MeetingKind.LEDENRAADPLEGING, now, "", None, ends_at=now)
    assert caught.value.refusal is Refusal.PERIOD
    with pytest.raises(Refused) as caught, db.transaction():
        meetings.create("x", "x", MeetingKind.ALV, now, "", None, publishes_itself=True)
    assert caught.value.refusal is Refusal.CHAIR_PRONOUNCES


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"ends_at": None}, "written_has_end"),
        ({"kind": MeetingKind.ALV}, "written_has_end"),
        ({"kind": MeetingKind.ALV, "ends_at": None, "publishes_itself": True}, "chair_pronounces"),
        ({"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}, "ends_after_start"),
    ],
)
def test_the_database_knows_what_a_written_consultation_is(database: str, change: dict[str, object], rule: str) -> None:
    with db.transaction():
        consultation(14 * DAY)
    with pytest.raises(Exception, match=rule), db.transaction():
        db.session.execute(update(Meeting).values(**change))


@pytest.fixture
def written(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[factories.World, SetClock]]:
    """A written consultation of two weeks that pronounces by itself, and the clock."""
    with clock(monkeypatch, datetime(2026, 10, 20, 9, tzinfo=UTC)) as found:  # over the change of the clock
        with db.transaction():
            world = consultation(14 * DAY, publishes_itself=True)
        yield world, found


def test_a_written_consultation_opens_closes_and_pronounces_by_the_clock(
    written: tuple[factories.World, SetClock],
) -> None:
    world, set_clock = written
    start = db.now()
    refuses(Refusal.NO_END, open_rounds, world.ids, world.chair)
    refuses(Refusal.NO_END, timing.schedule, world.ids, start + HOUR, None, world.chair)
    planned(world, HOUR, 12 * DAY)  # no early voting is asked for, and no day of a meeting
    set_clock(start + HOUR)
    sweep()
    assert state_of(world.ids[0]) == "open"
    refuses(Refusal.HAS_END, close, world.ids, world.chair)
    with db.transaction(write=False):
        assert clock_queries.meetings_to_publish() == []
    set_clock(start + 12 * DAY)
    sweep()
    with db.transaction():
        tally(world.ids[0])
        assert clock_queries.meetings_to_publish() == []  # two are counted still
        assert timing.publish_by_itself(world.meeting.id) == []
        for key in world.ids[1:]:
            tally(key)
        assert clock_queries.meetings_to_publish() == [world.meeting.id]
        assert len(timing.publish_by_itself(world.meeting.id)) == 3
    with db.transaction():
        assert timing.publish_by_itself(world.meeting.id) == []
        assert clock_queries.meetings_to_publish() == []
        mails = db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.RESULT)).all()
        assert [sorted(mail.context["rounds"]) for mail in mails] == [[1, 2, 3]] * 3
    assert {state_of(key) for key in world.ids} == {"published"}
    (entry,) = (entry for entry in log_of(world.ids[0]) if entry.act == "round.publish")
    assert entry.actor_id is None


def test_one_that_the_chair_pronounces_does_not_pronounce_itself(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock(monkeypatch, datetime(2026, 11, 30, 9, tzinfo=UTC)) as set_clock:
        with db.transaction():
            world = consultation(14 * DAY)
            open_rounds(world.ids, world.chair, closes_at=db.now() + HOUR)
        set_clock(db.now() + HOUR)
        sweep()
        with db.transaction():
            for key in world.ids:
                tally(key)
            assert clock_queries.meetings_to_publish() == []
            assert timing.publish_by_itself(world.meeting.id) == []
            publish(world.ids, world.chair)
        assert state_of(world.ids[0]) == "published"


def test_extending_a_written_consultation_makes_its_period_longer(
    written: tuple[factories.World, SetClock],
) -> None:
    world, _ = written
    ends_at = world.meeting.ends_at
    assert ends_at
    with db.transaction():
        open_rounds(world.ids, world.chair, closes_at=ends_at - DAY)
        timing.extend(world.ids, ends_at - HOUR, world.chair)
        assert db.session.get_one(Meeting, world.meeting.id).ends_at == ends_at
        timing.extend(world.ids, ends_at + DAY, world.chair)
    with db.transaction(write=False):
        assert db.session.get_one(Meeting, world.meeting.id).ends_at == ends_at + DAY


def test_who_has_not_voted_is_reminded_once(
    written: tuple[factories.World, SetClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, set_clock = written
    start = db.now()
    with db.transaction():
        open_rounds(world.ids, world.chair, closes_at=start + 12 * DAY)
        timing.rehearse(db.session.merge(world.meeting), world.chair, closes_at=start + 12 * DAY)
        made = [ballot_in(world, 0, key) for key in world.ids] + [ballot_in(world, 1, world.ids[0])]
        db.session.add_all(made)
    set_clock(start + 9 * DAY - timedelta(seconds=1))
    assert remind() == 0
    set_clock(start + 9 * DAY)
    assert remind() == 2
    found = reminded()
    assert set(found) == {"griffier-gm0002", "griffier-gm0003"}
    assert len(found["griffier-gm0002"]["questions"]) == 2
    assert len(found["griffier-gm0003"]["questions"]) == 3
    assert found["griffier-gm0003"]["members"] == ["Gemeente 3"]
    assert not any("Proefvraag" in question for question in found["griffier-gm0003"]["questions"])
    assert remind() == 0
    with db.transaction():
        timing.extend(world.ids, start + 20 * DAY, world.chair)
    set_clock(start + 18 * DAY)
    assert remind() == 0
    with db.transaction(write=False):
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "round.remind")).all()
    assert [entry.data for entry in entries] == [{"rounds": [1, 2, 3], "people": 2}]


def ballot_in(world: factories.World, who: int, key: uuid.UUID) -> Any:
    return ballot(world, who, round_id=key, key=uuid.uuid4())


def test_two_workers_remind_once(written: tuple[factories.World, SetClock]) -> None:
    world, set_clock = written
    with db.transaction():
        open_rounds(world.ids, world.chair, closes_at=db.now() + 12 * DAY)
    set_clock(db.now() + 10 * DAY)

    def work() -> int:
        with db.transaction():
            return timing.remind(world.meeting.id)

    assert sorted(together([work] * 5)) == [0, 0, 0, 0, 3]  # type: ignore[type-var]
