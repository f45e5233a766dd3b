"""What a sign-in service has to prove, against one that answers whatever it is told to."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.web.conftest import SiteOf
from tests.web.provider import Crooked, settings_of
from tests.web.site import Browser, Scene, Site, snapshot
from tests.web.test_accounts import signed_in
from tests.web.test_recovering import OWN
from tests.web.test_single_sign_on import BEGIN, LEFT, go, nonce_of, state_of
from vng_alv.identity import providers


@pytest.fixture(autouse=True)
def _forget() -> None:
    providers._known.clear()


def answer_of(browser: Browser, crooked: Crooked, where: str, **further: str):  # type: ignore[no-untyped-def]
    query = "&".join(f"{name}={value}" for name, value in {"code": "c", "state": state_of(where), **further}.items())
    return browser.get(f"{BEGIN}/terug?{query}")


def test_a_right_token_of_this_service_is_good(site_of: SiteOf, scene: Scene, crooked: Crooked) -> None:
    browser = site_of(crooked.issuer).browser()
    where = go(browser)
    crooked.sign(nonce=nonce_of(where))
    assert answer_of(browser, crooked, where, iss=crooked.issuer).status_code == 303
    assert signed_in(browser)
    asked = dict(crooked.asked)["/token"]
    assert asked["client_secret"] == ["geheim"]
    verifier = asked["code_verifier"][0]
    assert parse_qs(urlsplit(where).query)["code_challenge"] == [providers.challenge(verifier)]
    assert {path for path, _ in crooked.asked} == {"/.well-known/openid-configuration", "/keys", "/token"}


WRONG: dict[str, dict[str, Any]] = {
    "nonce of another": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "andere"},
    "two audiences and another party": {"aud": ["alv", "andere"], "azp": "andere"},
    "two audiences and no party": {"aud": ["alv", "andere"]},
    "one audience and another party": {"azp": "andere"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://evil.example"},
    "an issuer that looks like it": {"iss": "+/"},
    "expired": {"exp": 1_000_000_000},
    "no end": {"exp": None},
    "of the future": {"iat": 9_000_000_000},
    "nobody": {"sub": ""},
    "too long a name": {"sub": "x" * 256},
}


def prove(crooked: Crooked, **further: Any) -> providers.Claims:
    asked = {"code": "c", "issuer": None, "redirect_uri": "http://localhost/", "nonce": "n" * 43, "verifier": "v"}
    return providers.prove(settings_of(crooked.issuer), **{**asked, **further})


@pytest.mark.parametrize("how", [*WRONG, "another key", "no signature", "no token", "another issuer answers"])
def test_a_token_that_is_not_right_proves_nothing(crooked: Crooked, how: str) -> None:
    crooked.sign(nonce="n" * 43)
    assert prove(crooked).subject == "s-1", "without a fault it is good"
    claims = {"nonce": "n" * 43, **WRONG.get(how, {})}
    if claims.get("iss") == "+/":
        claims["iss"] = crooked.issuer + "/"
    crooked.sign(crooked.other_key if how == "another key" else None, **claims)
    if how == "no token":
        crooked.token = ""
    elif how == "no signature":
        crooked.token = "eyJhbGciOiJub25lIn0." + crooked.token.split(".")[1] + "."
    with pytest.raises(providers.NotProven):
        prove(crooked, **({"issuer": "https://evil.example"} if how == "another issuer answers" else {}))


def test_a_token_of_another_request_opens_nothing(site_of: SiteOf, scene: Scene, crooked: Crooked) -> None:
    browser = site_of(crooked.issuer).browser()
    where = go(browser)
    crooked.sign(nonce="x" * 43)
    before = snapshot(*LEFT)
    assert answer_of(browser, crooked, where).status_code == 400
    assert not signed_in(browser)
    assert snapshot(*LEFT) == before


def test_a_new_key_of_the_service_is_fetched(crooked: Crooked, monkeypatch: pytest.MonkeyPatch) -> None:
    crooked.sign(nonce="n" * 43)
    prove(crooked)
    crooked.key = crooked.other_key
    crooked.sign(nonce="n" * 43)
    with pytest.raises(providers.NotProven):
        prove(crooked)  # not again so soon, or whoever sends nonsense makes us fetch without end
    monkeypatch.setattr(providers, "AGAIN", 0.0)
    assert prove(crooked).subject == "s-1"


def test_claims_that_the_token_leaves_out_come_from_the_service_itself(crooked: Crooked) -> None:
    crooked.discovery["userinfo_endpoint"] = crooked.issuer + "/userinfo"
    crooked.sign(nonce="n" * 43, email=None, email_verified=None)
    for subject, email in (("s-1", OWN), ("s-2", "")):
        crooked.userinfo = {"sub": subject, "email": OWN, "email_verified": True}
        assert prove(crooked).email == email, subject


@pytest.mark.parametrize("field", ["issuer", "authorization_endpoint", "jwks_uri"])
def test_discovery_that_names_somebody_else_is_not_believed(crooked: Crooked, field: str) -> None:
    crooked.discovery[field] = "http://evil.example"
    with pytest.raises(providers.NotProven):
        providers.address(
            settings_of(crooked.issuer), redirect_uri="x", state="s", nonce="n", verifier="v", locale="nl"
        )


def test_the_cookie_of_the_way_there_is_bound_to_this_host(
    make_site: Callable[..., Site], scene: Scene, crooked: Crooked
) -> None:
    site = make_site(base_url="https://localhost", oidc_providers=(settings_of(crooked.issuer),))
    answer = site.app.test_client().get(BEGIN, base_url="https://localhost", headers={"X-Forwarded-Proto": "https"})
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "alv-sign-on" in c)
    assert cookie.startswith("__Host-")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"))
