"""Who may come where: one table, held against every address, every role and both methods (docs/rules.md, roles)."""

from collections.abc import Callable

from flask import Flask
from werkzeug.test import TestResponse

from tests.web.addresses import ADDRESSES
from tests.web.site import Scene, Site, address_of, snapshot
from vng_alv.access import access_of
from vng_alv.app import create_app
from vng_alv.domain.permissions import Permission, Role

P = Permission

_READING = {
    P.READ_REGISTER, P.READ_PEOPLE, P.READ_MEETINGS, P.READ_REACTIONS, P.READ_NOTICES, P.READ_AUDIT, P.READ_RIGHTS,
}  # fmt: skip
_MANAGING = _READING | {
    P.MANAGE_REGISTER, P.MANAGE_PEOPLE, P.MANAGE_MEETINGS, P.ANSWER, P.ADVISE, P.RESET_FACTORS, P.ERASE_PEOPLE,
    P.GRANT_ROLES,
}  # fmt: skip
EVERYBODY = {P.VOTE, P.REACT, P.ACCOUNT, P.MEMBER}
#: What each kind of visitor may ask for, written out again so that a change of the product's table is a choice.
MAY: dict[str, set[Permission]] = {
    "guest": set(),
    "nobody": EVERYBODY,
    "own": EVERYBODY,
    "other": EVERYBODY,
    "official": EVERYBODY,
    Role.BOARD: EVERYBODY | {P.SECRETARIAT, P.ADVISE},
    Role.RAPPORTEUR: EVERYBODY | {P.SECRETARIAT, P.READ_REACTIONS, P.ANSWER, P.ADVISE},
    Role.SECRETARIAT: EVERYBODY | {P.SECRETARIAT, P.RUN_ROUNDS} | _MANAGING,
    Role.CHAIR: EVERYBODY | {P.SECRETARIAT, P.RUN_ROUNDS},
    Role.TELLER: EVERYBODY | {P.SECRETARIAT, P.TELL},
    Role.AUDITOR: EVERYBODY | {P.SECRETARIAT} | _READING,
    Role.ADMINISTRATOR: EVERYBODY | {P.SECRETARIAT} | _MANAGING,
}
#: Addresses where, behind the gate, an office at the member is asked for.
BY_OFFICE = {
    "motions.change", "motions.create", "motions.discard", "motions.edit", "motions.split",
    "consultation.react", "consultation.send", "consultation.withdraw", "consultation.history",
    "consultation.attachments", "consultation.change_attachment", "amendments.create", "amendments.preview_new",
}  # fmt: skip


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
    site = Site(site.settings, create_app(site.settings))
    site.app.add_url_rule("/vergeten", "forgotten", lambda: "secret", methods=["GET", "POST"])
    for _, person in scene.everybody():
        browser = site.browser(person)
        assert browser.get("/vergeten").status_code == 403
        assert browser.post("/vergeten").status_code == 403


def test_every_visitor_gets_where_the_table_says_and_nowhere_else(site: Site, scene: Scene) -> None:
    wrong, browsers = list[str](), {name: site.browser(person) for name, person in scene.everybody()}
    assert set(browsers) == set(MAY)
    before = snapshot()
    for allowed in (False, True):  # the refused ones first: after them nothing may have changed
        for endpoint, method in addresses(site.app):
            for name, browser in browsers.items():
                asked = ADDRESSES[endpoint]
                if (asked == "public" or asked in MAY[name]) is not allowed:
                    continue
                path = address_of(site, endpoint, method, scene.address)
                answer = browser.get(path) if method == "GET" else browser.post(path)
                if allowed:
                    by_office = endpoint in BY_OFFICE and answer.status_code == 403
                    right = answer.status_code < 500 and (by_office or not was_refused(answer))
                else:
                    refusal = 403 if name != "guest" else 303 if method == "GET" else 401
                    right = answer.status_code == refusal and (name != "guest" or was_refused(answer))
                if not right:
                    wrong.append(f"{name} {method} {path}: {answer.status_code}, allowed={allowed}")
        if not allowed:
            assert snapshot() == before
    assert not wrong, "\n".join(wrong)


def test_after_signing_in_a_guest_comes_where_they_wanted_to_be(site: Site, scene: Scene) -> None:
    answer = site.browser().get("/stemmen/alv?gemeente=GM0001")
    assert answer.headers["Location"] == "/inloggen?next=/stemmen/alv?gemeente%3DGM0001"
