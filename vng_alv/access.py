"""Closed by default: an address that says neither what it requires nor that it is public is refused."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from vng_alv.domain.permissions import Actor, Permission, SignedIn, Step, missing_step
from vng_alv.errors import Refused

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "alv_access"


class StepMissing(Exception):
    """The person may come here, once they have shown a second step; ``identity.steps`` asks for it."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.value)
        self.step = step


def requires(permission: Permission, *, fresh: bool = False) -> Callable[[View], View]:
    """Only people whose roles grant ``permission`` get in; others are asked to sign in, or refused.

    With ``fresh`` a form that is sent here (and a page that is read here, if it takes no form) needs a second step of
    the last 15 minutes.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
        view.alv_fresh = fresh  # type: ignore[attr-defined]
        return view

    return mark


def recognises(view: View) -> View:
    """Mark a view whose own statement recognises the session, so that recognising costs no trip of its own.

    The gate asks only when that statement refused: whoever is not signed in hears that, and not what was refused.
    """

    @functools.wraps(view)
    def seen(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except Refused:
            _ask(request.endpoint or "")
            raise

    seen.alv_recognises = True  # type: ignore[attr-defined]
    return seen  # type: ignore[return-value]


def public(view: View) -> View:
    """Everybody may see this."""
    setattr(view, _MARK, "public")
    return view


def access_of(endpoint: str) -> Permission | str | None:
    """What an endpoint asks for: a permission, 'public', or None when it says nothing."""
    return getattr(current_app.view_functions.get(endpoint), _MARK, None)


def asks_fresh(endpoint: str, method: str) -> bool:
    """Whether an endpoint asks for a fresh second step: forms ask when they are sent, not when they are shown."""
    if not getattr(current_app.view_functions.get(endpoint), "alv_fresh", False):
        return False
    takes_forms = any("POST" in (rule.methods or ()) for rule in current_app.url_map.iter_rules(endpoint))
    return method == "POST" or not takes_forms


def actor() -> Actor:
    """The person who is signed in; only to be called behind :func:`requires`."""
    person = current_user._get_current_object()
    if not isinstance(person, Actor):
        abort(401)
    return person


def signed_in() -> Actor | None:
    """The person who is signed in, or None."""
    person = current_user._get_current_object()
    return person if isinstance(person, Actor) else None


def session_here() -> SignedIn | None:
    """The session of this browser, or None."""
    found: SignedIn | None = g.get("alv_session") if signed_in() else None
    return found


def gate() -> ResponseReturnValue | None:
    """Before every request: whether this person may come to this address at all."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    if hasattr(current_app.view_functions[request.endpoint], "alv_recognises"):
        return None
    return _ask(request.endpoint)


def _ask(endpoint: str) -> ResponseReturnValue | None:
    asked = access_of(endpoint)
    if asked == "public":
        return None
    if not isinstance(asked, Permission):
        abort(403)
    here = session_here()
    if here is None:
        if request.method == "GET":
            return redirect(url_for("identity.sign_in", next=request.full_path.rstrip("?")), 303)
        abort(401)
    if not here.actor.may(asked):
        abort(403)
    _demand(asked, here, fresh=asks_fresh(endpoint, request.method))
    return None


def need_fresh(permission: Permission) -> None:
    """Ask for a second step of the last 15 minutes, in a view where only some of the forms need one."""
    here = session_here()
    if here is None or not here.actor.may(permission):
        abort(403)
    _demand(permission, here, fresh=True)


def _demand(permission: Permission, here: SignedIn, *, fresh: bool) -> None:
    step = missing_step(permission, here, datetime.now(UTC), fresh=fresh)
    if step is Step.ENROL and here.factor_at and current_app.config["ALV"].demo:
        return  # stepping into the demo is all the steps that its people have
    if step:
        raise StepMissing(step)
