"""A municipality's own pages: who sees them, and what its secretary does there without the secretariat."""

import pytest
from sqlalchemy import select

from tests import factories
from tests.web.second_steps import logged
from tests.web.site import Browser, Scene, Site, snapshot
from vng_alv import db
from vng_alv.accounts.models import Invitation, Person
from vng_alv.accounts.queries import find_person_by_email
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Role
from vng_alv.meetings.models import Mandate, Proxy
from vng_alv.meetings.queries import mandates_at
from vng_alv.members.models import Office
from vng_alv.members.queries import get_association
from vng_alv.notifications.models import Notice, NoticeKind

OWN = "/gemeente/GM0001"
CARD = OWN + "/stemkaart/alv"


def visitors(site: Site, scene: Scene) -> dict[str, Browser]:
    return {name: site.browser(person) for name, person in scene.everybody() if person}


def alderman(scene: Scene, of: int = 0, name: str = "wethouder") -> Person:
    with db.transaction():
        return factories.clerk(db.session.merge(scene.members[of]), name, OfficeKind.ALDERMAN)


def holder(scene: Scene, of: int = 0) -> Mandate | None:
    with db.transaction(write=False):
        found = mandates_at([scene.meeting.id], scene.members[of].id)
        return next((m for m in found if m.until is None), None)


def mails(kind: NoticeKind) -> list[Notice]:
    with db.transaction(write=False):
        return list(db.session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.created_at)))


def test_the_page_is_for_the_members_people_and_the_staff_who_help_and_read(site: Site, scene: Scene) -> None:
    may = {"own", "official", Role.SECRETARIAT, Role.ADMINISTRATOR, Role.AUDITOR}
    with db.transaction(write=False):
        office = f"{OWN}/personen/{scene.clerks[0].id}"
    for name, browser in visitors(site, scene).items():
        for path in (OWN, CARD, OWN + "/collega", office):
            assert browser.get(path).status_code == (200 if name in may else 404), (name, path)
    assert site.browser(scene.clerks[0]).get("/gemeente/GM9999").status_code == 404


def test_only_its_secretary_and_the_staff_get_forms_and_change_anything(site: Site, scene: Scene) -> None:
    new = alderman(scene)
    act = {"own", Role.SECRETARIAT, Role.ADMINISTRATOR}
    posts = [
        (CARD, {"person": str(new.id)}),
        (CARD + "/terug", {}),
        (CARD + "/volmacht", {"receiver": "GM0002"}),
        (CARD + "/volmacht/terug", {}),
        (OWN + "/collega", {"name": "Nieuw", "email": "nieuw@test.example", "office": "mayor"}),
        (f"{OWN}/personen/{new.id}", {"office": "mayor"}),
        (f"{OWN}/personen/{new.id}/einde", {}),
    ]
    browsers = visitors(site, scene)
    before = snapshot()
    for name, browser in browsers.items():
        if name in act:
            assert len(browser.forms(CARD)) == 2, name
            continue
        for path, data in posts:
            answer = browser.post(path, data)
            assert answer.status_code in {404, 422}, (name, path)
        if name in {"official", Role.AUDITOR}:
            for path in (OWN, CARD, OWN + "/collega", f"{OWN}/personen/{new.id}"):
                assert not browser.forms(path), (name, path)
    assert snapshot() == before


