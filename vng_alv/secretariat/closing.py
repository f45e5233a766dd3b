"""After a meeting: what is done and what is left, and every document about it on one page."""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, current_app, flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.accounts.service import begin_after_reading
from vng_alv.consultation.attachments import check
from vng_alv.consultation.forms import FileForm
from vng_alv.domain.majority import Verdict
from vng_alv.domain.permissions import Permission
from vng_alv.domain.rounds import RoundState
from vng_alv.errors import Missing, Refused
from vng_alv.exports.meeting_archive import archive_path
from vng_alv.meetings import archives, attendance
from vng_alv.meetings.minutes import minutes_of, publish
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_association
from vng_alv.motions.queries import accounts
from vng_alv.voting.choosing import needs
from vng_alv.voting.disputing import disputes_at
from vng_alv.voting.models import Round
from vng_alv.voting.queries import rounds_of
from vng_alv.web import json_answer, page, reads_first

blueprint = Blueprint("closing", __name__)

HERE = "/secretariaat/vergaderingen/<meeting_code>/afronding"


@dataclass(frozen=True)
class Check:
    """One thing that has to be over after a meeting: what it is, what is left of it ('' when it is done), and where
    that is done."""

    what: str
    left: str
    address: str


@blueprint.get(HERE)
@requires(Permission.READ_MEETINGS)
def show(meeting_code: str) -> ResponseReturnValue:
    """What is left to do, and the documents."""
    return _page(get_meeting(meeting_code), FileForm())


@blueprint.post(HERE)
@requires(Permission.MANAGE_MEETINGS, fresh=True)
@reads_first
def publish_minutes(meeting_code: str) -> ResponseReturnValue:
    """Publish the minutes, or the next version of them."""
    meeting, form = get_meeting(meeting_code), FileForm()
    if form.sent():
        try:
            _publish(meeting, form)
        except Refused as refused:
            db.rollback()
            form.refuse(refused)
        else:
            flash(_("De notulen zijn gepubliceerd. Iedereen kan ze nu lezen."), "ok")
            return redirect(url_for(".show", meeting_code=meeting.code), 303)
    return _page(get_meeting(meeting_code), form, 422)


@blueprint.post(HERE + "/archief")
@requires(Permission.MANAGE_MEETINGS)
def make_archive(meeting_code: str) -> ResponseReturnValue:
    """Let the worker make the archive."""
    meeting = get_meeting(meeting_code)
    archives.ask(meeting, actor())
    return redirect(url_for(".show", meeting_code=meeting.code, _anchor="archief"), 303)


@blueprint.get(HERE + "/archief.json")
@requires(Permission.READ_MEETINGS)
def archive_progress(meeting_code: str) -> Response:
    """How far it is, for the page that shows it."""
    found = archives.find_archive(get_meeting(meeting_code).id)
    if found is None:
        raise Missing("archive")
    return json_answer({"done": found.done, "total": found.total, "finished": found.finished_at is not None})


@blueprint.get(HERE + "/archief.zip")
@requires(Permission.READ_MEETINGS)
def archive_file(meeting_code: str) -> Response:
    """The archive that was made last."""
    meeting = get_meeting(meeting_code)
    path = _archive_path(meeting)
    if not _is_there(archives.find_archive(meeting.id), path):
        raise Missing("archive")
    name = f"archief-{meeting.code}{'-voorbeeld' if get_association().example else ''}.zip"
    return send_file(path, "application/zip", as_attachment=True, download_name=name)


def _archive_path(meeting: Meeting) -> Path:
    return archive_path(current_app.config["ALV"].data, meeting.id)


def _is_there(found: archives.MeetingArchive | None, path: Path) -> bool:
    return found is not None and found.sha256 is not None and path.exists()


def _page(meeting: Meeting, form: FileForm, status: int = 200) -> ResponseReturnValue:
    found, archive = checks(meeting), archives.find_archive(meeting.id)
    return page(
        "secretariat/closing.html",
        status,
        meeting=meeting,
        checks=found,
        left=sum(bool(one.left) for one in found),
        form=form,
        published=minutes_of(meeting.id),
        archive=archive,
        archived=_is_there(archive, _archive_path(meeting)),
    )


def _publish(meeting: Meeting, form: FileForm) -> None:
    """Look at the file first, which takes a while, and keep it in a transaction that begins afterwards."""
    data, name = form.file.data.read(), form.file.data.filename or ""
    kind = check(data)
    begin_after_reading()
    publish(meeting, name, data, kind, actor())


def checks(meeting: Meeting) -> list[Check]:
    """All that has to be over, in the order in which it is done."""
    rounds = list(rounds_of(meeting.id))
    console = url_for("console.show", meeting_code=meeting.code)
    later = needs(rounds)
    void = [one.round for one in disputes_at(meeting.id)]
    silent = sum(one.submission.meeting_id == meeting.id for one in accounts({None}))
    steps = [
        (_("Alles wat klaarstond is in stemming gebracht"), {RoundState.DRAFT, RoundState.SCHEDULED}),
        (_("Alle stemmingen zijn gesloten"), {RoundState.OPEN}),
        (_("Alle stemmingen zijn geteld"), {RoundState.CLOSED}),
        (_("Alle uitslagen zijn bekendgemaakt"), {RoundState.COUNTED}),
    ]
    found = [Check(what, _numbers([one for one in rounds if one.state in states]), console) for what, states in steps]
    lots = [one for one in rounds if later.get(one.id) is Verdict.LOTS]
    again = [one for one in rounds if later.get(one.id) is Verdict.RUN_OFF]
    found += [
        Check(_("Geen verzoek om een stemming ongeldig te verklaren wacht nog"), _numbers(void), console),
        Check(_("Waar het lot beslist, is het getrokken"), _numbers(lots), console),
        Check(_("Waar een herstemming nodig is, is die gehouden"), _numbers(again), console),
    ]
    if not meeting.is_written:
        nobody = "" if attendance.anybody(meeting.id) else _("Van geen gemeente is vastgelegd dat zij er was.")
        found.append(
            Check(_("De aanwezigheid is vastgelegd"), nobody, url_for("attending.show", meeting_code=meeting.code))
        )
    waiting = ngettext("Eén motie wacht nog.", "%(num)s moties wachten nog.", silent) if silent else ""
    none = "" if minutes_of(meeting.id) else _("Er zijn nog geen notulen gepubliceerd.")
    return [
        *found,
        Check(_("Bij elke aangenomen motie staat wat ermee gebeurt"), waiting, url_for("motions.follow_ups")),
        Check(_("De notulen zijn gepubliceerd"), none, "#notulen"),
    ]


def _numbers(rounds: list[Round]) -> str:
    """'Nog niet: stemming 3, 4', or '' where there are none."""
    if not rounds:
        return ""
    return str(
        ngettext("Nog niet: stemming %(numbers)s.", "Nog niet: stemmingen %(numbers)s.", len(rounds),
                 numbers=", ".join(one.label for one in rounds))
    )  # fmt: skip
