"""What became of a text, an amendment or a motion (docs/rules.md §4.16)."""

import pytest

from vng_alv.domain.decisions import Decision, Vote, on_submission, on_text
from vng_alv.domain.majority import Verdict
from vng_alv.domain.rounds import RoundKind
from vng_alv.domain.submissions import SubmissionState

V, K, S, D = Verdict, RoundKind, SubmissionState, Decision


@pytest.mark.parametrize(
    ("votes", "changed", "decision"),
    [
        ([], False, D.OPEN),
        ([(K.SECTION, V.ADOPTED)], False, D.OPEN),
        ([(K.SECTION, V.REJECTED), (K.WHOLE, V.ADOPTED)], False, D.ADOPTED),
        ([(K.WHOLE, V.ADOPTED)], True, D.AMENDED),
        ([(K.WHOLE, V.REJECTED)], True, D.REJECTED),
        ([(K.WHOLE, V.TIED)], True, D.NONE),
        ([(K.WHOLE, V.NO_QUORUM)], False, D.NONE),
        ([(K.WHOLE, V.NO_VERDICT), (K.WHOLE, V.ADOPTED)], False, D.ADOPTED),
        ([(K.CANDIDATES, V.CHOSEN)], False, D.CHOSEN),
        ([(K.CANDIDATES, V.CHOSEN), (K.CANDIDATES, V.LOTS)], False, D.NONE),
        ([(K.TEXTS, V.REJECTED)], False, D.REJECTED),
        ([(K.TEXTS, V.RUN_OFF)], False, D.NONE),
        ([(K.TEXTS, V.CHOSEN), (K.WHOLE, V.REJECTED)], False, D.REJECTED),
    ],
)
def test_a_text(votes: list[tuple[RoundKind, Verdict]], changed: bool, decision: Decision) -> None:
    assert on_text([Vote(*one) for one in votes], changed=changed) is decision


@pytest.mark.parametrize(
    ("state", "votes", "decision"),
    [
        (S.SUBMITTED, [], D.OPEN),
        (S.SUBMITTED, [(K.AMENDMENT, V.TIED)], D.NONE),
        (S.HELD_OVER, [(K.ADVICE, V.ADOPTED)], D.HELD_OVER),
        (S.ADOPTED, [(K.SECTION, V.ADOPTED), (K.SECTION, V.REJECTED)], D.IN_PARTS),
        (S.ADOPTED, [(K.SECTION, V.ADOPTED), (K.SECTION, V.ADOPTED)], D.ADOPTED),
        (S.REJECTED, [(K.SECTION, V.REJECTED)], D.REJECTED),
        (S.MERGED, [(K.AMENDMENT, V.ADOPTED)], D.ADOPTED),
        (S.TAKEN_OVER, [], D.TAKEN_OVER),
        (S.WITHDRAWN, [], D.WITHDRAWN),
        (S.LAPSED, [], D.LAPSED),
    ],
)
def test_what_members_bring(state: SubmissionState, votes: list[tuple[RoundKind, Verdict]], decision: Decision) -> None:
    assert on_submission(state, [Vote(*one) for one in votes]) is decision
