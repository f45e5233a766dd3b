"""The page of the order in which amendments are put to the vote (docs/rules.md §4.10, §4.14)."""

import re
import uuid

import pytest

from tests.web.site import Browser, Scene, Site, amend, forms_of, snapshot
from tests.web.test_answering import text
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import SubmissionState
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission

PAGE = "/secretariaat/vergaderingen/alv/stukken/R2/stemvolgorde"
LONG = "Wij bouwen heel veel huizen, overal, en vooral heel erg snel, voor iedereen die dat wil."


@pytest.fixture
def near(scene: Scene) -> uuid.UUID:
    """AM1, which the scene has."""
    return uuid.UUID(str(scene.address["submission_id"]))


@pytest.fixture
def far(scene: Scene) -> uuid.UUID:
    """AM2: another municipality changes more of the same words."""
    with db.transaction():
        member, clerk = db.session.merge(scene.members[1]), db.session.merge(scene.clerks[1])
        return amend(text(), member, clerk, submit=True, title="Veel meer", body=LONG)


@pytest.fixture
def chair(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.CHAIR])


def decide(scene: Scene, key: uuid.UUID, state: SubmissionState) -> None:
    with db.transaction():
        actor = get_actor(scene.staff[Role.SECRETARIAT].id)
        submissions.move(db.session.get_one(Submission, key), state, actor)


def state_of(key: uuid.UUID) -> tuple[SubmissionState, str]:
    with db.transaction(write=False):
        one = db.session.get_one(Submission, key, populate_existing=True)
        return one.state, one.closing_note


def listed(page: str) -> list[str]:
    """The labels, in the order of the page."""
    return re.findall(r'alv-document__code">(AM\d+)<', page)


def move(browser: Browser, step: str, key: uuid.UUID | str = "") -> str:
    answer = browser.post(PAGE, {"stap": step, "amendement": str(key)})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"{PAGE}#a-{key}" if key else PAGE)
    return browser.get(PAGE).text


def test_the_furthest_reaching_is_suggested_first_and_what_collides_is_said(
    chair: Browser, near: uuid.UUID, far: uuid.UUID
) -> None:
    page = chair.get(PAGE).text
    assert listed(page) == ["AM2", "AM1"]
    assert "Voorstel: het verst strekkende amendement eerst" in page
    assert "terug" not in "".join(re.findall(r"<button[^>]*>(.*?)</button>", page, re.S)), "nothing to put back"
    second = page[page.index(f'id="a-{near}"') :]
    assert "Verandert dezelfde woorden als AM2: komt daarna." in second
    assert "komt daarna" not in page[: page.index(f'id="a-{near}"')]
    assert "2 amendementen hebben nog geen stemming." in page


def test_they_move_up_and_down_and_go_back_to_what_is_suggested(
    chair: Browser, near: uuid.UUID, far: uuid.UUID
) -> None:
    page = move(chair, "omhoog", near)
    assert listed(page) == ["AM1", "AM2"]
    assert "U heeft deze volgorde gezet." in page
    assert "Verandert dezelfde woorden als AM1: komt daarna." in page[page.index(f'id="a-{far}"') :]
    assert listed(move(chair, "omhoog", near)) == ["AM1", "AM2"], "the first stays first"
    assert listed(move(chair, "omlaag", near)) == ["AM2", "AM1"]
    page = move(chair, "voorstel")
    assert listed(page) == ["AM2", "AM1"]
    assert "Voorstel: het verst strekkende amendement eerst" in page


def test_one_that_is_alone_has_nowhere_to_go(chair: Browser, near: uuid.UUID) -> None:
    page = chair.get(PAGE).text
    assert listed(page) == ["AM1"]
    assert 'name="stap"' not in page


def test_a_step_that_is_none_and_an_amendment_that_does_not_wait_change_nothing(
    chair: Browser, scene: Scene, near: uuid.UUID, far: uuid.UUID
) -> None:
    before = snapshot()
    assert chair.post(PAGE, {"stap": "opzij", "amendement": str(near)}).status_code == 404
    assert chair.post(PAGE, {"stap": "omhoog", "amendement": "onzin"}).status_code == 404
    assert chair.post(PAGE, {"stap": "omhoog", "amendement": str(uuid.uuid4())}).status_code in {409, 422}
    assert snapshot() == before
    decide(scene, near, SubmissionState.HELD_OVER)
    decide(scene, near, SubmissionState.TAKEN_OVER)
    answer = chair.post(PAGE, {"stap": "omhoog", "amendement": str(near)})
    assert answer.status_code in {409, 422}
    assert 'role="alert"' in answer.text
    assert listed(answer.text) == ["AM2"]


def test_only_who_runs_rounds_gets_there(site: Site, scene: Scene, near: uuid.UUID, far: uuid.UUID) -> None:
    before = snapshot("login_session", "audit_entry")
    for role, person in scene.staff.items():
        browser, runs = site.browser(person), role in {Role.CHAIR, Role.SECRETARIAT}
        assert browser.get(PAGE).status_code == (200 if runs else 403), role
        if not runs:
            assert browser.post(PAGE, {"stap": "omhoog", "amendement": str(near)}).status_code == 403, role
            assert browser.post(f"/amendementen/{near}/vervallen", {"note": "x"}).status_code == 403, role
    assert site.browser(scene.clerks[0]).get(PAGE).status_code == 403
    assert snapshot("login_session", "audit_entry") == before


def test_one_that_no_longer_fits_lapses_with_a_reason(
    chair: Browser, scene: Scene, near: uuid.UUID, far: uuid.UUID
) -> None:
    decide(scene, far, SubmissionState.ADOPTED)
    page = chair.get(PAGE)
    assert "Past niet meer op de tekst zoals die nu is." in page.text
    assert "Dezelfde woorden zijn al veranderd door AM2." in re.sub(r"<[^>]*>", "", page.text)
    form = next(one for one in forms_of(page, PAGE) if one.action.endswith("/vervallen"))
    refused = chair.post(form.action, {**form.values, "note": "  "})
    assert refused.status_code == 422
    assert re.search(r"<details[^>]* open>\s*<summary>Laat AM1 vervallen", refused.text)
    assert state_of(near)[0] is SubmissionState.SUBMITTED
    assert chair.post(form.action, {**form.values, "note": "AM2 zegt dit al."}).status_code == 303
    assert state_of(near) == (SubmissionState.LAPSED, "AM2 zegt dit al.")
    page = chair.get(PAGE).text
    assert "AM1 is vervallen." in page
    assert "Er wacht geen amendement op dit stuk." in page


def test_one_that_fits_does_not_lapse_and_the_reason_can_be_copied(
    chair: Browser, near: uuid.UUID, far: uuid.UUID
) -> None:
    page = chair.get(PAGE)
    assert not [one for one in forms_of(page, PAGE) if one.action.endswith("/vervallen")]
    action = f"/amendementen/{near}/vervallen"
    before = snapshot()
    refused = chair.post(action, {"note": "Hier dacht ik lang over na"})
    assert refused.status_code in {409, 422}
    assert 'role="alert"' in refused.text
    assert "Hier dacht ik lang over na</textarea>" in refused.text
    assert snapshot() == before
