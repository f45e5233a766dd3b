"""Calling a meeting together, its documents, and what is announced afterwards (docs/rules.md §3)."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from tests import factories
from tests.database.acting import together
from tests.database.timing_desk import clock
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.convening import queries, service
from vng_alv.convening.models import Convocation, MeetingDocument, Supplement
from vng_alv.domain.consultation import FileKind
from vng_alv.domain.convening import QUIET
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.members.queries import get_association
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.proposals.models import ProposalKind

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


class Desk:
    """A meeting of next week with an agenda, two members, and the secretariat."""

    def __init__(self) -> None:
        with db.transaction():
            factories.association()
            get_association().convocation_days = 3
            for n in (1, 2):
                factories.clerk(factories.member(n))
            self.meeting = factories.meeting()
            meetings.add_agenda_item(self.meeting, "Besluiten", None)
            self.staff: Actor = factories.actor("secretariaat", Role.SECRETARIAT)

    def fresh(self) -> Meeting:
        return db.session.get_one(Meeting, self.meeting.id)

    def convene(self, note: str = "", *, late: bool = False) -> Convocation:
        with db.transaction():
            return service.convene(self.fresh(), note, self.staff, late=late)

    def add(self, content: bytes = b"%PDF- a", publish_at: datetime | None = None) -> MeetingDocument:
        with db.transaction():
            kind = FileKind.PDF
            return service.add_document(self.fresh(), "Begroting", "b.pdf", content, kind, publish_at, self.staff)

    def to_announce(self) -> list[str]:
        with db.transaction(write=False):
            return queries.to_announce(self.fresh(), db.now()).titles

    def sweep(self) -> int:
        """What the worker does each minute."""
        with db.transaction(write=False):
            found = queries.meetings_to_announce(db.now())
        for key in found:
            with db.transaction():
                return service.announce(key)
        return 0


@pytest.fixture
def desk(database: str) -> Desk:
    return Desk()


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.refusal


def notices(kind: NoticeKind) -> list[Notice]:
    with db.transaction(write=False):
        return list(db.session.scalars(select(Notice).where(Notice.kind == kind)))


def test_everybody_who_works_for_a_member_is_called_and_what_was_said_is_kept(desk: Desk) -> None:
    with db.transaction():
        factories.proposal(desk.fresh())
    made = desk.convene("  Volg ons op de site.  ")
    assert (made.recipients, made.note) == (2, "Volg ons op de site.")
    call = queries.Call.from_data(made.facts)
    with db.transaction(write=False):
        agenda = [(item.number, item.title) for item in desk.fresh().agenda]
    assert [(item.number, item.title) for item in call.agenda] == agenda
    assert "Besluiten" in {title for _, title in agenda}
    assert call.papers == ["R1 Een besluit"]
    assert (call.days, call.late) == (3, False)
    assert call.moments[2] is not None  # members may vote before it
    mails = notices(NoticeKind.CONVOCATION)
    assert len(mails) == 2
    assert mails[0].context["call"] == made.facts
    with db.transaction(write=False):
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "meeting.convene"))
        assert entry.data == {"recipients": 2, "late": False}


def test_it_goes_out_once_also_when_two_press_at_the_same_moment(desk: Desk) -> None:
    answers = together([desk.convene] * 4)
    assert sum(isinstance(one, Convocation) for one in answers) == 1
    assert all(
        isinstance(one, Convocation) or (isinstance(one, Conflict) and one.refusal is Refusal.CONVENED)
        for one in answers
    )
    assert len(notices(NoticeKind.CONVOCATION)) == 2


def test_a_late_one_goes_out_only_when_somebody_says_so(desk: Desk) -> None:
    with db.transaction():
        get_association().convocation_days = 30
    assert refusal(desk.convene) is Refusal.CONVOCATION_LATE
    assert notices(NoticeKind.CONVOCATION) == []
    assert desk.convene(late=True).facts["late"] is True


def test_a_change_of_the_statutes_is_called_a_week_before(desk: Desk) -> None:
    with db.transaction():
        factories.proposal(desk.fresh(), kind=ProposalKind.STATUTES)
    assert refusal(desk.convene) is Refusal.CONVOCATION_LATE  # seven days from now leaves six between


def test_without_an_agenda_or_after_the_meeting_nothing_goes_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction():
        empty = factories.meeting("leeg")
        db.session.execute(delete(AgendaItem).where(AgendaItem.meeting_id == empty.id))
        db.session.expire(empty)
    with db.transaction():
        assert refusal(lambda: service.convene(db.session.merge(empty), "", desk.staff)) is Refusal.EMPTY_AGENDA
    monkeypatch.setattr(db, "now", lambda: datetime.now(UTC) + 8 * DAY)
    assert refusal(desk.convene) is Refusal.MEETING_HELD


def test_a_document_is_public_from_its_moment_and_can_be_taken_away_before(desk: Desk) -> None:
    now, later = desk.add(), desk.add(b"%PDF- b", datetime.now(UTC) + DAY)
    assert refusal(lambda: desk.add(b"%PDF- b")) is Refusal.SAME_DOCUMENT
    assert refusal(lambda: desk.add(b"%PDF- c", datetime.now(UTC) - SECOND)) is Refusal.CLOCK_IN_PAST
    with db.transaction(write=False):
        assert [one.id for one in queries.papers_of(desk.fresh(), [], db.now()).documents] == [now.id]
        assert [one.id for one in queries.papers_of(desk.fresh(), [], db.now() + 2 * DAY).documents] == [
            now.id,
            later.id,
        ]
    with db.transaction():
        assert refusal(lambda: service.remove(desk.fresh(), now.id, desk.staff)) is Refusal.DOCUMENT_PUBLIC
        assert refusal(lambda: service.publish_now(desk.fresh(), now.id, desk.staff)) is Refusal.DOCUMENT_PUBLIC
        assert refusal(lambda: service.withdraw(desk.fresh(), later.id, "x", desk.staff)) is Refusal.DOCUMENT_NOT_PUBLIC
        assert refusal(lambda: service.withdraw(desk.fresh(), now.id, " ", desk.staff)) is Refusal.EMPTY_TEXT
    soon = desk.add(b"%PDF- d", datetime.now(UTC) + DAY)
    with db.transaction():
        assert service.publish_now(desk.fresh(), soon.id, desk.staff).publish_at <= db.now()
    with db.transaction():
        service.remove(desk.fresh(), later.id, desk.staff)
        assert service.withdraw(desk.fresh(), now.id, " Namen erin. ", desk.staff).reason == "Namen erin."
    with db.transaction():
        assert refusal(lambda: service.withdraw(desk.fresh(), now.id, "x", desk.staff)) is Refusal.DOCUMENT_NOT_PUBLIC
        acts = select(AuditEntry.act).where(AuditEntry.act.startswith("document.")).order_by(AuditEntry.id)
        assert set(db.session.scalars(acts)) == {
            "document.add", "document.publish", "document.remove", "document.withdraw",
        }  # fmt: skip


def test_what_came_after_the_convocation_is_announced_once_and_all_in_one_mail(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(b"%PDF- voor")
    with db.transaction():
        factories.proposal(desk.fresh(), code="R1")
    desk.convene()
    assert desk.to_announce() == []
    assert desk.sweep() == 0
    with db.transaction():
        factories.proposal(desk.fresh(), code="R2")
    after = desk.add(b"%PDF- na")
    assert desk.to_announce() == ["R2 Een besluit", "Begroting"]
    assert desk.sweep() == 0  # there may be more
    with clock(monkeypatch, datetime.now(UTC) + QUIET + SECOND):
        assert desk.sweep() == 2
        with db.transaction(write=False):
            (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "meeting.supplement"))
            assert entry.data == {"papers": ["R2 Een besluit", "Begroting"]}
        assert desk.sweep() == 0
        mails = notices(NoticeKind.SUPPLEMENT)
        assert [mail.context["papers"] for mail in mails] == [["R2 Een besluit", "Begroting"]] * 2
        assert desk.to_announce() == []
    with db.transaction(write=False):
        found = queries.papers_of(desk.fresh(), [], db.now())
        assert found.supplements == {after.id}


def test_two_workers_announce_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.convene()
    desk.add()

    def announce() -> int:
        with db.transaction():
            return service.announce(desk.meeting.id)

    assert sorted(together([announce] * 4)) == [0, 0, 0, 1]  # type: ignore[type-var]
    assert len(notices(NoticeKind.SUPPLEMENT)) == 2


def test_what_was_withdrawn_or_is_to_come_and_a_meeting_that_was_held_are_not_announced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.convene()
    gone = desk.add()
    desk.add(b"%PDF- later", datetime.now(UTC) + 2 * DAY)
    with db.transaction():
        service.withdraw(desk.fresh(), gone.id, "Fout", desk.staff)
    assert desk.to_announce() == []
    with clock(monkeypatch, datetime.now(UTC) + DAY):
        assert desk.sweep() == 0
    with clock(monkeypatch, datetime.now(UTC) + 3 * DAY):
        assert desk.to_announce() == ["Begroting"]
    with clock(monkeypatch, datetime.now(UTC) + 9 * DAY):
        assert desk.sweep() == 0


def test_the_database_keeps_a_convocation_and_what_is_in_a_document(desk: Desk) -> None:
    desk.convene()
    public = desk.add()
    for statement, rule in (
        (update(Convocation).values(note="anders"), "convocation_fixed_update"),
        (delete(Convocation), "convocation_fixed_delete"),
        (update(MeetingDocument).values(content=b"anders"), "document_fixed"),
        (update(MeetingDocument).values(publish_at=public.publish_at + DAY), "document_fixed"),
        (delete(MeetingDocument), "document_stays"),
        (update(MeetingDocument).values(withdrawn_at=func.now()), "withdrawn_with_reason"),
    ):
        with pytest.raises(DBAPIError, match=rule), db.transaction():
            db.session.execute(statement)
    with pytest.raises(DBAPIError, match="one_of_two"), db.transaction():
        db.session.add(Supplement(id=uuid.uuid4(), meeting_id=desk.meeting.id, announced_at=db.now()))
        db.session.flush()
