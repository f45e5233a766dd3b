"""What holds on every page: no axe violation, nothing scrolls sideways, the mark of the demo, two languages."""

import io
import json
import re
import time
import urllib.parse
import zipfile
from collections import Counter, deque
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Invite, Visit
from tests.browser.test_main_job import choose_file, press
from tests.browser.test_sign_in import link_an_app, time_goes_by
from tests.factories import PASSWORD
from tests.web.second_steps import code
from tests.worker.running import Demo
from vng_alv import db
from vng_alv.accounts.links import link_token
from vng_alv.accounts.links import make as make_link
from vng_alv.accounts.models import MailLinkKind, Person
from vng_alv.domain.permissions import Role
from vng_alv.members.queries import get_association
from vng_alv.members.service import change_association

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 768, 1280)
MEETING = "/vergaderingen/alv-najaar"
DESK = "/secretariaat/vergaderingen/alv-najaar"

OWN = "/gemeente/GM0599"

#: Whom to step in as, and the pages to look at.
PAGES = {
    "": ["/", "/demo", "/vergaderingen", MEETING, f"{MEETING}/stukken/R1", f"{MEETING}/stukken/M1",
         f"{MEETING}/stukken/R1?zoek=gemeenten", f"{MEETING}/stukken/R1/onderdelen/A1",
         f"{MEETING}/stukken/R1/onderdelen/geheel", f"{MEETING}/stukken/R1/reacties",
         f"{MEETING}/stukken/R1/vergelijk",
         f"{MEETING}/uitslagen", f"{MEETING}/uitslagen/1", f"{MEETING}/uitslagen/2", "/leden", "/inloggen",
         "/bestaat-niet", "/demo/postvak", "/over", "/toegankelijkheid", "/wachtwoord-vergeten",
         "/wachtwoord-vergeten/gevraagd", "/adres-bevestigd", "/adres-bevestigd?klaar=1", "/uitnodiging/oud",
         "/wachtwoord/oud", "/adres/oud", "/inloggen/via/weg", "/inloggen/via/weg/terug"],
    "GM0599": ["/", "/stemmen/alv-najaar", "/vergaderingen/alv-voorjaar/stukken/R1/reageren", OWN, f"{OWN}/collega",
               f"{OWN}/stemkaart/alv-najaar", f"{OWN}/stemadvies/alv-najaar", f"{OWN}/stemadvies/alv-voorjaar",
               "/account", "/account/wachtwoord", "/account/adres", "/account/logboek",
               "/account/tweede-stap"],
    "secretariaat": ["/secretariaat", DESK, f"{DESK}/stemkaarten", "/secretariaat/personen",
                     "/secretariaat/personen/uitnodigen", "/secretariaat/berichten", "/secretariaat/logboek",
                     "/secretariaat/leden/importeren", "/secretariaat/vereniging", "/secretariaat/vergaderingen/nieuw",
                     f"{DESK}/stukken/nieuw", f"{MEETING}/stukken/R1/reacties", "/secretariaat/personen/importeren",
                     "/secretariaat/personen/herinneren", "/secretariaat/rechten", "/secretariaat/tweede-stap",
                     "/gemeente", OWN],
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


def shows(page: Page, heading: str) -> list[str]:
    """What is wrong with the page that has this heading."""
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    return faults(page)


def choose_password(page: Page) -> None:
    """Fill in a password, twice."""
    page.get_by_label("Kies een wachtwoord").fill(PASSWORD)
    page.get_by_label("Het wachtwoord nog een keer").fill(PASSWORD)


def test_axe_finds_nothing_from_invitation_to_account(visit: Visit, invite: Invite, demo: Demo) -> None:
    joined = invite("alv-voorjaar", Role.CHAIR)
    page = visit(path=joined.path)
    page.context.add_init_script(path=AXE)
    page.reload()
    found = shows(page, "Welkom, ")
    page.get_by_text("Met een wachtwoord").click()
    press(page, "Bewaar en ga verder")
    expect(page.get_by_role("alert")).to_be_focused()
    found += faults(page)
    choose_password(page)
    press(page, "Bewaar en ga verder")
    found += shows(page, "App koppelen")
    page.goto("/account/tweede-stap")
    found += shows(page, "Maak een tweede stap")
    page.goto("/account/tweede-stap/passkey")
    found += shows(page, "Passkey toevoegen")
    page.goto("/account/tweede-stap/app")
    press(page, "Koppel de app")
    found += faults(page)
    secret = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("Code uit de app").fill(code(secret))
    press(page, "Koppel de app")
    found += shows(page, "Uw herstelcodes")
    page.goto("/account/tweede-stap")
    found += shows(page, "Tweede stap")
    time_goes_by(demo, joined.person)
    page.goto("/account/tweede-stap/app")
    found += shows(page, "Bevestig dat u het bent")
    press(page, "Bevestig en ga verder")
    found += faults(page)
    page.goto("/account/adres")
    page.get_by_label("E-mailadres").fill("nieuw@test.example")
    press(page, "Stuur de mails")
    page.get_by_label("Code").fill(code(secret))
    press(page, "Bevestig en ga verder")
    found += shows(page, "Uw account")
    page.get_by_role("button", name="Uitloggen").click()
    page.goto("/inloggen")
    press(page, "Inloggen")
    found += shows(page, "Inloggen")
    page.get_by_label("E-mailadres").fill(joined.person.email)
    page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    press(page, "Inloggen")
    found += shows(page, "De tweede stap")
    assert found == []


def mailed(demo: Demo, person: Person, kind: MailLinkKind) -> str:
    """The secret part of a link in a mail to this person."""
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    with db.transaction():
        made = make_link(kind, person.id, lasts=timedelta(hours=1), secret=demo.secret, email="nieuw@test.example")
        token = link_token(made.id, demo.secret)
    db.engine().dispose()
    return token


def test_axe_finds_nothing_on_what_links_in_mails_lead_to(visit: Visit, invite: Invite, demo: Demo) -> None:
    joined = invite()
    page = visit(path="/wachtwoord-vergeten")
    page.context.add_init_script(path=AXE)
    page.reload()
    press(page, "Vraag een nieuw wachtwoord aan")
    found = shows(page, "Wachtwoord vergeten")
    page.goto(f"/wachtwoord/{mailed(demo, joined.person, MailLinkKind.RESET_PASSWORD)}")
    found += shows(page, "Kies een nieuw wachtwoord")
    press(page, "Bewaar het wachtwoord")
    expect(page.get_by_role("alert")).to_be_focused()
    found += faults(page)
    page.goto(f"/adres/{mailed(demo, joined.person, MailLinkKind.TAKE_ADDRESS)}")
    found += shows(page, "Bevestig het nieuwe adres")
    assert found == []


@pytest.fixture
def with_proxies(demo: Demo) -> Iterator[None]:
    """An association that allows proxies, for a while."""

    def allow(number: int) -> None:
        db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
        with db.transaction():
            change_association(get_association(), None, proxies_per_member=number)
        db.engine().dispose()

    allow(1)
    yield
    allow(0)


@pytest.mark.usefixtures("with_proxies")
def test_axe_finds_nothing_where_a_municipality_looks_after_itself(visit: Visit) -> None:
    page = visit("GM0034", "/gemeente/GM0034/collega")
    page.context.add_init_script(path=AXE)
    page.reload()
    press(page, "Nodig uit")
    expect(page.get_by_role("alert")).to_be_focused()
    found = faults(page)
    page.get_by_label("Naam").fill("Wethouder van Almere")
    page.get_by_label("E-mailadres").fill("wethouder@almere.example")
    page.get_by_label("Functie").select_option("wethouder")
    press(page, "Nodig uit")
    found += shows(page, "Almere")
    page.get_by_role("link", name=re.compile("Wijzig.*Wethouder van Almere")).click()
    found += shows(page, "Wethouder van Almere")
    page.goto("/gemeente/GM0034/stemkaart/alv-voorjaar")
    found += shows(page, "Stemkaart van Almere")
    page.get_by_label("Welke gemeente stemt voor u?").select_option("GM0014")
    press(page, "Geef de volmacht")
    page.goto("/gemeente/GM0034/stemkaart/alv-voorjaar")
    expect(page.get_by_role("button", name="Neem de volmacht terug")).to_be_visible()
    found += faults(page)
    press(page, "Neem de volmacht terug")
    assert found == []


ROWS = "gemeentecode;naam;e-mail;functie\r\n{code};B. Smit;smit@almere.example;raadslid\r\n"


def test_axe_finds_nothing_on_people_and_their_import(visit: Visit, invite: Invite, demo: Demo) -> None:
    joined = invite("alv-voorjaar", Role.CHAIR)
    newcomer = visit(path=joined.path)
    newcomer.get_by_text("Met een wachtwoord").click()
    choose_password(newcomer)
    press(newcomer, "Bewaar en ga verder")
    link_an_app(newcomer)
    page = visit("secretariaat", f"/secretariaat/personen?zoek={joined.person.email}")
    page.context.add_init_script(path=AXE)
    page.reload()
    found = shows(page, "Personen")
    page.get_by_role("link", name=joined.person.name).click()
    found += shows(page, joined.person.name)
    person = page.url
    page.goto(f"{person}/wissen")
    found += shows(page, "Persoonsgegevens wissen")
    page.goto(f"{person}/tweede-stap")
    found += shows(page, "Tweede stap weghalen van")
    press(page, "Vraag een collega om dit te bevestigen")
    expect(page.get_by_role("alert")).to_be_focused()
    found += faults(page)
    page.get_by_label("Wat is er aan de hand").fill("Telefoon kwijt.")
    press(page, "Vraag een collega om dit te bevestigen")
    found += shows(page, "Tweede stap weghalen")
    page.goto("/secretariaat/personen/importeren")
    choose_file(page, "Bestand", "personen.csv", ROWS.format(code="GM9999"))
    press(page, "Bekijk wat er gebeurt")
    expect(page.get_by_text("Er is 1 fout gevonden. Er is niemand uitgenodigd.")).to_be_visible()
    found += faults(page)
    choose_file(page, "Bestand", "personen.csv", ROWS.format(code="GM0034"))
    press(page, "Bekijk wat er gebeurt")
    found += shows(page, "Wat er gebeurt")
    press(page, "Verwerk 1 rij")
    expect(page.get_by_role("heading", name="Klaar met uitnodigen")).to_be_visible()
    found += faults(page)
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


#: What is no page and no export: it carries no votes, is read by our own pages only, or leads to another site.
BARE = re.compile(r"/static/|/narekenen/|/gezond|/\.well-known/|\.ico$|/stand\.json$|/inloggen/via/")
#: The parts by which many addresses of one kind differ.
NAMES = re.compile(r"GM\d{4}|[0-9a-f-]{36}|\b[RAM]?\d+\b|\d{10,}-\w+|\w+-[0-9a-f]{8}\b")


def links(demo: Demo, path: str, text: str) -> set[str]:
    """The paths of our own that a page leads to."""
    found = (urllib.parse.urljoin(demo.base + path, link) for link in re.findall(r'href="([^"#?]+)', text))
    return {link.removeprefix(demo.base) for link in found if link.startswith(demo.base + "/")}


def words_of(kind: str, body: bytes) -> str:
    """What an answer says: of a PDF its words, of a Word document or an archive what is in it."""
    if kind == "application/pdf":
        return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return body.decode()


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
        while answer.status == 429:  # asked for more files in a minute than one may: as a good crawler does
            time.sleep(int(answer.headers["retry-after"]))
            answer = page.request.get(path)
        assert answer.ok, f"{path}: {answer.status}"
        kind = answer.headers["content-type"].partition(";")[0]
        seen[path] = kind, words_of(kind, answer.body())
        if not path.startswith("/demo/postvak/"):  # a letter leads to what is its reader's
            todo.extend(sorted(links(demo, path, seen[path][1])))
    return seen


def marked(path: str, kind: str, text: str) -> bool:
    """Whether it says that its votes are invented."""
    if kind == "application/json":
        told: dict[str, Any] = json.loads(text)
        return {"example": told.get("example"), **told.get("receipt", {}), **told.get("bundle", {})}["example"] is True
    if kind == "text/csv":
        return "voorbeeld" in text.partition("\n")[0].lower()  # a list without an outcome has no rows yet
    return "voorbeeld" in text.lower()


@pytest.mark.parametrize("key", ["", "GM0599", "secretariaat", "voorzitter"])
def test_every_page_and_export_says_that_its_votes_are_invented(demo: Demo, visit: Visit, key: str) -> None:
    found = crawl(visit(key), demo)
    kinds = {kind for kind, _text in found.values()}
    assert kinds >= {"text/html", "text/csv", "application/json"}
    assert [path for path, (kind, text) in found.items() if not marked(path, kind, text)] == []
