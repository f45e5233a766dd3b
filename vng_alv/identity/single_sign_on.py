"""Signing in with the service of one's own organisation (OpenID Connect with PKCE)."""

import secrets

import structlog
from flask import Blueprint, Response, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config import Provider
from vng_alv import db, limits
from vng_alv.access import public
from vng_alv.accounts import service
from vng_alv.accounts.models import Entry, SignOnRequest
from vng_alv.accounts.queries import token_hash
from vng_alv.errors import Missing, Refused
from vng_alv.identity import linking, pending, providers
from vng_alv.identity.entering import enter
from vng_alv.identity.linking import KeptOut, Why
from vng_alv.identity.providers import NotProven
from vng_alv.web import cookie_name, locale, own_path, page, set_cookie

log = structlog.get_logger()

blueprint = Blueprint("single_sign_on", __name__, url_prefix="/inloggen/via/<name>")

COOKIE = "alv-sign-on"


def _provider(name: str) -> Provider:
    for provider in current_app.config["ALV"].oidc_providers:
        if provider.name == name:
            found: Provider = provider
            return found
    raise Missing("provider")


def _redirect_uri(provider: Provider) -> str:
    base: str = current_app.config["ALV"].base_url
    return base + url_for("single_sign_on.back", name=provider.name)


def _refused(provider: Provider, why: Why, status: int) -> Response:
    answer = page("identity/sign_on_refused.html", status, provider=provider, why=why.value)
    set_cookie(answer, COOKIE, "", max_age=0)
    return answer


@blueprint.get("")
@public
def begin(name: str) -> ResponseReturnValue:
    """Send the browser to the service, and keep what it will come back with.

    A page may not send a form to another site, so this is a link; what it keeps is of no use without the cookie.
    Followed from another site, it leads no further than the page where somebody presses it themselves.
    """
    provider = _provider(name)
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        return redirect(url_for("identity.sign_in", next=own_path(request.args.get("next"), "") or None), 303)
    limits.spend("sign-on", request.remote_addr or "")
    browser = secrets.token_urlsafe(32)
    with db.transaction():
        begun = linking.begin(
            provider,
            browser,
            next_path=own_path(request.args.get("next"), ""),
            invitation_hash=_invitation_hash(request.args.get("uitnodiging", "")),
        )
    try:
        where = providers.address(
            provider, redirect_uri=_redirect_uri(provider), state=begun.state, nonce=begun.nonce,
            verifier=begun.verifier, locale=locale(),
        )  # fmt: skip
    except NotProven as error:
        log.warning("sign_on_away", provider=provider.name, error=str(error))
        return page("identity/sign_on_away.html", 503, provider=provider)
    answer = make_response(redirect(where, 303))
    set_cookie(answer, COOKIE, browser, max_age=int(linking.LASTS.total_seconds()))
    return answer


def _invitation_hash(token: str) -> str:
    """The invitation that somebody came with; one that no longer works is none."""
    if not token:
        return ""
    try:
        service.usable_invitation(token)
    except Refused:
        return ""
    return token_hash(token)


@blueprint.get("/terug")
@public
def back(name: str) -> ResponseReturnValue:
    """Come back from the service, and come in."""
    provider = _provider(name)
    limits.spend("sign-on", request.remote_addr or "")
    try:
        asked, claims = _proven(provider)
        with db.transaction():
            person = linking.recognise(provider, claims, asked.invitation_hash)
            if claims.factor:
                answer = enter(person, entry=Entry.SINGLE_SIGN_ON, factor=True, path=asked.next_path)
            else:
                answer = pending.enter_by_one_step(person, entry=Entry.SINGLE_SIGN_ON, path=asked.next_path)
    except KeptOut as kept_out:
        with db.transaction():
            linking.kept_out(provider, kept_out.why)
        return _refused(provider, kept_out.why, 400 if kept_out.why is Why.NOT_PROVEN else 403)
    set_cookie(answer, COOKIE, "", max_age=0)
    return answer


def _proven(provider: Provider) -> tuple[SignOnRequest, providers.Claims]:
    """What was asked, and what the service proves. The network comes between two transactions."""
    with db.transaction():
        asked = linking.take(provider, request.args.get("state", ""), request.cookies.get(cookie_name(COOKIE), ""))
    try:
        code = request.args.get("code", "")
        if not code:
            raise NotProven(f"no code: {request.args.get('error', '')[:100]!r}")
        claims = providers.prove(
            provider, code=code, issuer=request.args.get("iss"), redirect_uri=_redirect_uri(provider),
            nonce=asked.nonce, verifier=asked.verifier,
        )  # fmt: skip
    except NotProven as error:
        log.warning("sign_on_not_proven", provider=provider.name, error=str(error))
        raise KeptOut(Why.NOT_PROVEN) from None
    return asked, claims
