"""The kinds of text: which of them members amend, and which text words are about (docs/rules.md, amendments)."""

import pytest

from vng_alv.domain.refusals import Refusal
from vng_alv.domain.texts import ProposalKind, first_named, may_amend


def test_amendments_are_for_texts_and_not_for_motions() -> None:
    for kind in ProposalKind:
        motion = kind is ProposalKind.MOTION
        assert may_amend(kind, held=False) is (Refusal.NO_AMENDMENTS if motion else None)
        assert may_amend(kind, held=True) is (Refusal.NO_AMENDMENTS if motion else Refusal.MEETING_HELD)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bij resolutie R2, en R1", "R2"),
        ("R1.", "R1"),
        ("(R10)", "R10"),
        ("AR1 R1a R1-b r1", None),
        ("niets", None),
    ],
)
def test_a_code_is_named_as_a_word_by_itself(words: str, expected: str | None) -> None:
    assert first_named(("R1", "R2", "R10"), words) == expected
