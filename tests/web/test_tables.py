"""Tables as files: what the page shows, narrowed as it is, harmless in a spreadsheet, and for the same people."""

import csv
import io
import zipfile

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, update

from tests.web.second_steps import age, logged, with_app
from tests.web.site import Browser, Scene, Site
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.domain.permissions import Role
from vng_alv.exports import xlsx
from vng_alv.members.models import Member
from vng_alv.notifications.models import Notice, NoticeKind, NoticeState
from vng_alv.submissions.models import Submission

DESK = "/secretariaat/vergaderingen/alv"
R2 = f"{DESK}/stukken/R2"
#: What hands out whom people are, and how to reach them.
PERSONAL = (
    "/secretariaat/personen", f"{DESK}/stemkaarten", f"{R2}/niet-gereageerd", "/secretariaat/berichten",
    "/secretariaat/logboek",
)  # fmt: skip
REACTIONS = "/vergaderingen/alv/stukken/R1/reacties"
#: Every table with a page that leads to it.
TABLES = (
    *((path, path) for path in PERSONAL), (f"{DESK}/aanwezigheid", f"{DESK}/aanwezigheid"),
    (f"{R2}/verwerken", f"{R2}/verwerken"), (f"{R2}/matrix", f"{R2}/matrix"),
    ("/vergaderingen/alv/stukken/R2/amendementen", "/vergaderingen/alv/stukken/R2/amendementen"),
    ("/vergaderingen/alv/moties", "/vergaderingen/alv/moties"), ("/moties", "/moties"),
    ("/moties", "/secretariaat/moties"),
    ("/vergaderingen/alv/uitslagen", "/vergaderingen/alv/uitslagen"),
    *((f"/cijfers/{name}", "/cijfers") for name in ("vergaderingen", "opkomst", "overeenkomst", "gemeenten")),
    ("/leden/GM0001/stemmingen", "/leden/GM0001"), ("/leden", "/leden"), (REACTIONS, "/vergaderingen/alv/stukken/R1"),
)  # fmt: skip
#: What a spreadsheet would work out.
FORMULA = '=HYPERLINK("http://kwaad.example","klik")'

Rows = list[list[object]]


@pytest.fixture
def staff(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def as_csv(browser: Browser, path: str, query: str = "") -> Rows:
    answer = browser.get(f"{path}.csv{query}")
    assert answer.status_code == 200, path
    assert answer.mimetype == "text/csv"
    return [list(row) for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))]


def as_xlsx(browser: Browser, path: str, query: str = "") -> Rows:
    answer = browser.get(f"{path}.xlsx{query}")
    assert answer.status_code == 200, path
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml"), path
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()


def test_every_table_is_there_in_both_forms_with_the_same_rows_and_its_page_leads_there(
    site: Site, scene: Scene, staff: Browser
) -> None:
    for path, page in TABLES:
        shown = staff.get(page).text
        rows = as_xlsx(staff, path)
        assert f'href="{path}.xlsx"' in shown, page
        assert f'href="{path}.csv"' in shown, page
        other = as_csv(staff, path)
        if path in PERSONAL[-1:]:  # having it is in the log too
            other = other[:1] + other[2:]
        assert len(rows) == len(other) > 1, path
        mark = path == REACTIONS  # its CSV says in a column of its own what is invented
        assert [str(cell) for cell in rows[0]] == other[0][mark:], path
        assert {len(row) for row in other} == {len(rows[0]) + mark}, path


@pytest.mark.parametrize(
    ("path", "query", "rows"),
    [
        (f"{DESK}/stemkaarten", "?zonder=1", 0),
        ("/secretariaat/personen", "?staat=waiting&zoek=genodigde", 1),
        ("/secretariaat/berichten", "?staat=failed", 1),
        ("/secretariaat/berichten", "?staat=failed&soort=result", 0),
        (f"{R2}/matrix", "?omvang=small", 2),
        (f"{R2}/verwerken", "?lid=GM0002", 1),
        (f"{R2}/verwerken", "?lid=GM0001", 0),
        (f"{R2}/niet-gereageerd", "?omvang=city", 1),
        ("/vergaderingen/alv/stukken/R2/amendementen", "?staat=adopted", 0),
        ("/vergaderingen/alv/stukken/R2/amendementen", "?staat=open", 1),
        ("/moties", "?stand=afgedaan", 0),
        ("/moties", "?stand=niets", 1),
    ],
)
def test_a_file_is_narrowed_as_its_page_is(staff: Browser, path: str, query: str, rows: int) -> None:
    assert len(as_csv(staff, path, query)) - 1 == rows
    assert len(as_xlsx(staff, path, query)) - 1 == rows
    page = "/secretariaat/moties" if path == "/moties" else path
    if rows:
        assert f"{path}.csv{query}".replace("&", "&amp;") in staff.get(page + query + "&bladzijde=1").text


