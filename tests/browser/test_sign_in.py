"""Signing in as people do: with a passkey of a (virtual) device, with an app, and confirming an act of weight."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import CDPSession, Page, expect
from sqlalchemy import update

from tests.browser.conftest import Hall, Invite, Visit
from tests.factories import PASSWORD
from tests.web.second_steps import code
from tests.worker.running import Demo
from vng_alv import db
from vng_alv.accounts.models import LoginSession, Person
from vng_alv.domain.permissions import Role

pytestmark = pytest.mark.browser


def device(page: Page) -> CDPSession:
    """Give this window a device with a fingerprint reader that always recognises its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


#: A virtual device answers at once to what a browser only offers while one types; so it is offered where asked for.
NO_OFFER = """if (window.PublicKeyCredential && location.hash !== "#aangeboden")
    PublicKeyCredential.isConditionalMediationAvailable = async () => false;"""


def press(page: Page, name: str) -> None:
    """Press the button with exactly this name."""
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def sign_out(page: Page) -> None:
    """Leave."""
    page.get_by_role("button", name="Uitloggen").click()
    expect(page.get_by_role("link", name="Inloggen")).to_be_visible()


def time_goes_by(demo: Demo, person: Person) -> None:
    """A quarter of an hour later: the second step is not fresh any more, and the app shows another code."""
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    with db.transaction():
        sessions = update(LoginSession).where(LoginSession.person_id == person.id)
        db.session.execute(sessions.values(factor_at=db.now() - timedelta(minutes=16)))
        db.session.execute(update(Person).where(Person.id == person.id).values(totp_step=0))
    db.engine().dispose()


def link_an_app(page: Page) -> str:
    """Follow the page that shows the picture; the secret that is in it."""
    expect(page.get_by_role("heading", name="App koppelen")).to_be_visible()
    secret = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("Code uit de app").fill(code(secret))
    press(page, "Koppel de app")
    expect(page.get_by_role("heading", name="Uw herstelcodes")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=re.compile(r"^\w{4}-\w{4}-\w{4}$"))).to_have_count(10)
    page.get_by_role("link", name="Ik heb ze bewaard").click()
    return secret


PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


def test_invited_on_a_phone_one_tap_to_the_ballot_and_back_without_a_name(
    visit: Visit, hall: Callable[..., Hall], invite: Invite
) -> None:
    at = hall()
    found = invite(at.code)
    page = visit(path="/over", **PHONE)
    page.add_init_script(NO_OFFER)
    device(page)
    page.goto(found.path)
    expect(page.get_by_label("Kies een wachtwoord")).to_be_hidden()
    press(page, "Maak een passkey")
    expect(page.get_by_role("heading", name="Uw herstelcodes")).to_be_visible()
    page.get_by_role("link", name="Ik heb ze bewaard").click()
    page.goto(at.ballot)
    expect(page.get_by_text("U stemt voor")).to_be_visible()
    sign_out(page)
    page.goto("/inloggen?next=" + at.ballot)
    press(page, "Inloggen met passkey")
    expect(page).to_have_url(re.compile(re.escape(at.ballot)))
    expect(page.get_by_text("U stemt voor")).to_be_visible()
    sign_out(page)
    page.goto(f"/inloggen?next={at.ballot}#aangeboden", wait_until="commit")
    expect(page.get_by_text("U stemt voor")).to_be_visible()


def test_a_passkey_that_is_not_there_is_told_and_the_page_still_works(visit: Visit) -> None:
    page = visit(path="/over")
    session = device(page)
    page.goto("/inloggen")
    press(page, "Inloggen met passkey")
    expect(page.get_by_role("main").get_by_text("Er is niets gebeurd")).to_be_visible()
    session.send("WebAuthn.disable")
    page.get_by_label("E-mailadres").fill("niemand@test.example")
    page.get_by_label("Wachtwoord", exact=True).fill("een lang wachtwoord")
    press(page, "Inloggen")
    expect(page.get_by_text("horen niet bij elkaar")).to_be_visible()


def test_with_a_password_and_an_app_and_confirming_before_closing_a_round(
    visit: Visit, hall: Callable[..., Hall], invite: Invite, demo: Demo
) -> None:
    at, found = hall(), invite("", Role.CHAIR)
    page = visit(path=found.path)
    page.get_by_text("Met een wachtwoord").click()
    page.get_by_label("Kies een wachtwoord").fill(PASSWORD)
    page.get_by_label("Het wachtwoord nog een keer").fill(PASSWORD)
    press(page, "Bewaar en ga verder")
    secret = link_an_app(page)
    sign_out(page)
    time_goes_by(demo, found.person)
    page.goto("/inloggen")
    page.get_by_label("E-mailadres").fill(found.person.email)
    page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    press(page, "Inloggen")
    expect(page.get_by_role("heading", name="De tweede stap")).to_be_visible()
    page.get_by_label("Code").fill(code(secret))
    press(page, "Inloggen")
    expect(page.get_by_role("button", name="Uitloggen")).to_be_visible()
    time_goes_by(demo, found.person)
    page.goto(f"/secretariaat/vergaderingen/{at.code}")
    page.get_by_role("button", name=re.compile("^Sluit")).first.click()
    expect(page.get_by_role("heading", name="Bevestig dat u het bent")).to_be_visible()
    assert at.standing()[0]["state"] == "open"
    page.get_by_label("Code").fill("000 000")
    press(page, "Bevestig en ga verder")
    expect(page.get_by_text("Deze code klopt niet")).to_be_visible()
    page.get_by_label("Code").fill(code(secret))
    press(page, "Bevestig en ga verder")
    press(page, "Sluit de stemming toch")
    expect(page.get_by_role("main").get_by_role("status").first).to_contain_text("De stemming is gesloten")
    assert at.standing()[0]["state"] != "open"


def test_a_second_device_is_added_and_confirms(visit: Visit, invite: Invite, demo: Demo) -> None:
    found = invite("", Role.SECRETARIAT)
    page = visit(path="/over")
    device(page)
    page.goto(found.path)
    press(page, "Maak een passkey")
    page.get_by_role("link", name="Ik heb ze bewaard").click()
    page.goto("/account/tweede-stap")
    expect(page.get_by_text("U heeft één tweede stap")).to_be_visible()
    page.get_by_role("link", name="Passkey toevoegen").click()
    press(page, "Maak een passkey")
    expect(page.get_by_text("Op dit apparaat staat al een passkey")).to_be_visible()
    time_goes_by(demo, found.person)
    page.goto("/account/tweede-stap")
    page.get_by_role("link", name="Koppel een app").click()
    expect(page.get_by_role("heading", name="Bevestig dat u het bent")).to_be_visible()
    press(page, "Bevestig met uw passkey")
    expect(page.get_by_role("heading", name="App koppelen")).to_be_visible()
