"""A motion from the first word to the account of it: two municipalities, the secretariat and the chair."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import VOTERS, Visit
from tests.browser.test_main_job import follow, press, told
from tests.worker.running import Demo
from vng_alv import db
from vng_alv.accounts.queries import find_person_by_email
from vng_alv.demo.people import email_of
from vng_alv.meetings import service as meetings
from vng_alv.members.queries import get_member

pytestmark = pytest.mark.browser


@pytest.fixture
def halls(demo: Demo) -> tuple[str, str, list[str]]:
    """Two meetings, one after the other, and the names of the members that vote in the first one."""
    code = f"moties-{uuid.uuid4().hex[:8]}"
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    with db.transaction():
        first = factories.meeting(code)
        first.starts_at = datetime.now(UTC)  # of today: the demo's association knows no early voting
        first.amendments_until = datetime.now(UTC) + timedelta(days=1)
        later = factories.meeting(f"{code}-later")
        later.title, later.starts_at = f"Later {code}", later.starts_at + timedelta(days=30)
        for member in VOTERS[:2]:
            clerk = find_person_by_email(email_of(member))
            assert clerk
            meetings.give_mandate(first, get_member(member), clerk, None)
        names = [get_member(member).name for member in VOTERS[:2]]
    db.engine().dispose()
    return code, f"{code}-later", names


def item(page: Page, group: str, number: int, words: str) -> None:
    """Type an item of a group."""
    page.get_by_label(f"{group}, punt {number}", exact=True).fill(words)


def write(page: Page) -> str:
    """Write a draft with the keyboard and the buttons between the items; its address."""
    page.get_by_label("Titel").fill("Veilig fietsen")
    item(page, "Constaterende dat", 1, "kinderen fietsen")
    page.get_by_role("button", name="Nog een punt bij Verzoekt het bestuur").press("Enter")
    expect(page.get_by_label("Verzoekt het bestuur, punt 2", exact=True)).to_be_focused()
    item(page, "Verzoekt het bestuur", 1, "te berichten")
    item(page, "Verzoekt het bestuur", 2, "te overleggen")
    page.get_by_role("button", name="Omhoog punt 2 bij Verzoekt het bestuur").press("Enter")
    expect(page.get_by_label("Verzoekt het bestuur, punt 1", exact=True)).to_have_value("te overleggen")
    press(page, "Bewaar concept")
    told(page, "Uw concept is bewaard.")
    return page.url


def vote(page: Page, code: str, choice: str) -> None:
    """Vote on all there is."""
    page.goto(f"/stemmen/{code}")
    page.get_by_role("group", name=re.compile("Uw stem over")).get_by_label(choice, exact=True).check()
    press(page, "Controleer uw stemmen")
    page.get_by_role("button", name=re.compile("^Breng uw")).click()
    expect(page.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_motion_is_written_voted_on_and_accounted_for(
    visit: Visit, halls: tuple[str, str, list[str]], script: bool
) -> None:
    code, later, (name, other_name) = halls
    desk = f"/secretariaat/vergaderingen/{code}"
    member = visit(VOTERS[0], f"/vergaderingen/{code}/moties", java_script_enabled=script)
    follow(member, f"Schrijf een motie van {name}")
    address = write(member)
    member.get_by_label("Gemeente").select_option(VOTERS[1])
    press(member, "Vraag om mee in te dienen")
    other = visit(VOTERS[1], address, java_script_enabled=script)
    press(other, f"Ja, {other_name} dient mee in")
    member.goto(address)
    expect(member.get_by_text(f"{other_name} dient mee in")).to_be_visible()
    follow(member, "Nakijken en indienen")
    press(member, f"Dien in namens {name}")
    told(member, "Ingediend als motie M1.")
    staff = visit("secretariaat", address, java_script_enabled=script)
    staff.get_by_text("Schrijf het preadvies").click()
    staff.get_by_label("Oordeel aan de ALV").check()
    press(staff, "Bewaar het preadvies")
    press(staff, "Publiceer dit preadvies")
    chair = visit("voorzitter", desk, java_script_enabled=script)
    press(chair, "Bereid de stemming voor over Veilig fietsen")
    press(chair, "Open de stemming")
    other.goto(f"/stemmen/{code}")
    expect(other.get_by_text("Oordeel aan de ALV")).to_be_visible()
    vote(member, code, "Voor")
    vote(other, code, "Voor")
    member.goto(address)
    expect(member.get_by_text("Zij kan niet meer veranderen.")).to_be_visible()
    chair.goto(desk)
    press(chair, "Sluit de stemming")
    press(chair, "Sluit de stemming toch")
    for _ in range(40):
        if chair.get_by_role("button", name=re.compile("^Maak de .*bekend")).count():
            break
        chair.wait_for_timeout(250)
        chair.goto(desk)
    chair.get_by_role("main").get_by_role("button", name=re.compile("^Maak de .*bekend")).first.click()
    told(chair, "De uitslag is bekendgemaakt.")
    staff.goto(address)
    expect(staff.get_by_text("aangenomen").first).to_be_visible()
    staff.get_by_text("Stand van zaken melden").click()
    staff.get_by_label("In uitvoering").check()
    staff.get_by_role("textbox", name="Verantwoording").fill("Wij spraken de minister.")
    press(staff, "Bewaar de verantwoording")
    told(staff, "De verantwoording is bewaard.")
    staff.goto("/secretariaat/moties")
    key = address.rsplit("/", 1)[1]
    staff.locator(f"#motie-{key}").check()
    staff.get_by_label("Vergadering", exact=True).select_option(later)
    press(staff, "Zet op de agenda")
    public = visit(path=f"/vergaderingen/{later}", java_script_enabled=script)
    expect(public.get_by_role("heading", name="Verantwoording moties")).to_be_visible()
    expect(public.get_by_text("Wij spraken de minister.")).to_be_visible()
