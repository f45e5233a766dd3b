"""Setting the association up, and its people's offices."""

from datetime import time

from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Person
from vng_alv.audit.service import record
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.weights import Rounding, WeightKind, faults
from vng_alv.errors import Refused
from vng_alv.members.models import Association, Member, Office
from vng_alv.members.queries import find_office

#: The shipped values; every one of them is a setting of the association (docs/rules.md, the presets).
PRESETS: dict[str, dict[str, object]] = {
    "vng": {
        "name": "Vereniging van Nederlandse Gemeenten",
        "divisor": 1000,
        "rounding": Rounding.DOWN,
        "floor": 1,
        "cap": 75,
        "rule": "simple",
        "invitation_days": 14,
        "early_voting_days": 0,
        "standing_agenda": [
            ["Opening", 10, False], ["Vaststelling van de agenda", 5, False],
            ["Benoeming van de notulencommissie", 5, False], ["Notulen van de vorige vergadering", 5, False],
            ["Mededelingen", 10, False], ["Rondvraag", 10, True], ["Sluiting", 5, True],
        ],
    },
    "lga": {
        "name": "Local Government Association",
        "weight_kind": WeightKind.BANDS,
        "bands": [[0, 2], [50_001, 3], [100_001, 4], [200_001, 5], [300_001, 6], [400_001, 7], [500_001, 8]],
        "divisor": 1000,
        "rounding": Rounding.DOWN,
        "floor": 1,
        "cap": None,
        "rule": "simple",
        "invitation_days": 30,
        "proxies_per_member": 1,
        "amendment_days": 15,
        "amendment_clock": time(17),
        "co_submitters": 1,
        "early_voting_days": 0,
        "standing_agenda": [
            ["Welcome", 10, False], ["Apologies for absence", 5, False],
            ["Minutes of the previous meeting", 5, False], ["President's remarks", 15, False],
            ["Any other business", 10, True], ["Close", None, True],
        ],
    },
}  # fmt: skip


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
        fields = ", ".join(f"{fault.field} {fault.band or ''}".strip() for fault in wrong)
        raise Refused(Refusal.WEIGHT_RULE, fields=fields)


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
    """Give a person an office at a member, or change the one they have there; what changes ends their sessions."""
    office = find_office(person.id, member.id, change=True)
    if office is not None and office.kind is kind:
        return office
    if office is None:
        office = Office(person_id=person.id, member_id=member.id, kind=kind)
        db.session.add(office)
    office.kind = kind
    db.session.flush()
    sessions.end_all(person.id)
    record("office.give", actor, f"person:{person.id}", member_id=member.id, kind=kind.value)
    return office


def end_office(office: Office, actor: Actor | None) -> None:
    """Take somebody's office at a member away; their sessions end. What hangs on it is for ``meetings.offices``."""
    db.session.delete(office)
    db.session.flush()
    sessions.end_all(office.person_id)
    record("office.end", actor, f"person:{office.person_id}", member_id=office.member_id, kind=office.kind.value)
