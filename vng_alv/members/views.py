"""The register for everybody, and its import and the association's rules for the secretariat."""

import uuid
from datetime import UTC, date, datetime

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv.access import actor, public, requires
from vng_alv.domain.clock import day_of
from vng_alv.domain.permissions import Permission
from vng_alv.domain.weights import weigh
from vng_alv.errors import Conflict, Refused
from vng_alv.members import importing, queries, service
from vng_alv.members.files import register_file
from vng_alv.members.forms import FAULTS, ApplyForm, ImportForm, SettingsForm
from vng_alv.members.models import Member, MemberImport
from vng_alv.web import UNSAFE, page

blueprint = Blueprint("members", __name__)


def today() -> date:
    """The day it is in the Netherlands."""
    return day_of(datetime.now(UTC))


@blueprint.app_template_global()
def members_of(person_id: uuid.UUID) -> list[str]:
    """The names of the members that a person works for, for pages of rooms that do not know members."""
    return [office.member.name for office in queries.offices_of(person_id)]


def _register() -> list[tuple[Member, int]]:
    """The members of today with their votes, by province and name."""
    rule = queries.get_association().weight_rule
    found = [(member, weigh(member.population, rule)) for member in queries.members_on(today())]
    return sorted(found, key=lambda row: row[0].province)


@blueprint.get("/leden")
@public
def index() -> ResponseReturnValue:
    """All municipalities with their inhabitants and votes."""
    rows = _register()
    association = queries.get_association()
    total = queries.total_weight([member for member, _votes in rows], association.weight_rule)
    return page("members/index.html", rows=rows, total=total, rule=association.weight_rule)


@blueprint.get("/leden.csv")
@public
def download() -> Response:
    """The register as a spreadsheet, with columns that the import reads again."""
    head = ("code", "naam", "provincie", "inwoners", "stemmen", "adviserend")
    rows = [
        (m.code, m.name, m.province, m.population, votes, "ja" if m.advisory else "nee") for m, votes in _register()
    ]
    return register_file(head, rows, "leden")


@blueprint.route("/secretariaat/leden/importeren", methods=["GET", "POST"])
@requires(Permission.MANAGE_REGISTER)
def import_file() -> ResponseReturnValue:
    """Read a file; with faults nothing is kept and each of them is named."""
    form = ImportForm()
    faults: list[importing.Fault] = []
    if form.sent():
        try:
            kept, _changes, faults = importing.prepare(form.file.data.read(), form.file.data.filename, actor())
        except Refused as refused:
            form.refuse(refused)
        else:
            if kept:
                return redirect(url_for("members.preview", import_id=kept.id), 303)
    status = 422 if request.method in UNSAFE else 200
    return page("members/import.html", status, form=form, faults=faults, words=FAULTS)


@blueprint.get("/secretariaat/leden/importeren/<uuid:import_id>")
@requires(Permission.READ_REGISTER)
def preview(import_id: uuid.UUID) -> ResponseReturnValue:
    """What an import would change."""
    return _preview(queries.get_import(import_id), ApplyForm())


@blueprint.post("/secretariaat/leden/importeren/<uuid:import_id>")
@requires(Permission.MANAGE_REGISTER, fresh=True)
def apply(import_id: uuid.UUID) -> ResponseReturnValue:
    """Apply all of an import, if it still changes what was shown."""
    kept, form = queries.get_import(import_id), ApplyForm()
    if not form.sent():
        return _preview(kept, form, 422)
    try:
        changed = importing.apply(kept, actor(), seen=form.seen.data)
    except Conflict as conflict:
        form.refuse(conflict)
        return _preview(kept, form, conflict.status)
    if not changed:
        flash(_("Dit bestand was al verwerkt. Er is nu niets meer gewijzigd."), "info")
        return redirect(url_for("members.preview", import_id=kept.id), 303)
    flash(ngettext("%(num)s gemeente is bijgewerkt.", "%(num)s gemeenten zijn bijgewerkt.", changed), "ok")
    return redirect(url_for("members.index"), 303)


def _preview(kept: MemberImport, form: ApplyForm, status: int = 200) -> Response:
    changes = importing.planned(kept) if kept.applied_at is None else []
    before, after = importing.weights(changes, today(), queries.get_association().weight_rule)
    form.seen.data = importing.fingerprint(changes)
    return page("members/preview.html", status, kept=kept, form=form, changes=changes, before=before, after=after)


@blueprint.get("/secretariaat/vereniging")
@requires(Permission.READ_REGISTER)
def settings() -> ResponseReturnValue:
    """The association's rules."""
    return _settings(SettingsForm(obj=queries.get_association()), None)


@blueprint.post("/secretariaat/vereniging")
@requires(Permission.MANAGE_REGISTER)
def change_settings() -> ResponseReturnValue:
    """Keep the association's rules, or show what they would make of the total."""
    association = queries.get_association()
    form = SettingsForm(obj=association)
    if not form.sent():
        return _settings(form, None, 422)
    if "save" in request.form:
        service.change_association(association, actor(), **form.values())
        flash(_("De instellingen zijn bewaard. Stemmingen die al open waren, houden hun eigen regels."), "ok")
        return redirect(url_for("members.settings"), 303)
    return _settings(form, queries.total_weight(queries.members_on(today()), form.weight_rule()))


def _settings(form: SettingsForm, after: int | None, status: int = 200) -> ResponseReturnValue:
    members = queries.members_on(today())
    before = queries.total_weight(members, queries.get_association().weight_rule)
    return page("members/settings.html", status, form=form, members=members, before=before, after=after)
