"""Whatever stands in a field, an address or an imported row: text, never a fault, a script or a formula."""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import factories
from tests.web.asked_about import MOTIONS
from tests.web.inline import inline_parts
from tests.web.site import Browser, Form, Scene, Site, address_of, count, forms_of, vote
from tests.web.test_access import addresses
from tests.web.test_bad_files import HEAD, IMPORT, upload
from vng_alv import db
from vng_alv.domain.permissions import Role
from vng_alv.members import importing
from vng_alv.members.models import Member
from vng_alv.voting import service as rounds


@pytest.fixture
def secretariat(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


# --- Anything a person can type, in every field of every form

NAUGHTY = {
    "markup": "=cmd() <script>alert(1)</script>\"'><img src=x onerror=alert(1)>'; DROP TABLE member; -- {{ 7 }} %(x)s",
    "marks": "\u202eabc \u05d0\u0644\u200f 👩🏽‍🚀🏳️‍🌈 Zalgo\u0301\u0302\u0303",
    "long": "lang " * 25_000,
    "nul": "a\x00b",
    "lines": "a\r\nb\tc\x0b\x85",
    "white": " \u3000\u00a0 ",
    "number": "9" * 40,
}
#: For what is not typed: keys, choices and codes that a form carries.
FORGED = {name: NAUGHTY[name] for name in ("markup", "number")}
_turn = itertools.count()


def good(name: str) -> str | None:
    """What a person would type in a field of this name."""
    turn = next(_turn)
    return {
        "title": "Titel", "code": f"X{turn}", "day": "2030-01-31", "clock": "13:30", "place": "Utrecht", "note": "Bij",
        "name": "Naam", "email": f"p{turn}@test.example", "phone": "070 1", "member": "GM0001", "office": "clerk",
        "text": "# T\n\n## D\n\n### A1. K\n\nTekst", "advice": "Overnemen", "body": "Dank", "reason": "fout",
        "divisor": "1000", "floor": "1", "cap": "75", "invitation_days": "14", "password": factories.PASSWORD,
        "again": factories.PASSWORD, "person": None,
    }.get(name)  # fmt: skip


def filled(form: Form) -> dict[str, str]:
    """A form with something right in every field."""
    values = {name: value for name, value in form.values.items() if value or name not in form.typed}
    for name in [*form.typed, "office"]:
        if name in form.values and not values.get(name) and (typed := good(name)) is not None:
            values[name] = typed
    return values


def pages_with_forms(site: Site, scene: Scene) -> Iterator[tuple[Browser, str]]:
    """Every page of every kind of visitor where something can be sent."""
    for person in (scene.staff[Role.SECRETARIAT], scene.clerks[0], None):
        browser = site.browser(person)
        for endpoint, method in addresses(site.app):
            about = {"submission_id": scene.motions[MOTIONS[endpoint]]} if endpoint in MOTIONS else {}
            path = address_of(site, endpoint, method, {**scene.address, **about})
            if method == "GET" and _is_page(browser.get(path)):
                yield browser, path
        for path in ("/stemmen/alv?gemeente=GM0001", "/vergaderingen/alv/stukken/R1"):
            if _is_page(browser.get(path)):
                yield browser, path


def _is_page(answer: TestResponse) -> bool:
    return answer.status_code == 200 and answer.mimetype == "text/html"


def test_no_field_of_any_form_takes_the_site_down_or_the_page_over(site: Site, scene: Scene) -> None:
    wrong: list[str] = []
    tried: set[tuple[str, str]] = set()
    for browser, path in list(pages_with_forms(site, scene)):
        if not _is_page(browser.get(path)):
            continue  # what was sent before took it away
        for number, form in enumerate(browser.forms(path)):
            names = [*form.typed, *(n for n in form.values if n not in form.typed and n != "csrf_token")]
            for name in names:
                key = form.action, name.split("-")[0]
                if key in tried:
                    continue  # the same field of another row
                tried.add(key)
                answer: TestResponse | None = None
                for what, text in (NAUGHTY if name in form.typed else FORGED).items():
                    if answer is None or answer.status_code < 400:  # what was kept may have changed the form
                        here = [f for f in forms_of(browser.get(path), path) if f.action == form.action]
                        form = here[min(number, len(here) - 1)] if here else form
                    answer = browser.post(form.action, {**filled(form), name: text, "save": "1"})
                    if answer.status_code >= 500:
                        wrong.append(f"{form.action} {name}={what}: {answer.status_code}")
                    if inline_parts(answer):
                        wrong.append(f"{form.action} {name}={what}: {inline_parts(answer)}")
    for browser, path in pages_with_forms(site, scene):
        if found := inline_parts(browser.get(path)):
            wrong.append(f"{path}: {found}")
    assert not wrong, "\n".join(wrong)
    assert len(tried) > 30


def test_no_address_takes_the_site_down(site: Site, scene: Scene, secretariat: Browser) -> None:
    wrong = []
    for endpoint, method in addresses(site.app):
        rule = next(r for r in site.app.url_map.iter_rules(endpoint) if method in (r.methods or ()))
        for name in rule.arguments:
            for text in ("a\x00b", "9" * 30, "é<script>' OR 1=1 --", "A" * 3_000, "-1"):
                part = f"<{name}>" if f"<{name}>" in rule.rule else f":{name}>"
                before, _, after = rule.rule.partition(part)
                path = before.rpartition("<")[0] if part.startswith(":") else before
                path = path + quote(text) + after
                for other, value in scene.address.items():
                    path = re.sub(f"<([a-z]+:)?{other}>", str(value), path)
                answer = secretariat.get(path) if method == "GET" else secretariat.post(path)
                if answer.status_code >= 500:
                    wrong.append(f"{method} {path[:80]}: {answer.status_code}")
    assert not wrong, "\n".join(sorted(set(wrong)))


def test_no_question_in_an_address_takes_the_site_down(site: Site, scene: Scene, secretariat: Browser) -> None:
    names = ("bladzijde", "zoek", "wacht", "staat", "soort", "stand", "provincie", "versie", "gemeente", "vergadering",
             "zonder", "controle", "gemist", "code", "next")  # fmt: skip
    wrong = []
    for endpoint, method in addresses(site.app):
        if method != "GET":
            continue
        path = address_of(site, endpoint, method, scene.address)
        for text in ("a\x00b", "9" * 30, "-1", "é%_\\", "<script>alert(1)</script>"):
            answer = secretariat.get(path, query_string=dict.fromkeys(names, text))
            if answer.status_code >= 500 or inline_parts(answer):
                wrong.append(f"{path} ?…={text!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


# --- What was imported


BAD_NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("https://evil.example","klik")',
    "+cmd|' /C calc'!A0",
)


def test_names_from_an_import_are_text_everywhere(site: Site, scene: Scene, secretariat: Browser) -> None:
    """Stored XSS and formulas: imported through the page, then voted, counted and published."""
    rows = [(f"GM000{n}", f'"{name.replace(chr(34), chr(34) * 2)}"') for n, name in enumerate(BAD_NAMES, 1)]
    data = HEAD + "".join(f"{code},{name},=1+1,12000\n" for code, name in rows).encode()
    preview = upload(secretariat, IMPORT, data).headers["Location"]
    assert not inline_parts(secretariat.get(preview))
    assert secretariat.submit(preview).headers["Location"] == "/leden"
    with db.transaction(write=False):
        assert {m.name for m in db.session.scalars(select(Member))} == set(BAD_NAMES)
    with db.transaction():
        rounds.open_rounds([scene.draft.id], None)
    vote(scene, 0, {scene.draft.id: "for"})
    count(scene.draft, publish=True)
    number = scene.draft.number
    for browser, path in pages_with_forms(site, scene):
        assert not inline_parts(browser.get(path)), path
    guest = site.browser()
    for path in (f"/vergaderingen/alv/uitslagen/{number}", "/leden", "/secretariaat/vergaderingen/alv/stemkaarten"):
        page = (secretariat if path.startswith("/sec") else guest).get(path)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text, path
        assert not inline_parts(page), path
    for path in (f"vergaderingen/alv/uitslagen/{number}.csv", "leden.csv", "vergaderingen/alv/stukken/R1/reacties.csv"):
        cells = list(_cells(guest.get("/" + path).text))
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))], path
        assert "stukken" in path or f"'{BAD_NAMES[2]}" in cells, path
    with db.transaction(write=False):  # what was downloaded is the register, also when it is imported again
        assert importing.changes(importing.read(importing.cells(guest.get("/leden.csv").data))[0]) == []


def _cells(text: str) -> Iterator[str]:
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))):
        yield from row


def test_a_reaction_that_looks_like_a_formula_is_text_in_the_export(site: Site, scene: Scene) -> None:
    own = site.browser(scene.clerks[0])
    path = "/vergaderingen/alv/stukken/R2/reageren"
    own.submit(path, action="/reageren", body__geheel="=WEBSERVICE(1)", save="versturen")
    assert own.submit(f"{path}/versturen").status_code == 303
    site.browser(scene.staff[Role.SECRETARIAT]).post("/secretariaat/vergaderingen/alv/stukken/R2/consultatie/sluiten")
    cells = list(_cells(site.browser().get("/vergaderingen/alv/stukken/R2/reacties.csv").text))
    assert "'=WEBSERVICE(1)" in cells
