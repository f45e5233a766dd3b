"""Between the first step and the second: a cookie that says for whom, and opens nothing by itself."""

import hashlib
import hmac
import uuid

from flask import Response, current_app, make_response, redirect, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer

from vng_alv.accounts.models import Entry, Person
from vng_alv.accounts.queries import get_person, has_factor, token_hash
from vng_alv.errors import Missing
from vng_alv.identity.entering import enter
from vng_alv.web import cookie_name, own_path, set_cookie

#: How long the second step may take, in seconds.
SECONDS = 600


def _signer() -> URLSafeTimedSerializer:
    key = current_app.config["ALV"].secret_key
    return URLSafeTimedSerializer(key, salt="second-step", signer_kwargs={"digest_method": hashlib.sha256})


def _mark(person: Person) -> str:
    """Another one after the password changed, so that what was begun with the old one ends."""
    return token_hash(f"{person.id}:{person.password_hash}")


def enter_by_one_step(person: Person, *, entry: Entry, path: str | None = None) -> Response:
    """Let somebody in by a password or a service; whoever has a second step gets no session before showing it too."""
    if not has_factor(person):
        return enter(person, entry=entry, factor=False, path=path)
    answer = make_response(redirect(url_for("identity.second_step"), 303))
    token = _signer().dumps([str(person.id), _mark(person), entry.value, own_path(path, "")])
    set_cookie(answer, "alv-second", token, max_age=SECONDS)
    return answer


def waiting() -> tuple[Person, Entry, str] | None:
    """Who showed a first step in this browser and not yet a second, which one, and where they wanted to go."""
    try:
        token = request.cookies.get(cookie_name("alv-second"), "")
        key, mark, entry, path = _signer().loads(token, max_age=SECONDS)
        person = get_person(uuid.UUID(key))
    except (BadData, Missing):
        return None
    if not person.active or not hmac.compare_digest(mark, _mark(person)) or not has_factor(person):
        return None
    return person, Entry(entry), path


def forget(answer: Response) -> Response:
    """The waiting is over."""
    set_cookie(answer, "alv-second", "", max_age=0)
    return answer
