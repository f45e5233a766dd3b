"""The web application: the one place that knows all features."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Request, Response, current_app, g, jsonify, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_login import LoginManager, current_user
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from config import Settings
from vng_alv import access, db, failures, jobs, limits, live, logs, web
from vng_alv.accounts import queries as accounts
from vng_alv.accounts import sessions
from vng_alv.amendments import merge_views
from vng_alv.answering import views as answering_views
from vng_alv.consultation import views as consultation_views
from vng_alv.convening import views as convening_views
from vng_alv.demo import views as demo_views
from vng_alv.domain.permissions import Actor, Permission, SignedIn
from vng_alv.errors import Missing
from vng_alv.exports import decision_views as exports_views
from vng_alv.identity import account, factors_views, joining, recovering, single_sign_on, steps
from vng_alv.identity import views as identity_views
from vng_alv.meetings.queries import seats_of
from vng_alv.members import agenda_views as members_views
from vng_alv.members import queries as members
from vng_alv.municipality import registering
from vng_alv.municipality import views as municipality
from vng_alv.results import amendments as amendments_views
from vng_alv.results import feed, figures_views, hall_views
from vng_alv.results import meetings as meetings_views
from vng_alv.results import members as member_pages
from vng_alv.results import motions as motions_views
from vng_alv.results import proposals as proposals_views
from vng_alv.results import tables as public_tables
from vng_alv.secretariat import attending, chasing_views, closing, factors, inviting, papers, persons, rights, timeline
from vng_alv.secretariat import tables as desk_tables
from vng_alv.secretariat import views as secretariat_views
from vng_alv.secretariat.forms import ACTS, ROLES
from vng_alv.signing import views as signing_views
from vng_alv.submissions import views as submissions_views
from vng_alv.voting import check_views, following, noting_views, preparing_views, secret_views
from vng_alv.voting import queries as voting

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROOT = Path(__file__).parents[1]

log = structlog.get_logger()

#: How far ahead security.txt says that it holds.
SECURITY_LASTS = timedelta(days=180)

#: At most about so many threads use the session at once; the others wait a moment. Casts have a line of their own.
POOL = 16


def release() -> str:
    """The version of the product."""
    try:
        return version("vng-alv")
    except PackageNotFoundError:
        line = next(x for x in (ROOT / "pyproject.toml").read_text().splitlines() if x.startswith("version"))
        return line.split('"')[1]


def create_app(settings: Settings) -> Flask:
    """An application with these settings. Raises ``RuntimeError`` when the database could lose acknowledged votes."""
    logs.configure()
    app = Flask("vng_alv", root_path=str(ROOT / "vng_alv"), template_folder=str(ROOT / "templates"))
    app.config.update(
        ALV=settings,
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-alv-flash" if settings.secure_cookies else "alv-flash",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=settings.upload_bytes,
        MAX_FORM_MEMORY_SIZE=settings.upload_bytes,
        MAX_FORM_PARTS=5_000,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        BABEL_DEFAULT_LOCALE="nl",
        BABEL_DEFAULT_TIMEZONE="Europe/Amsterdam",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "vng_alv" / "translations"),
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.session_interface = Flashes()
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    connect(settings)
    Babel(app, locale_selector=_locale)
    login = LoginManager(app)
    login.request_loader(_person)
    web.install_filters(app)
    failures.install(app)
    _install_doors(app)
    for blueprint in (
        web.blueprint,
        feed.blueprint,  # that of the results
        member_pages.blueprint,
        figures_views.blueprint,
        hall_views.blueprint,
        identity_views.blueprint,
        members_views.blueprint,
        meetings_views.blueprint,
        proposals_views.blueprint,
        consultation_views.blueprint,
        answering_views.blueprint,
        amendments_views.blueprint,
        merge_views.blueprint,
        submissions_views.blueprint,
        motions_views.blueprint,
        convening_views.blueprint,
        exports_views.blueprint,
        secret_views.blueprint,
        preparing_views.blueprint,
        check_views.blueprint,
        noting_views.blueprint,
        following.blueprint,
        signing_views.blueprint,
        secretariat_views.blueprint,
        papers.blueprint,
        public_tables.blueprint,
        desk_tables.blueprint,
        *(room.blueprint for room in (joining, steps, factors_views, account, recovering, single_sign_on)),
        *(room.blueprint for room in (attending, chasing_views, closing, factors, inviting, persons, rights, timeline)),
        *(room.blueprint for room in (municipality, registering)),
    ):
        app.register_blueprint(blueprint)
    if settings.demo:
        app.register_blueprint(demo_views.blueprint)
    app.add_url_rule("/gezond", "health", access.public(health))
    app.add_url_rule("/.well-known/security.txt", "security", access.public(security))
    app.jinja_env.globals.update(act_words=ACTS, role_words=ROLES, sign_on_providers=settings.oidc_providers)
    app.context_processor(_context)
    if settings.secure_cookies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(ROOT / "vng_alv" / "static" / "build"),
        prefix="static/build/",
        max_age=31536000,
        allow_all_origins=False,
    )
    app.wsgi_app = FixedHeaders(app.wsgi_app, settings)  # type: ignore[method-assign]
    return app


def connect(settings: Settings) -> None:
    """Let this process use the database and the broker of ``settings``. Raises as ``create_app`` does."""
    db.connect(settings.database_url, min(settings.web_threads, POOL) + 2)
    if unsafe := db.unsafe_durability():
        raise RuntimeError(unsafe)
    jobs.configure(jobs.producer, settings.redis_url)
    live.connect(settings.redis_url)
    limits.connect(settings.redis_url)


class FixedHeaders:
    """The headers that every answer has: pages, files, failures, and what answers before the application does."""

    def __init__(self, app: "WSGIApplication", settings: Settings) -> None:
        self.app, self.headers = app, _fixed_headers(settings)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the application does, with the headers that it did not set itself."""

        def start(status: str, headers: list[tuple[str, str]], *further: Any) -> Callable[[bytes], object]:
            own = {name.lower() for name, _value in headers}
            return start_response(status, headers + [h for h in self.headers if h[0].lower() not in own], *further)

        return self.app(environ, start)


