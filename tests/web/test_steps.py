"""A fresh second step before acts of weight: nothing is lost by being asked, and nothing is done without."""

import io

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.second_steps import CONFIRM, PAGE, add_passkey, age, ask, code, logged, new_codes, rewind, with_app
from tests.web.site import BASE, Browser, Scene, Site, forms_of, snapshot
from vng_alv import db
from vng_alv.access import asks_fresh
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundState
from vng_alv.voting.models import Dispute, Round

DESK = "/secretariaat/vergaderingen/alv"
REASON = 'Er ging iets mis.\r\n"Aanhalingen" & <b>tekens</b>'
#: What asks for a second step of the last 15 minutes.
FRESH = {
    "console.annul", "console.close", "console.confirm_annul", "console.keep_after_all",
    "console.open_rounds", "console.publish", "members.apply",
    "console.plan", "console.rehearse", "console.draw_lots", "console.acclaim", "console.object_to",
    "console.give_key", "console.open_envelopes", "console.take_key_away",
    "factors.add_app", "factors.add_passkey", "factors.new_codes", "factors.passkey_options", "factors.remove_app",
    "factors.remove_passkey", "secretariat_factors.ask", "secretariat_factors.confirm", "steps.confirmed",
    "inviting.start", "persons.change_roles", "persons.erase",
}  # fmt: skip
FRESH_PAGES = {"factors.codes", "factors.new_app", "factors.new_passkey"}


def state(one: Round) -> RoundState:
    with db.transaction(write=False):
        return db.session.get_one(Round, one.id).state


def disputed(one: Round) -> bool:
    """Whether it was asked to declare a round void."""
    with db.transaction(write=False):
        return db.session.scalar(select(Dispute.id).where(Dispute.round_id == one.id)) is not None


def annul(browser: Browser, one: Round, **more: str) -> TestResponse:
    return browser.post(f"{DESK}/stemmingen/{one.number}/ongeldig", {"reason": REASON, **more})


def send_on(browser: Browser, page: TestResponse, **typed: str) -> TestResponse:
    """Fill in the page that asks for the step, and send all that it carries."""
    form = next(f for f in forms_of(page, "") if "stap_code" in f.values)
    values = form.values.copy()
    for name, value in typed.items():
        values[name] = value
    return browser.post(form.action, values)


@pytest.fixture
def chair(site: Site, scene: Scene) -> tuple[Browser, str]:
    """The chair, whose second step is 16 minutes old, and the secret of their app."""
    browser, secret = with_app(site, scene.staff[Role.CHAIR])
    age(browser, 16)
    return browser, secret


def test_what_asks_for_a_fresh_step(site: Site) -> None:
    with site.app.app_context():
        forms = {name for name in site.app.view_functions if asks_fresh(name, "POST")}
        pages = {name for name in site.app.view_functions if asks_fresh(name, "GET")}
    assert forms >= FRESH
    assert pages >= FRESH_PAGES
    assert not FRESH & pages, "a form is shown without, and asks when it is sent"


def test_a_form_is_kept_while_the_step_is_asked_for_and_done_with_it(scene: Scene, chair: tuple[Browser, str]) -> None:
    browser, secret = chair
    page = annul(browser, scene.open[0])
    assert page.status_code == 403
    assert CONFIRM in page.text
    assert "<b>tekens" not in page.text
    assert state(scene.open[0]) is RoundState.OPEN
    answer = send_on(browser, page, stap_code=code(secret))
    assert answer.status_code == 303
    assert disputed(scene.open[0])
    assert [entry.data["reason"] for entry in logged("round.dispute")] == [REASON.replace("\r\n", "\n")]


def test_several_values_of_one_field_are_all_kept(scene: Scene, chair: tuple[Browser, str]) -> None:
    browser, secret = chair
    numbers = [str(one.number) for one in scene.open]
    page = browser.post(f"{DESK}/sluiten", {"round": numbers, "sure": "1"})
    assert page.status_code == 403
    assert send_on(browser, page, stap_code=code(secret)).status_code == 303
    assert {state(one) for one in scene.open} == {RoundState.CLOSED}


