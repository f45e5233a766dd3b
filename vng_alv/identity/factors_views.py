"""One's own second steps: passkeys, the code app and the codes on paper."""

import uuid

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pyotp import TOTP

from vng_alv.access import actor, requires, session_here
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_person, has_factor, passkeys_of
from vng_alv.accounts.service import begin_after_reading
from vng_alv.domain.permissions import Permission, SignedIn
from vng_alv.errors import Refused
from vng_alv.identity import factors, passkeys, recovery_codes
from vng_alv.identity.entering import device_name, party
from vng_alv.identity.forms import AppForm, NewPasskeyForm
from vng_alv.identity.recovery_codes import NewCodes
from vng_alv.members.queries import get_association
from vng_alv.web import own_path, page, qr_code, reads_first

blueprint = Blueprint("factors", __name__, url_prefix="/account")


def _me() -> Person:
    return get_person(actor().id)


def _here() -> SignedIn:
    here = session_here()
    assert here is not None  # noqa: S101  behind the gate
    return here


def _next() -> str:
    return own_path(request.values.get("next"), "")


def _codes_with_the_first(had: bool) -> NewCodes | None:
    """Recovery codes for who had no second step yet, made before the transaction that writes, which begins here."""
    codes = None if had else recovery_codes.make(actor().id, party().secret)
    begin_after_reading()
    return codes


def _on(had: bool, words: str) -> ResponseReturnValue:
    """After something was added: with the first one come codes to write down."""
    if not had:
        return redirect(url_for(".codes", next=_next() or None), 303)
    flash(words, "ok")
    return redirect(_next() or url_for(".index"), 303)


@blueprint.get("/tweede-stap")
@requires(Permission.ACCOUNT)
def index() -> ResponseReturnValue:
    """The second steps of the person who is signed in; who has none is asked to make one."""
    me = _me()
    if not has_factor(me):
        form = NewPasskeyForm(next=_next())
        return page("identity/factors_first.html", form=form, needed=factors.needed(me), next=_next())
    found = passkeys_of(me.id)
    return page(
        "identity/factors.html",
        person=me,
        passkeys=found,
        left=recovery_codes.left(me.id),
        may_remove=len(found) + bool(me.totp_secret) > 1 or not factors.needed(me),
    )


# --- Passkeys


@blueprint.get("/tweede-stap/passkey")
@requires(Permission.ACCOUNT, fresh=True)
def new_passkey() -> ResponseReturnValue:
    """Make a passkey."""
    return page("identity/factors_passkey.html", form=NewPasskeyForm(name=device_name(), next=_next()))


@blueprint.post("/tweede-stap/passkey/vraag")
@requires(Permission.ACCOUNT, fresh=True)
@reads_first
def passkey_options() -> ResponseReturnValue:
    """What the browser needs to make a passkey, for the script."""
    options = passkeys.creation_options(_me(), party(), get_association().name)
    return Response(options, mimetype="application/json")


@blueprint.post("/tweede-stap/passkey")
@requires(Permission.ACCOUNT, fresh=True)
@reads_first
def add_passkey() -> ResponseReturnValue:
    """Keep the passkey that the browser made."""
    form, had = NewPasskeyForm(), has_factor(_me())
    if form.sent():
        codes = _codes_with_the_first(had)
        try:
            name = form.name.data or device_name()
            factors.add_passkey(actor().id, form.passkey.data or "", name, actor(), party(), codes=codes)
            sessions.show_factor(_here())
            return _on(had, _("De passkey is toegevoegd."))
        except Refused as refused:
            form.refuse(refused)
    form.passkey.data = ""
    return page("identity/factors_passkey.html", 422, form=form)


@blueprint.post("/tweede-stap/passkey/<uuid:passkey_id>/verwijderen")
@requires(Permission.ACCOUNT, fresh=True)
def remove_passkey(passkey_id: uuid.UUID) -> ResponseReturnValue:
    """Take a passkey away."""
    factors.remove_passkey(actor().id, passkey_id, _here())
    return _removed(_("De passkey is verwijderd. Op andere apparaten bent u uitgelogd."))


# --- The app


@blueprint.get("/tweede-stap/app")
@requires(Permission.ACCOUNT, fresh=True)
def new_app() -> ResponseReturnValue:
    """Show what an app needs."""
    return _app_page(AppForm(next=_next()))


@blueprint.post("/tweede-stap/app")
@requires(Permission.ACCOUNT, fresh=True)
@reads_first
def add_app() -> ResponseReturnValue:
    """Keep the app, if it shows the right code."""
    form, had = AppForm(), has_factor(_me())
    if form.sent():
        codes = _codes_with_the_first(had)
        try:
            factors.add_app(actor().id, form.code.data, _here(), party().secret, codes=codes)
            return _on(had, _("De app is gekoppeld."))
        except Refused as refused:
            form.refuse(refused)
    return _app_page(form, 422)


def _app_page(form: AppForm, status: int = 200) -> Response:
    me = _me()
    shared = factors.proposed_secret(me, _here(), party().secret)
    link = TOTP(shared).provisioning_uri(name=me.email, issuer_name=get_association().name)
    groups = " ".join(shared[at : at + 4] for at in range(0, len(shared), 4))
    return page(
        "identity/factors_app.html",
        status,
        form=form,
        link=link,
        groups=groups,
        qr=qr_code(link),
        first=not has_factor(me),
        needed=factors.needed(me),
    )


@blueprint.post("/tweede-stap/app/verwijderen")
@requires(Permission.ACCOUNT, fresh=True)
def remove_app() -> ResponseReturnValue:
    """Take the app away."""
    factors.remove_app(actor().id, _here())
    return _removed(_("De app is verwijderd. Op andere apparaten bent u uitgelogd."))


def _removed(words: str) -> ResponseReturnValue:
    flash(words, "ok")
    return redirect(url_for(".index"), 303)


# --- Codes on paper


@blueprint.get("/herstelcodes")
@requires(Permission.ACCOUNT, fresh=True)
def codes() -> ResponseReturnValue:
    """The recovery codes that were made just now, to print or write down."""
    found = recovery_codes.to_write_down(actor().id, party().secret)
    if not found:
        return redirect(_next() or url_for(".index"), 303)
    return page("identity/recovery_codes.html", codes=found, next=_next() or url_for("results.home"))


@blueprint.post("/herstelcodes")
@requires(Permission.ACCOUNT, fresh=True)
@reads_first
def new_codes() -> ResponseReturnValue:
    """Make new recovery codes; the earlier ones stop working."""
    codes = recovery_codes.make(actor().id, party().secret)
    begin_after_reading()
    factors.new_codes(actor().id, codes, actor())
    return redirect(url_for(".codes", next=url_for(".index")), 303)
