"""A delegate has it noted that its own member is against what is adopted by acclamation."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import actor, requires
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.meetings.queries import get_meeting, seats_of
from vng_alv.voting import acclamation
from vng_alv.voting.queries import get_round

blueprint = Blueprint("noting", __name__)


@blueprint.post("/stemmen/<meeting_code>/<int:number>/aantekenen")
@requires(Permission.VOTE)
def note(meeting_code: str, number: int) -> ResponseReturnValue:
    """Note it, or take it back."""
    meeting, code = get_meeting(meeting_code), request.form.get("gemeente", "")
    seat = next((one for one in seats_of(actor().id, meeting.id) if one.member.code == code), None)
    if seat is None:
        raise Refused(Refusal.NOT_HOLDER)
    against = "terug" not in request.form
    acclamation.note(get_round(meeting.id, number), seat.member.id, actor(), against=against)
    flash(_("Aangetekend: %(name)s is tegen.", name=seat.member.name) if against
          else _("De aantekening van %(name)s is teruggenomen.", name=seat.member.name), "ok")  # fmt: skip
    return redirect(url_for("voting.ballot", meeting_code=meeting.code, gemeente=seat.member.code), 303)
