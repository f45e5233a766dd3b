"""Accepting an invitation: a passkey, or a password and then a second step, in one flow."""

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import public, session_here
from vng_alv.accounts import service
from vng_alv.accounts.models import Entry, Person
from vng_alv.accounts.queries import find_invitation, has_factor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.identity import factors, passkeys, pending, recovery_codes
from vng_alv.identity.entering import device_name, enter, party
from vng_alv.identity.forms import AcceptForm, PasskeyForm
from vng_alv.members.queries import get_association
from vng_alv.web import page, reads_first

blueprint = Blueprint("joining", __name__, url_prefix="/uitnodiging")


def _over(token: str) -> ResponseReturnValue:
    """A link that no longer works; whoever just used it in this browser simply goes on."""
    found, here = find_invitation(token), session_here()
    if found and found.accepted_at and here and here.actor.id == found.person_id:
        return redirect(url_for("results.home") if here.has_factor else url_for("factors.index"), 303)
    return page("identity/expired.html", 410)


def _choose(person: Person, token: str, form: AcceptForm, status: int) -> Response:
    return page("identity/accept.html", status, form=form, person=person, token=token, again=has_factor(person))


@blueprint.route("/<token>", methods=["GET", "POST"])
@public
@reads_first
def accept(token: str) -> ResponseReturnValue:
    """Choose a password (or, on this same page, a passkey); a second step comes next."""
    try:
        person = service.usable_invitation(token).person
        form = AcceptForm(person)
        if form.sent():
            password_hash = service.hash_password(form.password.data)
            service.begin_after_reading()
            person = service.accept(token, password_hash)
            flash(_("Uw wachtwoord is bewaard."), "ok")
            path = url_for("results.home" if has_factor(person) else "factors.new_app")
            return pending.enter_by_one_step(person, entry=Entry.INVITATION, path=path)
    except Refused:
        return _over(token)
    return _choose(person, token, form, 422 if form.errors else 200)


@blueprint.post("/<token>/passkey/vraag")
@public
@reads_first
def passkey_options(token: str) -> ResponseReturnValue:
    """What the browser needs to make a passkey, for the script."""
    person = _without_factor(service.usable_invitation(token).person)
    options = passkeys.creation_options(person, party(), get_association().name)
    return Response(options, mimetype="application/json")


@blueprint.post("/<token>/passkey")
@public
@reads_first
def accept_with_passkey(token: str) -> ResponseReturnValue:
    """Make a passkey, which needs no password, and be signed in at once."""
    try:
        codes = recovery_codes.make(service.usable_invitation(token).person_id, party().secret)
        service.begin_after_reading()
        person = service.accept(token, None)
    except Refused:
        return _over(token)
    try:
        answer = PasskeyForm().passkey.data or ""
        factors.add_passkey(_without_factor(person).id, answer, device_name(), None, party(), codes=codes)
    except Refused as refused:
        form = AcceptForm(person)
        form.refuse(refused)
        return _choose(person, token, form, 422)
    return enter(person, entry=Entry.INVITATION, factor=True, path=url_for("factors.codes"))


def _without_factor(person: Person) -> Person:
    """A mail alone never adds to the second steps that somebody has. Raises ``Refused(NOT_ALLOWED)``."""
    if has_factor(person):
        raise Refused(Refusal.NOT_ALLOWED)
    return person
