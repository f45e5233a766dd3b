"""What a meeting decided: a page for everybody, and the same as files."""

import io
from collections.abc import Callable, Mapping

from flask import Response, send_file
from flask.typing import ResponseReturnValue

from vng_alv.access import public, requires
from vng_alv.consultation.attaching import POLICY
from vng_alv.domain.permissions import Permission
from vng_alv.exports import decision_papers, decision_words
from vng_alv.exports.archive import file_name
from vng_alv.exports.decisions import Decisions, decisions_of
from vng_alv.exports.minutes import DRAFTS, hall_of
from vng_alv.exports.minutes import draft_minutes as minutes
from vng_alv.exports.views import MEETING, blueprint, made
from vng_alv.meetings.minutes import get_minutes, minutes_of
from vng_alv.meetings.queries import get_meeting
from vng_alv.web import locale, page

__all__ = ["blueprint"]

FORMS = "<any(pdf,docx,xlsx,csv,json):kind>"


@blueprint.get(MEETING + "/besluitenlijst")
@public
def decisions(meeting_code: str) -> ResponseReturnValue:
    """What was decided, item by item, with the downloads."""
    meeting = get_meeting(meeting_code)
    found = decisions_of(meeting, locale())
    return page(
        "results/decisions.html",
        meeting=meeting,
        found=found,
        words=decision_words,
        papers=decision_papers,
        minutes=minutes_of(meeting.id),
    )


@blueprint.get(MEETING + "/besluitenlijst." + FORMS)
@public
def decision_list(meeting_code: str, kind: str) -> ResponseReturnValue:
    """The list of decisions as a file."""
    return _list(meeting_code, "besluitenlijst", kind, decision_papers.DECISIONS)


@blueprint.get(MEETING + "/uitslagenlijst." + FORMS)
@public
def result_list(meeting_code: str, kind: str) -> ResponseReturnValue:
    """The list of results as a file."""
    return _list(meeting_code, "uitslagenlijst", kind, decision_papers.RESULTS)


@blueprint.get("/secretariaat" + MEETING + "/notulen.<any(pdf,docx):kind>")
@requires(Permission.MANAGE_MEETINGS)
def draft_minutes(meeting_code: str, kind: str) -> ResponseReturnValue:
    """The draft minutes, to go on with by hand."""
    meeting = get_meeting(meeting_code)
    facts = (decisions_of(meeting, locale()), hall_of(meeting))
    title = f"{file_name('concept-notulen', meeting.code)}.{kind}"
    answer = made(
        f"minutes-{kind}", facts, lambda: DRAFTS[kind](minutes(*facts)), title, decision_papers.MIMETYPES[kind]
    )
    answer.headers["Cache-Control"] = "no-store"  # it is nobody else's before it is final
    return answer


@blueprint.get(MEETING + "/notulen/<int:number>")
@public
def published_minutes(meeting_code: str, number: int) -> Response:
    """A version of the minutes that was published, to keep."""
    found = get_minutes(get_meeting(meeting_code).id, number)
    mimetype = decision_papers.MIMETYPES[found.kind]
    answer = send_file(io.BytesIO(found.content), mimetype, as_attachment=True, download_name=found.name)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def _list(
    meeting_code: str, name: str, kind: str, makers: Mapping[str, Callable[[Decisions], bytes]]
) -> ResponseReturnValue:
    meeting = get_meeting(meeting_code)
    found, make = decisions_of(meeting, locale()), makers[kind]
    title = f"{file_name(name, meeting.code)}.{kind}"
    return made(f"{name}-{kind}", found, lambda: make(found), title, decision_papers.MIMETYPES[kind])
