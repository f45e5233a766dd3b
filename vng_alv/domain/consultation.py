"""When and by whom a reaction may be written, sent and answered (docs/rules.md, consultation)."""

from datetime import datetime

from vng_alv.domain.refusals import Refusal


def is_open(opened_at: datetime, closes_at: datetime, now: datetime) -> bool:
    """Whether members may react at ``now``; the deadline itself is too late."""
    return opened_at <= now < closes_at


def may_write(*, open_now: bool, works_here: bool, sent: bool) -> Refusal | None:
    """Why a person may not change a reaction of a member, or None."""
    if not works_here:
        return Refusal.NOT_ALLOWED
    if sent:
        return Refusal.ALREADY_SENT
    return None if open_now else Refusal.CONSULTATION_CLOSED


def may_send(*, open_now: bool, is_secretary: bool, drafts: int) -> Refusal | None:
    """Why a person may not send a member's drafts, or None. The secretary or clerk speaks for the member."""
    if not is_secretary:
        return Refusal.NOT_ALLOWED
    if not open_now:
        return Refusal.CONSULTATION_CLOSED
    return None if drafts else Refusal.NOTHING_TO_SEND


def is_public(*, sent: bool, closes_at: datetime, now: datetime) -> bool:
    """Whether everybody may read a reaction: sent, and the consultation is over."""
    return sent and now >= closes_at
