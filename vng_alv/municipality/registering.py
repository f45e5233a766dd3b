"""Whether a municipality comes to a meeting, told beforehand, and its code for the desk at the door."""

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import IntegerField, RadioField, SelectChoice
from wtforms.validators import InputRequired, NumberRange
from wtforms.validators import Optional as MayBeEmpty

from vng_alv.access import actor, requires
from vng_alv.domain.attendance import MAX_GUESTS, Coming, door_code, written_code
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.attendance import here_now
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.meetings.registering import find_registration, register, why_not
from vng_alv.members.models import Member
from vng_alv.municipality import queries
from vng_alv.municipality.views import here
from vng_alv.web import UNSAFE, BaseForm, page, qr_code

blueprint = Blueprint("registering", __name__, url_prefix="/gemeente")

ANSWERS = {
    Coming.HALL: lazy_gettext("Ja, in de zaal"),
    Coming.REMOTE: lazy_gettext("Ja, op afstand"),
    Coming.ABSENT: lazy_gettext("Nee"),
}


def _not_endless(_form: BaseForm, field: IntegerField) -> None:
    """A number of hundreds of digits is no number for what compares it."""
    if abs(field.data or 0) > MAX_GUESTS:
        field.data = MAX_GUESTS + 1


class ComingForm(BaseForm):
    """Whether the municipality comes, and with how many guests."""

    coming = RadioField(
        lazy_gettext("Komt uw gemeente?"),
        [InputRequired(lazy_gettext("Kies een antwoord."))],
        choices=[SelectChoice(one.value, words) for one, words in ANSWERS.items()],
    )
    guests = IntegerField(
        lazy_gettext("Hoeveel gasten komen mee naar de zaal?"),
        [MayBeEmpty(), _not_endless, NumberRange(0, MAX_GUESTS)],
        description=lazy_gettext("Wie de stemkaart heeft, telt niet mee als gast."),
        render_kw={"inputmode": "numeric"},
    )


@blueprint.route("/<member_code>/aanmelden/<meeting_code>", methods=["GET", "POST"])
@requires(Permission.MEMBER)
def show(member_code: str, meeting_code: str) -> ResponseReturnValue:
    """Tell whether the municipality comes; below it, its code for the desk."""
    (member, _standing), meeting = here(member_code), get_meeting(meeting_code)
    if meeting.is_written:
        raise Missing("meeting")
    told = find_registration(meeting.id, member.id)
    form = ComingForm(data={"coming": told.coming.value, "guests": told.guests} if told else {})
    if not form.sent():
        return _page(member, meeting, form, 422 if request.method in UNSAFE else 200)
    coming = Coming(form.coming.data)
    # A number that was left standing says nothing for who does not come to the hall.
    guests = (form.guests.data or 0) if coming is Coming.HALL else 0
    try:
        register(meeting, member, coming, guests, actor())
    except Refused as refused:
        form.refuse(refused)
        return _page(member, meeting, form, refused.status)
    flash(_("Doorgegeven. U kunt dit tot en met de dag van de vergadering veranderen."), "ok")
    return redirect(url_for(".show", member_code=member.code, meeting_code=meeting.code), 303)


def _page(member: Member, meeting: Meeting, form: ComingForm, status: int) -> ResponseReturnValue:
    at, secret = queries.at_meeting(meeting, member), current_app.config["ALV"].secret_key
    code = written_code(door_code(secret, meeting.id, member.id))
    return page(
        "municipality/registering.html",
        status,
        member=member,
        meeting=meeting,
        at=at,
        form=form,
        may=why_not(meeting, member, actor()) is None,
        told=find_registration(meeting.id, member.id),
        answers=ANSWERS,
        code=code,
        qr=qr_code(code),
        received=[(p.member, written_code(door_code(secret, meeting.id, p.member_id))) for p in at.received],
        present=here_now(meeting.id).get(member.id),
    )
