"""The words of a motion, its parts, pasting one, and the account after its adoption (docs/rules.md)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain import motions as rules
from vng_alv.domain.mandates import OfficeKind, Standing
from vng_alv.domain.motion_paste import cut
from vng_alv.domain.motions import FollowUpState, Group, MotionText, may_be_parts
from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.sections import match
from vng_alv.domain.submissions import SubmissionState

S = SubmissionState
TEXT = MotionText(
    "Veilig fietsen",
    noting=("er meer gefietst wordt",),
    considering=("fietsen gezond is;", "het druk is."),
    declares=("fietspaden breder moeten",),
    requests=("dit te regelen", "hierover te berichten"),
)
WHOLE = """Motie: Veilig fietsen

De ALV van de VNG, bijeen op 26 juni,

Constaterende dat:
- er meer gefietst wordt;
- dat er veel ongevallen zijn,
  vooral in de stad;

**Overwegende dat**
1. fietsen gezond is; en
2. het druk is.

Spreekt als haar mening uit dat fietspaden breder moeten,

Verzoekt het bestuur van de VNG om:
• dit te regelen;
• hierover te berichten

En gaat over tot de orde van de dag.

Ondertekend: Utrecht, Zeist
"""
item = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12).map(str.strip)
items = st.lists(item.filter(bool), max_size=5).map(tuple)


@st.composite
def texts(draw: st.DrawFn) -> MotionText:
    """Motions with at least one thing to decide on, whole or in parts."""
    declares, requests = draw(items), draw(items.filter(len))
    number = len(declares) + len(requests)
    parts = rules.parts_of(draw(st.lists(st.integers(1, 4), min_size=number, max_size=number)))
    return MotionText(draw(item), draw(items), draw(items), declares, requests, parts)


# --- Rendering


def test_a_motion_reads_as_one_sentence() -> None:
    assert rules.as_sentence(TEXT) == (
        "De algemene ledenvergadering, constaterende dat: er meer gefietst wordt; overwegende dat: fietsen gezond is; "
        "het druk is; spreekt uit dat: fietspaden breder moeten; verzoekt het bestuur: dit te regelen; hierover te "
        "berichten; en gaat over tot de orde van de dag."
    )


def test_a_whole_motion_is_one_section_after_what_it_rests_on() -> None:
    title, preamble, sections = rules.as_sections(TEXT)
    assert title == "Veilig fietsen"
    assert preamble == (
        "De algemene ledenvergadering,\n\nconstaterende dat:\n\n- er meer gefietst wordt;\n\n"
        "overwegende dat:\n\n- fietsen gezond is;\n- het druk is."
    )
    assert [(s.number, s.heading) for s in sections] == [("1", "De motie")]
    assert sections[0].body == (
        "spreekt uit dat:\n\n- fietspaden breder moeten;\n\nverzoekt het bestuur:\n\n- dit te regelen;\n"
        "- hierover te berichten;\n\nen gaat over tot de orde van de dag."
    )


def test_each_part_is_a_section_with_its_own_words_above_it() -> None:
    _, _, sections = rules.as_sections(MotionText.of("T", {**TEXT.to_data(), "parts": [[0, 2], [1]]}))
    assert [(s.number, s.heading) for s in sections] == [
        ("1", "Spreekt uit dat fietspaden breder moeten"),
        ("2", "Verzoekt het bestuur dit te regelen"),
    ]
    assert "hierover te berichten" in sections[0].body
    assert "orde van de dag" not in sections[0].body
    assert sections[1].body.endswith(rules.CLOSING)


def test_a_paragraph_in_an_item_stays_in_the_item() -> None:
    _, _, (section,) = rules.as_sections(MotionText("T", requests=("eerst\n\n# dit",)))
    assert "- eerst\n  \n  # dit;" in section.body


@given(texts())
def test_every_operative_item_is_in_exactly_one_section_and_everything_is_somewhere(text: MotionText) -> None:
    _, preamble, sections = rules.as_sections(text)
    listed = [line for s in sections for line in s.body.split("\n") if line.startswith("- ")]
    assert sorted(listed) == sorted("- " + rules.ended(words) for _, words in text.operative)
    assert len(sections) == (len(text.parts) or 1)
    assert [s.number for s in sections] == [str(n) for n in range(1, len(sections) + 1)]
    assert all(len(s.heading) <= 300 for s in sections)
    for words in (*text.noting, *text.considering):
        assert "- " + rules.ended(words) in preamble.split("\n")


@given(texts())
def test_a_text_comes_back_from_its_data(text: MotionText) -> None:
    assert MotionText.of(text.title, text.to_data()) == text


def test_a_small_change_keeps_each_part_the_same_section() -> None:
    before = rules.as_sections(MotionText.of("T", {**TEXT.to_data(), "parts": [[0], [1, 2]]}))[2]
    changed = {**TEXT.to_data(), "declares": ["fietspaden veel breder moeten"], "parts": [[0], [1, 2]]}
    assert match(dict(enumerate(before)), rules.as_sections(MotionText.of("T", changed))[2]) == [0, 1]


@given(st.text(max_size=200), st.integers(2, 80))
def test_what_is_shortened_fits_on_a_line(words: str, most: int) -> None:
    short = rules.shortened(words, most)
    assert len(short) <= most
    assert "\n" not in short
    assert short == " ".join(words.split()) or short.endswith("…")


# --- Parts


@given(st.lists(st.integers(-5, 5), max_size=12))
def test_whatever_numbers_are_given_make_parts_that_may_be(numbers: list[int]) -> None:
    parts = rules.parts_of(numbers)
    assert may_be_parts(len(numbers), parts)
    again = rules.numbers_of(parts, len(numbers))
    assert rules.parts_of(again) == parts
    if parts:
        same = [[a == b for b in numbers] for a in numbers]
        assert [[a == b for b in again] for a in again] == same


@pytest.mark.parametrize(
    ("parts", "may"),
    [
        ((), True),
        (((0,), (1, 2)), True),
        (((0, 2), (1,)), True),
        (((0, 1, 2),), False),
        (((1, 2), (0,)), False),
        (((0,), (2, 1)), False),
        (((0,), (1,)), False),
        (((0,), (1,), (1, 2)), False),
        (((0,), (1, 2), ()), False),
        (((0,), (1, 2, 3)), False),
    ],
)
def test_each_item_is_in_one_part_and_the_parts_are_in_order(parts: rules.Parts, may: bool) -> None:
    assert may_be_parts(3, parts) is may


# --- Pasting


def test_a_pasted_motion_is_cut_into_its_groups() -> None:
    found = cut(WHOLE)
    assert found.groups == {
        Group.NOTING: ["er meer gefietst wordt", "er veel ongevallen zijn,\nvooral in de stad"],
        Group.CONSIDERING: ["fietsen gezond is", "het druk is."],
        Group.DECLARES: ["fietspaden breder moeten"],
        Group.REQUESTS: ["dit te regelen", "hierover te berichten"],
    }
    assert found.before == ["Motie: Veilig fietsen", "De ALV van de VNG, bijeen op 26 juni,"]
    assert found.after == ["Ondertekend: Utrecht, Zeist"]


def test_a_motion_in_one_paragraph_is_cut_too() -> None:
    found = cut(
        "De vergadering, constaterende dat A groeit; overwegende dat B krimpt; spreekt uit dat C moet, "
        "verzoekt het bestuur om D te doen; en gaat over tot de orde van de dag."
    )
    assert [found.groups[group] for group in Group] == [["A groeit"], ["B krimpt"], ["C moet"], ["om D te doen"]]


@pytest.mark.parametrize("text", ["", "Zomaar een brief.\n\nMet groet", "De gemeente verzoekt ons iets."])
def test_what_is_no_motion_is_left_as_it_is(text: str) -> None:
    found = cut(text)
    assert not found.found
    assert found.before == [line for line in text.split("\n") if line]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


line = st.one_of(
    st.sampled_from(
        [
            "constaterende dat",
            "Overwegende dat:",
            "spreekt uit dat",
            "verzoekt het bestuur om",
            "**Verzoekt**",
            "",
            "- ",
        ]
    ),
    st.lists(st.sampled_from(["huis", "gemeente", "dat", "het", "bestuur", "uit;", "1.", "-"]), max_size=6).map(
        " ".join
    ),
)


@given(st.lists(line, max_size=15).map("\n".join))
def test_nothing_that_was_pasted_is_lost(text: str) -> None:
    found = cut(text)
    kept = words(" ".join([*found.before, *(one for group in Group for one in found.groups[group]), *found.after]))
    marks = {"constaterende", "overwegende", "spreekt", "verzoekt", "dat", "het", "bestuur", "uit", "om", "1"}
    for word in ("huis", "gemeente"):
        assert kept.count(word) == words(text).count(word)
    assert set(words(text)) - set(kept) <= marks


# --- After submission


SECRETARY = Standing(frozenset(), OfficeKind.CLERK)


@pytest.mark.parametrize("who", [SECRETARY, Standing(frozenset({Role.SECRETARIAT}), None)])
def test_a_motion_changes_until_its_vote_opens(who: Standing) -> None:
    assert rules.may_change(who, S.SUBMITTED, asked_now=False, held=False) is None
    assert rules.may_change(who, S.HELD_OVER, asked_now=False, held=False) is None
    assert rules.may_change(who, S.SUBMITTED, asked_now=True, held=False) is Refusal.VOTE_OPENED
    for state in set(S) - {S.SUBMITTED, S.HELD_OVER}:
        assert rules.may_change(who, state, asked_now=False, held=False) is Refusal.SUBMISSION_STATE
    assert rules.may_change(who, S.SUBMITTED, asked_now=False, held=True) is Refusal.MEETING_HELD


@pytest.mark.parametrize("who", [Standing(frozenset({Role.BOARD}), None), Standing(frozenset(), OfficeKind.OFFICIAL)])
def test_nobody_else_changes_it(who: Standing) -> None:
    assert rules.may_change(who, S.SUBMITTED, asked_now=False, held=False) is Refusal.NOT_ALLOWED


@pytest.mark.parametrize(
    ("whole", "parts", "state"),
    [
        (None, [], S.SUBMITTED),
        (S.ADOPTED, [], S.ADOPTED),
        (S.REJECTED, [S.ADOPTED], S.REJECTED),
        (None, [S.ADOPTED, None], S.ADOPTED),
        (None, [S.ADOPTED, S.REJECTED], S.ADOPTED),
        (None, [S.REJECTED, None], S.SUBMITTED),
        (None, [S.REJECTED, S.REJECTED], S.REJECTED),
    ],
)
def test_the_votes_decide_what_a_motion_is(
    whole: SubmissionState | None, parts: list[SubmissionState | None], state: SubmissionState
) -> None:
    assert rules.outcome(whole, parts) is state


def test_the_parts_after_the_one_that_decided_are_still_asked() -> None:
    assert {state for state in S if rules.may_be_asked(state, in_parts=False)} == {S.SUBMITTED, S.HELD_OVER}
    assert {state for state in S if rules.may_be_asked(state, in_parts=True)} == {
        S.SUBMITTED, S.HELD_OVER, S.ADOPTED, S.REJECTED,
    }  # fmt: skip


@pytest.mark.parametrize("now", [None, *FollowUpState])
@pytest.mark.parametrize("then", FollowUpState)
def test_the_account_of_a_motion_goes_on_and_done_is_not_held_over(
    now: FollowUpState | None, then: FollowUpState
) -> None:
    refused = now is FollowUpState.DONE and then is FollowUpState.HELD_OVER
    expected = Refusal.FOLLOW_UP if refused else None
    assert rules.may_follow_up(S.ADOPTED, now, then, "Er is een brief gestuurd.") is expected


@pytest.mark.parametrize("state", S)
def test_only_what_was_adopted_or_taken_over_has_an_account(state: SubmissionState) -> None:
    expected = None if state in {S.ADOPTED, S.TAKEN_OVER} else Refusal.FOLLOW_UP
    assert rules.may_follow_up(state, None, FollowUpState.DONE, "Gedaan.") is expected


def test_each_step_of_the_account_says_something() -> None:
    assert rules.may_follow_up(S.ADOPTED, None, FollowUpState.DONE, " ") is Refusal.EMPTY_TEXT
