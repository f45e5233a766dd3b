"""Closed by default: an address that says neither what it requires nor that it is public is refused."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from vng_alv.domain.permissions import Actor, Permission
from vng_alv.errors import Refused

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "alv_access"


def requires(permission: Permission) -> Callable[[View], View]:
    """Only people whose roles grant ``permission`` get in; others are asked to sign in, or refused."""

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
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
    person = signed_in()
    if person is None:
        if request.method == "GET":
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
        abort(401)
    if not person.may(asked):
        abort(403)
    return None
