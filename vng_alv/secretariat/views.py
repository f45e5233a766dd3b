"""The secretariat's first page, people, mandates, notices and the log. Running rounds stands in ``console``."""

import uuid
from datetime import UTC, date, datetime

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import access_of, actor, need_fresh, requires
from vng_alv.accounts import queries as accounts
from vng_alv.audit import queries as audit
from vng_alv.audit import service as audit_service
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.clock import day_of, start_of_day
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Refused
from vng_alv.meetings.offices import mail_link
from vng_alv.meetings.queries import coming_meetings, get_meeting
from vng_alv.members.forms import OFFICES
from vng_alv.members.queries import get_association, members_on, offices_of_people
from vng_alv.notifications import queries as notifications
from vng_alv.notifications import service as notifications_service
from vng_alv.notifications.models import NoticeKind, NoticeState
from vng_alv.secretariat import queries, resets, service
from vng_alv.secretariat.forms import ACTS, NOTICE_KINDS, NOTICE_STATES, ROLES, InviteForm, as_option
from vng_alv.secretariat.today import agenda
from vng_alv.secretariat.waiting import system_health, waiting_for
from vng_alv.submissions.queries import held
from vng_alv.web import UNSAFE, Page, page, page_number

blueprint = Blueprint("secretariat", __name__, url_prefix="/secretariaat")

SIZE = 50


def _now() -> datetime:
    return datetime.now(UTC)


def _today() -> date:
    return day_of(_now())


def _may_open(endpoint: str) -> bool:
    asked = access_of(endpoint)
    return asked == "public" or (isinstance(asked, Permission) and actor().may(asked))


def words_asked() -> str:
    """What people are searched for, as the address says."""
    typed = request.args.get("zoek", "").strip()[:100]
    return typed if typed.isprintable() else ""


def stage_asked() -> queries.Stage | None:
    """Which people are asked for, as the address says."""
    return next((s for s in queries.Stage if s.value == request.args.get("staat")), None)


def notices_asked() -> tuple[NoticeState | None, NoticeKind | None]:
    """Which notices are asked for, as the address says."""
    state = next((s for s in NoticeState if s.value == request.args.get("staat")), None)
    return state, next((k for k in NoticeKind if k.value == request.args.get("soort")), None)


@blueprint.get("")
@requires(Permission.SECRETARIAT)
def index() -> ResponseReturnValue:
    """What is due, each with the way to it."""
    meeting = queries.find_next_meeting(start_of_day(_now()))
    delegates = queries.delegates(meeting.id, _today()) if meeting and actor().may(Permission.READ_MEETINGS) else []
    members = members_on(_today())
    return page(
        "secretariat/index.html",
        agenda=agenda(_now()),
        todo=waiting_for(actor(), _now()),
        meeting=meeting,
        members=len(members),
        without=sum(mandate is None for _member, mandate in delegates),
        due=queries.rounds_due(),
        consultations=queries.reactions(_now(), members),
        waiting=queries.count_waiting(_now()) if actor().may(Permission.READ_PEOPLE) else 0,
        resets=len(resets.waiting()) if actor().may(Permission.RESET_FACTORS) else 0,
        notices=notifications.counts() if actor().may(Permission.READ_NOTICES) else {},
        system=system_health(_now()),
        oldest=notifications.find_oldest_queued() if actor().may(Permission.READ_NOTICES) else None,
        may_open=_may_open,
    )


# --- People


@blueprint.get("/personen")
@requires(Permission.READ_PEOPLE)
def people() -> ResponseReturnValue:
    """Everybody with an account or an invitation."""
    stage = stage_asked()
    search, number, now = words_asked(), page_number(), _now()
    found = Page(queries.people(page=number, size=SIZE, now=now, search=search, stage=stage), number, SIZE)
    ids = [person.id for person in found.items]
    return page(
        "secretariat/people.html",
        people=found,
        offices=offices_of_people(ids),
        invitations=accounts.open_invitations(ids),
        search=search,
        stage=stage,
        to_remind=len(queries.to_remind(now)),
        words={"offices": OFFICES, "roles": ROLES},
    )


