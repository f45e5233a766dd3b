"""The files that people work with. All of it is public, and the same for whoever asks."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv import db, limits
from vng_alv.access import public, requires
from vng_alv.consultation.models import Consultation
from vng_alv.consultation.queries import get_consultation
from vng_alv.domain.consultation import is_public
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Missing
from vng_alv.exports import answers_report, archive, papers, pdf, queries, word_papers
from vng_alv.exports.answers import report_of
from vng_alv.exports.archive import file_name
from vng_alv.exports.queries import MeetingFacts
from vng_alv.exports.store import Busy, Store, key_of
from vng_alv.failures import failure
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import get_proposal
from vng_alv.web import locale, uuid_or_missing

log = structlog.get_logger()
blueprint = Blueprint("exports", __name__)

PDF = "application/pdf"
ZIP = "application/zip"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MEETING = "/vergaderingen/<meeting_code>"
TEXT = MEETING + "/stukken/<proposal_code>"
#: The forms of the report on a consultation.
ANSWERS = {
    "pdf": (answers_report.to_pdf, PDF),
    "docx": (answers_report.to_docx, DOCX),
    "xlsx": (answers_report.to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
#: Seconds that the set of a meeting may lag behind: when a hall asks for it, it is looked up once for all of them.
KEEP = 5.0
_recent: dict[tuple[object, ...], tuple[float, str]] = {}


@blueprint.app_errorhandler(pdf.NotMade)
def not_made(error: pdf.NotMade) -> ResponseReturnValue:
    """Tell that a file could not be made; why is in the log."""
    log.error("export_not_made", reason=str(error))
    return failure(
        503,
        _("Dit bestand kon nu niet worden gemaakt. Lees de tekst zolang op de site, en noem het kenmerk als u belt."),
    )


@blueprint.app_errorhandler(Busy)
def busy(_error: Busy) -> ResponseReturnValue:
    """Tell that it is being made."""
    answer = failure(503, _("Dit bestand wordt net gemaakt. Probeer het over een halve minuut opnieuw."))
    answer.headers["Retry-After"] = "30"
    return answer


def _store() -> Store:
    return Store(current_app.config["ALV"].data / "exports")


def _file(key: str, content: Callable[[], bytes], name: str, kind: str) -> Response:
    """The file of a key, which is its ETag; ``content`` is asked for only where the reader has not got it yet."""
    answer = Response(mimetype=kind)
    answer.set_etag(key)
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Cookie, Accept-Language"
    answer.headers["Content-Disposition"] = f'{"inline" if kind == PDF else "attachment"}; filename="{name}"'
    if key not in request.if_none_match:
        answer.set_data(content())
    answer.make_conditional(request)
    return answer


def made(kind: str, facts: Any, make: Callable[[], bytes], name: str, mimetype: str) -> Response:
    """A file of these facts; whoever lets it be made spends one of its number."""
    who, key = request.remote_addr or "", key_of(kind, locale(), facts)
    db.rollback()  # all facts are here: making a file holds no connection

    def spend_and_make() -> bytes:
        limits.spend("export", who)
        return make()

    return _file(key, lambda: _store().get(key, spend_and_make), name, mimetype)


def _text(meeting_code: str, proposal_code: str) -> tuple[Meeting, Proposal]:
    meeting = get_meeting(meeting_code)
    return meeting, get_proposal(meeting.id, proposal_code)


def _number(name: str) -> int | None:
    """A version's number from the address, None where none is asked for. Raises ``Missing`` for what is none."""
    given = request.args.get(name)
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 6:
        raise Missing("version")
    return int(given)


