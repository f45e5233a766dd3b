"""What every page shares: forms with their guard, paging, filters, and answers with files."""

import csv
import hmac
import io
import json
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode, urlsplit

import segno
import structlog
from babel.dates import format_date, format_datetime
from flask import Blueprint, Flask, Response, current_app, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from wtforms import FileField, Form
from wtforms.csrf.core import CSRF
from wtforms.validators import ValidationError

from vng_alv import limits
from vng_alv.access import public
from vng_alv.domain.clock import AMSTERDAM, day_of
from vng_alv.domain.numbers import grouped
from vng_alv.errors import Missing, Refused
from vng_alv.refusals import sentence

log = structlog.get_logger()
blueprint = Blueprint("web", __name__)

LOCALES = ("nl", "en")
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def locale() -> str:
    """The language of this request: 'nl' or 'en'."""
    return str(get_locale() or "nl")[:2]


View = TypeVar("View", bound=Callable[..., Any])


def reads_first(view: View) -> View:
    """Mark a view that begins by reading: it has slow work to do first, or its own way to write."""
    view.alv_reads_first = True  # type: ignore[attr-defined]
    return view


# --- Forms


def _browser() -> str:
    """What stands for this browser in the guard of its forms: its session, or a cookie of its own."""
    settings = current_app.config["ALV"]
    token = request.cookies.get(cookie_name("alv")) or request.cookies.get(cookie_name("alv-form"))
    if not token:
        token = g.setdefault("form_cookie", secrets.token_urlsafe(24))
    return hmac.digest(settings.secret_key.encode(), b"csrf:" + token.encode(), "sha256").hex()


def csrf_token() -> str:
    """The token that a form of this browser carries."""
    return _browser()


def cookie_name(name: str) -> str:
    """A cookie's name: with the prefix that binds it to this host and to TLS, where there is TLS."""
    return "__Host-" + name if current_app.config["ALV"].secure_cookies else name


