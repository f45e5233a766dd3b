"""Accepting an invitation: an account and a second step in one flow, once, however it is tried."""

import pytest
from sqlalchemy import select

from tests import factories
from tests.web.authenticator import Authenticator
from tests.web.second_steps import (
    PAGE,
    add_passkey,
    ask,
    code,
    count,
    new_codes,
    rewind,
    session_of,
    shared_secret,
    sign_in,
    together,
    told,
    with_app,
)
from tests.web.site import Browser, Scene, Site
from vng_alv import db
from vng_alv.accounts import service
from vng_alv.accounts.models import Entry, Passkey, Person
from vng_alv.accounts.queries import get_person
from vng_alv.domain.mandates import OfficeKind
from vng_alv.identity import factors
from vng_alv.members.service import give_office

NEW = "heel lang nieuw wachtwoord"


@pytest.fixture
def invited(scene: Scene) -> tuple[Person, str]:
    """A delegate-to-be, and the path of the link in their mail."""
    with db.transaction():
        person = get_person(scene.address["person_id"])
        give_office(person, db.session.merge(scene.members[0]), OfficeKind.CLERK, None)
    return person, f"/uitnodiging/{scene.address['token']}"


def link_for(person: Person) -> str:
    """Another link for somebody."""
    with db.transaction():
        made = service.invite(get_person(person.id), None, days=1, secret="x" * 40)
    return f"/uitnodiging/{service.invitation_token(made.id, 'x' * 40)}"


def join_with_passkey(browser: Browser, path: str, device: Authenticator):  # type: ignore[no-untyped-def]
    return browser.post(path + "/passkey", {"passkey": device.create(ask(browser, path + "/passkey/vraag"))})


def test_with_a_passkey_one_tap_is_an_account_a_session_and_a_second_step(
    site: Site, scene: Scene, invited: tuple[Person, str]
) -> None:
    (person, path), browser, device = invited, site.browser(), Authenticator()
    assert "Maak een passkey" in browser.get(path).text
    answer = join_with_passkey(browser, path, device)
    assert answer.headers["Location"] == "/account/herstelcodes"
    assert len(new_codes(browser)) == 10
    session = session_of(browser)
    assert session
    assert session.entry is Entry.INVITATION
    assert session.factor_at
    assert browser.get("/stembewijs").headers["Location"] == "/stembewijs/-"
    assert told(person) == ["passkey_added"]
    other = site.browser()
    device.count = 1
    signed = other.post("/inloggen/passkey", {"passkey": device.get(ask(other, "/inloggen/passkey/vraag"))})
    assert signed.status_code == 303
    assert other.token
    with db.transaction(write=False):
        assert get_person(person.id).password_hash is None


def test_with_a_password_comes_an_app_and_until_then_no_vote(
    site: Site, scene: Scene, invited: tuple[Person, str]
) -> None:
    (_, path), browser = invited, site.browser()
    answer = browser.submit(path, action=path, password=NEW, again=NEW)
    assert answer.headers["Location"] == PAGE + "/app"
    assert browser.get("/stemmen/alv").headers["Location"].startswith(PAGE)
    page = browser.get(PAGE + "/app")
    assert "Later" not in page.text
    assert "otpauth://totp/" in page.text
    added = browser.submit(PAGE + "/app", code=code(shared_secret(page)))
    assert added.headers["Location"] == "/account/herstelcodes"
    assert browser.get("/stemmen/alv").status_code == 200


def test_a_civil_servant_may_do_it_later(site: Site, scene: Scene) -> None:
    path, browser = f"/uitnodiging/{scene.address['token']}", site.browser()
    browser.submit(path, action=path, password=NEW, again=NEW)
    assert "Later" in browser.get(PAGE + "/app").text
    assert "Later" in browser.get(PAGE).text


def test_a_reload_in_the_middle_loses_nobody(site: Site, scene: Scene, invited: tuple[Person, str]) -> None:
    (_, path), browser = invited, site.browser()
    browser.submit(path, action=path, password=NEW, again=NEW)
    assert browser.get(path).headers["Location"] == PAGE
    assert browser.post(path, {"password": NEW, "again": NEW}).headers["Location"] == PAGE
    assert browser.post(path + "/passkey", {"passkey": "{}"}).headers["Location"] == PAGE
    assert browser.get(PAGE).status_code == 200
    secret = shared_secret(browser.get(PAGE + "/app"))
    assert shared_secret(browser.get(PAGE + "/app")) == secret
    browser.submit(PAGE + "/app", code=code(secret))
    assert browser.get(path).headers["Location"] == "/"
    assert len(new_codes(browser)) == len(new_codes(browser)) == 10
    assert site.browser().get(path).status_code == 410
    assert site.browser(scene.clerks[1]).get(path).status_code == 410


