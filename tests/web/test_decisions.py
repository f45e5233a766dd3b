"""The list of decisions for everybody: what was pronounced, and nothing else."""

import json

from tests.web.site import Scene, Site
from vng_alv import db
from vng_alv.voting import service

PAGE = "/vergaderingen/alv/besluitenlijst"


def test_everybody_reads_what_was_pronounced(site: Site, scene: Scene) -> None:
    guest = site.browser()
    before = guest.get(PAGE)
    assert before.status_code == 200
    # M1 was pronounced, M2 only counted, and M3 is in preparation.
    assert f"Stemming {scene.published.number}: " in before.text
    assert f"Stemming {scene.counted.number}: " not in before.text
    assert "Motie M2: er is nog niets besloten." in before.text
    listed = json.loads(guest.get(PAGE + ".json").data)
    assert [v["number"] for i in listed["items"] for t in i["texts"] for v in t["votes"]] == [scene.published.number]
    assert guest.get("/vergaderingen/alv/uitslagenlijst.csv").text.count("\r\n") == 2
    assert PAGE in guest.get("/vergaderingen/alv/uitslagen").text
    assert guest.get("/vergaderingen/alv/besluitenlijst.exe").status_code == 404
    with db.transaction():
        service.publish([scene.counted.id], None)
    assert f"Stemming {scene.counted.number}: " in guest.get(PAGE).text
    assert "Motie M2: er is nog niets besloten." not in guest.get(PAGE).text
