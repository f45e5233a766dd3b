"""What keeps others out: forms, hosts, redirects, the demo's addresses, headers and cookies."""

from collections.abc import Callable

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import PASSWORD
from tests.web.inline import inline_parts
from tests.web.site import BASE, Scene, Site, address_of, forms_of, snapshot
from tests.web.test_access import addresses
from vng_alv import db
from vng_alv.app import release
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Role
from vng_alv.members.models import Association

# --- Forms of others


FORGED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "without a token": ({"csrf_token": ""}, {}),
    "with the token of another browser": ({"csrf_token": "a" * 64}, {}),
    "with a token that is no ASCII": ({"csrf_token": "é"}, {}),
    "from another origin": ({}, {"Origin": "https://evil.example"}),
    "from our host at another port": ({}, {"Origin": "http://localhost:9999"}),
    "from nowhere": ({}, {"Origin": "null"}),
    "sent cross-site": ({}, {"Sec-Fetch-Site": "cross-site"}),
    "sent from a sister site": ({}, {"Sec-Fetch-Site": "same-site"}),
}


def test_a_form_of_another_site_changes_nothing(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.staff[Role.SECRETARIAT])
    before, wrong = snapshot(), []
    paths = [address_of(site, *one, scene.address) for one in addresses(site.app) if one[1] == "POST"]
    for how, (data, headers) in FORGED.items():
        for path in paths:
            status = browser.post(path, data, headers=headers).status_code
            if status != 400:
                wrong.append(f"{how}: {path}: {status}")
    assert not wrong, "\n".join(wrong)
    assert snapshot() == before


def test_the_token_of_one_session_is_no_good_in_another(site: Site, scene: Scene) -> None:
    mine, theirs = site.browser(scene.staff[Role.SECRETARIAT]), site.browser(scene.staff[Role.CHAIR])
    assert mine.post("/secretariaat/vergaderingen/alv/agenda", {"csrf_token": theirs.csrf()}).status_code == 400


def test_nothing_changes_by_get(site: Site, scene: Scene) -> None:
    people = dict(scene.everybody())
    browsers = [site.browser(people[name]) for name in ("guest", "own", Role.AUDITOR, Role.SECRETARIAT)]
    before, log = snapshot("audit_entry"), acts()
    for endpoint, method in addresses(site.app):
        if method == "GET":
            for browser in browsers:
                browser.get(address_of(site, endpoint, method, scene.address))
    assert snapshot("audit_entry") == before
    # That somebody took personal data along is in the log.
    assert set(acts()[len(log) :]) == {"table.export"}


