"""Amendments that were adopted become the next version; those that wait go along with it or are reported."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import VOTERS, Visit
from tests.browser.test_main_job import follow, press, told
from tests.browser.test_pages import AXE, faults
from tests.worker.running import Demo
from vng_alv import db
from vng_alv.accounts.queries import find_person_by_email, get_actor
from vng_alv.amendments import service
from vng_alv.amendments.service import SectionChange
from vng_alv.demo.people import email_of
from vng_alv.domain.amendments import Wording
from vng_alv.domain.submissions import SubmissionState
from vng_alv.members.queries import get_member
from vng_alv.proposals.queries import published, sections_of
from vng_alv.submissions import service as submissions

pytestmark = pytest.mark.browser

WONEN = "Wij bouwen 100 woningen per jaar. Wij doen dat met de provincie."
TEXT = f"# Samen bouwen\n\n## Wonen\n\n{WONEN}\n\n## Water\n\nWij houden het droog.\n"
#: What each amendment makes of the first section, and where it stands: AM1 and AM2 clash, AM3 fits, AM4 does not.
AMENDMENTS = (
    (WONEN.replace("100", "200"), SubmissionState.ADOPTED),
    (WONEN.replace("100", "300"), SubmissionState.TAKEN_OVER),
    (WONEN.replace("de provincie", "alle provincies"), SubmissionState.SUBMITTED),
    (WONEN.replace("100", "400"), SubmissionState.SUBMITTED),
)


@pytest.fixture
def text(demo: Demo) -> tuple[str, list[str]]:
    """A meeting with a text of its own, and the addresses of the amendments on it."""
    code = f"tekst-{uuid.uuid4().hex[:8]}"
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    addresses = []
    with db.transaction():
        meeting = factories.meeting(code)
        meeting.amendments_until = datetime.now(UTC) + timedelta(days=1)
        proposal = factories.proposal(meeting, TEXT)
        version = published(proposal)
        assert version is not None
        first = sections_of(version.id)[0]
        clerk = find_person_by_email(email_of(VOTERS[0]))
        assert clerk is not None
        actor = get_actor(clerk.id)
        for body, state in AMENDMENTS:
            wanted = [SectionChange(first.section_id, Wording(first.heading, body))]
            made = service.begin(proposal, get_member(VOTERS[0]), "Anders wonen", "", wanted, actor)
            service.submit(made, 1, actor)
            if state is not SubmissionState.SUBMITTED:
                submissions.move(made.submission, state, None)
            addresses.append(f"/amendementen/{made.submission_id}")
    db.engine().dispose()
    return code, addresses


def choose(page: Page, *, script: bool) -> None:
    """Choose one of the two, and then words of one's own."""
    expect(page.get_by_role("group", name="Botsing 1: wat komt hier te staan?")).to_be_visible()
    page.get_by_role("radio", name="AM2", exact=True).check()
    if script:
        expect(page.get_by_text(re.compile(r"Bewaard om \d\d:\d\d"))).to_be_visible()
        page.get_by_label("Eigen woorden bij botsing 1").fill("250")  # chooses own words by itself
        expect(page.get_by_role("radio", name="Eigen woorden", exact=True)).to_be_checked()
        expect(page.get_by_text("250", exact=False).locator("xpath=self::ins")).to_be_visible()
        return
    press(page, "Bewaar")
    expect(page.get_by_text(re.compile(r"Bewaard om \d\d:\d\d"))).to_be_visible()
    expect(page.get_by_role("radio", name="AM2", exact=True)).to_be_checked()
    page.get_by_role("radio", name="Eigen woorden", exact=True).check()
    page.get_by_label("Eigen woorden bij botsing 1").fill("250")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_amendments_become_the_next_version(visit: Visit, text: tuple[str, list[str]], script: bool) -> None:
    code, (_, second, third, fourth) = text
    staff = visit("secretariaat", f"/vergaderingen/{code}/stukken/R1", java_script_enabled=script)
    follow(staff, "Amendementen verwerken")
    expect(staff.get_by_role("checkbox", name=re.compile("^AM[12] "))).to_have_count(2)
    press(staff, "Begin met verwerken")
    expect(staff.get_by_role("heading", name="0 van 1 botsingen gekozen")).to_be_visible()
    follow(staff, "Kies bij 1")
    choose(staff, script=script)
    press(staff, "Bewaar en ga verder")
    expect(staff.get_by_role("heading", name="1 van 1 botsingen gekozen")).to_be_visible()
    follow(staff, "Bekijk het geheel en publiceer")
    expect(staff.get_by_text("2 andere amendementen worden op de nieuwe tekst gezet")).to_be_visible()
    press(staff, "Publiceer versie 2")
    told(staff, "Versie 2 is gepubliceerd.")
    expect(staff.get_by_role("heading", name="Past niet meer op de tekst")).to_be_visible()
    expect(staff.get_by_role("link", name=re.compile("^AM4"))).to_be_visible()
    expect(staff.get_by_role("link", name=re.compile("^AM3"))).to_have_count(0)
    guest = visit("", f"/vergaderingen/{code}/stukken/R1", java_script_enabled=script)
    expect(guest.get_by_text("Wij bouwen 250 woningen per jaar.")).to_be_visible()
    guest.goto(second)
    expect(guest.get_by_text("verwerkt in de tekst").first).to_be_visible()
    guest.goto(third)
    expect(guest.get_by_text("Past niet meer op de nieuwe tekst")).to_have_count(0)
    expect(guest.locator(".alv-redline").first).to_contain_text("Wij bouwen 250 woningen per jaar.")
    guest.goto(fourth)
    expect(guest.get_by_role("heading", name="Past niet meer op de nieuwe tekst bij onderdeel 1")).to_be_visible()
    member = visit(VOTERS[0], fourth, java_script_enabled=script)
    follow(member, "Pas aan op de nieuwe tekst")
    expect(member.get_by_role("textbox", name="Tekst van 1")).to_have_value(WONEN.replace("100", "400"))
    press(member, "Bewaar het aangepaste amendement")
    told(member, "Het amendement past nu op de nieuwe tekst.")
    expect(member.get_by_text("Past niet meer op de nieuwe tekst")).to_have_count(0)
    expect(member.locator(".alv-redline del")).to_contain_text("250")


