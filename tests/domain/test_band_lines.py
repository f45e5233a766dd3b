"""A table of bands as it is typed: every faulty line is named; what was written is read back (docs/rules.md §1.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.test_weights import bands, tables
from vng_alv.domain.band_lines import read_bands, write_bands
from vng_alv.domain.weight_words import fault_words
from vng_alv.domain.weights import Bands, faults

TABLE = bands((0, 2), (50_001, 3), (200_001, 5))


@pytest.mark.parametrize(
    "text",
    [
        "0; 2\n50001; 3\n200001; 5",
        "0;2\r\n50.001;3\r\n200.001;5\r\n",
        "\n  0 : 2\n\n50,001: 3\n 200 001 = 5  \n\n",
        "0\t2\n50001\t3\n200001\t5",
        "0-50.000; 2\n50.001 - 200.000; 3\n200.001; 5",
        "0–50.000; 2\n50.001; 3\n200.001; 5",
    ],
)
def test_a_table_is_read_however_it_is_typed(text: str) -> None:
    assert read_bands(text) == (TABLE, [])


@given(tables, st.sampled_from(["nl", "en"]))
def test_what_was_written_is_read_back(rule: Bands, locale: str) -> None:
    read, wrong = read_bands(write_bands(rule, locale))
    assert read == rule
    assert [fault.what for fault in wrong] == [fault.what for fault in faults(rule)]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", [(0, "no_bands")]),
        ("0; 0", [(0, "no_votes")]),
        ("1; 1", [(1, "first_not_zero")]),
        ("0; 1\n\n100; 2\n100; 3", [(4, "twice")]),
        ("0; 1\n100; 2\n50; 3", [(3, "not_increasing")]),
        ("0; 2\n100; 1", [(2, "fewer_votes")]),
        ("0; -1\n100; 1", [(1, "negative")]),
        ("0; 1\n100; 2000000", [(2, "too_large")]),
        ("0; 1\nveel; 2\n100; 3", [(2, "unreadable")]),
        ("0; 1\n100; 1,5", [(2, "unreadable")]),
        ("0; 1\n100", [(2, "unreadable")]),
        ("nul; 1\n100; 3", [(1, "unreadable")]),
        ("nul; 1\n100; 0", [(1, "unreadable")]),
        ("nul", [(1, "unreadable")]),
        ("0-99; 1\n101; 2", [(2, "gap")]),
        ("0-100; 1\n100; 2", [(2, "overlap")]),
        ("0-99; 1\nwat\n101; 2", [(2, "unreadable")]),
        ("0-99; 1\n100-200; 2", [(2, "last_ends")]),
        ("0-99; 1\n100-50; 2\n300; 3", [(2, "backwards")]),
        ("0-99; 3\n200; 2\n?\n100; 3", [(2, "fewer_votes"), (3, "unreadable"), (4, "not_increasing")]),
    ],
)
def test_every_faulty_line_is_named(text: str, wrong: list[tuple[int, str]]) -> None:
    found = read_bands(text)[1]
    assert [(fault.line, fault.what) for fault in found] == wrong
    lines = text.splitlines()
    assert all(fault.text == (lines[fault.line - 1].strip() if fault.line else "") for fault in found)


@given(st.text(alphabet="0123456789;:.,-– \t\nx\u2028", max_size=200))
def test_any_text_is_a_table_without_faults_or_has_faults_with_words(text: str) -> None:
    rule, wrong = read_bands(text)
    assert bool(faults(rule)) <= bool(wrong)
    for fault in wrong:
        assert 0 <= fault.line <= len(text.splitlines())
        assert fault_words(fault.what, "nl")
        assert fault_words(fault.what, "en")
