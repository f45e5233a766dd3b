"""Who has not voted while a vote runs: whom to call, for who runs rounds alone, and never what anybody voted."""

import re

import pytest
from sqlalchemy import update

from tests.web.site import Scene, Site, vote
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.domain.permissions import Role
from vng_alv.members.models import Member
from vng_alv.voting import service as rounds

CONSOLE = "/secretariaat/vergaderingen/alv"
LIST = CONSOLE + "/nog-niet-gestemd"


@pytest.fixture
def running(site: Site, scene: Scene) -> Scene:
    """One more question, open, on which nobody voted; and members in two provinces, with telephones."""
    with db.transaction():
        for n, person in enumerate(scene.clerks):
            db.session.execute(update(Person).where(Person.id == person.id).values(phone=f"(06) 1234 567{n}"))
        db.session.execute(update(Member).where(Member.code == "GM0002").values(province="Zeeland"))
        rounds.open_rounds([scene.draft.id], None)
    return scene


def names(text: str) -> list[str]:
    return re.findall(r'scope="row">(Gemeente \d)', text)


def test_the_most_votes_come_first_with_a_number_to_tap(site: Site, running: Scene) -> None:
    chair = site.browser(running.staff[Role.CHAIR])
    path = f"{LIST}?stemming={running.draft.number}"
    page = chair.get(path).text
    assert names(page) == ["Gemeente 1", "Gemeente 2", "Gemeente 4", "Gemeente 3"]
    assert 'href="tel:0612345670"' in page
    assert "Griffier-Gm0001" in page
    assert names(chair.get(path + "&provincie=Zeeland").text) == ["Gemeente 2"]
    assert names(chair.get(path + "&provincie=Atlantis").text) == names(page)
    vote(running, 0, {running.draft.id: "against"})
    page = chair.get(path).text
    assert names(page) == ["Gemeente 2", "Gemeente 4", "Gemeente 3"]
    assert names(chair.get(LIST).text) == ["Gemeente 3"]  # the others voted on something
    assert "Gemeente 3" in names(chair.get(CONSOLE).text)
    assert not re.search(r"\b(voor|tegen|onthouding)\b", page.split("<table")[1].split("</table>")[0])


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.CHAIR, Role.SECRETARIAT}])
def test_whom_to_call_is_for_who_runs_rounds(site: Site, running: Scene, role: Role) -> None:
    browser = site.browser(running.staff[role])
    assert browser.get(LIST).status_code == 403
    console = browser.get(CONSOLE)
    assert console.status_code == 200
    assert "tel:06" not in console.text
    assert names(console.text) == []
    assert "Nog één gemeente heeft nergens op gestemd." in console.text


def test_without_an_open_vote_it_says_so(site: Site, scene: Scene) -> None:
    with db.transaction():
        rounds.close([one.id for one in scene.open], None)
    assert "Er is nu geen stemming open." in site.browser(scene.staff[Role.CHAIR]).get(LIST).text
