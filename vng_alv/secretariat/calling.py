"""Who has still to be called while a vote runs, by question and province. On the blueprint of the console."""

from flask import request
from flask.typing import ResponseReturnValue

from vng_alv.access import actor, requires
from vng_alv.domain.permissions import Permission
from vng_alv.domain.rounds import RoundState
from vng_alv.meetings.queries import get_meeting
from vng_alv.secretariat.absent import absent
from vng_alv.secretariat.console import CONSOLE
from vng_alv.secretariat.telling import blueprint
from vng_alv.voting.queries import rounds_of
from vng_alv.web import page

__all__ = ["blueprint"]


@blueprint.get(CONSOLE + "/nog-niet-gestemd")
@requires(Permission.RUN_ROUNDS)
def missing(meeting_code: str) -> ResponseReturnValue:
    """The members without a vote on one question, or on none at all, in all provinces or one."""
    meeting = get_meeting(meeting_code)
    running = [r for r in rounds_of(meeting.id) if r.state is RoundState.OPEN and not r.is_acclaimed]
    chosen = [r for r in running if r.label == request.args.get("stemming", "")]
    found = absent(meeting, chosen or running, actor())
    provinces = sorted({one.province for one in found})
    province = request.args.get("provincie", "")
    province = province if province in provinces else ""
    return page(
        "console/missing.html",
        meeting=meeting,
        running=running,
        chosen=chosen[0] if chosen else None,
        provinces=provinces,
        province=province,
        everybody=found,
        missing=[one for one in found if province in {"", one.province}],
    )
