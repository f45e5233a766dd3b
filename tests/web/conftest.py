"""The site on a fresh database of each engine."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import settings_for
from tests.web.site import Scene, Site
from tests.web.site import scene as make_scene
from vng_alv.results import standings


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test changes, the site knows at once."""
    monkeypatch.setattr(standings, "KEEP", 0)


@pytest.fixture
def make_site(database: str, tmp_path: Path) -> Callable[..., Site]:
    """Sites with other settings, on the database of this test."""

    def make(**changes: Any) -> Site:
        return Site(settings_for(database, tmp_path, **changes))

    return make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """The site as it is in real use, without a broker."""
    return make_site()


@pytest.fixture
def scene(site: Site) -> Scene:
    """One of everything."""
    return make_scene()