@blueprint.route("/personen/uitnodigen", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def invite() -> ResponseReturnValue:
    """Invite somebody; nothing is kept unless all of it can be."""
    members = members_on(_today())
    asked = {"member": request.args.get("gemeente", ""), "meeting": request.args.get("vergadering", "")}
    form = InviteForm(members, coming_meetings(start_of_day(_now())), data=asked)
    if form.sent():
        if form.roles.data:
            need_fresh(Permission.GRANT_ROLES)
        try:
            person = service.invite_person(form.invitee(), current_app.config["ALV"].secret_key, actor())
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(
                _("%(name)s is uitgenodigd. De mail gaat naar %(email)s.", name=person.name, email=person.email), "ok"
            )
            return redirect(url_for("secretariat.people", zoek=person.email), 303)
    status = 422 if request.method in UNSAFE else 200
    return page("secretariat/invite.html", status, form=form, options=[as_option(member) for member in members])


@blueprint.post("/personen/<uuid:person_id>/uitnodigen")
@requires(Permission.MANAGE_PEOPLE)
def invite_again(person_id: uuid.UUID) -> ResponseReturnValue:
    """Send somebody a new link."""
    person = accounts.get_person(person_id)
    mail_link(person, current_app.config["ALV"].secret_key, actor())
    flash(_("Een nieuwe link gaat naar %(email)s. Eerdere links werken niet meer.", email=person.email), "ok")
    return redirect(url_for("secretariat.people", zoek=person.email), 303)


# --- Mandates


@blueprint.get("/vergaderingen/<meeting_code>/stemkaarten")
@requires(Permission.READ_MEETINGS)
def mandates(meeting_code: str) -> ResponseReturnValue:
    """Every member with who casts its votes; the way to each of them is ``municipality.mandate``."""
    meeting = get_meeting(meeting_code)
    rule = get_association().weight_rule
    rows = [(m, m.votes(rule), mandate) for m, mandate in queries.delegates(meeting.id, _today())]
    without = sum(mandate is None for _member, _votes, mandate in rows)
    if "zonder" in request.args:
        rows = [row for row in rows if row[2] is None]
    return page(
        "secretariat/mandates.html",
        meeting=meeting,
        rows=rows,
        without=without,
        only="zonder" in request.args,
        remindable=not held(meeting),
    )


# --- Notices


@blueprint.get("/berichten")
@requires(Permission.READ_NOTICES)
def notices() -> ResponseReturnValue:
    """Every mail that was asked for, and where it stands."""
    (state, kind), number = notices_asked(), page_number()
    found = Page(notifications.notices(page=number, size=SIZE, state=state, kind=kind), number, SIZE)
    words = {"kinds": NOTICE_KINDS, "states": NOTICE_STATES}
    counts = notifications.counts()
    return page("secretariat/notices.html", notices=found, counts=counts, state=state, kind=kind, words=words)


@blueprint.post("/berichten/<uuid:notice_id>/opnieuw")
@requires(Permission.MANAGE_PEOPLE)
def resend(notice_id: uuid.UUID) -> ResponseReturnValue:
    """Try again to send what was given up, or waits for its next attempt."""
    notice = notifications.get_notice(notice_id)
    if notice.state is NoticeState.SENT:
        flash(_("Dit bericht is al verzonden. Het is niet nog een keer verstuurd."), "info")
    else:
        notifications_service.resend(notice)
        flash(_("Het bericht wordt nu opnieuw verstuurd."), "ok")
    return redirect(url_for("secretariat.notices", staat=request.form.get("state") or None), 303)


# --- The log


@blueprint.get("/logboek")
@requires(Permission.READ_AUDIT)
def audit_log() -> ResponseReturnValue:
    """The log with its chain; on request every link of it is computed again."""
    number = page_number()
    found = Page(audit.entries(page=number, size=SIZE), number, SIZE)
    entries = [entry for entry, _number, _hash in found.items]
    subjects = {entry.id: person_of(entry) for entry in entries}
    acting = {entry.actor_id for entry in entries}
    return page(
        "secretariat/audit.html",
        entries=found,
        acts=ACTS,
        people=queries.names_of_people({p for p in (acting | set(subjects.values())) if p}),
        members=queries.names_of_members({entry.member_id for entry in entries if entry.member_id}),
        subjects=subjects,
        checked=audit_service.verify() if "controle" in request.args else None,
    )


def person_of(entry: AuditEntry) -> uuid.UUID | None:
    """The person that an act was done to."""
    kind, _colon, key = entry.subject.partition(":")
    key = key if kind == "person" else str(entry.data.get("person", ""))
    try:
        return uuid.UUID(key)
    except ValueError:
        return None
