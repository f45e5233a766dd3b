"""Screens that move by themselves: by the stream, and by asking where the stream is blocked."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hall, Visit

pytestmark = pytest.mark.browser

#: By the stream within 3 and 2 seconds; a screen that has to ask does so every 3 to 5 seconds.
PACE = {"stream": (3, 2), "polling": (6, 6)}


def block_stream(page: Page) -> None:
    """A network that lets no stream through."""
    page.context.route("**/live/**", lambda route: route.abort())


@pytest.mark.parametrize("way", PACE)
def test_a_screen_shows_turnout_and_outcome_by_itself(visit: Visit, hall: Callable[..., Hall], way: str) -> None:
    here = hall()
    page = visit()
    if way == "polling":
        block_stream(page)
    page.goto(here.path())
    voted = page.locator("[data-turnout-members]")
    expect(voted).to_have_text("0")
    turnout, outcome = (1_000 * seconds for seconds in PACE[way])
    here.vote("GM0014", "for")
    expect(voted).to_have_text("1", timeout=turnout)
    here.vote("GM0034", "against")
    here.vote("GM0037", "for")
    expect(voted).to_have_text("3", timeout=turnout)
    here.counted()
    expect(page.get_by_text("De stemming is gesloten.")).to_be_visible(timeout=turnout)
    expect(page.get_by_text("aangenomen")).to_have_count(0)
    began = time.monotonic()
    here.chair("bekendmaken")
    expect(page.get_by_role("heading", name="Zo is het gerekend")).to_be_visible(timeout=outcome)
    assert time.monotonic() - began < PACE[way][1] + 1  # the chair's own clicks are in it


@pytest.mark.parametrize("way", PACE)
def test_a_choice_that_was_not_sent_yet_stays(visit: Visit, hall: Callable[..., Hall], way: str) -> None:
    here = hall(questions=3)
    page = visit("GM0014")
    if way == "polling":
        block_stream(page)
    page.goto(here.ballot)
    chosen = page.get_by_role("group", name="Uw stem over: Een besluit").get_by_label("Tegen")
    chosen.check()
    here.vote("GM0034", "for")
    here.counted(1)
    notice = page.get_by_role("status").get_by_role("link", name="Toon de vragen")
    expect(notice).to_be_visible(timeout=1_000 * PACE[way][0])
    expect(chosen).to_be_checked()
    expect(page.get_by_role("radio", name="Tegen")).to_have_count(3)
    page.get_by_role("button", name="Controleer uw stemmen").click()
    expect(page.get_by_role("button", name="Breng uw stem uit")).to_be_visible()
    page.get_by_role("button", name="Breng uw stem uit").click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
