"""The ballot, however one votes: without JavaScript, without a mouse, over a line that breaks."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Hall, Visit
from tests.worker.running import Demo

pytestmark = pytest.mark.browser

UNKNOWN = "We weten niet of uw stem is aangekomen. Druk nog een keer"


def test_without_javascript_from_the_first_page_to_the_receipt(visit: Visit) -> None:
    page = visit(path="/demo", java_script_enabled=False)
    page.get_by_label("Gemeente", exact=True).select_option("Almere")
    page.get_by_role("button", name="Stap in als afgevaardigde").click()
    page.get_by_role("main").get_by_role("link", name="Naar uw stembiljet").click()
    questions = page.get_by_role("radio", name="Voor").count()
    assert questions == 15
    for group in page.get_by_role("group", name="Uw stem over").all():
        group.get_by_label("Onthouding").check()
    page.get_by_role("group", name="Uw stem over").first.get_by_label("Tegen").check()
    page.get_by_role("button", name="Controleer uw stemmen").click()
    expect(page.get_by_text("onthouding")).to_have_count(14)
    page.get_by_role("button", name="Wijzig").click()
    expect(page.get_by_role("group", name="Uw stem over").first.get_by_label("Tegen")).to_be_checked()
    page.get_by_role("button", name="Controleer uw stemmen").click()
    page.get_by_role("button", name="Breng uw 15 stemmen uit").click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    expect(page.get_by_role("region", name="Stembewijs").get_by_text("tegen", exact=True)).to_have_count(1)
    page.get_by_role("link", name="Uw stem veranderen").click()
    expect(page.get_by_text("U stemde eerder:")).to_have_count(15)


def tab_to(page: Page, target: Locator, most: int = 90) -> None:
    """Press Tab until ``target`` has the focus, and see that it can be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            expect(target).to_be_in_viewport()
            return
    pytest.fail(f"the focus never came to {target}")


def test_with_the_keyboard_alone(visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall(questions=3)
    page = visit("GM0034", f"/vergaderingen/{here.code}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_in_viewport()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("main").get_by_role("link", name="Naar uw stembiljet"), 12)
    page.keyboard.press("Enter")
    for question, presses, choice in (
        ("A1. Wonen", 1, "Voor"),
        ("A2. Water", 2, "Tegen"),
        ("Een besluit", 3, "Onthouding"),
    ):
        group = page.get_by_role("group", name=f"Uw stem over: {question}")
        tab_to(page, group.get_by_label("Nu niet stemmen"))
        for _ in range(presses):
            page.keyboard.press("ArrowDown")
        expect(group.get_by_label(choice)).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Controleer uw stemmen"), 3)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Breng uw 3 stemmen uit"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    for choice in ("voor", "tegen", "onthouding"):
        expect(page.get_by_role("region", name="Stembewijs").get_by_text(choice, exact=True)).to_have_count(1)


def ballots(demo: Demo, here: Hall) -> list[tuple[int, str]]:
    """Version and choice of all that is stored of a meeting."""
    query = (
        "SELECT b.version, b.choice FROM ballot b JOIN round r ON r.id = b.round_id "
        "JOIN meeting m ON m.id = r.meeting_id WHERE m.code = ?"
    )
    with closing(sqlite3.connect(demo.data / "alv.sqlite3")) as database:
        return database.execute(query, [here.code]).fetchall()


def to_the_review(page: Page, here: Hall) -> Locator:
    """Choose, and come to the button that casts."""
    page.goto(here.ballot)
    page.get_by_role("radio", name="Voor").check()
    page.get_by_role("button", name="Controleer uw stemmen").click()
    return page.get_by_role("button", name="Breng uw stem uit")


def test_an_answer_that_was_lost_leaves_one_vote(demo: Demo, visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall()
    page = visit("GM0037")
    button = to_the_review(page, here)

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)  # the server takes the vote
        route.abort()  # and the answer never comes

    page.route("**/uitbrengen", lose)
    button.click()
    expect(page.get_by_text(UNKNOWN)).to_be_visible()
    assert ballots(demo, here) == [(1, "for")]
    page.unroute("**/uitbrengen")
    button.click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    assert ballots(demo, here) == [(1, "for")]


def test_a_line_that_breaks_before_the_vote_is_sent(demo: Demo, visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall()
    page = visit("GM0037")
    button = to_the_review(page, here)
    page.context.set_offline(True)
    button.click()
    expect(page.get_by_text(UNKNOWN)).to_be_visible()
    assert ballots(demo, here) == []
    page.context.set_offline(False)
    button.click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    assert ballots(demo, here) == [(1, "for")]


def test_an_old_browser_casts_what_was_chosen_and_only_when_it_was_asked_to(
    demo: Demo, visit: Visit, hall: Callable[..., Hall]
) -> None:
    here = hall()
    page = visit("GM0037")
    page.add_init_script(
        "delete AbortSignal.timeout; Object.defineProperty(SubmitEvent.prototype, 'submitter', {get() {}})"
    )
    button = to_the_review(page, here)
    page.get_by_role("button", name="Wijzig").click()
    expect(page.get_by_role("radio", name="Voor")).to_be_checked()
    assert ballots(demo, here) == []
    page.get_by_role("button", name="Controleer uw stemmen").click()
    button.click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    assert ballots(demo, here) == [(1, "for")]


def test_the_review_tells_that_a_round_closed_meanwhile(visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall(questions=3)
    page = visit("GM0014", here.ballot)
    page.get_by_role("button", name="Alles voor").click()
    here.chair("sluiten", 1)
    expect(page.get_by_role("status").get_by_text("Een vraag is intussen gesloten.")).to_be_visible()
    page.get_by_role("button", name="Breng uw 3 stemmen uit").click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Een stem is niet vastgelegd")).to_be_visible()
    expect(page.get_by_role("region", name="Stembewijs").get_by_text("voor", exact=True)).to_have_count(2)
