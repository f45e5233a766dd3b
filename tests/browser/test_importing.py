"""A resolution that comes as a Word file: read, corrected, published and consulted on; and its next version, in which a
section got another heading, with the reactions and the deep link that stay with it."""

import io
import re
import struct
import uuid
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from docx import Document
from docx.oxml import parse_xml
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import VOTERS, Visit
from tests.browser.test_main_job import follow, open_letter, press, told
from tests.proposals.making import W
from tests.worker.running import Demo
from vng_alv import db
from vng_alv.demo.people import email_of

pytestmark = pytest.mark.browser

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
REGION = "Regen opvangen"


def picture() -> io.BytesIO:
    """A blue picture of one pixel."""
    parts = {b"IHDR": struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0), b"IDAT": zlib.compress(b"\0\0\0\xff"), b"IEND": b""}
    chunks = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts.items())
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def word(title: str, heading: str, first: str, *, untidy: bool) -> bytes:
    """A resolution as Word keeps it; an untidy one has a header, a picture and a change that was tracked."""
    made = Document()
    made.add_heading(title, 0)
    made.add_heading("Deel A. Water", 1)
    made.add_heading(f"A1. {heading}", 2)
    paragraph = made.add_paragraph(first)
    if untidy:
        made.sections[0].header.paragraphs[0].text = "Vertrouwelijk"
        made.add_picture(picture())
        change = 'w:id="1" w:author="a" w:date="2026-01-01T00:00:00Z"'
        paragraph._p.append(parse_xml(f"<w:del {W} {change}><w:r><w:delText>Of toch niet.</w:delText></w:r></w:del>"))
    made.add_heading("A2. Riolen", 2)
    made.add_paragraph("Elke gemeente weet hoe oud haar riolen zijn en wanneer zij vervangen worden.")
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def read_in(page: Page, content: bytes, name: str) -> None:
    """Choose a Word file and let it be read."""
    page.get_by_label("Bestand (hoeft niet)").set_input_files({"name": name, "mimeType": WORD, "buffer": content})
    press(page, "Lees de tekst in")
    expect(page.get_by_role("heading", name="2 onderdelen gevonden")).to_be_visible()


def react(clerk: Page, title: str) -> None:
    """Follow the mail, react on the first section and send it."""
    open_letter(clerk, email_of(VOTERS[0]), f"Geef uw reactie: {title}")
    follow(clerk, "/vergaderingen/")
    follow(clerk, "Reageren")
    section = clerk.get_by_role("region", name=f"A1 {REGION}")
    section.get_by_label("eens, mits").check()
    section.get_by_role("textbox").fill("Denk ook aan de polders.")
    press(clerk, "Bewaar en bekijk voor versturen")
    clerk.get_by_role("button", name=re.compile("^Verstuur namens")).click()
    told(clerk, "Eén reactie is verstuurd.")


def test_a_word_file_becomes_a_text_and_what_was_said_stays_with_a_section_that_is_renamed(
    demo: Demo, visit: Visit
) -> None:
    code, title = f"invoer-{uuid.uuid4().hex[:8]}", f"Schoon water {uuid.uuid4().hex[:6]}"
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    with db.transaction():
        factories.meeting(code)
        to = email_of(VOTERS[0])
    db.engine().dispose()
    desk, text = f"/secretariaat/vergaderingen/{code}/stukken", f"/vergaderingen/{code}/stukken/R1"

    staff = visit("secretariaat", f"{desk}/nieuw")
    staff.get_by_label("Code").fill("R1")
    first = "Gemeenten maken straten zo dat regen in de grond kan zaken. Tegels gaan eruit waar dat kan. "
    read_in(staff, word(title, REGION, first, untidy=True), "water.docx")
    report = staff.get_by_role("main").locator(".utrecht-alert").filter(has_text="Let hierop")
    for sentence in (
        "Kopteksten, voetteksten",
        "Afbeeldingen zijn weggelaten: 1. Bij onderdeel A1.",
        "alsof ze alle zijn",
    ):
        expect(report).to_contain_text(sentence)
    expect(staff.get_by_text("Uit het bestand water.docx.")).to_be_visible()

    follow(staff, "Verbeter de tekst")
    area = staff.get_by_role("textbox", name="Tekst")
    assert "toch niet" not in area.input_value()
    area.fill(area.input_value().replace("kan zaken", "kan zakken"))
    press(staff, "Bewaar de verbeterde tekst")
    told(staff, "De verbeterde tekst is bewaard.")
    expect(report).to_contain_text("Afbeeldingen zijn weggelaten")
    press(staff, "Publiceer versie 1")
    told(staff, "Versie 1 is gepubliceerd.")

    public = visit("", text)
    expect(public.get_by_text("kan zakken")).to_be_visible()
    anchor = public.get_by_role("region", name=REGION).get_attribute("id")
    assert anchor

    follow(staff, "Open de consultatie")
    staff.get_by_label("Datum").fill(f"{datetime.now(UTC) + timedelta(days=5):%Y-%m-%d}")
    staff.get_by_label("Tijd").fill("17:00")
    press(staff, "Open de consultatie")
    told(staff, "De consultatie is open.")
    react(visit(VOTERS[0]), title)
    open_letter(visit(), to, f"Geef uw reactie: {title}")

    staff.goto(f"{desk}/R1/importeren")
    second = (
        "Gemeenten maken straten zo dat regen langer blijft en in de grond kan zakken. Tegels gaan eruit waar dat kan."
    )
    read_in(staff, word(title, "Regenwater vasthouden", second, untidy=False), "water-2.docx")
    expect(staff.get_by_text("Klopt dit?")).to_have_count(1)
    press(staff, "Publiceer versie 2")
    expect(staff.get_by_text("Van onderdeel A1 is nog niet bevestigd")).to_be_visible()
    expect(staff.get_by_label("Zet voort: A1").locator("option:checked")).to_have_text(f"A1. {REGION}")
    press(staff, "Bevestig de onderdelen")
    told(staff, "De onderdelen zijn nu zoals u koos.")
    staff.get_by_label("Soort versie").select_option("definitief")
    press(staff, "Publiceer versie 2")
    told(staff, "Versie 2 is gepubliceerd.")

    follow(staff, "Consultatie verlengen of sluiten")
    press(staff, "Sluit de consultatie nu")
    public.goto(f"{text}#{anchor}")
    public.reload()  # the page without the fragment was open already
    expect(public.locator(f"#{anchor}")).to_be_in_viewport()
    expect(public.locator(f"#{anchor}").get_by_role("heading", name="Regenwater vasthouden")).to_be_visible()
    public.goto(f"{text}/onderdelen/A1")
    expect(public.get_by_role("heading", name=re.compile("Regenwater vasthouden")).first).to_be_visible()
    expect(public.get_by_text("Denk ook aan de polders.")).to_be_visible()
