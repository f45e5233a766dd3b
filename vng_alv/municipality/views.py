"""A municipality's own pages: its people, their offices, and who votes for it.

Whoever may only look gets no forms; whether an act is allowed is decided where it is done (``meetings``).
"""

import uuid

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.accounts.queries import get_person
from vng_alv.domain.clock import day_of
from vng_alv.domain.mandates import MANDATE_OFFICES, Standing, may_look, may_manage_people, may_name
from vng_alv.domain.permissions import Permission
from vng_alv.domain.weight_words import explanation
from vng_alv.errors import Missing, Refused
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.offices import ask_in, end_office, set_office
from vng_alv.meetings.queries import get_meeting
from vng_alv.meetings.registering import registered_for
from vng_alv.members.forms import OFFICES
from vng_alv.members.models import Member, Office
from vng_alv.members.queries import (
    find_office,
    get_association,
    get_member,
    members_on,
    offices_at,
    offices_of,
    standing_at,
)
from vng_alv.municipality import queries
from vng_alv.municipality.forms import ColleagueForm, HolderForm, OfficeForm, ProxyForm
from vng_alv.voting.preparing_queries import progress
from vng_alv.web import UNSAFE, locale, page, uuid_or_missing

blueprint = Blueprint("municipality", __name__, url_prefix="/gemeente")


def here(member_code: str) -> tuple[Member, Standing]:
    """A member that this person may look at. Raises ``Missing``: others do not learn that there is anything here."""
    member = get_member(member_code)
    standing = standing_at(actor(), member.id)
    if not may_look(standing):
        raise Missing("member")
    return member, standing


def _rights(standing: Standing) -> dict[str, bool]:
    """What the page offers."""
    return {
        "names": may_name(standing),
        "manages": may_manage_people(standing),
        "helps": standing.office is None,
        "proxies": get_association().proxies_per_member > 0,
    }


@blueprint.get("")
@requires(Permission.MEMBER)
def index() -> ResponseReturnValue:
    """To the member that one works for; a choice, when there are several."""
    offices = offices_of(actor().id)
    if len(offices) == 1:
        return redirect(url_for("municipality.show", member_code=offices[0].member.code), 303)
    return page("municipality/index.html", offices=offices, words=OFFICES)


@blueprint.get("/<member_code>")
@requires(Permission.MEMBER)
def show(member_code: str) -> ResponseReturnValue:
    """The votes of a member, its people, its delegates and what is asked of it."""
    member, standing = here(member_code)
    now, rule = db.now(), get_association().weight_rule
    at_meetings = queries.at_meetings(member, now)
    return page(
        "municipality/show.html",
        member=member,
        votes=member.votes(rule),
        why=explanation(member.population, rule, member.fixed_votes, locale()),
        people=queries.people_of(member.id),
        at_meetings=at_meetings,
        prepared=progress([at.meeting.id for at in at_meetings], member.id, actor().id) if standing.office else {},
        registered=registered_for([at.meeting.id for at in at_meetings], [member.id]),
        to_react=queries.to_react(member.id, now),
        to_vote=queries.to_vote(member.id, now),
        words=OFFICES,
        **_rights(standing),
    )


# --- People


@blueprint.route("/<member_code>/collega", methods=["GET", "POST"])
@requires(Permission.MEMBER)
def invite(member_code: str) -> ResponseReturnValue:
    """Ask a colleague in."""
    member, standing = here(member_code)
    form = ColleagueForm()
    if form.sent():
        try:
            ask_in(form.colleague(), member, current_app.config["ALV"].secret_key, actor())
        except Refused as refused:
            form.refuse(refused)
        else:
            # Whether there was an account already is not told.
            flash(_("Gedaan. Er gaat een mail naar %(email)s.", email=form.email.data), "ok")
            return redirect(url_for("municipality.show", member_code=member.code, _anchor="personen"), 303)
    status = 422 if request.method in UNSAFE else 200
    return page("municipality/invite.html", status, member=member, form=form, **_rights(standing))


def _office(member: Member, person_id: uuid.UUID) -> Office:
    office = find_office(person_id, member.id)
    if office is None:
        raise Missing("office")
    return office


@blueprint.route("/<member_code>/personen/<uuid:person_id>", methods=["GET", "POST"])
@requires(Permission.MEMBER)
def office(member_code: str, person_id: uuid.UUID) -> ResponseReturnValue:
    """Give somebody another office."""
    member, standing = here(member_code)
    found = _office(member, person_id)
    form = OfficeForm(data={"office": found.kind.value})
    if form.sent():
        try:
            set_office(found.person, member, form.kind(), actor())
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(_("%(name)s is nu %(office)s.", name=found.person.name, office=OFFICES[form.kind()]), "ok")
            return redirect(url_for("municipality.show", member_code=member.code, _anchor="personen"), 303)
    status = 422 if request.method in UNSAFE else 200
    return page(
        "municipality/office.html", status, member=member, office=found, form=form, words=OFFICES, **_rights(standing)
    )


