"""10,000 guesses are stopped, and the owner of the account still comes in."""

import uuid

import pytest
from flask import Response
from sqlalchemy import select

from tests.factories import PASSWORD
from tests.web.site import BASE, Browser, Scene, Site
from tests.web.test_accounts import NEW, sign_in, signed_in
from tests.web.test_recovering import OWN, reset_link
from vng_alv import db, limits
from vng_alv.accounts import service
from vng_alv.accounts.models import KnownDevice


class Counting:
    """The hasher, which counts the guesses that reach it."""

    def __init__(self) -> None:
        self.reached, self._real = 0, service.hasher

    def verify(self, known: str, password: str) -> bool:
        self.reached += 1
        return self._real.verify(known, password)

    def hash(self, password: str) -> str:
        return self._real.hash(password)


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(service, "hasher", counting)
    return counting


def guess(browser: Browser, password: str, address: str, email: str = OWN) -> int:
    data = {"email": email, "password": password, "csrf_token": browser.csrf()}
    return browser.client.post(
        "/inloggen", base_url=BASE, data=data, headers={"Origin": BASE}, environ_overrides={"REMOTE_ADDR": address}
    ).status_code


@pytest.mark.slow
def test_ten_thousand_guesses_from_everywhere_are_stopped_and_the_owner_comes_in(
    site: Site, scene: Scene, hasher: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = site.browser()
    assert sign_in(mine, OWN).status_code == 303
    mine.post("/uitloggen")
    # The page is not what is tried.
    monkeypatch.setattr("vng_alv.failures.failure", lambda status, *_: Response("", status))
    hasher.reached = 0
    attacker = site.browser()
    statuses = [guess(attacker, f"geraden {n}", f"10.{n >> 8 & 255}.{n & 255}.7") for n in range(10_000)]
    monkeypatch.undo()
    monkeypatch.setattr(service, "hasher", hasher)
    assert hasher.reached == 10
    assert statuses.count(429) == 9_990
    assert guess(attacker, PASSWORD, "10.9.9.9") == 429, "not even the right one"
    assert sign_in(mine, OWN).status_code == 303, "from the browser that they used before"
    assert signed_in(mine)
    new = site.browser()
    assert sign_in(new, OWN).status_code == 429, "from a new browser the password is closed"
    assert "passkey" in sign_in(new, OWN).text
    new.submit(reset_link(new, OWN), password=NEW, again=NEW)
    assert sign_in(new, OWN, NEW).status_code == 303, "but not after a new one by mail"
    assert signed_in(new)


def test_guesses_from_one_address_at_many_accounts_are_stopped(site: Site, scene: Scene, hasher: Counting) -> None:
    mine = site.browser()
    assert sign_in(mine, OWN).status_code == 303
    mine.post("/uitloggen")
    hasher.reached = 0
    attacker = site.browser()
    for n in range(295):  # the window is a minute, which so many pages may take
        limits.failed("password", "192.0.2.1", f"b{n}@test.example")
    for n in range(20):
        guess(attacker, "geraden", "192.0.2.1", f"a{n}@test.example")
    assert hasher.reached == 5
    assert guess(mine, PASSWORD, "192.0.2.1") == 303, "who shares the address and was here before is not stopped"


def test_a_browser_that_others_used_is_no_way_around(site: Site, scene: Scene, hasher: Counting) -> None:
    """It counts for itself at the account of who used it, and as any other at the next account."""
    browser = site.browser()
    assert sign_in(browser, OWN).status_code == 303
    hasher.reached = 0
    statuses = [guess(browser, "geraden", f"192.0.2.{n}") for n in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    statuses = [guess(browser, "geraden", f"192.0.2.{n}", "griffier-gm0002@test.example") for n in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert hasher.reached == 20
    assert guess(site.browser(), PASSWORD, "198.51.100.1") == 303


def test_a_device_that_somebody_makes_up_is_not_known(site: Site, scene: Scene, hasher: Counting) -> None:
    attacker = site.browser()
    hasher.reached = 0
    for n in range(15):
        attacker.client.set_cookie("alv-device", f"verzonnen-{n}")
        guess(attacker, "geraden", f"192.0.2.{n}")
    assert hasher.reached == 10


def test_a_known_device_is_kept_as_a_hash(site: Site, scene: Scene) -> None:
    browser = site.browser()
    sign_in(browser, OWN)
    cookie = browser.client.get_cookie("alv-device")
    assert cookie
    assert cookie.http_only
    with db.transaction(write=False):
        kept = db.session.scalars(select(KnownDevice)).one()
        assert cookie.value not in str(vars(kept))


def test_what_is_stopped_says_when_it_can_be_tried_again(site: Site, scene: Scene) -> None:
    browser = site.browser()
    for _ in range(10):
        sign_in(browser, OWN, "geraden")
    answer = sign_in(browser, OWN)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert "Te veel pogingen" in answer.text
    assert "Over 15 minuten kan het weer." in answer.text
    data = {"email": OWN, "password": PASSWORD, "csrf_token": browser.csrf()}
    program = browser.post("/inloggen", data, headers={"Accept": "application/json"})
    assert program.mimetype == "application/problem+json"
    assert "Retry-After" in program.headers


def test_an_account_that_does_not_exist_is_stopped_the_same_way(site: Site, scene: Scene) -> None:
    browser = site.browser()
    for email in (OWN, "onbekend@test.example"):
        statuses = [sign_in(browser, email, "geraden").status_code for _ in range(11)]
        assert statuses == [200] * 10 + [429]


def test_choosing_a_language_without_end_is_stopped(site: Site, scene: Scene) -> None:
    browser = site.browser()
    for _ in range(298):
        limits.spend("language", "127.0.0.1")
    statuses = [browser.post("/taal", {"locale": "en"}).status_code for _ in range(3)]
    assert statuses == [303, 303, 429]


# --- Counting


def test_an_address_in_ipv6_is_the_network_that_one_party_has() -> None:
    assert limits.network("2001:db8:1:2:3:4:5:6") == limits.network("2001:db8:1:2::1")
    assert limits.network("2001:db8:1:2::1") != limits.network("2001:db8:1:3::1")
    assert limits.network("192.0.2.1") != limits.network("192.0.2.2")
    assert limits.network("") == ""


def test_while_redis_is_away_it_is_counted_here() -> None:
    account = f"{uuid.uuid4()}@test.example"
    limits.connect("redis://127.0.0.1:1/0")
    try:
        for _ in range(10):
            limits.check("password", "192.0.2.1", account)
            limits.failed("password", "192.0.2.1", account)
        with pytest.raises(limits.TooMany) as told:
            limits.check("password", "192.0.2.1", account)
        assert 0 < told.value.seconds <= 900
        limits.check("passkey", "192.0.2.1", account)
        for _ in range(5):
            limits.spend("mail", account)
        with pytest.raises(limits.TooMany):
            limits.spend("mail", account)
    finally:
        limits.connect("")
