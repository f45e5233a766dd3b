"""Answering by keyboard alone: filter, choose several, a theme, its answer; and the municipality reads it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

DESK = "/secretariaat/vergaderingen/alv-najaar/stukken/R1"
TEXT = "/vergaderingen/alv-najaar/stukken/R1"


def focus(page: Page, selector: str, *, back: bool = False) -> None:
    """Come to a part of the page with the Tab key, as somebody without a mouse does."""
    for _ in range(150):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    pytest.fail(f"the keyboard does not come to {selector}")


def ticked(page: Page) -> list[int]:
    """Which of the reactions on the page are chosen, by place."""
    found: list[int] = page.evaluate(
        "() => [...document.querySelectorAll('input[name=reactie]')].flatMap((box, n) => box.checked ? [n] : [])"
    )
    return found


def test_reactions_are_grouped_and_answered_by_keyboard_and_the_municipality_reads_the_answer(visit: Visit) -> None:
    page = visit("secretariaat", f"{DESK}/verwerken")
    focus(page, "#f-zoek")
    page.keyboard.type("jeugd")
    page.keyboard.press("Enter")
    page.wait_for_url("**zoek=jeugd**")
    boxes = page.locator("input[name=reactie]")
    assert boxes.count() >= 2
    page.keyboard.press("j")
    expect(boxes.nth(0)).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert ticked(page) == [0, 1]
    expect(page.locator("[data-chosen]")).to_contain_text("2 gekozen")
    page.keyboard.press("t")
    expect(page.locator("#theme")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Jeugd met xjt")  # letters in a field are letters
    page.keyboard.press("Enter")
    expect(page.get_by_role("main").get_by_role("status").first).to_contain_text("2 reacties staan nu onder het thema")
    assert "zoek=jeugd" in page.url
    focus(page, "a.alv-tag")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Jeugd met xjt")
    focus(page, "textarea[name=answer]")
    page.keyboard.type("Wij nemen dit **mee**.")
    page.keyboard.press("Tab")
    page.keyboard.type("verw")
    focus(page, ".alv-themeform button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Het thema is bewaard.")).to_be_visible()
    reader = visit("GM0153", f"{TEXT}/reageren")
    answer = reader.locator(".alv-reaction__answer", has_text="Jeugd met xjt")
    expect(answer).to_contain_text("Wij nemen dit mee.")
    expect(answer).to_contain_text("verwerkt")


def test_keys_of_one_letter_can_be_turned_off_and_stay_off(visit: Visit) -> None:
    page = visit("secretariaat", f"{DESK}/verwerken")
    boxes = page.locator("input[name=reactie]")
    page.keyboard.press("j")
    expect(boxes.nth(0)).to_be_focused()
    page.keyboard.press("k")
    expect(boxes.nth(0)).to_be_focused()
    page.locator("[data-keys-on]").focus()
    page.keyboard.press("Space")
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
        assert ticked(page) == []
        page.reload()
    boxes.nth(0).check()
    boxes.nth(3).click(modifiers=["Shift"])
    assert ticked(page) == [0, 1, 2, 3]
    page.get_by_label(re.compile("^Kies alle")).check()
    assert len(ticked(page)) == boxes.count()
