"""Accounts: invitations, passwords, sessions, and what a sign-in tells (docs/rules.md, roles)."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests import factories
from tests.factories import PASSWORD
from tests.web.site import Browser, Scene, Site
from vng_alv import db
from vng_alv.accounts import service
from vng_alv.accounts.models import Invitation, LoginSession, Person
from vng_alv.domain.permissions import Role
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting.notices import facts

NEW = "heel lang nieuw wachtwoord"
WRONG = "Dit e-mailadres en wachtwoord horen niet bij elkaar."


def sign_in(browser: Browser, email: str, password: str = PASSWORD):  # type: ignore[no-untyped-def]
    return browser.submit("/inloggen", action="/inloggen", email=email, password=password)


def signed_in(browser: Browser) -> bool:
    return (
        browser.get("/stembewijs").status_code == 303
        and "/inloggen" not in browser.get("/stembewijs").headers["Location"]
    )


def sessions_of(person: Person) -> int:
    with db.transaction(write=False):
        query = select(func.count()).select_from(LoginSession).where(LoginSession.person_id == person.id)
        return db.session.scalar(query) or 0


def all_sessions() -> int:
    with db.transaction(write=False):
        return db.session.scalar(select(func.count()).select_from(LoginSession)) or 0


# --- Invitations


def test_an_invitation_makes_an_account_once(site: Site, scene: Scene) -> None:
    path = f"/uitnodiging/{scene.address['token']}"
    browser = site.browser()
    page = browser.get(path)
    assert page.status_code == 200
    assert "Welkom, Genodigde" in page.text
    assert browser.submit(path, action=path, password=NEW, again=NEW).headers["Location"] == "/account/tweede-stap/app"
    assert signed_in(browser)
    again = site.browser()
    assert again.get(path).status_code == 410
    assert again.post(path, {"password": NEW * 2, "again": NEW * 2}).status_code == 410
    assert not signed_in(again)
    assert sign_in(site.browser(), "genodigde@test.example", NEW).status_code == 303


@pytest.mark.parametrize("how", ["expired", "replaced", "disabled", "forged"])
def test_an_invitation_that_no_longer_counts_is_told_and_opens_nothing(site: Site, scene: Scene, how: str) -> None:
    path = f"/uitnodiging/{scene.address['token']}"
    with db.transaction():
        person = db.session.get_one(Person, scene.address["person_id"])
        if how == "expired":
            db.session.execute(update(Invitation).values(expires_at=db.now() - timedelta(seconds=1)))
        elif how == "replaced":
            service.invite(person, None, days=14, secret="x" * 40)
        elif how == "disabled":
            person.active = False
        else:
            path = "/uitnodiging/" + "0" * 64
    browser = site.browser()
    answer = browser.get(path)
    assert answer.status_code == 410
    assert "Deze uitnodiging werkt niet meer" in answer.text
    assert browser.post(path, {"password": NEW, "again": NEW}).status_code == 410
    with db.transaction(write=False):
        assert db.session.get_one(Person, scene.address["person_id"]).password_hash is None


def test_the_link_of_an_invitation_is_kept_nowhere(site: Site, scene: Scene) -> None:
    with db.transaction(write=False):
        kept = db.session.scalars(select(Invitation)).one()
        assert scene.address["token"] not in str(vars(kept))


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("kort", "kort", "Dit wachtwoord is te kort."),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "Dit wachtwoord is makkelijk te raden."),
        ("genodigde@test.example", "genodigde@test.example", "Uw e-mailadres kan niet uw wachtwoord zijn."),
        ("Genodigde-Genodigde-1", "Genodigde-Genodigde-1", "Dit wachtwoord is makkelijk te raden."),
        ("Gemeente1 raadslid", "Gemeente1 raadslid", "Dit wachtwoord is makkelijk te raden."),
        ("testvereniging", "testvereniging", "Dit wachtwoord is makkelijk te raden."),
        (NEW, NEW + "!", "Dit is niet hetzelfde wachtwoord."),
        ("x" * 1_001 + "abc", "x" * 1_001 + "abc", "Dit wachtwoord is te lang."),
    ],
)
def test_a_password_that_is_none_is_refused(site: Site, scene: Scene, password: str, again: str, sentence: str) -> None:
    path = f"/uitnodiging/{scene.address['token']}"
    answer = site.browser().submit(path, action=path, password=password, again=again)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert all_sessions() == 0


# --- Signing in


def plain(text: str) -> str:
    return re.sub(r'value="[^"]*"|data-now="[^"]*"', "", text)


def test_unknown_wrong_disabled_and_uninvited_read_the_same(site: Site, scene: Scene) -> None:
    with db.transaction():
        db.session.merge(scene.clerks[2]).active = False
    answers = [
        sign_in(site.browser(), email, password)
        for email, password in (
            ("onbekend@test.example", PASSWORD),
            ("griffier-gm0001@test.example", "niet het wachtwoord"),
            ("griffier-gm0003@test.example", PASSWORD),
            ("genodigde@test.example", PASSWORD),
            ("onbekend@test.example", "!"),
        )
    ]
    assert {a.status_code for a in answers} == {200}
    assert len({plain(a.text) for a in answers}) == 1
    assert WRONG in answers[0].text


def test_as_much_work_is_done_for_somebody_who_does_not_exist(
    site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    real = service.hasher.verify

    class Counting:
        def verify(self, known: str, password: str) -> bool:
            hashed.append(known)
            return real(known, password)

    monkeypatch.setattr(service, "hasher", Counting())
    for email in ("onbekend@test.example", "griffier-gm0001@test.example", "genodigde@test.example"):
        sign_in(site.browser(), email, "niet het wachtwoord")
    assert len(hashed) == 3


def test_the_eleventh_failure_is_stopped_and_others_still_get_in(site: Site, scene: Scene) -> None:
    browser = site.browser()
    for _ in range(10):
        assert sign_in(browser, "Griffier-GM0001@test.example ", "niet het wachtwoord").status_code == 200
    answer = sign_in(browser, "griffier-gm0001@test.example", PASSWORD)
    assert answer.status_code == 429
    assert "Over 15 minuten kan het weer." in answer.text
    assert sessions_of(scene.clerks[0]) == 0
    assert sign_in(browser, "griffier-gm0002@test.example").status_code == 303
    assert signed_in(browser)


def test_who_signs_in_well_is_never_stopped(site: Site, scene: Scene) -> None:
    for _ in range(12):
        assert sign_in(site.browser(), "griffier-gm0001@test.example").status_code == 303


def test_an_address_is_the_same_in_any_case(site: Site, scene: Scene) -> None:
    assert sign_in(site.browser(), " GRIFFIER-gm0001@TEST.example").status_code in {200, 303, 422}
    assert sign_in(site.browser(), "GRIFFIER-gm0001@TEST.example").status_code == 303


# --- Sessions


def test_signing_in_gives_a_new_session_and_ends_the_one_before(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    fixed = browser.token
    assert sign_in(browser, "griffier-gm0002@test.example").status_code == 303
    assert browser.token != fixed
    assert len(browser.token) >= 43
    assert not signed_in(Browser(site, fixed))


def test_a_session_that_somebody_planted_is_not_taken_over(site: Site, scene: Scene) -> None:
    browser = Browser(site, "geplant")
    assert not signed_in(browser)
    assert sign_in(browser, "griffier-gm0001@test.example").status_code == 303
    assert browser.token != "geplant"
    assert not signed_in(Browser(site, "geplant"))


def test_signing_out_ends_the_session_and_no_other_one(site: Site, scene: Scene) -> None:
    here, there = site.browser(scene.clerks[0]), site.browser(scene.clerks[0])
    stolen = here.token
    assert here.post("/uitloggen").status_code == 303
    assert not here.token
    assert not signed_in(Browser(site, stolen))
    assert signed_in(there)
    assert sessions_of(scene.clerks[0]) == 1


@pytest.mark.parametrize("how", ["password", "invitation"])
def test_a_new_password_ends_every_session(site: Site, scene: Scene, how: str) -> None:
    person = scene.clerks[0]
    old = [site.browser(person) for _ in range(3)]
    with db.transaction():
        same = db.session.get_one(Person, person.id)
        if how == "password":
            service.set_password(same, NEW, None)
            token = ""
        else:
            token = service.invitation_token(service.invite(same, None, days=1, secret="x" * 40).id, "x" * 40)
    if token:
        assert signed_in(old[0])
        path = f"/uitnodiging/{token}"
        assert site.browser().submit(path, action=path, password=NEW, again=NEW).status_code == 303
    assert not any(signed_in(browser) for browser in old)
    assert sign_in(site.browser(), person.email, NEW).status_code == 303


@pytest.mark.parametrize("how", ["disabled", "expired"])
def test_a_session_ends_with_the_account_and_with_its_time(site: Site, scene: Scene, how: str) -> None:
    browser = site.browser(scene.staff[Role.SECRETARIAT])
    assert browser.get("/secretariaat").status_code == 200
    with db.transaction():
        if how == "disabled":
            db.session.merge(scene.staff[Role.SECRETARIAT]).active = False
        else:
            db.session.execute(update(LoginSession).values(expires_at=db.now()))
    assert browser.get("/secretariaat").status_code == 303
    assert browser.post("/secretariaat/vergaderingen/alv/agenda", {"title": "x"}).status_code == 401


def test_a_role_that_is_taken_away_is_gone_at_the_next_page(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.staff[Role.SECRETARIAT])
    with db.transaction():
        db.session.merge(scene.staff[Role.SECRETARIAT]).roles.clear()
    assert browser.get("/secretariaat").status_code == 403


def test_only_the_hash_of_a_session_is_kept(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    with db.transaction(write=False):
        kept = {row.token_hash for row in db.session.scalars(select(LoginSession))}
    assert browser.token not in kept
    assert not signed_in(Browser(site, next(iter(kept))))


def test_two_people_with_one_address_cannot_be_made(database: str) -> None:
    with db.transaction():
        factories.association()
        factories.person("een")
    with pytest.raises(Exception, match="email_taken"), db.transaction():
        service.create_person(" EEN@test.example ", "Twee", None)


def test_a_link_to_an_account_comes_from_the_settings_and_not_from_the_request(
    make_site: Callable[..., Site], scene: Scene
) -> None:
    """Another Host that is trusted still leaves the link in the mail alone."""
    site = make_site(trusted_hosts=("localhost", "spiegel.example"))
    browser = site.browser(scene.staff[Role.SECRETARIAT])
    browser.post(
        f"/secretariaat/personen/{scene.address['person_id']}/uitnodigen",
        headers={"Host": "spiegel.example", "Origin": "http://spiegel.example"},
    )
    with db.transaction(write=False):
        query = select(Notice).where(Notice.kind == NoticeKind.INVITATION).order_by(Notice.created_at.desc())
        notice = db.session.scalars(query).first()
        assert notice is not None
        assert "spiegel" not in str(notice.context)
        person = db.session.get_one(Person, uuid.UUID(str(scene.address["person_id"])))
        link = facts(notice, person, site.settings.base_url, site.settings.secret_key)["link"]
    assert link.startswith("http://localhost:8000/uitnodiging/")
