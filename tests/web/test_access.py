"""Who may come where: one table, held against every address, every role and both methods (docs/rules.md, roles)."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.site import Scene, Site, address_of, snapshot
from vng_alv import db
from vng_alv.access import access_of
from vng_alv.accounts.models import LoginSession
from vng_alv.accounts.queries import token_hash
from vng_alv.domain.permissions import Permission, Role
from vng_alv.meetings.service import give_mandate
from vng_alv.members.models import OfficeKind
from vng_alv.members.service import give_office

P = Permission

#: What each address asks for. A new address without a row here fails.
ADDRESSES: dict[str, Permission | str] = {
    "identity.passkey_options": "public",
    "identity.second_step": "public",
    "identity.sign_in": "public",
    "identity.sign_in_with_passkey": "public",
    "identity.sign_out": "public",
    "joining.accept": "public",
    "joining.accept_with_passkey": "public",
    "joining.passkey_options": "public",
    "recovering.asked": "public",
    "recovering.confirm_address": "public",
    "recovering.confirmed": "public",
    "recovering.forgotten": "public",
    "recovering.reset": "public",
    "security": "public",
    "single_sign_on.back": "public",
    "single_sign_on.begin": "public",
    "consultation.comments_csv": "public",
    "demo.inbox": "public",
    "demo.index": "public",
    "demo.letter": "public",
    "demo.letter_html": "public",
    "demo.step_in": "public",
    "health": "public",
    "meetings.index": "public",
    "meetings.show": "public",
    "members.download": "public",
    "members.index": "public",
    "proposals.show": "public",
    "results.home": "public",
    "results.meeting_results": "public",
    "results.round_csv": "public",
    "results.round_json": "public",
    "results.round_result": "public",
    "results.turnout": "public",
    "web.about": "public",
    "web.accessibility": "public",
    "web.language": "public",
    "account.address": P.ACCOUNT,
    "account.data": P.ACCOUNT,
    "account.end_others": P.ACCOUNT,
    "account.end_session": P.ACCOUNT,
    "account.index": P.ACCOUNT,
    "account.log": P.ACCOUNT,
    "account.password": P.ACCOUNT,
    "factors.add_app": P.ACCOUNT,
    "factors.add_passkey": P.ACCOUNT,
    "factors.codes": P.ACCOUNT,
    "factors.index": P.ACCOUNT,
    "factors.new_app": P.ACCOUNT,
    "factors.new_codes": P.ACCOUNT,
    "factors.new_passkey": P.ACCOUNT,
    "factors.passkey_options": P.ACCOUNT,
    "factors.remove_app": P.ACCOUNT,
    "factors.remove_passkey": P.ACCOUNT,
    "steps.confirm": P.ACCOUNT,
    "steps.confirmed": P.ACCOUNT,
    "voting.ballot": P.VOTE,
    "voting.cast": P.VOTE,
    "voting.find_receipt": P.VOTE,
    "voting.receipt": P.VOTE,
    "voting.review": P.VOTE,
    "municipality.give_proxy": P.MEMBER,
    "municipality.index": P.MEMBER,
    "municipality.invite": P.MEMBER,
    "municipality.leave": P.MEMBER,
    "municipality.mandate": P.MEMBER,
    "municipality.office": P.MEMBER,
    "municipality.show": P.MEMBER,
    "municipality.take_back": P.MEMBER,
    "municipality.take_proxy_back": P.MEMBER,
    "consultation.react": P.REACT,
    "consultation.send": P.REACT,
    "console.show": P.SECRETARIAT,
    "secretariat.index": P.SECRETARIAT,
    "members.apply": P.MANAGE_REGISTER,
    "members.import_file": P.MANAGE_REGISTER,
    "members.change_settings": P.MANAGE_REGISTER,
    "members.preview": P.READ_REGISTER,
    "members.settings": P.READ_REGISTER,
    "secretariat.invite": P.MANAGE_PEOPLE,
    "secretariat.invite_again": P.MANAGE_PEOPLE,
    "inviting.import_file": P.MANAGE_PEOPLE,
    "inviting.remind": P.MANAGE_PEOPLE,
    "inviting.start": P.MANAGE_PEOPLE,
    "inviting.template": P.MANAGE_PEOPLE,
    "inviting.progress": P.READ_PEOPLE,
    "inviting.show": P.READ_PEOPLE,
    "persons.disable": P.MANAGE_PEOPLE,
    "persons.enable": P.MANAGE_PEOPLE,
    "persons.end_sessions": P.MANAGE_PEOPLE,
    "persons.erase": P.ERASE_PEOPLE,
    "persons.show": P.READ_PEOPLE,
    "secretariat.people": P.READ_PEOPLE,
    "secretariat.resend": P.MANAGE_PEOPLE,
    "consultation.close": P.MANAGE_MEETINGS,
    "consultation.open_consultation": P.MANAGE_MEETINGS,
    "meetings.add_item": P.MANAGE_MEETINGS,
    "meetings.create": P.MANAGE_MEETINGS,
    "proposals.advice": P.MANAGE_MEETINGS,
    "proposals.create": P.MANAGE_MEETINGS,
    "proposals.import_text": P.MANAGE_MEETINGS,
    "proposals.publish": P.MANAGE_MEETINGS,
    "secretariat.mandates": P.READ_MEETINGS,
    "consultation.answer": P.ANSWER,
    "consultation.comments": P.READ_REACTIONS,
    "console.annul": P.RUN_ROUNDS,
    "console.close": P.RUN_ROUNDS,
    "console.open_rounds": P.RUN_ROUNDS,
    "console.prepare": P.RUN_ROUNDS,
    "console.publish": P.RUN_ROUNDS,
    "console.rules": P.RUN_ROUNDS,
    "secretariat_factors.ask": P.RESET_FACTORS,
    "secretariat_factors.confirm": P.RESET_FACTORS,
    "secretariat_factors.index": P.RESET_FACTORS,
    "secretariat_factors.withdraw": P.RESET_FACTORS,
    "secretariat.notices": P.READ_NOTICES,
    "secretariat.audit_log": P.READ_AUDIT,
    "rights.index": P.READ_RIGHTS,
}
_READING = {
    P.READ_REGISTER, P.READ_PEOPLE, P.READ_MEETINGS, P.READ_REACTIONS, P.READ_NOTICES, P.READ_AUDIT, P.READ_RIGHTS,
}  # fmt: skip
_MANAGING = _READING | {
    P.MANAGE_REGISTER, P.MANAGE_PEOPLE, P.MANAGE_MEETINGS, P.ANSWER, P.RESET_FACTORS, P.ERASE_PEOPLE,
}  # fmt: skip
EVERYBODY = {P.VOTE, P.REACT, P.ACCOUNT, P.MEMBER}
#: What each kind of visitor may ask for, written out again so that a change of the product's table is a choice.
MAY: dict[str, set[Permission]] = {
    "guest": set(),
    "nobody": EVERYBODY,
    "own": EVERYBODY,
    "other": EVERYBODY,
    "official": EVERYBODY,
    Role.BOARD: EVERYBODY | {P.SECRETARIAT},
    Role.RAPPORTEUR: EVERYBODY | {P.SECRETARIAT, P.READ_REACTIONS, P.ANSWER},
    Role.SECRETARIAT: EVERYBODY | {P.SECRETARIAT, P.RUN_ROUNDS} | _MANAGING,
    Role.CHAIR: EVERYBODY | {P.SECRETARIAT, P.RUN_ROUNDS},
    Role.TELLER: EVERYBODY | {P.SECRETARIAT},
    Role.AUDITOR: EVERYBODY | {P.SECRETARIAT} | _READING,
    Role.ADMINISTRATOR: EVERYBODY | {P.SECRETARIAT} | _MANAGING,
}
#: Addresses where, behind the gate, an office at the member is asked for.
BY_OFFICE = {"consultation.react", "consultation.send"}


def addresses(app: Flask) -> list[tuple[str, str]]:
    """(endpoint, method) of every address; signing out comes last, since it ends the session."""
    found = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static" and not rule.endpoint.startswith("demo.")
    }
    return sorted(found, key=lambda pair: (pair[0] == "identity.sign_out", *pair))


def was_refused(answer: TestResponse) -> bool:
    """Whether the gate kept somebody out."""
    to_sign_in = answer.status_code == 303 and answer.headers["Location"].startswith("/inloggen?next=")
    return answer.status_code in {401, 403} or to_sign_in


def test_every_address_says_what_it_asks_for_and_has_a_row_in_the_table(make_site: Callable[..., Site]) -> None:
    app = make_site(demo=True).app
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    with app.app_context():
        assert {endpoint: access_of(endpoint) for endpoint in endpoints} == ADDRESSES


def test_an_address_without_a_mark_is_refused_to_everybody(site: Site, scene: Scene) -> None:
    site.app.add_url_rule("/vergeten", "forgotten", lambda: "secret", methods=["GET", "POST"])
    for _, person in scene.everybody():
        browser = site.browser(person)
        assert browser.get("/vergeten").status_code == 403
        assert browser.post("/vergeten").status_code == 403


def test_every_visitor_gets_where_the_table_says_and_nowhere_else(site: Site, scene: Scene) -> None:
    wrong: list[str] = []
    browsers = {name: site.browser(person) for name, person in scene.everybody()}
    assert set(browsers) == set(MAY)
    before = snapshot()
    todo = addresses(site.app)
    for allowed in (False, True):  # the refused ones first: after them nothing may have changed
        for endpoint, method in todo:
            for name, browser in browsers.items():
                asked = ADDRESSES[endpoint]
                if (asked == "public" or asked in MAY[name]) is not allowed:
                    continue
                path = address_of(site, endpoint, method, scene.address)
                answer = browser.get(path) if method == "GET" else browser.post(path)
                if allowed:
                    right = answer.status_code < 500 and (
                        not was_refused(answer) or (endpoint in BY_OFFICE and answer.status_code == 403)
                    )
                elif name == "guest":
                    right = answer.status_code == (303 if method == "GET" else 401) and was_refused(answer)
                else:
                    right = answer.status_code == 403
                if not right:
                    wrong.append(f"{name} {method} {path}: {answer.status_code}, allowed={allowed}")
        if not allowed:
            assert snapshot() == before
    assert not wrong, "\n".join(wrong)


def test_after_signing_in_a_guest_comes_where_they_wanted_to_be(site: Site, scene: Scene) -> None:
    answer = site.browser().get("/stemmen/alv?gemeente=GM0001")
    assert answer.headers["Location"] == "/inloggen?next=/stemmen/alv?gemeente%3DGM0001"


# --- Own and other member


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


@pytest.mark.parametrize("why", ["no session", "ended", "expired", "out of use"])
def test_a_ballot_of_whoever_is_not_signed_in_is_asked_to_sign_in_and_not_recorded(
    site: Site, scene: Scene, why: str
) -> None:
    """The statement that records recognises the session itself, so each way to have none is tried against it."""
    browser = site.browser(scene.clerks[0])
    data = {"gemeente": "GM0001", f"choice-{scene.open[0].id}": "for", "key": str(uuid.uuid4())}
    with db.transaction():
        session = db.session.scalars(select(LoginSession).where(LoginSession.token_hash == token_hash(browser.token)))
        if why == "no session":
            browser = site.browser()
        elif why == "ended":
            db.session.delete(session.one())
        elif why == "expired":
            session.one().expires_at = db.now()
        else:
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
