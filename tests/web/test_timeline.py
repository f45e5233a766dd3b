"""The timeline of a meeting and its checklist: computed, ticked by hand, and the way to what is not done."""

import html
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.web.site import Browser, Scene, Site
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Role
from vng_alv.domain.phases import HandItem
from vng_alv.meetings.checklist import ticks_of
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting

HERE = "/secretariaat/vergaderingen/alv/tijdlijn"


@pytest.fixture
def staff(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_deadlines_are_counted_in_working_days(staff: Browser) -> None:
    with db.transaction():  # a Wednesday after Easter, Good Friday and King's Day
        starts_at = datetime(2027, 4, 28, 11, 30, tzinfo=UTC)
        db.session.execute(update(Meeting).values(starts_at=starts_at, amendments_until=None))
    said = text_of(staff.get(HERE).text)
    assert "uiterlijk dinsdag 13 april 2027, 23:59 uur" in said, "fourteen whole days between: the convocation"
    assert "uiterlijk dinsdag 13 april 2027, 12:00 uur" in said, "ten: the papers"
    assert "uiterlijk woensdag 14 april 2027, 12:00 uur" in said, "nine: amendments"


def test_what_the_data_tell_is_ticked_by_itself(staff: Browser, scene: Scene) -> None:
    said = text_of(staff.get(HERE).text)
    assert "Elk stuk is gepubliceerd (nog 1)" in said
    assert "Gedaan: Elke gemeente heeft een stemkaart gegeven" in said
    assert "Nog te doen: Elke uitslag is bekend" in said
    with db.transaction():
        factories.member(77)
    page = staff.get(HERE).text
    assert "Nog te doen: Elke gemeente heeft een stemkaart gegeven (nog 1)" in text_of(page)
    assert '<a class="utrecht-link utrecht-link--html-a" href="/secretariaat/vergaderingen/alv/stemkaarten">' in page


def test_a_person_ticks_and_takes_the_tick_away(staff: Browser, scene: Scene) -> None:
    for _twice in range(2):
        assert staff.post(HERE, {"punt": "hall", "klaar": "1"}).status_code == 303
    said = text_of(staff.get(HERE).text)
    assert f"Afgevinkt door {scene.staff[Role.SECRETARIAT].name}," in said
    with db.transaction(write=False):
        assert set(ticks_of(get_meeting("alv").id)) == {HandItem.HALL}
    for _twice in range(2):
        assert staff.post(HERE, {"punt": "hall", "klaar": "0"}).status_code == 303
    with db.transaction(write=False):
        assert ticks_of(get_meeting("alv").id) == {}
        done = select(AuditEntry.act).where(AuditEntry.act.in_(("checklist.tick", "checklist.untick")))
        assert list(db.session.scalars(done.order_by(AuditEntry.id))) == ["checklist.tick", "checklist.untick"]
    assert staff.post(HERE, {"punt": "anders", "klaar": "1"}).status_code == 404


def test_who_reads_does_not_tick(site: Site, scene: Scene) -> None:
    auditor = site.browser(scene.staff[Role.AUDITOR])
    page = auditor.get(HERE).text
    assert 'name="klaar"' not in page
    assert "/preadviezen" not in page, "no way to where the reader may not go"
    assert auditor.post(HERE, {"punt": "hall", "klaar": "1"}).status_code == 403
    assert site.browser(scene.staff[Role.CHAIR]).get(HERE).status_code == 403
