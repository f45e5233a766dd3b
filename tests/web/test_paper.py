"""Votes from paper on the screens: two people read each for themselves, and what stands is told as it came."""

import pytest

from tests.web.site import Browser, Scene, Site
from vng_alv import db
from vng_alv.domain.permissions import Role
from vng_alv.voting.models import Ballot
from vng_alv.voting.queries import roll_votes

DESK = "/secretariaat/vergaderingen/alv"
SETTLED = "twee personen lazen hetzelfde"


@pytest.fixture
def chair(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.CHAIR])


@pytest.fixture
def secretariat(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def page_of(scene: Scene) -> str:
    return f"{DESK}/stemmingen/{scene.open[0].number}/papier"


def enter(browser: Browser, scene: Scene, member: str, choice: str, **more: str) -> str:
    """What is said after somebody entered a vote."""
    path = page_of(scene)
    answer = browser.submit(path, action="/papier", gemeente=member, keuze=choice, **more)
    return browser.get(path).text if answer.status_code == 303 else answer.text


def choices(scene: Scene, member: str) -> list[str]:
    """The ballots of a member in the round, the first one first."""
    with db.transaction(write=False):
        rows = db.session.query(Ballot).filter_by(round_id=scene.open[0].id).order_by(Ballot.version)
        key = next(one.id for one in scene.members if one.code == member)
        return [one.choice for one in rows if one.member_id == key]


def test_two_people_enter_a_vote_without_seeing_what_the_other_read(
    site: Site, scene: Scene, chair: Browser, secretariat: Browser
) -> None:
    path = page_of(scene)
    assert path in chair.get(DESK).text
    assert chair.submit(path, action="/kiezen", wijze="paper").status_code == 303
    assert "wacht op een tweede persoon" in enter(chair, scene, "GM0003", "for")
    waits = secretariat.get(path).text
    assert "Ingevoerd door" in waits
    assert "checked" not in waits
    assert "Chair: voor" not in waits  # the second one reads for themselves
    said = enter(secretariat, scene, "GM0003", "against")
    assert "lezen" in said or "leest iets anders" in said
    assert "kijk samen" in chair.get(path).text
    assert choices(scene, "GM0003") == []
    assert SETTLED in enter(chair, scene, "GM0003", "against")
    assert choices(scene, "GM0003") == ["against"]
    with db.transaction(write=False):
        assert {one.code: one.cast_with for one in roll_votes(scene.open[0].id)}["GM0003"] == "paper"


def test_a_vote_that_was_cast_online_is_replaced_only_by_who_says_so(
    scene: Scene, chair: Browser, secretariat: Browser
) -> None:
    before = choices(scene, "GM0001")
    chair.submit(page_of(scene), action="/kiezen", wijze="hands")
    refused = enter(chair, scene, "GM0001", "for")
    assert 'name="toch"' in refused
    assert 'value="GM0001" selected' in refused
    assert choices(scene, "GM0001") == before
    assert "wacht op een tweede persoon" in enter(chair, scene, "GM0001", "for", toch="1")
    assert "vervangt een stem die er al was" in secretariat.get(page_of(scene)).text
    assert SETTLED in enter(secretariat, scene, "GM0001", "for")
    assert choices(scene, "GM0001") == [*before, "for"]


def test_what_is_missing_in_the_form_is_said(scene: Scene, chair: Browser) -> None:
    path = page_of(scene)
    chair.submit(path, action="/kiezen", wijze="paper")
    for member, choice in (("", "for"), ("GM0003", ""), ("GM0003", "misschien")):
        answer = chair.post(path, {"gemeente": member, "keuze": choice})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert chair.post(f"{path}/kiezen", {"wijze": "fax"}).status_code == 404


def test_a_vote_that_is_not_open_is_not_entered(scene: Scene, chair: Browser) -> None:
    for one in (scene.draft, scene.counted, scene.published):
        path = f"{DESK}/stemmingen/{one.number}/papier"
        assert 'name="wijze"' not in chair.get(path).text
        assert chair.post(f"{path}/kiezen", {"wijze": "paper"}).status_code in {409, 422}
