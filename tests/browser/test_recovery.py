"""Ballot, console and screen in the hall while the site dies, or the network does: nothing is lost."""

import json
import os
import signal
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Hall, Visit
from tests.browser.test_main_job import press
from tests.worker.running import Demo, fetch, until
from vng_alv.proposals.models import ProposalKind

pytestmark = pytest.mark.browser

#: How soon screens are right again after the site answers, in milliseconds: within two seconds as measured. The rule is
#: five, and this leaves room for a busy machine.
RIGHT = 8_000
#: How soon a screen says that it has no connection: the hall's asks every 3 to 5 seconds, and waits longer than that.
SILENT = 15_000
LOST = "Geen verbinding. Wat hier staat, is van"


def kill_all(demo: Demo) -> None:
    """Every part but the database dies; come back when the supervisor started all, and all gave a sign of life."""
    before, began = demo.children(), time.monotonic()
    parts = ("web", "stream", "worker", "broker")
    for name in parts:
        os.kill(before[name], signal.SIGKILL)

    def answers() -> bool:
        if any(demo.children().get(name) in (None, before[name]) for name in parts) or not demo.healthy():
            return False
        worker = json.loads(fetch(f"{demo.base}/gezond")[1])["worker"]
        return bool(worker["seconds_since_sign_of_life"] < time.monotonic() - began)

    until(answers, "the site is back", 90)


def test_screens_are_right_again_soon_after_the_site_or_the_network_was_away(demo: Demo, visit: Visit) -> None:
    here = Hall(demo, ProposalKind.RESOLUTION)
    ballot = visit("GM0014", here.ballot)
    console = visit("voorzitter", f"/secretariaat/vergaderingen/{here.code}")
    screen = visit("", f"/zaal/{here.code}")
    screens = [ballot, console, screen]
    unsent = ballot.get_by_role("group", name="Uw stem over: A1. Wonen").get_by_label("Tegen")
    unsent.check()

    def right(voted: str) -> None:
        for page in (console, screen):
            expect(page.locator("[data-round='1'] [data-turnout-members]")).to_have_text(voted, timeout=RIGHT)
        for page in screens:
            expect(page.get_by_text(LOST)).to_have_count(0, timeout=RIGHT)
        expect(unsent).to_be_checked()

    here.vote("GM0034", "for")
    right("1")
    for page in screens:
        page.context.set_offline(True)
    for page in screens:
        expect(page.get_by_text(LOST)).to_be_visible(timeout=SILENT)
    here.vote("GM0037", "for")
    for page in screens:
        page.context.set_offline(False)
    right("2")

    kill_all(demo)
    right("2")
    here.chair("sluiten", 2)
    expect(ballot.get_by_role("status").get_by_text("Gesloten: A2. Water")).to_be_visible(timeout=RIGHT)
    expect(console.get_by_role("link", name="Toon de nieuwe stand")).to_be_visible(timeout=RIGHT)
    expect(screen.get_by_text("Er staan 2 vragen open")).to_be_visible(timeout=RIGHT)
    expect(unsent).to_be_checked()
    press(ballot, "Controleer uw stemmen")
    press(ballot, "Breng uw stem uit")
    expect(ballot.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    assert [one["members"] for one in here.standing()] == [3, 2, 2]