def test_no_cell_is_a_formula(scene: Scene, staff: Browser) -> None:
    with db.transaction():
        db.session.execute(update(Member).where(Member.code == "GM0002").values(name=FORMULA))
        db.session.execute(update(Person).where(Person.id == scene.clerks[1].id).values(name=FORMULA, phone="+31 6 1"))
        db.session.execute(update(Notice).values(last_error="-1+1"))
        db.session.execute(update(Submission).values(title="@SUM(1)"))
    for path, _page in TABLES:
        cells = [cell for row in as_csv(staff, path) for cell in row]
        assert not [cell for cell in cells if str(cell).startswith(("=", "+", "-", "@", "\t", "\r"))], path
        as_xlsx(staff, path)
    assert "'" + FORMULA in [row[1] for row in as_csv(staff, f"{DESK}/stemkaarten")]
    assert FORMULA in [row[1] for row in as_xlsx(staff, f"{DESK}/stemkaarten")]


def test_drafts_and_what_was_not_pronounced_stand_in_no_file(site: Site, scene: Scene, staff: Browser) -> None:
    for browser in (staff, site.browser(scene.clerks[0]), site.browser()):
        motions = as_csv(browser, "/vergaderingen/alv/moties")
        assert "Motie draft van GM0001" not in {row[1] for row in motions}
        votes = {row[0]: row for row in as_csv(browser, "/vergaderingen/alv/uitslagen")[1:]}
        assert votes[str(scene.published.number)][5] != ""
        assert votes[str(scene.counted.number)][5:8] == ["", "", ""]
        assert str(scene.draft.number) not in votes
    assert site.browser().get("/vergaderingen/alv/stukken/R2/reacties.xlsx").status_code == 404, "it runs still"
    for path in (f"{R2}/verwerken", f"{R2}/matrix"):
        assert "Geheim concept" not in staff.get(f"{path}.csv").text


def test_personal_tables_ask_a_fresh_step_and_stand_in_the_log(site: Site, scene: Scene) -> None:
    browser, _secret = with_app(site, scene.staff[Role.SECRETARIAT])
    for path in PERSONAL:
        assert browser.get(f"{path}.csv").status_code == 200, path
    said = [(entry.subject, entry.data["form"], entry.actor_id) for entry in logged("table.export")]
    assert said == [
        (f"table:{name}", "csv", scene.staff[Role.SECRETARIAT].id)
        for name in ("people", "mandates", "silent", "notices", "audit_log")
    ]
    assert logged("table.export")[0].data["rows"] == len(as_csv(browser, PERSONAL[0])) - 1
    before = len(logged("table.export"))
    age(browser, 16)
    for path in PERSONAL:
        for form in ("csv", "xlsx"):
            answer = browser.get(f"{path}.{form}")
            assert answer.status_code == 303, "to the page that asks for it"
            assert answer.mimetype == "text/html"
    assert browser.get(f"{R2}/matrix.csv").status_code == 200
    assert len(logged("table.export")) == before


def test_other_forms_are_no_address(staff: Browser) -> None:
    for path in ("/secretariaat/personen.pdf", "/leden.ods", "/secretariaat/logboek.json"):
        assert staff.get(path).status_code == 404


def test_a_log_of_many_pages_is_whole_and_in_order(site: Site, scene: Scene, staff: Browser) -> None:
    with db.transaction():
        rows = [
            {"kind": NoticeKind.RESULT, "person_id": scene.nobody.id, "context": {"n": n}, "state": NoticeState.QUEUED,
             "created_at": db.now(), "next_attempt_at": db.now(), "attempts": n, "last_error": ""}
            for n in range(2_500)
        ]  # fmt: skip
        db.session.execute(insert(Notice), rows)
    found = as_csv(staff, "/secretariaat/berichten", "?soort=result")[1:]
    assert sorted(int(str(row[6])) for row in found if row[2] == scene.nobody.name) == list(range(2_500))


def test_a_sheet_that_is_full_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 2)
    with pytest.raises(ValueError, match="more than 2 rows"):
        xlsx.write(io.BytesIO(), "blad", ["a"], ([n] for n in range(3)), author="x")
