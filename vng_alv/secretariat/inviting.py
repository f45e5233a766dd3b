"""Inviting many people at once, and reminding those who did not accept."""

import uuid
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext, ngettext

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.clock import day_of
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Refused
from vng_alv.meetings.offices import Done
from vng_alv.members.files import register_file
from vng_alv.members.forms import FAULTS, OFFICES, ImportForm
from vng_alv.members.importing import Fault
from vng_alv.members.queries import get_people_import, members_on
from vng_alv.secretariat import people_import, queries
from vng_alv.secretariat.chasing_views import RemindForm
from vng_alv.secretariat.people_import import Effect
from vng_alv.secretariat.reminding import remind as remind_all
from vng_alv.web import UNSAFE, json_answer, page

blueprint = Blueprint("inviting", __name__, url_prefix="/secretariaat/personen")

#: What is wrong with a row, beside what ``members.forms`` says of any file.
WRONG: dict[str, Any] = {
    **FAULTS,
    "no_people": lazy_gettext("Onder de kopregel staat niemand."),
    "no_column_member": lazy_gettext("De kolom met de gemeentecode ontbreekt. Noem die kolom: gemeentecode."),
    "no_column_email": lazy_gettext("De kolom met het e-mailadres ontbreekt. Noem die kolom: e-mail."),
    "no_column_office": lazy_gettext("De kolom met de functie ontbreekt. Noem die kolom: functie."),
    "member_missing": lazy_gettext("De gemeentecode ontbreekt."),
    "member_unknown": lazy_gettext("Deze gemeente staat niet in het ledenbestand."),
    "person_name_missing": lazy_gettext("De naam ontbreekt."),
    "person_name_strange": lazy_gettext("Deze naam is te lang, of er staan vreemde tekens in."),
    "email_missing": lazy_gettext("Het e-mailadres ontbreekt."),
    "email_strange": lazy_gettext("Dit is geen e-mailadres, zoals naam@gemeente.nl."),
    "email_twice": lazy_gettext("Dit adres staat er bij deze gemeente al. Tussen haakjes staat in welke rij."),
    "office_missing": lazy_gettext("De functie ontbreekt."),
    "office_unknown": lazy_gettext(
        "Deze functie kennen we niet. Kies burgemeester, wethouder, raadslid, gemeentesecretaris, griffier of "
        "ambtenaar."
    ),
    "phone_strange": lazy_gettext("Dit telefoonnummer is te lang, of er staan vreemde tekens in."),
    "locale_unknown": lazy_gettext("Deze taal kennen we niet. Schrijf nl of en, of laat dit leeg."),
}
EFFECTS: dict[Effect, Any] = {
    Effect.INVITED: lazy_gettext("krijgt een uitnodiging"),
    Effect.AGAIN: lazy_gettext("is al bekend, zonder account: krijgt een nieuwe link"),
    Effect.OFFICE: lazy_gettext("heeft al een account: krijgt deze functie erbij"),
    Effect.CHANGE: lazy_gettext("heeft al een account: krijgt deze andere functie"),
    Effect.NOTHING: lazy_gettext("heeft al een account en deze functie: er verandert niets"),
}
DONE: dict[Done, Any] = {
    Done.INVITED: lazy_gettext("uitgenodigd"),
    Done.OFFICE_GIVEN: lazy_gettext("functie gegeven"),
    Done.NOTHING: lazy_gettext("er veranderde niets"),
}


@blueprint.route("/importeren", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def import_file() -> ResponseReturnValue:
    """Read a file; with faults nothing is kept and each of them is named."""
    form = ImportForm()
    faults: list[Fault] = []
    if form.sent():
        try:
            kept, faults = people_import.prepare(form.file.data.read(), form.file.data.filename, actor())
        except Refused as refused:
            form.refuse(refused)
        else:
            if kept:
                return redirect(url_for("inviting.show", import_id=kept.id), 303)
    status = 422 if request.method in UNSAFE else 200
    return page("secretariat/import_people.html", status, form=form, faults=faults, words=WRONG)


@blueprint.get("/importeren/invullen.csv")
@requires(Permission.MANAGE_PEOPLE)
def template() -> Response:
    """A file to fill in, with a row for every municipality."""
    rows = [(m.code, m.name, "", "", "", "", "") for m in members_on(day_of(db.now()))]
    return register_file(people_import.HEADER, rows, "uitnodigen")


@blueprint.get("/importeren/<uuid:import_id>")
@requires(Permission.READ_PEOPLE)
def show(import_id: uuid.UUID) -> ResponseReturnValue:
    """What an import would do; once it was started, how far it is and what it did."""
    kept = get_people_import(import_id)
    if kept.started_at is None:
        rows = people_import.planned(kept)
        words = {"offices": OFFICES, "effects": EFFECTS}
        busy = sum(effect is not Effect.NOTHING for _row, effect in rows)
        return page("secretariat/import_people_preview.html", kept=kept, rows=rows, busy=busy, words=words)
    done = people_import.outcome(kept) if kept.finished_at else []
    return page("secretariat/import_people_progress.html", kept=kept, done=done, words=DONE)


@blueprint.get("/importeren/<uuid:import_id>/stand.json")
@requires(Permission.READ_PEOPLE)
def progress(import_id: uuid.UUID) -> Response:
    """How far an import is, for the page that shows it."""
    kept = get_people_import(import_id)
    return json_answer({"done": kept.done, "total": len(kept.rows), "finished": kept.finished_at is not None})


@blueprint.post("/importeren/<uuid:import_id>")
@requires(Permission.MANAGE_PEOPLE, fresh=True)
def start(import_id: uuid.UUID) -> ResponseReturnValue:
    """Let the worker invite them."""
    people_import.start(get_people_import(import_id), actor())
    return redirect(url_for("inviting.show", import_id=import_id), 303)


@blueprint.route("/herinneren", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def remind() -> ResponseReturnValue:
    """Remind everybody who has no account yet, after a page that says how many."""
    form, now = RemindForm(), db.now()
    if not form.sent():
        waiting, number = queries.count_waiting(now), len(queries.to_remind(now))
        return page("secretariat/remind.html", 422 if form.errors else 200, form=form, waiting=waiting, number=number)
    number = remind_all(current_app.config["ALV"].secret_key, actor(), form.since(now))
    flash(ngettext("%(num)s herinnering gaat nu weg.", "%(num)s herinneringen gaan nu weg.", number), "ok")
    return redirect(url_for("secretariat.people", staat=queries.Stage.WAITING.value), 303)
