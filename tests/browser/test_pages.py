"""What holds on every page: no axe violation, nothing scrolls sideways, the mark of the demo, two languages."""

import json
import re
import urllib.parse
from collections import Counter, deque
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.worker.running import Demo

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 768, 1280)
MEETING = "/vergaderingen/alv-najaar"
DESK = "/secretariaat/vergaderingen/alv-najaar"

#: Whom to step in as, and the pages to look at.
PAGES = {
    "": ["/", "/demo", "/vergaderingen", MEETING, f"{MEETING}/stukken/R1", f"{MEETING}/stukken/M1",
         f"{MEETING}/uitslagen", f"{MEETING}/uitslagen/1", f"{MEETING}/uitslagen/2", "/leden", "/inloggen",
         "/bestaat-niet", "/demo/postvak", "/over", "/toegankelijkheid"],
    "GM0599": ["/", "/stemmen/alv-najaar", "/vergaderingen/alv-voorjaar/stukken/R1/reageren"],
    "secretariaat": ["/secretariaat", DESK, f"{DESK}/stemkaarten", "/secretariaat/personen",
                     "/secretariaat/personen/uitnodigen", "/secretariaat/berichten", "/secretariaat/logboek",
                     "/secretariaat/leden/importeren", "/secretariaat/vereniging", "/secretariaat/vergaderingen/nieuw",
                     f"{DESK}/stukken/nieuw", f"{DESK}/stukken/R1/reacties"],
    "voorzitter": [DESK],
}  # fmt: skip

LOOK = """async () => {
    await Promise.all(document.getAnimations().map(animation => animation.finished.catch(() => null)));
    const seen = await axe.run(document, {resultTypes: ["violations"]});
    return seen.violations.map(fault => fault.id + ": " + fault.nodes.map(node => node.html.slice(0, 200)).join(" | "));
}"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faults(page: Page) -> list[str]:
    """What axe finds at each width, light and dark, and whether the page scrolls sideways on the smallest screen."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{page.url} {width} {scheme}: {fault}" for fault in page.evaluate(LOOK)]
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate(SIDEWAYS) > 0:
        found.append(f"{page.url} scrolls sideways at 320")
    return found


@pytest.mark.parametrize("key", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(visit: Visit, key: str) -> None:
    page = visit(key)
    page.context.add_init_script(path=AXE)
    found: list[str] = []
    for path in PAGES[key]:
        page.goto(path)
        found += faults(page)
    assert found == []


def test_axe_finds_nothing_on_what_comes_of_forms(visit: Visit) -> None:
    page = visit("GM0599")
    page.context.add_init_script(path=AXE)
    page.goto("/stemmen/alv-najaar")
    page.get_by_role("button", name="Alles voor").click()
    found = faults(page)
    page.get_by_role("button", name=re.compile("Breng uw .* stemmen uit")).click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    found += faults(page)
    desk = visit("secretariaat")
    desk.context.add_init_script(path=AXE)
    desk.goto("/secretariaat/personen/uitnodigen")
    desk.get_by_role("button", name="Nodig uit").click()
    expect(desk.get_by_role("alert")).to_be_focused()
    found += faults(desk)
    desk.goto("/secretariaat/leden/importeren")
    file = {"name": "leden.csv", "mimeType": "text/csv", "buffer": b"code,naam,provincie,inwoners\nGM1,,Utrecht,-1\n"}
    desk.get_by_label("Bestand", exact=True).set_input_files(file)  # type: ignore[arg-type]
    desk.get_by_role("button", name="Bekijk wat er verandert").click()
    found += faults(desk)
    assert found == []


def test_the_language_can_be_changed(visit: Visit) -> None:
    page = visit(path=f"{MEETING}/uitslagen/1")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile(f"{MEETING}/uitslagen/1"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")


def test_a_browser_in_english_gets_english(visit: Visit) -> None:
    page = visit(locale="en-GB")
    expect(page.locator("html")).to_have_attribute("lang", "en")


#: What is no page and no export: it carries no votes, or is read by our own pages only.
BARE = re.compile(r"/static/|/gezond|\.ico$|/stand\.json$")
#: The parts by which many addresses of one kind differ.
NAMES = re.compile(r"GM\d{4}|[0-9a-f-]{36}|\b\d+\b|\d{10,}-\w+|zaal-\w+")


def links(demo: Demo, path: str, text: str) -> set[str]:
    """The paths of our own that a page leads to."""
    found = (urllib.parse.urljoin(demo.base + path, link) for link in re.findall(r'href="([^"#?]+)', text))
    return {link.removeprefix(demo.base) for link in found if link.startswith(demo.base + "/")}


def crawl(page: Page, demo: Demo) -> dict[str, tuple[str, str]]:
    """The kind and text of what this person comes to by links, two addresses of each kind."""
    seen: dict[str, tuple[str, str]] = {}
    kinds: Counter[str] = Counter()
    todo = deque(["/", "/demo"])
    while todo:
        path = todo.popleft()
        kind_of_address = NAMES.sub("*", path)
        if path in seen or BARE.search(path) or kinds[kind_of_address] == 2:
            continue
        kinds[kind_of_address] += 1
        answer = page.request.get(path)
        assert answer.ok, f"{path}: {answer.status}"
        seen[path] = answer.headers["content-type"].partition(";")[0], answer.text()
        if not path.startswith("/demo/postvak/"):  # a letter leads to what is its reader's
            todo.extend(sorted(links(demo, path, seen[path][1])))
    return seen


def marked(path: str, kind: str, text: str) -> bool:
    """Whether it says that its votes are invented."""
    if kind == "application/json":
        told: dict[str, Any] = json.loads(text)
        return told["example"] is True
    if kind == "text/csv":
        head, *rows = text.splitlines()
        return "voorbeeld" in head and bool(rows)
    return "Voorbeeld" in text


@pytest.mark.parametrize("key", ["", "GM0599", "secretariaat", "voorzitter"])
def test_every_page_and_export_says_that_its_votes_are_invented(demo: Demo, visit: Visit, key: str) -> None:
    found = crawl(visit(key), demo)
    kinds = {kind for kind, _text in found.values()}
    assert kinds >= {"text/html", "text/csv", "application/json"}
    assert [path for path, (kind, text) in found.items() if not marked(path, kind, text)] == []
