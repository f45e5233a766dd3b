"""Line numbers: a text cut into lines by its words alone; and finding words whatever their accents."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.lines import WIDTH, WORD, line_starts, lines
from vng_alv.domain.searching import find, wanted

TEXTS = st.lists(
    st.sampled_from(
        ["een", "gemeente", "x" * 79, "x" * 81, " ", "  ", "\n", "\u00a0", "é", "e\u0301", "\u202f", "👩‍👧", "ﬁ"]
    )
    | st.text(max_size=12),
    max_size=60,
).map("".join)


@given(TEXTS, st.integers(1, 100))
def test_lines_give_the_words_back(text: str, width: int) -> None:
    assert " ".join(lines(text, width)) == " ".join(WORD.findall(text))


@given(TEXTS, st.integers(1, 100))
def test_no_line_is_longer_than_it_may_be_unless_one_word_is(text: str, width: int) -> None:
    for line in lines(text, width):
        assert len(line) <= width or len(WORD.findall(line)) == 1


@given(TEXTS)
def test_a_line_takes_every_word_that_fits(text: str) -> None:
    for part in text.split("\n"):
        found = lines(part)
        for line, following in pairwise(found):
            assert len(line) + 1 + len(WORD.findall(following)[0]) > WIDTH


@given(TEXTS)
def test_lines_begin_where_words_begin(text: str) -> None:
    starts = line_starts(text)
    assert starts == sorted(set(starts))
    assert set(starts) <= {word.start() for word in WORD.finditer(text)}
    assert len(starts) == len(lines(text))


def test_a_line_end_begins_a_line_and_a_hard_space_does_not() -> None:
    assert lines("een\ntwee") == ["een", "twee"]
    assert lines(f"{'x' * 76} nr.\u00a014") == ["x" * 76, "nr.\u00a014"]
    assert lines(" \n\t\n") == []
    assert [len(line) for line in lines(f"{'x' * 77} ab cd")] == [80, 2]
    assert [len(line) for line in lines(f"{'x' * 78} ab cd")] == [78, 5]


@pytest.mark.parametrize(
    ("text", "typed", "found"),
    [
        ("Eén brief, één reactie", "EEN", ["Eén", "één"]),
        ("e\u0301e\u0301n keer", "een", ["e\u0301e\u0301n"]),
        ("cafe\u0301 dicht", "cafe", ["cafe\u0301"]),
        ("coöperatie en ﬁnanciën", "financien", ["ﬁnanciën"]),
        ("een   lange\n zin", " lange  zin ", ["lange\n zin"]),
        ("Straße", "strasse", ["Straße"]),
        ("aaa", "aa", ["aa"]),
        (".*+?[a]", ".*", [".*"]),
        ("iets", "(", []),
        ("iets", "\u0301\u0301", []),
        ("onder\u00adhoud", "onderhoud", ["onder\u00adhoud"]),
        ("İstanbul", "istanbul", ["İstanbul"]),
    ],
)
def test_words_are_found_whatever_their_capitals_and_accents(text: str, typed: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in find(text, wanted(typed))] == found


@given(TEXTS, st.text(max_size=8))
def test_what_is_found_stands_apart_and_says_what_was_asked(text: str, typed: str) -> None:
    words, last = wanted(typed), 0
    for start, end in find(text, words):
        assert last <= start < end <= len(text)
        assert words in " ".join(wanted("xx" + text[start:end] + "xx").split())
        last = end
