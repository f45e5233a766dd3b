"""The table of rights is the product's own, and the auditor reads everything but secrets and changes nothing."""

import pytest

from tests.web.site import Browser, Scene, Site
from vng_alv.access import access_of
from vng_alv.domain.permissions import EVERYBODY, READING, Permission, Role, permissions
from vng_alv.secretariat.forms import ROLES
from vng_alv.secretariat.rights import WORDS


def cell(text: str, permission: Permission, column: int) -> str:
    row = text.split(f'scope="row">{WORDS[permission]}</th>')[1].partition("</tr>")[0]
    return row.split("<td")[column].split(">", 1)[1].split("</td>")[0]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SECRETARIAT, Role.ADMINISTRATOR])
def test_the_page_shows_the_table_that_the_gate_uses(site: Site, scene: Scene, role: Role) -> None:
    text = site.browser(scene.staff[role]).get("/secretariaat/rechten").text
    assert set(WORDS) == set(Permission)
    for permission in Permission:
        assert (cell(text, permission, 2) == "ja") is (permission in EVERYBODY)
        for n, one in enumerate(ROLES, 3):
            granted = permission in permissions(frozenset({one}))
            assert (cell(text, permission, n) == "ja") is granted, (one, permission)
    assert cell(text, Permission.REACT, 1).strip() == "één stap"
    assert cell(text, Permission.VOTE, 1).strip() == "twee stappen"


def pages(site: Site, scene: Scene) -> list[str]:
    """Every page of the association that the auditor may read."""
    shown = []
    with site.app.test_request_context():
        for rule in site.app.url_map.iter_rules():
            asked = access_of(rule.endpoint)
            reads = asked in READING or asked is Permission.SECRETARIAT
            if reads and "GET" in (rule.methods or ()) and rule.arguments <= set(scene.address):
                built = rule.build(scene.address, append_unknown=False)
                assert built is not None
                shown.append(built[1])
    return shown


def test_the_auditor_reads_every_page_and_gets_nothing_to_press(site: Site, scene: Scene) -> None:
    browser: Browser = site.browser(scene.staff[Role.AUDITOR])
    found = [path for path in pages(site, scene) if browser.get(path).status_code == 200]
    assert set(found) >= {
        "/secretariaat/personen", "/secretariaat/vereniging", "/secretariaat/berichten", "/secretariaat/logboek",
        "/secretariaat/vergaderingen/alv", "/secretariaat/vergaderingen/alv/stemkaarten",
        "/secretariaat/vergaderingen/alv/stukken/R2/verwerken", "/secretariaat/rechten",
    }  # fmt: skip
    for path in found:
        answer = browser.get(path)
        if answer.mimetype != "text/html":
            continue
        text = answer.text.split("<main")[1]
        pressed = [part for part in text.split("<form")[1:] if 'method="post"' in part.split(">")[0]]
        assert all("<fieldset" in part and " disabled>" in part for part in pressed), path
