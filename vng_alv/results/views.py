"""The first page, outcomes for everybody, and the same numbers as CSV and JSON."""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from vng_alv.access import public, signed_in
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_association
from vng_alv.results import documents, queries
from vng_alv.results.home import home_of
from vng_alv.voting.queries import get_round, rounds_of, standing
from vng_alv.voting.summary import summaries, summary
from vng_alv.web import csv_answer, json_answer, locale, page

blueprint = Blueprint("results", __name__)


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
    found = [r for r in rounds_of(meeting.id) if r.state != "draft"]
    return page("results/meeting_results.html", meeting=meeting, summaries=summaries(found, locale()))


@blueprint.get("/vergaderingen/<meeting_code>/uitslagen/<int:number>")
@public
def round_result(meeting_code: str, number: int) -> ResponseReturnValue:
    """One round: its verdict with the arithmetic, figures and every member's vote."""
    meeting = get_meeting(meeting_code)
    found = queries.visible(get_round(meeting.id, number))
    return page(
        "results/round.html",
        meeting=meeting,
        summary=summary(found, locale()),
        proposal=found.proposal,
        neighbours=queries.neighbours(meeting.id, number),
    )


@blueprint.get("/vergaderingen/<meeting_code>/uitslagen/<int:number>.csv")
@public
def round_csv(meeting_code: str, number: int) -> Response:
    """Every member's vote, as a spreadsheet."""
    meeting = get_meeting(meeting_code)
    shown = queries.published(get_round(meeting.id, number))
    rows = documents.csv_rows(summary(shown, locale()), locale(), example=get_association().example)
    return csv_answer(rows, f"{meeting.code}-stemming-{number}.csv")


@blueprint.get("/vergaderingen/<meeting_code>/uitslagen/<int:number>.json")
@public
def round_json(meeting_code: str, number: int) -> Response:
    """The whole outcome, as data (docs/formats.md)."""
    meeting = get_meeting(meeting_code)
    shown = queries.published(get_round(meeting.id, number))
    address = url_for("results.round_result", meeting_code=meeting.code, number=number)
    data = documents.as_json(summary(shown, locale()), meeting, address, example=get_association().example)
    return json_answer(data)


@blueprint.get("/vergaderingen/<meeting_code>/stand.json")
@public
def turnout(meeting_code: str) -> Response:
    """States and turnout, for screens that cannot follow the stream."""
    answer = json_answer(standing(get_meeting(meeting_code)))
    answer.headers["Cache-Control"] = "public, max-age=1"
    return answer
