"""The convocation of a meeting, and the documents beside its texts."""

import io

from flask import Blueprint, Response, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv import db
from vng_alv.access import actor, public, requires, signed_in
from vng_alv.accounts.service import begin_after_reading
from vng_alv.consultation.attaching import POLICY, TYPES
from vng_alv.consultation.attachments import check
from vng_alv.convening import queries, service
from vng_alv.convening.forms import ConveneForm, DocumentForm, WithdrawDocumentForm
from vng_alv.convening.models import MeetingDocument
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.web import UNSAFE, page, reads_first, uuid_or_missing

blueprint = Blueprint("convening", __name__)

DESK = "/secretariaat/vergaderingen/<meeting_code>"


@blueprint.route(DESK + "/convocatie", methods=["GET"])
@requires(Permission.READ_MEETINGS)
def prepare(meeting_code: str) -> ResponseReturnValue:
    """What the convocation would say now, and sending it; once it was sent, what it said."""
    return _prepare(get_meeting(meeting_code), ConveneForm())


@blueprint.post(DESK + "/convocatie")
@requires(Permission.MANAGE_MEETINGS, fresh=True)
def convene(meeting_code: str) -> ResponseReturnValue:
    """Call the meeting together."""
    meeting, form = get_meeting(meeting_code), ConveneForm()
    if form.sent():
        try:
            made = service.convene(meeting, form.note.data or "", actor(), late=form.late.data)
        except Refused as refused:
            db.rollback()
            form.refuse(refused)
        else:
            flash(_sent_to(made.recipients), "ok")
            return redirect(url_for(".prepare", meeting_code=meeting.code), 303)
    return _prepare(get_meeting(meeting_code), form)


def _sent_to(number: int) -> str:
    return str(ngettext("De convocatie gaat naar één persoon.", "De convocatie gaat naar %(num)s mensen.", number))


def _prepare(meeting: Meeting, form: ConveneForm) -> ResponseReturnValue:
    sent = queries.find_convocation(meeting.id)
    call = queries.Call.from_data(sent.facts) if sent else queries.call_of(meeting, db.now())
    return page(
        "convening/prepare.html",
        422 if request.method in UNSAFE else 200,
        meeting=meeting,
        sent=sent,
        call=call,
        last_day=queries.last_day_of(meeting, call),
        held=meeting.is_coming_until <= db.now(),
        form=form,
    )


@blueprint.get("/vergaderingen/<meeting_code>/convocatie")
@public
def show(meeting_code: str) -> ResponseReturnValue:
    """The convocation as it was sent."""
    meeting = get_meeting(meeting_code)
    sent = queries.find_convocation(meeting.id)
    if sent is None:
        raise Missing("convocation")
    return page("convening/show.html", meeting=meeting, sent=sent, call=queries.Call.from_data(sent.facts))


@blueprint.route(DESK + "/documenten", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
@reads_first
def documents(meeting_code: str) -> ResponseReturnValue:
    """The documents of a meeting, those that are to come too, and adding one."""
    meeting, form = get_meeting(meeting_code), DocumentForm()
    form.offer(meeting.agenda)
    if form.sent():
        try:
            found = _add(meeting_code, form)
        except Refused as refused:
            db.rollback()
            form.refuse(refused)
        else:
            public = found.publish_at == found.added_at
            flash(_("Het document is openbaar.") if public else _("Het document staat klaar."), "ok")
            return redirect(url_for(".documents", meeting_code=meeting_code), 303)
    return _documents(get_meeting(meeting_code), form)


def _add(meeting_code: str, form: DocumentForm) -> MeetingDocument:
    """Look at the file first, which takes a while, and keep it in a transaction that begins afterwards."""
    data, name = form.file.data.read(), form.file.data.filename or ""
    kind = check(data)
    begin_after_reading()
    meeting = get_meeting(meeting_code)
    item = next((one for one in meeting.agenda if str(one.number) == form.item.data), None)
    return service.add_document(meeting, form.title.data, name, data, kind, form.publish_at(), actor(), item=item)


def _documents(meeting: Meeting, form: DocumentForm, status: int | None = None, **more: object) -> ResponseReturnValue:
    found = queries.documents_of(meeting.id)
    sent = queries.find_convocation(meeting.id)
    return page(
        "convening/documents.html",
        status or (422 if request.method in UNSAFE else 200),
        meeting=meeting,
        form=form,
        files=found,
        late={one.id for one in found if sent and one.publish_at > sent.sent_at},
        sent=sent,
        waiting=queries.to_announce(meeting, db.now()).titles if sent else [],
        **more,
    )


@blueprint.post(DESK + "/documenten/<document_id>")
@requires(Permission.MANAGE_MEETINGS)
def change_document(meeting_code: str, document_id: str) -> ResponseReturnValue:
    """Make a document public now, or take one away that never was."""
    meeting, key = get_meeting(meeting_code), uuid_or_missing(document_id)
    if request.form.get("doe") == "publiceer":
        service.publish_now(meeting, key, actor())
        flash(_("Het document is openbaar."), "ok")
    else:
        service.remove(meeting, key, actor())
        flash(_("Het document is weg."), "ok")
    return redirect(url_for(".documents", meeting_code=meeting.code), 303)


@blueprint.route(DESK + "/documenten/<document_id>/intrekken", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def withdraw(meeting_code: str, document_id: str) -> ResponseReturnValue:
    """Take a public document off the site, with a reason."""
    meeting, form = get_meeting(meeting_code), WithdrawDocumentForm()
    found = queries.get_document(meeting.id, uuid_or_missing(document_id))
    if form.sent():
        service.withdraw(meeting, found.id, form.reason.data, actor())
        flash(_("Het document is ingetrokken. De reden staat bij de vergadering."), "ok")
        return redirect(url_for(".documents", meeting_code=meeting.code), 303)
    return page(
        "convening/withdraw.html", 422 if request.method in UNSAFE else 200, meeting=meeting, file=found, form=form
    )


@blueprint.get("/vergaderingen/<meeting_code>/documenten/<document_id>")
@public
def document(meeting_code: str, document_id: str) -> Response:
    """One file, to keep. Before it is public only whoever prepares the meeting opens it; withdrawn, nobody does."""
    meeting, person = get_meeting(meeting_code), signed_in()
    found = queries.get_document(meeting.id, uuid_or_missing(document_id), content=True)
    early = person is not None and person.may(Permission.MANAGE_MEETINGS)
    if found.withdrawn_at or (found.publish_at > db.now() and not early):
        raise Missing("document")
    answer = send_file(io.BytesIO(found.content), TYPES[found.kind], as_attachment=True, download_name=found.name)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "no-store"  # it may be withdrawn
    return answer
