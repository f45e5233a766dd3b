"""Members that have not voted, and whom to call: for who runs rounds, and never what anybody voted."""

from collections.abc import Sequence
from dataclasses import dataclass

from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.rounds import RoundState
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.meetings.queries import holders
from vng_alv.voting.models import Round
from vng_alv.voting.queries import not_voted


@dataclass(frozen=True)
class Absent:
    """A member that has not voted in anything that is open, and whom to call."""

    name: str
    province: str
    weight: int
    mandate: Mandate | None


def absent(meeting: Meeting, rounds: Sequence[Round], actor: Actor) -> list[Absent]:
    """The members that cast nothing in any of these rounds that are open, the most votes first.

    Whom to call is for who runs rounds; everybody else gets the members alone.
    """
    running = [r.id for r in rounds if r.state is RoundState.OPEN and not r.is_acclaimed]
    if not running:
        return []
    held = holders(meeting.id) if actor.may(Permission.RUN_ROUNDS) else {}
    found = [Absent(one.name, one.province, one.weight, held.get(one.member_id)) for one in not_voted(running)]
    return sorted(found, key=lambda one: -one.weight)
