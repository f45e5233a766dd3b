"""An amendment from the text to the board: written with a redline, submitted along, advised on and taken over."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_main_job import press, told

pytestmark = pytest.mark.browser

TEXT = "/vergaderingen/alv-voorjaar/stukken/R1"
SECTION = "Geld voor toezicht"


def begin(page: Page) -> str:
    """Begin an amendment on a section from the document; the text as it stands."""
    page.goto(TEXT)
    page.get_by_role("region", name=SECTION).get_by_role("link", name="Amendement maken").click()
    return page.get_by_role("textbox", name="Tekst van B1").input_value()


def test_an_amendment_is_written_submitted_along_advised_on_and_taken_over(visit: Visit) -> None:
    clerk = visit("GM0037")
    words = begin(clerk).split(" ")
    area = clerk.get_by_role("textbox", name="Tekst van B1")
    area.fill(" ".join([*words[:3], "volstrekt", "andere", *words[5:]]))
    expect(clerk.locator("ins").filter(has_text="volstrekt andere")).to_be_visible()  # without a press on a button
    expect(area).to_be_focused()
    expect(clerk.get_by_role("status").filter(has_text="De vergelijking is bijgewerkt.")).to_be_visible()
    clerk.get_by_label("Titel").fill("Volstrekt anders")
    clerk.get_by_label("Toelichting").fill("Omdat het moet.")
    press(clerk, "Bewaar concept")
    told(clerk, "Uw concept is bewaard.")
    path = clerk.url

    clerk.get_by_role("combobox", name="Gemeente").select_option(value="GM0047")
    press(clerk, "Vraag om mee in te dienen")
    told(clerk, "Gevraagd: Veendam")
    other = visit("GM0047")
    other.get_by_role("article").filter(has_text="Volstrekt anders").get_by_role("link").click()
    other.get_by_role("button", name=re.compile("^Ja, Veendam")).click()
    told(other, "Veendam dient mee in.")

    clerk.goto(path)
    clerk.get_by_role("link", name="Bekijk en dien in").click()
    press(clerk, "Dien in namens Stadskanaal")
    told(clerk, "Iedereen kan het nu lezen.")

    rival = visit("GM0050")
    begin(rival)
    rival.get_by_label("Dit onderdeel schrappen").check()
    press(rival, "Bekijk wijziging")
    expect(rival.get_by_text(re.compile(r"Raakt dezelfde woorden als AM\d+ van Stadskanaal")).first).to_be_visible()

    staff = visit("secretariaat", "/secretariaat/vergaderingen/alv-voorjaar/preadviezen")
    staff.get_by_role("link", name="Volstrekt anders").click()
    staff.get_by_text("Schrijf het preadvies").click()
    staff.get_by_label("Overnemen").check()
    staff.get_by_label("Toelichting bij het preadvies").fill("Een goed plan.")
    press(staff, "Bewaar het preadvies")
    public = visit("", path)
    expect(public.get_by_text("Een goed plan.")).to_have_count(0)
    press(staff, "Publiceer dit preadvies")
    public.reload()
    expect(public.get_by_text("Een goed plan.")).to_be_visible()

    staff.get_by_text("Besluit vastleggen").click()
    staff.get_by_label("Overgenomen door het bestuur").check()
    staff.get_by_label("Toelichting op het besluit").fill("Het bestuur neemt dit over.")
    press(staff, "Leg het besluit vast")
    public.goto(TEXT)
    public.get_by_role("region", name=SECTION).get_by_role("link", name=re.compile("amendement")).click()
    row = public.get_by_role("listitem").filter(has_text="Volstrekt anders")
    expect(row.get_by_text("Stadskanaal, met Veendam")).to_be_visible()
    expect(row.get_by_text("overgenomen door het bestuur")).to_be_visible()
