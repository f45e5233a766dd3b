"""The tables of the secretariat as files: each as its page is narrowed, and for whoever may read that page."""

import json
from collections.abc import Iterator

from flask import Blueprint, request
from flask_babel import gettext as _

from vng_alv import db
from vng_alv.accounts.queries import open_invitations
from vng_alv.answering import matrix as reading
from vng_alv.answering import queries as answering
from vng_alv.answering.desk import TEXT, desk_of, size_asked, wanted
from vng_alv.audit import queries as audit
from vng_alv.consultation.models import Position
from vng_alv.consultation.views import comment_rows
from vng_alv.domain.clock import day_of
from vng_alv.domain.permissions import Permission
from vng_alv.exports.tables import Table, table
from vng_alv.meetings import attendance as attending
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.forms import OFFICES
from vng_alv.members.queries import get_association, members_on, offices_of_people
from vng_alv.notifications import queries as notifications
from vng_alv.secretariat import queries
from vng_alv.secretariat.forms import ACTS, NOTICE_KINDS, NOTICE_STATES, ROLES
from vng_alv.secretariat.views import notices_asked, person_of, stage_asked, words_asked

blueprint = Blueprint("desk_tables", __name__)

HERE = "/secretariaat"
MEETING = HERE + "/vergaderingen/<meeting_code>"
#: More than there will ever be of what a table holds at once: people and reactions.
ALL = 1_000_000


@table(blueprint, HERE + "/personen", Permission.READ_PEOPLE, personal=True)
def people() -> Table:
    """Everybody with an account or an invitation."""
    found = queries.people(page=1, size=ALL, now=db.now(), search=words_asked(), stage=stage_asked())
    ids = [person.id for person in found]
    offices, invitations = offices_of_people(ids), open_invitations(ids)
    header = (
        _("naam"), _("e-mail"), _("telefoon"), _("taal"), _("functies"), _("rollen"), _("in gebruik"),
        _("uitgenodigd"), _("geaccepteerd"),
    )  # fmt: skip
    rows = (
        (p.name, p.email, p.phone, p.locale,
         "; ".join(f"{OFFICES[office.kind]}, {office.member.name}" for office in offices.get(p.id, ())),
         ", ".join(str(ROLES[role.role]) for role in p.roles), p.active,
         invitation.created_at if invitation else None, invitation.accepted_at if invitation else None)
        for p in found for invitation in [invitations.get(p.id)]
    )  # fmt: skip
    return Table("personen", header, rows)


@table(blueprint, MEETING + "/stemkaarten", Permission.READ_MEETINGS, personal=True)
def mandates(meeting_code: str) -> Table:
    """Every member with who casts its votes."""
    meeting, rule = get_meeting(meeting_code), get_association().weight_rule
    rows = [
        (m.code, m.name, m.province, m.votes(rule), held.person.name if held else None,
         held.person.email if held else None, held.person.phone if held else None,
         held.member.name if held and held.member_id != m.id else None)
        for m, held in queries.delegates(meeting.id, day_of(db.now())) if held is None or "zonder" not in request.args
    ]  # fmt: skip
    header = (
        _("code"), _("gemeente"), _("provincie"), _("stemmen"), _("stemkaart bij"), _("e-mail"), _("telefoon"),
        _("volmacht aan"),
    )  # fmt: skip
    return Table(f"{meeting.code}-stemkaarten", header, rows)


@table(blueprint, MEETING + "/aanwezigheid", Permission.READ_MEETINGS)
def attendance(meeting_code: str) -> Table:
    """Every member, and since when it is there."""
    meeting, rule = get_meeting(meeting_code), get_association().weight_rule
    here = attending.present_now(meeting.id)
    header = (_("code"), _("gemeente"), _("stemmen"), _("adviserend"), _("aanwezig sinds"))
    rows = [(m.code, m.name, m.votes(rule), m.advisory, here.get(m.id)) for m in members_on(day_of(db.now()))]
    return Table(f"{meeting.code}-aanwezigheid", header, rows)


