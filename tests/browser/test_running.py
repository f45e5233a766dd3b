"""The running order by mouse, by keyboard and without JavaScript."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import Visit
from tests.browser.test_pages import AXE, faults
from tests.worker.running import Demo
from vng_alv import db

pytestmark = pytest.mark.browser


@pytest.fixture
def running_order(demo: Demo) -> str:
    """The address of the running order of a meeting of its own."""
    code = f"draaiboek-{uuid.uuid4().hex[:8]}"
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    with db.transaction():
        factories.meeting(code)
    db.engine().dispose()
    return f"/secretariaat/vergaderingen/{code}/draaiboek"


def titles(page: Page) -> list[str]:
    return [words.split(". ", 1)[1] for words in page.locator("[data-run] h3").all_inner_texts()]


def test_items_move_by_mouse_and_by_keyboard(visit: Visit, running_order: str) -> None:
    page = visit("secretariaat", running_order)
    before = titles(page)
    grip = page.locator("[data-drag]").first
    grip.hover()
    page.mouse.down()
    box = page.locator("[data-item]").nth(2).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 4, steps=8)
    page.mouse.up()
    expect(page.get_by_text(f"{before[0]} is nu punt 3.")).to_be_visible()
    assert titles(page) == [before[1], before[2], before[0], *before[3:]]

    up = page.get_by_role("button", name=f"Omhoog: {before[0]}")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{before[0]} is nu punt 2.")).to_be_visible()
    expect(page.get_by_role("button", name=f"Omhoog: {before[0]}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{before[0]} is nu punt 1.")).to_be_visible()
    expect(page.get_by_role("button", name=f"Omlaag: {before[0]}")).to_be_focused()
    assert titles(page) == before


def test_a_drag_that_is_called_off_changes_nothing(visit: Visit, running_order: str) -> None:
    page = visit("secretariaat", running_order)
    before = titles(page)
    page.locator("[data-drag]").first.hover()
    page.mouse.down()
    page.mouse.move(200, 600, steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert titles(page) == before
    page.reload()
    assert titles(page) == before


def test_it_is_accessible_and_works_without_script(visit: Visit, running_order: str) -> None:
    page = visit("secretariaat", running_order)
    page.context.add_init_script(path=AXE)
    page.reload()
    assert faults(page) == []
    plain = visit("secretariaat", running_order, java_script_enabled=False)
    before = titles(plain)
    expect(plain.locator("[data-drag]").first).to_be_hidden()
    plain.get_by_role("button", name=f"Omlaag: {before[0]}").click()
    expect(plain.get_by_text(f"{before[0]} is nu punt 2.")).to_be_visible()
    assert titles(plain)[:2] == [before[1], before[0]]
