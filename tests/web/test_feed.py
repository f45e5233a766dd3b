"""The feed of outcomes (docs/formats.md)."""

from xml.etree.ElementTree import Element, fromstring

from tests.web.site import BASE, Browser, Scene, Site
from vng_alv import db
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(browser: Browser) -> dict[str, Element]:
    answer = browser.get("/uitslagen.atom")
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    return {one.findtext(f"{ATOM}id", ""): one for one in fromstring(answer.data).iter(f"{ATOM}entry")}


def test_it_has_what_was_pronounced_at_its_permanent_address(guest: Browser, scene: Scene) -> None:
    address = f"{BASE}/vergaderingen/alv/uitslagen/{scene.published.number}"
    found = entries(guest)
    assert set(found) == {address}
    assert "Aangenomen met 65,22% voor" in found[address].findtext(f"{ATOM}summary", "")
    assert "/uitslagen.atom" in guest.get("/vergaderingen/alv/uitslagen").text
    first = guest.get("/uitslagen.atom")
    again = guest.get("/uitslagen.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_link_to_an_outcome_is_previewed_with_its_verdict(guest: Browser, scene: Scene) -> None:
    page = guest.get(f"/vergaderingen/alv/uitslagen/{scene.published.number}").text
    assert '<meta property="og:description" content="Aangenomen met 65,22% voor' in page
    assert "og:description" not in guest.get(f"/vergaderingen/alv/uitslagen/{scene.counted.number}").text


def test_a_void_outcome_stays_and_says_so(site: Site, guest: Browser, scene: Scene) -> None:
    with db.transaction():
        rounds.annul(db.session.get_one(Round, scene.published.id), "Fout", None)
    (one,) = entries(guest).values()
    assert "ongeldig verklaard" in one.findtext(f"{ATOM}summary", "")
