"""An afternoon with everybody at once: chair, two of the secretariat, the screen in the hall and twenty delegates.

Five delegates have their ballot open in the browser. The other fifteen vote over HTTP and listen to the same stream:
twenty pages keep two cores busy with drawing, and the fifteen would show no other script than the five.
"""

import html
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import factories
from tests.browser.conftest import VOTERS, Hall, Visit
from tests.browser.test_hall import SOON
from tests.browser.test_live import NOTE
from tests.browser.test_main_job import press, told
from tests.browser.test_mandate_moves import MEMBER, colleagues, move_mandate, signed_in
from tests.worker.running import Demo
from tests.worker.test_stream import Follower
from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry
from vng_alv.domain.permissions import Role
from vng_alv.proposals.models import ProposalKind

pytestmark = pytest.mark.browser

#: Delegates with a page of their own, beside those of the member whose mandate moves.
SEATED = [*(code for code in VOTERS if code != MEMBER), "GM0047", "GM0050"]
#: Delegates who vote over HTTP.
OTHERS = ["GM0059", "GM0060", "GM0072", "GM0074", "GM0080", "GM0085", "GM0086", "GM0088", "GM0090", "GM0093", "GM0096",
          "GM0098", "GM0106", "GM0109", "GM0114"]  # fmt: skip
A1, A2, WHOLE, AGAIN = 1, 2, 3, 4
#: What the stream says of a round: nothing of its votes.
SAID = {"number", "state", "closes_at", "members", "members_total", "weight", "weight_total"}
#: What tells an outcome on the screen in the hall.
OUTCOMES = ".hall__verdict, .hall__sums, .alv-tiles, .hall-list--outcomes"


@dataclass
class Afternoon:
    """A meeting with everybody's screens."""

    here: Hall
    chair: Page
    colleague: Page
    other: Page
    screen: Page
    ballots: list[Page]
    listening: list[Follower]

    @property
    def desk(self) -> str:
        """The console."""
        return f"/secretariaat/vergaderingen/{self.here.code}"

    def vote(self, choice: str, codes: list[str], *numbers: int) -> None:
        """Delegates vote over HTTP, several at a time."""
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda code: self.here.vote(code, choice, *numbers), codes))

    def hear(self, state: str, number: int) -> None:
        """All who listen are told that this number of rounds is in a state."""
        for one in self.listening:
            one.sees(state, number)

    def catch_up(self, console: Page, step: str) -> None:
        """A console that somebody else overtook says so, and shows the same next step once it is asked to."""
        console.get_by_role("link", name="Toon de nieuwe stand").click()
        expect(next_step(console)).to_have_text(step)

    def quiet(self) -> None:
        """Nothing of an outcome was on the screen in the hall so far."""
        assert self.screen.evaluate("window.seen ?? null") is None


def next_step(console: Page) -> Locator:
    return console.get_by_role("region", name="Volgende stap").get_by_role("heading")


def question(ballot: Page, title: str) -> Locator:
    return ballot.get_by_role("group", name=f"Uw stem over: {title}")


