"""What opens while a ballot lies open in a browser: the questions of now, the same for everybody."""

from types import SimpleNamespace

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from vng_alv.access import public
from vng_alv.meetings.queries import get_meeting
from vng_alv.voting import queries
from vng_alv.voting.views import questions_on
from vng_alv.web import Drawn, drawn_answer, locale, page

blueprint = Blueprint("following", __name__)


@blueprint.record
def _keep_questions(state: BlueprintSetupState) -> None:
    state.app.extensions["alv_questions"] = Drawn()


@blueprint.get("/stemmen/<meeting_code>/vragen")
@public
def questions(meeting_code: str) -> Response:
    """All open questions of a meeting, or its rehearsals, without anything of a member: hundreds of ballots ask for
    them within a second of an opening, and one drawing serves them."""
    rehearsals = bool(request.args.get("proef"))
    kept: Drawn = current_app.extensions["alv_questions"]
    key = (meeting_code, locale(), "proef" if rehearsals else "")
    return drawn_answer(kept.of(key, lambda: _draw(meeting_code, rehearsals=rehearsals)))


def _draw(meeting_code: str, *, rehearsals: bool) -> str:
    meeting = get_meeting(meeting_code)
    rounds = queries.open_rounds(meeting.id, rehearsals=rehearsals)
    acclaimed = [] if rehearsals else queries.acclaimed_now(meeting.id)
    drawn = page(
        "voting/questions.html",
        meeting=meeting,
        questions=questions_on([one for one in rounds if not one.secret]),
        secret=[one for one in rounds if one.secret],
        hall=[SimpleNamespace(round=one, noted=[], others=[]) for one in acclaimed],
    )
    return drawn.get_data(as_text=True)