def set_cookie(answer: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """A cookie that scripts and other sites cannot use."""
    answer.set_cookie(
        cookie_name(name),
        value,
        max_age=max_age,
        secure=current_app.config["ALV"].secure_cookies,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _own_origin(origin: str) -> bool:
    parts = urlsplit(origin)
    secure = not current_app.config["ALV"].secure_cookies or parts.scheme == "https"
    return secure and parts.netloc == request.host


def guard_forms() -> None:
    """Refuse a change that does not come from a form of ours in this same browser."""
    if request.method not in UNSAFE:
        return
    origin = request.headers.get("Origin")
    if origin and not _own_origin(origin):
        raise BadRequest(str(_("Dit formulier komt van een andere site. Er is niets gewijzigd.")))
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise BadRequest(str(_("Dit formulier komt van een andere site. Er is niets gewijzigd.")))
    given = request.form.get("csrf_token", "")
    if not hmac.compare_digest(given.encode(), _browser().encode()):
        raise BadRequest(
            str(_("Uw formulier is verlopen. Ga terug, laad de bladzijde opnieuw en probeer het nog eens."))
        )


def guard_text() -> None:
    """Refuse what no database keeps: a NUL in an address names nothing, and in a form it was not typed."""
    if "\x00" in request.path or (request.query_string and _has_nul(request.args)):
        raise Missing("address")
    if request.method in UNSAFE and _has_nul(request.form):
        raise BadRequest(str(_("Hier staan tekens in die we niet kunnen gebruiken.")))


def _has_nul(given: MultiDict[str, str]) -> bool:
    return any("\x00" in value for values in given.listvalues() for value in values)


class _Guard(CSRF):
    """The token as a field of each form; it was checked before the view began."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return csrf_token()

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        return None


class BaseForm(Form):
    """A form of a page: filled from the request, guarded, in the language of the page."""

    class Meta:
        csrf = True
        csrf_class = _Guard
        csrf_field_name = "csrf_token"

        @property
        def locales(self) -> list[str]:
            """The language of WTForms' own messages."""
            return [locale()]

    def __init__(self, **kwargs: Any) -> None:
        sent = request.method in UNSAFE
        super().__init__(request.form if sent else None, **kwargs)
        if sent:  # a file reaches file fields only, and text reaches no file field
            for field in self:
                if isinstance(field, FileField):
                    field.data = request.files.get(field.name)
                    field.raw_data = [field.data] if field.data else []
        self.form_errors: list[str] = []

    def sent(self) -> bool:
        """Whether the form was sent and all fields are right."""
        return request.method in UNSAFE and self.validate()

    def refuse(self, refused: Refused) -> None:
        """Show why it was refused above the form, which keeps what was typed."""
        self.form_errors.append(sentence(refused))


def no_controls(_form: Any, field: Any) -> None:
    """A validator: no control characters in a single line of text."""
    if field.data and not str(field.data).isprintable():
        raise ValidationError(str(_("Hier staan tekens in die we niet kunnen gebruiken.")))


def uuid_or_missing(text: str) -> uuid.UUID:
    """A key from an address. Raises ``Missing`` for what cannot be one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Missing("key") from None


# --- Pages


def device_policy(*, camera: bool = False) -> str:
    """What pages may use of a device: passkeys, and the camera only where codes are scanned."""
    return (
        f"camera={'(self)' if camera else '()'}, microphone=(), geolocation=(), payment=(), "
        "publickey-credentials-get=(self), publickey-credentials-create=(self)"
    )


@dataclass(frozen=True)
class QrCode:
    """A QR code as its template draws it: how many squares a side has, and the path of the dark ones."""

    size: int
    dark: str


def qr_code(words: str) -> QrCode:
    """What a camera reads as these words; drawn as SVG, without a style of its own."""
    matrix = segno.make(words, micro=False, error="m").matrix
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, bit in enumerate(row) if bit)
    return QrCode(len(matrix), dark)


Item = TypeVar("Item")


class Page(Generic[Item]):
    """One page of a list: made from one item more than it shows."""

    def __init__(self, found: Sequence[Item], number: int, size: int) -> None:
        self.items = list(found[:size])
        self.number = number
        self.previous_url = self._url(number - 1) if number > 1 else None
        self.next_url = self._url(number + 1) if len(found) > size else None

    @staticmethod
    def _url(number: int) -> str:
        return "?" + urlencode({**request.args.to_dict(), "bladzijde": number})


def page_number() -> int:
    """The page that is asked for, from 1."""
    return max(1, min(request.args.get("bladzijde", 1, int), 1_000_000))


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A rendered page with a status."""
    return make_response(render_template(template, **values), status)


def own_path(path: str | None, otherwise: str) -> str:
    """``path`` if it is a path of this site, else ``otherwise``: redirects lead nowhere else."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable():
        parts = urlsplit(path)
        if not parts.scheme and not parts.netloc:
            return path
    return otherwise


def csv_answer(rows: Iterable[Sequence[object]], name: str) -> Response:
    """A CSV file that spreadsheets open as it is meant."""
    answer = Response(csv_bytes(rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as CSV: UTF-8 with BOM, and no cell is a formula."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([harmless(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def harmless(value: object) -> object:
    """A value as it stands in a CSV file: text that a spreadsheet would take for a formula gets a quote before it."""
    safe = isinstance(value, int) or not str(value).startswith(("=", "+", "-", "@", "\t", "\r"))
    return value if safe else "'" + str(value)


def json_answer(data: Mapping[str, Any]) -> Response:
    """A JSON document."""
    return Response(json.dumps(data, ensure_ascii=False, indent=1) + "\n", mimetype="application/json")


#: How old a fragment may be that all screens come for at once, in seconds.
KEEP = 0.3


class Drawn:
    """Fragments of pages that are the same for everybody, kept for a moment: when something changes all screens ask
    within a second. One thread draws, the others wait for what it made."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], tuple[float, str]] = {}
        self._lock = threading.Lock()

    def of(self, key: tuple[str, ...], draw: Callable[[], str]) -> str:
        """The fragment with this key. What ``draw`` raises is kept by nobody."""
        with self._lock:
            asked, found = self._kept.get(key, (float("-inf"), ""))
            if time.monotonic() - asked >= KEEP:
                asked = time.monotonic()
                found = draw()
                self._kept[key] = asked, found
        return found


def drawn_answer(fragment: str) -> Response:
    """A fragment that is the same for everybody, and costs nothing where it did not change."""
    answer = Response(fragment, mimetype="text/html")
    answer.headers["Cache-Control"] = "public, max-age=1"
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.add_etag()
    answer.make_conditional(request)
    return answer


# --- Filters


def _moment(value: datetime) -> str:
    pattern = "EEEE d MMMM y, HH:mm" + (" 'uur'" if locale() == "nl" else "")
    return format_datetime(value.astimezone(AMSTERDAM), pattern, locale=locale())


def _day(value: date | datetime) -> str:
    if isinstance(value, datetime):
        value = day_of(value)
    return format_date(value, "EEEE d MMMM y", locale=locale())


def _number(value: int) -> str:
    # Which language it is takes longer to find out than all the rest, and matters from a thousand on.
    return str(value) if 0 <= value < 1_000 else grouped(value, locale())


def _clock(value: datetime) -> str:
    return value.astimezone(AMSTERDAM).strftime("%H:%M")


class Assets:
    """The built files: from the name in a template to the address with the hash in it."""

    def __init__(self, folder: Path) -> None:
        manifest = folder / "manifest.json"
        self.names: dict[str, str] = json.loads(manifest.read_text()) if manifest.exists() else {}

    def __call__(self, name: str) -> str:
        """The address of ``name``. Raises ``KeyError`` when the asset step did not make it."""
        return "/static/build/" + self.names[name]


# --- Addresses of no feature in particular


@blueprint.post("/taal")
@public
def language() -> ResponseReturnValue:
    """Choose the language of the pages."""
    limits.spend("language", request.remote_addr or "")
    answer = make_response(redirect(own_path(request.form.get("next"), "/"), 303))
    chosen = request.form.get("locale", "")
    if chosen in LOCALES:
        set_cookie(answer, "alv-locale", chosen, max_age=365 * 24 * 3600)
    return answer


@blueprint.get("/toegankelijkheid")
@public
def accessibility() -> ResponseReturnValue:
    """What we know of the accessibility of this site."""
    return page("web/accessibility.html")


@blueprint.get("/over")
@public
def about() -> ResponseReturnValue:
    """What this platform is."""
    return page("web/about.html")


def install_filters(app: Flask) -> None:
    """What templates may use everywhere."""
    app.add_template_filter(_moment, "moment")
    app.add_template_filter(_day, "day")
    app.add_template_filter(_clock, "clock")
    app.add_template_filter(_number, "number")
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.jinja_env.globals["asset"] = Assets(Path(app.static_folder or "") / "build")
    app.jinja_env.globals["Markup"] = Markup
