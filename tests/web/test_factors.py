"""Second steps: app, passkeys and codes on paper, at signing in, and how they are lost and given back."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.factories import PASSWORD
from tests.web.authenticator import Authenticator
from tests.web.second_steps import (
    CONFIRM,
    PAGE,
    add_app,
    add_passkey,
    age,
    ask,
    code,
    count,
    logged,
    new_codes,
    rewind,
    session_of,
    sessions_of,
    shared_secret,
    sign_in,
    together,
    told,
    with_app,
)
from tests.web.site import Browser, Scene, Site
from vng_alv import db
from vng_alv.accounts import service
from vng_alv.accounts.models import Passkey, RecoveryCode
from vng_alv.accounts.queries import get_person
from vng_alv.identity import factors
from vng_alv.identity.passkeys import Party
from vng_alv.notifications.models import Notice

SECOND = "/inloggen/tweede-stap"
WRONG_CODE = "Deze code klopt niet, of is al gebruikt."
NEW = "heel lang nieuw wachtwoord"


# --- The app


def test_an_app_is_added_told_and_logged_and_codes_on_paper_come_with_it(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    browser = site.browser(clerk)
    age(browser, None)
    answer = browser.submit(PAGE + "/app", code=code(shared_secret(browser.get(PAGE + "/app"))))
    assert answer.headers["Location"] == "/account/herstelcodes"
    codes = new_codes(browser)
    assert len(set(codes)) == 10
    assert told(clerk) == ["totp_added"]
    assert [entry.data["what"] for entry in logged("factor.add")] == ["totp_added"]
    session = session_of(browser)
    assert session
    assert session.factor_at, "who shows the first code has shown a second step"
    with db.transaction(write=False):
        kept = str([vars(row) for row in db.session.scalars(select(RecoveryCode))]) + str(vars(get_person(clerk.id)))
    assert not [secret for secret in codes if secret in kept or secret.replace("-", "") in kept]


def test_the_secret_of_the_app_is_kept_encrypted_and_stays_the_same_until_it_is_used(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    secret = shared_secret(browser.get(PAGE + "/app"))
    assert browser.submit(PAGE + "/app", code="000000").status_code in {422, 303}
    assert shared_secret(browser.get(PAGE + "/app")) == secret, "a page that is loaded again shows the same picture"
    assert shared_secret(site.browser(scene.clerks[0]).get(PAGE + "/app")) != secret
    browser.submit(PAGE + "/app", code=code(secret))
    with db.transaction(write=False):
        kept = get_person(scene.clerks[0].id).totp_secret
    assert kept
    assert secret not in kept
    with db.transaction():  # put with somebody else, it is of no use
        other = db.session.merge(scene.clerks[1])
        other.totp_secret, other.totp_step = kept, 0
    for person, key in ((other, site.settings.secret_key), (scene.clerks[0], "another key" * 4)):
        rewind(person)
        with db.transaction():
            assert not factors.shown(get_person(person.id), code(secret), "", Party(site.settings.base_url, key))
    assert shared_secret(browser.get(PAGE + "/app")) != secret


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "١٢٣٤٥٦", "1234567", "' OR 1=1"])
def test_what_is_no_code_adds_no_app(site: Site, scene: Scene, typed: str) -> None:
    answer = site.browser(scene.clerks[0]).submit(PAGE + "/app", code=typed)
    assert answer.status_code == 422
    with db.transaction(write=False):
        assert get_person(scene.clerks[0].id).totp_secret is None
    assert told(scene.clerks[0]) == []


def test_a_password_alone_gives_no_session_to_who_has_a_second_step(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    with_app(site, clerk)
    browser, before = site.browser(), sessions_of(clerk)
    answer = sign_in(browser, clerk)
    assert answer.headers["Location"] == SECOND
    assert not browser.token
    assert sessions_of(clerk) == before
    assert browser.get("/account/tweede-stap").headers["Location"].startswith("/inloggen")


def test_the_code_of_the_app_opens_a_session_with_a_second_step_and_works_once(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    _, secret = with_app(site, clerk)
    browser, other = site.browser(), site.browser()
    sign_in(browser, clerk)
    sign_in(other, clerk)
    now = code(secret)
    assert browser.submit(SECOND, code=f" {now[:3]} {now[3:]} ").status_code == 303
    session = session_of(browser)
    assert session
    assert session.factor_at
    again = other.submit(SECOND, code=now)
    assert again.status_code == 200
    assert WRONG_CODE in again.text
    assert not other.token
    assert len(logged("factor.refuse")) == 1
    assert browser.get("/stembewijs").status_code == 303


@pytest.mark.parametrize(("later", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_of_one_step_around_now_is_taken(site: Site, scene: Scene, later: int, taken: bool) -> None:
    _, secret = with_app(site, scene.clerks[0])
    typed = code(secret, later)
    with db.transaction():
        party = Party(site.settings.base_url, site.settings.secret_key)
        assert factors.shown(get_person(scene.clerks[0].id), typed, "", party) is taken
    if taken and later < 1:
        with db.transaction():
            earlier = code(secret, -1)
            assert not factors.shown(get_person(scene.clerks[0].id), earlier, "", party), "no code of before the last"


def test_a_code_that_two_send_at_once_opens_one_session(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    _, secret = with_app(site, clerk)
    before, typed = sessions_of(clerk), code(secret)
    browsers = [site.browser() for _ in range(4)]
    for browser in browsers:
        sign_in(browser, clerk)
    together(*(lambda b=browser: b.post(SECOND, {"code": typed}) for browser in browsers))
    assert sum(bool(browser.token) for browser in browsers) == 1
    assert sessions_of(clerk) == before + 1


def test_ten_wrong_codes_are_stopped_and_the_password_is_not(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    _, secret = with_app(site, clerk)
    browser = site.browser()
    sign_in(browser, clerk)
    for _ in range(10):
        assert browser.submit(SECOND, code="not it").status_code == 200
    assert browser.post(SECOND, {"code": code(secret)}).status_code == 429
    assert not browser.token
    assert len(logged("factor.refuse")) == 10
    assert sign_in(site.browser(), clerk).status_code == 303


# --- Between the password and the second step


def test_what_was_begun_with_a_password_ends_when_the_password_changes(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    _, secret = with_app(site, clerk)
    browser = site.browser()
    sign_in(browser, clerk)
    assert browser.get(SECOND).status_code == 200
    with db.transaction():
        service.set_password(get_person(clerk.id), NEW, None)
    assert browser.get(SECOND).headers["Location"] == "/inloggen"
    assert browser.post(SECOND, {"code": code(secret)}).headers["Location"] == "/inloggen"
    assert not browser.token


@pytest.mark.parametrize("how", ["forged", "disabled", "old", "reset"])
def test_a_waiting_that_does_not_count_opens_nothing(
    site: Site, scene: Scene, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = scene.clerks[0]
    _, secret = with_app(site, clerk)
    browser = site.browser()
    sign_in(browser, clerk)
    kept = browser.client.get_cookie("alv-second")
    assert kept
    if how == "forged":
        browser.client.set_cookie("alv-second", kept.value[:-2] + "xx")
    elif how == "old":
        monkeypatch.setattr("vng_alv.identity.pending.SECONDS", -1)
    else:
        with db.transaction():
            person = get_person(clerk.id)
            if how == "disabled":
                person.active = False
            else:
                factors.remove_all(person)
    assert browser.post(SECOND, {"code": code(secret)}).headers["Location"] == "/inloggen"
    assert not browser.token


def test_signed_cookies_are_signed_with_sha_256(site: Site, scene: Scene) -> None:
    with_app(site, scene.clerks[0])
    browser = site.browser()
    browser.get(SECOND)  # nothing waits yet, which is told
    told_so = browser.client.get_cookie("alv-flash")
    sign_in(browser, scene.clerks[0])
    waits = browser.client.get_cookie("alv-second")
    assert told_so
    assert waits
    for cookie in (told_so, waits):
        signature = cookie.value.rpartition(".")[2]
        assert len(base64.urlsafe_b64decode(signature + "=")) == 32, cookie.key


def test_after_both_steps_one_comes_where_one_wanted_to_be(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    _, secret = with_app(site, clerk)
    for wanted, reached in (("/stemmen/alv", "/stemmen/alv"), ("//kwaad.example/", "/")):
        rewind(clerk)
        browser = site.browser()
        browser.submit(f"/inloggen?next={wanted}", action="/inloggen", email=clerk.email, password=PASSWORD)
        assert browser.submit(SECOND, code=code(secret)).headers["Location"] == reached


# --- Codes on paper


def test_a_recovery_code_opens_once_and_its_owner_hears_of_it(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    owner, _ = with_app(site, clerk)
    first, second = new_codes(owner)[:2]
    browser, other = site.browser(), site.browser()
    sign_in(browser, clerk)
    assert browser.submit(SECOND, code=first.upper().replace("-", " ")).status_code == 303
    assert told(clerk) == ["totp_added", "recovery_code_used"]
    assert len(logged("factor.use")) == 1
    sign_in(other, clerk)
    assert WRONG_CODE in other.submit(SECOND, code=first).text
    assert not other.token
    assert other.submit(SECOND, code=second).status_code == 303
    assert "U heeft nog 8 herstelcodes." in owner.get(PAGE).text


def test_new_recovery_codes_take_the_place_of_all_earlier_ones(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    owner, _ = with_app(site, clerk)
    old = new_codes(owner)
    assert owner.submit(PAGE, action="/herstelcodes").status_code == 303
    new = new_codes(owner)
    assert len(new) == 10
    assert not set(old) & set(new)
    browser = site.browser()
    sign_in(browser, clerk)
    assert WRONG_CODE in browser.submit(SECOND, code=old[0]).text
    assert browser.submit(SECOND, code=new[0]).status_code == 303
    assert "recovery_codes_new" in told(clerk)
    assert [entry.actor_id for entry in logged("factor.codes")] == [clerk.id]


def test_recovery_codes_are_shown_for_half_an_hour(site: Site, scene: Scene) -> None:
    owner, _ = with_app(site, scene.clerks[0])
    assert len(new_codes(owner)) == 10
    with db.transaction():
        db.session.execute(update(RecoveryCode).values(created_at=db.now() - timedelta(minutes=31)))
    assert owner.get("/account/herstelcodes").headers["Location"] == PAGE


def test_a_recovery_code_of_somebody_else_opens_nothing(site: Site, scene: Scene) -> None:
    other, _ = with_app(site, scene.clerks[1])
    with_app(site, scene.clerks[0])
    browser = site.browser()
    sign_in(browser, scene.clerks[0])
    assert WRONG_CODE in browser.submit(SECOND, code=new_codes(other)[0]).text
    assert not browser.token


# --- Removing


def test_the_last_second_step_stays_with_whoever_needs_one(site: Site, scene: Scene) -> None:
    browser, _ = with_app(site, scene.clerks[0])
    page = browser.get(PAGE)
    assert "/app/verwijderen" not in page.text
    answer = browser.post(PAGE + "/app/verwijderen")
    assert answer.status_code == 422
    assert "Dit is uw enige tweede stap" in answer.text
    with db.transaction(write=False):
        assert get_person(scene.clerks[0].id).totp_secret
    add_passkey(browser)
    assert browser.submit(PAGE, action="/app/verwijderen").status_code == 303
    assert told(scene.clerks[0]) == ["totp_added", "passkey_added", "totp_removed"]
    assert [entry.data["what"] for entry in logged("factor.remove")] == ["totp_removed"]


def test_two_who_remove_the_last_two_at_once_leave_one(site: Site, scene: Scene) -> None:
    browser, _ = with_app(site, scene.clerks[0])
    add_passkey(browser)
    with db.transaction(write=False):
        key = db.session.scalars(select(Passkey.id)).one()
    other = Browser(site, browser.token)
    together(
        lambda: browser.post(PAGE + "/app/verwijderen"),
        lambda: other.post(f"{PAGE}/passkey/{key}/verwijderen"),
    )
    with db.transaction(write=False):
        assert factors.has_factor(get_person(scene.clerks[0].id))


def test_who_needs_none_may_remove_the_last_one_and_its_codes_go_too(site: Site, scene: Scene) -> None:
    browser, _ = with_app(site, scene.official)
    assert browser.submit(PAGE, action="/app/verwijderen").status_code == 303
    assert count(RecoveryCode) == 0
    assert sign_in(site.browser(), scene.official).headers["Location"] == "/"


def test_removing_ends_the_other_sessions_of_that_person_only(site: Site, scene: Scene) -> None:
    browser, _ = with_app(site, scene.clerks[0])
    add_passkey(browser)
    others = [site.browser(scene.clerks[0]), site.browser(scene.clerks[1])]
    browser.submit(PAGE, action="/app/verwijderen")
    assert session_of(browser)
    assert [session_of(other) is not None for other in others] == [False, True]


def test_nobody_removes_the_passkey_of_somebody_else(site: Site, scene: Scene) -> None:
    add_passkey(site.browser(scene.clerks[0]))
    with db.transaction(write=False):
        key = db.session.scalars(select(Passkey.id)).one()
    thief, _ = with_app(site, scene.clerks[1])
    assert thief.post(f"{PAGE}/passkey/{key}/verwijderen").status_code == 404
    assert count(Passkey) == 1


# --- Who needs one


def test_a_role_and_an_office_with_a_vote_need_a_second_step_and_a_civil_servant_does_not(
    site: Site, scene: Scene
) -> None:
    with db.transaction(write=False):
        assert factors.needed(get_person(scene.clerks[0].id))
        assert all(factors.needed(get_person(person.id)) for person in scene.staff.values())
        assert not factors.needed(get_person(scene.official.id))
        assert not factors.needed(get_person(scene.nobody.id))


def test_who_needs_one_and_has_none_is_led_to_it_and_back(site: Site, scene: Scene) -> None:
    browser = site.browser()
    sign_in(browser, scene.clerks[0])
    answer = browser.get("/stemmen/alv?gemeente=GM0001")
    assert answer.headers["Location"] == f"{PAGE}?next=/stemmen/alv?gemeente%3DGM0001"
    page = browser.get(answer.headers["Location"])
    assert "Maak een tweede stap" in page.text
    assert "Later" not in page.text
    assert browser.get("/vergaderingen/alv/stukken/R2/reageren?gemeente=GM0001").status_code == 200
    here = "/account/tweede-stap/app?next=/stemmen/alv"
    added = browser.submit(here, code=code(shared_secret(browser.get(here))))
    assert added.headers["Location"] == "/account/herstelcodes?next=/stemmen/alv"
    assert 'href="/stemmen/alv"' in browser.get(added.headers["Location"]).text
    assert browser.get("/stemmen/alv").status_code == 200


def test_more_second_steps_are_added_with_a_fresh_one_only(site: Site, scene: Scene) -> None:
    browser, _ = with_app(site, scene.clerks[0])
    question = ask(browser, PAGE + "/passkey/vraag")
    age(browser, 16)
    assert CONFIRM in browser.post(PAGE + "/passkey", {"passkey": Authenticator().create(question)}).text
    assert browser.post(PAGE + "/passkey/vraag").status_code == 403
    for path in ("/app", "/passkey"):
        assert browser.get(PAGE + path).headers["Location"].startswith("/bevestigen?next=")
    for path in ("/app", "/app/verwijderen", "/passkey/vraag"):
        assert CONFIRM in browser.post(PAGE + path).text
    assert CONFIRM in browser.post("/account/herstelcodes").text
    assert count(Passkey) == 0


def test_the_mails_of_a_change_are_asked_for_once_each(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    before = count(Notice)
    add_app(browser)
    assert count(Notice) == before + 1
