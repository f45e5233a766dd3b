"""A colleague prepares the vote on a phone; the delegate finds it on the ballot, takes it over and casts it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import VOTERS, Hall, Visit
from tests.browser.test_main_job import press, told
from tests.browser.test_pages import AXE, faults
from tests.worker.running import Demo, until
from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry
from vng_alv.domain.mandates import OfficeKind
from vng_alv.members.queries import get_member
from vng_alv.members.service import give_office

pytestmark = pytest.mark.browser


@pytest.fixture
def colleague(demo: Demo, visit: Visit) -> Callable[..., Page]:
    """A function that opens a window of a civil servant of the first voter."""

    def come(here: Hall, **options: object) -> Page:
        db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
        with db.transaction():
            person = factories.person(f"ambtenaar-{here.code}")
            give_office(person, get_member(VOTERS[0]), OfficeKind.OFFICIAL, None)
            token = sessions.start(person, hours=1, device="test", entry=Entry.PASSWORD, factor=True)
        db.engine().dispose()
        page = visit(path="/over", **options)
        page.context.add_cookies([{"name": "alv", "value": token, "url": demo.base}])
        if options.get("java_script_enabled", True):
            page.context.add_init_script(path=AXE)
        page.goto(f"/vergaderingen/{here.code}")
        return page

    return come


@pytest.mark.parametrize("scripts", [True, False])
def test_a_colleague_prepares_on_a_phone_and_the_delegate_takes_it_over_and_casts(
    visit: Visit, hall: Callable[..., Hall], colleague: Callable[..., Page], scripts: bool
) -> None:
    here = hall(questions=3)
    phone = colleague(here, viewport={"width": 320, "height": 720}, java_script_enabled=scripts)
    phone.get_by_role("link", name="Stemadvies van Groningen").click()
    first = phone.get_by_role("article", name="A1. Wonen")
    first.get_by_role("group", name="Stemadvies").get_by_label("Tegen").check()
    first.get_by_label("Reden").fill("Wonen gaat voor, maar niet zo.")
    phone.get_by_role("article", name="A2. Water").get_by_label("Voor", exact=True).check()
    if scripts:
        assert phone.evaluate("document.documentElement.scrollWidth") <= 320
        assert not faults(phone)
    press(phone, "Bewaar het stemadvies")
    told(phone, "2 stemadviezen zijn bewaard.")
    expect(phone.get_by_text("Voorbereid bij 2 van de 3 vragen.")).to_be_visible()

    delegate = visit(VOTERS[0], here.ballot, java_script_enabled=True)
    asked = delegate.get_by_role("article", name="A1. Wonen")
    expect(asked.get_by_role("heading", name="Stemadvies van onze gemeente")).to_be_visible()
    expect(asked.get_by_text("Wonen gaat voor, maar niet zo.")).to_be_visible()
    press(delegate, "Vul het stemadvies van onze gemeente in")
    expect(delegate.get_by_role("heading", name="Controleer uw stemmen")).to_be_visible()
    expect(delegate.get_by_text("u stemt hier nu niet over")).to_have_count(1)
    assert here.standing()[0]["members"] == 0, "nothing was cast by that"
    press(delegate, "Breng uw 2 stemmen uit")
    expect(delegate.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    proof = delegate.get_by_role("region", name="Stembewijs")
    expect(proof.get_by_text("tegen", exact=True)).to_have_count(1)
    expect(proof.get_by_text("voor", exact=True)).to_have_count(1)
    until(lambda: [one["members"] for one in here.standing()] == [1, 1, 0], "two votes stand and one does not")


def test_two_who_write_at_once_see_what_the_other_wrote(
    visit: Visit, hall: Callable[..., Hall], colleague: Callable[..., Page]
) -> None:
    here = hall()
    page = f"/gemeente/{VOTERS[0]}/stemadvies/{here.code}"
    one, two = colleague(here), visit(VOTERS[0], page)
    one.goto(page)
    for window, words in ((one, "Van de ambtenaar."), (two, "Van de griffier.")):
        window.get_by_label("Reden").fill(words)
        press(window, "Bewaar het stemadvies")
    told(one, "Eén stemadvies is bewaard.")
    expect(two.get_by_role("alert")).to_be_focused()
    expect(two.get_by_text("Van de ambtenaar.")).to_be_visible()
    expect(two.get_by_label("Reden")).to_have_value("Van de griffier.")
    press(two, "Bewaar het stemadvies")
    told(two, "Eén stemadvies is bewaard.")
    two.get_by_role("link", name="Geschiedenis").click()
    expect(two.get_by_role("article")).to_have_count(2)
    expect(two.get_by_text("Van de ambtenaar.")).to_be_visible()
