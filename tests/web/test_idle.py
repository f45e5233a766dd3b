"""A session that is not used ends, one that is used goes on, and none lasts longer than it may."""

from collections.abc import Callable

from sqlalchemy import func, select

from tests.web.second_steps import count, later, sign_in
from tests.web.site import Browser, Scene, Site
from tests.web.test_accounts import signed_in
from vng_alv import db
from vng_alv.accounts import tidying
from vng_alv.accounts.models import LoginSession


def at(site: Site, scene: Scene) -> Browser:
    browser = site.browser()
    sign_in(browser, scene.clerks[0])
    assert signed_in(browser)
    return browser


def test_a_session_that_is_not_used_ends_and_one_that_is_used_goes_on(site: Site, scene: Scene) -> None:
    browser = at(site, scene)
    for _ in range(2):
        later(browser, 3.9)
        assert signed_in(browser), "each use moves the end on"
    later(browser, 4)
    assert not signed_in(browser)
    assert browser.get("/account").headers["Location"].startswith("/inloggen?next=")


def test_what_was_idle_does_not_come_back_by_being_used(site: Site, scene: Scene) -> None:
    browser = at(site, scene)
    later(browser, 4)
    for _ in range(3):
        assert not signed_in(browser)


def test_however_much_it_is_used_a_session_ends(site: Site, scene: Scene) -> None:
    browser = at(site, scene)
    for _ in range(3):
        later(browser, 3.9)
        assert signed_in(browser)
    later(browser, 0.4)
    assert not signed_in(browser), "12 hours after signing in"


def test_zero_is_no_limit(make_site: Callable[..., Site], scene: Scene) -> None:
    browser = at(make_site(session_idle_hours=0), scene)
    later(browser, 11.9)
    assert signed_in(browser)
    later(browser, 0.2)
    assert not signed_in(browser)


def test_what_was_idle_is_tidied_away_and_listed_nowhere(site: Site, scene: Scene) -> None:
    idle, used = at(site, scene), at(site, scene)
    later(idle, 4)
    assert used.get("/account").text.count("alv-rows__title") == 1
    with db.transaction():
        tidying.forget()
    with db.transaction(write=False):
        left = db.session.scalar(select(func.count()).select_from(LoginSession))
    assert left == count(LoginSession) == 1
