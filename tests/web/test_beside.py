"""Two votes beside each other: who chose otherwise (docs/rules.md §8.14)."""

from tests.web.site import Browser, Scene, count
from tests.web.test_tables import as_csv
from vng_alv import db
from vng_alv.voting import service as rounds

HERE = "/vergaderingen/alv/uitslagen"


def test_who_did_otherwise_and_nobody_else(guest: Browser, scene: Scene) -> None:
    first = scene.published.number
    assert "Er is nog geen andere stemming" in guest.get(f"{HERE}/{first}/naast").text
    with db.transaction():
        rounds.publish([scene.counted.id], None)
    same = guest.get(f"{HERE}/{first}/naast").text
    assert "Alle gemeenten deden in beide stemmingen hetzelfde." in same
    one = scene.open[0]
    count(one, publish=True)  # the first member was for in the others, and against here
    page = guest.get(f"{HERE}/{first}/naast?met={one.number}").text
    assert "Eén gemeente deed anders" in page
    assert "/leden/GM0001" in page
    assert "/leden/GM0002" not in page
    header, *rows = as_csv(guest, f"{HERE}/{first}/naast/{one.number}")
    assert header[3:] == [f"stemming {first}", "stemmen", f"stemming {one.number}", "stemmen", "deed anders"]
    assert rows[0] == ["GM0001", "Gemeente 1", "Utrecht", "voor", "75", "tegen", "75", "ja"]
    assert [row[0] for row in rows if row[7]] == ["GM0001"]
    assert len(rows) == 4  # the table has what both tables of the page are made of
    assert f"{HERE}/{first}/naast" in guest.get(f"{HERE}/{first}").text


def test_what_is_not_pronounced_stands_beside_nothing(guest: Browser, scene: Scene) -> None:
    first = scene.published.number
    for number in (scene.open[0].number, scene.counted.number, 999):
        assert guest.get(f"{HERE}/{first}/naast?met={number}").status_code == 404
        assert guest.get(f"{HERE}/{number}/naast").status_code == 404
        assert guest.get(f"{HERE}/{first}/naast/{number}.csv").status_code == 404
    assert guest.get(f"{HERE}/{first}/naast?met=x").status_code == 404
