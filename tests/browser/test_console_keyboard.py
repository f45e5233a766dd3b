"""The console by keyboard alone: opening, closing and pronouncing, with no hand on the mouse."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import VOTERS, Hall, Visit
from tests.browser.test_answering import focus
from tests.worker.running import Demo
from vng_alv.proposals.models import ProposalKind

pytestmark = pytest.mark.browser

NEXT = ".alv-nextstep button.utrecht-button--primary-action"


def test_a_vote_is_opened_closed_and_pronounced_by_keyboard(demo: Demo, visit: Visit) -> None:
    here = Hall(demo, ProposalKind.MOTION, is_open=False)
    page = visit("voorzitter", f"/secretariaat/vergaderingen/{here.code}")
    title = page.locator(".alv-nextstep__title")

    def press_next() -> None:
        focus(page, NEXT)
        page.keyboard.press("Enter")

    press_next()
    expect(title).to_have_text("Er wordt gestemd")
    for code in VOTERS:
        here.vote(code, "for")
    press_next()
    expect(page).to_have_url(re.compile("/sluiten$"))  # not everybody voted: it asks first
    focus(page, "main form button")
    page.keyboard.press("Enter")
    expect(title).to_have_text("Er is geteld", timeout=20_000)  # the console follows the worker by itself
    press_next()
    expect(page.locator("main")).to_contain_text("Aangenomen")
    page.goto(here.path())
    expect(page.locator("main")).to_contain_text("Aangenomen met 100,00% voor")
