"""The site of tests/web, with nothing remembered between two requests."""

import pytest

from tests.web.conftest import _no_memory, make_site, scene, site
from vng_alv.exports import views

__all__ = ["_no_memory", "make_site", "scene", "site"]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test changes, the next request sees."""
    monkeypatch.setattr(views, "KEEP", 0)