@pytest.mark.parametrize("typed", ["135790", "not it", "", " ", "ABCD-EFGH-JKMN"])
def test_a_wrong_code_does_nothing_and_loses_nothing(scene: Scene, chair: tuple[Browser, str], typed: str) -> None:
    browser, secret = chair
    page = send_on(browser, annul(browser, scene.open[0]), stap_code=typed)
    assert page.status_code == (422 if typed.strip() else 403)
    assert ("Deze code klopt niet" if typed.strip() else "Vul de code in.") in page.text
    assert state(scene.open[0]) is RoundState.OPEN
    assert len(logged("factor.refuse")) == bool(typed.strip())
    if typed.strip():
        assert typed not in page.text
    assert send_on(browser, page, stap_code=code(secret)).status_code == 303
    assert disputed(scene.open[0])
    assert logged("round.dispute")[0].data["reason"] == REASON.replace("\r\n", "\n")


def test_a_code_confirms_one_form_and_the_next_quarter_of_an_hour(scene: Scene, chair: tuple[Browser, str]) -> None:
    browser, secret = chair
    used = code(secret)
    assert annul(browser, scene.open[0], stap_code=used).status_code == 303
    assert annul(browser, scene.open[1]).status_code == 303
    age(browser, 16)
    assert annul(browser, scene.open[2], stap_code=used).status_code == 422
    assert state(scene.open[2]) is RoundState.OPEN


@pytest.mark.parametrize(("minutes", "asked"), [(0, False), (14.5, False), (15.1, True), (600, True)])
def test_a_second_step_is_fresh_for_a_quarter_of_an_hour(site: Site, scene: Scene, minutes: float, asked: bool) -> None:
    browser, _ = with_app(site, scene.staff[Role.CHAIR])
    age(browser, minutes)
    assert (annul(browser, scene.open[0]).status_code == 403) is asked


def test_what_needs_no_fresh_step_goes_on(scene: Scene, chair: tuple[Browser, str]) -> None:
    browser, _ = chair
    assert browser.get(DESK).status_code == 200
    assert browser.get(f"{DESK}/stemmingen/{scene.open[0].number}/ongeldig").status_code == 200


def test_a_session_without_a_second_step_is_asked_for_one_before_any_page_that_needs_it(
    site: Site, scene: Scene
) -> None:
    browser, secret = with_app(site, scene.clerks[0])
    age(browser, None)
    before = snapshot()
    data = {"gemeente": "GM0001", f"choice-{scene.open[0].id}": "for", "key": "3f0d5d5e-2f0e-4b7c-9d3e-000000000001"}
    cast = browser.post("/stemmen/alv/uitbrengen", data)
    assert cast.status_code == 403
    assert CONFIRM in cast.text
    assert browser.get("/stemmen/alv?gemeente=GM0001").headers["Location"] == (
        "/bevestigen?next=/stemmen/alv?gemeente%3DGM0001"
    )
    assert snapshot() == before
    answer = send_on(browser, cast, stap_code=code(secret))
    assert answer.headers["Location"].startswith("/stembewijs/"), "the vote that was cast is cast after all"


def test_a_page_that_needs_a_step_is_opened_after_it(site: Site, scene: Scene) -> None:
    browser, secret = with_app(site, scene.clerks[0])
    age(browser, 16)
    answer = browser.get(PAGE + "/app?next=/leden")
    page = browser.get(answer.headers["Location"])
    assert CONFIRM in page.text
    onward = send_on(browser, page, stap_code=code(secret))
    assert onward.headers["Location"] == PAGE + "/app?next=/leden"
    assert browser.get(onward.headers["Location"]).status_code == 200


@pytest.mark.parametrize("wanted", ["https://kwaad.example/", "//kwaad.example", "/\\kwaad.example", "javascript:x"])
def test_confirming_leads_nowhere_else(site: Site, scene: Scene, wanted: str) -> None:
    browser, secret = with_app(site, scene.clerks[0])
    age(browser, 16)
    page = browser.get("/bevestigen", query_string={"next": wanted})
    assert "kwaad" not in "".join(form.action for form in forms_of(page, "/bevestigen") if "stap_code" in form.values)
    onward = browser.post("/bevestigen?next=" + wanted, {"stap_code": code(secret)})
    assert onward.headers["Location"] == "/"


