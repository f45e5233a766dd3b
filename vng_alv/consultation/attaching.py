"""The files beside a reaction: adding them, taking them away, and opening them."""

import io

from flask import Response, flash, redirect, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import db
from vng_alv.access import actor, public, requires, signed_in
from vng_alv.accounts.service import begin_after_reading
from vng_alv.consultation import attachments as service
from vng_alv.consultation import queries
from vng_alv.consultation.forms import FileForm
from vng_alv.consultation.history import blueprint
from vng_alv.consultation.reacting import TEXT, Desk, desk_of
from vng_alv.domain.consultation import MAX_FILES, FileKind
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals.queries import get_proposal
from vng_alv.refusals import sentence
from vng_alv.web import UNSAFE, page, reads_first, uuid_or_missing

__all__ = ["blueprint"]

TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
#: A file is a thing by itself, and never a page of this site.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def _desk(meeting_code: str, proposal_code: str) -> Desk:
    return desk_of(meeting_code, proposal_code, request.args.get("gemeente"))


@blueprint.route(TEXT + "/reageren/bijlagen", methods=["GET", "POST"])
@requires(Permission.REACT)
@reads_first
def attachments(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """The files beside the member's reaction, and adding one."""
    desk, form = _desk(meeting_code, proposal_code), FileForm()
    if form.sent():
        try:
            _add(desk, form)
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(_("De bijlage is toegevoegd als concept."), "ok")
            return redirect(desk.url(".attachments"), 303)
    return page(
        "consultation/attachments.html",
        422 if request.method in UNSAFE else 200,
        desk=desk,
        form=form,
        files=desk.files(),
        most=MAX_FILES,
    )


def _add(desk: Desk, form: FileForm) -> None:
    """Look at the file first, which takes a while, and keep it in a transaction that begins afterwards."""
    data, name = form.file.data.read(), form.file.data.filename or ""
    kind = service.check(data)
    begin_after_reading()
    service.add(desk.consultation, desk.member, name, data, kind, actor())


@blueprint.post(TEXT + "/reageren/bijlagen/<attachment_id>")
@requires(Permission.REACT)
def change_attachment(meeting_code: str, proposal_code: str, attachment_id: str) -> ResponseReturnValue:
    """Take a file away, or keep it after all."""
    desk = _desk(meeting_code, proposal_code)
    file = queries.get_attachment(desk.consultation.id, uuid_or_missing(attachment_id))
    if file.member_id != desk.member.id:
        raise Missing("attachment")
    act = service.put_back if request.form.get("act") == "houden" else service.take_away
    try:
        act(desk.consultation, file, actor())
    except Refused as refused:
        flash(sentence(refused), "error")
    else:
        flash(_("De bijlage is bijgewerkt."), "ok")
    return redirect(desk.url(".attachments"), 303)


@blueprint.get(TEXT + "/bijlagen/<attachment_id>")
@public
def attachment(meeting_code: str, proposal_code: str, attachment_id: str) -> Response:
    """One file, to keep; only for those who may read the reaction that it belongs to."""
    consultation = queries.get_consultation(get_proposal(get_meeting(meeting_code).id, proposal_code).id)
    file = queries.get_attachment(consultation.id, uuid_or_missing(attachment_id), content=True)
    if not service.may_read(consultation, file, signed_in(), db.now()):
        raise Missing("attachment")
    answer = send_file(io.BytesIO(file.content), TYPES[file.kind], as_attachment=True, download_name=file.name)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer
