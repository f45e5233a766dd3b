"""Signing in and out: with a passkey, or with a password and then a second step."""

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import public, session_here
from vng_alv.accounts import service, sessions
from vng_alv.accounts.models import Entry
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.identity import factors, passkeys, pending, recovery_codes
from vng_alv.identity.entering import enter, party
from vng_alv.identity.forms import PasskeyForm, SecondStepForm, SignInForm
from vng_alv.identity.guessing import Guess
from vng_alv.web import page, reads_first, set_cookie

blueprint = Blueprint("identity", __name__)


@blueprint.route("/inloggen", methods=["GET", "POST"])
@public
@reads_first
def sign_in() -> ResponseReturnValue:
    """Sign in; who has no account and who mistyped the password read the same."""
    form = SignInForm(next=request.args.get("next"))
    if not form.sent():
        return page("identity/sign_in.html", 422 if form.errors else 200, form=form)
    guess = Guess(form.email.data)
    person = service.check_password(form.email.data, form.password.data)
    service.begin_after_reading()
    if person:
        return pending.enter_by_one_step(person, entry=Entry.PASSWORD, path=form.next.data)
    guess.failed()
    service.failed_sign_in(form.email.data)
    form.form_errors.append(
        _("Dit e-mailadres en wachtwoord horen niet bij elkaar. Kijk ze na en probeer het opnieuw.")
    )
    # 200 and not 422: the attempt itself is recorded, and the door commits what it answers with success.
    return page("identity/sign_in.html", form=form)


@blueprint.post("/inloggen/passkey/vraag")
@public
@reads_first
def passkey_options() -> ResponseReturnValue:
    """The question that a passkey of this site answers, for the script."""
    return Response(passkeys.request_options(party()), mimetype="application/json")


@blueprint.post("/inloggen/passkey")
@public
def sign_in_with_passkey() -> ResponseReturnValue:
    """Sign in with a passkey, which is both steps in one."""
    form = PasskeyForm()
    answer = form.passkey.data or ""
    owner = passkeys.owner(answer)
    guess = Guess("", f"passkey:{owner}")
    try:
        return enter(passkeys.show(answer, party()), entry=Entry.PASSKEY, factor=True, path=form.next.data)
    except Refused as refused:
        guess.failed()
        factors.refused(owner)
        again = SignInForm()
        again.refuse(refused)
        return page("identity/sign_in.html", form=again)  # 200: the attempt is recorded


@blueprint.route("/inloggen/tweede-stap", methods=["GET", "POST"])
@public
@reads_first
def second_step() -> ResponseReturnValue:
    """After the password: a code or a passkey, and only then a session."""
    held = pending.waiting()
    if held is None:
        flash(_("Log opnieuw in. Na de eerste stap heeft u tien minuten voor de tweede."), "info")
        return redirect(url_for("identity.sign_in"), 303)
    person, entry, path = held
    form = SecondStepForm()
    if not form.sent():
        status = 422 if form.errors else 200
        return page("identity/second_step.html", status, form=form, **factors.kinds(person))
    guess = Guess(person.email, f"factor:{person.id}")
    code, answer = form.code.data or "", form.passkey.data or ""
    code_hash = recovery_codes.hash_typed(person.id, code, party().secret)
    service.begin_after_reading()
    if factors.shown(person, code, answer, party(), code_hash=code_hash):
        return pending.forget(enter(person, entry=entry, factor=True, path=path))
    guess.failed()
    factors.refused(person.id)
    form.refuse(Refused(Refusal.PASSKEY_REFUSED if answer else Refusal.CODE_REFUSED))
    form.passkey.data = form.code.data = ""
    return page("identity/second_step.html", form=form, **factors.kinds(person))  # 200: the attempt is recorded


@blueprint.post("/uitloggen")
@public
def sign_out() -> ResponseReturnValue:
    """End the session of this browser."""
    if here := session_here():
        sessions.end(here.session_id, here.actor.id, here.actor)
    flash(_("U bent uitgelogd."), "ok")
    answer = make_response(redirect(url_for("results.home"), 303))
    set_cookie(answer, "alv", "", max_age=0)
    # Not "cookies": the language stays, and so does what this browser is known by.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
