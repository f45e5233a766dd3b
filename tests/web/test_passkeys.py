"""Passkeys: what counts as the answer of one, and everything that does not."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.web.authenticator import PRESENT, Authenticator, b64
from tests.web.second_steps import (
    PAGE,
    add_passkey,
    ask,
    count,
    logged,
    session_of,
    sessions_of,
    sign_in,
    together,
    told,
)
from tests.web.site import Browser, Scene, Site
from vng_alv import db
from vng_alv.accounts.models import Entry, Passkey, PasskeyChallenge
from vng_alv.identity import passkeys

SECOND = "/inloggen/tweede-stap"
QUESTION = "/inloggen/passkey/vraag"
REFUSED = "Dat lukte niet met deze passkey."


def test_a_passkey_is_both_steps_in_one(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    device = add_passkey(site.browser(clerk))
    assert told(clerk) == ["passkey_added"]
    browser = site.browser()
    answer = browser.post("/inloggen/passkey", {"passkey": device.get(ask(browser, QUESTION)), "next": "/stemmen/alv"})
    assert answer.headers["Location"] == "/stemmen/alv"
    session = session_of(browser)
    assert session
    assert session.entry is Entry.PASSKEY
    assert session.factor_at
    assert browser.get("/stemmen/alv").status_code == 200


def test_a_session_that_was_planted_is_not_the_one_that_a_passkey_opens(site: Site, scene: Scene) -> None:
    device = add_passkey(site.browser(scene.clerks[0]))
    browser = Browser(site, "geplant")
    browser.post("/inloggen/passkey", {"passkey": device.get(ask(browser, QUESTION))})
    assert browser.token not in {"", "geplant"}
    second = browser.token
    device.count = 1
    browser.post("/inloggen/passkey", {"passkey": device.get(ask(browser, QUESTION))})
    assert browser.token not in {"", second}
    assert session_of(Browser(site, second)) is None, "signing in again ends the session before"


def test_the_answer_of_a_passkey_is_taken_once(site: Site, scene: Scene) -> None:
    device = add_passkey(site.browser(scene.clerks[0]))
    browser, thief = site.browser(), site.browser()
    answer = device.get(ask(browser, QUESTION))
    assert browser.post("/inloggen/passkey", {"passkey": answer}).status_code == 303
    again = thief.post("/inloggen/passkey", {"passkey": answer})
    assert again.status_code == 200
    assert REFUSED in again.text
    assert not thief.token
    assert [entry.subject for entry in logged("factor.refuse")] == [f"person:{scene.clerks[0].id}"]


def test_an_answer_that_is_sent_many_times_at_once_opens_one_session(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    device = add_passkey(site.browser(clerk))
    browsers = [site.browser() for _ in range(4)]
    answer, before = device.get(ask(browsers[0], QUESTION)), sessions_of(clerk)
    for browser in browsers:
        browser.csrf()
    together(*(lambda b=browser: b.post("/inloggen/passkey", {"passkey": answer}) for browser in browsers))
    assert sum(bool(browser.token) for browser in browsers) == 1
    assert sessions_of(clerk) == before + 1


@pytest.mark.parametrize(
    "how",
    ["origin", "http origin", "rp", "not verified", "key", "count", "unknown", "handle", "purpose", "late", "own"],
)
def test_a_forged_answer_of_a_passkey_opens_nothing(
    site: Site, scene: Scene, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = site.browser(scene.clerks[0])
    device = add_passkey(owner)
    with db.transaction():
        db.session.execute(update(Passkey).values(sign_count=5))
    device.count = 6
    browser = site.browser()
    if how == "late":
        monkeypatch.setattr(passkeys, "ANSWER_WITHIN", timedelta(seconds=-1))
    question = ask(owner, PAGE + "/passkey/vraag") if how == "purpose" else ask(browser, QUESTION)
    if how == "own":  # a challenge of one's own making
        question["challenge"] = "A" * 86
    forged = Authenticator(device.credential_id, 6, device.handle) if how == "key" else device
    if how == "unknown":
        forged = Authenticator(count=6, handle=device.handle)
    elif how == "handle":
        forged.handle = scene.clerks[1].id.bytes
    elif how == "count":
        forged.count = 5
    answer = forged.get(
        question,
        origin={"origin": "https://kwaad.example", "http origin": "http://localhost:9"}.get(
            how, site.settings.base_url
        ),
        rp="kwaad.example" if how == "rp" else "localhost",
        flags=PRESENT if how == "not verified" else 5,
    )
    told_no = browser.post("/inloggen/passkey", {"passkey": answer})
    assert told_no.status_code == 200
    assert REFUSED in told_no.text
    assert not browser.token
    assert len(logged("factor.refuse")) == 1


def test_the_same_answer_unforged_opens(site: Site, scene: Scene) -> None:
    """What the test of forgeries changes one by one, left as it is."""
    device = add_passkey(site.browser(scene.clerks[0]))
    with db.transaction():
        db.session.execute(update(Passkey).values(sign_count=5))
    device.count = 6
    browser = site.browser()
    assert browser.post("/inloggen/passkey", {"passkey": device.get(ask(browser, QUESTION))}).status_code == 303
    with db.transaction(write=False):
        assert db.session.scalars(select(Passkey.sign_count)).one() == 6


@pytest.mark.parametrize("typed", ["", "{}", "[]", "null", '{"id": 1}', "x" * 30_000, '{"id":"A","rawId":"A"}'])
def test_what_is_no_answer_of_a_passkey_is_refused_with_a_sentence(site: Site, scene: Scene, typed: str) -> None:
    browser = site.browser()
    answer = browser.post("/inloggen/passkey", {"passkey": typed})
    assert answer.status_code == 200
    assert REFUSED in answer.text
    made = site.browser(scene.clerks[0]).post(PAGE + "/passkey", {"passkey": typed})
    assert made.status_code == 422
    assert REFUSED in made.text
    assert count(Passkey) == 0


@pytest.mark.parametrize("how", ["origin", "rp", "not verified", "other person", "sign in"])
def test_a_forged_new_passkey_is_not_kept(site: Site, scene: Scene, how: str) -> None:
    browser, device = site.browser(scene.clerks[0]), Authenticator()
    asking = site.browser(scene.clerks[1]) if how == "other person" else browser
    question = ask(asking, PAGE + "/passkey/vraag")
    if how == "sign in":
        question["challenge"] = ask(browser, QUESTION)["challenge"]
    answer = device.create(
        question,
        origin="https://kwaad.example" if how == "origin" else site.settings.base_url,
        rp="kwaad.example" if how == "rp" else "localhost",
        flags=PRESENT if how == "not verified" else 5,
    )
    assert browser.post(PAGE + "/passkey", {"passkey": answer}).status_code == 422
    assert count(Passkey) == 0
    assert told(scene.clerks[0]) == []


def test_a_passkey_has_one_owner(site: Site, scene: Scene) -> None:
    device = add_passkey(site.browser(scene.clerks[0]))
    thief = site.browser(scene.clerks[1])
    answer = thief.post(PAGE + "/passkey", {"passkey": device.create(ask(thief, PAGE + "/passkey/vraag"))})
    assert answer.status_code == 422
    assert "al in gebruik" in answer.text
    assert count(Passkey) == 1


def test_the_passkey_of_somebody_else_is_no_second_step(site: Site, scene: Scene) -> None:
    add_passkey(site.browser(scene.clerks[0]))
    other = add_passkey(site.browser(scene.clerks[1]))
    browser = site.browser()
    sign_in(browser, scene.clerks[0])
    answer = browser.post(SECOND, {"passkey": other.get(ask(browser, QUESTION))})
    assert REFUSED in answer.text
    assert not browser.token


def test_a_passkey_is_a_second_step_after_a_password_too(site: Site, scene: Scene) -> None:
    device = add_passkey(site.browser(scene.clerks[0]))
    browser = site.browser()
    sign_in(browser, scene.clerks[0])
    assert browser.post(SECOND, {"passkey": device.get(ask(browser, QUESTION))}).status_code == 303
    session = session_of(browser)
    assert session
    assert session.factor_at


def test_the_question_names_this_site_and_leaves_out_what_one_has(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    device = add_passkey(browser)
    new, old = ask(browser, PAGE + "/passkey/vraag"), ask(site.browser(), QUESTION)
    assert new["rp"]["id"] == old["rpId"] == "localhost"  # type: ignore[index]
    assert new["authenticatorSelection"]["residentKey"] == "required"  # type: ignore[index]
    assert new["authenticatorSelection"]["userVerification"] == old["userVerification"] == "required"  # type: ignore[index]
    assert [key["id"] for key in new["excludeCredentials"]] == [b64(device.credential_id)]  # type: ignore[attr-defined]
    assert not old.get("allowCredentials"), "who has which passkeys is told to nobody"


def test_asking_writes_nothing_and_what_was_answered_is_forgotten_in_time(site: Site, scene: Scene) -> None:
    device, browser = add_passkey(site.browser(scene.clerks[0])), site.browser()
    before = count(PasskeyChallenge)
    questions = [ask(browser, QUESTION) for _ in range(3)]
    assert count(PasskeyChallenge) == before
    with db.transaction():
        db.session.execute(update(PasskeyChallenge).values(expires_at=db.now()))
    browser.post("/inloggen/passkey", {"passkey": device.get(questions[0])})
    assert count(PasskeyChallenge) == 1
