"""What became of each thing that a meeting dealt with, from its pronounced votes (docs/rules.md §4.16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from vng_alv.domain.majority import Verdict
from vng_alv.domain.rounds import WITH_OPTIONS, RoundKind
from vng_alv.domain.submissions import OPEN, SubmissionState


class Decision(StrEnum):
    """What was decided on a text, an amendment or a motion."""

    ADOPTED = "adopted"
    #: The text as it was changed by amendments, or without sections that were rejected.
    AMENDED = "amended"
    #: Some of its parts.
    IN_PARTS = "in_parts"
    REJECTED = "rejected"
    CHOSEN = "chosen"
    HELD_OVER = "held_over"
    WITHDRAWN = "withdrawn"
    TAKEN_OVER = "taken_over"
    LAPSED = "lapsed"
    #: It was voted on, and that decided nothing: a tie, no quorum, lots that were not drawn.
    NONE = "none"
    #: Nothing was pronounced yet.
    OPEN = "open"


@dataclass(frozen=True)
class Vote:
    """A vote that was pronounced and is not void; one whose run-off was pronounced is none any more."""

    kind: RoundKind
    verdict: Verdict


_STATES = {
    SubmissionState.ADOPTED: Decision.ADOPTED,
    SubmissionState.MERGED: Decision.ADOPTED,
    SubmissionState.REJECTED: Decision.REJECTED,
    SubmissionState.HELD_OVER: Decision.HELD_OVER,
    SubmissionState.WITHDRAWN: Decision.WITHDRAWN,
    SubmissionState.TAKEN_OVER: Decision.TAKEN_OVER,
    SubmissionState.LAPSED: Decision.LAPSED,
}
_VERDICTS = {Verdict.ADOPTED: Decision.ADOPTED, Verdict.REJECTED: Decision.REJECTED, Verdict.CHOSEN: Decision.CHOSEN}


def on_text(votes: Sequence[Vote], *, changed: bool) -> Decision:
    """What was decided on a text of the board: the last vote on its whole decides, and without one its questions with
    options do. ``changed``: the text that was voted on is not the one that was sent out."""
    whole = [one.verdict for one in votes if one.kind is RoundKind.WHOLE]
    if whole:
        found = _VERDICTS.get(whole[-1], Decision.NONE)
        return Decision.AMENDED if found is Decision.ADOPTED and changed else found
    chosen = [_VERDICTS.get(one.verdict, Decision.NONE) for one in votes if one.kind in WITH_OPTIONS]
    if not chosen:
        return Decision.OPEN
    return next((found for found in (Decision.NONE, Decision.CHOSEN) if found in chosen), Decision.REJECTED)


def on_submission(state: SubmissionState, votes: Sequence[Vote]) -> Decision:
    """What was decided on an amendment or a motion: its state, which the votes on it made; in parts it can be more than
    one thing."""
    parts = [one.verdict for one in votes if one.kind is RoundKind.SECTION]
    if state is SubmissionState.ADOPTED and any(verdict is not Verdict.ADOPTED for verdict in parts):
        return Decision.IN_PARTS
    if state in OPEN and state is not SubmissionState.HELD_OVER:
        return Decision.NONE if votes else Decision.OPEN
    return _STATES[state]
