"""The order of the votes on a text (docs/rules.md §4.10)."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.order import Asked, Place, arranged, barrier, collide, in_the_way, moved, reach
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import ASKED, IN_PREPARATION, UNDER_WAY, RoundKind, RoundState

A, SECTION, WHOLE, ADVICE = RoundKind.AMENDMENT, RoundKind.SECTION, RoundKind.WHOLE, RoundKind.ADVICE
PLACE = {A: 0, SECTION: 1, WHOLE: 2}
VALID = [state for state in RoundState if state is not RoundState.ANNULLED]

places = st.lists(
    st.builds(
        Place,
        key=st.integers(),
        position=st.none() | st.integers(1, 9),
        reach=st.integers(0, 500),
        number=st.integers(1, 99),
    ),
    unique_by=lambda place: place.key,
)
texts = st.lists(
    st.builds(
        Asked, key=st.uuids(), kind=st.sampled_from(list(PLACE)), state=st.sampled_from(VALID), to_merge=st.booleans()
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one.key,
)


def test_how_far_an_amendment_reaches_is_the_words_it_adds_and_removes() -> None:
    assert reach([("Wij bouwen 100 woningen.", "Wij bouwen 200 woningen."), ("", "Een nieuw onderdeel")]) == 5
    assert reach([("Wij bouwen.", "")]) == 2
    assert reach([]) == 0


@given(places)
def test_everybody_has_one_place(found: list[Place[int]]) -> None:
    order = arranged(found)
    assert sorted(order) == sorted(place.key for place in found)
    assert order == arranged(reversed(found)) or len({(p.position, p.reach, p.number) for p in found}) < len(found)


@given(places)
def test_the_furthest_reaching_come_first_among_those_that_nobody_placed(found: list[Place[int]]) -> None:
    by = {place.key: place for place in found}
    order = [by[key] for key in arranged(found)]
    placed = [place for place in order if place.position is not None]
    left = order[len(placed) :]
    assert order[: len(placed)] == placed
    assert [p.position for p in placed] == sorted(p.position for p in placed)  # type: ignore[type-var]
    assert [p.reach for p in left] == sorted((p.reach for p in left), reverse=True)


@given(st.lists(st.integers(), unique=True, min_size=1), st.data(), st.integers(-9, 9))
def test_moving_one_leaves_the_others_as_they_were(order: list[int], data: st.DataObject, by: int) -> None:
    key = data.draw(st.sampled_from(order))
    after = moved(order, key, by)
    assert [one for one in after if one != key] == [one for one in order if one != key]
    assert after.index(key) == max(0, min(len(order) - 1, order.index(key) + by))


def test_amendments_collide_in_a_section_that_both_change() -> None:
    base = {1: "Wij bouwen 100 woningen met de provincie.", 2: "Wij houden het droog."}
    hundred, province = base[1].replace("100", "200"), base[1].replace("de provincie", "het Rijk")
    assert collide(base, {1: hundred}, {1: base[1].replace("100", "300")})
    assert not collide(base, {1: hundred}, {1: province})
    assert not collide(base, {1: hundred}, {2: ""})
    assert collide(base, {1: hundred}, {1: ""})
    assert not collide({}, {1: hundred}, {1: ""})


@given(st.lists(st.integers(0, 9), unique=True, min_size=2), st.data())
def test_nobody_waits_for_one_that_comes_later_or_is_over(order: list[int], data: st.DataObject) -> None:
    states = {key: data.draw(st.sampled_from(VALID)) for key in order}
    pairs = data.draw(st.sets(st.frozensets(st.sampled_from(order), min_size=2, max_size=2)))
    for key in order:
        for other in in_the_way(order, states, pairs, key):
            assert frozenset({key, other}) in pairs
            assert states[other] is not RoundState.PUBLISHED
            assert states[other] in UNDER_WAY or order.index(other) < order.index(key)
    waiting = [key for key in order if states[key] in IN_PREPARATION]
    if waiting and not UNDER_WAY & set(states.values()):
        assert in_the_way(order, states, pairs, waiting[0]) == []


@given(texts)
def test_a_text_without_votes_on_amendments_has_no_order(found: list[Asked[object]]) -> None:
    others = [one for one in found if one.kind is not A]
    assert all(barrier(one, others) is None for one in others)


@given(texts)
def test_what_may_open_comes_after_all_that_is_over_and_before_all_that_was_not_asked(
    found: list[Asked[object]],
) -> None:
    if not any(one.kind is A for one in found):
        return
    for one in found:
        if barrier(one, found) is None:
            for other in found:
                if PLACE[other.kind] < PLACE[one.kind]:
                    assert other.state is RoundState.PUBLISHED
                    assert not (other.kind is A and other.to_merge)
                if PLACE[other.kind] > PLACE[one.kind]:
                    assert other.state not in ASKED


def test_each_reason_has_its_own_name() -> None:
    draft, done = RoundState.DRAFT, RoundState.PUBLISHED
    whole, section = Asked("w", WHOLE, draft), Asked("s", SECTION, draft)
    waits, over, merged = Asked("a", A, draft), Asked("a", A, done), Asked("a", A, done, to_merge=True)
    assert barrier(section, [waits, section, whole]) == (Refusal.AMENDMENTS_FIRST, ["a"])
    assert barrier(section, [merged, section, whole]) == (Refusal.MERGE_FIRST, ["a"])
    assert barrier(whole, [over, section, whole]) == (Refusal.SECTIONS_FIRST, ["s"])
    assert barrier(section, [over, section, whole]) is None
    assert barrier(waits, [waits, Asked("s", SECTION, RoundState.OPEN)]) == (Refusal.ORDER_OVER, ["s"])


def test_only_the_whole_comes_after_the_sections() -> None:
    for state, kind in product(VALID, (SECTION, WHOLE)):
        found = [Asked("a", A, RoundState.PUBLISHED), Asked("s", SECTION, state), Asked("o", kind, RoundState.DRAFT)]
        expected = (Refusal.SECTIONS_FIRST, ["s"]) if kind is WHOLE and state is not RoundState.PUBLISHED else None
        assert barrier(found[-1], found) == expected


def test_a_motion_and_the_advice_on_it_are_not_asked_at_the_same_time() -> None:
    for state, (one, other, refusal) in product(
        VALID, ((ADVICE, WHOLE, Refusal.MOTION_FIRST), (WHOLE, ADVICE, Refusal.ADVICE_FIRST))
    ):
        found = [Asked("one", one, RoundState.DRAFT), Asked("other", other, state)]
        busy = state in IN_PREPARATION | UNDER_WAY
        assert barrier(found[0], found) == ((refusal, ["other"]) if busy else None)
