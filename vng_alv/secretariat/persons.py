"""One person: what there is of them, their roles, and putting their account out of use."""

import uuid

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import actor, requires
from vng_alv.accounts import queries, service, sessions
from vng_alv.accounts.models import Person
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Refused
from vng_alv.identity import personal_data
from vng_alv.meetings.offices import put_out_of_use
from vng_alv.members.forms import OFFICES
from vng_alv.members.queries import offices_of
from vng_alv.secretariat import service as secretariat
from vng_alv.secretariat.forms import ROLES, RolesForm
from vng_alv.web import BaseForm, page

blueprint = Blueprint("persons", __name__, url_prefix="/secretariaat/personen/<uuid:person_id>")


def _back(person: Person) -> ResponseReturnValue:
    return redirect(url_for("persons.show", person_id=person.id), 303)


def _page(person: Person, form: RolesForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "secretariat/person.html",
        status,
        person=person,
        form=form,
        offices=offices_of(person.id),
        sessions=sessions.of_person(person.id),
        has_factor=queries.has_factor(person),
        words={"offices": OFFICES, "roles": ROLES},
    )


@blueprint.get("")
@requires(Permission.READ_PEOPLE)
def show(person_id: uuid.UUID) -> ResponseReturnValue:
    """Their address, offices, roles and sessions."""
    person = queries.get_person(person_id)
    has = [row.role.value for row in person.roles]
    return _page(person, RolesForm(roles=has, shown=" ".join(has)))


@blueprint.post("/rollen")
@requires(Permission.GRANT_ROLES, fresh=True)
def change_roles(person_id: uuid.UUID) -> ResponseReturnValue:
    """Give and take roles; every session of the person ends."""
    person, form = queries.get_person(person_id), RolesForm()
    if not form.sent():
        return _page(person, form, 422)
    try:
        changed = secretariat.change_roles(person, form.give(), form.take(), actor())
    except Refused as refused:
        form.refuse(refused)
        return _page(person, form, 422)
    if changed:
        flash(_("De rollen van %(name)s zijn gewijzigd. Deze persoon logt opnieuw in.", name=person.name), "ok")
    else:
        flash(_("%(name)s heeft deze rollen al. Er is niets gewijzigd.", name=person.name), "info")
    return _back(person)


@blueprint.post("/uitzetten")
@requires(Permission.MANAGE_PEOPLE)
def disable(person_id: uuid.UUID) -> ResponseReturnValue:
    """Put the account out of use; every session ends at once, and so do the mandates that the person holds."""
    person = queries.get_person(person_id)
    put_out_of_use(person, actor())
    flash(_("Het account van %(name)s is uitgezet, en overal uitgelogd.", name=person.name), "ok")
    return _back(person)


@blueprint.post("/aanzetten")
@requires(Permission.MANAGE_PEOPLE)
def enable(person_id: uuid.UUID) -> ResponseReturnValue:
    """Put the account in use again."""
    person = queries.get_person(person_id)
    service.set_active(person, True, actor())
    flash(_("%(name)s kan weer inloggen.", name=person.name), "ok")
    return _back(person)


@blueprint.post("/uitloggen")
@requires(Permission.MANAGE_PEOPLE)
def end_sessions(person_id: uuid.UUID) -> ResponseReturnValue:
    """Sign the person out everywhere."""
    person = queries.get_person(person_id)
    sessions.end_all_of(person, actor())
    flash(_("%(name)s is overal uitgelogd.", name=person.name), "ok")
    return _back(person)


@blueprint.route("/wissen", methods=["GET", "POST"])
@requires(Permission.ERASE_PEOPLE, fresh=True)
def erase(person_id: uuid.UUID) -> ResponseReturnValue:
    """Take out what is personal, after a page that says what stays."""
    person = queries.get_person(person_id)
    form = BaseForm()
    if not form.sent():
        return page("secretariat/person_erase.html", 422 if form.errors else 200, form=form, person=person)
    try:
        personal_data.erase(person, actor())
    except Refused as refused:
        form.refuse(refused)
        return page("secretariat/person_erase.html", 422, form=form, person=person)
    flash(_("De persoonsgegevens zijn gewist."), "ok")
    return _back(person)
