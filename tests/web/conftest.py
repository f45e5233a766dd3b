"""The site on a fresh database of each engine."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import settings_for
from tests.databases import Databases
from tests.web.provider import Crooked, crooked_service, settings_of
from tests.web.scenes import Scenes
from tests.web.site import Browser, Scene, Site
from vng_alv import db, web
from vng_alv.identity import providers
from vng_alv.proposals.queries import get_proposal, published, sections_of
from vng_alv.results import standings
from vng_alv.signing import service as signing


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test changes, the site knows at once."""
    monkeypatch.setattr(standings, "KEEP", 0)
    monkeypatch.setattr(web, "KEEP", 0)


@pytest.fixture(scope="session")
def scenes(databases: Databases, scratch: Path) -> Scenes:
    """Where scenes come from."""
    return Scenes(databases, scratch)


@pytest.fixture
def database(databases: Databases, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database, with the scene on it for who asks for that. Its address."""
    template = "empty"
    if "scene" in request.fixturenames:
        template = request.getfixturevalue("scenes").name(tmp_path)
    with databases.copy(template) as url:
        yield url


@pytest.fixture
def make_site(database: str, tmp_path: Path) -> Callable[..., Site]:
    """Sites with other settings, on the database of this test."""

    def make(**changes: Any) -> Site:
        settings = settings_for(database, tmp_path, **changes)
        with db.transaction():
            signing.prepare(signing.place(settings.signing_key, settings.data), None)
        return Site(settings)

    return make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """The site as it is in real use, without a broker."""
    return make_site()


@pytest.fixture
def scene(site: Site, scenes: Scenes) -> Scene:
    """One of everything, as it stands on the database of this test."""
    return scenes.scene()


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


@pytest.fixture
def guest(site: Site, scene: Scene) -> Browser:
    """The browser of somebody who is not signed in."""
    return site.browser()


@pytest.fixture
def own(site: Site, scene: Scene) -> Browser:
    """The browser of a clerk of the first member."""
    return site.browser(scene.clerks[0])


@pytest.fixture
def sections(scene: Scene) -> list[str]:
    """The keys of the sections of R2."""
    with db.transaction(write=False):
        version = published(get_proposal(scene.meeting.id, "R2"))
        assert version is not None
        return [str(s.section_id) for s in sections_of(version.id)]
