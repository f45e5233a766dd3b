"""What opens while a ballot lies open in a browser: the questions of now, the same for everybody, and beside them what
the own municipality prepared."""

from types import SimpleNamespace

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from vng_alv.access import actor, public, requires
from vng_alv.domain.permissions import Permission
from vng_alv.meetings.queries import get_meeting
from vng_alv.voting import queries
from vng_alv.voting.views import chosen_seat, prepared_on, questions_on
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


@blueprint.get("/stemmen/<meeting_code>/stemadvies")
@requires(Permission.VOTE)
def advice(meeting_code: str) -> ResponseReturnValue:
    """What the member prepared on all open questions of a meeting, for whoever votes for it and works there."""
    meeting = get_meeting(meeting_code)
    seat = chosen_seat(meeting, actor())
    rounds = [one for one in queries.open_rounds(meeting.id) if not one.secret]
    prepared = prepared_on(rounds, meeting, seat)
    return page("voting/own_advice.html", meeting=meeting, code=seat.member.code, prepared=list(prepared.values()))


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
