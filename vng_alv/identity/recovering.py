"""A forgotten password, and the two links that make another address count."""

from flask import Blueprint, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import limits
from vng_alv.access import public, session_here
from vng_alv.accounts import links, service
from vng_alv.accounts.models import MailLinkKind
from vng_alv.errors import Refused
from vng_alv.identity import addresses, passwords
from vng_alv.identity.account_forms import AddressForm
from vng_alv.identity.entering import recognise_from_now
from vng_alv.identity.forms import AcceptForm
from vng_alv.web import page, reads_first

blueprint = Blueprint("recovering", __name__)


def _address() -> str:
    return request.remote_addr or ""


@blueprint.route("/wachtwoord-vergeten", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    """Ask for a link to a new password; the answer and the work for it are the same whoever has the address."""
    form = AddressForm()
    if not form.sent():
        return page("identity/forgotten.html", 422 if form.errors else 200, form=form)
    limits.spend("password", _address())
    passwords.ask(form.email.data)
    return redirect(url_for("recovering.asked"), 303)


@blueprint.get("/wachtwoord-vergeten/gevraagd")
@public
def asked() -> ResponseReturnValue:
    """What happens next."""
    return page("identity/forgotten_asked.html")


@blueprint.route("/wachtwoord/<token>", methods=["GET", "POST"])
@public
@reads_first
def reset(token: str) -> ResponseReturnValue:
    """Choose a new password with the link of a mail. Signing in comes after it, with the second step as ever."""
    try:
        _link, person = links.usable(token, MailLinkKind.RESET_PASSWORD)
        form = AcceptForm(person)
        if form.sent():
            password_hash = service.hash_password(form.password.data)
            service.begin_after_reading()
            person = passwords.choose(token, password_hash)
            flash(_("Uw nieuwe wachtwoord is bewaard. Log ermee in."), "ok")
            # Whoever reads the mail of the account is its owner: guesses from elsewhere do not keep this browser out.
            return recognise_from_now(make_response(redirect(url_for("identity.sign_in"), 303)), person)
    except Refused:
        limits.spend("link", _address())
        return page("identity/reset_expired.html", 410)
    return page("identity/reset.html", 422 if form.errors else 200, form=form, person=person)


@blueprint.route("/adres/<token>", methods=["GET", "POST"])
@public
def confirm_address(token: str) -> ResponseReturnValue:
    """Say yes to another address, for the one that is left or the one that is taken."""
    try:
        link, _person = links.usable(token, *addresses.KINDS)
    except Refused:
        limits.spend("link", _address())
        return page("identity/address_expired.html", 410)
    if request.method == "GET":
        return page("identity/address_confirm.html", link=link)
    here = session_here()
    own = here.session_id if here and here.actor.id == link.person_id else None
    done = addresses.confirm(token, own)
    return redirect(url_for("recovering.confirmed", klaar=1 if done else None), 303)


@blueprint.get("/adres-bevestigd")
@public
def confirmed() -> ResponseReturnValue:
    """Whether the new address counts now, or waits for the other one."""
    return page("identity/address_confirmed.html", done="klaar" in request.args)
