"""Fixtures for tests at the database."""

import pytest

from tests import factories
from vng_alv import db


@pytest.fixture
def world(database: str) -> factories.World:
    """Three members with their delegates, and three open rounds."""
    with db.transaction():
        return factories.world()
