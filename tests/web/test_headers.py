"""Headers and cookies one by one, as the highest grade of the MDN HTTP Observatory asks, on every kind of answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.factories import PASSWORD
from tests.web.provider import settings_of
from tests.web.site import Browser, Scene, Site, address_of, forms_of, snapshot
from tests.web.test_access import ADDRESSES, addresses
from tests.web.test_doors import ELSEWHERE
from tests.web.test_recovering import OWN
from vng_alv import db
from vng_alv.domain.permissions import Role
from vng_alv.members.models import Association
from vng_alv.stream import Stream

HTTPS = "https://localhost"


@pytest.fixture
def secure(make_site: Callable[..., Site], scene: Scene) -> Site:
    """The site behind TLS, as in real use, with a sign-in service."""
    return make_site(base_url=HTTPS, live_url=HTTPS, oidc_providers=(settings_of("http://127.0.0.1:1"),))


def fetch(site: Site, path: str, method: str = "GET", **options: Any) -> TestResponse:
    """An answer, asked as a proxy with TLS does."""
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7", **options.pop("headers", {})}
    client = options.pop("client", None) or site.app.test_client()
    return client.open(path, method=method, base_url=HTTPS, headers=headers, buffered=True, **options)


def static_file(site: Site) -> str:
    address: str = site.app.jinja_env.globals["asset"]("app.css")  # type: ignore[operator]
    return address


def answers(site: Site, scene: Scene) -> dict[str, TestResponse]:
    """One of every kind of answer."""
    desk = site.app.test_client()
    desk.set_cookie("__Host-alv", site.browser(scene.staff[Role.SECRETARIAT]).token, domain="localhost", secure=True)
    return {
        "page": fetch(site, "/"),
        "sign-in": fetch(site, "/inloggen"),
        "page of somebody signed in": fetch(site, "/account", client=desk),
        "redirect": fetch(site, "/secretariaat"),
        "static file": fetch(site, static_file(site)),
        "static file that there was": fetch(
            site, static_file(site), headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
        ),
        "no static file": fetch(site, "/static/build/weg.css"),
        "static file, written to": fetch(site, static_file(site), "POST"),
        "download": fetch(site, "/leden.csv"),
        "JSON": fetch(site, f"/vergaderingen/alv/uitslagen/{scene.published.number}.json"),
        "own data": fetch(site, "/account/gegevens", client=desk),
        "health": fetch(site, "/gezond"),
        "security.txt": fetch(site, "/.well-known/security.txt"),
        "not found": fetch(site, "/geen-bladzijde"),
        "not allowed": fetch(site, "/taal"),
        "forged form": fetch(site, "/taal", "POST"),
        "forged host": site.app.test_client().get("/", headers={"Host": "evil.example"}),
        "too large": fetch(site, "/inloggen", "POST", data=b"x" * 3 * 2**20, content_type="text/plain"),
        "problem": fetch(site, "/geen-bladzijde", headers={"Accept": "application/json"}),
        "service away": fetch(site, "/inloggen/via/stad"),
    }


def policy_of(answer: TestResponse) -> dict[str, str]:
    parts = answer.headers["Content-Security-Policy"].split(";")
    return dict(part.strip().partition(" ")[::2] for part in parts)


@pytest.fixture
def every(secure: Site, scene: Scene) -> dict[str, TestResponse]:
    found = answers(secure, scene)
    expected = {"redirect": 303, "static file that there was": 304, "no static file": 404, "not found": 404,
                "not allowed": 405, "static file, written to": 405, "forged form": 400, "forged host": 400,
                "too large": 413, "problem": 404, "service away": 503}  # fmt: skip
    assert {name: answer.status_code for name, answer in found.items()} == {
        name: expected.get(name, 200) for name in found
    }
    return found


# --- Each header


def test_the_policy_for_content_allows_nothing_unsafe(every: dict[str, TestResponse]) -> None:
    for name, answer in every.items():
        assert len(answer.headers.getlist("Content-Security-Policy")) == 1, name
        policy = policy_of(answer)
        assert policy["default-src"] == "'none'", name
        assert policy["script-src"] == policy["style-src"] == policy["font-src"] == "'self'", name
        assert policy["connect-src"] == "'self'", name
        assert policy["img-src"] == "'self' data:", name
        assert policy["form-action"] == "'self'", name
        assert policy["base-uri"] == policy["frame-ancestors"] == "'none'", name
        assert not {"*", "https:", "http:"} & set(" ".join(policy.values()).split()), name
        assert "unsafe" not in answer.headers["Content-Security-Policy"], name


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}


@pytest.mark.parametrize("header", HEADERS)
def test_every_answer_has_this_header_once(every: dict[str, TestResponse], header: str) -> None:
    for name, answer in every.items():
        assert answer.headers.getlist(header) == [HEADERS[header]], name


def test_what_pages_may_use_of_a_device_is_closed_but_for_passkeys(every: dict[str, TestResponse]) -> None:
    for name, answer in every.items():
        allowed = dict(part.strip().split("=", 1) for part in answer.headers["Permissions-Policy"].split(","))
        assert {key for key, value in allowed.items() if value == "()"} == {
            "camera", "microphone", "geolocation", "payment",
        }, name  # fmt: skip
        assert allowed["publickey-credentials-get"] == allowed["publickey-credentials-create"] == "(self)", name


def test_the_camera_is_for_the_desk_at_the_door_alone(site: Site, scene: Scene) -> None:
    desk = site.browser(scene.staff[Role.SECRETARIAT]).get("/secretariaat/vergaderingen/alv/aanwezigheid")
    (policy,) = desk.headers.getlist("Permissions-Policy")
    assert policy.startswith("camera=(self), microphone=(), geolocation=(), payment=(), ")


def test_no_other_site_may_read_an_answer(secure: Site, scene: Scene) -> None:
    for path in ("/", "/leden.csv", static_file(secure), "/vergaderingen/alv/stand.json"):
        answer = fetch(secure, path, headers={"Origin": "https://evil.example"})
        assert not [name for name, _value in answer.headers if name.lower().startswith("access-control-")], path


def test_without_tls_nothing_asks_for_it(site: Site, scene: Scene) -> None:
    assert "Strict-Transport-Security" not in site.browser().get("/").headers


def test_a_static_file_may_be_kept_and_a_page_may_not(every: dict[str, TestResponse]) -> None:
    assert "max-age=31536000" in every["static file"].headers["Cache-Control"]
    assert "public" in every["static file"].headers["Cache-Control"]
    for name in ("page of somebody signed in", "own data", "health"):
        assert every[name].headers["Cache-Control"] == "no-store", name


#: Parts of pages that hold nothing of who asks, so that one drawing serves hundreds.
DRAWN_ONCE = {"results.turnout", "following.questions", "hall.picture"}


def test_no_page_of_somebody_who_is_signed_in_is_kept(site: Site, scene: Scene) -> None:
    for name in ("own", Role.SECRETARIAT):
        browser = site.browser(dict(scene.everybody())[name])
        for endpoint, method in addresses(site.app):
            same_for_all = endpoint.startswith("exports.") and ADDRESSES[endpoint] == "public"
            if method == "GET" and not same_for_all and endpoint not in DRAWN_ONCE:
                answer = browser.get(address_of(site, endpoint, method, scene.address))
                assert answer.headers["Cache-Control"] == "no-store", (name, endpoint)


def test_signing_out_leaves_nothing_in_the_browser_but_its_language(site: Site, scene: Scene) -> None:
    assert site.browser(scene.clerks[0]).post("/uitloggen").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_the_stream_asks_for_tls_where_the_site_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for base, wanted in ((HTTPS, [HEADERS["Strict-Transport-Security"]]), ("http://localhost:8000", [])):
        monkeypatch.setenv("BASE_URL", base)
        found = [value.decode() for name, value in Stream().headers if name == b"strict-transport-security"]
        assert found == wanted, base


@pytest.mark.parametrize("how", ["refused", "with a slash too many", "in a way that there is not"])
def test_a_link_that_works_is_in_no_log_file(
    site: Site, scene: Scene, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    browser, token = site.browser(), scene.address["token"]
    path = f"/uitnodiging/{token}"
    if how == "refused":
        assert browser.post(path, {"csrf_token": "forged"}).status_code == 400
    elif how == "with a slash too many":
        assert browser.get(path + "/").status_code == 404
    else:
        assert browser.client.put(path, base_url="http://localhost:8000").status_code in {400, 405}
    said = "".join(capsys.readouterr())
    assert '"event": "failure"' in said
    assert token not in said


# --- Cookies


def test_cookies_are_bound_to_this_host_and_out_of_reach(secure: Site, scene: Scene) -> None:
    client = secure.app.test_client()
    page = fetch(secure, "/inloggen", client=client)
    form = {"email": OWN, "password": PASSWORD, "csrf_token": forms_of(page, "/")[-1].values["csrf_token"]}
    signed_in = fetch(secure, "/inloggen", "POST", client=client, data=form, headers={"Origin": HTTPS})
    assert signed_in.status_code == 303
    cookies = [*page.headers.getlist("Set-Cookie"), *signed_in.headers.getlist("Set-Cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-alv-form", "__Host-alv", "__Host-alv-device"}
    for cookie in cookies:
        words = {part.strip() for part in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= words, cookie
        assert not [word for word in words if word.startswith("Domain")], cookie


# --- Forged requests


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost"},
        {"Origin": "https://localhost:8443"},
        {"Origin": "https://localhost.evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_that_comes_from_elsewhere_is_refused(secure: Site, scene: Scene, headers: dict[str, str]) -> None:
    client = secure.app.test_client()
    page = fetch(secure, "/inloggen", client=client)
    form = {"email": OWN, "password": PASSWORD, "csrf_token": forms_of(page, "/")[-1].values["csrf_token"]}
    before = snapshot()
    answer = fetch(secure, "/inloggen", "POST", client=client, data=form, headers=headers)
    assert answer.status_code == 400
    assert snapshot() == before


def test_a_host_that_is_not_ours_is_refused_by_every_address(secure: Site, scene: Scene) -> None:
    for endpoint, method in addresses(secure.app):
        path = address_of(secure, endpoint, method, scene.address)
        for headers in ({"Host": "evil.example"}, {"Host": "localhost.evil.example"}):
            answer = secure.app.test_client().open(path, method=method, headers=headers)
            assert answer.status_code == 400, (path, headers)
            assert "evil" not in str(answer.headers) + answer.text, path


def test_a_host_that_a_proxy_passes_on_is_not_believed(secure: Site, scene: Scene) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    answer = fetch(secure, "/secretariaat", headers=forged)
    assert answer.headers["Location"].startswith("/inloggen")


# --- Redirects


def test_no_parameter_leads_to_another_site(site: Site, scene: Scene) -> None:
    """Every parameter that a redirect is made from; what stands here is all that the pages know by these names."""
    for target in ELSEWHERE:
        guest = site.browser()
        page = guest.get("/inloggen", query_string={"next": target})
        assert f'href="{target}"' not in page.text
        own = site.browser(scene.clerks[0])
        answered = {
            "sign-in": guest.post("/inloggen", {"email": OWN, "password": PASSWORD, "next": target}),
            "language": guest.post("/taal", {"locale": "en", "next": target}),
            "signing out": own.post("/uitloggen", {"next": target}),
            "account": site.browser(scene.clerks[1]).post("/account/sessies/einde", {"next": target}),
            "notices": site.browser(scene.staff[Role.SECRETARIAT]).post(
                f"/secretariaat/berichten/{scene.address['notice_id']}/opnieuw", {"next": target, "state": target}
            ),
        }
        for name, answer in answered.items():
            where = answer.headers["Location"]
            assert answer.status_code == 303, name
            assert where.startswith("/"), (name, target, where)
            assert not where.startswith(("//", "/\\")), (name, target, where)


# --- Sizes


@pytest.mark.parametrize("how", ["text", "field", "file", "fields"])
def test_what_is_too_large_is_told(site: Site, scene: Scene, how: str) -> None:
    browser: Browser = site.browser(scene.staff[Role.SECRETARIAT])
    large = "x" * (site.settings.upload_bytes + 1)
    if how == "text":
        answer = browser.client.post("/inloggen", base_url="http://localhost:8000", data=large)
    elif how == "field":
        answer = browser.post("/taal", {"next": large})
    elif how == "fields":
        part = '--grens\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'
        answer = browser.client.post(
            "/taal", base_url="http://localhost:8000", data=(part * 5_001 + "--grens--\r\n").encode(),
            content_type="multipart/form-data; boundary=grens",
        )  # fmt: skip
    else:
        part = 'Content-Disposition: form-data; name="file"; filename="x.csv"'
        answer = browser.client.post(
            "/secretariaat/leden/importeren", base_url="http://localhost:8000",
            data=f"--grens\r\n{part}\r\n\r\n{large}\r\n--grens--\r\n".encode(),
            content_type="multipart/form-data; boundary=grens",
        )  # fmt: skip
    assert answer.status_code == 413
    assert "Er is niets gewijzigd" in answer.text


# --- security.txt


def test_security_txt_says_where_to_report(secure: Site, scene: Scene) -> None:
    answer = fetch(secure, "/.well-known/security.txt")
    assert answer.mimetype == "text/plain"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:alv@vereniging.example"
    assert fields["Canonical"] == f"{HTTPS}/.well-known/security.txt"
    until = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=30) < until - datetime.now(UTC) < timedelta(days=365)
    with db.transaction():
        db.session.get_one(Association, 1).email = ""
    assert fetch(secure, "/.well-known/security.txt").status_code == 404
