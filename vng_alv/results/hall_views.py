"""The screen in the hall: a page of its own, without the site around it, that goes on by itself."""

from flask import Blueprint, Response, current_app
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from vng_alv.access import public
from vng_alv.meetings.queries import get_meeting
from vng_alv.results.hall import picture_of
from vng_alv.web import Drawn, drawn_answer, locale, page

blueprint = Blueprint("hall", __name__)


@blueprint.record
def _keep_pictures(state: BlueprintSetupState) -> None:
    state.app.extensions["alv_hall"] = Drawn()


@blueprint.get("/zaal/<meeting_code>")
@public
def show(meeting_code: str) -> ResponseReturnValue:
    """The screen."""
    meeting = get_meeting(meeting_code)
    return page("hall/show.html", meeting=meeting, picture=picture_of(meeting, locale()))


@blueprint.get("/zaal/<meeting_code>/beeld")
@public
def picture(meeting_code: str) -> Response:
    """What is on it now, for a screen that heard of a change: the same for everybody, so it is drawn once."""
    kept: Drawn = current_app.extensions["alv_hall"]
    return drawn_answer(kept.of((meeting_code, locale()), lambda: _draw(meeting_code)))


def _draw(meeting_code: str) -> str:
    found = picture_of(get_meeting(meeting_code), locale())
    return page("hall/picture.html", picture=found).get_data(as_text=True)
