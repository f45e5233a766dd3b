"""A secret round in a browser: keys that are made there, a ballot that is sealed there, and both opened again."""

import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect
from sqlalchemy import select

from tests import factories
from tests.browser.conftest import VOTERS, Client, Hall, Visit
from tests.database.secret_desk import MOST, NAMES
from tests.worker.running import Demo
from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, Person
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundKind
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals.models import ProposalKind
from vng_alv.proposals.queries import proposals_of
from vng_alv.voting import choosing
from vng_alv.voting.models import Result, Round
from vng_alv.voting.secret_models import SealedBallot

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
NOTE = "Deze stemming is geheim"


@dataclass
class Secret:
    """A secret round in draft, with the sessions of two tellers."""

    demo: Demo
    hall: Hall
    number: int
    tokens: list[str]

    @property
    def page(self) -> str:
        return f"/secretariaat/vergaderingen/{self.hall.code}/stemmingen/{self.number}/stemcommissie"

    @property
    def ballot(self) -> str:
        return f"/stemmen/{self.hall.code}/geheim/{self.number}"

    def teller(self, visit: Visit, n: int) -> Page:
        """The page of a teller, who is signed in."""
        page = visit("")
        page.context.add_cookies([{"name": "alv", "value": self.tokens[n], "url": self.demo.base}])
        page.goto(self.page)
        return page


@pytest.fixture
def secret(demo: Demo) -> Secret:
    hall = Hall(demo, ProposalKind.MOTION)
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    with db.transaction():
        (text,) = proposals_of(get_meeting(hall.code).id)
        made = choosing.ask(text, RoundKind.CANDIDATES, "Wie wordt lid?", NAMES, MOST, None, secret=True)
        people = [factories.person(f"teller-{uuid.uuid4().hex[:8]}", roles=[Role.TELLER]) for _ in range(2)]
        tokens = [
            sessions.start(
                db.session.get_one(Person, one.id), hours=1, device="test", entry=Entry.PASSWORD, factor=True
            )
            for one in people
        ]
        number = made.number
    db.engine().dispose()
    return Secret(demo, hall, number, tokens)


def in_database(demo: Demo, number: int, code: str) -> tuple[list[str], Result | None]:
    """What is sealed in a round, and its result."""
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    with db.transaction(write=False):
        key = db.session.scalars(
            select(Round.id).where(Round.number == number, Round.meeting_id == get_meeting(code).id, Round.secret)
        ).one()
        sealed = list(db.session.scalars(select(SealedBallot.content).where(SealedBallot.round_id == key)))
        result = db.session.get(Result, key)
    db.engine().dispose()
    return sealed, result


def fits(page: Page) -> None:
    """Nothing scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_keys_made_and_a_ballot_sealed_in_the_browser_are_opened_again(
    visit: Visit, secret: Secret, tmp_path: Path
) -> None:
    sent: list[str] = []

    def keep(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.post_data or "")

    # Each teller makes a key: the private half is saved, and only the public one is sent.
    files = []
    for n in (0, 1):
        teller = secret.teller(visit, n)
        teller.on("request", keep)
        expect(teller.get_by_text(NOTE)).to_be_visible()
        teller.get_by_role("button", name="Maak een sleutel in deze browser").click()
        with teller.expect_download() as download:
            teller.get_by_role("link", name="Bewaar de geheime helft als bestand").click()
        files.append(tmp_path / f"sleutel-{n}.txt")
        download.value.save_as(files[n])
        teller.get_by_role("button", name="Geef deze openbare sleutel").click()
        expect(teller.get_by_text("Uw openbare sleutel is bewaard")).to_be_visible()
    privates = [file.read_text().split()[-1] for file in files]
    assert all(one.startswith("AGE-SECRET-KEY-1") for one in privates)
    assert not any(one in said for one in privates for said in sent)
    secret.hall.chair("openen", secret.number)

    # One member's browser seals; it says what was chosen before, and sends nothing of it.
    sent.clear()
    voter = visit(VOTERS[0], secret.hall.ballot, **PHONE)
    voter.on("request", keep)
    voter.get_by_role("link", name="Stem geheim over Wie wordt lid?").click()
    expect(voter.get_by_text("Uw browser verzegelt uw stem voordat hij haar verstuurt.")).to_be_visible()
    fits(voter)
    voter.get_by_role("button", name="Stem geheim").click()
    expect(voter.get_by_text("U heeft nog niets gekozen.")).to_be_visible()
    voter.get_by_label("De Vries").check()
    voter.get_by_role("button", name="Stem geheim").click()
    expect(voter.get_by_role("heading", name="Controle: u kiest")).to_be_focused()
    fits(voter)
    voter.get_by_role("button", name="Wijzig").click()
    voter.get_by_label("Jansen").check()
    voter.get_by_role("button", name="Stem geheim").click()
    expect(voter.locator("[data-seal-said]")).to_have_text("Jansen")
    voter.get_by_role("button", name="Verzegel en breng uit").click()
    expect(voter.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    expect(voter.get_by_text("geheim", exact=True)).to_be_visible()
    (cast,) = sent
    assert "choice" not in cast
    assert "sealed=" in cast

    # Another one has scripts off; then the server seals.
    off = Client(secret.demo.base).step_in(VOTERS[1])
    page = off.get(secret.ballot)
    assert "Scripts staan uit." in page
    off.post(secret.ballot, gemeente=VOTERS[1], choice="1", key=str(uuid.uuid4()))
    assert "/stembewijs/" in off.address
    sealed, _ = in_database(secret.demo, secret.number, secret.hall.code)
    assert len(sealed) == 2

    # Both tellers open with their files, the second one first.
    late = visit(VOTERS[1], secret.ballot)
    secret.hall.chair("sluiten", secret.number)
    expect(late.get_by_role("status").get_by_text("Deze stemming is gesloten.")).to_be_visible()
    for n, told in ((1, "De buitenste enveloppen zijn open."), (0, "De voorzitter kan de uitslag bekendmaken.")):
        teller = secret.teller(visit, n)
        teller.get_by_label("Bestand met uw geheime sleutel").set_input_files(files[n])
        teller.get_by_role("button", name="Open de enveloppen").click()
        expect(teller.get_by_text(told)).to_be_visible()
    sealed, result = in_database(secret.demo, secret.number, secret.hall.code)
    assert sealed == []
    assert result is not None
    # Two voters are too few to tell how many votes anybody got.
    assert result.options == {"outcome": {"elected": ["1"], "ahead": [], "even": [], "left": 0}, "invalid": 0}
