"""One's own account: sessions, password, log and data; and what the secretariat may do with somebody's account."""

import json

import pytest
from sqlalchemy import select

from tests.factories import PASSWORD
from tests.web.site import Browser, Scene, Site
from tests.web.test_accounts import NEW, sessions_of, sign_in, signed_in
from tests.web.test_recovering import OWN, fresh, mails, reset_link
from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, LoginSession, Person
from vng_alv.accounts.queries import token_hash
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Role
from vng_alv.notifications.models import NoticeKind


def session_ids(person: Person) -> list[str]:
    with db.transaction(write=False):
        return [str(one.id) for one in sessions.of_person(person.id)]


def acts() -> list[str]:
    with db.transaction(write=False):
        return list(db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


# --- One's own


def test_the_page_shows_who_one_is_and_where_one_is_signed_in(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    with db.transaction():
        sessions_of_others = db.session.get_one(Person, scene.clerks[1].id)
        sessions.start(sessions_of_others, hours=1, device="Apparaat van een ander", entry=Entry.PASSWORD, factor=False)
        mine = db.session.get_one(Person, scene.clerks[0].id)
        sessions.start(mine, hours=1, device="<b>Firefox · Linux", entry=Entry.PASSWORD, factor=False)
    page = browser.get("/account").text
    assert OWN in page
    assert "griffier, gemeente 1" in page.lower()
    assert "(dit apparaat)" in page
    assert "&lt;b&gt;Firefox · Linux" in page
    assert "Apparaat van een ander" not in page
    staff = site.browser(scene.staff[Role.CHAIR]).get("/account").text
    assert "voorzitter" in staff


def test_one_session_is_ended_and_no_other(site: Site, scene: Scene) -> None:
    here, there, third = (site.browser(scene.clerks[0]) for _ in range(3))
    with db.transaction(write=False):
        found = db.session.scalars(select(LoginSession)).all()
    target = next(one.id for one in found if one.token_hash == token_hash(there.token))
    assert here.post(f"/account/sessies/{target}/einde").status_code == 303
    assert not signed_in(there)
    assert signed_in(here)
    assert signed_in(third)
    assert here.post(f"/account/sessies/{target}/einde").status_code == 404
    assert here.post("/account/sessies/einde").status_code == 303
    assert signed_in(here)
    assert not signed_in(third)
    assert acts()[-2:] == ["session.end", "session.end_others"]


def test_nobody_ends_a_session_of_somebody_else(site: Site, scene: Scene) -> None:
    here, theirs = site.browser(scene.clerks[0]), site.browser(scene.clerks[1])
    assert here.post(f"/account/sessies/{session_ids(scene.clerks[1])[0]}/einde").status_code == 404
    here.post("/account/sessies/einde")
    assert signed_in(theirs)


def test_another_password_ends_the_other_sessions_and_voids_links(site: Site, scene: Scene) -> None:
    here, there = site.browser(scene.clerks[0]), site.browser(scene.clerks[0])
    link = reset_link(site.browser())
    answer = here.submit("/account/wachtwoord", current=PASSWORD, password=NEW, again=NEW)
    assert answer.status_code == 303
    assert signed_in(here)
    assert not signed_in(there)
    assert site.browser().get(link).status_code == 410
    assert sign_in(site.browser(), OWN, NEW).status_code == 303
    assert "Uw wachtwoord is gewijzigd." in mails(NoticeKind.SIGN_IN_CHANGED)[-1][1]


def test_who_does_not_know_the_password_does_not_change_it(site: Site, scene: Scene) -> None:
    here, there = site.browser(scene.clerks[0]), site.browser(scene.clerks[0])
    before = fresh(scene.clerks[0]).password_hash
    statuses = [
        here.submit("/account/wachtwoord", current="geraden", password=NEW, again=NEW).status_code for _ in range(11)
    ]
    assert statuses == [200] * 10 + [429]
    assert fresh(scene.clerks[0]).password_hash == before
    assert signed_in(there)
    assert acts()[-1] == "session.refuse"


def test_the_log_of_an_account_shows_what_is_its_own(site: Site, scene: Scene) -> None:
    page = site.browser(scene.clerks[0]).get("/account/logboek").text
    assert "Stem uitgebracht" in page
    assert "Ingelogd" in page
    assert "Ledenbestand" not in page
    assert "for" not in [cell for cell in page.split() if cell == "for"], "no choice is in a log"


def test_the_data_of_a_person_are_theirs_and_all_of_them(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    answer = browser.get("/account/gegevens")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mijn-gegevens.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    data = json.loads(answer.text)
    assert data["person"]["email"] == OWN
    assert data["offices"] == [{"member": "GM0001", "name": "Gemeente 1", "office": "clerk"}]
    assert [m["member"] for m in data["mandates"]] == ["GM0001"]
    assert scene.receipts[0] in {cast["receipt"] for cast in data["casts"]}
    assert {cast["member"] for cast in data["casts"]} == {"GM0001"}
    assert {cast["choice"] for cast in data["casts"]} == {"for", "against"}
    assert {comment["body"] for comment in data["comments"]} == {"Wij zijn het eens.", "Geheim concept van GM0001"}
    assert len(data["sessions"]) == 1
    for other in (scene.receipts[1], "GM0002", "griffier-gm0002", "Vroege reactie", "password_hash", browser.token):
        assert other not in answer.text
    assert {entry["act"] for entry in data["log"]} >= {"ballot.cast", "session.start", "person.create"}


def test_the_data_of_a_person_ask_for_a_fresh_second_step(site: Site, scene: Scene) -> None:
    with db.transaction():
        person = db.session.get_one(Person, scene.clerks[0].id)
        person.totp_secret, person.totp_step = "versleuteld", 1
        token = sessions.start(person, hours=1, device="x", entry=Entry.PASSWORD, factor=False)
    browser = Browser(site, token)
    for path in ("/account/gegevens", "/account/wachtwoord", "/account/adres"):
        answer = browser.get(path) if path.endswith("gegevens") else browser.post(path, {"email": "a@b.nl"})
        assert "casts" not in answer.text
        assert answer.status_code != 303 or answer.headers["Location"] != "/account"
    assert "address.ask" not in acts()


# --- The secretariat


def test_an_account_is_put_out_of_use_and_in_use_again(site: Site, scene: Scene) -> None:
    theirs, desk = site.browser(scene.clerks[0]), site.browser(scene.staff[Role.SECRETARIAT])
    path = f"/secretariaat/personen/{scene.clerks[0].id}"
    assert OWN in desk.get(path).text
    assert desk.submit(path, action="/uitzetten").status_code == 303
    assert not signed_in(theirs)
    assert sign_in(site.browser(), OWN).status_code == 200
    assert "Dit account is uitgezet" in desk.get(path).text
    assert desk.submit(path, action="/aanzetten").status_code == 303
    assert not signed_in(theirs)
    assert sign_in(site.browser(), OWN).status_code == 303
    assert [act for act in acts() if act.startswith(("person.dis", "person.en"))] == ["person.disable", "person.enable"]


def test_the_secretariat_signs_somebody_out_everywhere(site: Site, scene: Scene) -> None:
    theirs, desk = site.browser(scene.clerks[0]), site.browser(scene.staff[Role.SECRETARIAT])
    path = f"/secretariaat/personen/{scene.clerks[0].id}"
    assert desk.submit(path, action="/uitloggen").status_code == 303
    assert not signed_in(theirs)
    assert signed_in(desk)
    assert sessions_of(scene.clerks[0]) == 0
    assert acts()[-1] == "session.end_all"


def test_nobody_puts_themselves_out_of_use(site: Site, scene: Scene) -> None:
    me = scene.staff[Role.SECRETARIAT]
    desk = site.browser(me)
    for what in ("uitzetten", "wissen"):
        assert desk.post(f"/secretariaat/personen/{me.id}/{what}").status_code == 422
    assert signed_in(desk)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CHAIR, Role.BOARD])
def test_others_change_nobodys_account(site: Site, scene: Scene, role: Role) -> None:
    browser = site.browser(scene.staff[role])
    path = f"/secretariaat/personen/{scene.clerks[0].id}"
    for what in ("uitzetten", "aanzetten", "uitloggen", "wissen"):
        assert browser.post(f"{path}/{what}").status_code == 403
    page = browser.get(path)
    assert page.status_code == (200 if role is Role.AUDITOR else 403)
    assert "/uitzetten" not in page.text
