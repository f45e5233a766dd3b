"""The page of a member for everybody: how it voted through the years, and what it brought in."""

from tests.web.site import Browser, Scene, Site, count, vote
from tests.web.test_tables import as_csv
from vng_alv import db
from vng_alv.voting import service as rounds


def test_it_tells_what_was_pronounced_and_nothing_else(guest: Browser, scene: Scene) -> None:
    page = guest.get("/leden/GM0001").text
    assert "Zo stemde Gemeente 1" in page
    assert "1 van de 1 keer" in page  # of the rounds that are open or only counted nothing is told
    assert f"/vergaderingen/alv/uitslagen/{scene.published.number}" in page
    assert f"/vergaderingen/alv/uitslagen/{scene.counted.number}" not in page
    assert "Motie submitted van GM0001" in page
    assert "Motie draft van GM0001" not in page
    assert "1 van de 1 keer" not in guest.get("/leden/GM0003").text  # it did not vote
    assert "0 van de 1 keer" in guest.get("/leden/GM0003").text
    assert guest.get("/leden/GM9999").status_code == 404


def test_a_vote_that_is_void_says_so_and_is_no_turnout(site: Site, guest: Browser, scene: Scene) -> None:
    with db.transaction():
        rounds.publish([scene.counted.id], None)
    assert "2 van de 2 keer" in guest.get("/leden/GM0001").text
    with db.transaction():
        rounds.annul(db.session.get_one(type(scene.published), scene.published.id), "Fout", None)
    page = guest.get("/leden/GM0001").text
    assert "1 van de 1 keer" in page
    assert "ongeldig verklaard" in page


def test_its_table_has_the_same_votes(guest: Browser, scene: Scene) -> None:
    for one in scene.open:
        vote(scene, 0, {one.id: "abstain"})
        count(one, publish=True)
    header, *rows = as_csv(guest, "/leden/GM0001/stemmingen")
    assert header == ["vergadering", "datum", "stemming", "vraag", "uitslag", "ongeldig", "stemmen", "keuze"]
    assert {row[7] for row in rows} == {"voor", "onthouding"}
    assert len(rows) == len(scene.open) + 1
