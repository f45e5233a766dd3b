"""The chair asks for candidates, delegates choose on a phone, lots fall, and everybody sees who was chosen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import VOTERS, Hall, Visit
from tests.browser.test_main_job import follow, press, told
from tests.browser.test_pages import AXE, LOOK, SIDEWAYS

pytestmark = pytest.mark.browser

CANDIDATES = "Ada Jansen\nBas de Vries\nCleo el Amrani-van den Oudenhoven-Kloosterhuis"


def looks_right(page: Page) -> None:
    """Axe finds nothing at this width, and nothing scrolls sideways."""
    assert page.evaluate(LOOK) == []
    assert page.evaluate(SIDEWAYS) == 0


def vote(page: Page, *names: str) -> None:
    """Choose these candidates on a phone and cast."""
    asked = page.get_by_role("article", name="Wie komen in de commissie?")
    for name in names:
        asked.get_by_role("checkbox", name=name).check()
    press(page, "Controleer uw stemmen")


def test_candidates_are_chosen_on_a_phone_and_lots_decide(visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall(questions=3)
    console = f"/secretariaat/vergaderingen/{here.code}"
    chair = visit("voorzitter", console)
    chair.context.add_init_script(path=AXE)
    chair.goto(console)
    follow(chair, "Een keuze uit kandidaten bij")
    looks_right(chair)
    chair.get_by_label("Vraag", exact=True).fill("Wie komen in de commissie?")
    chair.get_by_label("Kandidaten").fill(CANDIDATES)
    chair.get_by_label("Aantal plaatsen").fill("3")
    chair.get_by_label("Met de meeste stemmen").check()
    press(chair, "Zet de vraag klaar")
    expect(chair.get_by_text("meer kandidaten dan plaatsen")).to_be_visible()
    looks_right(chair)
    chair.get_by_label("Aantal plaatsen").fill("2")
    chair.get_by_label("Geheime stemming").uncheck()
    press(chair, "Zet de vraag klaar")
    told(chair, "Stemming 4 staat klaar")
    chair.get_by_role("checkbox", name="Wie komen in de commissie?").check()
    press(chair, "Open de aangekruiste stemmingen")
    told(chair, "De stemming is open.")

    phone = visit(VOTERS[0], here.ballot, viewport={"width": 360, "height": 740})
    phone.context.add_init_script(path=AXE)
    phone.goto(here.ballot)
    vote(phone, "Ada", "Bas", "Cleo")
    expect(phone.get_by_role("alert").first).to_contain_text("Kies er ten hoogste 2.")
    looks_right(phone)
    asked = phone.get_by_role("article", name="Wie komen in de commissie?")
    asked.get_by_role("checkbox", name="Bas").uncheck()
    asked.get_by_role("checkbox", name="Cleo").uncheck()
    press(phone, "Controleer uw stemmen")
    looks_right(phone)
    press(phone, "Breng uw stem uit")
    expect(phone.get_by_role("region", name="Stembewijs").get_by_text("Ada Jansen")).to_be_visible()
    looks_right(phone)
    other = visit(VOTERS[1], here.ballot)
    vote(other, "Bas", "Cleo")
    press(other, "Breng uw stem uit")
    expect(other.get_by_text("Bas de Vries en Cleo el Amrani")).to_be_visible()

    here.counted(4)
    chair.goto(console)
    chair.get_by_role("button", name="Maak deze uitslag bekend: Wie komen in de commissie?").click()
    told(chair, "De uitslag is bekendgemaakt.")
    looks_right(chair)
    chair.get_by_role("link", name="Leg de loting vast").click()
    looks_right(chair)
    chair.get_by_role("checkbox", name="Ada").check()
    chair.get_by_role("checkbox", name="Cleo").check()
    press(chair, "Leg de loting vast")
    told(chair, "De loting is vastgelegd.")

    guest = visit(path=here.path(4))
    guest.context.add_init_script(path=AXE)
    guest.goto(here.path(4))
    expect(guest.get_by_text("Gekozen door het lot: Ada Jansen en Cleo")).to_be_visible()
    looks_right(guest)