def cast(ballot: Page, button: str) -> None:
    """Send what was chosen, by the review."""
    press(ballot, "Controleer uw stemmen")
    press(ballot, button)
    expect(ballot.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()


def close_early(console: Page, button: str, confirm: str) -> None:
    """Close while members are missing: who they are is shown first."""
    press(console, button)
    expect(console.get_by_text("De stemming is nog open; er is niets gewijzigd.")).to_be_visible()
    press(console, confirm)


@pytest.fixture
def secretary(demo: Demo, visit: Visit) -> Page:
    """A window of one more person of the secretariat, who showed a second step just now."""
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    with db.transaction():
        person = factories.person(f"secretaris-{uuid.uuid4().hex[:8]}", roles=[Role.SECRETARIAT])
        token = sessions.start(person, hours=1, device="test", entry=Entry.PASSWORD, factor=True)
    db.engine().dispose()
    return signed_in(demo, visit(), token)


@pytest.fixture
def afternoon(demo: Demo, visit: Visit, secretary: Page) -> Iterator[Afternoon]:
    here = Hall(demo, ProposalKind.RESOLUTION, [*SEATED, MEMBER, *OTHERS], is_open=False)
    desk = f"/secretariaat/vergaderingen/{here.code}"
    secretary.goto(desk)
    with ExitStack() as stack:
        yield Afternoon(
            here,
            visit("voorzitter", desk),
            visit("secretariaat", desk),
            secretary,
            visit("", f"/zaal/{here.code}"),
            [visit(code, here.ballot) for code in SEATED],
            [stack.enter_context(closing(Follower(demo, here.code))) for _ in OTHERS],
        )


def test_all_screens_follow_one_afternoon(demo: Demo, visit: Visit, afternoon: Afternoon) -> None:
    a, here = afternoon, afternoon.here
    (_alderman, alderman_token), (councillor, councillor_token) = colleagues(demo, here)
    moved = signed_in(demo, visit(), alderman_token)
    moved.goto(here.ballot)
    a.screen.evaluate(NOTE, OUTCOMES)
    for console in (a.chair, a.colleague, a.other):
        expect(next_step(console)).to_have_text("Een besluit")

    # The chair opens three questions. A press on a console that still shows the old stand changes nothing.
    press(a.chair, "Open de stemming over 3 vragen")
    told(a.chair, "3 stemmingen zijn open.")
    a.hear("open", 3)
    voting = "Er wordt gestemd over 3 vragen"
    expect(a.screen.get_by_role("heading", name="Er staan 3 vragen open")).to_be_visible(timeout=SOON)
    for ballot in (*a.ballots, moved):
        expect(question(ballot, "A2. Water")).to_be_visible(timeout=SOON)
    a.catch_up(a.colleague, voting)
    expect(a.other.get_by_role("link", name="Toon de nieuwe stand")).to_be_visible()
    press(a.other, "Open de stemming over 3 vragen")
    expect(a.other.get_by_role("alert")).to_contain_text("Er is niets gewijzigd")
    expect(next_step(a.other)).to_have_text(voting)

    # Somebody chooses and does not send it; the others vote; a mandate moves to somebody else.
    unsent = a.ballots[0]
    question(unsent, "A1. Wonen").get_by_label("Voor").check()
    question(unsent, "A2. Water").get_by_label("Tegen").check()
    for ballot in a.ballots[1:]:
        for title in ("A1. Wonen", "A2. Water", "Een besluit"):
            question(ballot, title).get_by_label("Voor").check()
        cast(ballot, "Breng uw 3 stemmen uit")
    a.vote("for", OTHERS[:10])
    a.vote("against", OTHERS[10:])
    question(moved, "A2. Water").get_by_label("Voor").check()
    move_mandate(visit(MEMBER, f"/gemeente/{MEMBER}"), here, councillor)
    press(moved, "Controleer uw stemmen")
    expect(moved.get_by_text("U heeft de stemkaart van deze gemeente niet.").first).to_be_visible()
    signed_in(demo, moved, councillor_token).goto(here.ballot)
    for place in (a.chair, a.colleague, a.other, a.screen):
        expect(place.locator(f"[data-round='{A2}'] [data-turnout-members]")).to_have_text("18", timeout=SOON)
    a.quiet()

    # One of them is closed. What was chosen in another one stays, and is cast.
    a.chair.get_by_label("A1. Wonen").check()
    close_early(a.chair, "Sluit alleen de aangekruiste", "Sluit de stemming toch")
    told(a.chair, "De stemming is gesloten en wordt geteld.")
    a.hear("counted", 1)
    expect(unsent.get_by_text("Wat u hier koos, is niet uitgebracht.")).to_be_visible(timeout=SOON)
    expect(question(unsent, "A1. Wonen").get_by_label("Voor")).to_be_disabled()
    expect(question(unsent, "A2. Water").get_by_label("Tegen")).to_be_checked()
    cast(unsent, "Breng uw stem uit")
    question(moved, "A2. Water").get_by_label("Tegen").check()
    cast(moved, "Breng uw stem uit")
    expect(a.screen.locator(f"[data-round='{A2}'] [data-turnout-members]")).to_have_text("20", timeout=SOON)
    press(a.other, "Sluit alle 3 stemmingen")
    expect(a.other.get_by_role("alert")).to_contain_text("Er is niets gewijzigd")
    expect(next_step(a.other)).to_have_text("Er wordt gestemd over 2 vragen")
    assert [one["state"] for one in here.standing()] == ["counted", "open", "open"]

    # Counted is known on the consoles alone, until the chair pronounces it.
    close_early(a.other, "Sluit alle 2 stemmingen", "Sluit de 2 stemmingen toch")
    a.hear("counted", 3)
    counted = "Er zijn 3 stemmingen geteld"
    for console in (a.chair, a.colleague):
        a.catch_up(console, counted)
    expect(next_step(a.other)).to_have_text(counted)
    expect(a.screen.get_by_text("De voorzitter maakt zo de uitslagen bekend.")).to_be_visible(timeout=SOON)
    a.quiet()
    press(a.chair, "Maak de gekozen uitslagen bekend")
    a.hear("published", 3)
    expect(a.screen.get_by_text("Aangenomen", exact=True)).to_have_count(3, timeout=SOON)
    press(a.colleague, "Maak de gekozen uitslagen bekend")
    expect(a.colleague.get_by_role("alert")).to_contain_text("Er is niets gewijzigd")
    expect(next_step(a.colleague)).to_have_text("Alle uitslagen zijn bekend")

    # Somebody disputes the outcome; a second person declares it void, and the question is put again.
    a.colleague.goto(f"{a.desk}/stemmingen/{WHOLE}/ongeldig")
    a.colleague.get_by_label("Reden").fill("De stemkast van Groningen stond op een ander lid.")
    press(a.colleague, "Vraag om ongeldig te verklaren")
    a.chair.goto(a.desk)
    press(a.chair, f"Verklaar stemming {WHOLE} ongeldig")
    a.hear("annulled", 1)
    press(a.chair, "Bereid de stemming voor over Een besluit")
    decide(a, AGAIN)
    told_all = [one for follower in a.listening for message in follower.heard for one in message["rounds"]]
    assert {key for one in told_all for key in one} == SAID


def decide(a: Afternoon, number: int) -> None:
    """One question that the chair runs, from its opening to the outcome that everybody sees, with its arithmetic."""
    for ballot in a.ballots:
        ballot.goto(a.here.ballot)
    press(a.chair, "Open de stemming")
    for ballot in a.ballots:
        question(ballot, "Een besluit").get_by_label("Voor").check(timeout=SOON)
        cast(ballot, "Breng uw stem uit")
    voted = a.screen.locator(f"[data-round='{number}'] [data-turnout-members]")
    expect(voted).to_have_text(str(len(a.ballots)), timeout=SOON)
    a.screen.evaluate("window.seen = undefined")
    close_early(a.chair, "Sluit de stemming", "Sluit de stemming toch")
    a.hear("counted", 1)
    expect(a.screen.get_by_text("De voorzitter maakt zo de uitslag bekend.")).to_be_visible(timeout=SOON)
    a.quiet()
    expect(next_step(a.chair)).to_have_text("Er is geteld")
    press(a.chair, "Maak de uitslag bekend")
    a.hear("published", 3)
    sums = a.screen.locator(".hall__sums li")
    expect(sums.first).to_be_visible(timeout=SOON)
    expect(a.screen.locator("svg.alv-tiles g > rect")).to_have_count(342)
    page = html.unescape(a.screen.request.get(a.here.path(number)).text())
    assert [line for line in sums.all_inner_texts() if line not in page] == []
