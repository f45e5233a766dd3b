"""Who votes for a municipality changes while the vote is open: its own secretary does it, and those concerned know."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import Hall, Visit
from tests.browser.test_ballot import ballots, to_the_review
from tests.browser.test_main_job import open_letter, press, told
from tests.worker.running import Demo
from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, Person
from vng_alv.domain.mandates import OfficeKind
from vng_alv.meetings import service as meetings
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_member

pytestmark = pytest.mark.browser

MEMBER = "GM0034"
#: Those of the municipality who vote for it, one after the other.
FIRST, SECOND = ("wethouder", OfficeKind.ALDERMAN), ("raadslid", OfficeKind.COUNCILLOR)


def colleagues(demo: Demo, here: Hall) -> list[tuple[Person, str]]:
    """Both, each with a session in which a second step was shown; the first one has the mandate."""
    db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
    with db.transaction():
        member, mark = get_member(MEMBER), uuid.uuid4().hex[:8]
        made = [factories.clerk(member, f"{name}-{mark}", kind) for name, kind in (FIRST, SECOND)]
        meetings.give_mandate(get_meeting(here.code), member, made[0], None)
        tokens = [sessions.start(p, hours=1, device="test", entry=Entry.PASSWORD, factor=True) for p in made]
    db.engine().dispose()
    return list(zip(made, tokens, strict=True))


def signed_in(demo: Demo, page: Page, token: str) -> Page:
    """A window of somebody who is signed in."""
    page.context.add_cookies([{"name": "alv", "value": token, "url": demo.base}])
    return page


def move_mandate(secretary: Page, here: Hall, to: Person) -> None:
    """The municipality's secretary, on its own page, lets the councillor vote from here on."""
    secretary.get_by_role("article").filter(has=secretary.locator(f"[href$='/{here.code}']")).get_by_role(
        "link", name="Wijzig wie er stemt"
    ).click()
    secretary.get_by_label(f"{to.name}, raadslid").check()
    press(secretary, "Geef de stemkaart")
    told(secretary, to.name)


def test_the_mandate_moves_while_the_vote_is_open(demo: Demo, visit: Visit, hall: Callable[..., Hall]) -> None:
    here = hall()
    (first, first_token), (second, second_token) = colleagues(demo, here)
    alderman, councillor = signed_in(demo, visit(), first_token), signed_in(demo, visit(), second_token)
    to_the_review(alderman, here).click()
    expect(alderman.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    changed_mind = to_the_review(alderman, here)

    secretary = visit(MEMBER, f"/gemeente/{MEMBER}")
    move_mandate(secretary, here, second)

    changed_mind.click()
    expect(alderman.get_by_text("U heeft de stemkaart van deze gemeente niet.").first).to_be_visible()
    alderman.goto(here.ballot)
    expect(alderman.get_by_role("radio")).to_have_count(0)
    assert ballots(demo, here) == [(1, "for")], "nothing was recorded"

    councillor.goto(here.ballot)
    expect(councillor.get_by_text("U stemde eerder: voor")).to_be_visible()
    councillor.get_by_role("radio", name="Tegen").check()
    press(councillor, "Controleer uw stemmen")
    press(councillor, "Breng uw stem uit")
    expect(councillor.get_by_role("heading", name="Uw stem is uitgebracht")).to_be_visible()
    expect(councillor.get_by_role("region", name="Stembewijs").get_by_text("tegen", exact=True)).to_have_count(1)
    assert sorted(ballots(demo, here)) == [(1, "for"), (2, "against")]

    for person, subject in ((first, "U stemt niet meer voor"), (second, "U stemt voor")):
        open_letter(secretary, person.email, subject)
        expect(secretary.get_by_text(person.email).first).to_be_visible()
