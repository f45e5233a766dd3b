"""Reading a text: with and without scripts, by links to lines, with reactions beside it, on paper."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_pages import MEETING

pytestmark = pytest.mark.browser

TEXT = f"{MEETING}/stukken/R1"
#: For each paragraph the heights at which the first letters of its lines stand.
ROWS = """() => [...document.querySelectorAll('.alv-lined > p')].map(p =>
    [...p.querySelectorAll('.alv-line')].map(mark => {
    const texts = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
    texts.currentNode = mark;
    const letter = document.createRange();
    letter.setStart(texts.nextNode(), 0);
    letter.setEnd(texts.currentNode, 1);
    return Math.round(letter.getBoundingClientRect().top);
}))"""


def test_without_scripts_all_of_a_text_can_be_read_and_searched(visit: Visit) -> None:
    page = visit(path=TEXT, java_script_enabled=False)
    expect(page.get_by_role("button", name="Kopieer link")).to_have_count(0)
    page.get_by_label("Zoek in deze tekst").fill("GEMEENTEN")
    page.get_by_role("button", name="Zoek", exact=True).click()
    expect(page.get_by_text(re.compile(r"“GEMEENTEN” staat \d+ keer in deze tekst"))).to_be_visible()
    page.get_by_role("link", name="volgende").first.click()
    expect(page).to_have_url(re.compile(r"zoek=GEMEENTEN#z\d+$"))
    page.get_by_role("link", name="Verberg de regelnummers").click()
    expect(page.locator(".alv-line")).to_have_count(0)
    expect(page.locator("mark").first).to_be_visible()
    page.locator("#o-A2 .alv-margin summary").click()
    page.get_by_role("link", name="Lees de reacties en antwoorden op onderdeel A2").click()
    expect(page).to_have_url(re.compile(r"/onderdelen/A2\?versie=1#reacties$"))
    expect(page.get_by_role("article").first).to_be_visible()


def test_reactions_open_beside_the_text_and_the_contents_follow(visit: Visit) -> None:
    page = visit(path=f"{TEXT}#o-A3")
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator(".alv-toc [aria-current]")).to_have_text(re.compile(r"^\s*A3"))
    page.locator("#o-A3 .alv-margin summary").click()
    expect(page.locator("#o-A3 .alv-reaction").first).to_be_visible()
    expect(page.locator("#o-A2 .alv-reaction")).to_have_count(0)


def test_the_choice_for_line_numbers_is_remembered(visit: Visit) -> None:
    page = visit(path=TEXT)
    number = "getComputedStyle(document.getElementById('r5'), '::after').content"
    assert page.evaluate(number) not in {"none", "normal"}
    page.get_by_role("link", name="Verberg de regelnummers").click()
    expect(page.get_by_role("link", name="Toon de regelnummers")).to_be_visible()
    page.reload()
    assert page.evaluate(number) == "none"


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_a_number_stands_where_its_line_begins_at_every_width(visit: Visit, width: int) -> None:
    page = visit(path=TEXT)
    page.set_viewport_size({"width": width, "height": 900})
    # Each line begins in a row of its own within a paragraph, so that no two numbers cover each other.
    rows = page.evaluate(ROWS)
    assert sum(len(row) for row in rows) > 50
    assert [row for row in rows if len(set(row)) != len(row)] == []
    assert page.evaluate("window.find('betaalbaar huis, goede zorg', false, false, true)")


def test_on_paper_there_are_numbers_and_no_menus(visit: Visit) -> None:
    page = visit(path=TEXT)
    page.emulate_media(media="print")
    for gone in (".alv-toc", ".alv-readbar", ".alv-nav", ".alv-sectionlinks"):
        expect(page.locator(gone).first).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.getElementById('r5'), '::after').content") == '"5"'
    assert page.evaluate("getComputedStyle(document.getElementById('kop-A2')).breakAfter") == "avoid"
