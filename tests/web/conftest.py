"""The site on a fresh database of each engine."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import settings_for
from tests.web.provider import Crooked, crooked_service, settings_of
from tests.web.site import Scene, Site
from tests.web.site import scene as make_scene
from vng_alv.identity import providers
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


@pytest.fixture
def crooked() -> Iterator[Crooked]:
    """A sign-in service that cheats."""
    with crooked_service() as found:
        yield found


SiteOf = Callable[..., Site]


@pytest.fixture
def site_of(make_site: SiteOf, scene: Scene) -> SiteOf:
    """The site with one sign-in service."""
    providers._known.clear()

    def make(issuer: str, **changes: Any) -> Site:
        return make_site(oidc_providers=(settings_of(issuer, **changes),))

    return make
