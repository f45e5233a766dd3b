"""Amendments go into a text by section, and the others go along to it (docs/rules.md, amendments)."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.test_merge import Plan, anything, plans, related, words
from vng_alv.domain.amendments import Wording
from vng_alv.domain.merging import (
    BASE,
    BY_HAND,
    FIT,
    PLACE,
    WHOLE,
    Choice,
    Fate,
    Own,
    allowed,
    anchor,
    asked,
    assembled,
    carry,
    drafted,
    in_places,
    next_number,
    open_choices,
    outcome,
    part,
    suggestion,
)
from vng_alv.domain.sections import SectionText


def section(body: str, heading: str = "Wonen") -> Wording:
    return Wording(heading, body)


BOUW = section("Wij bouwen 100 woningen per jaar.")


# --- A section


@given(anything)
def test_the_order_of_amendments_does_not_matter(made: tuple[str, dict[str, str]]) -> None:
    base, changed = made
    found = part(section(base), {key: section(text) for key, text in changed.items()})
    for keys in permutations(changed):
        assert part(section(base), {key: section(changed[key]) for key in keys}) == found


@given(anything, st.data())
def test_no_word_is_lost_or_invented(made: tuple[str, dict[str, str]], data: st.DataObject) -> None:
    base, changed = made
    one = part(section(base), {key: section(text) for key, text in changed.items()})
    choices: dict[str, Choice] = {
        str(n): data.draw(st.sampled_from([BASE, *sorted(clash.options)])) for n, clash in enumerate(one.clashes)
    }
    made_of = outcome(one, choices)
    assert made_of.words is not None
    assert set(words(made_of.words.body)) <= set(words(base)).union(*map(words, changed.values()))
    assert made_of.keys <= set(changed)
    if len(changed) == 1:
        assert made_of.words.body == next(iter(changed.values()))


@given(anything)
def test_with_the_base_in_every_clash_nothing_of_those_amendments_is_there(made: tuple[str, dict[str, str]]) -> None:
    base, changed = made
    everybody = part(section(base), {key: section(text) for key, text in changed.items()})
    choices: dict[str, Choice] = {str(n): BASE for n in range(len(everybody.clashes))}
    result = outcome(everybody, choices)
    fought = set().union(*(clash.options for clash in everybody.clashes))
    if not fought & result.keys:  # else one of them is in the text elsewhere, where nobody disputes it
        without = {key: section(text) for key, text in changed.items() if key not in fought}
        assert outcome(part(section(base), without), {}).words == result.words


@given(plans)
def test_carrying_over_and_then_putting_in_is_putting_in_both(plan: Plan) -> None:
    base, one, other = (section(plan.text(keys)) for keys in ("", "a", "b"))
    both = outcome(part(base, {"a": one, "b": other}), {}).words
    fits, carried = carry(base, one, other)
    assert fits
    assert carried == both
    assert outcome(part(one, {"b": carried}), {}).words == both


@given(related())
def test_what_does_not_fit_stays_as_it_was(made: tuple[str, dict[str, str]]) -> None:
    base, changed = made
    texts = [*changed.values(), base, base][:2]
    fits, carried = carry(section(base), section(texts[0]), section(texts[1]))
    if not fits:
        assert carried == section(texts[1])
        assert part(section(base), {"a": section(texts[0]), "b": section(texts[1])}).clashes
    assert carry(section(base), section(base), section(texts[1])) == (True, section(texts[1]))
    assert carry(section(base), section(texts[1]), section(texts[1])) == (True, section(texts[1]))


def test_a_clash_is_settled_by_a_choice_the_base_or_own_words() -> None:
    one = part(
        BOUW, {"a": section("Wij bouwen 200 woningen per jaar."), "b": section("Wij bouwen 300 woningen per jaar.")}
    )
    assert open_choices(one, {}) == ["0"]
    assert drafted(one, {}) == BOUW
    with pytest.raises(ValueError, match="not everything"):
        outcome(one, {})
    told = outcome(one, {"0": "b"})
    assert told.words is not None
    assert "300" in told.words.body
    assert told.keys == {"b"}
    assert outcome(one, {"0": BASE}) == type(told)(BOUW, frozenset())
    mine = outcome(one, {"0": Own(" 250")})
    assert mine.words is not None
    assert "250" in mine.words.body
    assert mine.keys == {"a", "b"}
    assert allowed(one, {"0": "c", "1": "a", WHOLE: "remove", "x": Own("y")}) == {}


def test_the_heading_is_merged_like_words_and_apart() -> None:
    one = part(BOUW, {"a": section(BOUW.body, "Bouwen"), "b": section("Wij slopen.", "Slopen")})
    assert asked(one, {}) == ["0"]
    told = outcome(one, {"0": "a"})
    assert told.words == section("Wij slopen.", "Bouwen")
    assert told.keys == {"a", "b"}


def test_taking_a_section_out_clashes_with_changing_it() -> None:
    one = part(BOUW, {"a": None, "b": section("Wij bouwen.")})
    assert asked(one, {}) == [WHOLE]
    assert outcome(one, {WHOLE: Fate.REMOVE}).words is None
    assert outcome(one, {WHOLE: Fate.REMOVE}).keys == {"a"}
    assert outcome(one, {WHOLE: Fate.CHANGE}).words == section("Wij bouwen.")
    assert outcome(one, {WHOLE: Fate.CHANGE}).keys == {"b"}
    assert outcome(one, {WHOLE: Fate.BASE}).words == BOUW
    assert outcome(one, {WHOLE: Fate.BASE}).keys == frozenset()
    both = part(BOUW, {"a": None, "c": None})
    assert open_choices(both, {}) == []
    assert outcome(both, {}).keys == {"a", "c"}


def test_words_of_ones_own_for_a_section_settle_its_clashes() -> None:
    one = part(
        BOUW, {"a": section("Wij bouwen 200 woningen per jaar."), "b": section("Wij bouwen 300 woningen per jaar.")}
    )
    own = section("Wij bouwen veel.")
    assert open_choices(one, {}, own) == []
    assert outcome(one, {}, own).words == own
    assert outcome(one, {}, own).keys == {"a", "b"}
    assert outcome(one, {"0": "a"}, own).keys == {"a"}
    assert outcome(one, {}, BOUW).keys == frozenset()


def test_what_no_longer_fits_is_left_out_or_put_in_by_hand() -> None:
    one = part(BOUW, {}, frozenset({"a"}))
    name = FIT + "a"
    assert open_choices(one, {}) == [name]
    assert outcome(one, {name: BASE}).keys == frozenset()
    assert open_choices(one, {name: BY_HAND}) == [name]  # there are no words of one's own yet
    own = section("Toch anders.")
    assert outcome(one, {name: BY_HAND}, own).keys == {"a"}
    assert open_choices(one, {}, own) == [name]


def test_a_new_section_beside_others_gets_a_place_or_is_left_out() -> None:
    new = section("Wij delen fietsen.", "Fietsen")
    alone, one = part(None, {"a": new}), part(None, {"a": new}, places=2)
    assert asked(alone, {}) == []
    assert open_choices(one, {}) == open_choices(one, {}, new) == [PLACE]
    with pytest.raises(ValueError, match="not everything"):
        outcome(one, {})
    assert drafted(one, {}) == new
    assert allowed(one, {PLACE: "3"}) == allowed(one, {PLACE: "0"}) == allowed(one, {PLACE: Own("1")}) == {}
    assert allowed(alone, {PLACE: "1"}) == {}
    for place in ("1", "2"):
        assert outcome(one, {PLACE: place}) == outcome(alone, {})
    own = section("Wij delen alles.", "Delen")
    assert outcome(one, {PLACE: "2"}, own).words == own
    for typed in (None, own):
        assert outcome(one, {PLACE: BASE}, typed) == type(outcome(alone, {}))(None, frozenset())


def test_new_sections_stand_in_the_places_that_were_chosen() -> None:
    assert in_places("abc", {}) == ["a", "b", "c"]
    assert in_places("abc", {"a": "3", "b": "1", "c": "2"}) == ["b", "c", "a"]
    assert in_places("abc", {"c": "1"}) == ["a", "c", "b"]  # the others were not chosen yet
    assert in_places("abc", {"a": "2", "b": "2", "c": "2"}) == ["a", "b", "c"]
    assert in_places("abc", {"a": BASE, "b": "2", "c": "1"}) == ["a", "c", "b"]


# --- The whole


def text(number: str, group: str = "", lead: str = "") -> SectionText:
    return SectionText(number, f"Kop {number}", f"Tekst {number}.", group, lead)


def test_sections_keep_their_numbers_and_new_ones_come_after_their_own() -> None:
    base = {1: text("A1"), 2: text("A2"), 3: text("A3")}
    made = assembled(base, {2: None, 4: section("x"), 5: section("y"), 6: None}, {5: (2, 1), 4: (2, 8), 6: (1, 1)})
    assert [(key, one.number) for key, one in made] == [(1, "A1"), (5, "A2a"), (4, "A2b"), (3, "A3")]
    assert next_number("A2", {"A2a", "A2c"}) == "A2b"


def test_words_before_a_section_that_goes_stay_with_their_part() -> None:
    base = {1: text("1", "Deel I", "Vooraf."), 2: text("2", "Deel I", "Tussen."), 3: text("3", "Deel II")}
    assert dict(assembled(base, {1: None}, {}))[2].lead == "Vooraf.\n\nTussen."
    assert dict(assembled(base, {2: None}, {}))[3].lead == ""
    assert dict(assembled(base, {1: None, 9: section("n")}, {9: (1, 1)}))[9].lead == "Vooraf."


def test_a_new_section_keeps_its_place_in_a_new_text() -> None:
    assert anchor([1, 2, 3], [1, 2, 3], 2) == 2
    assert anchor([1, 2, 3], [1, 3], 2) == 1
    assert anchor([1, 2, 3], [1, 2, 7, 8, 3], 2) == 8
    assert anchor([1, 2, 3], [2, 3], 1) is None
    assert anchor([1], [5, 1], 9) is None


def test_carrying_over_what_went_or_changed() -> None:
    other = section("Heel andere woorden.")
    assert carry(BOUW, None, other) == (False, other)
    assert carry(BOUW, None, None) == (True, None)
    assert carry(BOUW, other, None) == (False, None)
    assert carry(BOUW, BOUW, None) == (True, None)
    clashing = section("Wij bouwen 300 woningen per jaar.")
    assert carry(BOUW, section("Wij bouwen 200 woningen per jaar, echt."), clashing) == (False, clashing)


def test_what_does_not_fit_is_suggested_with_ones_own_words() -> None:
    new = section("Wij bouwen 200 woningen per jaar. En meer.")
    start = suggestion(BOUW, new, section("Wij bouwen 300 woningen per jaar."))
    assert start == section("Wij bouwen 300 woningen per jaar. En meer.")
