"""Reacting as people of one municipality: drafts together, sent and answered, and a deadline that passes meanwhile."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import VOTERS, Visit
from tests.browser.test_main_job import press, told
from tests.browser.test_pages import AXE, faults
from tests.worker.running import Demo
from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, Person
from vng_alv.consultation import service
from vng_alv.consultation.models import Consultation
from vng_alv.domain.mandates import OfficeKind
from vng_alv.members.queries import get_member
from vng_alv.members.service import give_office

pytestmark = pytest.mark.browser


class Text:
    """A text in consultation, and two people of one municipality who react to it."""

    def __init__(self, demo: Demo) -> None:
        self.demo, self.code = demo, f"reactie-{uuid.uuid4().hex[:8]}"
        with self.here():
            made = factories.proposal(factories.meeting(self.code))
            self.id = service.open_consultation(made, db.now() + timedelta(hours=1), None).id
            self.tokens = {}
            for kind in (OfficeKind.CLERK, OfficeKind.OFFICIAL):
                person = factories.person(f"{kind.value}-{self.code}")
                give_office(person, get_member(VOTERS[0]), kind, None)
                self.tokens[kind] = self._session(person)
        db.engine().dispose()

    def here(self) -> AbstractContextManager[None]:
        """A transaction in the database of the demo."""
        db.connect(f"sqlite:///{self.demo.data / 'alv.sqlite3'}")
        return db.transaction()

    @staticmethod
    def _session(person: Person) -> str:
        return sessions.start(person, hours=1, device="test", entry=Entry.PASSWORD, factor=True)

    @property
    def document(self) -> str:
        """The page of the text."""
        return f"/vergaderingen/{self.code}/stukken/R1"

    @property
    def react(self) -> str:
        """The page to react on."""
        return self.document + "/reageren"

    def close(self) -> None:
        """Let the deadline pass."""
        with self.here():
            found = db.session.get_one(Consultation, self.id)
            found.opened_at, found.closes_at = db.now() - timedelta(hours=2), db.now() - timedelta(seconds=1)
        db.engine().dispose()


@pytest.fixture
def text(demo: Demo) -> Text:
    return Text(demo)


Enter = Callable[..., Page]


@pytest.fixture
def enter(visit: Visit, text: Text, demo: Demo) -> Enter:
    """A function that opens the page to react on, for somebody of the municipality."""

    def come(kind: OfficeKind, **options: object) -> Page:
        page = visit(path="/over", **options)
        page.context.add_cookies([{"name": "alv", "value": text.tokens[kind], "url": demo.base}])
        if options.get("java_script_enabled", True):
            page.context.add_init_script(path=AXE)
        page.goto(text.react)
        return page

    return come


def test_a_draft_grows_among_colleagues_is_sent_answered_replaced_and_withdrawn(
    visit: Visit, enter: Enter, text: Text
) -> None:
    official, clerk = enter(OfficeKind.OFFICIAL), enter(OfficeKind.CLERK)
    field = official.get_by_label("Reactie op onderdeel A1, Wonen")
    field.fill("Wij steunen dit voorstel.")
    official.get_by_role("radio", name="eens, mits").first.check()
    expect(official.get_by_text("Bewaard om").first).to_be_visible()
    clerk.reload()
    clerk.get_by_label("Reactie op onderdeel A1, Wonen").fill("Wij steunen dit voorstel. Er is wel **geld** nodig.")
    press(clerk, "Bewaar en bekijk voor versturen")
    expect(clerk.locator("strong", has_text="geld")).to_be_visible()
    clerk.get_by_role("button", name="Verstuur namens").click()
    told(clerk, "Eén reactie is verstuurd.")
    staff = visit("secretariaat", text.document + "/reacties")
    staff.get_by_role("link", name="Beantwoord apart").click()
    staff.get_by_label("Antwoord aan deze gemeente").fill("Dank u.")
    press(staff, "Bewaar antwoord")
    told(staff, "Het antwoord is bewaard.")
    clerk.goto(text.react)
    expect(clerk.get_by_text("Dank u.")).to_be_visible()
    clerk.get_by_text("Wijzig deze reactie").first.click()
    clerk.get_by_label("Reactie op onderdeel A1, Wonen").fill("Wij steunen dit voorstel. Er is wel **tijd** nodig.")
    press(clerk, "Bewaar en bekijk voor versturen")
    expect(clerk.locator("ins", has_text="tijd")).to_be_visible()
    expect(clerk.locator("del", has_text="geld")).to_be_visible()
    clerk.get_by_role("button", name="Verstuur namens").click()
    expect(clerk.get_by_text("op een eerdere tekst van deze reactie")).to_be_visible()
    clerk.get_by_role("link", name="Geschiedenis van de reactie op onderdeel A1, Wonen").click()
    expect(clerk.get_by_role("article")).to_have_count(5)
    clerk.goto(text.react)
    clerk.get_by_role("link", name="Trek in wat verstuurd is").click()
    clerk.get_by_role("button", name="Trek in namens").click()
    told(clerk, "De reactie is ingetrokken.")


def test_two_who_write_at_once_see_both_texts(enter: Enter) -> None:
    one, two = enter(OfficeKind.CLERK), enter(OfficeKind.OFFICIAL)
    for page, words in ((one, "Wij zijn voor."), (two, "Wij zijn tegen.")):
        page.get_by_label("Reactie op het geheel").fill(words)
        page.get_by_role("button", name="Bewaar concept bij het geheel").click()
    expect(two.get_by_text("heeft hier intussen dezelfde woorden gewijzigd").first).to_be_visible()
    expect(two.locator(".alv-clash")).to_contain_text("Wij zijn voor.")
    expect(two.get_by_label("Reactie op het geheel")).to_have_value("Wij zijn tegen.")
    assert faults(two) == []


def test_a_deadline_that_passes_while_the_form_is_open_keeps_the_text_to_copy(enter: Enter, text: Text) -> None:
    page = enter(OfficeKind.CLERK, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("Reactie op onderdeel A2, Water").fill("Net te laat, en toch bewaard.")
    text.close()
    page.get_by_role("button", name="Bewaar concept bij onderdeel A2, Water").click()
    expect(page.get_by_role("alert")).to_contain_text("Wat u typte kon niet meer worden bewaard.")
    kept = page.get_by_label("Uw tekst, om te kopiëren")
    expect(kept).to_have_value("Net te laat, en toch bewaard.")
    page.get_by_role("button", name="Kopieer de tekst").click()
    expect(page.get_by_text("Gekopieerd.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Net te laat, en toch bewaard."
    assert faults(page) == []


def test_without_a_connection_it_says_so_keeps_trying_and_never_moves_the_focus(enter: Enter) -> None:
    page = enter(OfficeKind.CLERK)
    field = page.get_by_label("Reactie op het geheel")
    page.context.set_offline(True)
    field.press_sequentially("Onderweg getypt")
    expect(page.get_by_text("Geen verbinding. Uw tekst is nog niet bewaard")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Bewaard om")).to_be_visible(timeout=15_000)
    expect(field).to_be_focused()
    page.reload()
    expect(field).to_have_value("Onderweg getypt")


def test_tools_by_keyboard_a_preview_and_what_comes_from_a_word_processor(enter: Enter) -> None:
    page = enter(OfficeKind.CLERK)
    field = page.get_by_label("Reactie op het geheel")
    field.fill("Belangrijk")
    field.press("Control+a")
    field.press("Control+b")
    expect(field).to_have_value("**Belangrijk**")
    tools = page.get_by_role("toolbar", name="Opmaak").last
    tools.get_by_role("button", name="Vet").focus()
    page.keyboard.press("ArrowRight")
    expect(tools.get_by_role("button", name="Cursief")).to_be_focused()
    box = tools.get_by_role("button", name="Opsomming").bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 44
    field.fill("")
    word = (
        "<html><body><!--StartFragment--><p class=MsoNormal>Eerste <b>vet</b> alinea.</p>"
        "<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span> </span></span>Een</p>"
        "<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Twee</p>"
        "<p onclick='alert(1)'>Slot <a href='javascript:alert(1)'>klik</a> <a href='https://vng.nl/'>VNG</a></p>"
    )
    field.evaluate(
        """(area, html) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/html", html);
            area.focus();
            area.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }""",
        word,
    )
    expect(field).to_have_value("Eerste **vet** alinea.\n\n- Een\n- Twee\n\nSlot klik [VNG](https://vng.nl/)")
    page.get_by_role("button", name="Bekijk voorbeeld bij het geheel").click()
    preview = page.locator("[data-preview-words]").last
    expect(preview.get_by_role("listitem")).to_have_count(2)
    assert faults(page) == []


def test_without_script_drafts_previews_and_sending_work(enter: Enter) -> None:
    page = enter(OfficeKind.CLERK, java_script_enabled=False)
    page.get_by_label("Reactie op het geheel").fill("Met *nadruk*")
    page.get_by_role("button", name="Bekijk voorbeeld bij het geheel").click()
    expect(page.locator("em", has_text="nadruk")).to_be_visible()
    press(page, "Bewaar en bekijk voor versturen")
    page.get_by_role("button", name="Verstuur namens").click()
    told(page, "Eén reactie is verstuurd.")
