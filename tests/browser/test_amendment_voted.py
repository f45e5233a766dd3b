"""An amendment on its whole way: written, submitted along, advised on, voted on, put into the text, and voted on again.

As four kinds of people see it: municipalities, the board, the secretariat, and whoever reads.
"""

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
from vng_alv.meetings.service import give_mandate
from vng_alv.members.queries import get_member

pytestmark = pytest.mark.browser

WONEN = "Wij bouwen 100 woningen per jaar. Wij doen dat met de provincie."
TEXT = f"# Samen bouwen\n\n## Wonen\n\n{WONEN}\n\n## Water\n\nWij houden het droog.\n"
NEW = "Wij bouwen 250 woningen per jaar."
ASKED = "Amendement AM1: Meer woningen"


@pytest.fixture
def code(demo: Demo) -> str:
    """A meeting of today with a text that can still be amended, and delegates of three members."""
    made = f"tekst-{uuid.uuid4().hex[:8]}"
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    with db.transaction():
        meeting = factories.meeting(made)
        meeting.starts_at = db.now()
        meeting.amendments_until = datetime.now(UTC) + timedelta(hours=1)
        factories.proposal(meeting, TEXT)
        for voter in VOTERS:
            clerk = find_person_by_email(email_of(voter))
            assert clerk is not None
            give_mandate(meeting, get_member(voter), clerk, None)
    db.engine().dispose()
    return made


def submit(clerk: Page, other: Page) -> None:
    """Two municipalities submit an amendment on the first section's own text."""
    clerk.get_by_role("region", name="Wonen").get_by_role("link", name="Amendement maken").click()
    clerk.get_by_role("textbox", name="Tekst van 1").fill(WONEN.replace("100", "250"))
    expect(clerk.locator("ins").filter(has_text="250")).to_be_visible()
    clerk.get_by_label("Titel").fill("Meer woningen")
    clerk.get_by_label("Toelichting").fill("Er is te weinig.")
    press(clerk, "Bewaar concept")
    told(clerk, "Uw concept is bewaard.")
    clerk.get_by_role("combobox", name="Gemeente").select_option(value=VOTERS[1])
    press(clerk, "Vraag om mee in te dienen")
    other.reload()
    other.get_by_role("article").filter(has_text="Meer woningen").get_by_role("link").click()
    other.get_by_role("button", name=re.compile("^Ja, Almere")).click()
    told(other, "Almere dient mee in.")
    clerk.reload()
    follow(clerk, "Bekijk en dien in")
    press(clerk, "Dien in namens Groningen")
    told(clerk, "Iedereen kan het nu lezen.")


def advise(board: Page) -> None:
    """The board advises, and everybody may read it."""
    follow(board, "Meer woningen")
    board.get_by_text("Schrijf het preadvies").click()
    board.get_by_label("Ontraden").check()
    board.get_by_label("Toelichting bij het preadvies").fill("Dat is te veel.")
    press(board, "Bewaar het preadvies")
    press(board, "Publiceer dit preadvies")
    told(board, "Het preadvies is openbaar.")


def prepare(colleague: Page, path: str) -> None:
    """Prepare how a municipality votes on the amendment, with its change in sight."""
    colleague.goto(path)
    question = colleague.get_by_role("article", name=ASKED)
    expect(question.locator("ins")).to_contain_text("250")
    question.get_by_label("Voor", exact=True).check()
    press(colleague, "Bewaar het stemadvies")
    told(colleague, "Eén stemadvies is bewaard.")


def vote(delegate: Page, choice: str, questions: int) -> None:
    """Vote the same in all that is asked, on the ballot that is shown."""
    for number in range(questions):
        delegate.get_by_role("article").nth(number).get_by_label(choice, exact=True).check()
    press(delegate, "Controleer uw stemmen")
    press(delegate, "Breng uw stem uit" if questions == 1 else f"Breng uw {questions} stemmen uit")
    expect(delegate.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()


def conclude(staff: Page, questions: int) -> None:
    """Close what is open, let the worker count it, and pronounce the outcomes."""
    staff.reload()
    press(staff, "Sluit de stemming" if questions == 1 else f"Sluit alle {questions} stemmingen")
    press(staff, "Sluit de stemming toch" if questions == 1 else f"Sluit de {questions} stemmingen toch")
    press(staff, "Maak de uitslag bekend" if questions == 1 else "Maak de gekozen uitslagen bekend")


def test_an_adopted_amendment_changes_the_text_that_is_voted_on_next(visit: Visit, code: str) -> None:
    text, ballot, console = (
        f"/vergaderingen/{code}/stukken/R1",
        f"/stemmen/{code}",
        f"/secretariaat/vergaderingen/{code}",
    )
    clerk, other = visit(VOTERS[0], text), visit(VOTERS[1])
    submit(clerk, other)
    amendment = clerk.url
    advise(visit("bestuur", f"{console}/preadviezen"))

    staff = visit("secretariaat", console)
    follow(staff, "Breng de amendementen in stemming")
    row = staff.get_by_role("listitem").filter(has_text="Meer woningen")
    expect(row.get_by_text("Groningen, met Almere · verandert 2 woorden · preadvies: ontraden")).to_be_visible()
    press(staff, "Zet de stemmingen klaar")
    expect(staff.get_by_text(f"Eerst de amendementen: {ASKED}.")).to_be_visible()
    prepare(other, f"/gemeente/{VOTERS[1]}/stemadvies/{code}")
    press(staff, "Open de stemming")

    clerk.goto(ballot)
    question = clerk.get_by_role("article", name=ASKED)
    expect(question.locator("del")).to_contain_text("100")
    expect(question.locator("ins")).to_contain_text("250")
    expect(question.get_by_text("Dat is te veel.")).to_be_visible()
    vote(clerk, "Voor", 1)
    other.goto(ballot)
    press(other, "Vul het stemadvies van onze gemeente in")
    press(other, "Breng uw stem uit")
    expect(other.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    conclude(staff, 1)

    expect(staff.get_by_role("heading", name="Samen bouwen")).to_be_visible()
    follow(staff, "Verwerk de amendementen")
    press(staff, "Begin met verwerken")
    follow(staff, "Bekijk het geheel en publiceer")
    press(staff, "Publiceer versie 2")
    told(staff, "Versie 2 is gepubliceerd.")
    staff.goto(console)
    press(staff, "Open de stemming over 2 vragen")

    clerk.goto(ballot)
    question = clerk.get_by_role("article", name="1. Wonen")
    expect(question.get_by_text(NEW)).to_be_visible()
    vote(clerk, "Voor", 2)
    conclude(staff, 2)
    press(staff, "Open de stemming")
    clerk.goto(ballot)
    vote(clerk, "Voor", 1)
    conclude(staff, 1)
    expect(staff.get_by_role("heading", name="Alle uitslagen zijn bekend")).to_be_visible()

    reader = visit("", text)
    expect(reader.get_by_text(NEW)).to_be_visible()
    reader.get_by_role("link", name=re.compile("Herkomst en reacties van onderdeel 1")).click()
    reader.get_by_role("link", name=re.compile("AM1")).first.click()
    expect(reader).to_have_url(re.compile(re.escape(amendment)))
    expect(reader.get_by_text("verwerkt in de tekst").first).to_be_visible()
    expect(reader.get_by_text("De woorden van dit amendement staan nu in het stuk.")).to_be_visible()
