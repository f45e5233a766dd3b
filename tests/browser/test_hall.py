"""The screen in the hall, and ballots that lie open: both follow what the chair does, and come back by themselves."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Hall, Visit
from tests.browser.test_live import WAYS, block_stream
from tests.browser.test_pages import AXE, faults
from vng_alv.demo.browsing import Browser as Client

pytestmark = pytest.mark.browser

#: In milliseconds: turnout is told once a second, and a busy machine is slow.
SOON = 15_000


def look_closely(page: Page) -> list[str]:
    """What axe finds, and whether anything scrolls sideways; the policy on content lets no script in afterwards."""
    size, scheme = page.viewport_size, "light"
    found = faults(page)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size(size or {"width": 1280, "height": 720})
    return found


def chair(here: Hall, act: str, **values: str) -> None:
    """The chair presses a button of the console."""
    desk = f"/secretariaat/vergaderingen/{here.code}"
    client = Client(here.demo.base).step_in("voorzitter")
    client.get(desk)
    client.post(f"{desk}/{act}", **values)


@pytest.mark.parametrize("way", WAYS)
def test_the_screen_goes_from_the_question_to_its_outcome(visit: Visit, hall: Callable[..., Hall], way: str) -> None:
    here = hall()
    page = visit()
    if way == "polling":
        block_stream(page)
    page.context.add_init_script(path=AXE)
    page.goto(f"/zaal/{here.code}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Een besluit")
    voted = page.locator("[data-turnout-members]")
    expect(voted).to_have_text("0")
    here.vote("GM0014", "for")
    expect(voted).to_have_text("1", timeout=SOON)
    expect(page.locator("[data-turnout-share]")).not_to_have_text("100")
    assert look_closely(page) == []
    here.counted()
    expect(page.get_by_text("De voorzitter maakt zo de uitslag bekend.")).to_be_visible(timeout=SOON)
    expect(page.get_by_text("Aangenomen")).to_have_count(0)
    here.chair("bekendmaken")
    expect(page.get_by_text("Aangenomen", exact=True).first).to_be_visible(timeout=SOON)
    expect(page.locator("svg.alv-tiles g > rect")).to_have_count(342)
    expect(page.locator(".hall__sums li").first).to_be_visible()
    assert look_closely(page) == []


def test_a_screen_without_a_connection_says_so_and_comes_back(visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall()
    page = visit(path=f"/zaal/{here.code}")
    lost = page.get_by_text("Geen verbinding.")
    expect(page.locator("[data-turnout-members]")).to_have_text("0")
    expect(lost).to_have_count(0)
    page.context.set_offline(True)
    expect(lost).to_be_visible(timeout=2 * SOON)
    here.vote("GM0014", "for")
    page.context.set_offline(False)
    expect(page.locator("[data-turnout-members]")).to_have_text("1", timeout=2 * SOON)
    expect(lost).to_have_count(0)


def test_a_picture_that_fails_is_asked_for_again(visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall()
    page = visit(path=f"/zaal/{here.code}")
    failed: list[str] = []

    def fail(route: Route) -> None:
        if len(failed) < 3:
            failed.append(route.request.url)
            route.fulfill(status=502, body="")
        else:
            route.continue_()

    page.route("**/beeld", fail)
    here.chair("sluiten")
    expect(page.get_by_text("De voorzitter maakt zo de uitslag bekend.")).to_be_visible(timeout=SOON)
    assert len(failed) == 3


@pytest.mark.parametrize("way", WAYS)
def test_a_message_of_the_chair_is_on_all_screens_and_goes_away(
    visit: Visit, hall: Callable[..., Hall], way: str
) -> None:
    here = hall()
    screens: list[Page] = []
    for key, path in (("", f"/zaal/{here.code}"), ("GM0014", here.ballot), ("", f"/vergaderingen/{here.code}")):
        page = visit(key)
        if way == "polling":
            block_stream(page)
        page.context.add_init_script(path=AXE)
        page.goto(path)
        screens.append(page)
    chosen = screens[1].get_by_label("Tegen")
    chosen.check()
    chair(here, "mededeling", announcement="De koffie staat klaar.", minutes="5")
    for page in screens:
        expect(page.get_by_role("status").get_by_text("De koffie staat klaar.")).to_be_visible(timeout=SOON)
    expect(chosen).to_be_checked()
    assert look_closely(screens[0]) == []
    chair(here, "mededeling/intrekken")
    for page in screens:
        expect(page.get_by_text("De koffie staat klaar.")).to_have_count(0, timeout=SOON)


@pytest.mark.parametrize("way", WAYS)
def test_an_open_ballot_gets_new_questions_and_marks_closed_ones(
    visit: Visit, hall: Callable[..., Hall], way: str
) -> None:
    here = hall(questions=3)
    page = visit("GM0014")
    if way == "polling":
        block_stream(page)
    page.context.add_init_script(path=AXE)
    page.goto(here.ballot)
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    kept = page.get_by_role("group", name="Uw stem over: Een besluit")
    shut = page.get_by_role("group", name="Uw stem over: A1. Wonen")
    kept.get_by_label("Tegen").check()
    shut.get_by_label("Voor").check()
    here.vote("GM0034", "for")
    here.chair("sluiten", 1)
    here.open_another()
    expect(page.get_by_text("Wat u hier koos, is niet uitgebracht.")).to_be_visible(timeout=SOON)
    expect(shut.get_by_label("Voor")).to_be_checked()
    expect(shut.get_by_label("Voor")).to_be_disabled()
    fresh = page.get_by_role("group", name="Uw stem over: Nog een vraag")
    expect(fresh).to_be_visible(timeout=SOON)
    expect(page.get_by_role("status").get_by_text("Nieuwe vraag: Nog een vraag")).to_be_visible()
    expect(kept.get_by_label("Tegen")).to_be_checked()
    assert loads == []
    assert look_closely(page) == []
    fresh.get_by_label("Onthouding").check()
    page.get_by_role("button", name="Controleer uw stemmen").click()
    page.get_by_role("button", name="Breng uw 2 stemmen uit").click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    bewijs = page.get_by_role("region", name="Stembewijs")
    for choice in ("tegen", "onthouding"):
        expect(bewijs.get_by_text(choice, exact=True)).to_have_count(1)


def test_a_ballot_that_waits_for_the_first_question_gets_it(visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall()
    here.counted()
    page = visit("GM0014", here.ballot)
    expect(page.get_by_text("Er staat nu geen vraag open.")).to_be_visible()
    here.open_another("Daarom zijn wij voor.")
    asked = page.get_by_role("article", name="Nog een vraag")
    expect(asked.get_by_role("heading", name="Stemadvies van onze gemeente")).to_be_visible(timeout=SOON)
    expect(asked.get_by_text("Daarom zijn wij voor.")).to_be_visible()
    expect(page.get_by_text("Er staat nu geen vraag open.")).to_have_count(0)
    page.get_by_role("button", name="Vul het stemadvies van onze gemeente in").click()
    page.get_by_role("button", name="Breng uw stem uit").click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