def test_who_works_for_one_member_is_led_there_and_for_several_chooses(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    assert browser.get("/gemeente").headers["Location"] == OWN
    assert 'href="/gemeente"' in browser.get("/").text
    assert 'href="/gemeente"' not in site.browser(scene.nobody).get("/").text
    assert "geen functie bij een gemeente" in site.browser(scene.nobody).get("/gemeente").text
    with db.transaction():
        person = db.session.merge(scene.clerks[0])
        db.session.add(Office(person_id=person.id, member_id=scene.members[1].id, kind=OfficeKind.CLERK))
    choice = browser.get("/gemeente").text
    assert "Gemeente 1" in choice
    assert "/gemeente/GM0002" in choice


def test_the_page_says_what_there_is_and_what_is_missing(site: Site, scene: Scene) -> None:
    text = site.browser(scene.clerks[0]).get(OWN).text
    for words in ("75", "Griffier-Gm0001 heeft de stemkaart", "Nog geen reactie op", "Ambtenaar", "Heeft een account"):
        assert words in text, words
    with db.transaction():
        held = db.session.scalars(select(Mandate).where(Mandate.member_id == scene.members[2].id)).one()
        held.until = db.now()
    text = site.browser(scene.clerks[2]).get("/gemeente/GM0003").text
    assert "Kies wie er stemt" in text
    assert "is nog niet gestemd" in text


def test_a_secretary_names_moves_and_takes_back_and_all_of_it_is_kept(site: Site, scene: Scene) -> None:
    new, browser = alderman(scene), site.browser(scene.clerks[0])
    assert browser.submit(CARD, person=str(new.id)).headers["Location"] == CARD
    held = holder(scene)
    assert held is not None
    assert (held.person_id, held.given_by) == (new.id, scene.clerks[0].id)
    assert browser.submit(CARD, action="/terug").status_code == 303
    assert holder(scene) is None
    text = browser.get(CARD).text
    for words in ("Nog niemand heeft de stemkaart", "Gegeven door Griffier-Gm0001", "beëindigd door Griffier-Gm0001"):
        assert words in text, words
    assert [n.person_id for n in mails(NoticeKind.MANDATE_GIVEN)] == [new.id]
    assert [n.person_id for n in mails(NoticeKind.MANDATE_ENDED)] == [scene.clerks[0].id, new.id]
    again = browser.post(CARD + "/terug")
    assert again.status_code == 422
    assert "Niemand heeft nu de stemkaart van Gemeente 1" in again.text


def test_nobody_of_another_member_gets_the_mandate(site: Site, scene: Scene) -> None:
    answer = site.browser(scene.clerks[0]).post(CARD, {"person": str(scene.clerks[1].id)})
    assert answer.status_code == 422
    held = holder(scene)
    assert held is not None
    assert held.person_id == scene.clerks[0].id


def test_a_colleague_is_invited_and_whoever_is_known_gets_the_office_without_the_page_telling(
    site: Site, scene: Scene
) -> None:
    browser = site.browser(scene.clerks[0])
    for email in ("nieuw@gemeente.example", scene.clerks[1].email):
        answer = browser.submit(OWN + "/collega", name="Een collega", email=email, office="alderman")
        assert answer.status_code == 303
        assert f"Gedaan. Er gaat een mail naar {email}." in browser.get(OWN).text
    with db.transaction(write=False):
        new = find_person_by_email("nieuw@gemeente.example")
        known = find_person_by_email(scene.clerks[1].email)
        assert new is not None
        assert known is not None
        assert known.name == scene.clerks[1].name
        assert db.session.scalars(select(Invitation).where(Invitation.person_id == new.id)).one()
        assert not db.session.scalars(select(Invitation).where(Invitation.person_id == known.id)).all()
        offices = db.session.scalars(select(Office).where(Office.person_id == known.id)).all()
        assert {(o.member_id, o.kind) for o in offices} == {
            (scene.members[0].id, OfficeKind.ALDERMAN), (scene.members[1].id, OfficeKind.CLERK),
        }  # fmt: skip
    assert new.id in {n.person_id for n in mails(NoticeKind.INVITATION)}
    assert [n.person_id for n in mails(NoticeKind.OFFICE_GIVEN)] == [known.id]


def test_an_office_that_ends_ends_the_session_and_the_mandate(site: Site, scene: Scene) -> None:
    new, browser = alderman(scene), site.browser(scene.clerks[0])
    theirs = site.browser(new)
    browser.submit(CARD, person=str(new.id))
    assert theirs.get("/stemmen/alv").status_code == 200
    assert browser.submit(f"{OWN}/personen/{new.id}", action="/einde").status_code == 303
    assert theirs.get("/stemmen/alv").headers["Location"].startswith("/inloggen")
    assert holder(scene) is None
    assert site.browser(new).get(OWN).status_code == 404
    with db.transaction(write=False):
        acts = set(db.session.scalars(select(AuditEntry.act).where(AuditEntry.actor_id == scene.clerks[0].id)))
    assert {"mandate.give", "mandate.end", "office.end"} <= acts


def test_an_office_that_changes_to_official_takes_the_mandate_back(site: Site, scene: Scene) -> None:
    new, browser = alderman(scene), site.browser(scene.clerks[0])
    browser.submit(CARD, person=str(new.id))
    assert browser.submit(f"{OWN}/personen/{new.id}", office="official").status_code == 303
    assert holder(scene) is None


def test_the_last_secretary_does_not_end_its_own_office(site: Site, scene: Scene) -> None:
    page, browser = f"{OWN}/personen/{scene.clerks[0].id}", site.browser(scene.clerks[0])
    answer = browser.submit(page, office="mayor")
    assert answer.status_code == 422
    assert "niemand meer voor Gemeente 1" in answer.text
    assert browser.submit(page, action="/einde").status_code == 422
    assert browser.get(OWN).status_code == 200
    assert site.browser(scene.staff[Role.SECRETARIAT]).submit(page, action="/einde").status_code == 303


def test_proxies_only_where_the_association_has_them(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    assert "Volmacht geven" not in browser.get(CARD).text
    refused = browser.post(CARD + "/volmacht", {"receiver": "GM0002"})
    assert refused.status_code == 422
    assert "kent geen volmachten" in refused.text
    staff = site.browser(scene.staff[Role.SECRETARIAT])
    assert staff.submit("/secretariaat/vereniging", proxies_per_member="1", save="1").status_code == 303
    assert browser.submit(CARD, action="/volmacht", receiver="GM0002").status_code == 303
    assert "Gemeente 2 heeft een volmacht" in browser.get(CARD).text
    assert browser.get("/stemmen/alv?gemeente=GM0001").status_code == 422
    their = site.browser(scene.clerks[1])
    ballot = their.get("/stemmen/alv?gemeente=GM0001")
    assert ballot.status_code == 200
    assert "met een volmacht aan Gemeente 2" in ballot.text
    assert "Voor welke gemeente stemt u?" in their.get("/stemmen/alv").text
    chained = site.browser(scene.clerks[1]).post("/gemeente/GM0002/stemkaart/alv/volmacht", {"receiver": "GM0003"})
    assert chained.status_code == 422
    assert browser.submit(CARD, action="/volmacht/terug").status_code == 303
    with db.transaction(write=False):
        proxy = db.session.scalars(select(Proxy)).one()
    assert proxy.ended_by == scene.clerks[0].id
    for act in ("proxy.give", "proxy.end"):
        (entry,) = logged(act)
        assert (entry.actor_id, entry.member_id) == (scene.clerks[0].id, scene.members[0].id), act
        assert entry.data["receiver"] == "GM0002", act
    assert their.get("/stemmen/alv?gemeente=GM0001").status_code == 422


def test_a_receipt_of_a_proxy_is_for_the_people_of_both_members(site: Site, scene: Scene) -> None:
    with db.transaction():
        get_association().proxies_per_member = 1
    site.browser(scene.clerks[0]).post(CARD + "/volmacht", {"receiver": "GM0002"})
    review = "/stemmen/alv/controle"
    their = site.browser(scene.clerks[1])
    sheet = their.post(review, {"gemeente": "GM0001", "preset": "for"})
    assert sheet.status_code == 200
    data = {"gemeente": "GM0001", f"choice-{scene.open[0].id}": "for", "key": "3f0d5d5e-2f0e-4b7c-9d3e-000000000009"}
    done = their.post("/stemmen/alv/uitbrengen", data)
    path = done.headers["Location"]
    assert path.startswith("/stembewijs/")
    for who, status in ((0, 200), (1, 200), (2, 404)):
        assert site.browser(scene.clerks[who]).get(path).status_code == status
    # What the member cast by itself before is not the other one's to see.
    assert their.get(f"/stembewijs/{scene.receipts[0]}").status_code == 404


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.ADMINISTRATOR])
def test_the_staff_helps_on_the_same_pages(site: Site, scene: Scene, role: Role) -> None:
    new, browser = alderman(scene), site.browser(scene.staff[role])
    assert CARD in browser.get("/secretariaat/vergaderingen/alv/stemkaarten").text
    assert browser.submit(CARD, person=str(new.id)).status_code == 303
    held = holder(scene)
    assert held is not None
    assert (held.person_id, held.given_by) == (new.id, scene.staff[role].id)
    assert "helpt mee" in browser.get(OWN).text