@blueprint.post("/<member_code>/personen/<uuid:person_id>/einde")
@requires(Permission.MEMBER)
def leave(member_code: str, person_id: uuid.UUID) -> ResponseReturnValue:
    """End somebody's office."""
    member, _standing = here(member_code)
    person = get_person(person_id)
    end_office(person, member, actor())
    flash(_("%(name)s heeft geen functie meer bij %(member)s.", name=person.name, member=member.name), "ok")
    return redirect(url_for("municipality.show", member_code=member.code, _anchor="personen"), 303)


# --- The mandate and the proxy


@blueprint.route("/<member_code>/stemkaart/<meeting_code>", methods=["GET", "POST"])
@requires(Permission.MEMBER)
def mandate(member_code: str, meeting_code: str) -> ResponseReturnValue:
    """Who votes for a member at a meeting, who did, and naming the next one."""
    (member, standing), meeting = here(member_code), get_meeting(meeting_code)
    form = _holder_form(member, meeting)
    if not form.sent():
        return _mandate(member, meeting, standing, form, 422 if request.method in UNSAFE else 200)
    person = get_person(uuid_or_missing(form.person.data))
    try:
        meetings.give_mandate(meeting, member, person, actor())
    except Refused as refused:
        form.refuse(refused)
        return _mandate(member, meeting, standing, form, refused.status)
    flash(_("%(name)s stemt nu namens %(member)s.", name=person.name, member=member.name), "ok")
    return _back(member, meeting)


def _holder_form(member: Member, meeting: Meeting) -> HolderForm:
    able = [o for o in offices_at(member.id) if o.kind in MANDATE_OFFICES and o.person.active]
    held = next((m for m in queries.at_meeting(meeting, member).history if m.until is None), None)
    return HolderForm(able, data={"person": str(held.person_id) if held else None})


def _mandate(
    member: Member,
    meeting: Meeting,
    standing: Standing,
    form: HolderForm,
    status: int = 200,
    proxy_form: ProxyForm | None = None,
) -> ResponseReturnValue:
    return page(
        "municipality/mandate.html",
        status,
        member=member,
        at=queries.at_meeting(meeting, member),
        form=form,
        proxy_form=proxy_form or _proxy_form(member, meeting),
        **_rights(standing),
    )


def _proxy_form(member: Member, meeting: Meeting) -> ProxyForm:
    return ProxyForm([m for m in members_on(day_of(meeting.starts_at)) if m.id != member.id])


def _back(member: Member, meeting: Meeting) -> ResponseReturnValue:
    return redirect(url_for("municipality.mandate", member_code=member.code, meeting_code=meeting.code), 303)


@blueprint.post("/<member_code>/stemkaart/<meeting_code>/terug")
@requires(Permission.MEMBER)
def take_back(member_code: str, meeting_code: str) -> ResponseReturnValue:
    """Nobody votes for the member from now on."""
    (member, _standing), meeting = here(member_code), get_meeting(meeting_code)
    meetings.take_back(meeting, member, actor())
    flash(_("De stemkaart is teruggenomen. Niemand stemt nu namens %(member)s.", member=member.name), "ok")
    return _back(member, meeting)


@blueprint.post("/<member_code>/stemkaart/<meeting_code>/volmacht")
@requires(Permission.MEMBER)
def give_proxy(member_code: str, meeting_code: str) -> ResponseReturnValue:
    """Let another member vote for this one."""
    (member, standing), meeting = here(member_code), get_meeting(meeting_code)
    form = _proxy_form(member, meeting)
    if not form.sent():
        return _mandate(member, meeting, standing, _holder_form(member, meeting), 422, form)
    receiver = get_member(form.receiver.data)
    try:
        meetings.give_proxy(meeting, member, receiver, actor())
    except Refused as refused:
        form.refuse(refused)
        return _mandate(member, meeting, standing, _holder_form(member, meeting), refused.status, form)
    flash(_("%(receiver)s stemt nu ook voor %(member)s.", receiver=receiver.name, member=member.name), "ok")
    return _back(member, meeting)


@blueprint.post("/<member_code>/stemkaart/<meeting_code>/volmacht/terug")
@requires(Permission.MEMBER)
def take_proxy_back(member_code: str, meeting_code: str) -> ResponseReturnValue:
    """The member votes for itself again."""
    (member, _standing), meeting = here(member_code), get_meeting(meeting_code)
    meetings.take_proxy_back(meeting, member, actor())
    flash(_("De volmacht is teruggenomen. Kies nu wie er namens %(member)s stemt.", member=member.name), "ok")
    return _back(member, meeting)
