"""Setting the association up, and its people's offices."""

from sqlalchemy import select

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.audit.service import record
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.weights import Rounding, faults
from vng_alv.errors import Refused
from vng_alv.members.models import Association, Member, Office, OfficeKind

#: The shipped values; every one of them is a setting of the association (docs/rules.md, preset).
PRESETS: dict[str, dict[str, object]] = {
    "vng": {
        "name": "Vereniging van Nederlandse Gemeenten",
        "divisor": 1000,
        "rounding": Rounding.DOWN,
        "floor": 1,
        "cap": 75,
        "rule": "simple",
        "invitation_days": 14,
    }
}


def set_up_association(actor: Actor | None, *, preset: str = "vng", **values: object) -> Association:
    """The association with the values of a preset, and those given in their place. It exists once."""
    association = Association(**{"id": 1, "phone": "", "email": "", **PRESETS[preset], **values})
    _check_weights(association)
    db.session.add(association)
    db.session.flush()
    record("association.create", actor, "association", preset=preset)
    return association


def _check_weights(association: Association) -> None:
    wrong = faults(association.weight_rule)
    if wrong:
        raise Refused(Refusal.WEIGHT_RULE, fields=", ".join(wrong))


def change_association(association: Association, actor: Actor | None, **values: object) -> None:
    """Change settings. Rounds that were opened keep theirs. Raises ``Refused(WEIGHT_RULE)``."""
    before = {key: getattr(association, key) for key in values}
    with db.session.no_autoflush:
        for key, value in values.items():
            setattr(association, key, value)
        _check_weights(association)
    changed = {key: [str(before[key]), str(value)] for key, value in values.items() if before[key] != value}
    db.session.flush()
    if changed:
        record("association.change", actor, "association", changed=changed)


def give_office(person: Person, member: Member, kind: OfficeKind, actor: Actor | None) -> Office:
    """Give a person an office at a member, or change the one they have there."""
    office = db.session.scalars(
        select(Office).where(Office.person_id == person.id, Office.member_id == member.id)
    ).one_or_none()
    if office is None:
        office = Office(person_id=person.id, member_id=member.id, kind=kind)
        db.session.add(office)
    office.kind = kind
    db.session.flush()
    record("office.give", actor, f"person:{person.id}", member_id=member.id, kind=kind.value)
    return office
