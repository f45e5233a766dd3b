"""A rehearsal on a phone, and a vote that stays open longer while people look at it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Client, Hall, Visit
from tests.worker.running import until

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
MARK = "Dit is een proefstemming"


def fits(page: Page) -> None:
    """Nothing scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_rehearsal_from_the_first_page_to_the_receipt_on_a_phone(visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall()
    desk = f"/secretariaat/vergaderingen/{here.code}"
    chair = visit("voorzitter", desk)
    chair.get_by_role("button", name="Maak een proefstemming").click()
    expect(chair.get_by_text("Proefstemming P1 is open")).to_be_visible()
    expect(chair.get_by_role("heading", name="Proefstemmingen die open zijn")).to_be_visible()

    page = visit("GM0034", f"/vergaderingen/{here.code}", **PHONE)
    page.get_by_role("link", name="Naar de proefstemming").click()
    expect(page.get_by_text(MARK)).to_be_visible()
    expect(page.get_by_role("heading", name="Proefvraag")).to_be_visible()
    fits(page)
    page.get_by_label("Voor", exact=True).check()
    page.get_by_role("button", name="Controleer uw stemmen").click()
    expect(page.get_by_role("heading", name="Proefstemming: controleer uw stemmen")).to_be_visible()
    expect(page.get_by_text(MARK)).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Breng uw stem uit").click()
    expect(page.get_by_role("heading", name="Uw proefstem is uitgebracht")).to_be_visible()
    expect(page.get_by_text(MARK)).to_be_visible()
    expect(page.get_by_text("telt niet mee")).to_be_visible()
    fits(page)

    # The console sees somebody take part; the vote itself, and the pages of outcomes, know of nothing.
    expect(chair.locator('[data-round="P1"] [data-turnout-members]')).to_have_text("1")
    assert here.standing()[0]["members"] == 0
    results = visit("", here.results)
    expect(results.get_by_text("Proefvraag")).to_have_count(0)
    page.get_by_role("link", name="Naar het echte stembiljet").click()
    expect(page.get_by_text(MARK)).to_have_count(0)

    chair.get_by_role("button", name="Sluit proefstemming P1").click()
    expect(chair.get_by_text(re.compile("1 van de .* deden mee. Er is geen uitslag."))).to_be_visible()


def test_a_ballot_that_is_open_hears_that_there_is_more_time(visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall()
    desk = f"/secretariaat/vergaderingen/{here.code}"
    soon, later = (datetime.now(UTC) + timedelta(days=days) for days in (2, 9))
    client = Client(here.demo.base).step_in("voorzitter")
    client.get(desk)
    client.post(f"{desk}/verlengen", round="1", day=f"{soon:%Y-%m-%d}", clock="12:00")
    page = visit("GM0034", here.ballot)
    page.get_by_label("Tegen").check()
    clock = page.locator("time[data-countdown]").first
    expect(clock).to_have_text(re.compile("nog (1 dag|2 dagen|.* uur)"))
    client.get(desk)
    client.post(f"{desk}/verlengen", round="1", day=f"{later:%Y-%m-%d}", clock="12:00")
    expect(page.get_by_text("De stemming blijft langer open, tot")).to_be_visible()
    expect(clock).to_have_text(re.compile("nog [89] dagen"))
    expect(page.get_by_label("Tegen")).to_be_checked()
    until(lambda: here.standing()[0]["closes_at"], "the standing tells it")
