"""Figures over meetings, for everybody, of what was pronounced and stands (docs/rules.md §8.10)."""

import csv
import io

from tests.web.site import Browser, Scene
from vng_alv import db
from vng_alv.voting import service
from vng_alv.voting.models import Round


def rows(browser: Browser, name: str) -> list[list[str]]:
    answer = browser.get(f"/cijfers/{name}.csv")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))[1:]


def test_they_are_of_what_was_pronounced_and_stands(guest: Browser, scene: Scene) -> None:
    # 75 votes for and 40 against; one member did not vote, and the advisory one counts nowhere.
    turnout = ["2", "3", "66.67", "115", "116", "99.14"]
    assert [row[0] for row in rows(guest, "vergaderingen")] == ["alv"]
    assert rows(guest, "vergaderingen")[0][3:] == ["1", "1", "0", "0", *turnout]
    assert rows(guest, "opkomst")[0] == ["provincie", "Utrecht", *turnout]
    assert rows(guest, "overeenkomst") == [
        ["omvang", "minder dan 20.000 inwoners", "20.000 tot 50.000 inwoners", "0", "0", ""],
        ["omvang", "minder dan 20.000 inwoners", "100.000 inwoners of meer", "0", "0", ""],
        ["omvang", "20.000 tot 50.000 inwoners", "100.000 inwoners of meer", "0", "1", "0.00"],
    ]
    assert [row[:1] + row[3:] for row in rows(guest, "gemeenten")] == [
        ["GM0001", "1", "1", "1", "1", "100.00"],
        ["GM0002", "1", "1", "0", "1", "0.00"],
        ["GM0003", "0", "1", "0", "0", ""],
    ]
    page = guest.get("/cijfers").text
    assert "99,14%" in page
    assert "0/1" in page
    assert 'href="/cijfers"' in guest.get("/vergaderingen").text
    with db.transaction():
        service.publish([scene.counted.id], None)
    assert rows(guest, "vergaderingen")[0][3:7] == ["2", "2", "0", "0"]
    with db.transaction():
        service.annul(db.session.get_one(Round, scene.published.id), "Fout", None)
    assert rows(guest, "vergaderingen")[0][3:7] == ["1", "1", "0", "0"]
    assert "Turnout by province" in guest.get("/cijfers", headers={"Accept-Language": "en"}).text
    with db.transaction():
        service.annul(db.session.get_one(Round, scene.counted.id), "Fout", None)
    assert "There are no figures yet." in guest.get("/cijfers", headers={"Accept-Language": "en"}).text
