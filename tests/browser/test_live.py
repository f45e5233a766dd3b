"""Screens that move by themselves: by the stream, and by asking where the stream is blocked."""

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Hall, Visit
from tests.worker.running import until

pytestmark = pytest.mark.browser

WAYS = ("stream", "polling")
#: Turnout is told once a second; an outcome that is pronounced is on every screen in about 0.6 s by stream and 1.2 s by
#: polling, as measured with five screens. What is held here, in seconds, leaves room for a busy machine.
TURNOUT = 10
OUTCOME = {"stream": 5, "polling": 8}


def block_stream(page: Page) -> None:
    """A network that lets no stream through."""
    page.context.route("**/live/**", lambda route: route.abort())


def asked(page: Page) -> list[float]:
    """The moments at which a screen asks how the meeting stands, as they come."""
    moments: list[float] = []
    page.on("request", lambda request: moments.append(time.monotonic()) if "stand.json" in request.url else None)
    return moments


@pytest.mark.parametrize("way", WAYS)
def test_a_screen_shows_turnout_and_outcome_by_itself(visit: Visit, hall: Callable[..., Hall], way: str) -> None:
    here = hall()
    page = visit()
    if way == "polling":
        block_stream(page)
    page.goto(here.path())
    voted = page.locator("[data-turnout-members]")
    expect(voted).to_have_text("0")
    here.vote("GM0014", "for")
    expect(voted).to_have_text("1", timeout=1_000 * TURNOUT)
    here.vote("GM0034", "against")
    here.vote("GM0037", "for")
    expect(voted).to_have_text("3", timeout=1_000 * TURNOUT)
    here.counted()
    expect(page.get_by_text("De stemming is gesloten.")).to_be_visible(timeout=1_000 * TURNOUT)
    expect(page.get_by_text("aangenomen")).to_have_count(0)
    here.chair("bekendmaken")
    expect(page.get_by_role("heading", name="Zo is het gerekend")).to_be_visible(timeout=1_000 * OUTCOME[way])


#: Notes in a page the moment, in milliseconds, at which something that fits a selector is on it.
NOTE = """selector => new MutationObserver(() => {
  if (document.querySelector(selector)) window.seen ??= Date.now();
}).observe(document.body, {childList: true, subtree: true})"""


@pytest.mark.parametrize("way", WAYS)
def test_an_outcome_is_on_every_open_screen_when_it_was_just_pronounced(
    visit: Visit, hall: Callable[..., Hall], way: str
) -> None:
    here = hall()
    here.vote("GM0014", "for")
    here.counted()
    screens = []
    for key, path, outcome in (
        ("", here.path(), "#rekening"),
        ("GM0014", here.path(), "#rekening"),
        ("GM0034", here.path(), "#rekening"),
        ("", here.results, "#bekend ~ .alv-rows .alv-said"),
        ("GM0037", here.results, "#bekend ~ .alv-rows .alv-said"),
    ):
        page = visit(key)
        if way == "polling":
            block_stream(page)
        page.goto(path)
        expect(page.locator("[data-state=counted]")).to_be_visible()
        expect(page.locator(outcome)).to_have_count(0)
        page.evaluate(NOTE, outcome)
        screens.append((page, outcome))
    here.chair("bekendmaken")
    answered = time.time()
    late = []
    for page, outcome in screens:
        expect(page.locator(outcome)).to_be_visible()
        late.append(page.evaluate("window.seen") / 1_000 - answered)
    assert max(late) < OUTCOME[way], late


def test_what_is_pronounced_while_a_screen_fetches_what_came_before_is_not_missed(
    visit: Visit, hall: Callable[..., Hall]
) -> None:
    here = hall()
    page = visit(path=here.path())
    expect(page.get_by_role("heading", name="De opkomst")).to_be_visible()
    overtaken = []

    def dawdle(route: Route) -> None:
        answer = route.fetch()
        if not overtaken:
            overtaken.append(answer.text())
            until(lambda: here.standing()[0]["state"] == "counted", "the round is counted")
            here.chair("bekendmaken")
            time.sleep(1.5)  # the stream tells it
        route.fulfill(response=answer)

    page.route("**" + here.path(), dawdle)
    here.chair("sluiten")
    expect(page.get_by_role("heading", name="Zo is het gerekend")).to_be_visible()
    assert "Zo is het gerekend" not in overtaken[0]


def test_a_screen_that_nobody_looks_at_or_where_nothing_runs_asks_seldom(
    visit: Visit, hall: Callable[..., Hall]
) -> None:
    here = hall()
    pages = {"looked at": visit(), "hidden": visit(), "nothing runs": visit()}
    pages["hidden"].add_init_script("Object.defineProperty(document, 'hidden', {get: () => true})")
    found = {}
    for name, page in pages.items():
        block_stream(page)
        found[name] = asked(page)
        page.goto("/vergaderingen/alv-voorjaar/uitslagen" if name == "nothing runs" else here.path())
    pages["looked at"].wait_for_timeout(6_000)
    assert len(found["hidden"]) == len(found["nothing runs"]) == 1
    pauses = [later - earlier for earlier, later in pairwise(found["looked at"])]
    assert len(pauses) >= 3
    assert all(0.5 < pause < 3 for pause in pauses), pauses


def test_a_screen_that_listens_does_not_ask(visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall()
    page = visit()
    moments = asked(page)
    page.goto(here.path())
    here.vote("GM0014", "for")
    expect(page.locator("[data-turnout-members]")).to_have_text("1", timeout=1_000 * TURNOUT)
    moments.clear()
    page.wait_for_timeout(3_500)
    assert moments == []


@pytest.mark.parametrize("way", WAYS)
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
    closed = page.get_by_role("status").get_by_text("Gesloten: A1. Wonen")
    expect(closed).to_be_visible(timeout=1_000 * TURNOUT)
    expect(chosen).to_be_checked()
    expect(page.get_by_role("radio", name="Tegen")).to_have_count(3)
    page.get_by_role("button", name="Controleer uw stemmen").click()
    expect(page.get_by_role("button", name="Breng uw stem uit")).to_be_visible()
    page.get_by_role("button", name="Breng uw stem uit").click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
