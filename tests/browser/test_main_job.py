"""The main job as five people and the public: from a register with a fault in it to a result that anyone can check."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.factories import PASSWORD, RESOLUTION
from tests.web.second_steps import code
from tests.worker.running import until
from vng_alv.domain.clock import day_of

pytestmark = pytest.mark.browser

LARGE, SMALL = "Grootstad", "Kleindorp"
REGISTER = "code;naam;provincie;inwoners\r\nGM9001;Grootstad;Utrecht;{large}\r\nGM9002;Kleindorp;Drenthe;2.500\r\n"
CODE = "alv-proef"
MEETING = f"/vergaderingen/{CODE}"
TEXT = f"{MEETING}/stukken/R1"
DESK = f"/secretariaat/vergaderingen/{CODE}"
CLERK_LARGE, OFFICIAL, CLERK_SMALL = "griffier@grootstad.example", "ambtenaar@grootstad.example", "g@kleindorp.example"


def press(page: Page, name: str) -> None:
    """Press the button with exactly this name."""
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    """Follow the first link with this name."""
    page.get_by_role("main").get_by_role("link", name=name).first.click()


def told(page: Page, words: str) -> None:
    """The page says so where it tells what was done."""
    expect(page.get_by_role("main").get_by_role("status").first).to_contain_text(words)


def choose_file(page: Page, label: str, name: str, text: str) -> None:
    """Choose a file of this name and content."""
    content = {"name": name, "mimeType": "text/plain", "buffer": text.encode("utf-8-sig")}
    chosen = page.get_by_label(label, exact=True)
    chosen.set_input_files(content)  # type: ignore[arg-type]
    expect(chosen).to_have_value(re.compile(re.escape(name)))


def open_letter(page: Page, to: str, subject: str) -> None:
    """Open the newest mail to somebody that has these words in its subject; it may come after a long mailing."""
    inbox = f"/demo/postvak?aan={to}"
    until(lambda: subject in page.request.get(inbox).text(), f"a mail to {to}: {subject}", within=60, every=0.5)
    page.goto(inbox)
    follow(page, subject)


def import_the_register(secretariat: Page) -> None:
    secretariat.goto("/secretariaat")
    follow(secretariat, "Leden importeren")
    choose_file(secretariat, "Bestand", "leden.csv", REGISTER.format(large="-200000"))
    press(secretariat, "Bekijk wat er verandert")
    expect(secretariat.get_by_text("Er is 1 fout gevonden. Er is niets gewijzigd.")).to_be_visible()
    expect(secretariat.get_by_role("row", name="2 Het aantal inwoners kan niet kleiner zijn dan 0.")).to_be_visible()
    choose_file(secretariat, "Bestand", "leden.csv", REGISTER.format(large="200.000"))
    press(secretariat, "Bekijk wat er verandert")
    expect(secretariat.get_by_role("region", name="Nieuw").get_by_role("row")).to_have_count(3)
    press(secretariat, "Voer alle wijzigingen door")
    told(secretariat, "2 gemeenten zijn bijgewerkt.")


def plan_the_meeting(secretariat: Page) -> None:
    secretariat.goto("/vergaderingen")
    follow(secretariat, "Nieuwe vergadering")
    secretariat.get_by_label("Naam").fill("ALV proef")
    secretariat.get_by_label("Code").fill(CODE)
    secretariat.get_by_label("Datum", exact=True).fill(f"{day_of(datetime.now(UTC))}")
    secretariat.get_by_label("Begintijd").fill("13:30")
    secretariat.get_by_label("Plaats").fill("Utrecht")
    press(secretariat, "Maak de vergadering")
    told(secretariat, "De vergadering is gemaakt.")


def invite(secretariat: Page, name: str, email: str, member: str, office: str, *, votes: bool) -> None:
    secretariat.goto("/secretariaat/personen/uitnodigen")
    secretariat.get_by_label("Naam", exact=True).fill(name)
    secretariat.get_by_label("E-mailadres").fill(email)
    secretariat.get_by_label(re.compile("^Gemeente")).fill(member)
    secretariat.get_by_label("Functie bij die gemeente").select_option(office)
    if votes:
        secretariat.get_by_label("Stemkaart voor vergadering").select_option("ALV proef")
    press(secretariat, "Nodig uit")
    told(secretariat, f"{name} is uitgenodigd.")


def accept(person: Page, email: str, *, votes: bool) -> None:
    """Follow the link of the mail, choose a password and link an app (or do that later), and sign in with them."""
    open_letter(person, email, "Uw uitnodiging")
    follow(person, "/uitnodiging/")
    person.get_by_text("Met een wachtwoord").click()
    person.get_by_label("Kies een wachtwoord").fill(PASSWORD)
    person.get_by_label("Het wachtwoord nog een keer").fill(PASSWORD)
    press(person, "Bewaar en ga verder")
    told(person, "Uw wachtwoord is bewaard.")
    secret = person.locator("code").inner_text().replace(" ", "")
    if votes:
        person.get_by_label("Code uit de app").fill(code(secret))
        press(person, "Koppel de app")
        follow(person, "Ik heb ze bewaard")
    else:
        follow(person, "Later")
    person.get_by_role("button", name="Uitloggen").click()
    person.get_by_role("link", name="Inloggen").click()
    person.get_by_label("E-mailadres").fill(email)
    person.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    press(person, "Inloggen")
    if votes:
        person.get_by_label("Code").fill(code(secret, 1))
        press(person, "Inloggen")
    expect(person.get_by_role("button", name="Uitloggen")).to_be_visible()


def publish_the_text(secretariat: Page) -> None:
    secretariat.goto(MEETING)
    follow(secretariat, "Nieuw stuk")
    secretariat.get_by_label("Code").fill("R1")
    choose_file(secretariat, "Bestand (hoeft niet)", "besluit.md", RESOLUTION)
    press(secretariat, "Lees de tekst in")
    expect(secretariat.get_by_role("heading", name="2 onderdelen gevonden")).to_be_visible()
    press(secretariat, "Publiceer versie 1")
    told(secretariat, "Versie 1 is gepubliceerd.")


def open_the_consultation(secretariat: Page) -> None:
    follow(secretariat, "Open de consultatie")
    secretariat.get_by_label("Datum").fill(f"{datetime.now(UTC) + timedelta(days=20):%Y-%m-%d}")
    secretariat.get_by_label("Tijd").fill("17:00")
    press(secretariat, "Open de consultatie")
    told(secretariat, "De consultatie is open.")


def react(official: Page, clerk: Page) -> None:
    """One writes, the other adds to it and sends."""
    open_letter(official, OFFICIAL, "Geef uw reactie")
    follow(official, TEXT)
    follow(official, "Reageren")
    section = official.get_by_role("region", name="A1 Wonen")
    section.get_by_label("eens, mits").check()
    section.get_by_role("textbox").fill("Bouw ook voor starters.")
    press(official, "Bewaar alles")
    told(official, "Eén reactie is bewaard als concept.")
    clerk.goto(f"{TEXT}/reageren")
    expect(clerk.get_by_role("region", name="A1 Wonen").get_by_role("textbox")).to_have_value("Bouw ook voor starters.")
    whole = clerk.get_by_role("region", name="Het geheel")
    whole.get_by_label("eens", exact=True).check()
    whole.get_by_role("textbox").fill("Goed dat dit er komt.")
    press(clerk, "Bewaar en bekijk voor versturen")
    press(clerk, f"Verstuur namens {LARGE}")
    told(clerk, "2 reacties zijn verstuurd.")


def answer_and_close(secretariat: Page, public: Page) -> None:
    public.goto(TEXT)
    expect(public.get_by_text("Gemeenten kunnen nu reageren")).to_be_visible()
    expect(public.get_by_text("Bouw ook voor starters.")).to_have_count(0)
    secretariat.goto(TEXT)
    follow(secretariat, "Lees de reacties")
    reaction = secretariat.get_by_role("listitem").filter(has_text="Bouw ook voor starters.")
    reaction.get_by_role("link", name="Beantwoord apart").click()
    secretariat.get_by_label("Antwoord aan deze gemeente").fill("Dat nemen we over.")
    press(secretariat, "Bewaar antwoord")
    told(secretariat, "Het antwoord is bewaard.")
    reaction.get_by_text("Lees het antwoord").click()
    expect(reaction.get_by_text("Dat nemen we over.")).to_be_visible()
    secretariat.goto(TEXT)
    follow(secretariat, "Consultatie verlengen of sluiten")
    press(secretariat, "Sluit de consultatie nu")
    public.reload()
    public.get_by_text("1 reactie op onderdeel A1").click()
    expect(public.get_by_text("Bouw ook voor starters.")).to_be_visible()
    expect(public.get_by_text("Dat nemen we over.")).to_be_visible()


def cast(person: Page, choices: dict[str, str]) -> str:
    """Vote by the ballot: question → choice; the code of the receipt."""
    for question, choice in choices.items():
        person.get_by_role("group", name=f"Uw stem over: {question}").get_by_label(choice, exact=True).check()
    press(person, "Controleer uw stemmen")
    person.get_by_role("button", name=re.compile("^Breng uw")).click()
    expect(person.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    return person.locator(".alv-receipt__code").inner_text()


def vote(large: Page, small: Page) -> list[tuple[str, str]]:
    """Large for everything, small against it; then large thinks again about one. Who got which receipts."""
    open_letter(large, CLERK_LARGE, "De stemming is open")
    follow(large, f"/stemmen/{CODE}")
    expect(large.get_by_text(f"U stemt voor {LARGE}")).to_be_visible()
    everything = ("A1. Wonen", "A2. Water", "Een besluit")
    receipts = [(CLERK_LARGE, cast(large, dict.fromkeys(everything, "Voor")))]
    small.goto(f"/stemmen/{CODE}")
    receipts.append((CLERK_SMALL, cast(small, dict.fromkeys(everything, "Tegen"))))
    follow(large, "Uw stem veranderen")
    return [*receipts, (CLERK_LARGE, cast(large, {"A2. Water": "Onthouding"}))]


def close_and_pronounce(chair: Page) -> None:
    chair.goto(DESK)
    press(chair, "Sluit alle 3 stemmingen")
    expect(chair.get_by_role("heading", name="Sluiten terwijl 342 gemeenten nog niet stemden?")).to_be_visible()
    press(chair, "Sluit de 3 stemmingen toch")
    expect(chair.get_by_role("heading", name="Er zijn 3 stemmingen geteld")).to_be_visible()
    press(chair, "Maak de gekozen uitslagen bekend")
    told(chair, "3 uitslagen zijn bekendgemaakt.")


def check_the_result(public: Page) -> None:
    """Page, CSV and JSON tell the same; a newspaper could add it up."""
    votes = {}
    public.goto("/leden")
    for name in (LARGE, SMALL):
        row = public.get_by_role("table").get_by_role("row").filter(has_text=name)
        votes[name] = int(row.get_by_role("cell").nth(-2).inner_text())
    assert votes[LARGE] > votes[SMALL] > 0
    public.goto(f"{MEETING}/uitslagen")
    follow(public, "A1. Wonen")
    sentence = public.locator(".alv-verdict").get_by_text("aangenomen").first
    expect(sentence).to_be_visible()
    table = public.get_by_role("table", name="De stem van elke gemeente")
    expect(table.get_by_role("row")).to_have_count(345)
    for name, choice in ((LARGE, "voor"), (SMALL, "tegen")):
        expect(table.get_by_role("row").filter(has_text=name)).to_contain_text(choice)
    path = f"{MEETING}/uitslagen/1"
    data = public.request.get(f"{path}.json").json()
    expect(public.get_by_role("main")).to_contain_text(data["sentence"])
    assert {key: (sums["votes"], sums["members"]) for key, sums in data["sums"].items()} == {
        "for": (votes[LARGE], 1),
        "against": (votes[SMALL], 1),
        "abstain": (0, 0),
    }
    rows = list(csv.DictReader(io.StringIO(public.request.get(f"{path}.csv").text().removeprefix("\ufeff"))))
    assert len(rows) == len(data["votes"]) == 344
    cast_votes = {
        row["gemeente"]: (row["keuze"], int(row["stemmen"])) for row in rows if row["keuze"] != "niet gestemd"
    }
    assert cast_votes == {LARGE: ("voor", votes[LARGE]), SMALL: ("tegen", votes[SMALL])}
    second = public.request.get(f"{MEETING}/uitslagen/2.json").json()
    assert second["verdict"] == "rejected"
    assert second["sums"]["abstain"] == {"votes": votes[LARGE], "members": 1, "share-of-base": None}


def test_the_main_job(visit: Visit) -> None:
    secretariat, public = visit(path="/demo"), visit()
    secretariat.get_by_role("button", name="Stap in als: Secretariaat").click()
    import_the_register(secretariat)
    plan_the_meeting(secretariat)
    invite(secretariat, "Griffier van Grootstad", CLERK_LARGE, "GM9001", "griffier", votes=True)
    invite(secretariat, "Ambtenaar van Grootstad", OFFICIAL, LARGE, "ambtenaar", votes=False)
    invite(secretariat, "Griffier van Kleindorp", CLERK_SMALL, SMALL, "griffier", votes=True)
    large, official, small = visit(), visit(), visit()
    accept(large, CLERK_LARGE, votes=True)
    accept(official, OFFICIAL, votes=False)
    accept(small, CLERK_SMALL, votes=True)
    publish_the_text(secretariat)
    open_the_consultation(secretariat)
    react(official, large)
    answer_and_close(secretariat, public)
    chair = visit("voorzitter", DESK)
    press(chair, "Bereid de stemming voor over Een besluit")
    press(chair, "Open de stemming over 3 vragen")
    receipts = vote(large, small)
    close_and_pronounce(chair)
    check_the_result(public)
    for email, receipt in receipts:
        open_letter(public, email, f"Uw stembewijs {receipt}")
    open_letter(public, CLERK_SMALL, "3 uitslagen bekend: ALV proef")
    expect(public.get_by_text("aangenomen").first).to_be_visible()
