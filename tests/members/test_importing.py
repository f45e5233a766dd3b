"""Reading a register from a file: whatever stands in it, faults by row or members, and all or nothing."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests import factories
from vng_alv import db
from vng_alv.demo.seed import DATA
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.members import importing
from vng_alv.members.forms import FAULTS
from vng_alv.members.models import Association, Member, MemberImport
from vng_alv.members.queries import all_members, total_weight
from vng_alv.members.service import PRESETS

ROWS = [
    importing.Row("GM0014", "Groningen", "Groningen", 244_829),
    importing.Row("GM0737", "Tytsjerksteradiel", "Fryslân", 33_157),
    importing.Row("GM0796", "’s-Hertogenbosch", "Noord-Brabant", 160_783),
    importing.Row("GM0088", 'Naam met "aanhaling", en komma; en puntkomma', "Fryslân", 0),
]
HEAD = ("Gemeentecode", "Naam", "Provincie", "Inwoners")


MORE = ("Stemmen", "Adviserend", "Vanaf", "Tot")


def whole(row: importing.Row) -> tuple[object, ...]:
    """All that a file can say of a member."""
    own = "" if row.fixed_votes is None else row.fixed_votes
    advisory = "ja" if row.advisory else "nee"
    return (
        row.code,
        row.name,
        row.province,
        row.population,
        own,
        advisory,
        row.valid_from or "",
        row.valid_until or "",
    )


def text(rows: Sequence[importing.Row], delimiter: str = ",", end: str = "\r\n") -> str:
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter, lineterminator=end)
    writer.writerow(HEAD)
    writer.writerows((r.code, r.name, r.province, r.population) for r in rows)
    return made.getvalue()


def sheet(rows: Sequence[importing.Row]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        page = book.add_worksheet()
        for number, row in enumerate([HEAD, *((r.code, r.name, r.province, r.population) for r in rows)]):
            page.write_row(number, 0, row)
    return made.getvalue()


def read(data: bytes) -> tuple[list[importing.Row], list[importing.Fault]]:
    return importing.read(importing.cells(data))


VARIANTS = {
    "comma": text(ROWS).encode(),
    "semicolon": text(ROWS, ";").encode(),
    "tab": text(ROWS, "\t").encode(),
    "byte order mark": text(ROWS).encode("utf-8-sig"),
    "byte order mark and semicolon": text(ROWS, ";").encode("utf-8-sig"),
    "byte order mark before a quote": ("\ufeff" + text(ROWS).replace("Gemeentecode", '"Gemeentecode"')).encode(),
    "Windows-1252": text(ROWS, ";").encode("cp1252"),
    "line feeds": text(ROWS, end="\n").encode(),
    "empty lines around": ("\r\n \r\n" + text(ROWS) + "\r\n,,,\r\n\r\n").encode(),
    "no end of the last line": text(ROWS).rstrip().encode(),
    "spreadsheet": sheet(ROWS),
    "lower case codes": text(ROWS).replace("GM0", "gm0").encode(),
    "spaces around": text(ROWS).replace("GM0014", "  GM0014 ").encode(),
    "thousands marks": text(ROWS).replace("244829", "244.829").replace("33157", "33 157").encode(),
}


@pytest.mark.parametrize("how", VARIANTS)
def test_a_register_reads_the_same_however_it_was_saved(how: str) -> None:
    assert read(VARIANTS[how]) == (ROWS, [])


@pytest.mark.parametrize("head", ["code,naam,provincie,inwoners", "GM_code,Gemeentenaam,Province,Aantal inwoners"])
def test_columns_are_found_by_name_in_any_order_beside_others(head: str) -> None:
    names = head.split(",")
    data = f"x,{names[3]},{names[0]},y,{names[2]},{names[1]}\n?,5,GM1,?,Utrecht,Naam\n".encode()
    assert read(data) == ([importing.Row("GM1", "Naam", "Utrecht", 5)], [])


anything = st.one_of(
    st.text(max_size=300),
    st.lists(st.lists(st.text(alphabet="0123456789-./jane ", max_size=10), min_size=8, max_size=8), max_size=5).map(
        lambda rows: "\n".join(
            ",".join(row) for row in [[*HEAD, *MORE], *([f"GM{n}", "A", "B", "5", *r[4:]] for n, r in enumerate(rows))]
        )
    ),
    st.lists(
        st.lists(st.text(alphabet='aG0159-+=@.,;"\t\r\n\x00\u202e\ufeff\xa0é', max_size=8), max_size=6), max_size=8
    ).map(lambda rows: "\n".join(",".join(row) for row in [list(HEAD), *rows])),
)


@given(anything.map(str.encode) | st.binary(max_size=300) | st.binary(max_size=300).map(lambda b: b"PK\x03\x04" + b))
@example(b'code,naam,provincie,inwoners\n"')
@example(b"code,naam,provincie,inwoners\nGM1,A,B,\xef\xbc\x91\n")
@example("code,naam,provincie,inwoners\nGM1,A,B,٣\n".encode())
@example("code,naam,provincie,inwoners\nGM1,A,B,²\n".encode())
def test_any_file_is_read_or_refused_and_every_fault_has_a_row_and_a_sentence(data: bytes) -> None:
    try:
        found, wrong = read(data)
    except Refused:
        return
    assert found or wrong
    for fault in wrong:
        assert fault.row >= 1
        assert fault.what in FAULTS
    for row in found:
        assert row.fixed_votes is None or 0 <= row.fixed_votes <= 1_000_000
        assert all(day is None or 1800 <= day.year <= 2199 for day in (row.valid_from, row.valid_until))
    codes = [row.code for row in found]
    assert len(set(codes)) == len(codes)
    for row in found:
        assert row.code.isalnum()
        assert row.name.isprintable()
        assert row.province.isprintable()
        assert (0 < len(row.code) <= 20, 0 < len(row.name) <= 200, 0 < len(row.province) <= 100) == (True,) * 3
        assert 0 <= row.population <= importing.MAX_POPULATION


days = st.dates(date(1800, 1, 1), date(2199, 12, 31))
member_rows = st.lists(
    st.builds(
        importing.Row,
        st.from_regex(r"GM[0-9]{4}", fullmatch=True),
        st.text(alphabet=st.characters(categories=("L", "N", "P")), min_size=1, max_size=30).filter(
            lambda name: name[:2] not in {"'-", "'@"}  # as our own files spell what begins with the second character
        ),
        st.sampled_from(["Utrecht", "Fryslân", "Noord-Brabant"]),
        st.integers(0, 999_999_9),
        advisory=st.booleans(),
        fixed_votes=st.none() | st.integers(0, 1_000_000),
        valid_from=st.none() | days,
        valid_until=st.none() | days,
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row.code,
)


@given(member_rows, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_what_was_written_is_read_back(rows: list[importing.Row], delimiter: str, encoding: str) -> None:
    plain = [importing.Row(r.code, r.name, r.province, r.population) for r in rows]
    assert read(text(rows, delimiter).encode(encoding)) == (plain, [])
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter).writerows([(*HEAD, *MORE), *map(whole, rows)])
    assert read(made.getvalue().encode(encoding)) == (rows, [])


@given(member_rows)
def test_a_row_survives_being_kept(rows: list[importing.Row]) -> None:
    said = [replace(row, said=("valid_from",), number=n) for n, row in enumerate(rows)]
    kept = [importing.Row.from_data(json.loads(json.dumps(row.to_data()))) for row in said]
    assert [vars(row) for row in kept] == [vars(row) for row in said]


def test_a_row_that_was_kept_before_there_were_more_columns_is_read() -> None:
    assert importing.Row.from_data({"code": "GM1", "name": "A", "province": "B", "population": 5}) == importing.Row(
        "GM1", "A", "B", 5
    )


@pytest.mark.parametrize(
    ("cell", "name"),
    [("'=1+1", "=1+1"), ("'+31", "+31"), ("'-Min", "-Min"), ("'@Ap", "@Ap"), ("'\tTab", "Tab"),
     ("'s-Graveland", "'s-Graveland"), ("''=", "''="), ("A'=", "A'="), ("=1+1", "=1+1")],
)  # fmt: skip
def test_the_quote_of_our_own_files_and_no_other_is_taken_off(cell: str, name: str) -> None:
    assert read(text([importing.Row("GM1", cell, cell, 5)]).encode()) == ([importing.Row("GM1", name, name, 5)], [])


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        ("12,ja,2027-01-31,2030-01-01", {"fixed_votes": 12, "advisory": True, "valid_from": date(2027, 1, 31),
                                         "valid_until": date(2030, 1, 1)}),
        ("0,JA,31-1-2027,", {"fixed_votes": 0, "advisory": True, "valid_from": date(2027, 1, 31)}),
        ("1.200,Yes,,01/02/2027", {"fixed_votes": 1200, "advisory": True, "valid_until": date(2027, 2, 1)}),
        (",nee,,", {}), (",,,", {}), (",FALSE,,1.12.2027", {"valid_until": date(2027, 12, 1)}),
    ],
)  # fmt: skip
def test_what_may_be_left_out_is_read(cells: str, row: dict[str, object]) -> None:
    data = f"{','.join((*HEAD, *MORE))}\nGM1,A,B,5,{cells}\n"
    assert read(data.encode()) == ([importing.Row("GM1", "A", "B", 5, **row)], [])  # type: ignore[arg-type]


def test_days_and_numbers_of_a_spreadsheet_are_read() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        page, as_day = book.add_worksheet(), book.add_format({"num_format": "d-m-yyyy"})
        page.write_row(0, 0, (*HEAD, *MORE))
        page.write_row(1, 0, ("GM1", "A", "B", 5, 12, True))
        page.write_datetime(1, 6, datetime(2027, 1, 31), as_day)  # noqa: DTZ001 - a cell knows no zone
    expected = importing.Row("GM1", "A", "B", 5, advisory=True, fixed_votes=12, valid_from=date(2027, 1, 31))
    assert read(made.getvalue()) == ([expected], [])


def test_beside_fixed_votes_the_column_of_votes_is_what_they_come_to() -> None:
    for head in ("stemmen,vaste_stemmen", "vaste stemmen,stemmen"):
        cells = "75,3" if head.startswith("stemmen") else "3,75"
        found, wrong = read(f"code,naam,provincie,inwoners,{head}\nGM1,A,B,90000,{cells}\n".encode())
        assert (found[0].fixed_votes, wrong) == (3, [])


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ("-1,,,", [("votes_strange", "-1")]),
        ("1.5,,,", [("votes_strange", "1.5")]),
        ("1000001,,,", [("votes_strange", "1000001")]),
        (",misschien,,", [("advisory_strange", "misschien")]),
        (",,31-2-2027,", [("valid_from_strange", "31-2-2027")]),
        (",,,2027", [("valid_until_strange", "2027")]),
        (",,1-1-0027,", [("valid_from_strange", "1-1-0027")]),
        ("x,y,z,z", [("votes_strange", "x"), ("advisory_strange", "y"), ("valid_from_strange", "z"),
                     ("valid_until_strange", "z")]),
    ],
)  # fmt: skip
def test_faults_in_what_may_be_left_out_are_named(cells: str, wrong: list[tuple[str, str]]) -> None:
    data = f"{','.join((*HEAD, *MORE))}\nGM1,A,B,5,{cells}\nGM2,A,B,5,,,,\n"
    found, faults = read(data.encode())
    assert [(fault.row, fault.what, fault.value) for fault in faults] == [(2, *fault) for fault in wrong]
    assert [row.code for row in found] == ["GM2"]


FAULTY = {
    "code_missing": ",Naam,Utrecht,5",
    "code_strange": "GM-1,Naam,Utrecht,5",
    "code_twice": "gm0014,Naam,Utrecht,5",
    "name_missing": "GM1,,Utrecht,5",
    "name_strange": "GM1,A\u202eB,Utrecht,5",
    "province_missing": "GM1,Naam,,5",
    "population_missing": "GM1,Naam,Utrecht,",
    "population_negative": "GM1,Naam,Utrecht,-5",
    "population_strange": "GM1,Naam,Utrecht,5.5",
}


@pytest.mark.parametrize("what", FAULTY)
def test_a_faulty_row_is_named_by_its_number_in_the_file(what: str) -> None:
    data = text(ROWS[:2]).encode() + b"\r\n" + FAULTY[what].encode() + b"\r\nGM2,Goed,Utrecht,1\r\n"
    found, wrong = read(data)
    assert [(fault.row, fault.what) for fault in wrong] == [(5, what)]
    assert [row.code for row in found] == ["GM0014", "GM0737", "GM2"]


def test_every_faulty_row_is_named_and_every_fault_of_it() -> None:
    _, wrong = read(b"code,naam,provincie,inwoners\n,,,\n-,,,-1\nGM1,A,B,1\nGM1,A,B,x\n")
    assert [(f.row, f.what) for f in wrong] == [
        (3, "code_strange"), (3, "name_missing"), (3, "province_missing"), (3, "population_negative"),
        (5, "code_twice"), (5, "population_strange"),
    ]  # fmt: skip


# --- Applying


@pytest.fixture
def register(database: str) -> None:
    with db.transaction():
        factories.association()
        for row in ROWS[:2]:
            db.session.add(
                Member(code=row.code, name=row.name, province=row.province, population=row.population, advisory=False)
            )


def prepared(rows: Sequence[importing.Row]) -> MemberImport:
    with db.transaction():
        kept, _, wrong = importing.prepare(text(rows).encode(), "leden.csv", None)
        assert not wrong
        assert kept is not None
    return kept


def everybody() -> dict[str, importing.Row]:
    with db.transaction(write=False):
        return {
            m.code: importing.Row(m.code, m.name, m.province, m.population) for m in db.session.scalars(select(Member))
        }


def test_a_preview_names_what_changes_and_changes_nothing(register: None) -> None:
    changed = importing.Row("GM0014", "Groningen", "Groningen", 250_000)
    before = everybody()
    kept = prepared([changed, ROWS[1], ROWS[2]])
    with db.transaction(write=False):
        found = importing.planned(db.session.merge(kept))
    assert [(c.row, c.before) for c in found] == [(changed, ROWS[0]), (ROWS[2], None)]
    assert everybody() == before


def test_applying_does_all_of_it_once_and_leaves_who_is_not_named(register: None) -> None:
    kept = prepared([ROWS[2], ROWS[3]])
    for expected in (2, 0):
        with db.transaction():
            assert importing.apply(db.session.merge(kept), None) == expected
    assert everybody() == {row.code: row for row in ROWS}


def test_with_one_fault_nothing_is_kept(register: None) -> None:
    with db.transaction():
        kept, changes, wrong = importing.prepare(text(ROWS).encode() + b"GM9,,x,1\n", "leden.csv", None)
    assert (kept, changes, [f.what for f in wrong]) == (None, [], ["name_missing"])
    with db.transaction(write=False):
        assert db.session.scalar(select(func.count()).select_from(MemberImport)) == 0


def test_a_preview_that_grew_old_is_not_applied(register: None) -> None:
    kept = prepared([importing.Row("GM0014", "Groningen", "Groningen", 250_000)])
    with db.transaction():
        db.session.scalars(select(Member).where(Member.code == "GM0014")).one().population = 1
    before = everybody()
    with pytest.raises(Conflict) as caught, db.transaction():
        importing.apply(db.session.merge(kept), None)
    assert caught.value.refusal is Refusal.IMPORT_STALE
    assert everybody() == before


def test_a_fault_in_the_middle_of_applying_undoes_the_rest(register: None, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, before = prepared(ROWS), everybody()

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(importing, "record", fails)
    with pytest.raises(RuntimeError), db.transaction():
        importing.apply(db.session.merge(kept), None)
    assert everybody() == before


def test_the_weights_before_and_after_are_told(register: None) -> None:
    with db.transaction(write=False):
        rule = Association(id=1, **PRESETS["vng"]).weight_rule
        change = importing.Change(importing.Row("GM0737", "T", "F", 43_000), ROWS[1])
        new = importing.Change(importing.Row("GM1", "N", "F", 999), None)
        assert importing.weights([change, new], db.now().date(), rule) == (75 + 33, 75 + 43 + 1)


def test_the_register_of_early_2026_has_13209_votes(database: str) -> None:
    with db.transaction():
        association = factories.association()
        kept, changes, wrong = importing.prepare((DATA / "gemeenten.csv").read_bytes(), "gemeenten.csv", None)
        assert (len(changes), wrong) == (342, [])
        assert kept is not None
        importing.apply(kept, None)
        members = all_members()
        assert total_weight(members, association.weight_rule) == 13_209
        assert sum(m.population >= 75_000 for m in members) == 54
