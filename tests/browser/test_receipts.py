"""A receipt, from the vote to the check by a guest who has nothing but the file (docs/rules.md §9)."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hall, Visit
from tests.browser.test_pages import AXE, faults

pytestmark = pytest.mark.browser

CHECK = "/stembewijs/controleren"


def vote_and_keep(page: Page, here: Hall, folder: Path) -> Path:
    """Vote in favour of the first question and against the others, and keep the receipt as a file."""
    page.goto(here.ballot)
    for n, group in enumerate(page.get_by_role("group", name="Uw stem over").all()):
        group.get_by_label("Tegen" if n else "Voor").check()
    page.get_by_role("button", name="Controleer uw stemmen").click()
    page.get_by_role("button", name=re.compile("Breng uw .* uit")).click()
    expect(page.get_by_role("heading", name="Handtekening van de vereniging")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Bewaar als bestand").click()
    assert re.fullmatch(r"stembewijs-[2-9A-Z]{4}(-[2-9A-Z]{4}){3}\.json", waiting.value.suggested_filename)
    kept = folder / waiting.value.suggested_filename
    waiting.value.save_as(kept)
    return kept


def check(page: Page, *, file: Path | None = None, text: str = "") -> None:
    page.goto(CHECK)
    if file:
        page.get_by_label("Bestand met het stembewijs").set_input_files(file)
    page.get_by_label("Code of inhoud van het stembewijs").fill(text)
    page.get_by_role("button", name="Controleer", exact=True).click()
    expect(page.get_by_role("heading", name="Wat we vonden")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_from_the_vote_to_the_check_by_a_guest(
    visit: Visit, hall: Callable[..., Hall], tmp_path: Path, script: bool
) -> None:
    here = hall(questions=3)
    voter = visit("GM0014", java_script_enabled=script)
    kept = vote_and_keep(voter, here, tmp_path)
    guest = visit(java_script_enabled=script)
    found = guest.get_by_role("region", name="Wat we vonden")

    check(guest, text=json.loads(kept.read_text())["receipt"]["code"])
    expect(found).to_contain_text("Met deze code is een stem vastgelegd")
    for word in ("Groningen", "GM0014", "voor.", "tegen"):
        expect(found).not_to_contain_text(word)
    check(guest, file=kept)
    expect(found).to_contain_text("De handtekening klopt")
    expect(found.get_by_text("De uitslag is nog niet bekendgemaakt.")).to_have_count(3)

    for number in (1, 2):
        here.counted(number)
        here.chair("bekendmaken", number)
    check(guest, file=kept)
    expect(found.get_by_text("Deze stem staat zo in de bekendgemaakte lijst.")).to_have_count(2)
    expect(found.get_by_text("De uitslag is nog niet bekendgemaakt.")).to_have_count(1)
    found.get_by_role("link", name="A1. Wonen").click()
    code = json.loads(kept.read_text())["receipt"]["code"]
    expect(guest.get_by_role("row").filter(has_text="Groningen").filter(has_text=code)).to_contain_text("voor")
    guest.get_by_role("link", name="Controleer een stembewijs").click()

    forged = tmp_path / "vals.json"
    forged.write_text(kept.read_text().replace('"vote": "voor"', '"vote": "tegen"'))
    check(guest, file=forged)
    expect(found).to_contain_text("De handtekening klopt niet")
    expect(found).to_contain_text("de keuze, bij stemming 1")


def test_axe_finds_nothing_on_a_receipt_and_its_check(visit: Visit, hall: Callable[..., Hall], tmp_path: Path) -> None:
    here = hall(questions=3)
    voter, guest = visit("GM0037"), visit(path=CHECK)
    for page in (voter, guest):
        page.context.add_init_script(path=AXE)
    kept = vote_and_keep(voter, here, tmp_path)
    voter.get_by_text("Wat er precies is ondertekend").click()
    found = faults(voter)
    voter.emulate_media(media="print")
    expect(voter.get_by_text("Gemaakt met sleutel")).to_be_visible()
    expect(voter.get_by_role("link", name="Bewaar als bestand")).to_be_hidden()
    guest.goto(CHECK)
    found += faults(guest)
    guest.get_by_role("button", name="Controleer", exact=True).click()
    expect(guest.get_by_role("alert")).to_be_focused()
    found += faults(guest)
    forged = tmp_path / "vals.json"
    forged.write_text(kept.read_text().replace('"vote": "voor"', '"vote": "tegen"'))
    for file, text in ((kept, ""), (forged, ""), (None, "2222-2222-2222-2222"), (None, kept.stem.partition("-")[2])):
        check(guest, file=file, text=text)
        found += faults(guest)
    assert found == []
