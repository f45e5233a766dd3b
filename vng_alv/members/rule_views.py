"""The rules of decision of the association: a list in words, and making one."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import actor, requires
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rulebook import RULES, faults
from vng_alv.domain.sentences import threshold
from vng_alv.errors import Refused
from vng_alv.faults import RULE_FAULTS
from vng_alv.members import rules
from vng_alv.members.rule_forms import RuleForm
from vng_alv.members.views import blueprint
from vng_alv.web import UNSAFE, locale, page, uuid_or_missing

__all__ = ["blueprint"]


@blueprint.get("/secretariaat/vereniging/besluitregels")
@requires(Permission.READ_REGISTER)
def decision_rules() -> ResponseReturnValue:
    """The rules in words, and a form for another one."""
    return _rules_page(RuleForm(data={"numerator": 1, "denominator": 2}))


@blueprint.post("/secretariaat/vereniging/besluitregels")
@requires(Permission.MANAGE_REGISTER)
def make_decision_rule() -> ResponseReturnValue:
    """Make a rule; one that is impossible is refused with the reason."""
    form = RuleForm()
    if form.sent():
        try:
            made = rules.make_rule(form.name.data, form.rule(), actor())
        except Refused as refused:
            if refused.refusal is not Refusal.RULE_IMPOSSIBLE:
                form.refuse(refused)
            form.form_errors += [str(RULE_FAULTS[fault]) for fault in faults(form.rule())]
        else:
            flash(_("De regel is gemaakt: %(name)s.", name=made.name), "ok")
            return redirect(url_for(".decision_rules"), 303)
    return _rules_page(form)


@blueprint.post("/secretariaat/vereniging/besluitregels/<rule_id>/verwijderen")
@requires(Permission.MANAGE_REGISTER)
def remove_decision_rule(rule_id: str) -> ResponseReturnValue:
    """Take a rule of the association's own away."""
    rules.remove_rule(uuid_or_missing(rule_id), actor())
    flash(_("De regel is weg. Stemmingen die haar al hadden, houden haar."), "ok")
    return redirect(url_for(".decision_rules"), 303)


def _rules_page(form: RuleForm) -> ResponseReturnValue:
    own = [(one, threshold(rules.known_rules()[one.id.hex], locale())) for one in rules.own_rules()]
    shipped = [threshold(rule, locale()) for rule in RULES.values()]
    return page("members/decision_rules.html", 422 if request.method in UNSAFE else 200,
                form=form, own=own, shipped=shipped)  # fmt: skip
