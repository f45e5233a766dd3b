"""Planning a meeting. What everybody sees of it shows texts and rounds too, so it stands in ``results.meetings``."""

import uuid

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import actor, requires
from vng_alv.domain.clock import moment_of
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Refused
from vng_alv.meetings import service
from vng_alv.meetings.announcements import Announcement, find_announcement
from vng_alv.meetings.forms import AgendaItemForm, MeetingForm
from vng_alv.meetings.models import MeetingKind
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_association
from vng_alv.web import UNSAFE, page

blueprint = Blueprint("meetings", __name__)


@blueprint.app_template_global()
def announced(meeting_id: uuid.UUID) -> Announcement | None:
    """What every screen of a meeting is to show now."""
    return find_announcement(meeting_id)


@blueprint.route("/secretariaat/vergaderingen/nieuw", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def create() -> ResponseReturnValue:
    """Plan a meeting."""
    form = MeetingForm(data={"standing": True})
    if form.sent():
        starts_at = moment_of(form.day.data, form.clock.data)
        try:
            meeting = service.create(
                form.code.data,
                form.title.data,
                MeetingKind(form.kind.data),
                starts_at,
                form.place.data,
                actor(),
                ends_at=form.ends_at(),
                publishes_itself=form.publishes_itself.data,
                standing=form.standing.data,
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(_("De vergadering is gemaakt. Zet nu de agenda en de stukken erop."), "ok")
            return redirect(url_for("meetings.show", meeting_code=meeting.code), 303)
    titles = [item.title for item in get_association().standing_items]
    return page("meetings/create.html", 422 if request.method in UNSAFE else 200, form=form, titles=titles)


@blueprint.route("/secretariaat/vergaderingen/<meeting_code>/agenda", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def add_item(meeting_code: str) -> ResponseReturnValue:
    """Put an item on the agenda."""
    meeting = get_meeting(meeting_code)
    form = AgendaItemForm()
    if form.sent():
        item = service.add_agenda_item(meeting, form.title.data, actor(), note=form.note.data)
        flash(_("Agendapunt %(number)s staat erop: %(title)s", number=item.number, title=item.title), "ok")
        return redirect(url_for("meetings.show", meeting_code=meeting.code, _anchor="agenda"), 303)
    return page("meetings/add_item.html", 422 if request.method in UNSAFE else 200, meeting=meeting, form=form)
