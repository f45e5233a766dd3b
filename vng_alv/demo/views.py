"""Stepping into the demo with one click, and its inbox. These addresses exist in demo mode only."""

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from vng_alv.access import public
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry
from vng_alv.accounts.queries import find_person_by_email
from vng_alv.demo import mailbox
from vng_alv.demo.people import email_of, for_everybody, personas
from vng_alv.errors import Missing
from vng_alv.members.queries import all_members, get_association
from vng_alv.voting.queries import open_meetings
from vng_alv.web import Page, page, page_number, set_cookie

blueprint = Blueprint("demo", __name__, url_prefix="/demo")

LETTERS = 25


def _folder() -> Path:
    return Path(current_app.config["ALV"].data) / "inbox"


@blueprint.before_request
def only_invented() -> None:
    """Even in demo mode these addresses are closed where the votes are not marked as invented."""
    if not (current_app.config["ALV"].demo and get_association().example):
        abort(404)


@blueprint.get("")
@public
def index() -> ResponseReturnValue:
    """Whom to step in as."""
    members = sorted(all_members(), key=lambda m: m.name)
    opened = open_meetings()
    return page(
        "demo/index.html",
        personas=personas(),
        steps=for_everybody(),
        members=members,
        letters=mailbox.count(_folder()),
        meeting=opened[0] if opened else None,
    )


@blueprint.post("/instappen")
@public
def step_in() -> ResponseReturnValue:
    """Sign in as one of the demo's people, without a password, and go to what was chosen to try."""
    key = request.form.get("als", "")
    person = find_person_by_email(email_of(key))
    if person is None:
        raise Missing("persona")
    paths = [one.path(request.form.get("stap", "")) for one in personas() if one.key == key]
    hours = current_app.config["ALV"].session_hours
    token = sessions.start(person, hours=hours, device="demo", entry=Entry.DEMO, factor=True)
    answer = make_response(redirect(next(filter(None, paths), url_for("results.home")), 303))
    set_cookie(answer, "alv", token, max_age=hours * 3600)
    return answer


@blueprint.get("/postvak")
@public
def inbox() -> ResponseReturnValue:
    """Every mail that the system really sent."""
    to = request.args.get("aan", "")
    found = Page(mailbox.letters(_folder(), page=page_number(), size=LETTERS, to=to), page_number(), LETTERS)
    return page("demo/inbox.html", letters=found, to=to, total=mailbox.count(_folder()))


@blueprint.get("/postvak/<key>")
@public
def letter(key: str) -> ResponseReturnValue:
    """One mail, as text."""
    return page("demo/letter.html", letter=mailbox.letter(_folder(), key))


@blueprint.get("/postvak/<key>/html")
@public
def letter_html(key: str) -> Response:
    """The HTML of one mail as a mail program shows it, shut off from the site by its own policy."""
    answer = Response(mailbox.letter(_folder(), key).html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    return answer
