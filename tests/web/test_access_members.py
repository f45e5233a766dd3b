"""One's own municipality and another: receipts, ballots, reactions and outcomes, each asked for by everybody."""

import uuid

import pytest
from sqlalchemy import select

from tests.web.second_steps import age, later, sign_in
from tests.web.site import Scene, Site, snapshot
from vng_alv import db
from vng_alv.accounts.models import LoginSession
from vng_alv.accounts.queries import token_hash
from vng_alv.domain.permissions import Role
from vng_alv.meetings.service import give_mandate
from vng_alv.members.models import OfficeKind
from vng_alv.members.service import give_office


def test_a_receipt_is_for_the_people_of_its_own_member_only(site: Site, scene: Scene) -> None:
    path = f"/stembewijs/{scene.receipts[0]}"
    for name, person in scene.everybody():
        expected = {"guest": 303, "own": 200, "official": 200}.get(name, 404)
        assert site.browser(person).get(path).status_code == expected, name


def test_only_the_holder_gets_the_ballot_of_a_member(site: Site, scene: Scene) -> None:
    for name, person in scene.everybody():
        if person is None:
            continue
        answer = site.browser(person).get("/stemmen/alv?gemeente=GM0001")
        assert answer.status_code == (200 if name == "own" else 422), name
        assert ('name="choice-' in answer.text) is (name == "own"), name


def test_nobody_reviews_or_casts_for_another_member(site: Site, scene: Scene) -> None:
    data = {"gemeente": "GM0001", f"choice-{scene.open[0].id}": "for", "key": "3f0d5d5e-2f0e-4b7c-9d3e-000000000001"}
    people = [(name, site.browser(person)) for name, person in scene.everybody() if name not in {"guest", "own"}]
    before = snapshot()
    for name, browser in people:
        for step in ("controle", "uitbrengen"):
            answer = browser.post(f"/stemmen/alv/{step}", data)
            assert answer.status_code == 422, (name, step)
            assert "stemkaart van deze gemeente niet" in answer.text
    assert snapshot() == before


@pytest.mark.parametrize("why", ["no session", "ended", "expired", "idle", "out of use"])
def test_a_ballot_of_whoever_is_not_signed_in_is_asked_to_sign_in_and_not_recorded(
    site: Site, scene: Scene, why: str
) -> None:
    """The statement that records recognises the session itself, so each way to have none is tried against it."""
    browser = site.browser(scene.clerks[0])
    if why == "idle":
        browser = site.browser()
        sign_in(browser, scene.clerks[0])
        age(browser, 0)
        later(browser, site.settings.session_idle_hours)
    data = {"gemeente": "GM0001", f"choice-{scene.open[0].id}": "for", "key": str(uuid.uuid4())}
    with db.transaction():
        session = db.session.scalars(select(LoginSession).where(LoginSession.token_hash == token_hash(browser.token)))
        if why == "no session":
            browser = site.browser()
        elif why == "ended":
            db.session.delete(session.one())
        elif why == "expired":
            session.one().expires_at = db.now()
        elif why == "out of use":
            db.session.merge(scene.clerks[0]).active = False
    before = snapshot()
    answer = browser.post("/stemmen/alv/uitbrengen", data)
    assert answer.status_code == 401
    assert snapshot() == before


def test_only_the_cast_recognises_by_itself(site: Site) -> None:
    views = site.app.view_functions.items()
    assert {name for name, view in views if hasattr(view, "alv_recognises")} == {"voting.cast"}


def test_who_gave_the_mandate_away_no_longer_votes(site: Site, scene: Scene) -> None:
    with db.transaction():
        new = db.session.merge(scene.official)
        give_office(new, db.session.merge(scene.members[0]), OfficeKind.ALDERMAN, None)
        give_mandate(db.session.merge(scene.meeting), db.session.merge(scene.members[0]), new, None)
    browser = site.browser(scene.official)
    assert browser.get("/stemmen/alv").status_code == 200
    answer = site.browser(scene.clerks[0]).get("/stemmen/alv?gemeente=GM0001")
    assert answer.status_code == 422


def test_only_people_of_a_member_write_its_reaction(site: Site, scene: Scene) -> None:
    path = "/vergaderingen/alv/stukken/R2/reageren?gemeente=GM0001"
    form = {"body-geheel": "Binnengedrongen", "revision-geheel": "0", "position-geheel": "agree"}
    browsers = [(name, site.browser(person)) for name, person in scene.everybody() if person]
    before = snapshot()
    for name, browser in browsers:
        if name in {"own", "official"}:
            assert browser.get(path).status_code == 200
            continue
        assert browser.get(path).status_code == 403, name
        assert browser.post(path, form).status_code == 403, name
        assert browser.post(path.replace("?", "/versturen?"), {"seen": "x"}).status_code == 403, name
    assert snapshot() == before


def test_what_is_being_prepared_is_for_the_association_only(site: Site, scene: Scene) -> None:
    draft = f"/vergaderingen/alv/uitslagen/{scene.draft.number}"
    for name, person in scene.everybody():
        browser = site.browser(person)
        prepares = name in set(Role)
        assert browser.get(draft).status_code == 404, name
        assert browser.get("/vergaderingen/alv/stukken/V1").status_code == (200 if prepares else 404), name
        assert ("Nog niet" in browser.get("/vergaderingen/alv").text) is prepares, name


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_no_outcome_is_downloaded_before_it_is_pronounced(site: Site, scene: Scene, kind: str) -> None:
    for name, person in scene.everybody():
        browser = site.browser(person)
        for one, expected in ((scene.open[0], 404), (scene.counted, 404), (scene.draft, 404), (scene.published, 200)):
            path = f"/vergaderingen/alv/uitslagen/{one.number}.{kind}"
            assert browser.get(path).status_code == expected, (name, one.state)