def acts() -> list[str]:
    """What is in the log, in order."""
    with db.transaction(write=False):
        return list(db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


# --- Hosts, redirects, the demo


def test_a_forged_host_is_refused(site: Site, scene: Scene) -> None:
    for host in ("evil.example", "localhost.evil.example", "evil.example:8000", "[::1]"):
        for path in ("/", "/inloggen", "/secretariaat", "/gezond", "/geen-bladzijde"):
            answer = site.browser().client.get(path, headers={"Host": host})
            assert answer.status_code == 400, (host, path)
            assert host not in answer.headers.get("Location", "")


ELSEWHERE = (
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
    "///evil.example", "/\t/evil.example", "/\n//evil.example", "http:evil.example", " //evil.example", "evil.example",
    "/\x1f//evil.example", "@evil.example",
)  # fmt: skip


def test_a_redirect_leads_nowhere_else(site: Site, scene: Scene) -> None:
    browser = site.browser()
    for target in ELSEWHERE:
        form = {"email": "griffier-gm0001@test.example", "password": PASSWORD, "next": target}
        for path, data in (("/inloggen", form), ("/taal", {"next": target, "locale": "en"})):
            answer = browser.post(path, data)
            assert (answer.status_code, answer.headers["Location"]) == (303, "/"), (path, target)


def test_a_redirect_to_a_path_of_our_own_is_kept(site: Site, scene: Scene) -> None:
    answer = site.browser().post("/taal", {"next": "/leden?a=1", "locale": "en"})
    assert answer.headers["Location"] == "/leden?a=1"


DEMO = [("/demo", "GET"), ("/demo/postvak", "GET"), ("/demo/postvak/1", "GET"), ("/demo/instappen", "POST")]


def test_the_demo_has_no_address_in_real_use(site: Site, scene: Scene) -> None:
    assert not [r for r in site.app.url_map.iter_rules() if r.endpoint.startswith("demo.")]
    for path, method in DEMO:
        browser = site.browser()
        answer = browser.get(path) if method == "GET" else browser.post(path, {"als": "secretariaat"})
        assert answer.status_code == 404, path


def test_the_demo_is_closed_where_votes_are_not_invented(make_site: Callable[..., Site], scene: Scene) -> None:
    site = make_site(demo=True)
    before = snapshot()
    for path, method in DEMO:
        browser = site.browser()
        answer = browser.get(path) if method == "GET" else browser.post(path, {"als": "GM0001"})
        assert answer.status_code == 404, path
    assert snapshot() == before
    with db.transaction():
        db.session.get_one(Association, 1).example = True
    assert site.browser().get("/demo/postvak").status_code == 200
    assert site.browser().post("/demo/instappen", {"als": "niemand"}).status_code == 404


def test_a_vote_and_a_reaction_that_are_invented_say_so_everywhere(site: Site, scene: Scene) -> None:
    with db.transaction():
        db.session.get_one(Association, 1).example = True
    browser = site.browser()
    number = scene.published.number
    for path in ("/", "/leden", "/vergaderingen/alv", f"/vergaderingen/alv/uitslagen/{number}", "/over", "/inloggen"):
        assert "Al het andere is verzonnen" in browser.get(path).text, path
    assert browser.get(f"/vergaderingen/alv/uitslagen/{number}.json").json["example"] is True  # type: ignore[index]
    for path in (f"uitslagen/{number}.csv", "stukken/R1/reacties.csv"):
        rows = browser.get(f"/vergaderingen/alv/{path}").text.splitlines()
        assert len(rows) > 1
        assert all(row.startswith("verzonnen,") for row in rows[1:]), path
    assert browser.get("/leden.csv").text.splitlines()[1].endswith(",ja")


# --- What every page carries


def pages(site: Site, scene: Scene) -> list[tuple[str, TestResponse]]:
    """Every page that there is, as those who see most of it."""
    found = []
    for name in ("guest", "own", Role.SECRETARIAT):
        browser = site.browser(dict(scene.everybody())[name])
        for endpoint, method in addresses(site.app):
            if method == "GET":
                path = address_of(site, endpoint, method, scene.address)
                found.append((f"{name} {path}", browser.get(path)))
        found.append((f"{name} R1", browser.get("/vergaderingen/alv/stukken/R1")))
        found.append((f"{name} 404", browser.get("/geen-bladzijde")))
        found.append((f"{name} 405", browser.get("/taal")))
        found.append((f"{name} 400", browser.post("/taal", {"csrf_token": ""})))
    own = site.browser(scene.clerks[0])
    found += [("ballot", own.get("/stemmen/alv?gemeente=GM0001"))]
    review = {"gemeente": "GM0001", f"choice-{scene.open[0].id}": "for"}
    found += [("review", own.post("/stemmen/alv/controle", review))]
    faulty = {"name": "<b>", "divisor": "x"}
    found += [("faulty", site.browser(scene.staff[Role.SECRETARIAT]).post("/secretariaat/vereniging", faulty))]
    return found


def test_no_page_needs_inline_script_or_style(site: Site, scene: Scene) -> None:
    wrong = []
    for name, answer in pages(site, scene):
        wrong += [f"{name}: {what}" for what in inline_parts(answer)]
    assert not wrong, "\n".join(wrong)


#: Parts of pages that hold nothing of who asks, so that one drawing serves hundreds.
SAME_FOR_ALL = ("/stemmen/alv/vragen", "/zaal/alv/beeld")


def test_every_answer_carries_the_strict_headers(site: Site, scene: Scene) -> None:
    for name, answer in pages(site, scene):
        headers = answer.headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'", name
        assert policy["frame-ancestors"] == "'none'", name
        if "sandbox" not in policy:  # a file of a municipality, which loads and sends nothing at all
            assert policy["script-src"] == policy["style-src"] == "'self'", name
            assert policy["base-uri"] == "'none'", name
            assert policy["form-action"] == "'self'", name
        assert "unsafe" not in headers["Content-Security-Policy"], name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["X-Frame-Options"] == "DENY", name
        assert headers["Referrer-Policy"] == "same-origin", name
        personal = not name.endswith(SAME_FOR_ALL) and answer.mimetype == "text/html"
        if name.startswith((Role.SECRETARIAT, "own")) and personal:
            assert headers["Cache-Control"] == "no-store", name


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(make_site: Callable[..., Site], scene: Scene) -> None:
    form = {"email": "griffier-gm0001@test.example", "password": PASSWORD}
    plain = make_site().browser().post("/inloggen", form).headers.getlist("Set-Cookie")
    assert plain
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in plain)
    site = make_site(base_url="https://localhost")
    client = site.app.test_client()
    page = client.get("/inloggen", base_url="https://localhost", headers={"X-Forwarded-Proto": "https"})
    token = forms_of(page, "/inloggen")[-1].values["csrf_token"]
    answer = client.post(
        "/inloggen", base_url="https://localhost", data={**form, "csrf_token": token},
        headers={"X-Forwarded-Proto": "https", "Origin": "https://localhost"},
    )  # fmt: skip
    assert answer.status_code == 303
    for cookie in [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]:
        assert cookie.startswith("__Host-"), cookie
        assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/")), cookie
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def test_a_program_gets_a_problem_document(site: Site, scene: Scene) -> None:
    answer = site.browser().get("/vergaderingen/weg", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json is not None
    assert set(answer.json) == {"type", "title", "status", "detail", "instance"}
    assert BASE not in answer.text


def test_every_page_names_the_version_and_the_way_to_help(site: Site, scene: Scene) -> None:
    for path in ("/over", "/toegankelijkheid", "/"):
        assert f"versie {release()}" in site.browser().get(path).text.lower(), path
