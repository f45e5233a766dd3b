"""The door on its pages: told beforehand, in by code or by name, and everything that was typed wrong."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from tests import factories
from tests.web.site import Browser, Scene, Site
from tests.web.test_queries import counting
from vng_alv import db
from vng_alv.domain.attendance import Coming, door_code, written_code
from vng_alv.domain.permissions import Role
from vng_alv.domain.rulebook import RULES
from vng_alv.meetings.models import Attendance, Meeting, MeetingKind
from vng_alv.meetings.registering import Registration
from vng_alv.members.models import OfficeKind
from vng_alv.voting.models import Round

HERE = "/secretariaat/vergaderingen/alv/aanwezigheid"
TELL = "/gemeente/GM0001/aanmelden/alv"


@pytest.fixture
def desk(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def code_of(site: Site, scene: Scene, who: int) -> str:
    return door_code(site.settings.secret_key, scene.meeting.id, scene.members[who].id)


def told() -> list[tuple[Coming, int]]:
    with db.transaction(write=False):
        return [(one.coming, one.guests) for one in db.session.scalars(select(Registration))]


def states() -> list[tuple[str, bool]]:
    with db.transaction(write=False):
        rows = db.session.scalars(select(Attendance).where(~Attendance.mistaken).order_by(Attendance.since))
        return [(one.how.value, one.until is None) for one in rows]


def test_the_delegate_is_asked_at_home_and_tells_with_guests(site: Site, scene: Scene, desk: Browser) -> None:
    own = site.browser(scene.clerks[0])
    assert "Komt Gemeente 1?" in own.get("/").text
    assert own.submit(TELL, coming="hall", guests="3").status_code == 303
    assert told() == [(Coming.HALL, 3)]
    assert "Komt Gemeente 1?" not in own.get("/").text
    assert "met 3 gasten" in own.get(TELL).text
    assert "komt in de zaal" in own.get("/gemeente/GM0001").text
    assert "komt in de zaal, met 3 gasten" in desk.get(HERE).text
    assert own.submit(TELL, coming="absent").status_code == 303  # the number that stood there says nothing now
    assert told() == [(Coming.ABSENT, 0)]
    assert "Uw code voor de balie" not in own.get(TELL).text


def test_on_the_day_the_home_leads_to_the_code(site: Site, scene: Scene) -> None:
    own = site.browser(scene.clerks[0])
    own.submit(TELL, coming="remote")
    assert "Uw code voor de balie" not in own.get("/").text
    with db.transaction():
        db.session.get_one(Meeting, scene.meeting.id).starts_at = db.now()
    assert "Uw code voor de balie: Gemeente 1" in own.get("/").text
    with db.transaction():
        db.session.get_one(Meeting, scene.meeting.id).starts_at = db.now() - timedelta(days=2)
    assert "Uw code voor de balie" not in own.get("/").text
    late = own.post(TELL, {"coming": "hall"})
    assert late.status_code == 422
    assert "Deze vergadering is geweest" in late.text
    assert told() == [(Coming.REMOTE, 0)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Kies een antwoord."), ({"coming": "misschien"}, "keuze"), ({"coming": "hall", "guests": "51"}, "50"),
        ({"coming": "hall", "guests": "-1"}, "50"), ({"coming": "hall", "guests": "veel"}, "getal"),
        ({"coming": "hall", "guests": "9" * 400}, "50"),
    ],
)  # fmt: skip
def test_what_is_filled_in_wrong_is_told_and_stays(site: Site, scene: Scene, typed: dict[str, str], said: str) -> None:
    answer = site.browser(scene.clerks[0]).post(TELL, typed)
    assert answer.status_code == 422
    assert said.lower() in answer.text.lower()
    assert f'value="{typed["guests"]}"' in answer.text if "guests" in typed else True
    assert told() == []


def test_a_colleague_without_the_mandate_sees_the_code_and_tells_nothing(site: Site, scene: Scene) -> None:
    official = site.browser(scene.official)
    page = official.get(TELL).text
    assert written_code(code_of(site, scene, 0)) in page
    assert 'name="coming"' not in page
    assert official.post(TELL, {"coming": "hall"}).status_code == 422
    assert site.browser(scene.clerks[1]).get(TELL).status_code == 404
    assert told() == []


def test_a_code_lets_in_at_once_and_again_changes_nothing(site: Site, scene: Scene, desk: Browser) -> None:
    page = site.browser(scene.clerks[0]).get(TELL).text
    shown = re.search(r'class="alv-doorcode">([^<]+)<', page)
    assert shown is not None
    assert '<svg class="alv-qr"' in page
    for typed in (shown[1], shown[1].lower().replace("-", " ")):
        answer = desk.post(HERE + "/balie", {"code": typed})
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith("?zoek=GM0001#balie")
        assert states() == [("hall", True)]
    card = desk.get(HERE + "?zoek=GM0001").text
    assert "Gemeente 1 was al aangemeld, in de zaal." in card
    assert "Griffier-Gm0001 heeft de stemkaart." in card
    assert "in de zaal, sinds" in site.browser(scene.clerks[0]).get(TELL).text


def test_a_code_of_another_meeting_or_a_wrong_one_lets_nobody_in(site: Site, scene: Scene, desk: Browser) -> None:
    with db.transaction():
        other = factories.meeting("later")
    foreign = door_code(site.settings.secret_key, other.id, scene.members[0].id)
    for typed in (foreign, "K7M-2PX", "", "gemeente 1", "<b>", "x" * 5000):
        assert desk.post(HERE + "/balie", {"code": typed}).status_code == 303
    assert states() == []
    nothing = desk.get(HERE + "?zoek=%3Cb%3EK7M").text
    assert "Geen gemeente gevonden met ‘&lt;b&gt;K7M’" in nothing


def test_by_name_the_desk_chooses_and_takes_a_mistake_back(site: Site, scene: Scene, desk: Browser) -> None:
    listed = desk.get(HERE + "?zoek=gemeente")
    assert listed.text.count('class="alv-card alv-flow"') == 4
    assert desk.submit(HERE + "?zoek=gm0002", action="/aanwezigheid", doe="afstand").status_code == 303
    assert states() == [("remote", True)]
    assert "2 (" not in desk.get(HERE).text
    taken_back = desk.submit(HERE + "?zoek=gm0002", action="/terug")
    assert taken_back.status_code == 303
    assert states() == []
    card = desk.get(HERE + "?zoek=gm0002").text
    assert "Teruggedraaid: de aanmelding van Gemeente 2." in card
    assert "(vergissing, teruggedraaid)" in card
    desk.post(HERE, {"gemeente": "GM0002"})
    desk.post(HERE, {"gemeente": "GM0002", "doe": "vertrokken"})
    assert states() == [("hall", False)]
    assert desk.submit(HERE + "?zoek=gm0002", action="/terug").status_code == 303
    assert states() == [("hall", True)]


def test_what_somebody_else_changed_meanwhile_is_not_taken_back(site: Site, scene: Scene, desk: Browser) -> None:
    desk.post(HERE, {"gemeente": "GM0001"})
    form = next(f for f in desk.forms(HERE + "?zoek=gm0001") if f.action.endswith("/terug"))
    desk.post(HERE, {"gemeente": "GM0001", "doe": "vertrokken"})
    late = desk.post(form.action, form.values)
    assert late.status_code == 409
    assert "Iemand anders was net voor u" in late.text
    assert states() == [("hall", False)]
    assert desk.post(HERE + "/terug", {"stap": "x"}).status_code == 404


def test_a_quorum_of_those_present_is_live_at_the_door_and_on_the_console(
    site: Site, scene: Scene, desk: Browser
) -> None:
    rule = RULES["simple"].to_data() | {
        "quorum": {"comparison": "at_least", "numerator": 1, "denominator": 2, "taking": "present",
                   "base": "electorate", "measure": "members"},
    }  # fmt: skip
    with db.transaction():
        draft = db.session.get_one(Round, scene.draft.id)
        draft.rule = rule
        title = draft.title
    chair = site.browser(scene.staff[Role.CHAIR])
    console = "/secretariaat/vergaderingen/alv"
    assert chair.get(HERE).status_code == 403  # only who reads meetings sees the names
    desk.post(HERE, {"gemeente": ["GM0003", "GM0004"]})  # the advisory one counts for nothing
    for browser, path in ((desk, HERE), (chair, console), (chair, HERE + "/stand")):
        page = browser.get(path).text
        assert "Quorum nog niet gehaald" in page, path
        assert f"voor {title}." in page
        assert "1 van de 3" in page
        assert "Ook is er één adviserend lid." in page
    desk.post(HERE, {"gemeente": ["GM0001"], "doe": "afstand"})
    for browser, path in ((desk, HERE), (chair, console), (chair, HERE + "/stand")):
        page = browser.get(path).text
        assert "Quorum gehaald" in page, path
        assert "2 van de 3" in page
        assert "Eén daarvan doet op afstand mee." in page


def test_a_written_consultation_has_no_door(site: Site, scene: Scene, desk: Browser) -> None:
    with db.transaction():
        made = factories.meetings.create(
            "raad", "Raadpleging", MeetingKind.LEDENRAADPLEGING, db.now(), "", None, ends_at=db.now() + timedelta(9)
        )
    path = HERE.replace("/alv/", f"/{made.code}/")
    assert "komt niemand bij elkaar" in desk.get(path).text
    assert desk.post(path, {"gemeente": "GM0001"}).status_code == 422
    assert site.browser(scene.clerks[0]).get(TELL.replace("alv", "raad")).status_code == 404
    assert states() == []


def test_the_door_takes_as_many_statements_for_342_members_as_for_4(
    site: Site, scene: Scene, desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = site.browser(scene.clerks[0])

    def needed() -> list[int]:
        found = []
        for browser, path in ((desk, HERE), (desk, HERE + "?zoek=gemeente"), (desk, HERE + "/stand"), (clerk, TELL)):
            browser.get(path)
            with counting(monkeypatch) as sent:
                assert browser.get(path).status_code == 200
            found.append(len(sent))
        return found

    few = needed()
    with db.transaction():
        members = [factories.member(n, 1_000 * n) for n in range(5, 343)]
        now = db.now()
        db.session.execute(
            insert(Attendance),
            [{"meeting_id": scene.meeting.id, "member_id": m.id, "since": now, "until": None} for m in members],
        )
        db.session.execute(
            insert(Registration),
            [{"meeting_id": scene.meeting.id, "member_id": m.id, "coming": Coming.HALL, "guests": 1,
              "person_id": scene.clerks[0].id, "at": now} for m in members],
        )  # fmt: skip
    assert needed() == few
    assert max(few) <= 20
    assert "338 van de 341 gemeenten zijn aanwezig" in desk.get(HERE).text
    assert desk.get(HERE + "?zoek=gemeente").text.count('class="alv-card alv-flow"') == 8
    with counting(monkeypatch) as sent:
        desk.post(HERE + "/balie", {"code": code_of(site, scene, 0)})
    assert len(sent) <= 20


def test_who_is_of_a_municipality_without_its_mandate_is_not_asked_at_home(site: Site, scene: Scene) -> None:
    with db.transaction():
        colleague = factories.clerk(scene.members[0], "raadslid", OfficeKind.COUNCILLOR)
    assert "Komt Gemeente 1?" not in site.browser(colleague).get("/").text
