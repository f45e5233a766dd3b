"""Spreadsheets: no formulas, days that are days, and names that Excel takes."""

import io
import re
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from vng_alv.exports.trees import tidy
from vng_alv.exports.xlsx import MAX_CELL, Sheet, make


def sheet_xml(file: bytes, number: int = 1) -> str:
    with zipfile.ZipFile(io.BytesIO(file)) as pack:
        return pack.read(f"xl/worksheets/sheet{number}.xml").decode()


def rows_of(file: bytes, number: int = 0) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(number).to_python()


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "{=1}", "=HYPERLINK(\"https://x\")",
                                   "https://example.org", "mailto:a@b.nl", "12"])  # fmt: skip
def test_words_stay_words(value: str) -> None:
    file = make([Sheet("Blad", ["kop"], [[value]])])
    xml = sheet_xml(file)
    assert "<f>" not in xml
    assert "hyperlink" not in xml
    assert re.search(r'<c r="A2"[^>]* t="s"', xml)
    assert rows_of(file)[1] == [value]


def test_what_looks_like_a_formula_keeps_its_quote_when_it_is_edited() -> None:
    file = make([Sheet("Blad", ["kop"], [["=1+1"], ["gewoon"]])])
    with zipfile.ZipFile(io.BytesIO(file)) as pack:
        styles = pack.read("xl/styles.xml").decode()
    kinds = re.findall(r"<xf [^>]*>", styles.split("<cellXfs")[1])
    used = [int(found) for found in re.findall(r'<c r="A[23]" s="(\d+)"', sheet_xml(file))]
    assert ['quotePrefix="1"' in kinds[number] for number in used] == [True, False]


def test_days_are_days_and_moments_are_in_dutch_time() -> None:
    moment = datetime(2026, 6, 3, 22, 30, tzinfo=UTC)
    file = make([Sheet("Blad", ["dag", "moment", "getal", "ja", "niets"], [[date(2026, 6, 3), moment, 7, True, None]])])
    assert rows_of(file)[1] == [
        date(2026, 6, 3),
        datetime(2026, 6, 4, 0, 30, tzinfo=UTC).replace(tzinfo=None),
        7,
        True,
        "",
    ]


def test_the_header_stays_in_sight_and_columns_fit() -> None:
    xml = sheet_xml(make([Sheet("Blad", ["kort", "lang"], [["x", "w" * 40], ["y", "z" * 500]])]))
    assert 'state="frozen"' in xml
    assert "<autoFilter" in xml
    widths = [float(found) for found in re.findall(r'<col [^>]*width="([\d.]+)"', xml)]
    assert widths[0] < 10
    assert 55 < widths[1] < 65


def test_every_name_of_a_sheet_will_do() -> None:
    names = ["", "'x'", "a/b:c*?[d]\\e", "x" * 50, "x" * 50, "X" * 50, "History"]
    file = make([Sheet(name, ["kop"], []) for name in names])
    made = CalamineWorkbook.from_filelike(io.BytesIO(file)).sheet_names
    assert len({name.lower() for name in made}) == len(names)
    assert all(0 < len(name) <= 31 for name in made)
    assert "History" not in made  # Excel keeps that name for itself


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    [_, [cell]] = rows_of(make([Sheet("Blad", ["kop"], [["a" * (MAX_CELL + 1)]])]))
    assert len(str(cell)) == MAX_CELL
    assert str(cell).endswith("…")


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_is_typed_comes_back(words: str) -> None:
    file = make([Sheet("Blad", ["kop", "slot"], [[words, "."]])])
    found = rows_of(file)[1][0]
    assert str(found).strip() == tidy(words).strip()
