"""Coming in: a session for this browser, whatever way somebody showed who they are."""

import secrets

from flask import Response, current_app, make_response, redirect, request, url_for
from flask_babel import gettext as _

from vng_alv.access import session_here
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, Person
from vng_alv.identity import devices
from vng_alv.identity.passkeys import Party
from vng_alv.web import cookie_name, own_path, set_cookie

#: How long a browser is known, in seconds.
KNOWN_FOR = 365 * 24 * 3600


def party() -> Party:
    """This site, as passkeys know it."""
    settings = current_app.config["ALV"]
    return Party(settings.base_url, settings.secret_key)


def device_token() -> str:
    """What this browser is known by, or nothing."""
    return request.cookies.get(cookie_name("alv-device"), "")


def device_name() -> str:
    """The browser and system that sent this request, in a few words."""
    agent = request.user_agent.string
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (browser, system) if part) or _("Onbekend apparaat")


_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip


def enter(person: Person, *, entry: Entry, factor: bool, path: str | None = None) -> Response:
    """Start a session in this browser, in the place of the one that it may have, and go to ``path``."""
    before = session_here()
    if before:
        sessions.end(before.session_id, before.actor.id, before.actor)
    settings = current_app.config["ALV"]
    hours, idle_hours = settings.session_hours, settings.session_idle_hours
    token = sessions.start(person, hours=hours, idle_hours=idle_hours, device=device_name(), entry=entry, factor=factor)
    answer = make_response(redirect(own_path(path, url_for("results.home")), 303))
    set_cookie(answer, "alv", token, max_age=hours * 3600)
    return recognise_from_now(answer, person, quiet=entry in {Entry.INVITATION, Entry.DEMO})


def recognise_from_now(answer: Response, person: Person, *, quiet: bool = True) -> Response:
    """Let this browser be one that the person is known to use; they hear of it by mail unless ``quiet``."""
    device = device_token() or secrets.token_urlsafe(24)
    devices.use(person, device, device_name(), quiet=quiet)
    set_cookie(answer, "alv-device", device, max_age=KNOWN_FOR)
    return answer