@blueprint.get(TEXT + ".pdf")
@public
def text_pdf(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """One version of a text, to print and to quote from."""
    meeting, proposal = _text(meeting_code, proposal_code)
    version = queries.published_version(proposal, _number("versie"))
    place, facts = queries.place_of(meeting), queries.text_facts(proposal, version)
    name = f"{file_name(facts.code, facts.title)}-v{facts.version}.pdf"
    return made("text", (place, facts), lambda: pdf.make("text", papers.text_paper(place, facts)), name, PDF)


@blueprint.get(TEXT + ".docx")
@public
def text_docx(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """One version of a text, to go on with in Word."""
    meeting, proposal = _text(meeting_code, proposal_code)
    version = queries.published_version(proposal, _number("versie"))
    place, facts = queries.place_of(meeting), queries.text_facts(proposal, version)
    name = f"{file_name(facts.code, facts.title)}-v{facts.version}.docx"
    return made("word", (place, facts), lambda: word_papers.text_in_word(place, facts), name, DOCX)


@blueprint.get(TEXT + "/vergelijk.docx")
@public
def compared_docx(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Two versions of a text, with what changed as changes in Word."""
    meeting, proposal = _text(meeting_code, proposal_code)
    new = queries.published_version(proposal, _number("naar"))
    given = _number("van")
    old = queries.published_version(proposal, new.number - 1 if given is None else given)
    place, facts = queries.place_of(meeting), queries.compared_facts(proposal, old, new)
    name = f"{file_name(proposal.code, 'vergelijk')}-v{old.number}-v{new.number}.docx"
    return made("compared", (place, facts), lambda: word_papers.compared_in_word(place, *facts), name, DOCX)


@blueprint.get("/secretariaat" + TEXT + "/nota.<any(pdf,docx,xlsx):kind>")
@requires(Permission.READ_REACTIONS)
def answers(meeting_code: str, proposal_code: str, kind: str) -> ResponseReturnValue:
    """What was said in the consultation and what was answered, as it stands now, in each of its forms."""
    _meeting, proposal = _text(meeting_code, proposal_code)
    answer = make_response(_answers(get_consultation(proposal.id), kind))
    answer.headers["Cache-Control"] = "no-store"  # not everybody may read it yet
    return answer


@blueprint.get(TEXT + "/nota.pdf")
@public
def public_answers(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """The same, once the consultation is over."""
    _meeting, proposal = _text(meeting_code, proposal_code)
    consultation = get_consultation(proposal.id)
    if not is_public(sent=True, closes_at=consultation.closes_at, now=db.now()):
        raise Missing("answers")
    return _answers(consultation, "pdf")


def _answers(consultation: Consultation, kind: str) -> ResponseReturnValue:
    facts, (make, mimetype) = report_of(consultation), ANSWERS[kind]
    name = f"{file_name('nota', consultation.proposal.code)}.{kind}"
    return made(f"answers-{kind}", facts, lambda: make(facts), name, mimetype)


@blueprint.get("/amendementen/<submission_id>.docx")
@public
def amendment_docx(submission_id: str) -> ResponseReturnValue:
    """An amendment, with what it changes as changes in Word."""
    place, facts = queries.amendment_facts(uuid_or_missing(submission_id))
    name = f"{file_name(facts.about.label, facts.about.title)}.docx"
    return made("amendment", (place, facts), lambda: word_papers.amendment_in_word(place, facts), name, DOCX)


@blueprint.get(MEETING + "/vergaderset.pdf")
@public
def set_pdf(meeting_code: str) -> ResponseReturnValue:
    """Everything for one meeting in one document."""

    return _set(meeting_code, "set", lambda facts, now: pdf.make("set", papers.set_paper(facts, now)), PDF)


@blueprint.get(MEETING + "/vergaderset.zip")
@public
def set_zip(meeting_code: str) -> ResponseReturnValue:
    """Everything for one meeting as separate files."""
    return _set(meeting_code, "zip", lambda facts, _now: archive.make(facts), ZIP)


def _set(meeting_code: str, kind: str, make: Callable[[MeetingFacts, datetime], bytes], mimetype: str) -> Response:
    meeting = get_meeting(meeting_code)
    name = f"{file_name('vergaderset', meeting.code)}.{'pdf' if kind == 'set' else 'zip'}"
    place = (meeting.id, kind, locale())
    until, key = _recent.get(place, (0.0, ""))
    if time.monotonic() < until and (found := _store().find(key)) is not None:
        return _file(key, lambda: found, name, mimetype)
    facts, now = queries.meeting_facts(meeting), db.now()
    answer = made(kind, facts, lambda: make(facts, now), name, mimetype)
    _recent[place] = (time.monotonic() + KEEP, answer.get_etag()[0] or "")
    return answer
