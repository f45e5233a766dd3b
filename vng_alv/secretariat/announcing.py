"""Messages to all screens, from the console."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import actor, requires
from vng_alv.domain.announcing import MAX_TEXT, READY, USUAL
from vng_alv.domain.permissions import Permission
from vng_alv.meetings import announcements
from vng_alv.meetings.queries import get_meeting
from vng_alv.secretariat.console import CONSOLE, blueprint, done, tells_refusals

__all__ = ["blueprint"]


@blueprint.app_template_global()
def ready_announcements() -> dict[str, object]:
    """What the form of a message offers: ready sentences with their minutes, and how long one may be."""
    return {"ready": READY, "most": MAX_TEXT, "usual": USUAL}


@blueprint.post(CONSOLE + "/mededeling")
@requires(Permission.RUN_ROUNDS)
@tells_refusals
def announce(meeting_code: str) -> ResponseReturnValue:
    """Show a message on all screens: a ready sentence whose button was pressed, or what was written."""
    meeting = get_meeting(meeting_code)
    words, minutes = request.form.get("announcement", ""), _minutes(request.form.get("minutes", ""))
    if "ready" in request.form:
        words = request.form["ready"]
        minutes = dict(READY).get(words, 0)
    announcements.say(meeting, words, minutes, actor())
    return done(meeting, _("De mededeling staat op alle schermen."))


@blueprint.post(CONSOLE + "/mededeling/intrekken")
@requires(Permission.RUN_ROUNDS)
@tells_refusals
def take_back_announcement(meeting_code: str) -> ResponseReturnValue:
    """Take the message off all screens."""
    meeting = get_meeting(meeting_code)
    was_there = announcements.take_back(meeting, actor())
    return done(meeting, _("De mededeling is van alle schermen.") if was_there else _("De mededeling was al weg."))


def _minutes(typed: str) -> int:
    """How long a message stays, or 0 for what is no number of minutes."""
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0
