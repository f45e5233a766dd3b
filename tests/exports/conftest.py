"""The site of tests/web, with nothing remembered between two requests."""

import pytest

from tests.web.conftest import _no_memory, database, make_site, scene, scenes, site
from vng_alv.exports import views

__all__ = ["_no_memory", "database", "make_site", "scene", "scenes", "site"]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test changes, the next request sees."""
    monkeypatch.setattr(views, "KEEP", 0)