@pytest.mark.parametrize("how", ["passkey", "password"])
def test_a_link_works_once_in_every_way(site: Site, scene: Scene, invited: tuple[Person, str], how: str) -> None:
    (person, path), first, thief = invited, site.browser(), site.browser()
    question = ask(thief, path + "/passkey/vraag")
    if how == "passkey":
        assert join_with_passkey(first, path, Authenticator()).status_code == 303
    else:
        assert first.submit(path, action=path, password=NEW, again=NEW).status_code == 303
    assert thief.post(path + "/passkey/vraag").status_code == 422
    assert thief.post(path + "/passkey", {"passkey": Authenticator().create(question)}).status_code == 410
    assert thief.post(path, {"password": NEW * 2, "again": NEW * 2}).status_code == 410
    assert not thief.token
    assert count(Passkey) == (how == "passkey")
    with db.transaction(write=False):
        assert service.check_password(person.email, NEW * 2) is None


def test_many_who_use_a_link_at_once_are_one(site: Site, scene: Scene, invited: tuple[Person, str]) -> None:
    (person, path) = invited
    browsers = [site.browser() for _ in range(4)]
    answers = [Authenticator().create(ask(browser, path + "/passkey/vraag")) for browser in browsers[:2]]
    browsers[2].csrf()
    browsers[3].csrf()
    found = together(
        *(
            lambda b=b, a=a: b.post(path + "/passkey", {"passkey": a}).status_code
            for b, a in zip(browsers[:2], answers, strict=True)
        ),
        *(lambda b=b: b.post(path, {"password": NEW, "again": NEW}).status_code for b in browsers[2:]),
    )
    assert sorted(found) == [303, 410, 410, 410]  # type: ignore[type-var]
    assert sum(bool(browser.token) for browser in browsers) == 1
    with db.transaction(write=False):
        assert factors.has_factor(get_person(person.id)) is not bool(get_person(person.id).password_hash)


@pytest.mark.parametrize("answer", ["", "{}", "forged"])
def test_a_passkey_that_is_refused_leaves_the_link_as_it_was(
    site: Site, scene: Scene, invited: tuple[Person, str], answer: str
) -> None:
    (person, path), browser = invited, site.browser()
    if answer == "forged":
        answer = Authenticator().create(ask(browser, path + "/passkey/vraag"), origin="https://kwaad.example")
    refused = browser.post(path + "/passkey", {"passkey": answer})
    assert refused.status_code == 422
    assert "Dat lukte niet met deze passkey." in refused.text
    assert not browser.token
    assert told(person) == []
    assert join_with_passkey(browser, path, Authenticator()).status_code == 303


def test_a_question_for_one_invitation_is_no_answer_to_another(
    site: Site, scene: Scene, invited: tuple[Person, str]
) -> None:
    other, browser = link_for(scene.nobody), site.browser()
    answer = Authenticator().create(ask(browser, other + "/passkey/vraag"))
    assert browser.post(invited[1] + "/passkey", {"passkey": answer}).status_code == 422
    assert count(Passkey) == 0


# --- A new link for somebody who has an account


def test_a_link_alone_never_passes_by_the_second_step_that_somebody_has(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    _, secret = with_app(site, clerk)
    path, browser = link_for(clerk), site.browser()
    page = browser.get(path)
    assert "Maak een passkey" not in page.text
    assert browser.post(path + "/passkey/vraag").status_code == 422
    other = ask(site.browser(clerk), PAGE + "/passkey/vraag")
    assert browser.post(path + "/passkey", {"passkey": Authenticator().create(other)}).status_code == 422
    assert count(Passkey) == 0
    assert browser.submit(path, password=NEW, again=NEW).headers["Location"] == "/inloggen/tweede-stap"
    assert not browser.token
    assert browser.submit("/inloggen/tweede-stap", code=code(secret)).headers["Location"] == "/"
    assert browser.token


def test_who_lost_a_passkey_and_has_no_password_comes_in_with_a_link_and_a_code_on_paper(
    site: Site, scene: Scene, invited: tuple[Person, str]
) -> None:
    (person, path), browser = invited, site.browser()
    join_with_passkey(browser, path, Authenticator())
    codes, again = new_codes(browser), site.browser()
    assert again.submit(link_for(person), password=NEW, again=NEW).headers["Location"] == "/inloggen/tweede-stap"
    assert again.submit("/inloggen/tweede-stap", code=codes[3]).status_code == 303
    assert again.get("/stemmen/alv").status_code == 200


def test_a_passkey_of_a_new_link_ends_the_sessions_of_before_and_leaves_the_password(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    old, browser = site.browser(clerk), site.browser()
    assert join_with_passkey(browser, link_for(clerk), Authenticator()).status_code == 303
    assert session_of(old) is None
    with db.transaction(write=False):
        assert service.check_password(clerk.email, factories.PASSWORD)


def test_two_links_of_one_person_share_no_passkey(site: Site, scene: Scene) -> None:
    """The passkey of a first account cannot be planted in another one."""
    device = add_passkey(site.browser(scene.clerks[0]))
    browser = site.browser()
    answer = join_with_passkey(browser, link_for(scene.nobody), device)
    assert answer.status_code == 422
    assert "al in gebruik" in answer.text
    with db.transaction(write=False):
        assert db.session.scalars(select(Passkey.person_id)).one() == scene.clerks[0].id
    rewind(scene.nobody)
    assert sign_in(site.browser(), scene.nobody).status_code == 303, "and the link changed nothing"
