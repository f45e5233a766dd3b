"""Merging: what does not touch stands together, and what clashes is shown (docs/rules.md, amendments)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.merge import Agreed, Clash, Piece, Side, clashes, collisions, merge, rebase, text_of
from vng_alv.domain.redline import edits, is_word, tokens

PARTS = ["de", "leden", "besluiten", "zaal", " ", " ", " ", "\n", "\n\n", "- ", "| ", ".", ",", "-", "'", "1", "\u00ad"]
any_text = st.text(max_size=30) | st.lists(st.sampled_from(PARTS), max_size=25).map("".join)


@st.composite
def related(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """A base, and texts made of it by a few changes of its tokens: they often touch."""
    base = draw(st.lists(st.sampled_from(PARTS), max_size=25).map("".join))
    changed = {}
    for key in "abc"[: draw(st.integers(0, 3))]:
        words = tokens(base)
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(words)))
            words[at : at + draw(st.integers(0, 2))] = draw(st.lists(st.sampled_from([*PARTS, "nieuw"]), max_size=2))
        changed[key] = "".join(words)
    return base, changed


anything = related() | st.tuples(any_text, st.dictionaries(st.sampled_from("abc"), any_text))


@dataclass
class Plan:
    """A base of different words and, for some of them, who changes them how; those lie three words apart."""

    gaps: Sequence[str]
    actions: Mapping[int, tuple[str, str]]

    def text(self, keys: str = "") -> str:
        """The text with the changes of these keys, made by hand."""
        text = []
        for n, gap in enumerate(self.gaps):
            key, action = self.actions.get(n, ("", ""))
            made = {"replace": f"{gap}anders{n}", "insert": f"{gap}woord{n} nieuw{n}", "remove": ""}
            text.append(made[action] if key and key in keys else f"{gap}woord{n}")
        return "Begin" + "".join(text) + " einde."


gaps = st.lists(st.sampled_from([" ", " ", " ", ", ", "\n", "\n\n- ", " | ", "/"]), min_size=3, max_size=30)
actions = st.tuples(st.sampled_from("abn"), st.sampled_from(["replace", "insert", "remove"]))
plans = gaps.flatmap(
    lambda found: st.dictionaries(st.sampled_from(range(0, len(found), 3)), actions).map(lambda made: Plan(found, made))
)


def words(text: str) -> Counter[str]:
    return Counter(filter(is_word, tokens(text)))


@given(any_text, any_text)
def test_one_change_is_that_change(base: str, changed: str) -> None:
    assert text_of(merge(base, {"a": changed})) == changed
    assert text_of(merge(base, {"a": changed, "b": base})) == changed
    assert text_of(merge(base, {"a": changed, "b": changed})) == changed
    assert text_of(rebase(base, base, changed)) == text_of(rebase(base, changed, base)) == changed


@given(any_text)
def test_no_change_is_the_base(base: str) -> None:
    assert text_of(merge(base, {})) == text_of(merge(base, {"a": base})) == base


@given(anything)
def test_the_order_of_changes_does_not_matter(made: tuple[str, dict[str, str]]) -> None:
    base, changed = made
    found = merge(base, changed)
    for keys in permutations(changed):
        assert merge(base, {key: changed[key] for key in keys}) == found


@given(anything, st.data())
def test_no_word_is_lost_or_invented(made: tuple[str, dict[str, str]], data: st.DataObject) -> None:
    base, changed = made
    pieces = merge(base, changed)
    choices = {n: data.draw(st.sampled_from(sorted(clash.options.values()))) for n, clash in enumerate(clashes(pieces))}
    result = words(text_of(pieces, choices))
    assert set(result) <= set(words(base)).union(*map(words, changed.values()))
    fought = {key for clash in clashes(pieces) for key in clash.options}
    for key in changed.keys() - fought:
        added = sum((words(edit.text) for edit in edits(base, changed[key])), Counter[str]())
        assert added <= result
    kept = (words(piece.text) for piece in pieces if isinstance(piece, Agreed) and not piece.keys)
    assert sum(kept, Counter[str]()) <= words(base)


@given(anything)
def test_a_clash_is_about_different_words(made: tuple[str, dict[str, str]]) -> None:
    base, changed = made
    for clash in clashes(merge(base, changed)):
        assert len(set(clash.options.values())) > 1
        assert clash.base in base
        assert all(option in changed[key] for key, option in clash.options.items())


@given(anything)
def test_each_change_finds_its_own_text_back(made: tuple[str, dict[str, str]]) -> None:
    """Merged with one other, choosing one's own words in every clash gives at least all words of one's edits."""
    base, changed = made
    for one, other in combinations(changed, 2):
        pieces = merge(base, {one: changed[one], other: changed[other]})
        mine = {n: clash.options[one] for n, clash in enumerate(clashes(pieces))}
        for edit in edits(base, changed[one]):
            assert words(edit.text) <= words(text_of(pieces, mine))


@given(anything)
def test_changes_that_do_not_collide_do_not_clash(made: tuple[str, dict[str, str]]) -> None:
    base, changed = made
    pairs = collisions(base, changed)
    for pair in map(frozenset, combinations(changed, 2)):
        assert (pair in pairs) == bool(clashes(merge(base, {key: changed[key] for key in pair})))
    assert bool(pairs) == bool(clashes(merge(base, changed)))


@given(plans)
def test_changes_apart_merge_to_what_a_person_makes_of_them(plan: Plan) -> None:
    base, made = plan.text(), {key: plan.text(key) for key in "abn"}
    pieces = merge(base, made)
    assert clashes(pieces) == ()
    assert collisions(base, made) == frozenset()
    assert text_of(pieces) == plan.text("abn")
    agreed = [piece.keys for piece in pieces if isinstance(piece, Agreed) and piece.keys]
    assert agreed == [frozenset(key) for _, (key, _) in sorted(plan.actions.items())]


@given(plans)
def test_changes_apart_commute(plan: Plan) -> None:
    base, one, other = plan.text(), plan.text("a"), plan.text("b")
    both = text_of(merge(base, {"a": one, "b": other}))
    assert both == text_of(rebase(base, one, other)) == text_of(rebase(base, other, one))


@given(plans)
def test_merging_after_rebasing_is_rebasing_after_merging(plan: Plan) -> None:
    """For a, b and a new base whose changes of the base lie at least two unchanged words apart."""
    base, new_base = plan.text(), plan.text("n")
    carried = {key: text_of(rebase(base, new_base, plan.text(key))) for key in "ab"}
    merged = text_of(merge(base, {key: plan.text(key) for key in "ab"}))
    assert text_of(merge(new_base, carried)) == text_of(rebase(base, new_base, merged))


def shown(pieces: Sequence[Piece[str]]) -> str:
    """Merged text with each clash as <base|a|b>."""
    return "".join(
        piece.text
        if isinstance(piece, Agreed)
        else f"<{'/'.join([piece.base, *(text for _, text in sorted(piece.options.items()))])}>"
        for piece in pieces
    )


@pytest.mark.parametrize(
    ("base", "one", "other", "merged"),
    [
        ("de grote zaal", "het grote zaal", "de grote ruimte", "het grote ruimte"),
        ("de grote zaal", "een grote zaal", "het grote zaal", "<de/een/het> grote zaal"),
        ("de zaal", "de grote zaal", "de kleine zaal", "de</ grote/ kleine> zaal"),  # inserted at the same place
        ("de zaal", "de grote zaal", "de grote zaal", "de grote zaal"),
        ("de zaal is dicht", "de grote zaal is dicht", "de ruimte is dicht", "de grote ruimte is dicht"),
        ("de zaal is dicht", "de zaal daar is dicht", "de ruimte is dicht", "de <zaal/zaal daar/ruimte> is dicht"),
        ("de zaal is dicht", "de zaal daar is dicht", "de is dicht", "de< zaal/ zaal daar/> is dicht"),
        ("een twee drie vier", "een drie vier", "een twee vier", "een< twee drie/ drie/ twee> vier"),
        ("x,y", "a,y", "x,b", "<x,y/a,y/x,b>"),  # a comma alone does not keep words apart
        ("| 10 | 20 |\n| 30 |", "| 11 | 20 |\n| 30 |", "| 10 | 21 |\n| 30 |", "| 11 | 21 |\n| 30 |"),
        ("| 10 | 20 |\n| 30 | 40 |", "| 10 | 20 |\n| 31 | 40 |", "| 10 | 20 |\n| 32 | 4 |",
         "| 10 | 20 |\n| <30/31/32> | 4 |"),
        ("- een\n- twee\n- drie\n", "- een\n- nieuw\n- twee\n- drie\n", "- een\n- 2\n- drie\n",
         "- een\n- nieuw\n- 2\n- drie\n"),
        ("een\n\ntwee\n\ndrie", "een\n\nnieuw\n\ntwee\n\ndrie", "een\n\nanders\n\ndrie",
         "een\n\nnieuw\n\nanders\n\ndrie"),
        ("een\n\ntwee\n\ndrie", "twee\n\ndrie", "een\n\nanders\n\ndrie", "anders\n\ndrie"),
        ("een\ntwee\ndrie", "twee\ndrie", "een\nnieuw\ntwee\ndrie", "nieuw\ntwee\ndrie"),
        ("- een\n- twee", "- een\n- twee\n- drie", "- een\n- anders", "- een\n- anders\n- drie"),
        ("- een\n- twee", "- een", "- anders\n- twee", "- anders"),
        ("een\ntwee\ndrie", "drie", "een\n2\ndrie", "<een\ntwee\n//een\n2\n>drie"),
        ("een\ndrie", "een\n2\ndrie", "een\ntwee\ndrie", "een\n</2\n/twee\n>drie"),
        ("\n", "", "een\ntwee", "<\n//een\n>twee"),
    ],
)  # fmt: skip
def test_what_stands_together(base: str, one: str, other: str, merged: str) -> None:
    assert shown(merge(base, {"a": one, "b": other})) == merged


def test_a_rewritten_passage_is_not_woven_into() -> None:
    """The short word that survived the rewriting belongs to it."""
    pieces = merge("leden van gemeenten", {"a": "raden van steden", "b": "leden uit gemeenten"})
    assert pieces == (Clash("leden van gemeenten", {"a": "raden van steden", "b": "leden uit gemeenten"}),)


def test_three_changes_in_one_passage() -> None:
    pieces = merge(
        "een twee drie vier", {1: "een 2 drie vier", 2: "een 2 drie 4", 3: "een twee 3 vier", 4: "zes zeven"}
    )
    assert pieces == (
        Clash("een twee drie vier", {1: "een 2 drie vier", 2: "een 2 drie 4", 3: "een twee 3 vier", 4: "zes zeven"}),
    )
    pieces = merge("een twee drie vier", {1: "een 2 drie vier", 2: "een 2 drie 4", 3: "een twee 3 vier"})
    assert pieces == (
        Agreed("een ", frozenset()),
        Agreed("2", frozenset({1, 2})),
        Agreed(" ", frozenset()),
        Agreed("3", frozenset({3})),
        Agreed(" ", frozenset()),
        Agreed("4", frozenset({2})),
    )


def test_who_collides_with_whom() -> None:
    base = "een twee drie vier"
    changed = {"a": "1 twee drie vier", "b": "uno twee drie 4", "c": "een twee drie vier vijf", "d": base}
    assert collisions(base, changed) == {frozenset("ab"), frozenset("bc")}


def test_choosing() -> None:
    pieces = merge("een van de twee", {"a": "1 van de 2", "b": "uno van de due"})
    assert [clash.base for clash in clashes(pieces)] == ["een", "twee"]
    assert text_of(pieces, {1: "due", 0: "1"}) == "1 van de due"
    for wrong in (None, {}, {0: "1"}, {0: "1", 1: "2", 2: "3"}):
        with pytest.raises(ValueError, match="clash"):
            text_of(pieces, wrong)


def test_carrying_a_change_over() -> None:
    pieces = rebase("de zaal is dicht", "de grote zaal is dicht", "de zaal is open")
    assert text_of(pieces) == "de grote zaal is open"
    assert Agreed("open", frozenset({Side.OURS})) in pieces
    assert Agreed(" grote", frozenset({Side.NEW})) in pieces
    assert rebase("dicht", "open", "half open")[0] == Clash("dicht", {Side.NEW: "open", Side.OURS: "half open"})
