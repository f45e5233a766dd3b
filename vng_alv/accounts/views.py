"""Signing in and out, and accepting an invitation."""

from flask import Blueprint, Response, abort, current_app, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import limits
from vng_alv.access import public, signed_in
from vng_alv.accounts import service
from vng_alv.accounts.forms import AcceptForm, SignInForm
from vng_alv.accounts.models import Person
from vng_alv.errors import Refused
from vng_alv.web import cookie_name, own_path, page, reads_first, set_cookie

blueprint = Blueprint("accounts", __name__)


@blueprint.route("/inloggen", methods=["GET", "POST"])
@public
@reads_first
def sign_in() -> ResponseReturnValue:
    """Sign in; who has no account and who mistyped the password read the same."""
    form = SignInForm(next=request.args.get("next"))
    if not form.sent():
        return page("accounts/sign_in.html", 422 if form.errors else 200, form=form)
    address = request.remote_addr or ""
    if limits.exhausted(address, form.email.data):
        abort(429)
    person = service.check_password(form.email.data, form.password.data)
    service.begin_after_reading()
    if person:
        return _enter(person, form.next.data)
    limits.failed(address, form.email.data)
    service.failed_sign_in(form.email.data)
    form.form_errors.append(
        _("Dit e-mailadres en wachtwoord horen niet bij elkaar. Kijk ze na en probeer het opnieuw.")
    )
    # 200 and not 422: the attempt itself is recorded, and the door commits what it answers with success.
    return page("accounts/sign_in.html", form=form)


def _enter(person: Person, path: str | None) -> Response:
    """Start a session in this browser, in the place of the one that it may have."""
    before, old = signed_in(), request.cookies.get(cookie_name("alv"))
    if before and old:
        service.end_session(old, before)
    hours = current_app.config["ALV"].session_hours
    token = service.start_session(person, hours=hours, device=request.user_agent.string)
    answer = make_response(redirect(own_path(path, url_for("results.home")), 303))
    set_cookie(answer, "alv", token, max_age=hours * 3600)
    return answer


@blueprint.post("/uitloggen")
@public
def sign_out() -> ResponseReturnValue:
    """End the session of this browser."""
    token, person = request.cookies.get(cookie_name("alv")), signed_in()
    if token and person:
        service.end_session(token, person)
    flash(_("U bent uitgelogd."), "ok")
    answer = make_response(redirect(url_for("results.home"), 303))
    set_cookie(answer, "alv", "", max_age=0)
    return answer


@blueprint.route("/uitnodiging/<token>", methods=["GET", "POST"])
@public
@reads_first
def accept(token: str) -> ResponseReturnValue:
    """Choose a password with the link of an invitation, and be signed in at once."""
    try:
        person = service.usable_invitation(token).person
        form = AcceptForm(person.email)
        if form.sent():
            password_hash = service.hash_password(form.password.data)
            service.begin_after_reading()
            answer = _enter(service.accept(token, password_hash), None)
            flash(_("Uw wachtwoord is opgeslagen en u bent ingelogd."), "ok")
            return answer
    except Refused:
        return page("accounts/expired.html", 410)
    return page("accounts/accept.html", 422 if form.errors else 200, form=form, person=person)
