"""The site of tests/web."""

from tests.web.conftest import _no_memory, database, guest, make_site, scene, scenes, site

__all__ = ["_no_memory", "database", "guest", "make_site", "scene", "scenes", "site"]