class Flashes(SecureCookieSessionInterface):
    """Flask's own session carries messages to the next page and nothing else; without its cookie it costs nothing."""

    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie holds, or nothing."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def _locale() -> str:
    chosen = request.cookies.get(web.cookie_name("alv-locale"))
    if chosen in web.LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(web.LOCALES, "nl") or "nl"


def _person(_request: Any) -> Actor | None:
    token = request.cookies.get(web.cookie_name("alv"))
    g.alv_session = found = accounts.find_signed_in(token) if token else None
    return found.actor if found else None


def _install_doors(app: Flask) -> None:
    app.before_request(web.guard_forms)
    app.before_request(web.guard_text)
    app.before_request(steps.verify)
    app.before_request(_begin)
    app.before_request(access.gate)
    app.after_request(_finish)
    app.after_request(_caching)
    app.teardown_request(lambda _error: db.session.remove())


def _begin() -> None:
    """A request that changes something starts its transaction as a writing one, unless it has slow work to do first."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in web.UNSAFE and not getattr(view, "alv_reads_first", False):
        db.begin_writing()


def _finish(answer: Response) -> Response:
    """The door commits, once, by the answer's status: a change that was refused or failed leaves nothing behind."""
    if db.in_use():
        if request.method in web.UNSAFE and answer.status_code < 400:
            db.commit()
        else:
            db.rollback()
    here: SignedIn | None = g.get("alv_session")
    if here and datetime.now(UTC) - here.last_used_at > sessions.USED_WITHIN:
        _keep_use(here)
    if "form_cookie" in g:
        web.set_cookie(answer, "alv-form", g.form_cookie)
    return answer


def _keep_use(here: SignedIn) -> None:
    try:
        with db.transaction():
            sessions.use(here.session_id)
    except Exception as error:  # the page is good without it
        log.warning("session_use_not_kept", error=repr(error))


def _fixed_headers(settings: Settings) -> list[tuple[str, str]]:
    """The headers that every answer has."""
    live_origin = f" {settings.live_url}" if settings.live_url != settings.base_url else ""
    found = [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", web.device_policy()),
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            f"connect-src 'self'{live_origin}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ]
    if settings.secure_cookies:
        found.append(("Strict-Transport-Security", live.HSTS))
    return found


def _caching(answer: Response) -> Response:
    if "Cache-Control" not in answer.headers:
        answer.headers["Cache-Control"] = "no-store" if access.signed_in() else "no-cache"
    return answer


def _context() -> dict[str, Any]:
    person = access.signed_in()
    association = members.find_association()

    def can(permission: str) -> bool:
        return person is not None and person.may(Permission(permission))

    meetings = voting.open_meetings()
    open_meeting = meetings[0] if meetings else None
    return {
        "association": association or {"name": "ALV", "phone": "", "example": False},
        "example": bool(association and association.example),
        "demo": current_app.config["ALV"].demo,
        "can": can,
        "current_user": current_user,
        "locale": web.locale(),
        "open_meeting": open_meeting,
        "voter": bool(person and open_meeting and seats_of(person.id, open_meeting.id)),
        "now": datetime.now(UTC),
        "release": release_name,
        "stream_of": _stream_of,
    }


def _stream_of(code: str) -> str:
    """Where a meeting's live stream is; that of somebody who is signed in ends with their session."""
    here = access.session_here()
    return f"{current_app.config['ALV'].live_url}/live/{code}" + (f"?sessie={here.session_id}" if here else "")


release_name = release()


def security() -> ResponseReturnValue:
    """Where to report a weakness (RFC 9116)."""
    association = members.find_association()
    if association is None or not association.email:
        raise Missing("contact")
    base = current_app.config["ALV"].base_url
    until = (datetime.now(UTC) + SECURITY_LASTS).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: mailto:{association.email}",
        f"Expires: {until.isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: nl, en",
        f"Canonical: {base}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def health() -> ResponseReturnValue:
    """Database, broker and the worker's last sign of life, for a monitor."""
    try:
        db.check()
        database = True
    except Exception as error:
        log.error("database_missing", error=repr(error))
        database = False
    broker, seen = live.health()
    age = (datetime.now(UTC) - seen).total_seconds() if seen else None
    worker = age is not None and age < live.WORKER_SILENT
    state = "ok" if database and broker and worker else "degraded" if database else "down"
    answer = jsonify(
        status=state,
        database="ok" if database else "missing",
        broker="ok" if broker else "missing",
        worker={"status": "ok" if worker else "silent", "seconds_since_sign_of_life": age and round(age, 1)},
        version=release_name,
    )
    answer.status_code = 200 if database else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer
