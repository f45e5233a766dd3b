"""Deciding by acclamation: the hall is asked whether anybody is against; nothing is counted (docs/rules.md §4.12)."""

from collections.abc import Sequence

from vng_alv.domain.majority import Rule
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState, Way


def may_acclaim(rule: Rule, ordinary: Rule, *, statutes: bool, gathers: bool) -> Refusal | None:
    """Why a question may not be decided by acclamation, or None.

    Only where members gather, and only what the ``ordinary`` rule of the association decides: what asks for more than
    that, or for a quorum, is counted. A change of ``statutes`` always is.
    """
    if not gathers:
        return Refusal.ACCLAMATION_WRITTEN
    if statutes or rule.quorum or ordinary.quorum or rule.thresholds != ordinary.thresholds:
        return Refusal.ACCLAMATION_RULE
    return None


def may_note(state: RoundState, way: Way, *, on_roll: bool, advisory: bool) -> Refusal | None:
    """Why a member does not have it noted that it is against, or None: it is on the roll with votes that count, and the
    question is put to the hall now."""
    if way is not Way.ACCLAMATION or state is not RoundState.OPEN:
        return Refusal.ROUND_STATE
    if not on_roll:
        return Refusal.NOT_ON_ROLL
    return Refusal.NOTE_ADVISORY if advisory else None


def outcome(noted: Sequence[str], locale: str) -> str:
    """'Aangenomen bij acclamatie, 2 leden lieten tegen aantekenen: Almelo, Gouda.', or the same in English."""
    number, names = len(noted), ", ".join(noted)
    if locale == "en":
        more = f", {number} {'member' if number == 1 else 'members'} had a vote against noted: {names}"
        return f"Adopted by acclamation{more if noted else ''}."
    more = f", {number} {'lid liet' if number == 1 else 'leden lieten'} tegen aantekenen: {names}"
    return f"Aangenomen bij acclamatie{more if noted else ''}."
