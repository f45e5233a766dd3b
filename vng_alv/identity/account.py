"""One's own account: sessions, password, address, log, and what is known of oneself."""

import uuid

from flask import Blueprint, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import limits
from vng_alv.access import actor, requires, session_here
from vng_alv.accounts import queries, service, sessions
from vng_alv.audit import queries as audit
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Missing
from vng_alv.identity import addresses, personal_data
from vng_alv.identity.account_forms import ChangePasswordForm, NewAddressForm
from vng_alv.identity.guessing import Guess
from vng_alv.members.forms import OFFICES
from vng_alv.members.queries import offices_of
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.web import Page, json_answer, page, page_number, reads_first

blueprint = Blueprint("account", __name__, url_prefix="/account")

SIZE = 50


def _session_here() -> uuid.UUID:
    here = session_here()
    if here is None:  # the gate let nobody else in
        raise Missing("session")
    return here.session_id


@blueprint.get("")
@requires(Permission.ACCOUNT)
def index() -> ResponseReturnValue:
    """Who one is here, and where one is signed in."""
    me = actor()
    works = "; ".join(f"{OFFICES[office.kind]}, {office.member.name}" for office in offices_of(me.id))
    return page(
        "identity/account.html",
        person=queries.get_person(me.id),
        works=works,
        roles=", ".join(str(current_app.jinja_env.globals["role_words"][role]) for role in sorted(me.roles)),  # type: ignore[index]
        sessions=sessions.of_person(me.id),
        here=session_here(),
    )


@blueprint.route("/wachtwoord", methods=["GET", "POST"])
@requires(Permission.ACCOUNT, fresh=True)
@reads_first
def password() -> ResponseReturnValue:
    """Choose another password; every other session ends."""
    person = queries.get_person(actor().id)
    form = ChangePasswordForm(person)
    if person.password_hash is None:
        del form.current
    if not form.sent():
        return page("identity/account_password.html", 422 if form.errors else 200, form=form)
    if form.current:
        guess = Guess(person.email)
        if service.check_password(person.email, form.current.data) is None:
            guess.failed()
            service.begin_after_reading()
            service.failed_sign_in(person.email)
            form.form_errors.append(_("Dit is niet uw wachtwoord van nu. Er is niets gewijzigd."))
            # 200 and not 422: the attempt itself is recorded.
            return page("identity/account_password.html", form=form)
    password_hash = service.hash_password(form.password.data)
    service.begin_after_reading()
    person = queries.get_person(actor().id)
    service.keep_password(person, password_hash, actor(), keep=_session_here())
    notify(NoticeKind.SIGN_IN_CHANGED, [person.id], what="password")
    flash(_("Uw nieuwe wachtwoord is bewaard. Op andere apparaten bent u uitgelogd."), "ok")
    return redirect(url_for("account.index"), 303)


@blueprint.route("/adres", methods=["GET", "POST"])
@requires(Permission.ACCOUNT, fresh=True)
def address() -> ResponseReturnValue:
    """Ask for another address; mails go to both. The answer is the same when somebody else has it."""
    person = queries.get_person(actor().id)
    form = NewAddressForm(person.email)
    if not form.sent():
        return page("identity/address.html", 422 if form.errors else 200, form=form, person=person)
    limits.spend("mail", str(person.id))
    addresses.ask(person, form.email.data, actor(), current_app.config["ALV"].secret_key)
    flash(_("Er gaan twee mails uit. Uw adres verandert als u ze binnen 24 uur beide bevestigt."), "ok")
    return redirect(url_for("account.index"), 303)


@blueprint.post("/sessies/<uuid:session_id>/einde")
@requires(Permission.ACCOUNT)
def end_session(session_id: uuid.UUID) -> ResponseReturnValue:
    """Sign out one browser of one's own."""
    if not sessions.end(session_id, actor().id, actor()):
        raise Missing("session")
    flash(_("Dat apparaat is uitgelogd."), "ok")
    return redirect(url_for("account.index", _anchor="sessies"), 303)


@blueprint.post("/sessies/einde")
@requires(Permission.ACCOUNT)
def end_others() -> ResponseReturnValue:
    """Sign out every browser but this one."""
    sessions.end_others(actor(), _session_here())
    flash(_("Alle andere apparaten zijn uitgelogd."), "ok")
    return redirect(url_for("account.index", _anchor="sessies"), 303)


@blueprint.get("/logboek")
@requires(Permission.ACCOUNT)
def log() -> ResponseReturnValue:
    """What one did, and what was done to one's account."""
    number = page_number()
    found = Page(audit.entries_of(actor().id, page=number, size=SIZE), number, SIZE)
    return page("identity/account_log.html", entries=found, me=actor().id)


@blueprint.get("/gegevens")
@requires(Permission.ACCOUNT, fresh=True)
def data() -> ResponseReturnValue:
    """Everything that is known of oneself, as a file."""
    answer = json_answer(personal_data.collect(actor().id))
    answer.headers["Content-Disposition"] = 'attachment; filename="mijn-gegevens.json"'
    return answer
