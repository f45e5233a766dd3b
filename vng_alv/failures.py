"""How a failure is told: one page, or one problem document, for all of the application."""

import json
import math
import secrets
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from vng_alv import limits
from vng_alv.db import rollback
from vng_alv.errors import Missing, Refused
from vng_alv.refusals import sentence
from vng_alv.web import page

log = structlog.get_logger()

TITLES: dict[int, Any] = {
    400: _("Dit verzoek klopt niet"),
    401: _("U bent niet ingelogd"),
    403: _("U mag deze bladzijde niet zien"),
    404: _("Deze bladzijde bestaat niet"),
    405: _("Dit verzoek klopt niet"),
    409: _("Dit kan nu niet"),
    413: _("Dit bestand is te groot"),
    422: _("Dit kan nu niet"),
    429: _("Te veel pogingen"),
    500: _("Er ging iets mis bij ons"),
    503: _("Het systeem is even niet bereikbaar"),
}
WORDS: dict[int, Any] = {
    401: _("Uw sessie is afgelopen. Log opnieuw in; er is niets gewijzigd."),
    403: _("Uw account heeft hier geen toegang toe. Bel het secretariaat als dat niet klopt."),
    404: _("Het adres klopt niet, of de bladzijde is verplaatst. Begin op de eerste bladzijde."),
    405: _("Deze bladzijde kan dat niet. Ga terug en probeer het nog eens."),
    413: _("Het bestand is groter dan %(size)s MB. Er is niets gewijzigd. Kies een kleiner bestand."),
    429: _("Dit is te vaak geprobeerd, misschien door iemand anders. Er is niets gewijzigd."),
    500: _("Wat u deed is niet vastgelegd. Probeer het opnieuw, of bel het secretariaat en noem het kenmerk."),
}


#: What somebody can do whose password is guessed at by others.
MEANWHILE = _(
    "Bent u het zelf? Log dan nu in met een passkey, of kies een nieuw wachtwoord met de link in een mail. "
    "Met een apparaat dat u eerder gebruikte, kunt u gewoon inloggen."
)


def failure(status: int, words: str, action: str = "") -> Response:
    """A failure as a page that may say what to do, or as a problem document for a program that asked for JSON."""
    reference = secrets.token_hex(4).upper()
    # The rule and never the path: a path may hold a link that still works.
    where = request.url_rule.rule if request.url_rule else None
    log.log(40 if status >= 500 else 20, "failure", status=status, reference=reference, path=where)
    title = str(TITLES.get(status, TITLES[400]))
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    if best == "application/json":
        problem = {"type": "about:blank", "title": title, "status": status, "detail": words, "instance": reference}
        return Response(json.dumps(problem, ensure_ascii=False), status, mimetype="application/problem+json")
    try:
        told = {"code": status, "title": title, "what": words, "action": action, "reference": reference}
        return page("errors/error.html", status, **told)
    except Exception as error:  # the page itself needs the database, which may be what failed
        log.error("failure_page_failed", reference=reference, error=repr(error))
        return Response(f"{title}. {words} ({reference})\n", status, mimetype="text/plain")


def install(app: Flask) -> None:
    """One way to tell a failure, for all of the application."""

    @app.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        return failure(error.status, sentence(error))

    @app.errorhandler(Missing)
    def missing(_error: Missing) -> ResponseReturnValue:
        return failure(404, str(WORDS[404]))

    @app.errorhandler(limits.TooMany)
    def too_many(error: limits.TooMany) -> ResponseReturnValue:
        minutes = math.ceil(error.seconds / 60)
        when = ngettext("Over %(num)s minuut kan het weer.", "Over %(num)s minuten kan het weer.", minutes)
        answer = failure(429, f"{WORDS[429]} {when}", str(MEANWHILE) if error.what == "password" else "")
        answer.headers["Retry-After"] = str(error.seconds)
        return answer

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        g.skip_form = True
        return failure(413, str(WORDS[413]) % {"size": app.config["ALV"].upload_bytes // 2**20})

    @app.errorhandler(SecurityError)
    def forged_host(_error: SecurityError) -> ResponseReturnValue:
        return Response(f"{TITLES[400]}\n", 400, mimetype="text/plain")  # no page: no address of ours can be made

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        if code < 400:
            return error
        return failure(code, str(WORDS.get(code) or error.description or ""))

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> ResponseReturnValue:
        rollback()
        log.exception("unexpected", exc_info=error)
        return failure(500, str(WORDS[500]))