@table(blueprint, TEXT + "/verwerken", Permission.READ_REACTIONS)
def reactions(meeting_code: str, proposal_code: str) -> Table:
    """The reactions that were sent, as the list is narrowed, with their answers."""
    desk = desk_of(meeting_code, proposal_code)
    found = answering.reactions(desk.consultation, wanted(), 0, ALL)
    numbers = {key: (one.number, one.heading) for key, one in desk.section_of.items()}
    header, *rows = comment_rows(found, numbers, example=False)
    themes = ["; ".join(sorted(link.theme.title for link in comment.under)) for comment in found]
    lines = [(*row[1:], theme) for row, theme in zip(rows, themes, strict=True)]
    return Table(f"{meeting_code}-{proposal_code}-verwerken", [*map(str, header[1:]), _("thema's")], lines)


@table(blueprint, TEXT + "/matrix", Permission.READ_REACTIONS)
def matrix(meeting_code: str, proposal_code: str) -> Table:
    """Sections by municipalities: the position, or that there is a reaction without one."""
    desk = desk_of(meeting_code, proposal_code)
    found = reading.matrix(desk.consultation, request.args.get("provincie", ""), size_asked(), 0, ALL)
    keys: list[reading.Key] = [None, *(one.section_id for one in desk.sections)]
    stands = {
        Position.AGREE: _("eens"), Position.AGREE_IF: _("eens mits"), Position.DISAGREE: _("oneens"),
        None: _("reactie zonder standpunt"),
    }  # fmt: skip
    header = (
        _("code"), _("gemeente"), _("provincie"), _("inwoners"), _("geheel"),
        *(f"{one.number} {one.heading}" for one in desk.sections), _("niet beantwoord"),
    )  # fmt: skip
    rows = (
        (row.member.code, row.member.name, row.member.province, row.member.population,
         *(stands[row.cells[key].position] if key in row.cells else None for key in keys), row.unanswered)
        for row in found.rows
    )  # fmt: skip
    return Table(f"{meeting_code}-{proposal_code}-matrix", header, rows)


@table(blueprint, TEXT + "/niet-gereageerd", Permission.READ_PEOPLE, personal=True)
def silent(meeting_code: str, proposal_code: str) -> Table:
    """The members that sent nothing, with a line for each person who can send for them."""
    desk = desk_of(meeting_code, proposal_code)
    found = reading.silent(desk.consultation, request.args.get("provincie", ""), size_asked())
    header = (
        _("code"), _("gemeente"), _("provincie"), _("inwoners"), _("naam"), _("e-mail"), _("telefoon"),
    )  # fmt: skip
    rows = (
        (one.member.code, one.member.name, one.member.province, one.member.population, *person)
        for one in found
        for person in [(p.name, p.email, p.phone) for p in one.people] or [("", "", "")]
    )
    return Table(f"{meeting_code}-{proposal_code}-niet-gereageerd", header, rows)


@table(blueprint, HERE + "/berichten", Permission.READ_NOTICES, personal=True)
def notices() -> Table:
    """Every mail that was asked for, and where it stands."""
    state, kind = notices_asked()
    header = (
        _("gevraagd"), _("soort"), _("naam"), _("e-mail"), _("stand"), _("verzonden"), _("pogingen"),
        _("antwoord van de mailserver"),
    )  # fmt: skip
    rows = (
        (n.created_at, NOTICE_KINDS[n.kind], n.person.name, n.person.email, NOTICE_STATES[n.state], n.sent_at,
         n.attempts, n.last_error)
        for n in notifications.all_notices(state=state, kind=kind)
    )  # fmt: skip
    return Table("berichten", header, rows)


@table(blueprint, HERE + "/logboek", Permission.READ_AUDIT, personal=True)
def audit_log() -> Table:
    """The log with its chain."""
    header = (
        _("nummer"), _("moment"), _("handeling"), _("code van de handeling"), _("door"), _("gemeente"),
        _("onderwerp"), _("persoon"), _("gegevens"), _("zegel"),
    )  # fmt: skip
    return Table("logboek", header, _entries())


def _entries() -> Iterator[tuple[object, ...]]:
    people, members = queries.all_names_of_people(), queries.all_names_of_members()
    for entry, number, seal in audit.all_entries():
        subject = person_of(entry)
        yield (
            number,
            entry.at,
            ACTS.get(entry.act, entry.act),
            entry.act,
            people.get(entry.actor_id, str(entry.actor_id)) if entry.actor_id else _("het systeem"),
            members.get(entry.member_id) if entry.member_id else None,
            entry.subject,
            people.get(subject) if subject else None,
            json.dumps(entry.data, ensure_ascii=False, sort_keys=True) if entry.data else None,
            seal,
        )
