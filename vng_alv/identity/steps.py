"""Asking for a second step, and for a fresh one before acts of weight: what was typed is kept and done afterwards."""

import dataclasses
import math
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv import db
from vng_alv.access import StepMissing, actor, requires, session_here
from vng_alv.accounts import sessions
from vng_alv.accounts.queries import get_person
from vng_alv.domain.permissions import Permission, Step
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.identity import factors, recovery_codes
from vng_alv.identity.entering import party
from vng_alv.identity.forms import ConfirmForm
from vng_alv.identity.guessing import Guess
from vng_alv.limits import TooMany
from vng_alv.refusals import sentence
from vng_alv.web import own_path, page

blueprint = Blueprint("steps", __name__)

#: The fields that carry the step, beside the fields of the form that asked for it.
CODE, PASSKEY = "stap_code", "stap_passkey"
_OURS = {CODE, PASSKEY, "csrf_token"}


def verify() -> ResponseReturnValue | None:
    """Before the gate: if a form carries a second step, take it, so that the gate and the view find it shown.

    In a transaction of its own: what was used stays used, and what was wrong is kept, whatever the view does.
    """
    code, answer = request.form.get(CODE, "").strip(), request.form.get(PASSKEY, "")
    here = session_here() if code or answer else None
    if here is None or not here.has_factor:
        return None
    try:
        with db.transaction(write=False):
            guess = Guess(get_person(here.actor.id).email, f"factor:{here.actor.id}")
            code_hash = recovery_codes.hash_typed(here.actor.id, code, party().secret)
    except TooMany as error:
        minutes = math.ceil(error.seconds / 60)
        return _ask(
            ngettext(
                "Er zijn te veel codes geprobeerd. Probeer het over %(num)s minuut nog eens.",
                "Er zijn te veel codes geprobeerd. Probeer het over %(num)s minuten nog eens.",
                minutes,
            ),
            429,
        )
    with db.transaction():
        shown = factors.shown(get_person(here.actor.id), code, answer, party(), code_hash=code_hash)
        if shown:
            sessions.show_factor(here)
            shown_at = db.now()
        else:
            factors.refused(here.actor.id)
    if not shown:
        guess.failed()
        return _ask(sentence(Refused(Refusal.PASSKEY_REFUSED if answer else Refusal.CODE_REFUSED)), 422)
    g.alv_session = dataclasses.replace(here, factor_at=shown_at)
    return None


@blueprint.app_errorhandler(StepMissing)
def step_missing(missing: StepMissing) -> ResponseReturnValue:
    """Ask for the step that is missing; a page is opened afterwards, a form is sent again with all that was in it."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else urlsplit(request.referrer or "").path
    if missing.step is Step.ENROL:
        return redirect(url_for("factors.index", next=own_path(wanted, "") or None), 303)
    if request.method == "GET":
        return redirect(url_for("steps.confirm", next=wanted), 303)
    return _ask(_("Vul de code in.") if CODE in request.form else "", 403)


def _ask(problem: str, status: int) -> Response:
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _OURS]
    files = any(file.filename for file in request.files.values())
    return _page(request.full_path.rstrip("?"), status, problem=problem, fields=fields, files=files)


def _page(
    target: str, status: int, *, problem: str = "", fields: Sequence[tuple[str, str]] = (), files: bool = False
) -> Response:
    form = ConfirmForm()
    if problem:
        form.form_errors.append(problem)
    kinds = factors.kinds(get_person(actor().id))
    return page("identity/confirm.html", status, form=form, target=target, fields=fields, files=files, **kinds)


def _has_factor() -> bool:
    here = session_here()
    return here is not None and here.has_factor


@blueprint.get("/bevestigen")
@requires(Permission.ACCOUNT)
def confirm() -> ResponseReturnValue:
    """Ask for a second step before a page that needs one."""
    if not _has_factor():
        return redirect(url_for("factors.index"), 303)
    target = url_for("steps.confirmed", next=own_path(request.args.get("next"), url_for("results.home")))
    return _page(target, 200)


@blueprint.post("/bevestigen")
@requires(Permission.ACCOUNT, fresh=True)
def confirmed() -> ResponseReturnValue:
    """On to the page; the step itself came with the form and was taken before."""
    flash(_("Dank u, %(name)s. U kunt verder.", name=actor().name), "ok")
    return redirect(own_path(request.args.get("next"), url_for("results.home")), 303)
