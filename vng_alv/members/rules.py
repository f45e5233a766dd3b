"""The rules of decision that this association chooses from: those that come along, and its own (docs/rules.md §5)."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.majority import Rule
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rulebook import RULES, faults
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.members.models import DecisionRule
from vng_alv.members.queries import get_association

#: The longest name of a rule, and the most that an association makes.
MAX_NAME = 80
MOST = 50


def own_rules() -> Sequence[DecisionRule]:
    """The association's own, by name."""
    return db.session.scalars(select(DecisionRule).order_by(DecisionRule.name)).all()


def known_rules(own: Sequence[DecisionRule] | None = None) -> dict[str, Rule]:
    """All that can be chosen, by the name that is stored: those that come along first, then the association's ``own``,
    which are read where they are not given."""
    return RULES | {one.id.hex: Rule.from_data(one.rule) for one in (own_rules() if own is None else own)}


def make_rule(name: str, rule: Rule, actor: Actor | None) -> DecisionRule:
    """A rule of the association's own.

    Raises ``Refused(NOT_ALLOWED, EMPTY_TEXT, TOO_LARGE or RULE_IMPOSSIBLE)``, ``Conflict(NAME_TAKEN)``.
    """
    _may(actor)
    name = name.strip()
    if not name:
        raise Refused(Refusal.EMPTY_TEXT)
    if len(name) > MAX_NAME or len(own_rules()) >= MOST:
        raise Refused(Refusal.TOO_LARGE)
    if found := faults(rule):
        raise Refused(Refusal.RULE_IMPOSSIBLE, faults=found)
    made = DecisionRule(id=uuid.uuid4(), name=name, rule=rule.to_data(), created_at=db.now())
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError:
        raise Conflict(Refusal.NAME_TAKEN, name=name) from None
    record("rule.make", actor, f"rule:{made.id}", name=name, rule=made.rule)
    return made


def remove_rule(key: uuid.UUID, actor: Actor | None) -> None:
    """Take a rule of the association's own away; rounds that have it keep it. Raises ``Refused`` while it is set."""
    _may(actor)
    found = db.session.get(DecisionRule, key)
    if found is None:
        raise Missing("rule")
    association = get_association()
    if key.hex in {association.rule, association.statute_rule}:
        raise Refused(Refusal.RULE_IN_USE, name=found.name)
    db.session.delete(found)
    db.session.flush()
    record("rule.remove", actor, f"rule:{key}", name=found.name)


def _may(actor: Actor | None) -> None:
    if actor is not None and not actor.may(Permission.MANAGE_REGISTER):
        raise Refused(Refusal.NOT_ALLOWED)
