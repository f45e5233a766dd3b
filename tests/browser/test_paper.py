"""Votes from paper: two people of the secretariat enter the same votes, each on a page of their own."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hall, Visit
from tests.browser.test_main_job import press, told
from tests.browser.test_pages import AXE, faults

pytestmark = pytest.mark.browser


def enter(page: Page, member: str, choice: str) -> None:
    """Enter what is on the paper of a member."""
    page.get_by_label("Gemeente", exact=True).select_option(member)
    page.get_by_role("group", name="Wat staat er?").get_by_label(choice).check()
    press(page, "Voer in")


def test_two_people_enter_what_is_on_paper_until_they_read_the_same(visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall()
    desk = f"/secretariaat/vergaderingen/{here.code}"
    first, second = visit("secretariaat", desk), visit("voorzitter", desk)
    for page in (first, second):
        page.context.add_init_script(path=AXE)
        page.reload()
        page.get_by_role("link", name="Op papier of bij handopsteken").click()
    found = faults(first)
    press(first, "Op papier")
    told(first, "Vanaf nu kunnen twee personen stemmen invoeren.")
    second.reload()

    enter(first, "GM0014", "voor")
    told(first, "Een tweede persoon voert dezelfde stem nog eens in.")
    enter(first, "GM0037", "voor")
    second.reload()
    waits = second.get_by_role("listitem").filter(has_text="Groningen")
    expect(waits).to_contain_text("wacht op een tweede persoon")
    expect(waits).not_to_contain_text("voor")
    found += faults(second)

    enter(second, "GM0037", "voor")
    told(second, "De stem van Stadskanaal ligt vast; twee personen lazen hetzelfde.")
    enter(second, "GM0014", "tegen")
    told(second, "U leest iets anders dan de ander bij Groningen.")
    expect(waits).to_contain_text("Voorzitter van de ALV: tegen")
    found += faults(second)
    first.reload()
    expect(first.get_by_role("listitem").filter(has_text="Groningen")).to_contain_text("kijk samen")
    assert here.standing()[0]["members"] == 1, "what two people read differently is no vote"

    enter(first, "GM0014", "tegen")
    told(first, "De stem van Groningen ligt vast; twee personen lazen hetzelfde.")
    found += faults(first)
    assert here.standing()[0]["members"] == 2
    assert found == []