def test_a_recovery_code_and_a_passkey_confirm_too(site: Site, scene: Scene) -> None:
    browser, _ = with_app(site, scene.staff[Role.CHAIR])
    codes = new_codes(browser)
    device = add_passkey(browser)
    age(browser, 16)
    assert annul(browser, scene.open[0], stap_code=codes[0]).status_code == 303
    age(browser, 16)
    assert annul(browser, scene.open[1], stap_code=codes[0]).status_code == 422
    answer = device.get(ask(browser, "/inloggen/passkey/vraag"))
    assert annul(browser, scene.open[1], stap_passkey=answer).status_code == 303
    age(browser, 16)
    assert annul(browser, scene.open[2], stap_passkey=answer).status_code == 422
    assert state(scene.open[2]) is RoundState.OPEN


def test_the_step_of_somebody_else_confirms_nothing(site: Site, scene: Scene, chair: tuple[Browser, str]) -> None:
    other = site.browser(scene.staff[Role.SECRETARIAT])
    device = add_passkey(other)
    answer = device.get(ask(other, "/inloggen/passkey/vraag"))
    assert annul(chair[0], scene.open[0], stap_passkey=answer).status_code == 422
    assert state(scene.open[0]) is RoundState.OPEN


def test_a_step_opens_nothing_to_who_is_not_signed_in_or_may_not(site: Site, scene: Scene) -> None:
    clerk, secret = with_app(site, scene.clerks[0])
    assert annul(clerk, scene.open[0], stap_code=code(secret)).status_code == 403
    assert annul(site.browser(), scene.open[0], stap_code=code(secret)).status_code == 401
    assert state(scene.open[0]) is RoundState.OPEN


def test_a_form_of_another_site_takes_no_step(scene: Scene, chair: tuple[Browser, str]) -> None:
    browser, secret = chair
    typed = {"reason": "x", "stap_code": code(secret)}
    path = f"{DESK}/stemmingen/{scene.open[0].number}/ongeldig"
    assert browser.post(path, typed, headers={"Origin": "https://kwaad.example"}).status_code == 400
    assert browser.post(path, {**typed, "csrf_token": "x"}).status_code == 400
    assert annul(browser, scene.open[0], stap_code=typed["stap_code"]).status_code == 303, "the code was not used"


def test_ten_wrong_codes_are_stopped_with_everything_still_there(scene: Scene, chair: tuple[Browser, str]) -> None:
    browser, secret = chair
    for _ in range(10):
        assert annul(browser, scene.open[0], stap_code="not it").status_code == 422
    page = annul(browser, scene.open[0], stap_code=code(secret))
    assert page.status_code == 429
    assert "te veel codes geprobeerd" in page.text
    assert REASON.split("\r\n", maxsplit=1)[0] in page.text
    assert state(scene.open[0]) is RoundState.OPEN


def test_a_file_cannot_be_carried_and_the_page_says_so(site: Site, scene: Scene) -> None:
    browser, _ = with_app(site, scene.staff[Role.SECRETARIAT])
    age(browser, 16)
    path = f"/secretariaat/leden/importeren/{scene.address['import_id']}"
    for content, told in ((b"code,naam", True), (b"", False)):
        data = {"csrf_token": browser.csrf(), "seen": "x", "file": (io.BytesIO(content), "x.csv" if content else "")}
        page = browser.client.post(path, base_url=BASE, data=data, headers={"Origin": BASE})
        assert page.status_code == 403
        assert ("Uw bestand kunnen we niet bewaren" in page.text) is told


def test_applying_an_import_asks_and_looking_at_it_does_not(site: Site, scene: Scene) -> None:
    browser, secret = with_app(site, scene.staff[Role.SECRETARIAT])
    rewind(scene.staff[Role.SECRETARIAT])
    age(browser, 16)
    path = f"/secretariaat/leden/importeren/{scene.address['import_id']}"
    page = browser.submit(path)
    assert page.status_code == 403
    assert send_on(browser, page, stap_code=code(secret)).headers["Location"] == "/leden"
    assert "Nieuwe naam" in browser.get("/leden").text


def test_whoever_has_no_second_step_is_sent_to_make_one_and_not_asked_for_it(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.staff[Role.CHAIR])
    age(browser, 16)  # as after signing in with the service of an organisation
    assert annul(browser, scene.open[0]).headers["Location"].startswith(PAGE)
    assert browser.get("/bevestigen").headers["Location"] == PAGE
    assert state(scene.open[0]) is RoundState.OPEN
