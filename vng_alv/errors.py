"""What a use case raises when it cannot do what was asked. Each door has one way of telling it."""

from vng_alv.domain.refusals import Refusal


class Refused(Exception):
    """A rule says no. ``facts`` fill the sentence that belongs to the refusal."""

    status = 422

    def __init__(self, refusal: Refusal, **facts: object) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.facts = facts


class Conflict(Refused):
    """What was asked for does not fit what happened meanwhile."""

    status = 409


class Unavailable(Refused):
    """What this takes is not there now, and somebody has to put it back."""

    status = 503


class Missing(Exception):
    """There is nothing at this address, or nothing that this person may know of."""
