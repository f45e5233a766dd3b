"""Standing items as lines, where a new item comes, and when items begin."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.agenda import (
    MAX_MINUTES,
    Standing,
    begins,
    is_duration,
    is_running,
    place_for_new,
    read_standing,
    write_standing,
)

START = datetime(2027, 6, 2, 11, 30, tzinfo=UTC)  # 13:30 in Amsterdam

titles = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F), min_size=1, max_size=20).filter(
    lambda text: text.isprintable() and text.strip() == text and ";" not in text and text != "---"
)
items = st.builds(Standing, titles, st.none() | st.integers(1, MAX_MINUTES))


@given(st.lists(items, max_size=6), st.lists(items, max_size=3))
def test_what_is_written_is_read_again(before: list[Standing], after: list[Standing]) -> None:
    found = [*before, *(Standing(one.title, one.minutes, ends=True) for one in after)]
    assert read_standing(write_standing(found)) == (found, [])


def test_lines_as_people_type_them() -> None:
    text = "Opening; 10\n\n  Vragen; antwoorden ;5 \n Mededelingen\n --- \nSluiting\n"
    assert read_standing(text) == (
        [
            Standing("Opening", 10), Standing("Vragen; antwoorden", 5), Standing("Mededelingen"),
            Standing("Sluiting", None, ends=True),
        ],
        [],
    )  # fmt: skip


@pytest.mark.parametrize("line", ["; 5", "Opening; 0", "Opening; 601", "x" * 201, "a\tb", "Opening; 99999999999999"])
def test_a_line_that_is_wrong_is_told_by_its_number(line: str) -> None:
    assert read_standing(f"Goed\n\n{line}\nOok goed; 5") == ([Standing("Goed"), Standing("Ook goed", 5)], [3])


def test_a_second_divider_is_a_title() -> None:
    assert read_standing("A\n---\n---")[0] == [Standing("A"), Standing("---", ends=True)]


def test_a_new_item_comes_before_those_at_the_end() -> None:
    standing = [Standing("Opening"), Standing("Rondvraag", ends=True), Standing("Sluiting", ends=True)]
    assert place_for_new(["Opening", "Rondvraag", "Sluiting"], standing) == 1
    assert place_for_new(["Opening", "sluiting"], standing) == 1
    assert place_for_new(["Rondvraag", "Iets anders"], standing) == 2
    assert place_for_new(["Iets"], standing) == 1
    assert place_for_new([], standing) == 0
    assert place_for_new(["Opening", "Sluiting"], []) == 2


def minutes_after(found: list[datetime]) -> list[int]:
    return [int((one - START).total_seconds() // 60) for one in found]


def test_each_begins_when_those_before_it_are_over() -> None:
    assert minutes_after(begins(START, [10, None, 25, 5])) == [0, 10, 10, 35]


def test_from_the_current_one_on_the_clock_counts() -> None:
    late = START + timedelta(minutes=30)
    assert minutes_after(begins(START, [10, 20, 5, 5], 1, late)) == [0, 30, 50, 55]
    assert minutes_after(begins(START, [10, 20], 0, late)) == [30, 40]


@pytest.mark.parametrize(("minutes", "fits"), [(None, True), (0, False), (1, True), (600, True), (601, False)])
def test_how_long_an_item_takes(minutes: int | None, fits: bool) -> None:
    assert is_duration(minutes) is fits


def test_a_meeting_runs_on_its_day_and_past_midnight() -> None:
    midnight = datetime(2027, 6, 1, 22, tzinfo=UTC)  # in Amsterdam the day begins then
    assert not is_running(START, midnight - timedelta(seconds=1))
    assert is_running(START, midnight)
    assert is_running(START, START + timedelta(hours=24))
    assert not is_running(START, START + timedelta(hours=24, seconds=1))
