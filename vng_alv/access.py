"""Closed by default: an address that says neither what it requires nor that it is public is refused."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from vng_alv.domain.permissions import Actor, Permission

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "alv_access"


def requires(permission: Permission) -> Callable[[View], View]:
    """Only people whose roles grant ``permission`` get in; others are asked to sign in, or refused."""

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
        return view

    return mark


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
    asked = access_of(request.endpoint)
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
