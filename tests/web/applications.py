"""The application of a test, made as seldom as can be."""

from dataclasses import replace
from pathlib import Path

from flask import Flask

from config import Settings
from vng_alv.app import connect, create_app
from vng_alv.exports import views as exports
from vng_alv.results import views as results

_apps: dict[Settings, Flask] = {}


def app_of(settings: Settings) -> Flask:
    """The application. Making it and its templates takes longer than most tests, so that there is one for all settings
    that differ in database and folder only; it comes without memory of the test before."""
    if settings.oidc_providers:
        return create_app(settings)  # each test has sign-in services of its own
    alike = replace(settings, database_url="", data=Path())
    app = _apps.get(alike)
    if app is None:
        app = _apps[alike] = create_app(settings)
    app.config["ALV"] = settings
    connect(settings)
    app.extensions.update({name: type(kept)() for name, kept in app.extensions.items() if name.startswith("alv_")})
    exports._recent.clear()
    results._outcome.cache_clear()
    return app
