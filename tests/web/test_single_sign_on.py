"""Signing in with the service of one's own organisation, against one that runs and one that cheats."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from tests.web.conftest import SiteOf
from tests.web.provider import claims_of, real_service, settings_of, sign_in_at
from tests.web.second_steps import code, with_app
from tests.web.site import Browser, Scene, snapshot
from tests.web.test_accounts import signed_in
from tests.web.test_recovering import OWN, mails
from vng_alv import db
from vng_alv.accounts.models import Entry, Identity, Invitation, LoginSession, Person, SignOnRequest
from vng_alv.audit.models import AuditEntry
from vng_alv.members.models import Office, OfficeKind
from vng_alv.notifications.models import NoticeKind

BEGIN = "/inloggen/via/stad"
MEMBERS = {"member_claim": "gemeente", "members": {"0001": "GM0001", "0002": "GM0002"}}
#: What a refusal leaves behind: its line in the log, and nothing else.
LEFT = ("audit_entry", "sign_on_request")


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """A real service for all tests of this process."""
    with real_service() as found:
        yield found


def go(browser: Browser, path: str = BEGIN) -> str:
    """Begin; where the browser is sent to."""
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def own(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def come_back(browser: Browser, subject: str, path: str = BEGIN):  # type: ignore[no-untyped-def]
    return browser.get(own(sign_in_at(go(browser, path), subject)))


def nonce_of(where: str) -> str:
    return parse_qs(urlsplit(where).query)["nonce"][0]


def state_of(where: str) -> str:
    return parse_qs(urlsplit(where).query)["state"][0]


def session_of(person: Person) -> LoginSession:
    with db.transaction(write=False):
        query = select(LoginSession).where(LoginSession.person_id == person.id)
        return db.session.scalars(query.order_by(LoginSession.created_at.desc())).first()  # type: ignore[return-value]


# --- A service that runs


def test_somebody_with_a_verified_address_is_linked_and_comes_in(site_of: SiteOf, scene: Scene, issuer: str) -> None:
    site = site_of(issuer)
    claims_of(issuer, "k1", email=OWN.upper(), email_verified=True, name="Kim")
    browser = site.browser()
    where = go(browser, BEGIN + "?next=/leden")
    asked = parse_qs(urlsplit(where).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://localhost:8000/inloggen/via/stad/terug"]
    answer = browser.get(own(sign_in_at(where, "k1")))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/leden")
    assert signed_in(browser)
    assert session_of(scene.clerks[0]).factor_at is None, "the settings do not say that the service vouches for more"
    assert "via uw eigen organisatie" in mails(NoticeKind.SIGN_IN_CHANGED)[0][1]
    with db.transaction():
        assert db.session.scalars(select(Identity.subject)).all() == ["k1"]
        assert "identity.link" in db.session.scalars(select(AuditEntry.act)).all()
        assert db.session.scalars(select(SignOnRequest)).all() == []
        db.session.execute(update(Person).where(Person.id == scene.clerks[0].id).values(email="nu@test.example"))
    again = site.browser()
    assert come_back(again, "k1").status_code == 303, "known by who they are there, and no longer by address"
    assert signed_in(again)
    assert len(mails(NoticeKind.SIGN_IN_CHANGED)) == 1


REFUSED = {
    "unverified": ({"email": OWN, "email_verified": False}, "zegt niet dat uw e-mailadres van u is"),
    "says nothing of verified": ({"email": OWN}, "zegt niet dat uw e-mailadres van u is"),
    "verified in words only": ({"email": OWN, "email_verified": "true"}, "zegt niet dat uw e-mailadres van u is"),
    "no address": ({"email_verified": True}, "zegt niet dat uw e-mailadres van u is"),
    "unknown": ({"email": "wie@elders.example", "email_verified": True}, "geen account dat bij u hoort"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_who_cannot_be_recognised_stays_out_and_nothing_is_made(
    site_of: SiteOf, scene: Scene, issuer: str, how: str
) -> None:
    claims, sentence = REFUSED[how]
    site = site_of(issuer)
    claims_of(issuer, "r1", **claims)
    before = snapshot(*LEFT)
    browser = site.browser()
    answer = come_back(browser, "r1")
    assert answer.status_code == 403
    assert sentence in answer.text
    assert "Wat u nu kunt doen" in answer.text
    assert not signed_in(browser)
    assert snapshot(*LEFT) == before
    with db.transaction(write=False):
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert entry.act == "session.refuse"
        assert "@" not in str(entry.data)


@pytest.mark.parametrize(
    "how", ["replayed", "of another browser", "made up", "too late", "of another service", "denied"]
)
def test_what_comes_back_is_good_once_in_the_same_browser(
    make_site: SiteOf, scene: Scene, issuer: str, how: str
) -> None:
    site = make_site(oidc_providers=(settings_of(issuer), settings_of(issuer, name="dorp", label="Dorp")))
    claims_of(issuer, "s1", email=OWN, email_verified=True)
    browser = site.browser()
    back = own(sign_in_at(go(browser), "s1"))
    if how == "replayed":
        assert browser.get(back).status_code == 303
        browser.post("/uitloggen")
    elif how == "of another browser":
        browser = site.browser()
        go(browser)
    elif how == "made up":
        back = back.replace("state=", "state=x")
    elif how == "too late":
        with db.transaction():
            db.session.execute(update(SignOnRequest).values(expires_at=db.now() - timedelta(seconds=1)))
    elif how == "of another service":
        back = back.replace("/stad/", "/dorp/")
    else:
        state = parse_qs(urlsplit(back).query)["state"][0]
        back = f"{BEGIN}/terug?error=access_denied&state={state}"
    answer = browser.get(back)
    assert answer.status_code == 400
    assert "afgebroken, duurde te lang of werd in een andere browser begonnen" in answer.text
    assert not signed_in(browser)


def test_a_code_of_another_client_is_refused_by_the_service(site_of: SiteOf, scene: Scene, issuer: str) -> None:
    """Somebody got a code for another site of the same service, and brings it here."""
    site = site_of(issuer)
    claims_of(issuer, "c1", email=OWN, email_verified=True)
    browser = site.browser()
    where = go(browser)
    answer = browser.get(own(sign_in_at(where.replace("client_id=alv", "client_id=andere"), "c1")))
    assert answer.status_code == 400
    assert not signed_in(browser)


def test_an_expired_token_of_a_real_service_is_refused(site_of: SiteOf, scene: Scene) -> None:
    with real_service("--token-max-age", "-3600") as issuer:
        site = site_of(issuer)
        claims_of(issuer, "e1", email=OWN, email_verified=True)
        browser = site.browser()
        assert come_back(browser, "e1").status_code == 400
        assert not signed_in(browser)


def test_a_service_that_is_away_is_told(site_of: SiteOf, scene: Scene) -> None:
    answer = site_of("http://127.0.0.1:1").browser().get(BEGIN)
    assert answer.status_code == 503
    assert "Stad antwoordt niet" in answer.text


def test_a_service_that_is_not_in_the_settings_has_no_address(site_of: SiteOf, scene: Scene, issuer: str) -> None:
    browser = site_of(issuer).browser()
    assert browser.get("/inloggen/via/elders").status_code == 404
    assert browser.get("/inloggen/via/elders/terug?code=x&state=y").status_code == 404


def test_it_begins_on_a_page_of_ours_only(site_of: SiteOf, scene: Scene, issuer: str) -> None:
    """Else another site signs somebody in here who did not ask for it."""
    browser = site_of(issuer).browser()
    for site in ("cross-site", "same-site"):
        answer = browser.get(BEGIN + "?next=/leden", headers={"Sec-Fetch-Site": site})
        assert answer.headers["Location"] == "/inloggen?next=/leden"
        assert "Set-Cookie" not in answer.headers
    with db.transaction(write=False):
        assert db.session.scalars(select(SignOnRequest)).all() == []
    for site in ("same-origin", "none"):
        answer = browser.get(BEGIN, headers={"Sec-Fetch-Site": site})
        assert answer.headers["Location"].startswith(issuer)


def test_it_leads_nowhere_else_afterwards(site_of: SiteOf, scene: Scene, issuer: str) -> None:
    site = site_of(issuer)
    claims_of(issuer, "n1", email=OWN, email_verified=True)
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        browser = site.browser()
        assert come_back(browser, "n1", f"{BEGIN}?next={target}").headers["Location"] == "/"


def test_whoever_has_a_second_step_here_shows_it_here(site_of: SiteOf, scene: Scene, issuer: str) -> None:
    site, clerk = site_of(issuer), scene.clerks[0]
    _, secret = with_app(site, clerk)
    claims_of(issuer, "t1", email=OWN, email_verified=True)
    browser = site.browser()
    answer = come_back(browser, "t1", BEGIN + "?next=/leden")
    assert answer.headers["Location"] == "/inloggen/tweede-stap"
    assert not signed_in(browser)
    assert browser.submit("/inloggen/tweede-stap", code="not it").status_code == 200
    assert not signed_in(browser)
    assert browser.submit("/inloggen/tweede-stap", code=code(secret)).headers["Location"] == "/leden"
    session = session_of(clerk)
    assert session.entry is Entry.SINGLE_SIGN_ON
    assert session.factor_at is not None


# --- Invitations


def test_an_invitation_is_accepted_by_signing_in(site_of: SiteOf, scene: Scene, issuer: str) -> None:
    site = site_of(issuer)
    claims_of(issuer, "i1", email="genodigde@test.example", email_verified=True)
    browser = site.browser()
    answer = come_back(browser, "i1", f"{BEGIN}?uitnodiging={scene.address['token']}")
    assert answer.status_code == 303
    assert signed_in(browser)
    with db.transaction(write=False):
        assert db.session.scalars(select(Invitation)).one().accepted_at is not None
    assert site.browser().get(f"/uitnodiging/{scene.address['token']}").status_code == 410


def test_an_invitation_of_somebody_else_is_not_accepted(site_of: SiteOf, scene: Scene, issuer: str) -> None:
    claims_of(issuer, "i2", email=OWN, email_verified=True)
    browser = site_of(issuer).browser()
    before = snapshot(*LEFT)
    answer = come_back(browser, "i2", f"{BEGIN}?uitnodiging={scene.address['token']}")
    assert answer.status_code == 403
    assert "De uitnodiging is voor een ander e-mailadres" in answer.text
    assert snapshot(*LEFT) == before


# --- Members and second steps


def test_a_claim_of_the_persons_own_member_is_heeded(site_of: SiteOf, scene: Scene, issuer: str) -> None:
    site = site_of(issuer, **MEMBERS)
    for subject, value, status, sentence in (
        ("m1", "0001", 303, ""),
        ("m2", ["0009", "0001"], 303, ""),
        ("m3", "0002", 403, "noemt een andere gemeente"),
        ("m4", "0009", 403, "zegt niet voor welke gemeente"),
        ("m5", None, 403, "zegt niet voor welke gemeente"),
        ("m6", {"a": 1}, 403, "zegt niet voor welke gemeente"),
    ):
        claims_of(issuer, subject, email=OWN, email_verified=True, gemeente=value)
        browser = site.browser()
        answer = come_back(browser, subject)
        assert (answer.status_code, signed_in(browser)) == (status, status == 303), subject
        assert sentence in answer.text
    with db.transaction(write=False):
        assert set(db.session.scalars(select(Identity.subject))) == {"m1", "m2"}


def test_a_person_is_made_as_an_official_where_that_is_allowed(site_of: SiteOf, scene: Scene, issuer: str) -> None:
    site = site_of(issuer, create=True, **MEMBERS)
    claims_of(issuer, "p1", email="Nieuw@gemeente.example", email_verified=True, name="Nieuw Iemand", gemeente="0002")
    assert come_back(site.browser(), "p1").status_code == 303
    with db.transaction(write=False):
        person = db.session.scalars(select(Person).where(Person.email == "nieuw@gemeente.example")).one()
        offices = db.session.scalars(select(Office).where(Office.person_id == person.id)).all()
        assert (person.name, person.password_hash, person.roles) == ("Nieuw Iemand", None, [])
        assert [(o.member.code, o.kind) for o in offices] == [("GM0002", OfficeKind.OFFICIAL)]
    for subject, claims in {
        "p2": {"email_verified": False, "gemeente": "0002"},
        "p3": {"email_verified": True, "gemeente": ["0001", "0002"]},
        "p4": {"email_verified": True},
    }.items():
        claims_of(issuer, subject, email=f"{subject}@gemeente.example", **claims)
        before = snapshot(*LEFT)
        assert come_back(site.browser(), subject).status_code == 403, subject
        assert snapshot(*LEFT) == before


@pytest.mark.parametrize(
    ("second_factor", "amr", "shown"),
    [
        ("none", ["pwd", "mfa"], False),
        ("amr", ["pwd"], False),
        ("amr", ["pwd", "otp"], True),
        ("amr", "mfa", False),
        ("amr", None, False),
        ("always", None, True),
    ],
)
def test_a_second_step_counts_as_the_settings_say(
    site_of: SiteOf, scene: Scene, issuer: str, second_factor: str, amr: Any, shown: bool
) -> None:
    claims_of(issuer, "a1", email=OWN, email_verified=True, **({"amr": amr} if amr else {}))
    assert come_back(site_of(issuer, second_factor=second_factor).browser(), "a1").status_code == 303
    assert (session_of(scene.clerks[0]).factor_at is not None) is shown
