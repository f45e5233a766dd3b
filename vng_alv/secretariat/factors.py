"""Pages on which two people of the secretariat take a lost second step away."""

import uuid

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from vng_alv.access import actor, requires
from vng_alv.accounts.queries import get_person, has_factor
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Refused
from vng_alv.members.forms import tidy
from vng_alv.secretariat import queries, resets
from vng_alv.web import UNSAFE, BaseForm, page

blueprint = Blueprint("secretariat_factors", __name__, url_prefix="/secretariaat")


class AskForm(BaseForm):
    """Why a second step is taken away, and how it is known who asks."""

    reason = TextAreaField(
        lazy_gettext("Wat is er aan de hand, en hoe weet u wie dit is?"),
        [DataRequired(lazy_gettext("Schrijf op wat er is.")), Length(max=500)],
        filters=[tidy],
        description=lazy_gettext(
            "Bijvoorbeeld: telefoon kwijt; ik heb haar legitimatie gezien. Dit komt in het logboek."
        ),
    )


@blueprint.get("/tweede-stap")
@requires(Permission.RESET_FACTORS)
def index() -> ResponseReturnValue:
    """What waits for a second person."""
    found = resets.waiting()
    names = queries.names_of_people([key for reset in found for key in (reset.person_id, reset.asked_by)])
    return page("secretariat/factor_resets.html", resets=found, names=names, me=actor().id)


@blueprint.route("/personen/<uuid:person_id>/tweede-stap", methods=["GET", "POST"])
@requires(Permission.RESET_FACTORS, fresh=True)
def ask(person_id: uuid.UUID) -> ResponseReturnValue:
    """Ask to take somebody's second step away."""
    person, form = get_person(person_id), AskForm()
    if form.sent():
        try:
            resets.ask(person, form.reason.data, actor())
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(_("Het verzoek staat klaar. Vraag nu een collega om het te bevestigen."), "ok")
            return redirect(url_for(".index"), 303)
    status = 422 if request.method in UNSAFE else 200
    return page("secretariat/factor_ask.html", status, form=form, person=person, has_factor=has_factor(person))


@blueprint.post("/tweede-stap/<uuid:reset_id>/bevestigen")
@requires(Permission.RESET_FACTORS, fresh=True)
def confirm(reset_id: uuid.UUID) -> ResponseReturnValue:
    """Be the second person."""
    person = resets.confirm(reset_id, actor(), current_app.config["ALV"].secret_key)
    flash(
        _("%(name)s is overal uitgelogd en krijgt nu een link op %(email)s.", name=person.name, email=person.email),
        "ok",
    )
    return redirect(url_for(".index"), 303)


@blueprint.post("/tweede-stap/<uuid:reset_id>/intrekken")
@requires(Permission.RESET_FACTORS)
def withdraw(reset_id: uuid.UUID) -> ResponseReturnValue:
    """Leave it as it is."""
    resets.withdraw(reset_id, actor())
    flash(_("Het verzoek is ingetrokken. Er is niets gewijzigd."), "ok")
    return redirect(url_for(".index"), 303)
