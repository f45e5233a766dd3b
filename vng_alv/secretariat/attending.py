"""Who is at a meeting: telling which members are there and which have left."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.clock import day_of
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.meetings import attendance
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_association, members_on
from vng_alv.web import page

blueprint = Blueprint("attending", __name__)

HERE = "/secretariaat/vergaderingen/<meeting_code>/aanwezigheid"


@blueprint.get(HERE)
@requires(Permission.READ_MEETINGS)
def show(meeting_code: str) -> ResponseReturnValue:
    """Every member, since when it is there, and the totals by members and weight."""
    meeting, rule = get_meeting(meeting_code), get_association().weight_rule
    here = attendance.present_now(meeting.id)
    rows = [(m, m.votes(rule), here.get(m.id)) for m in members_on(day_of(db.now()))]
    full = [(votes, since) for member, votes, since in rows if not member.advisory]
    return page(
        "secretariat/attendance.html",
        meeting=meeting,
        rows=rows,
        present=[votes for votes, since in full if since],
        everybody=[votes for votes, _since in full],
    )


@blueprint.post(HERE)
@requires(Permission.MANAGE_MEETINGS)
def record(meeting_code: str) -> ResponseReturnValue:
    """The ticked members have arrived, or have left."""
    meeting, codes = get_meeting(meeting_code), set(request.form.getlist("gemeente"))
    ticked = [member.id for member in members_on(day_of(db.now())) if member.code in codes]
    if len(ticked) != len(codes):
        raise Missing("member")
    if not ticked:
        raise Refused(Refusal.NO_MEMBER_TICKED)
    if request.form.get("doe") == "vertrokken":
        number = attendance.leave(meeting, ticked, actor())
        said = ngettext("Eén gemeente is afgemeld.", "%(num)s gemeenten zijn afgemeld.", number)
    else:
        number = attendance.arrive(meeting, ticked, actor())
        said = ngettext("Eén gemeente is aangemeld.", "%(num)s gemeenten zijn aangemeld.", number)
    flash(said if number else _("Er is niets veranderd: dat stond er al zo."), "ok")
    return redirect(url_for(".show", meeting_code=meeting.code), 303)
