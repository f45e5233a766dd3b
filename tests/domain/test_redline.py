"""Redlines: nothing is lost, and a person can read them (docs/rules.md, amendments)."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vng_alv.domain.redline import Change, Edit, after, apply, before, edits, is_word, redline, summary, tokens

#: What goes wrong first: line ends of all kinds, odd blanks, soft hyphens, combining marks and joined emoji.
ODD = [
    "\n",
    "\r\n",
    "\r",
    "\u00a0",
    "\u2028",
    "\u00ad",
    "e\u0301",
    "\U0001f469\u200d\U0001f467",
    "'",
    "-",
    ".",
    "|",
    "**",
]
any_text = st.text() | st.lists(st.sampled_from(["de", "leden", "besluiten", "3", " ", " ", " ", *ODD])).map("".join)


def shown(old: str, new: str) -> str:
    """A redline as {+added+} and [-removed-]."""
    signs = {Change.SAME: "{}", Change.ADDED: "{{+{}+}}", Change.REMOVED: "[-{}-]"}
    return "".join(signs[span.change].format(span.text) for span in redline(old, new))


@given(any_text)
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("de ALV,  dus", ["de", " ", "ALV", ",", "  ", "dus"]),
        ("a \r\n\r\n b\n", ["a", " ", "\r\n\r\n", " ", "b", "\n"]),
        ("artikel\u00a03", ["artikel", "\u00a0", "3"]),
        ("be\u00adlasting cafe\u0301", ["be\u00adlasting", " ", "cafe\u0301"]),
        ("foto's e-mail 's nachts", ["foto's", " ", "e-mail", " ", "'", "s", " ", "nachts"]),
        ("1.500,50 en 3.", ["1.500,50", " ", "en", " ", "3", "."]),
        ("**vet** | 👩‍👧 €", ["**", "vet", "**", " ", "|", " ", "👩‍👧", " ", "€"]),
        ("- wel/niet", ["-", " ", "wel", "/", "niet"]),
    ],
)
def test_tokens_are_whole_words(text: str, parts: list[str]) -> None:
    assert tokens(text) == parts


@given(any_text, any_text)
def test_a_redline_holds_both_texts(old: str, new: str) -> None:
    spans = redline(old, new)
    assert before(spans) == old
    assert after(spans) == apply(old, spans) == new
    assert all(span.text for span in spans)
    for one, other in pairwise(spans):
        assert one.change is not other.change
        assert (one.change, other.change) != (Change.ADDED, Change.REMOVED)


@given(any_text, any_text, any_text)
def test_a_redline_is_of_one_text_only(old: str, new: str, other: str) -> None:
    if other != old:
        with pytest.raises(ValueError, match="another text"):
            apply(other, redline(old, new))


@given(any_text)
def test_the_same_text_has_no_change(text: str) -> None:
    assert {span.change for span in redline(text, text)} <= {Change.SAME}
    assert edits(text, text) == ()
    assert summary(redline(text, text)) == (0, 0)


@given(any_text, any_text)
def test_edits_make_the_new_text_and_stay_apart(old: str, new: str) -> None:
    was, text, done = tokens(old), [], 0
    for edit in (found := edits(old, new)):
        assert edit.start < edit.end or edit.text
        assert "".join(was[edit.start : edit.end]) != edit.text
        text += [*was[done : edit.start], edit.text]
        done = edit.end
    assert "".join([*text, *was[done:]]) == new
    assert all(one.end < other.start for one, other in pairwise(found))


@given(any_text, any_text)
def test_changes_are_of_whole_words(old: str, new: str) -> None:
    words = set(tokens(old)) | set(tokens(new))
    assert {token for span in redline(old, new) for token in tokens(span.text) if is_word(token)} <= words


@given(any_text, any_text)
def test_no_confetti(old: str, new: str) -> None:
    for span in redline(old, new)[1:-1]:
        if span.change is Change.SAME and not set("\r\n|") & set(span.text):
            words = [token for token in tokens(span.text) if is_word(token)]
            assert len(words) > 1 or len(words[0]) > 3


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("Het college besluit dit.", "Het college besluit dat.", "Het college besluit [-dit-]{+dat+}."),
        ("Het college besluit.", "Het college besluit niet.", "Het college besluit{+ niet+}."),
        ("a, b", "a, c, b", "a,{+ c,+} b"),
        ("een de twee", "drie de vier", "[-een de twee-]{+drie de vier+}"),
        ("een, twee", "drie, vier", "[-een, twee-]{+drie, vier+}"),
        ("een leden twee", "drie leden vier", "[-een-]{+drie+} leden [-twee-]{+vier+}"),
        ("een van de twee", "drie van de vier", "[-een-]{+drie+} van de [-twee-]{+vier+}"),
        ("een\ntwee", "drie\nvier", "[-een-]{+drie+}\n[-twee-]{+vier+}"),
        ("| 10 | 20 |", "| 11 | 21 |", "| [-10-]{+11+} | [-20-]{+21+} |"),
        ("- een\n- twee\n", "- een\n- nieuw\n- twee\n", "- een\n{+- nieuw\n+}- twee\n"),
        ("- een\n- twee", "- een\n- twee\n- drie", "- een\n- twee{+\n- drie+}"),
        ("| a | 1 |\n| b | 1 |\n| c | 1 |\n", "| a | 1 |\n| c | 1 |\n", "| a | 1 |\n[-| b | 1 |\n-]| c | 1 |\n"),
        ("Een.\n\nTwee.", "Een.\n\nNieuw.\n\nTwee.", "Een.\n\n{+Nieuw.\n\n+}Twee."),
        ("de foto", "de foto's", "de [-foto-]{+foto's+}"),
        ("van 1.500", "van 1.600", "van [-1.500-]{+1.600+}"),
        ("weg ermee", "", "[-weg ermee-]"),
        ("", "erbij", "{+erbij+}"),
    ],
)
def test_a_redline_reads_well(old: str, new: str, line: str) -> None:
    assert shown(old, new) == line


def test_words_are_counted() -> None:
    assert summary(redline("de drie leden, en", "de vier grote oude leden")) == (3, 2)


def test_edits_are_in_tokens_of_the_old_text() -> None:
    assert edits("een leden twee", "drie leden twee erbij") == (Edit(0, 1, "drie"), Edit(5, 5, " erbij"))


def prose(size: int, chance: random.Random) -> str:
    """Paragraphs of invented words, a few of which are very common."""
    words = [f"w{n}" for n in range(2000)]
    weights = [1 / (n + 1) for n in range(2000)]
    parts: list[str] = []
    while size > 0:
        parts.append(" ".join(chance.choices(words, weights, k=80)) + ".\n\n")
        size -= len(parts[-1])
    return "".join(parts)


def test_a_long_text_is_compared_by_word() -> None:
    """One word changed in every paragraph, a paragraph moved: found as such, far beyond ``LARGE``."""
    chance = random.Random(7)
    parts = [part.replace(".", f" slot{n}.") for n, part in enumerate(prose(100_000, chance).split("\n\n"))]
    changed = [part.replace("slot", "einde") for part in parts]
    old, new = "\n\n".join(parts), "\n\n".join(changed)
    assert summary(redline(old, new)) == (len(parts) - 1, len(parts) - 1)
    moved = "\n\n".join([*parts[:5], *parts[6:-5], parts[5], *parts[-5:]])
    assert summary(redline(old, moved)) == (81, 81)


@pytest.mark.parametrize("kind", ["prose", "rows", "few words"])
def test_the_worst_texts_take_no_minutes(kind: str) -> None:
    chance = random.Random(7)
    rows, few = ["| ja | nee |\n", "| nee | ja |\n"], ["de ", "het ", "een, "]

    def make() -> str:
        if kind == "prose":
            return prose(300_000, chance)
        return "".join(chance.choices(rows if kind == "rows" else few, k=30_000 if kind == "rows" else 100_000))

    old, new = make(), make()
    start = time.process_time()
    assert apply(old, redline(old, new)) == new
    assert time.process_time() - start < 20  # about half a second; without bounds it would be hours


@settings(max_examples=10, deadline=None)
@given(st.integers(), st.floats(0, 0.5))
def test_pins_lose_nothing(seed: int, share: float) -> None:
    chance = random.Random(seed)
    old = prose(8_000, chance)
    new = "".join(token if chance.random() > share else chance.choice(["x", "w1", "\n", ""]) for token in tokens(old))
    assert apply(old, redline(old, new)) == new
