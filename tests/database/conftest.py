"""Fixtures for tests at the database."""

import pytest

from tests import factories
from tests.database.amendment_desk import Town, make_town
from tests.database.voting_desk import VotingDesk
from vng_alv import db


@pytest.fixture
def world(database: str) -> factories.World:
    """Three members with their delegates, and three open rounds."""
    with db.transaction():
        return factories.world()


@pytest.fixture
def town(database: str) -> Town:
    """Where amendments are written."""
    return make_town()


@pytest.fixture
def desk(database: str) -> VotingDesk:
    """A text of three sections without amendments."""
    return VotingDesk()
