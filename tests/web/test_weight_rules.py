"""The pages of the register and of the rule of weight: formula, bands or fixed (docs/rules.md §1.1 to §1.4)."""

import csv
import html
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from tests.web.site import Browser, Scene, Site, snapshot
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.clock import day_of
from vng_alv.domain.permissions import Role
from vng_alv.domain.weights import WeightKind
from vng_alv.members import importing
from vng_alv.members.models import Association, Member
from vng_alv.members.queries import get_member

PAGE = "/secretariaat/vereniging"
BANDS = "0; 1\n1.000; 2\n200.001-300.000; 5\n300.001; 6"


@pytest.fixture
def secretariat(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def words_of(answer: TestResponse) -> str:
    """The text of a page, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def kept() -> Association:
    with db.transaction(write=False):
        return db.session.get_one(Association, 1)


def test_bands_are_looked_at_first_and_then_kept(secretariat: Browser) -> None:
    before = snapshot()
    answer = secretariat.submit(PAGE, look="1", weight_kind="bands", band_lines=BANDS)
    read = words_of(answer)
    assert answer.status_code == 200
    assert "Nog niet bewaard" in read
    assert "0-999 inwoners: 1 stem; 1.000-200.000 inwoners: 2 stemmen; 200.001-300.000 inwoners: 5 stemmen" in read
    assert "van 116 naar 8" in read  # 75 + 40 + 1; the advisory member is in neither
    for row in (
        "0-999 inwoners: 1 stem 1 1",
        "200.001-300.000 inwoners: 5 stemmen 1 5",
        "300.001 inwoners: 6 stemmen 0 0",
    ):
        assert row in read
    assert snapshot() == before
    assert secretariat.submit(PAGE, save="1", weight_kind="bands", band_lines=BANDS).status_code == 303
    assert kept().bands == [[0, 1], [1000, 2], [200_001, 5], [300_001, 6]]
    assert "200.001; 5\n300.001; 6" in secretariat.get(PAGE).text
    with db.transaction(write=False):
        told = db.session.query(AuditEntry).filter_by(act="association.change").one().data["changed"]
    assert told["weight_kind"] == ["formula", "bands"]
    assert told["bands"] == ["[]", "[[0, 1], [1000, 2], [200001, 5], [300001, 6]]"]


def test_the_preview_counts_who_is_at_floor_and_cap(secretariat: Browser) -> None:
    read = words_of(secretariat.submit(PAGE, look="1", divisor="100", floor="10", cap=""))
    assert "1 stem per 100 inwoners, naar beneden afgerond, ten minste 10." in read
    assert "Het minste: 10 stemmen 1 10 Daartussen 2 2.905" in read
    assert "Het meeste" not in read
    read = words_of(secretariat.submit(PAGE, look="1", divisor="100", floor="10", cap="400"))
    assert "Het minste: 10 stemmen 1 10 Daartussen 0 0 Het meeste: 400 stemmen 2 800" in read


def test_a_formula_may_do_without_a_cap(secretariat: Browser) -> None:
    assert secretariat.submit(PAGE, save="1", cap="").status_code == 303
    assert kept().cap is None
    assert 'name="cap"' in secretariat.get(PAGE).text
    assert "250.000 inwoners gedeeld door 1.000 = 250 stemmen" in words_of(secretariat.get("/leden"))


def test_every_faulty_line_is_named_and_what_was_typed_is_still_there(secretariat: Browser) -> None:
    typed = "0; 2\n<b>veel</b>; 3\n50.001; 3\n50.001; 4\n60.000; 1"
    before = snapshot()
    for button in ("save", "look"):
        answer = secretariat.submit(PAGE, weight_kind="bands", band_lines=typed, phone="070 9", **{button: "1"})
        read = words_of(answer)
        assert answer.status_code == 422
        assert "Regel 2 (<b>veel</b>; 3): dit kunnen we niet lezen; schrijf: vanaf inwoners; stemmen." in read
        assert "Regel 4 (50.001; 4): deze klasse begint bij hetzelfde aantal als die ervoor." in read
        assert "Regel 5 (60.000; 1): een grotere gemeente kan niet minder stemmen hebben dan een kleinere." in read
        assert html.escape(typed) in answer.text
        assert 'value="070 9"' in answer.text
        assert "<b>veel" not in answer.text
    assert snapshot() == before


def test_bands_that_are_not_there_are_asked_for_only_where_they_count(secretariat: Browser) -> None:
    answer = secretariat.submit(PAGE, save="1", weight_kind="bands", band_lines=" \n ")
    assert answer.status_code == 422
    assert "Er staan nog geen klassen." in words_of(answer)
    assert secretariat.submit(PAGE, save="1", weight_kind="formula", band_lines=" ").status_code == 303
    assert secretariat.submit(PAGE, save="1", weight_kind="guess").status_code == 422
    assert secretariat.submit(PAGE, save="1", weight_kind="fixed", fixed_votes="-1").status_code == 422
    assert kept().weight_kind is WeightKind.FORMULA


def test_what_belongs_to_another_kind_is_kept_for_later(secretariat: Browser) -> None:
    assert secretariat.submit(PAGE, save="1", weight_kind="fixed", fixed_votes="3", band_lines=BANDS).status_code == 303
    found = kept()
    assert (found.weight_kind, found.fixed_votes, found.divisor, len(found.bands)) == (WeightKind.FIXED, 3, 1000, 4)
    assert secretariat.submit(PAGE, save="1", weight_kind="bands").status_code == 303
    assert kept().bands[2] == [200_001, 5]


def test_the_register_explains_the_votes_of_each_kind(site: Site, scene: Scene, secretariat: Browser) -> None:
    guest, own = site.browser(), site.browser(scene.clerks[0])
    read = words_of(guest.get("/leden"))
    assert "1 stem per 1.000 inwoners, naar beneden afgerond, ten minste 1 en ten hoogste 75." in read
    assert "999 inwoners gedeeld door 1.000, naar beneden afgerond, = 0; ten minste 1 stem" in read
    secretariat.submit(PAGE, save="1", weight_kind="bands", band_lines=BANDS)
    why = "250.000 inwoners: klasse 200.001-300.000 = 5 stemmen"
    assert why in words_of(guest.get("/leden"))
    assert f"Zo is dat bepaald: {why}." in words_of(own.get("/gemeente/GM0001"))
    guest.post("/taal", {"locale": "en", "next": "/leden"})
    assert "250,000 inhabitants: band 200,001-300,000 = 5 votes" in words_of(guest.get("/leden"))
    with db.transaction():
        get_member("GM0003").fixed_votes = 12
    secretariat.submit(PAGE, save="1", weight_kind="fixed", fixed_votes="1")
    read = words_of(site.browser().get("/leden"))
    assert "12 stemmen, zo staat het in het ledenbestand" in read
    assert "1 stem, zoals elk lid zonder eigen aantal" in read
    assert "4 gemeenten, 14 stemmen" in read


# --- The register


def upload(browser: Browser, data: str) -> TestResponse:
    file = FileStorage(io.BytesIO(data.encode()), "leden.csv")
    return browser.post("/secretariaat/leden/importeren", {"file": file})


def test_what_a_file_says_more_is_shown_before_and_after(site: Site, secretariat: Browser) -> None:
    coming = day_of(datetime.now(UTC)) + timedelta(days=30)
    answer = upload(
        secretariat,
        "code;naam;provincie;inwoners;stemmen;adviserend;vanaf;tot\n"
        f"GM0002;Gemeente 2;Utrecht;40500;7;ja;2020-01-01;\nGM0009;Nieuwe stad;Utrecht;5000;;;{coming};\n",
    )
    assert answer.status_code == 303
    address = answer.headers["Location"]
    read = words_of(secretariat.get(address))
    assert "Eigen aantal stemmen Adviserend Lid vanaf" in read
    assert "was – wordt 7" in read
    assert "was nee wordt ja" in read
    assert "was – wordt woensdag 1 januari 2020" in read
    assert "116, straks 76" in read
    assert "De vereniging heeft nu geen vaste aantallen stemmen." in read
    assert "Lid tot" not in read
    assert secretariat.submit(address).status_code == 303
    with db.transaction(write=False):
        found = get_member("GM0002")
        assert (found.fixed_votes, found.advisory, found.valid_from) == (7, True, date(2020, 1, 1))
    read = words_of(site.browser().get("/leden"))
    assert "Gemeente 2 (adviserend)" in read
    assert "Lid vanaf woensdag 1 januari 2020" in read
    assert read.index("Nog geen lid, of geen lid meer") < read.index("Nieuwe stad")


def test_faults_of_the_columns_that_may_be_left_out_are_shown_by_row(secretariat: Browser) -> None:
    before = snapshot()
    answer = upload(
        secretariat, "code,naam,provincie,inwoners,adviserend,vanaf,tot\nGM0002,G,U,5,soms,2027-02-30,2027-01-01\n"
        "GM0003,G,U,5,ja,2027-01-01,2027-01-01\n",
    )  # fmt: skip
    read = words_of(answer)
    assert answer.status_code == 422
    assert "2 Schrijf hier ja of nee: heeft deze gemeente een adviserende stem? soms" in read
    assert "2 Dit is geen dag. Schrijf die als 2027-01-31 of als 31-1-2027. 2027-02-30" in read
    assert "3 De dag bij tot moet na de dag bij vanaf komen. 2027-01-01" in read
    assert snapshot() == before


@pytest.mark.parametrize("kind", ["formula", "bands", "fixed"])
def test_the_register_that_is_downloaded_changes_nothing_when_it_is_imported(
    site: Site, scene: Scene, secretariat: Browser, kind: str
) -> None:
    today = day_of(datetime.now(UTC))
    with db.transaction():
        one, two, three, four = (db.session.merge(member) for member in scene.members)
        one.fixed_votes, two.fixed_votes, two.advisory = 12, 0, True
        three.valid_from, three.valid_until = today, today + timedelta(days=1)
        four.valid_from = today + timedelta(days=1)
    assert secretariat.submit(PAGE, save="1", weight_kind=kind, band_lines=BANDS, fixed_votes="2").status_code == 303
    file = site.browser().get("/leden.csv").data
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(file.decode("utf-8-sig")))}
    votes = {"formula": ("75", "40", "1", ""), "bands": ("5", "2", "1", ""), "fixed": ("12", "0", "2", "")}[kind]
    assert tuple(row["stemmen"] for row in rows.values()) == votes
    assert [row["vaste_stemmen"] for row in rows.values()] == ["12", "0", "", ""]
    assert [row["adviserend"] for row in rows.values()] == ["nee", "ja", "nee", "ja"]
    assert (rows["GM0003"]["vanaf"], rows["GM0003"]["tot"]) == (str(today), str(today + timedelta(days=1)))
    with db.transaction():
        register, wrong = importing.read(importing.cells(file))
        assert (len(register), wrong, importing.changes(register)) == (4, [], [])
        for member in db.session.query(Member):  # into another register all of it comes along
            member.fixed_votes, member.advisory, member.valid_from, member.valid_until = (
                1,
                False,
                None,
                date(2199, 1, 1),
            )
        assert len(importing.changes(register)) == 4
        made, _changes, _wrong = importing.prepare(file, "leden.csv", None)
        assert made is not None
        importing.apply(made, None)
    assert site.browser().get("/leden.csv").data == file
