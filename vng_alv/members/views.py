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
from vng_alv.domain.weight_words import explanation, group_words, rule_words
from vng_alv.domain.weights import Fixed, WeightRule, spread
from vng_alv.errors import Conflict, Refused
from vng_alv.members import importing, queries, rules, service
from vng_alv.members.files import REGISTER_HEAD, register_file, register_row
from vng_alv.members.forms import FAULTS, ApplyForm, ImportForm, SettingsForm
from vng_alv.members.models import Member, MemberImport
from vng_alv.members.rule_forms import decision_words
from vng_alv.web import UNSAFE, locale, page

blueprint = Blueprint("members", __name__)


def today() -> date:
    """The day it is in the Netherlands."""
    return day_of(datetime.now(UTC))


@blueprint.app_template_global()
def members_of(person_id: uuid.UUID) -> list[str]:
    """The names of the members that a person works for, for pages of rooms that do not know members."""
    return [office.member.name for office in queries.offices_of(person_id)]


def _register() -> list[Member]:
    """Everything in the register, by province and name."""
    return sorted(queries.all_members(by_name=True), key=lambda member: member.province)


@blueprint.get("/leden")
@public
def index() -> ResponseReturnValue:
    """All municipalities with their inhabitants and votes, and those that are no member today."""
    day, rule = today(), queries.get_association().weight_rule
    everybody = _register()
    here = [member for member in everybody if member.is_member_on(day)]
    return page(
        "members/index.html",
        rows=[(m, m.votes(rule), explanation(m.population, rule, m.fixed_votes, locale())) for m in here],
        others=[member for member in everybody if not member.is_member_on(day)],
        total=queries.total_weight(here, rule),
        rule_words=rule_words(rule, locale()),
    )


@blueprint.get("/leden.csv")
@public
def download() -> Response:
    """The register as a spreadsheet, with columns that the import reads again."""
    day, rule = today(), queries.get_association().weight_rule
    return register_file(REGISTER_HEAD, (register_row(m, day, rule) for m in _register()), "leden")


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
    rule = queries.get_association().weight_rule
    form.seen.data = importing.fingerprint(changes)
    before, after = importing.weights(changes, today(), rule)
    idle = not isinstance(rule, Fixed) and any(change.row.fixed_votes is not None for change in changes)
    values = {"before": before, "after": after, "idle_votes": idle}
    return page("members/preview.html", status, kept=kept, form=form, changes=changes, **values)


@blueprint.get("/secretariaat/vereniging")
@requires(Permission.READ_REGISTER)
def settings() -> ResponseReturnValue:
    """The association's rules."""
    return _settings(SettingsForm.of(queries.get_association(), decision_words(rules.own_rules())))


@blueprint.post("/secretariaat/vereniging")
@requires(Permission.MANAGE_REGISTER)
def change_settings() -> ResponseReturnValue:
    """Keep the association's rules, or show what they would make of the total."""
    association = queries.get_association()
    form = SettingsForm.of(association, decision_words(rules.own_rules()))
    if not form.sent():
        return _settings(form, status=422)
    if "save" in request.form:
        service.change_association(association, actor(), **form.values())
        flash(_("De instellingen zijn bewaard. Stemmingen die al open waren, houden hun eigen regels."), "ok")
        return redirect(url_for("members.settings"), 303)
    return _settings(form, form.weight_rule())


def _settings(form: SettingsForm, rule: WeightRule | None = None, status: int = 200) -> ResponseReturnValue:
    """The form; with a ``rule`` also what that would make of everybody's votes."""
    members, now = queries.members_on(today()), queries.get_association().weight_rule
    values: dict[str, object] = {"before": queries.total_weight(members, now), "rule": rule_words(now, locale())}
    if rule is not None:
        groups = spread(rule, [(m.population, m.fixed_votes) for m in members if not m.advisory])
        values["after"] = queries.total_weight(members, rule)
        values["words"] = rule_words(rule, locale())
        values["groups"] = [(group, group_words(group, rule, locale())) for group in groups]
    return page("members/settings.html", status, form=form, members=members, **values)
