"""The log's chain, receipt codes, and sections that stay the same section."""

import string

from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain import chain, receipts
from vng_alv.domain.sections import SectionText, match

entries = st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3), max_size=12)


def chained(found: list[dict[str, object]]) -> list[tuple[int, str, str, dict[str, object]]]:
    previous, sealed = chain.GENESIS, []
    for number, entry in enumerate(found, 1):
        own = chain.link(previous, number, entry)
        sealed.append((number, previous, own, entry))
        previous = own
    return sealed


@given(entries)
def test_an_untouched_chain_is_whole(found: list[dict[str, object]]) -> None:
    assert chain.first_broken(chained(found)) is None


@given(entries.filter(len), st.data())
def test_any_changed_dropped_or_swapped_entry_is_found(found: list[dict[str, object]], data: st.DataObject) -> None:
    sealed = chained(found)
    at = data.draw(st.integers(0, len(sealed) - 1))
    number, previous, own, entry = sealed[at]
    changed = [*sealed[:at], (number, previous, own, {**entry, "extra": 1}), *sealed[at + 1 :]]
    assert chain.first_broken(changed) == number
    if at < len(sealed) - 1:
        assert chain.first_broken([*sealed[:at], *sealed[at + 1 :]]) == number


@given(st.integers(0, receipts.CODES - 1))
def test_a_code_comes_back_however_it_is_typed(number: int) -> None:
    code = receipts.code(number)
    assert len(code) == 19
    assert receipts.normal(code) == code
    assert receipts.normal(" " + code.lower().replace("-", " ") + " ") == code
    assert not set(code) - set(receipts.ALPHABET) - {"-"}
    assert not set("01OIL") & set(receipts.ALPHABET)


texts = st.lists(
    st.builds(
        SectionText,
        number=st.just("1"),
        heading=st.text(string.ascii_lowercase, min_size=1, max_size=12),
        body=st.text(string.ascii_lowercase + " ", max_size=40),
    ),
    max_size=8,
    unique_by=lambda s: s.heading,
)


@given(texts, st.randoms(use_true_random=False))
def test_moved_sections_keep_their_identity(found: list[SectionText], dice) -> None:
    later = list(found)
    dice.shuffle(later)
    earlier = dict(enumerate(found))
    assert [earlier[key] for key in match(earlier, later)] == later


@given(texts, texts)
def test_no_identity_is_given_twice(earlier: list[SectionText], later: list[SectionText]) -> None:
    given_ = [key for key in match(dict(enumerate(earlier)), later) if key is not None]
    assert len(given_) == len(set(given_))


def test_edited_words_stay_the_same_section_and_new_ones_are_new() -> None:
    earlier = {"a": SectionText("1", "Wonen", "wij bouwen elk jaar genoeg huizen voor iedereen")}
    later = [
        SectionText("1", "Veiligheid", "de brandweer is er binnen acht minuten"),
        SectionText("2", "Wonen en bouwen", "wij bouwen elk jaar genoeg huizen voor iedereen die dat wil"),
    ]
    assert match(earlier, later) == [None, "a"]
