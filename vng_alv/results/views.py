"""The first page, outcomes for everybody, and the same numbers as CSV and JSON."""

import threading
import uuid
from functools import lru_cache

from flask import Blueprint, Response, current_app, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import public, signed_in
from vng_alv.domain.rounds import IN_PREPARATION
from vng_alv.errors import Missing
from vng_alv.exports.bundles import VERIFIERS, signed_bundle
from vng_alv.exports.outcomes import as_json, csv_rows
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_association
from vng_alv.results import queries
from vng_alv.results.home import home_of
from vng_alv.results.standings import Standings
from vng_alv.signing.service import place
from vng_alv.voting.about import subject_of
from vng_alv.voting.queries import get_round, lots_of, rounds_of
from vng_alv.voting.summary import summaries, summary
from vng_alv.web import csv_answer, json_answer, locale, page

blueprint = Blueprint("results", __name__)


#: So many outcomes a process keeps as they are shown; each is some 300 kB.
OUTCOMES = 32
_drawing = threading.Lock()


@blueprint.record
def _keep_standings(state: BlueprintSetupState) -> None:
    state.app.extensions["alv_standings"] = Standings()


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """What is asked of this person and until when; for everybody else the latest meeting and its decisions."""
    return page("home.html", **home_of(signed_in(), locale()))


@blueprint.get("/vergaderingen/<meeting_code>/uitslagen")
@public
def meeting_results(meeting_code: str) -> ResponseReturnValue:
    """All rounds of a meeting: turnout of what runs, outcome of what is published."""
    meeting = get_meeting(meeting_code)
    found = [r for r in rounds_of(meeting.id) if r.state not in IN_PREPARATION]
    return page("results/meeting_results.html", meeting=meeting, summaries=summaries(found, locale()))


@blueprint.get("/vergaderingen/<meeting_code>/uitslagen/<int:number>")
@public
def round_result(meeting_code: str, number: int) -> ResponseReturnValue:
    """One round: its verdict with the arithmetic, figures and every member's vote."""
    meeting = get_meeting(meeting_code)
    found = queries.visible(get_round(meeting.id, number))
    outcome = ""
    if found.published_at:
        with _drawing:  # when an outcome is pronounced all screens come for it at once, and one drawing serves them
            outcome = _outcome(meeting.id, number, locale(), bool(lots_of([found.id])))
    return page(
        "results/round.html",
        meeting=meeting,
        summary=summary(found, locale(), with_ballots=False),
        outcome=outcome,
        proposal=found.proposal,
        subject=subject_of(found),
        neighbours=queries.neighbours(meeting.id, number),
    )


@lru_cache(OUTCOMES)
def _outcome(meeting_id: uuid.UUID, number: int, language: str, lots: bool) -> str:
    """A pronounced outcome as it is shown, before or after lots were drawn. The database lets nothing else of it change
    any more, so it is drawn once."""
    found = get_round(meeting_id, number)
    drawn = page("results/_outcome.html", meeting=found.meeting, summary=summary(found, language))
    return drawn.get_data(as_text=True)


@blueprint.get("/vergaderingen/<meeting_code>/uitslagen/<int:number>.csv")
@public
def round_csv(meeting_code: str, number: int) -> Response:
    """Every member's vote, as a spreadsheet."""
    meeting = get_meeting(meeting_code)
    shown = queries.published(get_round(meeting.id, number))
    rows = csv_rows(summary(shown, locale()), locale(), example=get_association().example)
    return csv_answer(rows, f"{meeting.code}-stemming-{number}.csv")


@blueprint.get("/vergaderingen/<meeting_code>/uitslagen/<int:number>.json")
@public
def round_json(meeting_code: str, number: int) -> Response:
    """The whole outcome, as data (docs/formats.md)."""
    meeting = get_meeting(meeting_code)
    shown = queries.published(get_round(meeting.id, number))
    address = url_for("results.round_result", meeting_code=meeting.code, number=number)
    data = as_json(summary(shown, locale()), subject_of(shown), meeting, address, example=get_association().example)
    return json_answer(data)


@blueprint.get("/vergaderingen/<meeting_code>/uitslagen/<int:number>/bundel.json")
@public
def round_bundle(meeting_code: str, number: int) -> Response:
    """All that it takes to count this round again without this site, signed (docs/verify.md)."""
    meeting = get_meeting(meeting_code)
    shown = queries.published(get_round(meeting.id, number))
    settings = current_app.config["ALV"]
    where = place(settings.signing_key, settings.data)
    about = _("Met %(address)s telt u deze stemming zelf na.", address=settings.base_url + url_for("results.verify"))
    answer = json_answer(signed_bundle(shown, meeting, where, str(about)))
    answer.headers["Content-Disposition"] = f'attachment; filename="{meeting.code}-stemming-{number}-bundel.json"'
    return answer


@blueprint.get("/narekenen")
@public
def verify() -> ResponseReturnValue:
    """How anybody counts a vote again, with two programs that have nothing to do with this site or with each other."""
    return page("results/verify.html")


@blueprint.get("/narekenen/<program>")
@public
def verifier(program: str) -> Response:
    """One of the two programs, as a file."""
    file = next((path for path in VERIFIERS.iterdir() if path.name == program), None)
    if file is None:
        raise Missing("verifier")
    kind = "text/html" if program.endswith(".html") else "text/x-python"
    answer = Response(file.read_bytes(), mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{program}"'
    return answer


@blueprint.get("/vergaderingen/<meeting_code>/stand.json")
@public
def turnout(meeting_code: str) -> Response:
    """States and turnout, for screens that cannot follow the stream and ask again and again."""
    standings: Standings = current_app.extensions["alv_standings"]
    answer = json_answer(standings.of(meeting_code))
    answer.headers["Cache-Control"] = "public, max-age=1"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