def test_axe_finds_nothing_on_the_workbench(visit: Visit, text: tuple[str, list[str]]) -> None:
    code, addresses = text
    bench = f"/secretariaat/vergaderingen/{code}/stukken/R1/verwerken-amendementen"
    staff, member = visit("secretariaat"), visit(VOTERS[0])
    for page in (staff, member):
        page.context.add_init_script(path=AXE)
    staff.goto(bench)
    found = faults(staff)
    press(staff, "Begin met verwerken")
    expect(staff.get_by_role("heading", name="0 van 1 botsingen gekozen")).to_be_visible()
    found += faults(staff)
    follow(staff, "Kies bij 1")
    staff.get_by_text("De tekst van dit onderdeel zelf schrijven").click()
    found += faults(staff)
    staff.get_by_role("radio", name="AM1", exact=True).check()
    press(staff, "Bewaar en ga verder")
    follow(staff, "Bekijk het geheel en publiceer")
    found += faults(staff)
    press(staff, "Publiceer versie 2")
    told(staff, "Versie 2 is gepubliceerd.")
    found += faults(staff)
    for path in (addresses[3], f"{addresses[3]}/aanpassen"):
        member.goto(path)
        found += faults(member)
    assert found == []


def test_somebody_else_saved_in_between(visit: Visit, text: tuple[str, list[str]]) -> None:
    code, _ = text
    bench = f"/secretariaat/vergaderingen/{code}/stukken/R1/verwerken-amendementen"
    one = visit("secretariaat", bench)
    press(one, "Begin met verwerken")
    follow(one, "Kies bij 1")
    other = visit("secretariaat", one.url)
    one.get_by_role("radio", name="AM1", exact=True).check()
    expect(one.get_by_text(re.compile(r"Bewaard om \d\d:\d\d"))).to_be_visible()
    other.get_by_role("radio", name="AM2", exact=True).check()
    expect(other.get_by_text("Iemand anders bewaarde dit onderdeel intussen.")).to_be_visible()
    press(other, "Bewaar")
    expect(other.get_by_text("Intussen bewaard: AM1")).to_be_visible()
    expect(other.get_by_role("radio", name="AM2", exact=True)).to_be_checked()
    press(other, "Bewaar")
    expect(other.get_by_text(re.compile(r"Bewaard om \d\d:\d\d"))).to_be_visible()
    one.reload()
    expect(one.get_by_role("radio", name="AM2", exact=True)).to_be_checked()
    one.get_by_text("De tekst van dit onderdeel zelf schrijven").click()
    one.get_by_role("textbox", name="Tekst", exact=True).fill("Heel eigen woorden.")
    back = one.get_by_role("button", name="Eigen tekst weg, terug naar de keuzes")
    expect(back).to_be_visible()  # it was saved
    one.get_by_role("radio", name="AM1", exact=True).check()
    expect(one.get_by_role("status").last).to_contain_text("Bewaard om")
    expect(one.get_by_role("textbox", name="Tekst", exact=True)).to_have_value("Heel eigen woorden.")
    back.click()
    one.get_by_text("De tekst van dit onderdeel zelf schrijven").click()
    expect(one.get_by_role("textbox", name="Tekst", exact=True)).to_have_value(AMENDMENTS[0][0])
